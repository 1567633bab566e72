#include "flow/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "flow/graph_layout.h"

namespace cupel::flow {
namespace {

using testing::HasSubstr;
using testing::Not;

StepRecord step(const std::string& name, StepState state, std::vector<std::string> needs, std::vector<std::string> reads) {
  StepRecord record;
  record.name = name;
  record.state = state;
  record.needs = std::move(needs);
  record.reads = std::move(reads);
  return record;
}

RunRecord sample() {
  RunRecord run;
  run.id = "demo-1";
  run.flow = "demo";
  run.state = RunState::failed;
  run.steps.push_back(step("check", StepState::ok, {}, {}));
  for (const char* seed : {"1", "2"}) {
    run.steps.push_back(step(instance_name("train", {{"seed", seed}}), seed[0] == '1' ? StepState::ok : StepState::faulted, {"check"}, {}));
    run.steps.back().each = {{"seed", seed}};
  }
  run.steps[2].fault = Fault::failed;
  run.steps[2].why = "no <column> & no \"row\"";
  run.steps.push_back(step("best", StepState::not_run, {"train"}, {"train"}));
  return run;
}

TEST(GraphTest, instances_are_one_node_whose_tone_is_that_of_the_worst) {
  const Graph graph = graph_of(sample(), ShowStates::yes);
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[1].name, "train");
  EXPECT_EQ(graph.nodes[1].detail, "1 ok, 1 failed");
  EXPECT_EQ(graph.nodes[1].tone, Tone::bad);
  ASSERT_EQ(graph.edges.size(), 2u);
  EXPECT_FALSE(graph.edges[0].reads);
  EXPECT_TRUE(graph.edges[1].reads);
  EXPECT_EQ(graph_of(sample(), ShowStates::no).nodes[1].detail, "2 by seed");
}

TEST(GraphTest, mermaid_tells_nodes_edges_and_states) {
  const std::string text = mermaid(graph_of(sample(), ShowStates::yes));
  EXPECT_THAT(text, HasSubstr("  s1[[\"train<br/>1 ok, 1 failed\"]]:::bad\n"));
  EXPECT_THAT(text, HasSubstr("  s0 -.-> s1\n  s1 --> s2\n"));
  EXPECT_THAT(mermaid(graph_of(sample(), ShowStates::no)), Not(HasSubstr("classDef")));
}

TEST(GraphTest, svg_is_escaped_and_names_an_induced_fault) {
  RunRecord run = sample();
  run.injected = {"train=exit:3"};
  const std::string text = svg(graph_of(run, ShowStates::yes));
  EXPECT_THAT(text, HasSubstr("no &lt;column&gt; &amp; no &quot;row&quot;"));
  EXPECT_THAT(text, HasSubstr("induced fault: train=exit:3; not a real run"));
  EXPECT_EQ(text, svg(graph_of(run, ShowStates::yes)));
  EXPECT_THAT(svg(Graph{"empty", {}, {}, {}}), HasSubstr("</svg>"));
}

/// Random graphs with edges from lower to higher numbers.
std::vector<GraphEdge> random_edges(std::size_t nodes, double share, std::uint64_t seed) {
  std::vector<GraphEdge> edges;
  Random random(seed, "graph", 0);
  for (std::size_t to = 1; to < nodes; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      if (random.uniform() < share) edges.push_back({from, to, true});
    }
  }
  return edges;
}

TEST(GraphTest, boxes_never_overlap_and_edges_go_down) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::size_t nodes = 2 + seed;
    const auto edges = random_edges(nodes, 0.15, seed);
    LayoutSizes sizes;
    for (std::size_t i = 0; i < nodes; ++i) sizes.widths.push_back(60 + static_cast<double>(i % 5) * 20);
    const Layout layout = lay_out(nodes, edges, sizes);
    for (std::size_t a = 0; a < nodes; ++a) {
      EXPECT_GE(layout.centres[a].x - sizes.widths[a] / 2, -1e-6);
      EXPECT_LE(layout.centres[a].x + sizes.widths[a] / 2, layout.width + 1e-6);
      for (std::size_t b = 0; b < a; ++b) {
        if (layout.centres[a].y != layout.centres[b].y) continue;
        EXPECT_GE(std::abs(layout.centres[a].x - layout.centres[b].x), (sizes.widths[a] + sizes.widths[b]) / 2 + sizes.gap_x - 1e-6) << "nodes " << b << " and " << a << ", seed " << seed;
      }
    }
    for (std::size_t i = 0; i < edges.size(); ++i) {
      const auto& route = layout.routes[i];
      EXPECT_NEAR(route.front().y, layout.centres[edges[i].from].y + sizes.node_height / 2, 1e-9);
      EXPECT_NEAR(route.back().y, layout.centres[edges[i].to].y - sizes.node_height / 2, 1e-9);
      for (std::size_t at = 1; at < route.size(); ++at) EXPECT_GT(route[at].y, route[at - 1].y);
    }
  }
}

TEST(GraphTest, a_chain_is_one_straight_column_and_a_ladder_has_no_crossing) {
  LayoutSizes sizes;
  sizes.widths.assign(4, 80);
  const Layout chain = lay_out(4, {{0, 1, true}, {1, 2, true}, {2, 3, true}}, sizes);
  for (const auto& centre : chain.centres) EXPECT_NEAR(centre.x, 40, 1e-6);
  // Given crossed: 0→3 and 1→2; drawn uncrossed.
  const Layout ladder = lay_out(4, {{1, 2, true}, {0, 3, true}}, sizes);
  EXPECT_GT((ladder.centres[0].x - ladder.centres[1].x) * (ladder.centres[3].x - ladder.centres[2].x), 0);
}

}  // namespace
}  // namespace cupel::flow
