#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "states/state.h"
#include "table/table.h"

// Rows for the law suite: what a state may meet, by type and shape, always the same bytes.
namespace cupel::states {

struct SampleTable {
  std::string name;
  table::Table table;
};

inline void append_sample(table::ColumnBuilder& column, Random& random, std::int64_t spread) {
  const auto pick = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(spread)));
  switch (column.type()) {
    case table::Type::boolean: return column.append(pick % 2);
    case table::Type::integer: return column.append(pick - spread / 2);
    case table::Type::number: return column.append(static_cast<double>(pick) / 8 - 3);
    case table::Type::timestamp: return column.append(1'600'000'000'000'000 + pick * 1'000'000);
    case table::Type::text:
      return column.append(std::string_view(std::string(static_cast<std::size_t>(pick % 5), 'a') + std::to_string(pick)));
  }
}

inline table::Table sample_table(table::Type type, int num_columns, std::int64_t rows, std::int64_t spread, double null_share,
                                 std::uint64_t seed) {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  for (int i = 0; i < num_columns; ++i) {
    Random random(seed, "sample column", static_cast<std::uint64_t>(i));
    schema.fields.push_back({"c" + std::to_string(i), type});
    table::ColumnBuilder& column = columns.emplace_back(type);
    for (std::int64_t row = 0; row < rows; ++row) {
      if (random.uniform() < null_share) {
        column.append_null();
      } else {
        append_sample(column, random, spread);
      }
    }
  }
  if (num_columns == 0) {  // rows without a column that the state reads
    schema.fields.push_back({"c0", type});
    table::ColumnBuilder& column = columns.emplace_back(type);
    for (std::int64_t row = 0; row < rows; ++row) column.append_null();
  }
  return {std::move(schema), std::move(columns)};
}

inline table::Table number_table(int num_columns, const std::vector<double>& values) {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  for (int i = 0; i < num_columns; ++i) {
    schema.fields.push_back({"c" + std::to_string(i), table::Type::number});
    table::ColumnBuilder& column = columns.emplace_back(table::Type::number);
    for (const double value : values) column.append(value);
  }
  return {std::move(schema), std::move(columns)};
}

inline std::vector<SampleTable> sample_tables(table::Type type, int num_columns) {
  std::vector<SampleTable> all;
  all.push_back({"no rows", sample_table(type, num_columns, 0, 5, 0, 1)});
  all.push_back({"one row", sample_table(type, num_columns, 1, 5, 0, 2)});
  all.push_back({"one null", sample_table(type, num_columns, 1, 5, 1, 3)});
  all.push_back({"all null", sample_table(type, num_columns, 40, 5, 1, 4)});
  all.push_back({"one value again and again", sample_table(type, num_columns, 60, 1, 0, 5)});
  all.push_back({"few values", sample_table(type, num_columns, 500, 4, 0, 6)});
  all.push_back({"few values and nulls", sample_table(type, num_columns, 500, 6, 0.3, 7)});
  all.push_back({"many values and nulls", sample_table(type, num_columns, 700, 1'000'000, 0.05, 8)});
  if (type == table::Type::number && num_columns > 0) {
    constexpr double k_inf = std::numeric_limits<double>::infinity();
    all.push_back({"nan and infinities", number_table(num_columns, {NAN, 1, -0.0, k_inf, 2, NAN, -k_inf, 0, 3, -NAN, 2, 2})});
    all.push_back({"only nan", number_table(num_columns, {NAN, NAN, NAN})});
    std::vector<double> offset;
    Random random(9, "offset");
    for (int i = 0; i < 300; ++i) offset.push_back(1e8 + random.uniform());
    all.push_back({"large offset", number_table(num_columns, offset)});
  }
  return all;
}

/// Feeds the rows [from, to) in batches of random sizes up to `largest`; with a filter that keeps every row whose number is not
/// divisible by `skip` (0: all kept).
inline void feed(State& state, const table::Table& table, std::int64_t from, std::int64_t to, std::int64_t largest, std::int64_t skip,
                 Random& random) {
  std::vector<std::uint8_t> kept;
  for (std::int64_t row = from; row < to;) {
    table::Batch batch;
    batch.first_row = row - from;
    batch.num_rows = std::min<std::int64_t>(to - row, 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(largest))));
    for (std::size_t i = 0; i < table.schema().fields.size(); ++i) {
      batch.columns.push_back(table::slice(table.column(static_cast<int>(i)), row, batch.num_rows));
    }
    kept.assign(static_cast<std::size_t>(batch.num_rows), 1);
    for (std::int64_t i = 0; skip > 0 && i < batch.num_rows; ++i) kept[static_cast<std::size_t>(i)] = (row + i) % skip == 0 ? 0 : 1;
    state.update(batch, skip > 0 ? Selection{kept.data()} : Selection{});
    row += batch.num_rows;
  }
}

}  // namespace cupel::states
