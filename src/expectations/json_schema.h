#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/yaml.h"

namespace cupel::expectations {

/// A JSON Schema of draft 7 (json-schema.org, 2018): all keywords of the validation vocabulary, `$ref` within the schema (`#`, `#/definitions/…`, `#name`
/// of an `$id`), `format` for date, time, date-time, email, hostname, ipv4, ipv6 and uuid. References to other documents are errors: nothing is loaded that the suite does
/// not name. `pattern` and `patternProperties` are RE2: linear in the text, without look-around and back-references. Numbers are doubles beyond 64 bits.
class JsonSchema {
 public:
  /// Errors (not a schema, an unknown reference, a pattern that RE2 does not read) stand at `node`.
  static Result<JsonSchema> make(Json schema, const yaml::Node& node);
  JsonSchema(JsonSchema&&) noexcept;
  ~JsonSchema();
  /// Is the text JSON that follows the schema? At most 200 levels of it are followed.
  bool accepts(std::string_view text) const;
  bool accepts_value(const Json& value) const;

 private:
  struct Compiled;
  explicit JsonSchema(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

/// YAML as JSON: quoted scalars are text, others numbers, booleans, null or text as they read.
Json json_of(const yaml::Node& node);

}  // namespace cupel::expectations
