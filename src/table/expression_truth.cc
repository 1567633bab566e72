// Truth of conditions, row by row, with SQL's three values.
#include <re2/re2.h>

#include <algorithm>

#include "table/expression_internal.h"

namespace cupel::table {
namespace {

constexpr auto k_false = static_cast<std::uint8_t>(Expression::k_false);
constexpr auto k_true = static_cast<std::uint8_t>(Expression::k_true);
constexpr auto k_unknown = static_cast<std::uint8_t>(Expression::k_unknown);

constexpr std::uint8_t k_and[9] = {k_false, k_false, k_false, k_false, k_true, k_unknown, k_false, k_unknown, k_unknown};
constexpr std::uint8_t k_or[9] = {k_false, k_true, k_unknown, k_true, k_true, k_true, k_unknown, k_true, k_unknown};
constexpr std::uint8_t k_not[3] = {k_true, k_false, k_unknown};

void truth_of_chain(const Node& node, const Rows& rows, std::uint8_t* truth) {
  const std::uint8_t* table = node.op == Op::all ? k_and : k_or;
  truth_of(*node.children[0], rows, truth);
  std::vector<std::uint8_t> next(static_cast<std::size_t>(rows.num_rows));
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    truth_of(*node.children[i], rows, next.data());
    for (std::size_t row = 0; row < next.size(); ++row) truth[row] = table[truth[row] * 3 + next[row]];
  }
}

void truth_of_compare(const Node& node, const Rows& rows, std::uint8_t* truth) {
  const Node& left = *node.children[0];
  const Node& right = *node.children[1];
  if (left.op == Op::column && right.is_literal() && !rows.is_absent(left.column)) {
    return compare_with_literal(rows.columns[static_cast<std::size_t>(left.column)], rows.num_rows, node.comparison, right.literal, truth);
  }
  Values a = values_of(left, rows);
  Values b = values_of(right, rows);
  if (a.kind == Kind::timestamp && b.kind == Kind::text) b = instants_of(right, rows);
  if (b.kind == Kind::timestamp && a.kind == Kind::text) a = instants_of(left, rows);
  compare_values(a, b, rows.num_rows, node.comparison, truth);
}

template <typename Match>
void truth_of_match(const Values& values, std::int64_t num_rows, std::uint8_t* truth, Match matches) {
  for (std::size_t row = 0; row < static_cast<std::size_t>(num_rows); ++row) {
    truth[row] = values.kind == Kind::null || values.is_null(row) ? k_unknown : matches(values.texts[row]) ? k_true : k_false;
  }
}

void truth_of_is_null(const Node& node, const Rows& rows, std::uint8_t* truth) {
  const Node& child = *node.children[0];
  if (child.op == Op::column) {
    const Column& column = rows.columns[static_cast<std::size_t>(child.column)];
    for (std::int64_t row = 0; row < rows.num_rows; ++row) truth[row] = column.is_null(row) ? k_true : k_false;
    return;
  }
  const Values values = values_of(child, rows);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows.num_rows); ++row) {
    truth[row] = values.kind == Kind::null || values.is_null(row) ? k_true : k_false;
  }
}

// A boolean value as it is.
void truth_of_value(const Node& node, const Rows& rows, std::uint8_t* truth) {
  const Values values = values_of(node, rows);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows.num_rows); ++row) {
    truth[row] = values.kind == Kind::null || values.is_null(row) ? k_unknown : values.integers[row] != 0 ? k_true : k_false;
  }
}

void truth_of_op(const Node& node, const Rows& rows, std::uint8_t* truth) {
  switch (node.op) {
    case Op::all:
    case Op::any: return truth_of_chain(node, rows, truth);
    case Op::negate:
      truth_of(*node.children[0], rows, truth);
      for (std::int64_t row = 0; row < rows.num_rows; ++row) truth[row] = k_not[truth[row]];
      return;
    case Op::compare: return truth_of_compare(node, rows, truth);
    case Op::in: {
      const Values values = values_of(*node.children[0], rows);
      return in_set(values, rows.num_rows, *node.set, truth);
    }
    case Op::like:
      return truth_of_match(values_of(*node.children[0], rows), rows.num_rows, truth,
                            [&](std::string_view text) { return node.like->matches(text); });
    case Op::regexp_like:
      return truth_of_match(values_of(*node.children[0], rows), rows.num_rows, truth, [&](std::string_view text) {
        return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.regexp);
      });
    case Op::starts_with:
      return truth_of_match(values_of(*node.children[0], rows), rows.num_rows, truth, [&](std::string_view text) { return text.starts_with(node.needle); });
    case Op::ends_with:
      return truth_of_match(values_of(*node.children[0], rows), rows.num_rows, truth, [&](std::string_view text) { return text.ends_with(node.needle); });
    case Op::contains:
      return truth_of_match(values_of(*node.children[0], rows), rows.num_rows, truth,
                            [&](std::string_view text) { return text.find(node.needle) != std::string_view::npos; });
    case Op::is_null: return truth_of_is_null(node, rows, truth);
    default: return truth_of_value(node, rows, truth);
  }
}

// The whole condition once for every entry of the dictionary and once for null, then a look-up a row.
void truth_by_dictionary(const Node& node, const Rows& rows, std::uint8_t* truth) {
  const Column& column = rows.columns[static_cast<std::size_t>(node.only_column)];
  std::vector<Column> columns(rows.columns.begin(), rows.columns.end());
  Column& replaced = columns[static_cast<std::size_t>(node.only_column)];
  replaced = *column.dictionary;
  std::vector<std::uint8_t> of_entry(static_cast<std::size_t>(replaced.num_rows));
  truth_of_op(node, Rows{columns, replaced.num_rows, rows.absent}, of_entry.data());

  static constexpr std::uint8_t k_absent = 0;
  static constexpr std::int32_t k_offsets[2] = {0, 0};
  replaced = Column{};
  replaced.num_rows = 1;
  replaced.validity = &k_absent;
  replaced.offsets = k_offsets;
  replaced.bytes = "";
  std::uint8_t of_null = 0;
  truth_of_op(node, Rows{columns, 1, rows.absent}, &of_null);
  for (std::int64_t row = 0; row < rows.num_rows; ++row) {
    truth[row] = column.is_null(row) ? of_null : of_entry[static_cast<std::size_t>(column.codes[row])];
  }
}

}  // namespace

void truth_of(const Node& node, const Rows& rows, std::uint8_t* truth) {
  if (rows.num_rows == 0) return;
  if (node.only_column >= 0 && !rows.is_absent(node.only_column)) {
    const Column& column = rows.columns[static_cast<std::size_t>(node.only_column)];
    if (column.codes != nullptr && column.dictionary->num_rows < rows.num_rows) return truth_by_dictionary(node, rows, truth);
  }
  truth_of_op(node, rows, truth);
}

}  // namespace cupel::table
