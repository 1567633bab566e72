#pragma once

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "source/read.h"

namespace cupel::source {

/// For tests: columns of every Arrow type that is read, with what each value must read as.
struct KnownColumn {
  std::string name;
  std::shared_ptr<arrow::Array> array;
  table::Type type = table::Type::text;
  std::vector<std::string> texts;  ///< a row; "null" for a null
};

using IsNull = std::function<bool(std::int64_t row)>;

template <typename Builder, typename ValueOf, typename TextOf>
KnownColumn known_column(std::string name, const std::shared_ptr<arrow::DataType>& arrow_type, table::Type type, std::int64_t num_rows,
                         const IsNull& is_null, ValueOf value_of, TextOf text_of) {
  KnownColumn column{std::move(name), nullptr, type, {}};
  auto builder = arrow::MakeBuilder(arrow_type).ValueOrDie();
  auto& typed = dynamic_cast<Builder&>(*builder);
  for (std::int64_t row = 0; row < num_rows; ++row) {
    if (is_null(row)) {
      EXPECT_TRUE(typed.AppendNull().ok());
      column.texts.emplace_back("null");
    } else {
      EXPECT_TRUE(typed.Append(value_of(row)).ok());
      column.texts.push_back(text_of(row));
    }
  }
  column.array = builder->Finish().ValueOrDie();
  return column;
}

/// One of each. The texts are written by hand or by the C library, not by what is tested.
inline std::vector<KnownColumn> known_columns(std::int64_t num_rows, const IsNull& is_null) {
  using table::Type;
  std::vector<KnownColumn> columns;
  const auto small = [](std::int64_t row) { return (row * 37) % 120 - 60; };
  const auto small_text = [=](std::int64_t row) { return std::to_string(small(row)); };
  const auto natural = [](std::int64_t row) { return row * 37 % 120; };
  const auto natural_text = [=](std::int64_t row) { return std::to_string(natural(row)); };
  const auto add_integers = [&]<typename Builder>(Builder*, const char* name, const std::shared_ptr<arrow::DataType>& type, auto value,
                                                  auto text) {
    columns.push_back(known_column<Builder>(name, type, Type::integer, num_rows, is_null, value, text));
  };
  add_integers(
      static_cast<arrow::Int8Builder*>(nullptr), "int8", arrow::int8(), [=](auto row) { return static_cast<std::int8_t>(small(row)); },
      small_text);
  add_integers(
      static_cast<arrow::Int16Builder*>(nullptr), "int16", arrow::int16(), [=](auto row) { return static_cast<std::int16_t>(small(row)); },
      small_text);
  add_integers(
      static_cast<arrow::Int32Builder*>(nullptr), "int32", arrow::int32(), [=](auto row) { return static_cast<std::int32_t>(small(row)); },
      small_text);
  add_integers(
      static_cast<arrow::UInt8Builder*>(nullptr), "uint8", arrow::uint8(),
      [=](auto row) { return static_cast<std::uint8_t>(natural(row)); }, natural_text);
  add_integers(
      static_cast<arrow::UInt16Builder*>(nullptr), "uint16", arrow::uint16(),
      [=](auto row) { return static_cast<std::uint16_t>(natural(row)); }, natural_text);
  add_integers(
      static_cast<arrow::UInt32Builder*>(nullptr), "uint32", arrow::uint32(),
      [](auto row) { return 4'294'967'295U - static_cast<std::uint32_t>(row); },
      [](auto row) { return std::to_string(4'294'967'295LL - row); });
  add_integers(
      static_cast<arrow::Int64Builder*>(nullptr), "int64", arrow::int64(), [](auto row) { return INT64_MIN + row; },
      [](auto row) { return row == 0 ? "-9223372036854775808" : "-" + std::to_string(INT64_MAX - row + 1); });
  columns.push_back(known_column<arrow::UInt64Builder>(
      "uint64", arrow::uint64(), Type::number, num_rows, is_null, [](auto) { return std::uint64_t{1} << 63; },
      [](auto) { return "9223372036854775808"; }));
  columns.push_back(known_column<arrow::BooleanBuilder>(
      "boolean", arrow::boolean(), Type::boolean, num_rows, is_null, [](auto row) { return row % 3 == 0; },
      [](auto row) { return row % 3 == 0 ? "true" : "false"; }));
  columns.push_back(known_column<arrow::FloatBuilder>(
      "float", arrow::float32(), Type::number, num_rows, is_null, [](auto row) { return static_cast<float>(row % 50) + 0.5F; },
      [](auto row) { return std::to_string(row % 50) + ".5"; }));
  columns.push_back(known_column<arrow::DoubleBuilder>(
      "double", arrow::float64(), Type::number, num_rows, is_null, [](auto row) { return static_cast<double>(row) - 0.25; },
      [](auto row) { return row == 0 ? "-0.25" : std::to_string(row - 1) + ".75"; }));
  columns.push_back(known_column<arrow::HalfFloatBuilder>(
      "half", arrow::float16(), Type::number, num_rows, is_null,
      [](auto row) { return arrow::util::Float16(static_cast<float>(row % 8) + 0.5F).bits(); },
      [](auto row) { return std::to_string(row % 8) + ".5"; }));
  for (const auto& [name, type] : {std::pair{"decimal_short", arrow::decimal128(7, 2)},
                                   {"decimal_middle", arrow::decimal128(15, 2)},
                                   {"decimal_long", arrow::decimal128(30, 2)}}) {
    columns.push_back(known_column<arrow::Decimal128Builder>(
        name, type, Type::number, num_rows, is_null, [](auto row) { return arrow::Decimal128((row % 90) * 100 + 25); },
        [](auto row) { return std::to_string(row % 90) + ".25"; }));
  }
  columns.push_back(known_column<arrow::Decimal256Builder>(
      "decimal_longest", arrow::decimal256(60, 2), Type::number, num_rows, is_null,
      [](auto row) { return arrow::Decimal256(-((row % 90) * 100 + 25)); },
      [](auto row) { return "-" + std::to_string(row % 90) + ".25"; }));
  const auto day = [](auto row) { return static_cast<std::int32_t>(row % 28); };
  const auto day_text = [=](auto row) { return fmt::format("1970-01-{:02}", day(row) + 1); };
  columns.push_back(known_column<arrow::Date32Builder>("date32", arrow::date32(), Type::timestamp, num_rows, is_null, day, day_text));
  columns.push_back(known_column<arrow::Date64Builder>(
      "date64", arrow::date64(), Type::timestamp, num_rows, is_null, [=](auto row) { return std::int64_t{day(row)} * 86'400'000; },
      day_text));
  const auto clock_text = [](auto row) { return fmt::format("1969-12-31T23:59:{:02}Z", 59 - row % 50); };
  for (const auto& [unit, ticks] : {std::pair{arrow::TimeUnit::SECOND, 1},
                                    {arrow::TimeUnit::MILLI, 1'000},
                                    {arrow::TimeUnit::MICRO, 1'000'000},
                                    {arrow::TimeUnit::NANO, 1'000'000'000}}) {
    columns.push_back(known_column<arrow::TimestampBuilder>(
        fmt::format("time{}", ticks), arrow::timestamp(unit, "UTC"), Type::timestamp, num_rows, is_null,
        [ticks = std::int64_t{ticks}](auto row) { return -(1 + row % 50) * ticks; }, clock_text));
  }
  const auto text = [](std::int64_t row) {
    return row % 5 == 0   ? std::string()
           : row % 5 == 1 ? std::string("comma, \"quote\"\nbreak")
                          : fmt::format("text {} é", row * 7919 % 300);
  };
  columns.push_back(known_column<arrow::StringBuilder>("text", arrow::utf8(), Type::text, num_rows, is_null, text, text));
  columns.push_back(known_column<arrow::LargeStringBuilder>("large_text", arrow::large_utf8(), Type::text, num_rows, is_null, text, text));
  columns.push_back(known_column<arrow::StringViewBuilder>("text_view", arrow::utf8_view(), Type::text, num_rows, is_null, text, text));
  columns.push_back(known_column<arrow::BinaryBuilder>("binary", arrow::binary(), Type::text, num_rows, is_null, text, text));
  columns.push_back(known_column<arrow::StringDictionaryBuilder>("dictionary", arrow::dictionary(arrow::int32(), arrow::utf8()), Type::text,
                                                                 num_rows, is_null, text, text));
  KnownColumn nothing{"nothing", arrow::MakeArrayOfNull(arrow::null(), num_rows).ValueOrDie(), Type::text, {}};
  nothing.texts.assign(static_cast<std::size_t>(num_rows), "null");
  columns.push_back(std::move(nothing));
  return columns;
}

inline std::shared_ptr<arrow::RecordBatch> as_record_batch(const std::vector<KnownColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const KnownColumn& column : columns) {
    fields.push_back(arrow::field(column.name, column.array->type()));
    arrays.push_back(column.array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays.empty() ? 0 : arrays[0]->length(), arrays);
}

/// Gathers what a scan shows, as text; nulls as "null".
class ShownRows : public table::ChunkVisitor {
 public:
  struct Rows : Chunk {
    void visit(const table::Batch& batch) override {
      columns.resize(batch.columns.size());
      EXPECT_EQ(batch.first_row, num_rows);
      num_rows += batch.num_rows;
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        const table::Column& column = batch.columns[c];
        EXPECT_EQ(column.num_rows, batch.num_rows);
        if (column.codes != nullptr) ++num_coded;
        for (std::int64_t row = 0; row < batch.num_rows; ++row) {
          columns[c].push_back(column.is_null(row) ? "null" : table::value_text(column, row));
        }
      }
    }
    std::vector<std::vector<std::string>> columns;
    std::int64_t num_rows = 0;
    std::int64_t num_coded = 0;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Rows>(); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t rows) override {
    auto& more = dynamic_cast<Rows&>(*chunk);
    EXPECT_EQ(more.num_rows, rows);
    columns.resize(std::max(columns.size(), more.columns.size()));
    for (std::size_t c = 0; c < more.columns.size(); ++c)
      columns[c].insert(columns[c].end(), more.columns[c].begin(), more.columns[c].end());
    num_rows += rows;
    num_coded += more.num_coded;
    ++num_chunks;
  }
  void restart() override { *this = ShownRows(); }
  std::vector<std::vector<std::string>> columns;
  std::int64_t num_rows = 0;
  std::int64_t num_coded = 0;
  std::int64_t num_chunks = 0;
};

/// Reads all columns as they are and as text, and compares.
inline void expect_known(table::BatchSource& source, const std::vector<KnownColumn>& columns, const table::ScanOptions& options) {
  std::vector<table::ColumnRequest> requests;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ASSERT_LT(c, source.schema().fields.size());
    EXPECT_EQ(source.schema().fields[c].name, columns[c].name);
    EXPECT_EQ(source.schema().fields[c].type, columns[c].type) << columns[c].name;
    requests.push_back({static_cast<int>(c), table::ColumnRequest::As::native});
    requests.push_back({static_cast<int>(c), table::ColumnRequest::As::text});
  }
  ShownRows shown;
  const auto scanned = source.scan(requests, shown, options);
  ASSERT_TRUE(scanned) << scanned.error().text();
  ASSERT_EQ(shown.columns.size(), requests.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    EXPECT_EQ(shown.columns[2 * c], columns[c].texts) << columns[c].name;
    EXPECT_EQ(shown.columns[2 * c + 1], columns[c].texts) << columns[c].name << " as text";
  }
}

}  // namespace cupel::source
