// The input is the text of an expression; it meets a table with a column of every type.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "row_evaluator.h"
#include "table/expression.h"
#include "table/table.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

using table::Batch;
using table::Column;
using table::ColumnBuilder;
using table::Expression;
using table::Table;
using table::Type;

constexpr std::int64_t k_rows = 43;

Table make_table() {
  constexpr std::int64_t k_integers[] = {
      0, 1, -1, 2, 3, 7, 9007199254740993, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
  const double numbers[] = {0,
                            -0.0,
                            1,
                            2.5,
                            -2.5,
                            0.1,
                            9007199254740992.0,
                            9223372036854775808.0,
                            1e308,
                            std::nan(""),
                            std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(),
                            5e-324};
  constexpr std::string_view k_texts[] = {"", "a", "ab", "aB", "%", "_", "é", "\xf0\x9f\x98\x80x", " a ", "2020-01-01", "7", "Tops", "a_b"};
  constexpr std::int64_t k_instants[] = {0, -1, 1577836800000000, 1577836800000001, -62135596800000000, 253402300799999999};
  table::Schema schema;
  schema.fields = {{"i", Type::integer},           {"n", Type::number},    {"t", Type::text},
                   {"b", Type::boolean},           {"u", Type::timestamp}, {"Review Text", Type::text},
                   {"none", Type::text, {}, true}, {"j", Type::integer}};
  std::vector<ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  for (std::int64_t row = 0; row < k_rows; ++row) {
    const auto r = static_cast<std::size_t>(row);
    const auto put = [&](std::size_t column, bool present, auto value) {
      present ? columns[column].append(value) : columns[column].append_null();
    };
    put(0, r % 7 != 3, k_integers[r % std::size(k_integers)]);
    put(1, r % 9 != 5, numbers[r % std::size(numbers)]);
    put(2, r % 8 != 2, k_texts[r % std::size(k_texts)]);
    put(3, r % 5 != 4, static_cast<std::int64_t>(r % 3 == 0));
    put(4, r % 6 != 1, k_instants[r % std::size(k_instants)]);
    put(5, r % 4 != 0, k_texts[(r * 5) % std::size(k_texts)]);
    columns[6].append_null();
    put(7, true, static_cast<std::int64_t>(r) - 5);
  }
  return {std::move(schema), std::move(columns)};
}

/// The same text with codes into a dictionary.
class Encoded {
 public:
  explicit Encoded(const Column& plain) : dictionary_(Type::text), plain_(plain) {
    std::vector<std::string_view> entries;
    for (std::int64_t row = 0; row < plain.num_rows; ++row) {
      const std::string_view text = plain.is_null(row) ? "" : plain.text(row);
      auto found = std::find(entries.begin(), entries.end(), text);
      if (found == entries.end()) found = entries.insert(entries.end(), text);
      codes_.push_back(plain.is_null(row) ? 77 : static_cast<std::int32_t>(found - entries.begin()));  // any code where null
    }
    for (const std::string_view entry : entries) dictionary_.append(entry);
    view_ = dictionary_.view();
  }
  Column column() const {
    Column column = plain_;
    column.offsets = nullptr;
    column.bytes = nullptr;
    column.codes = codes_.data();
    column.dictionary = &view_;
    return column;
  }

 private:
  ColumnBuilder dictionary_;
  Column plain_;
  Column view_;
  std::vector<std::int32_t> codes_;
};

using Truths = std::vector<std::uint8_t>;

/// Rows [from, from + count) of the columns.
Truths evaluate(const Expression& expression, std::span<const Column> columns, std::int64_t from, std::int64_t count) {
  Batch batch{0, count, {}};
  std::vector<int> slots;
  for (const Column& column : columns) {
    slots.push_back(static_cast<int>(columns.size() - 1 - batch.columns.size()));
    batch.columns.push_back(table::slice(column, from, count));
  }
  std::ranges::reverse(batch.columns);  // so that slots are not the positions
  Truths truths(static_cast<std::size_t>(count), 99);
  expression.evaluate(batch, slots, truths.data());
  return truths;
}

Truths evaluate_in_parts(const Expression& expression, std::span<const Column> columns, std::int64_t rows) {
  Truths all;
  for (std::int64_t from = 0; from < k_rows; from += rows) {
    const Truths part = evaluate(expression, columns, from, std::min(rows, k_rows - from));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

void fuzz_expression(std::string_view input) {
  if (input.size() > 2000) return;
  static const Table k_table = make_table();
  Result<Expression> parsed = Expression::parse(input, "x.yaml:1:2");
  if (!parsed) {
    CHECK(parsed.error().message.starts_with("x.yaml:1:2: "), "{}", parsed.error().message);
    return;
  }
  const Expression& expression = *parsed;
  CHECK(expression.text() == input);
  std::vector<Column> columns;
  for (const std::string& name : expression.columns()) {
    const std::optional<int> field = k_table.schema().find(name);
    if (!field) {
      CHECK(!expression.bind(k_table.schema()));
      return;
    }
    columns.push_back(k_table.column(*field));
  }
  const bool bound = expression.bind(k_table.schema()).has_value();
  const Truths whole = evaluate(expression, columns, 0, k_rows);
  for (const std::uint8_t truth : whole) CHECK(truth <= Expression::k_unknown, "{}", truth);
  if (!bound) {  // what a clash gives is thrown away, but it must not lead astray
    (void)evaluate_in_parts(expression, columns, 1);
    return;
  }
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{5}})
    CHECK(evaluate_in_parts(expression, columns, rows) == whole, "{}", rows);

  std::vector<Encoded> encoded;
  encoded.reserve(columns.size());
  std::vector<Column> with_codes = columns;
  for (Column& column : with_codes) {
    if (column.type == Type::text) column = encoded.emplace_back(column).column();
  }
  CHECK(evaluate(expression, with_codes, 0, k_rows) == whole);
  CHECK(evaluate_in_parts(expression, with_codes, 17) == whole);
  const Expression twice = Expression::all_of(expression, expression);
  CHECK(evaluate(twice, columns, 0, k_rows) == whole);

  const Result<table::Parsed> tree = table::parse_expression(std::make_shared<const std::string>(input));
  CHECK(tree.has_value());
  for (std::int64_t row = 0; row < k_rows; ++row) {
    const std::uint8_t expected = truth_of_row(*tree->root, columns, row);
    CHECK(whole[static_cast<std::size_t>(row)] == expected, "row {}: {} against {}", row, whole[static_cast<std::size_t>(row)], expected);
  }
  if (const Result<Expression> negated = Expression::parse("not (" + std::string(input) + ")", "x"); negated) {
    const Truths opposite = evaluate(*negated, columns, 0, k_rows);
    for (std::size_t row = 0; row < whole.size(); ++row) CHECK(opposite[row] == (whole[row] == 2 ? 2 : 1 - whole[row]), "row {}", row);
  }
}

}  // namespace cupel::fuzz
