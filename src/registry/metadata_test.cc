#include "registry/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cupel::registry {
namespace {

using testing::HasSubstr;

std::string message(std::string text) {
  const auto metadata = parse_metadata(std::move(text), "m/model.json");
  return metadata ? "accepted" : metadata.error().text();
}

TEST(Metadata, ReadsMetricsWithAndWithoutIntervals) {
  const auto metadata = parse_metadata(R"({"format": 1, "files": {"model": "m.onnx"}, "metrics": {"held_out": {
    "auc": {"value": 0.95, "low": 0.94, "high": 0.96, "confidence": 0.95, "rows": 4686}, "accuracy": 0.9}}})",
                                       "m");
  ASSERT_TRUE(metadata.has_value()) << metadata.error().text();
  ASSERT_EQ(metadata->metrics.size(), 2u);
  EXPECT_EQ(metadata->metrics[0].name, "auc");
  EXPECT_EQ(metadata->metrics[0].low, 0.94);
  EXPECT_EQ(metadata->metrics[0].rows, 4686);
  EXPECT_EQ(metadata->metrics[1].value, 0.9);
  EXPECT_FALSE(metadata->metrics[1].low.has_value());
}

TEST(Metadata, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(message("{"), HasSubstr("m/model.json: "));
  EXPECT_EQ(message("[]"), "m/model.json: is a list, expected a mapping");
  EXPECT_EQ(message("{}"), "m/model.json: 'format' is missing, expected 1");
  EXPECT_EQ(message(R"({"format": 2})"), "m/model.json: has format 2, this cupel reads up to 1 (use a newer cupel)");
  EXPECT_EQ(message(R"({"format": "1"})"), "m/model.json: 'format' is \"1\", expected 1");
  EXPECT_THAT(message(R"({"format": 1})"), HasSubstr("'files' is missing"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"vocabulary": "v"}})"), HasSubstr("'files' has no 'model'"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "../m.onnx"}})"), HasSubstr("stays inside the model's folder"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "model.json"}})"), HasSubstr("model.json itself"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a", "b": "a"}})"), HasSubstr("name the same file"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a"}, "digests": {"model": "sha256:12"}})"),
              HasSubstr("'digests.model' is \"sha256:12\""));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a"}, "digests": {"modl": "sha256:12"}})"), HasSubstr("belongs to no file"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a"}, "metrics": {"held_out": {"auc": {"low": 1}}}})"),
              HasSubstr("metrics.held_out.auc"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a"}, "inputs": [{"name": "Age"}]})"),
              HasSubstr("'inputs[0]' has no text 'type'"));
  EXPECT_THAT(message(R"({"format": 1, "files": {"model": "a"}, "kind": 3})"), HasSubstr("'kind' is 3, expected text"));
}

TEST(Metadata, RefusesHugeAndDeepTexts) {
  EXPECT_THAT(message(std::string(5u << 20, ' ')), HasSubstr("more than the 4194304 that are read"));
  EXPECT_NE(message(std::string(100'000, '[')), "accepted");
}

TEST(Metadata, FingerprintForgetsOnlyWhatChangesFromRunToRun) {
  const auto print = [](const std::string& more) {
    return parse_metadata(R"({"format": 1, "files": {"model": "a"})" + more + "}", "m")->fingerprint();
  };
  EXPECT_EQ(print(""), print(R"(, "created": "2026", "run": "r-1", "seconds": 3.5)"));
  EXPECT_NE(print(""), print(R"(, "seed": 7)"));
  EXPECT_NE(print(""), print(R"(, "injected": "train=rows:900")"));
}

TEST(Metadata, ReadsAVerdictFromASuiteResult) {
  const auto verdict = parse_verdict(
      *parse_json(R"({"format": 1, "suite": "s", "verdict": "fail", "counts": {"pass": 3, "fail": 1, "inconclusive": 2, "error": 0},
    "seed": 7, "started": "2026-11-20T14:03:07Z"})",
                  "r"),
      "r");
  ASSERT_TRUE(verdict.has_value());
  EXPECT_EQ(verdict->passed, 3);
  EXPECT_EQ(verdict->failed, 1);
  EXPECT_EQ(verdict->inconclusive, 2);
  EXPECT_EQ(verdict->seed, 7);
  EXPECT_FALSE(parse_verdict(*parse_json(R"({"suite": "s", "verdict": "great", "counts": {}})", "r"), "r").has_value());
  EXPECT_FALSE(parse_verdict(*parse_json(R"({"format": 1})", "r"), "r").has_value());
}

}  // namespace
}  // namespace cupel::registry
