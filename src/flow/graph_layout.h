#pragma once

#include <utility>
#include <vector>

#include "flow/graph.h"

namespace cupel::flow {

/// Where things stand, in the units of the given sizes; y grows downwards.
struct Layout {
  struct Point {
    double x = 0;
    double y = 0;
  };
  std::vector<Point> centres;               ///< of the nodes
  std::vector<std::vector<Point>> routes;   ///< of the edges: from the bottom of one node, through bends, to the top of the other
  double width = 0;
  double height = 0;
};

struct LayoutSizes {
  std::vector<double> widths;  ///< of the nodes
  double node_height = 44;
  double gap_x = 26;           ///< between neighbours
  double gap_y = 46;           ///< between layers
  double lane = 14;            ///< width that a passing edge takes
};

/// A layered drawing (Sugiyama, Tagawa, Toda 1981): layers by the longest way from a source, sources drawn near to what they feed; edges over
/// several layers get a place in each; orders by barycentres, the one with the fewest crossings kept; places by least squares to the
/// neighbours under the distances (isotonic regression), so that long edges run straight. Deterministic. Cost: about edges × sweeps.
Layout lay_out(std::size_t num_nodes, const std::vector<GraphEdge>& edges, const LayoutSizes& sizes);

}  // namespace cupel::flow
