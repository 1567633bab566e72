#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "expectations/json_schema.h"

namespace cupel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view k_flow = R"yaml(cupel: 1
flow: shop
about: what a run tells others
params: {data: data.csv, seeds: [1, 2]}
steps:
  check:
    run: cupel check suite.yaml --data ${data} --json ${out}/check.json
    in: [suite.yaml, "${data}"]
    out: [check.json]
    on: {gate_failed: continue}
  train:
    foreach: {seed: "${seeds}"}
    run: |
      mkdir ${out}/model
      echo '{"format": 1, "files": {"model": "m"}, "inputs": [{"name": "Age", "type": "number"}, {"name": "Text", "type": "text"}]}' > ${out}/model/model.json
      echo ${seed} > ${out}/model/m
    after: [check]
    in: ["${data}"]
    out: [model]
  use: {run: "cat ${train.out}/*/model/m > ${out}/all", in: ["${train.out}/*/model"], out: [all]}
  die: {run: "kill -KILL $$", after: [use], on: {interrupted: stop}}
  never: {run: "true", after: [die]}
)yaml";

class OpenLineage : public testing::Test {
 protected:
  void SetUp() override {
    environment_ = current_environment();
    set_variable(environment_, "CUPEL_HOME", (folder_.path() / "home").string());
    put("f.yaml", std::string(k_flow));
    put("data.csv", "Age,Text\n31,good\n,bad\n");
    put("suite.yaml", "cupel: 1\nsuite: shop\nexpect:\n  - {nulls: Age, equals: 0, because: every customer has an age}\n  - {nulls: Text, equals: 0, because: no empty review}\n");
  }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(folder_.path() / name, text)); }
  std::string cupel(std::vector<std::string> words, int expected_status) const {
    words.insert(words.begin(), std::string(CUPEL_BINARY_DIR) + "/bin/cupel");
    const auto run = run_captured({std::move(words), environment_, folder_.path(), {}, {}}, 60);
    EXPECT_TRUE(run && run->outcome.exit_status == expected_status) << (run ? run->errors : run.error().message);
    return run ? run->output + run->errors : "";
  }
  std::vector<Json> events(const std::string& text) const {
    std::vector<Json> all;
    for (const std::string_view line : split(text, '\n')) {
      if (!line.empty()) all.push_back(*parse_json(line, "event"));
    }
    return all;
  }
  static Json find(const std::vector<Json>& all, const std::string& job, const std::string& type) {
    for (const Json& event : all) {
      if (event["job"]["name"] == job && event["eventType"] == type) return event;
    }
    ADD_FAILURE() << "no event " << type << " of " << job;
    return Json::object();
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "lineage");
  std::vector<std::string> environment_;
};

TEST_F(OpenLineage, every_event_follows_the_specification_and_tells_the_truth) {
  cupel({"run", "f.yaml", "--quiet", "--openlineage", "events.jsonl"}, 130);
  const std::string text = *read_file(folder_.path() / "events.jsonl");
  EXPECT_EQ(cupel({"runs", "openlineage", "last"}, 0), text) << "made from the record: the same bytes again";
  const std::vector<Json> all = events(text);

  const auto schema = expectations::JsonSchema::make(*read_json(fs::path(CUPEL_SOURCE_DIR) / "tests/flow/openlineage.schema.json"), {});
  ASSERT_TRUE(schema) << schema.error().message;
  for (const Json& event : all) EXPECT_TRUE(schema->accepts_value(event)) << event.dump(2);

  std::vector<std::string> order;
  for (const Json& event : all) order.push_back(event["eventType"].get<std::string>() + " " + event["job"]["name"].get<std::string>());
  std::sort(order.begin(), order.end());
  EXPECT_THAT(order, ElementsAre("ABORT shop", "ABORT shop.die", "COMPLETE shop.check", "COMPLETE shop.train", "COMPLETE shop.train", "COMPLETE shop.use", "START shop", "START shop.check",
                                 "START shop.die", "START shop.train", "START shop.train", "START shop.use"));
  EXPECT_EQ(all.front()["job"]["name"], "shop");
  EXPECT_EQ(all.back()["eventType"], "ABORT");

  const Json check = find(all, "shop.check", "COMPLETE");
  EXPECT_THAT(check["run"]["facets"]["errorMessage"]["message"].get<std::string>(), HasSubstr("gate_failed"));
  const Json& judged = check["inputs"][1];
  EXPECT_EQ(judged["namespace"], "file");
  EXPECT_EQ(judged["name"], (folder_.path() / "data.csv").string());
  const Json& assertions = judged["inputFacets"]["dataQualityAssertions"]["assertions"];
  ASSERT_EQ(assertions.size(), 2u);
  EXPECT_EQ(assertions[0]["column"], "Age");
  EXPECT_EQ(assertions[0]["success"], false);
  EXPECT_EQ(assertions[1]["success"], true);

  const Json train = find(all, "shop.train", "COMPLETE");
  EXPECT_THAT(train["outputs"][0]["name"].get<std::string>(), testing::MatchesRegex("shop/train/seed=[12]/model"));
  EXPECT_EQ(train["outputs"][0]["facets"]["schema"]["fields"][1]["name"], "Text");
  EXPECT_EQ(train["run"]["facets"]["parent"]["run"]["runId"], all.front()["run"]["runId"]);
  const Json use = find(all, "shop.use", "COMPLETE");
  EXPECT_EQ(use["inputs"][0]["name"], "shop/train/seed=1/model") << "what one step makes and another reads has one name";
  EXPECT_THAT(find(all, "shop.die", "ABORT")["run"]["facets"]["errorMessage"]["message"].get<std::string>(), HasSubstr("killed by SIGKILL"));
}

TEST_F(OpenLineage, an_induced_fault_stands_in_every_event) {
  cupel({"run", "f.yaml", "--quiet", "--inject", "use=exit:3", "--openlineage", "events.jsonl"}, 2);
  const std::vector<Json> all = events(*read_file(folder_.path() / "events.jsonl"));
  EXPECT_EQ(all.back()["eventType"], "FAIL");
  for (const Json& event : all) EXPECT_THAT(event["run"]["facets"]["tags"].dump(), HasSubstr(R"({"key":"injected","value":"use=exit:3","source":"CUPEL"})"));
}

TEST_F(OpenLineage, the_schema_refuses_what_the_specification_does) {
  const auto schema = expectations::JsonSchema::make(*read_json(fs::path(CUPEL_SOURCE_DIR) / "tests/flow/openlineage.schema.json"), {});
  ASSERT_TRUE(schema);
  cupel({"run", "f.yaml", "--quiet", "--until", "check", "--openlineage", "events.jsonl"}, 0);
  Json event = events(*read_file(folder_.path() / "events.jsonl"))[0];
  EXPECT_TRUE(schema->accepts_value(event));
  for (const char* member : {"eventTime", "producer", "schemaURL", "run", "job"}) {
    Json without = event;
    without.erase(member);
    EXPECT_FALSE(schema->accepts_value(without)) << member;
  }
  event["run"]["runId"] = "shop-1";
  EXPECT_FALSE(schema->accepts_value(event));
}

}  // namespace
}  // namespace cupel
