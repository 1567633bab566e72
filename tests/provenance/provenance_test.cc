#include "registry/provenance.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/hash.h"
#include "base/invariant.h"
#include "expectations/json_schema.h"

namespace cupel::registry {
namespace {

Version version_of(const std::string& metadata) {
  Version version;
  version.name = "reviews";
  version.number = 3;
  version.files = {{"model", "model.onnx", {sha256_hex("bytes"), 5}}, {"weights", "a b/ü.bin", {sha256_hex("more"), 4}}};
  version.digest = content_digest(version.files);
  version.metadata = metadata;
  version.metadata_digest = sha256_hex(metadata);
  Verdict verdict;
  verdict.suite = "reviews";
  verdict.verdict = "pass";
  verdict.digest = sha256_hex("result");
  version.verdicts = {verdict};
  return version;
}

constexpr const char* k_whole = R"({"format": 1, "name": "reviews", "kind": "classifier", "estimator": "linear", "files": {"model": "model.onnx", "weights": "a b/ü.bin"},
  "target": {"column": "Recommended"}, "data": {"path": "my data/réviews #1.csv", "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "rows": 7, "segment": "Age > 3"},
  "config": {"path": "train.yaml", "digest": "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}, "tool": {"name": "cupel", "version": "0.1.0"},
  "dependencies": [{"name": "onnxruntime", "version": "1.32.0", "role": "serving"}, {"version": "no name"}],
  "seed": 7, "run": "reviews-4", "created": "2026-03-01T00:00:05Z", "seconds": 10.2})";

class Schema {
 public:
  Schema() : schema_(make()) {}
  bool accepts(const Json& statement) const { return schema_.accepts_value(statement); }

 private:
  static expectations::JsonSchema make() {
    auto json = read_json(fs::path(CUPEL_SOURCE_DIR) / "tests/provenance/statement.schema.json");
    CHECK(json.has_value(), "{}", json.error().text());
    auto schema = expectations::JsonSchema::make(std::move(*json), yaml::Node());
    CHECK(schema.has_value(), "{}", schema.error().text());
    return std::move(*schema);
  }
  expectations::JsonSchema schema_;
};

TEST(Provenance, FollowsInTotoAndSlsaWhateverModelJsonHolds) {
  const Schema schema;
  for (const char* metadata : {k_whole, R"({"format": 1, "files": {"model": "model.onnx"}})", R"({"data": 7, "tool": [], "dependencies": {}, "config": {"path": ""}, "created": "soon", "seconds": -1})",
                               R"({"data": {"path": "https://example.org/a b.csv"}, "created": "2026-03-01T00:00:05Z"})", "no JSON"}) {
    const Json statement = provenance_statement(version_of(metadata));
    EXPECT_TRUE(schema.accepts(statement)) << json_text(statement);
  }
}

TEST(Provenance, SaysWhatTheModelWasMadeOf) {
  const Json statement = provenance_statement(version_of(k_whole));
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], sha256_hex("bytes"));
  const Json& definition = statement["predicate"]["buildDefinition"];
  EXPECT_EQ(definition["externalParameters"]["seed"], 7);
  EXPECT_EQ(definition["externalParameters"]["data"]["segment"], "Age > 3");
  EXPECT_EQ(definition["resolvedDependencies"][0]["uri"], "file:my%20data/r%C3%A9views%20%231.csv");
  EXPECT_EQ(definition["resolvedDependencies"][0]["digest"]["sha256"], std::string(64, 'a'));
  const Json& run = statement["predicate"]["runDetails"];
  EXPECT_EQ(run["metadata"]["invocationId"], "reviews-4");
  EXPECT_EQ(run["metadata"]["startedOn"], "2026-02-28T23:59:55Z") << "ten seconds before the first of March";
  EXPECT_EQ(run["byproducts"][1]["digest"]["sha256"], sha256_hex("result"));
}

TEST(Provenance, TheSchemaRefusesWhatIsWrong) {
  const Schema schema;
  Json statement = provenance_statement(version_of(k_whole));
  statement["predicate"]["runDetails"].erase("builder");
  EXPECT_FALSE(schema.accepts(statement));
  statement = provenance_statement(version_of(k_whole));
  statement["subject"][0]["digest"]["sha256"] = "short";
  EXPECT_FALSE(schema.accepts(statement));
  statement = provenance_statement(version_of(k_whole));
  statement["predicate"]["runDetails"]["metadata"]["startedOn"] = "yesterday";
  EXPECT_FALSE(schema.accepts(statement));
}

}  // namespace
}  // namespace cupel::registry
