#include "registry/gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "registry/registry.h"
#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

using testing::HasSubstr;
using Kind = GateAnswer::Kind;

class Promote : public testing::Test {
 protected:
  Promote() : registry_(std::move(*Registry::open(sample_.home(), Registry::Access::write))) {}

  /// A result of a suite; `more` is JSON with a comma in front.
  fs::path result(const std::string& kind, const std::string& suite, const std::string& verdict, const std::string& more = {}) {
    ++results_;
    return sample_.write(fmt::format("results/{}", results_), fmt::format(R"({{"kind": "{}", "suite": "{}", "verdict": "{}", "counts": {{}}, "started": "{}"{}}})",
                                                                            kind, suite, verdict, results_, more));
  }
  Version add(const std::string& bytes, const std::vector<fs::path>& verdicts, const std::string& more = {}) {
    AddRequest request;
    request.source = sample_.model("model", bytes, more);
    request.verdicts = verdicts;
    auto added = registry_.add(request);
    CHECK(added.has_value(), "{}", added.error().text());
    return added->version;
  }
  Promotion promote(const std::string& id, const Gates& gates, Injected injected = Injected::refuse) {
    auto promotion = registry_.promote(id, "champion", gates, "a reason", injected);
    CHECK(promotion.has_value(), "{}", promotion.error().text());
    return *promotion;
  }
  static Gates require(std::string_view words) {
    Gates gates;
    CHECK(add_required(gates, words).has_value());
    return gates;
  }
  std::string about(const std::string& bytes) { return fmt::format(R"(, "extra": {{"model": {{"digest": "sha256:{}"}}}})", sha256_hex(bytes)); }

  Sample sample_;
  Registry registry_;
  int results_ = 0;
};

TEST_F(Promote, AVerdictMustBeThereAndPass) {
  add("a", {result("data", "reviews", "pass"), result("model", "robust", "fail", about("a"))});
  EXPECT_TRUE(promote("reviews/1", require("check")).allowed);
  const Promotion failed = promote("reviews/1", require("check,validate"));
  EXPECT_FALSE(failed.allowed);
  EXPECT_EQ(failed.answers[0].kind, Kind::yes);
  EXPECT_EQ(failed.answers[1].kind, Kind::no);
  EXPECT_EQ(failed.answers[1].words, "suite 'robust': fail");
  const Promotion missing = promote("reviews/1", require("ab"));
  EXPECT_FALSE(missing.allowed);
  EXPECT_EQ(missing.answers[0].kind, Kind::cannot_tell);
  EXPECT_THAT(missing.answers[0].words, HasSubstr("no result of 'cupel ab analyze' is kept with reviews/1"));
}

TEST_F(Promote, AnInconclusiveVerdictDoesNotLetPass) {
  add("a", {result("model", "robust", "inconclusive", about("a"))});
  EXPECT_EQ(promote("reviews/1", require("validate")).answers[0].kind, Kind::cannot_tell);
  EXPECT_THAT(registry_.find("reviews/1")->aliases, testing::IsEmpty());
}

TEST_F(Promote, AVerdictAboutAnotherModelOrOtherDataDoesNotCount) {
  add("a", {result("model", "robust", "pass", about("b")), result("data", "reviews", "pass", fmt::format(R"(, "data": {{"digest": "sha256:{}"}})", std::string(64, 'b')))});
  const Promotion promotion = promote("reviews/1", require("validate,check"));
  EXPECT_FALSE(promotion.allowed);
  EXPECT_THAT(promotion.answers[0].words, HasSubstr("about another model file"));
  EXPECT_THAT(promotion.answers[1].words, HasSubstr("about other data than the model was trained on"));
}

TEST_F(Promote, TheLastResultOfASuiteCountsAndEverySuiteMustPass) {
  add("a", {result("data", "reviews", "fail"), result("data", "reviews", "pass")});
  EXPECT_TRUE(promote("reviews/1", require("check")).allowed);
  add("b", {result("data", "reviews", "pass"), result("data", "other", "fail")});
  EXPECT_FALSE(promote("reviews/2", require("check")).allowed);
}

TEST_F(Promote, AModelOfAnInducedFaultIsRefusedUnlessAllowed) {
  add("a", {}, R"(, "injected": "train=rows:900")");
  const Promotion refused = promote("reviews/1", {});
  EXPECT_FALSE(refused.allowed);
  EXPECT_THAT(refused.answers[0].words, HasSubstr("train=rows:900"));
  EXPECT_FALSE(registry_.find("reviews@champion").has_value());
  EXPECT_TRUE(promote("reviews/1", {}, Injected::allow).allowed);
}

TEST_F(Promote, AMetricIsHeldAgainstItsIntervalAndAgainstTheHolder) {
  add("a", {});  // auc 0.95 (0.944 to 0.956), see sample_version_internal.h
  Gates gates;
  ASSERT_TRUE(add_limit(gates.at_least, "auc:0.94").has_value());
  EXPECT_TRUE(promote("reviews/1", gates).allowed);
  gates.at_least[0].second = 0.95;
  EXPECT_EQ(promote("reviews/1", gates).answers[0].kind, Kind::cannot_tell) << "the limit lies within the interval";
  gates.at_least[0].second = 0.96;
  EXPECT_EQ(promote("reviews/1", gates).answers[0].kind, Kind::no);
  gates.at_least[0].first = "acu";
  EXPECT_THAT(promote("reviews/1", gates).answers[0].words, HasSubstr("(nearest: 'auc')"));

  sample_.model("worse", "b");
  std::string text = *read_file(sample_.path("worse/model.json"));
  sample_.write("worse/model.json", replace_all(text, R"("value": 0.95, "low": 0.944, "high": 0.956)", R"("value": 0.93, "low": 0.924, "high": 0.936)"));
  AddRequest request;
  request.source = sample_.path("worse");
  ASSERT_TRUE(registry_.add(request).has_value());
  Gates against;
  ASSERT_TRUE(add_limit(against.no_worse, "auc:0.005").has_value());
  const Promotion worse = promote("reviews/2", against);
  EXPECT_EQ(worse.answers[0].kind, Kind::no) << worse.answers[0].words;
  EXPECT_EQ(worse.holder->id(), "reviews/1");
  // 0.02 and half-widths of 0.006 each: 0.02 -+ 0.006 sqrt(2).
  EXPECT_THAT(worse.answers[0].words, HasSubstr("worse by 0.011515 to 0.028485, by both intervals"));
  against.no_worse[0].second = 0.02;
  const Promotion perhaps = promote("reviews/2", against);
  EXPECT_EQ(perhaps.answers[0].kind, Kind::cannot_tell);
  EXPECT_THAT(perhaps.answers[0].words, HasSubstr("; the margin lies within"));
  // The paired difference decides where it is known, and only when it is about these two.
  const auto gain = [&](const char* suite, const std::string& against_bytes, double low, double high) {
    return result("model", suite, "pass",
                  fmt::format(R"(, "extra": {{"model": {{"digest": "sha256:{}"}}, "against": {{"digest": "sha256:{}"}}}},
    "results": [{{"subject": "gain", "effect": {{"name": "gain of auc over against", "value": 0}}, "interval": {{"low": {}, "high": {}, "confidence": 0.95}}}}])",
                              sha256_hex("b"), sha256_hex(against_bytes), low, high));
  };
  const std::string holder_bytes = *registry_.read(*worse.holder, "model");
  AddRequest paired = request;
  paired.verdicts = {gain("of others", "x", 1, 1)};
  ASSERT_TRUE(registry_.add(paired).has_value());
  EXPECT_EQ(promote("reviews/2", against).answers[0].kind, Kind::cannot_tell);
  paired.verdicts = {gain("paired", holder_bytes, -0.019, -0.018)};
  ASSERT_TRUE(registry_.add(paired).has_value());
  against.no_worse[0].second = 0.017;
  EXPECT_EQ(promote("reviews/2", against).answers[0].kind, Kind::no);
  against.no_worse[0].second = 0.0185;
  EXPECT_EQ(promote("reviews/2", against).answers[0].kind, Kind::cannot_tell);
  against.no_worse[0].second = 0.02;
  const Promotion sharper = promote("reviews/2", against);
  EXPECT_TRUE(sharper.allowed);
  EXPECT_EQ(sharper.answers[0].words, "worse by 0.018 to 0.019, by the paired difference on the same rows that suite 'paired' measured");

  sample_.write("worse/model.onnx", "c");
  sample_.write("worse/model.json", replace_all(text, "Age >= 18", "Age >= 40"));
  ASSERT_TRUE(registry_.add(request).has_value());
  const Promotion other = promote("reviews/3", against);
  EXPECT_EQ(other.answers[0].kind, Kind::cannot_tell);
  EXPECT_THAT(other.answers[0].words, HasSubstr("not comparable"));
}

TEST_F(Promote, TheHistoryKeepsBothDecisionsWithTheirReasons) {
  const Version version = add("a", {});
  ASSERT_FALSE(promote("reviews/1", require("check")).allowed);
  ASSERT_TRUE(promote("reviews/1", {}).allowed);
  const auto history = registry_.history(version);
  ASSERT_EQ(history->size(), 3u);
  EXPECT_EQ((*history)[1].what, "not promoted");
  EXPECT_THAT((*history)[1].detail, HasSubstr("champion; verdict of check: cannot tell (no result"));
  EXPECT_EQ((*history)[1].because, "a reason");
  EXPECT_EQ((*history)[2].what, "promoted");
}

TEST_F(Promote, AVersionWhoseFilesAreDamagedIsRefused) {
  const Version version = add("bytes", {});
  const fs::path blob = registry_.blob_path(version.files[0].blob.digest);
  fs::permissions(blob, fs::perms(0644));
  ASSERT_TRUE(write_file(blob, "bytez").has_value());
  const Promotion promotion = promote("reviews/1", {});
  EXPECT_FALSE(promotion.allowed);
  EXPECT_THAT(promotion.answers[0].words, HasSubstr("altered after it was stored"));
}

TEST(Gates, AFileOfGatesIsReadStrictly) {
  const Sample sample;
  const fs::path file = sample.write("gates.yaml", "cupel: 1\ngates:\n  require: [check, validate]\n  at_least: {auc: 0.9}\n  no_worse: {auc: 0.005, log_loss: 0.01}\n");
  const auto gates = read_gates(file);
  ASSERT_TRUE(gates.has_value()) << gates.error().text();
  EXPECT_THAT(gates->required, testing::ElementsAre("check", "validate"));
  EXPECT_EQ(gates->no_worse[1].second, 0.01);
  sample.write("gates.yaml", "cupel: 1\ngates:\n  requires: [check]\n");
  EXPECT_THAT(read_gates(file).error().message, HasSubstr("gates.yaml:3:3"));
  sample.write("gates.yaml", "cupel: 1\ngates:\n  require: [chek]\n");
  EXPECT_THAT(read_gates(file).error().message, HasSubstr("(nearest: 'check')"));
}

}  // namespace
}  // namespace cupel::registry
