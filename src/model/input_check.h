#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/model_card.h"
#include "model/onnx_session.h"
#include "table/table.h"

namespace cupel::model {

/// What becomes of rows with a finding: `refused`, nothing is scored; `warned`, they are scored, and the model has not seen their like; `accepted`.
enum class InputLevel { accepted, warned, refused };
std::string_view level_name(InputLevel level);

struct InputFinding {
  InputLevel level = InputLevel::accepted;
  std::string column;
  std::string_view kind;  ///< missing_column, extra_column, wrong_type, null, unseen_null, unknown_category, outside_range
  std::string text;       ///< a sentence
  std::int64_t count = 0;  ///< rows; 0 for findings about a whole column
  std::vector<std::pair<std::int64_t, std::string>> examples{};  ///< the first few: row of the data, value
};

/// Holds rows that are to be scored against what the model takes (`ports`) and what its schema says it was made for. `rows` are the positions of
/// the table's rows in the data. Refused: a column that is missing or of another type; a null where the schema allows none; a category that is not
/// known where the schema has no other. Warned: a null, where training had none; a category that is not known; a number outside of the range of
/// training. Accepted: columns that the model does not read. By level, the gravest first, then in the order of the model's columns.
std::vector<InputFinding> check_input(std::span<const Port> ports, const ModelCard& card, const table::Table& table, std::span<const std::int64_t> rows);

}  // namespace cupel::model
