#include "flow/graph_layout.h"

#include <algorithm>
#include <numeric>

namespace cupel::flow {
namespace {

constexpr int k_order_sweeps = 24;
constexpr int k_place_sweeps = 96;

/// A node of the flow, or the place where an edge passes a layer.
struct Spot {
  std::size_t layer = 0;
  double width = 0;
  double x = 0;  ///< of its centre
  bool passing = false;
  std::vector<std::size_t> above;
  std::vector<std::size_t> below;
};

struct Drawing {
  std::vector<Spot> spots;                         ///< first the nodes, then the passings
  std::vector<std::vector<std::size_t>> layers;      ///< spots from left to right
  std::vector<std::vector<std::size_t>> ways;        ///< of each edge: its spots from top to bottom
};

std::vector<std::size_t> layers_of(std::size_t num_nodes, const std::vector<GraphEdge>& edges) {
  std::vector<std::vector<std::size_t>> next(num_nodes);
  std::vector<std::size_t> open(num_nodes, 0);
  for (const GraphEdge& edge : edges) {
    next[edge.from].push_back(edge.to);
    ++open[edge.to];
  }
  std::vector<std::size_t> layer(num_nodes, 0);
  std::vector<std::size_t> ready;
  std::vector<bool> is_source(num_nodes, false);
  for (std::size_t i = 0; i < num_nodes; ++i) {
    is_source[i] = open[i] == 0;
    if (is_source[i]) ready.push_back(i);
  }
  for (std::size_t at = 0; at < ready.size(); ++at) {
    for (const std::size_t to : next[ready[at]]) {
      layer[to] = std::max(layer[to], layer[ready[at]] + 1);
      if (--open[to] == 0) ready.push_back(to);
    }
  }
  for (std::size_t i = 0; i < num_nodes; ++i) {
    if (!is_source[i] || next[i].empty()) continue;
    std::size_t first = layer[next[i][0]];
    for (const std::size_t to : next[i]) first = std::min(first, layer[to]);
    layer[i] = first > 0 ? first - 1 : 0;
  }
  return layer;
}

Drawing make_drawing(std::size_t num_nodes, const std::vector<GraphEdge>& edges, const LayoutSizes& sizes) {
  Drawing drawing;
  const std::vector<std::size_t> layer = layers_of(num_nodes, edges);
  for (std::size_t i = 0; i < num_nodes; ++i) drawing.spots.push_back({layer[i], sizes.widths[i], 0, false, {}, {}});
  for (const GraphEdge& edge : edges) {
    std::vector<std::size_t>& way = drawing.ways.emplace_back(std::vector<std::size_t>{edge.from});
    for (std::size_t at = layer[edge.from] + 1; at <= layer[edge.to]; ++at) {
      const bool arrives = at == layer[edge.to];
      const std::size_t spot = arrives ? edge.to : drawing.spots.size();
      if (!arrives) drawing.spots.push_back({at, sizes.lane, 0, true, {}, {}});
      drawing.spots[way.back()].below.push_back(spot);
      drawing.spots[spot].above.push_back(way.back());
      way.push_back(spot);
    }
  }
  for (std::size_t i = 0; i < drawing.spots.size(); ++i) {
    const std::size_t at = drawing.spots[i].layer;
    if (drawing.layers.size() <= at) drawing.layers.resize(at + 1);
    drawing.layers[at].push_back(i);
  }
  return drawing;
}

std::vector<std::size_t> positions_in(const Drawing& drawing) {
  std::vector<std::size_t> position(drawing.spots.size(), 0);
  for (const auto& layer : drawing.layers) {
    for (std::size_t i = 0; i < layer.size(); ++i) position[layer[i]] = i;
  }
  return position;
}

/// Inversions of the sequence of lower ends, edges taken by their upper ends.
std::size_t crossings(const Drawing& drawing) {
  const std::vector<std::size_t> position = positions_in(drawing);
  std::size_t count = 0;
  for (const auto& layer : drawing.layers) {
    std::size_t widest = 1;
    std::vector<std::size_t> ends;
    for (const std::size_t spot : layer) {
      std::vector<std::size_t> own;
      for (const std::size_t other : drawing.spots[spot].below) own.push_back(position[other]);
      std::sort(own.begin(), own.end());
      ends.insert(ends.end(), own.begin(), own.end());
    }
    for (const std::size_t end : ends) widest = std::max(widest, end + 1);
    std::vector<std::size_t> tree(widest + 1, 0);  // a Fenwick tree of the ends so far
    for (std::size_t i = 0; i < ends.size(); ++i) {
      std::size_t not_right = 0;
      for (std::size_t at = ends[i] + 1; at > 0; at -= at & (~at + 1)) not_right += tree[at];
      count += i - not_right;
      for (std::size_t at = ends[i] + 1; at <= widest; at += at & (~at + 1)) ++tree[at];
    }
  }
  return count;
}

void order_layer(Drawing& drawing, std::size_t at, bool by_above, std::vector<std::size_t>& position) {
  std::vector<std::size_t>& layer = drawing.layers[at];
  std::vector<std::pair<double, std::size_t>> keyed;
  for (const std::size_t spot : layer) {
    const auto& others = by_above ? drawing.spots[spot].above : drawing.spots[spot].below;
    double sum = 0;
    for (const std::size_t other : others) sum += static_cast<double>(position[other]);
    keyed.emplace_back(others.empty() ? static_cast<double>(position[spot]) : sum / static_cast<double>(others.size()), spot);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    layer[i] = keyed[i].second;
    position[layer[i]] = i;
  }
}

void put_in_good_order(Drawing& drawing) {
  auto best = drawing.layers;
  std::size_t fewest = crossings(drawing);
  std::vector<std::size_t> position = positions_in(drawing);
  for (int sweep = 0; sweep < k_order_sweeps && fewest > 0; ++sweep) {
    const bool down = sweep % 2 == 0;
    for (std::size_t i = 0; i < drawing.layers.size(); ++i) order_layer(drawing, down ? i : drawing.layers.size() - 1 - i, down, position);
    const std::size_t now = crossings(drawing);
    if (now >= fewest) continue;
    fewest = now;
    best = drawing.layers;
  }
  drawing.layers = std::move(best);
}

struct Block {
  double sum = 0;
  double weight = 0;
  std::size_t count = 0;
  double mean() const { return sum / weight; }
};

/// Puts a layer's spots as near to where they want to be as the distances between them allow.
void put_layer(Drawing& drawing, const std::vector<std::size_t>& layer, const std::vector<double>& wanted, const std::vector<double>& weights, double gap) {
  std::vector<double> offset(layer.size(), 0);
  for (std::size_t i = 1; i < layer.size(); ++i) {
    const Spot& left = drawing.spots[layer[i - 1]];
    const Spot& right = drawing.spots[layer[i]];
    offset[i] = offset[i - 1] + (left.width + right.width) / 2 + (left.passing && right.passing ? 0 : gap);
  }
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < layer.size(); ++i) {
    blocks.push_back({(wanted[i] - offset[i]) * weights[i], weights[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().weight += last.weight;
      blocks.back().count += last.count;
    }
  }
  std::size_t at = 0;
  for (const Block& block : blocks) {
    for (std::size_t i = 0; i < block.count; ++i, ++at) drawing.spots[layer[at]].x = block.mean() + offset[at];
  }
}

/// Straight passings count most.
double pull(const Spot& a, const Spot& b) { return a.passing && b.passing ? 16 : a.passing || b.passing ? 2 : 1; }

void sweep_places(Drawing& drawing, bool use_above, bool use_below, bool down, double gap) {
  for (std::size_t i = 0; i < drawing.layers.size(); ++i) {
    const auto& layer = drawing.layers[down ? i : drawing.layers.size() - 1 - i];
    std::vector<double> wanted;
    std::vector<double> weights;
    for (const std::size_t at : layer) {
      const Spot& spot = drawing.spots[at];
      double sum = 0;
      double weight = 0;
      const auto take = [&](const std::vector<std::size_t>& others) {
        for (const std::size_t other : others) {
          sum += drawing.spots[other].x * pull(spot, drawing.spots[other]);
          weight += pull(spot, drawing.spots[other]);
        }
      };
      if (use_above) take(spot.above);
      if (use_below) take(spot.below);
      constexpr double k_rest = 0.05;  // of a spot that nothing pulls
      wanted.push_back(weight > 0 ? sum / weight : spot.x);
      weights.push_back(weight > 0 ? weight : k_rest);
    }
    put_layer(drawing, layer, wanted, weights, gap);
  }
}

void put_in_place(Drawing& drawing, double gap) {
  for (const auto& layer : drawing.layers) put_layer(drawing, layer, std::vector<double>(layer.size(), 0), std::vector<double>(layer.size(), 1), gap);
  for (int sweep = 0; sweep < k_place_sweeps; ++sweep) {
    const bool down = sweep % 2 == 0;
    sweep_places(drawing, down, !down, down, gap);
  }
  sweep_places(drawing, true, true, true, gap);
  sweep_places(drawing, true, true, false, gap);
}

}  // namespace

Layout lay_out(std::size_t num_nodes, const std::vector<GraphEdge>& edges, const LayoutSizes& sizes) {
  Layout layout;
  if (num_nodes == 0) return layout;
  Drawing drawing = make_drawing(num_nodes, edges, sizes);
  put_in_good_order(drawing);
  put_in_place(drawing, sizes.gap_x);
  double left = drawing.spots[0].x;
  double right = left;
  for (const Spot& spot : drawing.spots) {
    left = std::min(left, spot.x - spot.width / 2);
    right = std::max(right, spot.x + spot.width / 2);
  }
  const double step = sizes.node_height + sizes.gap_y;
  const auto centre = [&](std::size_t at) { return Layout::Point{drawing.spots[at].x - left, static_cast<double>(drawing.spots[at].layer) * step + sizes.node_height / 2}; };
  for (std::size_t i = 0; i < num_nodes; ++i) layout.centres.push_back(centre(i));
  for (const auto& way : drawing.ways) {
    std::vector<Layout::Point>& route = layout.routes.emplace_back();
    for (std::size_t i = 0; i < way.size(); ++i) {
      const Layout::Point at = centre(way[i]);
      if (i > 0) route.push_back({at.x, at.y - sizes.node_height / 2});
      if (i + 1 < way.size()) route.push_back({at.x, at.y + sizes.node_height / 2});
    }
  }
  layout.width = right - left;
  layout.height = static_cast<double>(drawing.layers.size()) * step - sizes.gap_y;
  return layout;
}

}  // namespace cupel::flow
