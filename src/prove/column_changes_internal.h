#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "prove/data_fault.h"

namespace cupel::prove {

// What most faults are made of: which rows are hit, and a column with those rows changed.

/// Rows of the column that have a value, ascending.
std::vector<std::int64_t> present_rows(const table::Column& column);
std::vector<std::int64_t> all_rows(std::int64_t num_rows);

/// round(share × n) of n, at least 1 when n > 0 and share > 0.
std::int64_t share_of(double share, std::int64_t n);

/// `count` of these, each subset as likely, ascending.
std::vector<std::int64_t> choose(Random& random, std::vector<std::int64_t> from, std::int64_t count);
/// share_of(share, from.size()) of them.
std::vector<std::int64_t> choose_share(Random& random, std::vector<std::int64_t> from, double share);
/// In random order.
void shuffle(Random& random, std::vector<std::int64_t>& rows);

/// The rows in order of the column's value, ascending, ties by row: numbers and times by size, text bytewise; only present ones.
std::vector<std::int64_t> rows_by_value(const table::Column& column);

/// A column in which each row comes from `source[row]` of `from` (-1: null), of the same type.
table::ColumnBuilder gather(const table::Column& from, const std::vector<std::int64_t>& source);

/// A value that a row gets: nothing is null.
using NewText = std::optional<std::string>;

/// The hit rows (ascending) get `change(row)`, the others keep what they have.
template <typename Change>
table::ColumnBuilder change_texts(const table::Column& column, const std::vector<std::int64_t>& hit, Change change) {
  table::ColumnBuilder out(table::Type::text);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (next == hit.size() || hit[next] != row) {
      if (column.type == table::Type::text) {
        out.append_from(column, row);
      } else if (column.is_null(row)) {
        out.append_null();
      } else {
        out.append(std::string_view(table::value_text(column, row)));
      }
      continue;
    }
    ++next;
    const NewText text = change(row);
    if (!text || text->empty()) {
      out.append_null();
    } else {
      out.append(std::string_view(*text));
    }
  }
  return out;
}

/// A column of numbers: the hit rows get `change(row)` (nothing: null). A column of integers stays one when all new values are whole and
/// below 2^53, else it becomes one of numbers, as it would when it is read again.
template <typename Change>
table::ColumnBuilder change_numbers(const table::Column& column, const std::vector<std::int64_t>& hit, Change change) {
  std::vector<std::optional<double>> values;
  values.reserve(hit.size());
  bool whole = column.type == table::Type::integer;
  for (const std::int64_t row : hit) {
    values.push_back(change(row));
    if (values.back() && !(std::abs(*values.back()) < 0x1p53 && *values.back() == std::floor(*values.back()))) whole = false;
  }
  table::ColumnBuilder out(whole ? table::Type::integer : table::Type::number);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    const bool is_hit = next < hit.size() && hit[next] == row;
    const std::optional<double> value = is_hit ? values[next] : std::nullopt;
    if (is_hit) ++next;
    if (is_hit ? !value : column.is_null(row)) {
      out.append_null();
    } else if (whole) {
      out.append(is_hit ? static_cast<std::int64_t>(*value) : column.integers()[row]);
    } else {
      out.append(is_hit ? *value : column.as_number(row));
    }
  }
  return out;
}

/// The batch with the target column replaced.
inline table::Table with_target(const FaultInput& input, table::ColumnBuilder column) { return input.rows.with_column(input.target.field, std::move(column)); }

/// A text as a number, if the whole of it is a finite one.
std::optional<double> read_number(const std::string& text);

// Which columns: for Fault::applies.
const ColumnFacts& facts_at(const BaselineFacts& baseline, FaultTarget target);
bool applies_to_any(const BaselineFacts& baseline, FaultTarget target);  ///< with at least one value
bool applies_to_numbers(const BaselineFacts& baseline, FaultTarget target);
bool applies_to_text(const BaselineFacts& baseline, FaultTarget target);
bool applies_to_time(const BaselineFacts& baseline, FaultTarget target);
bool applies_to_categories(const BaselineFacts& baseline, FaultTarget target);

}  // namespace cupel::prove
