#include "expectations/json_schema.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace cupel::expectations {
namespace {

Result<JsonSchema> schema_of(std::string_view text) {
  auto json = parse_json(text, "schema");
  EXPECT_TRUE(json) << text;
  return JsonSchema::make(*json, yaml::Node());
}

struct SchemaCase {
  const char* schema;
  const char* value;
  bool holds;
};
// From the text of draft 7 (draft-handrews-json-schema-validation-01, §6).
constexpr SchemaCase k_cases[] = {
    {R"({"type": "integer"})", "1.0", true},
    {R"({"type": "integer"})", "1.5", false},
    {R"({"type": ["string", "null"]})", "null", true},
    {R"({"enum": [1, "a", {"b": [1]}]})", R"({"b": [1.0]})", true},
    {R"({"const": false})", "0", false},
    {R"({"multipleOf": 0.01})", "0.07", true},
    {R"({"multipleOf": 0.01})", "0.075", false},
    {R"({"exclusiveMinimum": 1})", "1", false},
    {R"({"maxLength": 2})", R"("äö")", true},
    {R"({"pattern": "^a+$"})", R"("aab")", false},
    {R"({"format": "date"})", R"("2023-02-29")", false},
    {R"({"format": "unheard-of"})", R"("x")", true},
    {R"({"items": [{"type": "string"}], "additionalItems": {"type": "number"}})", R"(["a", 1, 2])", true},
    {R"({"items": [{"type": "string"}], "additionalItems": false})", R"(["a", 1])", false},
    {R"({"uniqueItems": true})", R"([{"a": 1, "b": 2}, {"b": 2, "a": 1}])", false},
    {R"({"uniqueItems": true})", "[1, true]", true},
    {R"({"contains": {"minimum": 5}})", "[1, 6]", true},
    {R"({"required": ["a"]})", R"({"b": 1})", false},
    {R"({"properties": {"a": {"type": "number"}}, "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": false})", R"({"a": 1, "xy": "s"})", true},
    {R"({"properties": {"a": {}}, "additionalProperties": false})", R"({"a": 1, "b": 2})", false},
    {R"({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}})", R"({"a": 1})", false},
    {R"({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}})", R"({"c": 1, "d": 2})", true},
    {R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})", false},
    {R"({"if": {"type": "number"}, "then": {"minimum": 5}, "else": {"type": "string"}})", "4", false},
    {R"({"oneOf": [{"type": "integer"}, {"minimum": 2}]})", "3", false},
    {R"({"not": {"type": "null"}})", "null", false},
    {R"({"definitions": {"node": {"properties": {"next": {"$ref": "#/definitions/node"}, "v": {"type": "integer"}}}}, "$ref": "#/definitions/node"})", R"({"next": {"v": "x"}})", false},
    {R"({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false})", R"({"a": {"a": {}}})", true},
    {R"({"items": {"$ref": "#item"}, "definitions": {"i": {"$id": "#item", "type": "number"}}})", R"([1, "a"])", false},
    {"true", "1", true},
    {"false", "1", false},
};

TEST(JsonSchema, FollowsTheKeywordsOfDraft7) {
  for (const SchemaCase& test : k_cases) {
    const auto schema = schema_of(test.schema);
    ASSERT_TRUE(schema) << schema.error().text();
    EXPECT_EQ(schema->accepts(test.value), test.holds) << test.schema << " " << test.value;
  }
}

TEST(JsonSchema, RefusesWhatIsNoSchema) {
  for (const char* text : {"[]", "1", R"({"type": "text"})", R"({"minLength": -1})", R"({"pattern": "("})", R"({"$ref": "other.json"})", R"({"$ref": "#/definitions/none"})", R"({"required": "a"})",
                           R"({"properties": {"a": 1}})"}) {
    EXPECT_FALSE(schema_of(text)) << text;
  }
}

TEST(JsonSchema, EndsWhereAReferenceTurnsInACircle) {
  const auto schema = schema_of(R"({"$ref": "#"})");
  ASSERT_TRUE(schema);
  EXPECT_FALSE(schema->accepts("1"));
}

// The official suite, where it is installed (Debian: json-schema-test-suite); files about other documents and what this class states not to do are left out.
TEST(JsonSchema, PassesTheOfficialSuiteOfDraft7) {
  const fs::path folder = "/usr/share/json-schema-test-suite/tests/draft7";  // tidy: the package's place on every Debian
  if (!fs::exists(folder)) GTEST_SKIP() << "json-schema-test-suite is not installed";
  int tests = 0;
  int refused = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const auto groups = read_json(entry.path());
    ASSERT_TRUE(groups) << groups.error().text();
    for (const Json& group : *groups) {
      const auto schema = JsonSchema::make(group["schema"], yaml::Node());
      if (!schema) {
        ++refused;
        const std::string name = entry.path().stem().string();
        EXPECT_TRUE(name == "refRemote" || name == "ref" || name == "definitions") << name << ": " << group["description"] << ": " << schema.error().text();
        continue;
      }
      for (const Json& test : group["tests"]) {
        ++tests;
        EXPECT_EQ(schema->accepts_value(test["data"]), test["valid"].get<bool>()) << entry.path().stem() << ": " << group["description"] << ": " << test["description"];
      }
    }
  }
  EXPECT_GT(tests, 400);
  EXPECT_LT(refused, 15);
}

}  // namespace
}  // namespace cupel::expectations
