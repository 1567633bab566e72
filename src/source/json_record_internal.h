#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "source/csv_values.h"
#include "source/json_records.h"

namespace cupel::source {

enum class JsonKind { null, boolean, integer, number, text, array };

/// Reads objects, one after another, with simdjson's parser that goes on demand: what nobody wants is passed over. For one thread at a
/// time.
class JsonRecordReader {
 public:
  /// Reads one object. `tail` bytes behind it may be read too. For each member, with objects inside flattened to paths (`address.city`):
  ///   int  visitor.slot(std::string_view path, std::size_t at)       what to do with a value: nothing below 0; `at` is the key's offset
  ///   bool visitor.enters(std::string_view path)                     whether to look into an object
  ///   bool visitor.take(int slot, JsonKind, std::string_view text)   text: content of a string, else as written; false: stop
  /// A record that was not checked before may have faults that are not found.
  template <typename Visitor>
  std::optional<JsonFault> read(std::string_view record, std::size_t tail, Visitor& visitor) {
    std::string_view text = record;
    std::size_t room = record.size() + tail;
    if (tail < simdjson::SIMDJSON_PADDING) {
      padded_.assign(record);
      padded_.append(simdjson::SIMDJSON_PADDING, ' ');
      text = std::string_view(padded_).substr(0, record.size());
      room = padded_.size();
    }
    begin_ = text.data();
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    auto error = parser_.iterate(text.data(), text.size(), room).get(document);
    if (!error) error = document.get_object().get(object);
    if (error) return fault_of(error, 0);
    path_.clear();
    return walk(object, visitor);
  }

 private:
  static JsonFault fault_of(simdjson::error_code error, std::size_t at) { return {at, lower_first(simdjson::error_message(error))}; }
  static std::string lower_first(std::string text) {
    if (!text.empty()) text[0] = static_cast<char>(text[0] >= 'A' && text[0] <= 'Z' ? text[0] + 32 : text[0]);
    while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
    return text;
  }

  template <typename Visitor>
  std::optional<JsonFault> walk(simdjson::ondemand::object& object, Visitor& visitor) {
    const std::size_t prefix = path_.size();
    for (auto member : object) {
      simdjson::ondemand::field field;
      if (const auto error = std::move(member).get(field)) return fault_of(error, 0);
      const auto at = static_cast<std::size_t>(field.key().raw() - begin_) - 1;  // its quote
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return fault_of(error, at);
      if (prefix > 0) {
        path_.resize(prefix);
        key = path_ += key;
      }
      simdjson::ondemand::value& value = field.value();
      simdjson::ondemand::json_type type{};
      if (const auto error = value.type().get(type)) return fault_of(error, at);
      std::optional<JsonFault> fault;
      if (type == simdjson::ondemand::json_type::object) {
        if (!visitor.enters(key)) continue;
        simdjson::ondemand::object inner;
        if (const auto error = value.get_object().get(inner)) return fault_of(error, at);
        if (prefix == 0) path_ = key;
        path_ += '.';
        fault = walk(inner, visitor);
        path_.resize(prefix);
      } else if (const int slot = visitor.slot(key, at); slot >= 0) {
        fault = take(type, value, slot, at, visitor);
      }
      if (fault) return fault;
    }
    return std::nullopt;
  }

  template <typename Visitor>
  std::optional<JsonFault> take(simdjson::ondemand::json_type type, simdjson::ondemand::value& value, int slot, std::size_t at,
                                Visitor& visitor) {
    using simdjson::ondemand::json_type;
    std::string_view text;
    JsonKind kind = JsonKind::null;
    switch (type) {
      case json_type::string:
        kind = JsonKind::text;
        if (const auto error = value.get_string().get(text)) return fault_of(error, at);
        break;
      case json_type::array: {
        kind = JsonKind::array;
        simdjson::ondemand::array array;
        if (const auto error = value.get_array().get(array)) return fault_of(error, at);
        if (const auto error = array.raw_json().get(text)) return fault_of(error, at);
        break;
      }
      default:
        text = trim(value.raw_json_token());
        kind = type == json_type::null ? JsonKind::null : type == json_type::boolean ? JsonKind::boolean : JsonKind::number;
    }
    if (kind == JsonKind::number) {
      std::int64_t ignored = 0;
      if (read_integer(text, ignored)) kind = JsonKind::integer;
    }
    if (!visitor.take(slot, kind, text)) return JsonFault{at, "more text than fits"};
    return std::nullopt;
  }

  simdjson::ondemand::parser parser_;
  std::string padded_;
  std::string path_;
  const char* begin_ = nullptr;
};

}  // namespace cupel::source
