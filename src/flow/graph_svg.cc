#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "flow/graph.h"
#include "flow/graph_layout.h"

namespace cupel::flow {
namespace {

constexpr double k_margin = 20;
constexpr double k_title_height = 30;
constexpr double k_legend_height = 30;
constexpr double k_bold = 1.1;
constexpr double k_stack = 4;  ///< of the sheets behind a node with several instances
constexpr std::size_t k_longest_name = 34;
constexpr std::size_t k_longest_detail = 40;

std::string escaped(std::string_view text) {
  std::string all;
  for (const char c : text) {
    if (c == '&') all += "&amp;";
    else if (c == '<') all += "&lt;";
    else if (c == '>') all += "&gt;";
    else if (c == '"') all += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') all += ' ';
    else all += c;
  }
  return all;
}

/// About what the text takes at this size, without knowing the font: a little too much rather than too little.
double width_of(std::string_view text, double size) {
  double width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0u) == 0x80u) continue;          // within a code point
    width += byte >= 0xE2 ? 1.0 : std::string_view("ijl.,:;'|![]() ").find(c) != std::string_view::npos ? 0.36 : std::string_view("mwMW").find(c) != std::string_view::npos ? 0.9 : 0.6;
  }
  return width * size;
}

std::string_view mark_of(Tone tone) {
  switch (tone) {
    case Tone::good:
    case Tone::reused: return "✓ ";
    case Tone::handled: return "! ";
    case Tone::bad: return "✗ ";
    case Tone::idle: return "– ";
    case Tone::busy: return "▸ ";
    case Tone::plain: break;
  }
  return "";
}

constexpr std::string_view k_style = R"(<style>
svg { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; background: #fff; color: #1c2126 }
text { fill: currentColor } .title { font-size: 15px; font-weight: 600 } .warning { font-size: 12px; font-weight: 600; fill: #c0392b }
.name { font-size: 13px; font-weight: 600; text-anchor: middle } .detail { font-size: 11px; text-anchor: middle; fill: #56616b } .legend { font-size: 11px; fill: #56616b }
.box { stroke-width: 1.2 } .edge { fill: none; stroke: #7b8894; stroke-width: 1.3 } .order { stroke-dasharray: 2 4 } .head { fill: #7b8894 }
.plain { fill: #f4f6f8; stroke: #7b8894 } .good { fill: #e3f4e6; stroke: #2f8a45 } .reused { fill: #f0f5f1; stroke: #8aa892 } .handled { fill: #fff3d6; stroke: #b7791f }
.bad { fill: #fde4e1; stroke: #c0392b; stroke-width: 2 } .idle { fill: #f4f4f4; stroke: #a6a6a6; stroke-dasharray: 4 3 } .busy { fill: #e1eefb; stroke: #2b6cb0 }
@media (prefers-color-scheme: dark) {
svg { background: #15191d; color: #e6e9ec } .detail, .legend { fill: #9aa6b1 } .warning { fill: #ff8a7a } .edge { stroke: #8794a0 } .head { fill: #8794a0 }
.plain { fill: #20262c; stroke: #8794a0 } .good { fill: #17301d; stroke: #4fae68 } .reused { fill: #1c2620; stroke: #6f8f78 } .handled { fill: #3a2d10; stroke: #d9a441 }
.bad { fill: #401b17; stroke: #ff6b5a } .idle { fill: #1c1f22; stroke: #70777d } .busy { fill: #15283c; stroke: #63a4e8 }
}
</style>
)";

std::string path_of(const std::vector<Layout::Point>& route) {
  std::string path = fmt::format("M{:.1f} {:.1f}", route[0].x, route[0].y);
  for (std::size_t i = 1; i < route.size(); ++i) {
    const Layout::Point& from = route[i - 1];
    const Layout::Point& to = route[i];
    if (std::abs(from.x - to.x) < 0.05) {
      path += fmt::format(" L{:.1f} {:.1f}", to.x, to.y);
      continue;
    }
    const double middle = (from.y + to.y) / 2;
    path += fmt::format(" C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", from.x, middle, to.x, middle, to.x, to.y);
  }
  return path;
}

std::string drawn_node(const GraphNode& node, Layout::Point centre, double width, double height) {
  const std::string name = std::string(mark_of(node.tone)) + shorten(node.name, k_longest_name);
  const double x = centre.x - width / 2;
  const double y = centre.y - height / 2;
  std::string text = "<g>";
  const std::string about = node.about.empty() ? node.name : node.about;
  text += fmt::format("<title>{}</title>", escaped(about));
  const auto sheet = [&](double shift) {
    text += fmt::format("<rect class=\"box {}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"7\"/>", name_of(node.tone), x + shift, y - shift, width, height);
  };
  if (node.several) {
    sheet(2 * k_stack);
    sheet(k_stack);
  }
  sheet(0);
  text += fmt::format("<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", centre.x, centre.y + (node.detail.empty() ? 4.5 : -2.0), escaped(name));
  if (!node.detail.empty()) text += fmt::format("<text class=\"detail\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", centre.x, centre.y + 13.0, escaped(shorten(node.detail, k_longest_detail)));
  return text + "</g>\n";
}

std::string legend(const Graph& graph, double y) {
  const bool reads = std::any_of(graph.edges.begin(), graph.edges.end(), [](const GraphEdge& edge) { return edge.reads; });
  const bool orders = std::any_of(graph.edges.begin(), graph.edges.end(), [](const GraphEdge& edge) { return !edge.reads; });
  std::string text;
  double x = 0;
  const auto entry = [&](std::string_view name, std::string_view words) {
    text += fmt::format("<path class=\"edge {}\" d=\"M{:.1f} {:.1f} h22\"/><text class=\"legend\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", name, x, y, x + 28, y + 4, words);
    x += 40 + width_of(words, 11);
  };
  if (reads) entry("", "reads its outputs");
  if (orders) entry("order", "comes after");
  return text;
}

}  // namespace

std::string svg(const Graph& graph) {
  LayoutSizes sizes;
  bool several = false;
  for (const GraphNode& node : graph.nodes) {
    const double name = k_bold * width_of(std::string(mark_of(node.tone)) + shorten(node.name, k_longest_name), 13);
    const double detail = width_of(shorten(node.detail, k_longest_detail), 11);
    sizes.widths.push_back(std::max({72.0, name + 22, detail + 22}));
    several = several || node.several;
  }
  const Layout layout = lay_out(graph.nodes.size(), graph.edges, sizes);
  const double head = k_title_height + (graph.warning.empty() ? 0 : 18) + (several ? 2 * k_stack : 0);
  const double legend_width = graph.edges.empty() ? 0 : 260;
  const double inner = std::max({layout.width + (several ? 2 * k_stack : 0), k_bold * width_of(graph.title, 15), k_bold * width_of(graph.warning, 12), legend_width});
  const double width = std::ceil(inner + 2 * k_margin);
  const double foot = graph.edges.empty() ? 0 : k_legend_height;
  const double height = std::ceil(head + layout.height + foot + 2 * k_margin);
  std::string text = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{0}\" width=\"{1}\" height=\"{2}\" viewBox=\"0 0 {1} {2}\">\n", escaped(graph.title), width, height);
  text += k_style;
  text += "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"head\" d=\"M0 .8 L8 4 L0 7.2 z\"/></marker></defs>\n";
  text += fmt::format("<g transform=\"translate({0:.1f} {0:.1f})\">\n<text class=\"title\" x=\"0\" y=\"14\">{1}</text>\n", k_margin, escaped(graph.title));
  if (!graph.warning.empty()) text += fmt::format("<text class=\"warning\" x=\"0\" y=\"32\">{}</text>\n", escaped(graph.warning));
  text += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n", (inner - layout.width) / 2, head);
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    std::vector<Layout::Point> route = layout.routes[i];
    if (graph.nodes[graph.edges[i].to].several) route.back().y -= 2 * k_stack;  // the sheets behind it begin there
    text += fmt::format("<path class=\"edge{}\" marker-end=\"url(#head)\" d=\"{}\"/>\n", graph.edges[i].reads ? "" : " order", path_of(route));
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) text += drawn_node(graph.nodes[i], layout.centres[i], sizes.widths[i], sizes.node_height);
  text += "</g>\n";
  if (foot > 0) text += legend(graph, head + layout.height + 24);
  return text + "</g>\n</svg>\n";
}

}  // namespace cupel::flow
