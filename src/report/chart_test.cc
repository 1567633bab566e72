#include "report/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

Json shares(int bars) {
  Json chart{{"kind", "shares"}, {"bars", Json::array()}};
  for (int i = 0; i < bars; ++i) chart["bars"].push_back({{"value", "v" + std::to_string(i)}, {"observed", 0.25}, {"expected", 0.5}});
  return chart;
}

TEST(Chart, SharesAreDrawnToScaleAndRepeatedAsATable) {
  const std::string svg = chart_picture(shares(2), "Department").bytes();
  // Bars begin at 51 (16 and 5 points of 7 for the shortest label) and end at 530: the expected half is the longest, the observed quarter
  // half of it.
  EXPECT_THAT(svg, HasSubstr("<rect x=\"51\" y=\"29\" width=\"479\" height=\"16\" class=\"other\"/>"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"51\" y=\"33\" width=\"239.5\" height=\"8\" class=\"seen\"/>"));
  EXPECT_THAT(svg, HasSubstr("<td>v1</td><td class=\"n\">25.0 %</td><td class=\"n\">50.0 %</td>"));
  EXPECT_THAT(svg, HasSubstr("role=\"img\" aria-labelledby="));
  EXPECT_THAT(svg, HasSubstr("<title id="));
  EXPECT_THAT(svg, HasSubstr("<desc id="));
}

TEST(Chart, MarksAreBounded) {
  EXPECT_LT(chart_picture(shares(100'000), "many").bytes().size(), 20'000u);
  Json histogram{{"kind", "histogram"}, {"low", 0}, {"high", 1}, {"observed", Json::array()}, {"expected", Json::array()}};
  for (int i = 0; i < 5000; ++i) {
    histogram["observed"].push_back(0.1);
    histogram["expected"].push_back(0.1);
  }
  EXPECT_TRUE(chart_picture(histogram, "wide").empty());
}

TEST(Chart, AHistogramHasABarABinAndALineForTheExpectation) {
  const Json chart{{"kind", "histogram"},
                   {"low", 0},
                   {"high", 4},
                   {"observed", {0.1, 0.4, 0.4, 0.1}},
                   {"expected", {0.25, 0.25, 0.25, 0.25}},
                   {"expected_name", "uniform <0, 4>"}};
  const std::string svg = chart_picture(chart, "Age").bytes();
  EXPECT_EQ(count(svg, "class=\"seen\""), 5u);  // four bins and the legend
  EXPECT_EQ(count(svg, "<polyline"), 1u);
  EXPECT_THAT(svg, HasSubstr("uniform &lt;0, 4&gt;"));
}

TEST(Chart, FactsThatAreNotWholeDrawNothing) {
  for (const char* text : {"{}", "null", "[]", "3", R"({"kind": "spiral"})", R"({"kind": "shares"})", R"({"kind": "shares", "bars": 3})",
                           R"({"kind": "shares", "bars": [{"value": "a"}]})",
                           R"({"kind": "histogram", "low": 1, "high": 1, "observed": [1], "expected": [1]})",
                           R"({"kind": "histogram", "low": 0, "high": 1, "observed": [1, 2], "expected": [1]})",
                           R"({"kind": "histogram", "low": 0, "high": 1, "observed": ["x"], "expected": [1]})",
                           R"({"kind": "bins", "rows": [{"low": 0}]})", R"({"kind": "intervals", "rows": []})"}) {
    EXPECT_TRUE(chart_picture(*parse_json(text, "chart"), "x").empty()) << text;
  }
}

TEST(Chart, DriftBinsAndCategoriesAndIntervalsAreKnown) {
  EXPECT_THAT(
      chart_picture(*parse_json(R"({"kind": "categories", "rows": [{"value": "Tops", "reference": 0.5, "current": 0.4}]})", "c"), "x")
          .bytes(),
      HasSubstr("40.0 % / 50.0 %"));
  EXPECT_THAT(chart_picture(*parse_json(R"({"kind": "bins", "rows": [{"low": 0, "high": 1, "reference": 0.5, "current": 0.4}]})", "c"), "x")
                  .bytes(),
              HasSubstr("current against reference"));
  EXPECT_THAT(
      chart_picture(
          *parse_json(R"({"kind": "intervals", "rows": [{"value": "Age < 30", "observed": 0.9, "low": 0.8, "high": 0.95, "rows": 1200}]})",
                      "c"),
          "x")
          .bytes(),
      testing::AllOf(HasSubstr("Age &lt; 30"), HasSubstr("1,200 rows")));
}

TEST(Chart, AGaugeTintsTheAcceptedSide) {
  Gauge gauge;
  gauge.observed = 0.9;
  gauge.low = 0.88;
  gauge.high = 0.92;
  gauge.at_least = 0.8;
  gauge.verdict = "pass";
  // 0.8 to 0.92 with 15 % room on both sides over 8 … 632 pixels: the limit stands at 80.
  const std::string svg = gauge_picture(gauge, "auc").bytes();
  EXPECT_THAT(svg, HasSubstr("<rect x=\"80\" y=\"15\" width=\"552\" height=\"14\" class=\"accepted\"/>"));
  EXPECT_THAT(svg, HasSubstr("class=\"pass\""));
  gauge.observed = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(gauge_picture(gauge, "auc").empty());
}

TEST(Chart, AMarginIsNotDrawnAsAccepted) {
  Gauge gauge;
  gauge.observed = 0.04;
  gauge.low = 0.03;
  gauge.high = 0.05;
  gauge.at_least = -0.01;
  gauge.at_most = 0.01;
  gauge.between = Gauge::Between::no_matter;
  const std::string svg = gauge_picture(gauge, "difference").bytes();
  EXPECT_THAT(svg, Not(HasSubstr("class=\"accepted\"")));
  EXPECT_THAT(svg, HasSubstr("margin -0.01"));
}

TEST(Chart, NamesFromDataAreEscapedEverywhere) {
  const std::string evil = "</svg><script>alert(1)</script>";
  Json chart = shares(1);
  chart["bars"][0]["value"] = evil;
  EXPECT_THAT(chart_picture(chart, evil).bytes(), Not(HasSubstr("<script")));
  EXPECT_THAT(interval_picture({{evil, 1, 0.5, 1.5, evil}}, evil).bytes(), Not(HasSubstr("<script")));
  EXPECT_THAT(margin_picture({{evil, 1, evil, "fail"}}, evil).bytes(), Not(HasSubstr("<script")));
  EXPECT_THAT(time_picture({{evil, 1, "pass"}}, evil).bytes(), Not(HasSubstr("<script")));
}

}  // namespace
}  // namespace cupel::report
