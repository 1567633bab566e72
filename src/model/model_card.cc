#include "model/model_card.h"

#include <array>
#include <numeric>

#include "base/json.h"
#include "base/text.h"
#include "table/rows_where.h"

namespace cupel::model {
namespace {

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The object under a key, or an empty one.
const Json& object_at(const Json& object, const char* key) {
  static const Json k_empty = Json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : k_empty;
}

const Json& list_at(const Json& object, const char* key) {
  static const Json k_empty = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : k_empty;
}

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list) texts.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  return texts;
}

Result<std::optional<table::HashSplit>> read_split(const Json& data, std::string_view source) {
  const Json& split = object_at(data, "split");
  const auto share = split.find("held_out");
  if (share == split.end()) return std::nullopt;
  table::HashSplit found;
  found.group = text_at(split, "by");
  found.salt = text_at(split, "salt");
  if (!share->is_number() || !(share->get<double>() > 0 && share->get<double>() < 1)) {
    return fail("{}: data.split.held_out is {}, expected a share between 0 and 1", source, share->dump());
  }
  found.share = share->get<double>();
  return found;
}

InputColumn read_input(const Json& json) {
  InputColumn input;
  input.name = text_at(json, "name");
  if (const auto it = json.find("null_allowed"); it != json.end() && it->is_boolean()) input.null_allowed = it->get<bool>();
  if (const auto it = json.find("nulls_seen"); it != json.end() && it->is_number_integer()) input.nulls_seen = it->get<std::int64_t>();
  if (const Json& range = list_at(json, "range"); range.size() == 2 && range[0].is_number() && range[1].is_number()) {
    input.range = {range[0].get<double>(), range[1].get<double>()};
  }
  if (json.contains("categories")) input.categories = texts_of(list_at(json, "categories"));
  if (const auto it = json.find("other_allowed"); it != json.end() && it->is_boolean()) {
    input.other_allowed = it->get<bool>();
  }
  return input;
}

}  // namespace

Result<ModelCard> parse_model_card(std::string_view text, std::string_view source) {
  ASSIGN_OR_RETURN(const Json json, parse_json(text, source));
  if (!json.is_object()) return fail("{}: expected an object", source);
  ModelCard card;
  card.name = text_at(json, "name");
  card.estimator = text_at(json, "estimator");
  const Json& target = object_at(json, "target");
  card.target = text_at(target, "column");
  card.positive = text_at(target, "positive");
  card.classes = texts_of(list_at(target, "classes"));
  for (const Json& output : list_at(json, "outputs")) {
    if (card.classes.empty() && output.is_object()) card.classes = texts_of(list_at(output, "classes"));
  }
  const Json& data = object_at(json, "data");
  card.segment = text_at(data, "segment");
  card.data_digest = text_at(data, "digest");
  ASSIGN_OR_RETURN(card.split, read_split(data, source));
  for (const Json& input : list_at(json, "inputs")) {
    if (input.is_object()) card.inputs.push_back(read_input(input));
  }
  for (const Json& exclusion : list_at(json, "exclusions")) {
    if (exclusion.is_object()) card.excluded.push_back(text_at(exclusion, "column"));
  }
  return card;
}

Result<Part> parse_part(std::string_view word) {
  static const std::array<std::string, 3> k_words{"all", "training", "held_out"};
  if (word == k_words[0]) return Part::all;
  if (word == k_words[1]) return Part::training;
  if (word == k_words[2]) return Part::held_out;
  return fail("unknown part '{}'{}", word, nearest_note(word, k_words));
}

Result<std::vector<std::int64_t>> rows_of_part(const ModelCard& card, const table::Table& table, Part part) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(table.num_rows()));
  std::iota(rows.begin(), rows.end(), 0);
  if (part == Part::all) return rows;
  if (!card.split) return fail_with_hint("the model does not say how its data was split", "model.json needs data.split; or score all rows");
  if (!card.segment.empty()) {
    ASSIGN_OR_RETURN(rows, table::rows_where(table, card.segment, "the model's segment"));
  }
  ASSIGN_OR_RETURN(const std::vector<bool> held, table::held_out(table, *card.split));
  std::erase_if(rows, [&](std::int64_t row) { return held[static_cast<std::size_t>(row)] != (part == Part::held_out); });
  return rows;
}

}  // namespace cupel::model
