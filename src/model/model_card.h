#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "table/splits.h"
#include "table/table.h"

namespace cupel::model {

/// A column that a model reads, as the schema in model.json has it; what is not stated is not held against data.
struct InputColumn {
  std::string name;
  bool null_allowed = true;
  std::optional<std::int64_t> nulls_seen{};         ///< rows of the training data without a value
  std::optional<std::pair<double, double>> range{};  ///< least and largest number seen
  std::optional<std::vector<std::string>> categories{};
  bool other_allowed = true;                        ///< the model has an answer for categories that are not among them
};

/// What `model.json` says of a model, as far as scoring and evaluation need it. Everything is optional for a model that was trained
/// elsewhere.
struct ModelCard {
  std::string name;
  std::string estimator;
  std::vector<std::string> classes;    ///< of the probabilities' columns, in their order; empty for a regressor
  std::string target;                  ///< column; empty when unknown
  std::string positive;                ///< class of interest of a binary model
  std::string segment;                 ///< where-expression of the rows it was made for; empty: all
  std::optional<table::HashSplit> split{};
  std::string data_digest;             ///< `sha256:…` of the file it was trained on
  std::vector<InputColumn> inputs{};   ///< its schema
  std::vector<std::string> excluded;   ///< columns that it must not read
};

/// Parses the text of a model.json; `source` names it in errors. Unknown keys are left alone.
Result<ModelCard> parse_model_card(std::string_view text, std::string_view source);

enum class Part { all, training, held_out };
/// `all`, `training` or `held_out`, else an error with the nearest.
Result<Part> parse_part(std::string_view word);

/// Positions (from 0) of the table's rows that belong to a part of the model's own split and to its segment, in order. With Part::all
/// every row, segment or not. Errors: the card records no split, a column of the split or the segment is not there.
Result<std::vector<std::int64_t>> rows_of_part(const ModelCard& card, const table::Table& table, Part part);

}  // namespace cupel::model
