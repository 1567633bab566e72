#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/onnx_session.h"
#include "table/batch.h"

namespace cupel::model {

/// The column can feed the input: any type can where text is wanted; numbers, whole numbers and booleans where numbers are wanted, and a
/// column without any value too. The error names the first value that does not fit.
Result<void> check_column(const Port& port, const table::Field& field, const table::Column& column);

/// Number of a present row as a model sees it: rounded to float, as the tensors of `cupel train`'s models are.
double float_number(const table::Column& column, std::int64_t row);

/// Some rows of a column as the tensor [rows, 1] (or [rows]) of a model's input; owns what the tensor views.
class ColumnTensor {
 public:
  /// Rows `begin` to `end` of a column that passed check_column. Null: "" of text, NaN of numbers, an error of whole numbers.
  Result<void> fill(const Port& port, const table::Column& column, std::int64_t begin, std::int64_t end);
  InputTensor tensor() const { return {shape_, texts_, numbers_, integers_}; }

 private:
  std::vector<std::int64_t> shape_;
  std::vector<std::string_view> texts_;
  std::vector<double> numbers_;
  std::vector<std::int64_t> integers_;
  std::deque<std::string> rendered_;  // texts of values that are not text in the table; addresses stay
};

}  // namespace cupel::model
