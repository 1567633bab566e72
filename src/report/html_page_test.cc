#include "report/html_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/text.h"

namespace cupel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* k_result = R"json({"format": 1, "kind": "data", "suite": "before training", "about": "Is the export fit?",
  "data": {"path": "reviews.csv", "rows": 23486, "columns": 11, "digest": "sha256:ab"}, "verdict": "fail",
  "counts": {"pass": 1, "fail": 1, "inconclusive": 0, "error": 0}, "seed": 7, "seconds": 0.2, "results": [
  {"id": "rows()", "subject": "rows", "predicate": "at_least", "severity": "error", "verdict": "pass", "observed": 23486, "limit": 1000,
   "because": "fewer cannot be learned from", "derived": {"from": "train.yaml", "method": "width of the interval"}, "message": "23,486 rows"},
  {"id": "nulls(Review Text)", "subject": "nulls", "columns": ["Review Text"], "predicate": "at_most", "severity": "error", "verdict": "fail",
   "observed": 0.07, "limit": 0.05, "rows_tested": 23486, "unexpected": {"count": 1644, "share": 0.07, "examples": [{"row": 3, "value": "a"}, {"row": 4, "value": "b"},
   {"row": 5, "value": "c"}, {"row": 6, "value": "d"}, {"row": 7, "value": "e"}, {"row": 8, "value": "NOT SHOWN"}]},
   "interval": {"low": 0.066, "high": 0.074, "confidence": 0.95}, "p_value": 0.00001, "false_alarm_rate": 0.001, "detectable": "6 %",
   "because": "The model reads the text", "message": "1,644 of 23,486 rows null"}]})json";
constexpr const char* k_model =
    R"json({"format": 1, "name": "reviews", "kind": "classifier", "estimator": "linear", "files": {"model": "model.onnx"},
  "inputs": [{"name": "Age", "type": "number", "null_allowed": true, "range": [18, 99]}], "outputs": [{"name": "probabilities", "type": "number", "shape": [-1, 2]}],
  "exclusions": [{"column": "Rating", "because": "it restates the target"}], "dependencies": [{"name": "onnxruntime", "version": "1.32.0", "role": "serving"}],
  "metrics": {"held_out": {"auc": {"value": 0.9502, "low": 0.944, "high": 0.956, "confidence": 0.95, "rows": 4686}}}})json";
constexpr const char* k_run =
    R"json({"format": 1, "run": "reviews-3", "flow": "reviews", "state": "handled", "injected": ["train=kill@50%"], "seconds": 8.4,
  "steps": [{"name": "check", "state": "ok", "seconds": 0.3}, {"name": "train", "state": "ok", "fault": "interrupted", "why": "killed by SIGKILL", "response": "resume",
  "because": "the checkpoint holds half of the work", "seconds": 5.6, "attempts": [{"attempt": 1, "how": "run", "result": "interrupted", "injected": "kill@50%"},
  {"attempt": 2, "how": "resume", "result": "ok"}]}]})json";

Json json(const char* text) { return *parse_json(text, "test"); }

PageRun sample_run() {
  PageRun run;
  run.record = json(k_run);
  run.steps.push_back({"check", run.record["steps"][0], {{PageFile::Kind::result, "check.json", json(k_result)}}});
  run.steps.push_back({"train", run.record["steps"][1], {{PageFile::Kind::model, "model/model.json", json(k_model)}}});
  return run;
}

std::string page(const PageRun& run) { return html_page(std::span(&run, 1)); }

/// What stands between each `before` and the next character of `ends`.
std::vector<std::string> each_after(const std::string& html, std::string_view before, std::string_view ends) {
  std::vector<std::string> found;
  for (std::size_t at = html.find(before); at != std::string::npos; at = html.find(before, at)) {
    at += before.size();
    found.push_back(html.substr(at, html.find_first_of(ends, at) - at));
  }
  return found;
}

/// Tags are closed in the order in which they were opened, ids are unique, links inside the page lead somewhere.
void expect_well_formed(const std::string& html) {
  const std::set<std::string> empty_tags = {"meta", "rect", "line", "circle", "polyline", "!doctype"};
  std::vector<std::string> open;
  for (const std::string& tag : each_after(html, "<", " >")) {
    if (empty_tags.contains(tag) || empty_tags.contains(tag.substr(0, tag.size() - 1))) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag);
      continue;
    }
    ASSERT_FALSE(open.empty()) << tag;
    EXPECT_EQ("/" + open.back(), tag);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty()) << open.back();
  std::set<std::string> ids;
  for (const std::string& id : each_after(html, " id=\"", "\"")) EXPECT_TRUE(ids.insert(id).second) << id;
  for (const std::string& link : each_after(html, "href=\"#", "\"")) EXPECT_TRUE(ids.contains(link)) << link;
}

TEST(HtmlPage, ShowsStepsFaultsVerdictsReasonsAndDerivations) {
  const std::string html = page(sample_run());
  for (const char* fact : {"reviews-3",
                           "a fault was handled",
                           "interrupted: killed by SIGKILL",
                           "the checkpoint holds half of the work",
                           "run interrupted (induced: kill@50%); resume ok",
                           "nulls(Review Text)",
                           "The model reads the text",
                           "1,644 of 23,486 rows null",
                           "fewer cannot be learned from",
                           "from: train.yaml; method: width of the interval",
                           "0.066 to 0.074 at 95 %",
                           "1.0e-05",
                           "0.10 % of clean batches",
                           "23,486 rows × 11 columns",
                           "sha256:ab",
                           "it restates the target",
                           "18 to 99",
                           "1.32.0",
                           "0.944 to 0.956",
                           "4,686 rows",
                           "limit 5.0 %"}) {
    EXPECT_THAT(html, HasSubstr(fact));
  }
  EXPECT_THAT(html, Not(HasSubstr("NOT SHOWN"))) << "examples are limited";
  EXPECT_LT(html.find("nulls(Review Text)"), html.find("rows()")) << "what failed comes first";
  expect_well_formed(html);
}

TEST(HtmlPage, NeedsNothingFromOutsideAndNoScript) {
  const std::string html = page(sample_run());
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http://")));
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
}

TEST(HtmlPage, InducedFaultsAndGeneratedDataAreAnnouncedFirst) {
  PageRun run = sample_run();
  run.steps[0].files[0].json["data"]["note"] = "generated reviews with known truth";
  const std::string html = page(run);
  EXPECT_LT(html.find("Generated data."), html.find("<main"));
  EXPECT_LT(html.find("reviews-3: train=kill@50%"), html.find("<main"));
  run.record.erase("injected");
  run.steps[0].files[0].json["data"].erase("note");
  EXPECT_THAT(page(run), Not(HasSubstr("class=\"banner")));
}

/// Every text in the record replaced by an attack.
void poison(Json& value, const std::string& attack) {
  if (value.is_string()) value = attack;
  if (value.is_array()) {
    for (Json& item : value) poison(item, attack);
  }
  if (!value.is_object()) return;
  Json poisoned = Json::object();
  for (auto& [key, item] : value.items()) {
    poison(item, attack);
    poisoned[key] = item;
  }
  poisoned[attack] = attack;
  value = std::move(poisoned);
}

TEST(HtmlPage, TextFromDataNeverBecomesMarkup) {
  for (const std::string attack : {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
                                   "</style><svg onload=alert(1)>", "--><script>", "\xff\xfe<b>"}) {
    PageRun run = sample_run();
    const std::size_t tags = static_cast<std::size_t>(std::ranges::count(page(run), '<'));
    poison(run.record, attack);
    for (PageStep& step : run.steps) {
      step.name = attack;
      poison(step.record, attack);
      for (PageFile& file : step.files) {
        poison(file.json, attack);
        file.name = attack;
      }
    }
    run.left_out.push_back(attack);
    const std::string html = page(run);
    for (const char* forbidden : {"<script", "<img", "<svg onload", "<b>"}) EXPECT_THAT(html, Not(HasSubstr(forbidden))) << attack;
    // An attribute can only be broken out of by a quote: no unescaped attack stands anywhere.
    EXPECT_THAT(html, Not(HasSubstr(attack)));
    EXPECT_FALSE(first_invalid_utf8(html).has_value());
    EXPECT_GT(tags, 100u);
    expect_well_formed(html);
  }
}

TEST(HtmlPage, RecordsOfAnyShapeMakeAPage) {
  for (const char* text : {"{}", "[]", "null", "3", "\"x\"", R"({"results": [3, null, {}, []], "counts": 3, "extra": []})",
                           R"({"metrics": [1], "inputs": {"a": 1}, "exclusions": [1]})",
                           R"({"metrics": {"held_out": 3, "x": {"auc": "high", "f1": null}}, "inputs": [1, null], "data": 3})"}) {
    for (const auto kind : {PageFile::Kind::result, PageFile::Kind::model}) {
      PageRun run;
      run.record = json(text);
      run.steps.push_back({"step", json(text), {{kind, "file", json(text)}}});
      expect_well_formed(page(run));
    }
  }
  expect_well_formed(html_page({}));
}

TEST(HtmlPage, TheSameFactsGiveTheSameBytes) { EXPECT_EQ(page(sample_run()), page(sample_run())); }

TEST(RunOutputs, FilesAreRecognisedByTheirContent) {
  const ScratchFolder scratch = std::move(*ScratchFolder::make(fs::temp_directory_path(), "cupel-report"));
  const fs::path out = scratch.path() / "steps" / "check" / "out";
  ASSERT_TRUE(write_file(out / "anything.json", k_result).has_value());
  ASSERT_TRUE(write_file(out / "model" / "model.json", k_model).has_value());
  ASSERT_TRUE(write_file(out / "other.json", "{\"a\": 1}").has_value());
  ASSERT_TRUE(write_file(out / "torn.json", "{\"results\": [").has_value());
  ASSERT_TRUE(write_file(out / "rows.csv", "a,b").has_value());
  fs::create_symlink(out / "anything.json", out / "link.json");
  const PageRun run = read_run(scratch.path(), json(R"({"run": "r-1", "steps": [{"name": "check"}, {"name": "../../escape"}]})"));
  ASSERT_EQ(run.steps.size(), 2u);
  ASSERT_EQ(run.steps[0].files.size(), 2u);
  EXPECT_EQ(run.steps[0].files[0].name, "anything.json");
  EXPECT_EQ(run.steps[0].files[1].kind, PageFile::Kind::model);
  EXPECT_TRUE(run.steps[1].files.empty());
  ASSERT_EQ(run.left_out.size(), 1u);
  EXPECT_THAT(run.left_out[0], HasSubstr("torn.json"));
  EXPECT_THAT(read_file_as_run(out / "other.json").error().message, HasSubstr("neither the JSON result of a suite nor a model.json"));
  EXPECT_TRUE(read_file_as_run(out / "anything.json").has_value());
}

}  // namespace
}  // namespace cupel::report
