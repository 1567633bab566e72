#include "flow/graph.h"

#include <algorithm>
#include <map>
#include <span>

#include "base/text.h"
#include "base/time.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

constexpr std::string_view k_tone_names[] = {"plain", "good", "reused", "handled", "bad", "idle", "busy"};

Tone tone_of(const StepRecord& step) {
  switch (step.state) {
    case StepState::ok: return step.fault == Fault::none ? Tone::good : Tone::handled;
    case StepState::reused:
    case StepState::kept: return Tone::reused;
    case StepState::fell_back:
    case StepState::continued: return Tone::handled;
    case StepState::faulted: return Tone::bad;
    case StepState::running: return Tone::busy;
    case StepState::waiting:
    case StepState::skipped:
    case StepState::not_run: break;
  }
  return Tone::idle;
}

/// Which of the instances' tones speaks for all: the one that asks for attention.
int urgency(Tone tone) {
  constexpr Tone k_order[] = {Tone::plain, Tone::reused, Tone::good, Tone::idle, Tone::handled, Tone::busy, Tone::bad};
  return static_cast<int>(std::find(std::begin(k_order), std::end(k_order), tone) - std::begin(k_order));
}

std::string values_text(const StepRecord& step) {
  std::string text;
  for (const auto& [name, value] : step.each) text += (text.empty() ? "" : ", ") + name;
  return text;
}

GraphNode node_of(std::span<const StepRecord> instances, ShowStates show) {
  const StepRecord& first = instances[0];
  GraphNode node;
  node.name = declared_name(first.name);
  node.several = !first.each.empty();
  if (show == ShowStates::no) {
    if (node.several) node.detail = fmt::format("{} by {}", instances.size(), values_text(first));
    return node;
  }
  double seconds = 0;
  std::vector<std::pair<std::string, int>> words;
  for (const StepRecord& step : instances) {
    const Tone tone = tone_of(step);
    if (urgency(tone) >= urgency(node.tone)) node.tone = tone;
    seconds += step.seconds;
    const std::string word = state_word(step);
    const auto known = std::find_if(words.begin(), words.end(), [&](const auto& entry) { return entry.first == word; });
    if (known == words.end()) words.emplace_back(word, 1);
    else ++known->second;
    if (const std::string why = why_text(step); !why.empty() && node.about.size() < 500) node.about += fmt::format("{}{}: {}", node.about.empty() ? "" : "\n", step.name, why);
  }
  for (const auto& [word, count] : words) node.detail += (node.detail.empty() ? "" : ", ") + (node.several ? fmt::format("{} {}", count, word) : word);
  if (seconds > 0) node.detail += ", " + duration_text(seconds);
  return node;
}

/// Mermaid takes entities with `#`.
std::string mermaid_text(std::string_view text) {
  std::string all = replace_all(replace_all(std::string(text), "#", "#35;"), "\"", "#quot;");
  return replace_all(replace_all(std::move(all), "<", "#lt;"), ">", "#gt;");
}

}  // namespace

std::string_view name_of(Tone tone) { return k_tone_names[static_cast<std::size_t>(tone)]; }

Graph graph_of(const RunRecord& run, ShowStates show) {
  Graph graph;
  graph.title = show == ShowStates::no ? run.flow : fmt::format("{}: {}", run.id, replace_all(std::string(name_of(run.state)), "_", " "));
  if (show == ShowStates::yes && run.seconds > 0) graph.title += ", " + duration_text(run.seconds);
  if (show == ShowStates::yes && !run.injected.empty()) graph.warning = fmt::format("induced fault: {}; not a real run", join(run.injected, ", "));
  std::map<std::string_view, std::size_t> index;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (std::size_t i = 0; i < run.steps.size();) {
    std::size_t end = i + 1;
    while (end < run.steps.size() && declared_name(run.steps[end].name) == declared_name(run.steps[i].name)) ++end;
    index[declared_name(run.steps[i].name)] = graph.nodes.size();
    graph.nodes.push_back(node_of(std::span(run.steps).subspan(i, end - i), show));
    ranges.emplace_back(i, end);
    i = end;
  }
  for (std::size_t to = 0; to < ranges.size(); ++to) {
    std::map<std::size_t, bool> needs;
    for (std::size_t i = ranges[to].first; i < ranges[to].second; ++i) {
      const StepRecord& step = run.steps[i];
      for (const std::string& need : step.needs) {
        const auto from = index.find(declared_name(need));
        if (from == index.end() || from->second == to) continue;
        const bool reads = std::find(step.reads.begin(), step.reads.end(), need) != step.reads.end();
        needs[from->second] = needs[from->second] || reads;
      }
    }
    for (const auto& [from, reads] : needs) graph.edges.push_back({from, to, reads});
  }
  return graph;
}

std::string mermaid(const Graph& graph) {
  std::string text = "flowchart TD\n";
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const std::string label = mermaid_text(node.name) + (node.detail.empty() ? "" : "<br/>" + mermaid_text(node.detail));
    text += fmt::format("  s{}{}\"{}\"{}", i, node.several ? "[[" : "[", label, node.several ? "]]" : "]");
    text += node.tone == Tone::plain ? "\n" : fmt::format(":::{}\n", name_of(node.tone));
  }
  for (const GraphEdge& edge : graph.edges) text += fmt::format("  s{} {} s{}\n", edge.from, edge.reads ? "-->" : "-.->", edge.to);
  const bool states = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const GraphNode& node) { return node.tone != Tone::plain; });
  if (!states) return text;
  return text + "  classDef good fill:#e3f4e6,stroke:#2f8a45,color:#123\n  classDef reused fill:#eef3ee,stroke:#7f9c86,color:#123\n"
                "  classDef handled fill:#fff3d6,stroke:#b7791f,color:#123\n  classDef bad fill:#fde4e1,stroke:#c0392b,color:#123\n"
                "  classDef idle fill:#f1f1f1,stroke:#999,color:#333,stroke-dasharray:4 3\n  classDef busy fill:#e1eefb,stroke:#2b6cb0,color:#123\n";
}

}  // namespace cupel::flow
