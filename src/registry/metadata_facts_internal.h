#pragma once

#include <string>

#include "base/json.h"
#include "registry/version.h"

namespace cupel::registry {

/// Reading facts that may be absent, or of another shape, in a version's model.json.

/// The value of a key, or null pointer; JSON's null is none.
inline const Json* fact(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

/// The same of a list.
inline const Json* fact_list(const Json& object, const char* key) {
  const Json* found = fact(object, key);
  return found != nullptr && found->is_array() ? found : nullptr;
}

/// Its text; empty when there is none.
inline std::string fact_text(const Json& object, const char* key) {
  const Json* found = fact(object, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

/// model.json of a version; an empty mapping where it cannot be read.
inline Json metadata_json(const Version& version) {
  auto parsed = parse_json(version.metadata, "model.json");
  return parsed ? std::move(*parsed) : Json::object();
}

}  // namespace cupel::registry
