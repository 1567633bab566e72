#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/run_record.h"

namespace cupel::flow {

/// How a node is drawn.
enum class Tone {
  plain,    ///< no run: the flow alone
  good,     ///< done
  reused,   ///< done before
  handled,  ///< done after a fault that was handled
  bad,      ///< a fault that nothing handled
  idle,     ///< waiting, skipped, not run
  busy,     ///< running
};

std::string_view name_of(Tone tone);

/// A declared step; its instances together when it has a `foreach`.
struct GraphNode {
  std::string name;
  std::string detail;  ///< second line: state and time, or how many instances
  std::string about;   ///< for a pointer that rests on it
  Tone tone = Tone::plain;
  bool several = false;
};

struct GraphEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  bool reads = false;  ///< outputs are read; else only the order is meant
};

struct Graph {
  std::string title;
  std::string warning;  ///< of a run with induced faults
  std::vector<GraphNode> nodes;
  std::vector<GraphEdge> edges;  ///< each pair once, by `to` and then `from`
};

enum class ShowStates { no, yes };
/// The steps of a run and how they hang together. Without states it is the picture of the flow.
Graph graph_of(const RunRecord& run, ShowStates show);

/// As Mermaid's `flowchart TD`: solid edges for outputs that are read, dotted for order; states as classes.
std::string mermaid(const Graph& graph);

/// As a self-contained SVG picture: layers from top to bottom, crossings few, long edges straight; light and dark. The bytes depend on the graph
/// alone.
std::string svg(const Graph& graph);

}  // namespace cupel::flow
