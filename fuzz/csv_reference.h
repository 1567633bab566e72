#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/column.h"

namespace cupel::fuzz {

/// CSV as `src/source/read.h` says it is read, one character at a time and nothing shared with the reader.
struct CsvReference {
  struct Field {
    std::string content;  ///< without quotes
    bool null = false;
  };
  /// The header is refused; nothing else is set.
  bool header_refused = false;
  std::vector<std::string> names;
  /// The rows before the first bad one.
  std::vector<std::vector<Field>> rows;
  /// The lines, from 1, among which the error of the first bad row must be.
  struct BadRow {
    long first_line = 0;
    long last_line = 0;
  };
  std::optional<BadRow> bad_row;

  table::Type type_of(std::size_t column) const;
  /// The cell as table_cells.h writes it.
  std::string cell(std::size_t row, std::size_t column, table::Type type) const;
};

CsvReference read_csv_slowly(std::string_view text, char delimiter, const std::vector<std::string>& nulls);

}  // namespace cupel::fuzz
