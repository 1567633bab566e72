#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "report/facts_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_listed = 12;

std::string list_words(const Json& list, std::size_t width) {
  std::string words;
  for (std::size_t i = 0; i < list.size() && i < k_listed; ++i) words += (i == 0 ? "" : ", ") + words_of(list[i], width);
  if (list.size() > k_listed) words += fmt::format(", … ({} in all)", list.size());
  return words;
}

std::string map_words(const Json& map, std::size_t width) {
  std::string words;
  for (const auto& [key, value] : map.items())
    words += (words.empty() ? "" : "; ") + key + (value.is_null() ? "" : ": " + words_of(value, width));
  return words;
}

}  // namespace

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::optional<double> number_at(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_number() || !std::isfinite(value->get<double>())) return std::nullopt;
  return value->get<double>();
}

std::string text_at(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : words_of(*value);
}

const Json& list_at(const Json& object, std::string_view key) {
  static const Json k_empty = Json::array();
  const Json* value = member(object, key);
  return value != nullptr && value->is_array() ? *value : k_empty;
}

const Json& map_at(const Json& object, std::string_view key) {
  static const Json k_empty = Json::object();
  const Json* value = member(object, key);
  return value != nullptr && value->is_object() ? *value : k_empty;
}

std::string words_of(const Json& value, std::size_t width) {
  if (value.is_string()) return shorten(value.get_ref<const std::string&>(), width);
  if (value.is_number_float()) return number_text(value.get<double>());
  if (value.is_number_integer()) return with_thousands(value.get<std::int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_null()) return "-";
  return shorten(value.is_array() ? list_words(value, width) : map_words(value, width), width);
}

}  // namespace cupel::report
