#include "expectations/json_schema.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "expectations/formats.h"

namespace cupel::expectations {

struct JsonSchema::Compiled {
  Json root;
  std::map<std::string, const Json*> anchors;                       ///< "#name" of an $id
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> patterns;
  std::map<std::string, const Json*> references;                    ///< "$ref" -> its schema
};

namespace {

using Patterns = std::map<std::string, std::unique_ptr<RE2>, std::less<>>;

bool finds(const RE2& pattern, const std::string& text) { return RE2::PartialMatch(text, pattern); }

bool is_whole(const Json& value) {
  return value.is_number_integer() || (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "integer") return is_whole(value);
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

/// Equality of JSON: the order of members does not matter, 1 is 1.0, 1 is not true.
bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a == b;
  if (a.type() != b.type()) return false;
  if (a.is_array()) return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
  if (!a.is_object()) return a == b;
  if (a.size() != b.size()) return false;
  return std::all_of(a.items().begin(), a.items().end(), [&](const auto& member) {
    const auto other = b.find(member.key());
    return other != b.end() && same(member.value(), *other);
  });
}

/// The formats of draft 7 that are checked, by this room's names; others are annotations, as the standard allows.
std::string_view format_name(std::string_view name) {
  if (name == "date-time") return "datetime";
  for (const std::string_view known : {"date", "time", "email", "hostname", "ipv4", "ipv6", "uuid"}) {
    if (name == known) return known;
  }
  return {};
}

bool has_format(const std::string& name, const std::string& text) {
  const Format* const format = find_format(format_name(name));
  return format == nullptr || format->holds == nullptr || format->holds(text);
}

bool is_multiple(double value, double of) {
  const double times = value / of;
  return std::isfinite(times) && std::fabs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::fabs(times));
}

class Validation {
 public:
  Validation(const Patterns& patterns, const std::map<std::string, const Json*>& references) : patterns_(patterns), references_(references) {}

  bool valid(const Json& schema, const Json& value) {
    if (schema.is_boolean()) return schema.get<bool>();
    if (depth_ > k_depth) return false;
    ++depth_;
    const bool holds = valid_here(schema, value);
    --depth_;
    return holds;
  }

 private:
  static constexpr int k_depth = 200;

  bool valid_here(const Json& schema, const Json& value) {
    // Beside $ref everything else is ignored (draft 7, core §8.3).
    if (const auto reference = schema.find("$ref"); reference != schema.end()) return valid(*references_.at(reference->get<std::string>()), value);
    if (!valid_any(schema, value) || !valid_combined(schema, value)) return false;
    if (value.is_number()) return valid_number(schema, value);
    if (value.is_string()) return valid_text(schema, value.get_ref<const std::string&>());
    if (value.is_array()) return valid_array(schema, value);
    return !value.is_object() || valid_object(schema, value);
  }

  static const Json* find(const Json& schema, const char* key) {
    const auto found = schema.find(key);
    return found == schema.end() ? nullptr : &*found;
  }

  bool valid_any(const Json& schema, const Json& value) {
    if (const Json* type = find(schema, "type")) {
      const bool holds = type->is_array() ? std::any_of(type->begin(), type->end(), [&](const Json& one) { return has_type(value, one.get<std::string>()); })
                                          : has_type(value, type->get<std::string>());
      if (!holds) return false;
    }
    if (const Json* list = find(schema, "enum"); list != nullptr && std::none_of(list->begin(), list->end(), [&](const Json& one) { return same(one, value); })) return false;
    const Json* constant = find(schema, "const");
    return constant == nullptr || same(*constant, value);
  }

  bool valid_combined(const Json& schema, const Json& value) {
    const auto holds = [&](const Json& one) { return valid(one, value); };
    if (const Json* all = find(schema, "allOf"); all != nullptr && !std::all_of(all->begin(), all->end(), holds)) return false;
    if (const Json* any = find(schema, "anyOf"); any != nullptr && std::none_of(any->begin(), any->end(), holds)) return false;
    if (const Json* one = find(schema, "oneOf"); one != nullptr && std::count_if(one->begin(), one->end(), holds) != 1) return false;
    if (const Json* other = find(schema, "not"); other != nullptr && valid(*other, value)) return false;
    const Json* condition = find(schema, "if");
    if (condition == nullptr) return true;
    const Json* branch = find(schema, valid(*condition, value) ? "then" : "else");
    return branch == nullptr || valid(*branch, value);
  }

  static bool valid_number(const Json& schema, const Json& value) {
    const auto limit = [&](const char* key, auto holds) {
      const Json* bound = find(schema, key);
      return bound == nullptr || holds(*bound);
    };
    return limit("minimum", [&](const Json& bound) { return value >= bound; }) && limit("maximum", [&](const Json& bound) { return value <= bound; }) &&
           limit("exclusiveMinimum", [&](const Json& bound) { return value > bound; }) && limit("exclusiveMaximum", [&](const Json& bound) { return value < bound; }) &&
           limit("multipleOf", [&](const Json& bound) { return is_multiple(value.get<double>(), bound.get<double>()); });
  }

  /// Of minLength and its like.
  static bool counted(const Json& schema, const char* least, const char* most, std::size_t count) {
    const Json* low = find(schema, least);
    const Json* high = find(schema, most);
    return (low == nullptr || static_cast<double>(count) >= low->get<double>()) && (high == nullptr || static_cast<double>(count) <= high->get<double>());
  }

  bool valid_text(const Json& schema, const std::string& text) {
    if (!counted(schema, "minLength", "maxLength", static_cast<std::size_t>(count_code_points(text)))) return false;
    if (const Json* pattern = find(schema, "pattern"); pattern != nullptr && !finds(*patterns_.find(pattern->get<std::string>())->second, text)) return false;
    const Json* format = find(schema, "format");
    return format == nullptr || has_format(format->get<std::string>(), text);
  }

  bool valid_array(const Json& schema, const Json& value) {
    if (!counted(schema, "minItems", "maxItems", value.size())) return false;
    if (const Json* unique = find(schema, "uniqueItems"); unique != nullptr && unique->get<bool>()) {
      for (std::size_t i = 1; i < value.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          if (same(value[i], value[j])) return false;
        }
      }
    }
    if (const Json* contains = find(schema, "contains"); contains != nullptr && std::none_of(value.begin(), value.end(), [&](const Json& item) { return valid(*contains, item); })) return false;
    const Json* items = find(schema, "items");
    if (items == nullptr) return true;
    const Json* more = items->is_array() ? find(schema, "additionalItems") : items;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Json* one = items->is_array() && i < items->size() ? &(*items)[i] : more;
      if (one != nullptr && !valid(*one, value[i])) return false;
    }
    return true;
  }

  bool valid_object(const Json& schema, const Json& value) {
    if (!counted(schema, "minProperties", "maxProperties", value.size())) return false;
    const auto is_there = [&](const Json& name) { return value.contains(name.get<std::string>()); };
    if (const Json* required = find(schema, "required"); required != nullptr && !std::all_of(required->begin(), required->end(), is_there)) return false;
    if (const Json* dependencies = find(schema, "dependencies")) {
      for (const auto& member : dependencies->items()) {
        if (!value.contains(member.key())) continue;
        const bool holds = member.value().is_array() ? std::all_of(member.value().begin(), member.value().end(), is_there) : valid(member.value(), value);
        if (!holds) return false;
      }
    }
    const Json* names = find(schema, "propertyNames");
    for (const auto& member : value.items()) {
      if (names != nullptr && !valid(*names, Json(member.key()))) return false;
      if (!valid_member(schema, member.key(), member.value())) return false;
    }
    return true;
  }

  bool valid_member(const Json& schema, const std::string& name, const Json& value) {
    bool named = false;
    if (const Json* properties = find(schema, "properties")) {
      if (const auto property = properties->find(name); property != properties->end()) {
        named = true;
        if (!valid(*property, value)) return false;
      }
    }
    if (const Json* by_pattern = find(schema, "patternProperties")) {
      for (const auto& member : by_pattern->items()) {
        if (!finds(*patterns_.find(member.key())->second, name)) continue;
        named = true;
        if (!valid(member.value(), value)) return false;
      }
    }
    const Json* more = named ? nullptr : find(schema, "additionalProperties");
    return more == nullptr || valid(*more, value);
  }

  const Patterns& patterns_;
  const std::map<std::string, const Json*>& references_;
  int depth_ = 0;
};

/// What the value of a keyword must be.
enum class Shape { schema, schemas, schema_or_schemas, schema_map, dependencies, number, count, text, texts, type, list, boolean };
struct Keyword {
  std::string_view name;
  Shape shape;
};
constexpr Keyword k_keywords[] = {
    {"additionalItems", Shape::schema}, {"additionalProperties", Shape::schema}, {"allOf", Shape::schemas}, {"anyOf", Shape::schemas}, {"contains", Shape::schema},
    {"definitions", Shape::schema_map}, {"dependencies", Shape::dependencies}, {"else", Shape::schema}, {"enum", Shape::list}, {"exclusiveMaximum", Shape::number},
    {"exclusiveMinimum", Shape::number}, {"format", Shape::text}, {"if", Shape::schema}, {"items", Shape::schema_or_schemas}, {"maxItems", Shape::count},
    {"maxLength", Shape::count}, {"maxProperties", Shape::count}, {"maximum", Shape::number}, {"minItems", Shape::count}, {"minLength", Shape::count},
    {"minProperties", Shape::count}, {"minimum", Shape::number}, {"multipleOf", Shape::number}, {"not", Shape::schema}, {"oneOf", Shape::schemas},
    {"pattern", Shape::text}, {"patternProperties", Shape::schema_map}, {"properties", Shape::schema_map}, {"propertyNames", Shape::schema}, {"required", Shape::texts},
    {"then", Shape::schema}, {"type", Shape::type}, {"uniqueItems", Shape::boolean},
};

bool all_texts(const Json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& one) { return one.is_string(); });
}

bool is_type(const Json& type) {
  static const std::vector<std::string> k_types = {"array", "boolean", "integer", "null", "number", "object", "string"};
  return type.is_string() && std::find(k_types.begin(), k_types.end(), type.get<std::string>()) != k_types.end();
}

/// Walks a schema once, so that a validation meets nothing but what it knows.
class Check {
 public:
  Check(const yaml::Node& node, Patterns& patterns, std::map<std::string, const Json*>& anchors) : node_(node), patterns_(patterns), anchors_(anchors) {}

  std::vector<std::string> references;

  Result<void> schema(const Json& value, const std::string& place, int depth = 0) {
    if (value.is_boolean()) return {};
    if (!value.is_object() || depth > 100) return wrong(place, "a schema: true, false or an object, at most 100 levels deep");
    if (const auto reference = value.find("$ref"); reference != value.end()) {
      if (!reference->is_string()) return wrong(place + "/$ref", "text");
      references.push_back(reference->get<std::string>());
      return {};
    }
    if (const auto id = value.find("$id"); id != value.end() && id->is_string()) {
      const std::string name = id->get<std::string>();
      if (depth == 0) base_ = name.substr(0, name.find('#'));
      anchors_.emplace(name, &value);
    }
    for (const Keyword& keyword : k_keywords) {
      const auto member = value.find(std::string(keyword.name));
      if (member != value.end()) TRY(check(*member, keyword, place + "/" + std::string(keyword.name), depth));
    }
    return {};
  }
  const std::string& base() const { return base_; }

 private:
  tl::unexpected<Error> wrong(const std::string& place, std::string_view expected) const {
    return node_.fail_here(fmt::format("the schema at '{}' is wrong, expected {}", shorten(place, 80), expected));
  }

  Result<void> pattern(const std::string& text, const std::string& place) {
    RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_unique<RE2>(text, options);
    if (!compiled->ok()) return wrong(place, "a regular expression of RE2: " + compiled->error());
    patterns_.emplace(text, std::move(compiled));
    return {};
  }

  Result<void> check(const Json& value, const Keyword& keyword, const std::string& place, int depth) {
    switch (keyword.shape) {
      case Shape::schema: return schema(value, place, depth + 1);
      case Shape::schema_or_schemas:
        if (!value.is_array()) return schema(value, place, depth + 1);
        [[fallthrough]];
      case Shape::schemas:
        if (!value.is_array()) return wrong(place, "a list of schemas");
        for (const Json& one : value) TRY(schema(one, place, depth + 1));
        return {};
      case Shape::schema_map:
      case Shape::dependencies:
        if (!value.is_object()) return wrong(place, "an object of schemas");
        for (const auto& member : value.items()) {
          if (keyword.name == "patternProperties") TRY(pattern(member.key(), place));
          if (keyword.shape == Shape::dependencies && all_texts(member.value())) continue;
          TRY(schema(member.value(), place + "/" + member.key(), depth + 1));
        }
        return {};
      case Shape::number:
        if (!value.is_number() || (keyword.name == "multipleOf" && value <= 0)) return wrong(place, "a number");
        return {};
      case Shape::count:
        if (!value.is_number() || !is_whole(value) || value < 0) return wrong(place, "a count");
        return {};
      case Shape::text:
        if (!value.is_string()) return wrong(place, "text");
        return keyword.name == "pattern" ? pattern(value.get<std::string>(), place) : Result<void>{};
      case Shape::texts:
        if (!all_texts(value)) return wrong(place, "a list of names");
        return {};
      case Shape::type:
        if (!is_type(value) && !(value.is_array() && std::all_of(value.begin(), value.end(), is_type))) return wrong(place, "a type: string, number, integer, boolean, null, array or object");
        return {};
      case Shape::list:
        if (!value.is_array()) return wrong(place, "a list");
        return {};
      case Shape::boolean:
        if (!value.is_boolean()) return wrong(place, "true or false");
        return {};
    }
    return {};
  }

  const yaml::Node& node_;
  Patterns& patterns_;
  std::map<std::string, const Json*>& anchors_;
  std::string base_;
};

/// "#/definitions/a~1b%25" -> its schema, or null pointer.
const Json* follow(const Json& root, std::string_view fragment) {
  std::string pointer;
  for (std::size_t i = 0; i < fragment.size(); ++i) {
    int code = 0;
    if (fragment[i] == '%' && i + 2 < fragment.size() && std::from_chars(&fragment[i + 1], &fragment[i + 1] + 2, code, 16).ptr == &fragment[i + 1] + 2) {
      pointer += static_cast<char>(code);
      i += 2;
    } else {
      pointer += fragment[i];
    }
  }
  const Json* at = &root;
  if (pointer.empty()) return at;
  if (pointer[0] != '/') return nullptr;
  for (const std::string_view part : split(std::string_view(pointer).substr(1), '/')) {
    const std::string name = replace_all(replace_all(std::string(part), "~1", "/"), "~0", "~");
    if (at->is_object() && at->contains(name)) {
      at = &(*at)[name];
    } else if (const auto index = parse_integer(name); at->is_array() && index && *index >= 0 && static_cast<std::size_t>(*index) < at->size()) {
      at = &(*at)[static_cast<std::size_t>(*index)];
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace

JsonSchema::JsonSchema(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::make(Json schema, const yaml::Node& node) {
  auto compiled = std::make_unique<Compiled>();
  compiled->root = std::move(schema);
  Check check(node, compiled->patterns, compiled->anchors);
  TRY(check.schema(compiled->root, "#"));
  // A reference may lead to a place that no keyword leads to: what it finds is checked, too, and may hold further references.
  for (std::size_t i = 0; i < check.references.size(); ++i) {
    const std::string reference = check.references[i];
    if (compiled->references.contains(reference)) continue;
    const Json* target = nullptr;
    if (const auto anchor = compiled->anchors.find(reference); anchor != compiled->anchors.end()) {
      target = anchor->second;
    } else if (const std::size_t hash = reference.find('#'); hash != std::string::npos && (hash == 0 || reference.substr(0, hash) == check.base())) {
      target = follow(compiled->root, std::string_view(reference).substr(hash + 1));
    }
    if (target == nullptr) return node.fail_here(fmt::format("the schema refers to '{}', which is not in it", shorten(reference, 80)), "other documents are not loaded");
    compiled->references.emplace(reference, target);
    TRY(check.schema(*target, reference));
  }
  return JsonSchema(std::move(compiled));
}

bool JsonSchema::accepts_value(const Json& value) const { return Validation(compiled_->patterns, compiled_->references).valid(compiled_->root, value); }

bool JsonSchema::accepts(std::string_view text) const {
  const auto value = parse_json(text, "value");
  return value && accepts_value(*value);
}

Json json_of(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Node::Kind::null: return nullptr;
    case yaml::Node::Kind::list: {
      Json list = Json::array();
      for (const yaml::Node& item : node.items) list.push_back(json_of(item));
      return list;
    }
    case yaml::Node::Kind::map: {
      Json object = Json::object();
      for (const auto& member : node.members) object[member.key.scalar] = json_of(member.value);
      return object;
    }
    case yaml::Node::Kind::scalar: break;
  }
  if (node.quoted) return node.scalar;
  if (node.scalar == "true" || node.scalar == "false") return node.scalar == "true";
  if (node.scalar == "null" || node.scalar == "~") return nullptr;
  if (const auto whole = parse_integer(node.scalar)) return *whole;
  if (const auto number = parse_number(node.scalar)) return *number;
  return node.scalar;
}

}  // namespace cupel::expectations
