#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "table/expression.h"
#include "table/like_pattern.h"
#include "table/timestamp.h"

namespace re2 {
class RE2;
}

namespace cupel::table {

enum class Op {
  literal,
  column,
  compare,
  all,
  any,
  negate,
  in,
  like,
  is_null,
  regexp_like,
  starts_with,
  ends_with,
  contains,  // truths
  arithmetic,
  minus,
  abs,
  round,
  length,
  date_diff,
  date_part,  // numbers
  lower,
  upper,
  trim,        // text
  date_trunc,
  date_add,  // timestamps
  coalesce,    // what its arguments are
};

enum class Comparison { equal, not_equal, less, at_most, greater, at_least };
/// The same with its sides exchanged.
Comparison mirrored(Comparison comparison);

/// What a part of an expression yields for each row.
enum class Kind { null, boolean, integer, number, text, timestamp };

struct Literal {
  Kind kind = Kind::null;
  std::int64_t integer = 0;               ///< of integer and boolean
  double number = 0;                      ///< of integer (rounded), boolean and number
  std::string text{};                     ///< of text
  std::optional<std::int64_t> instant{};  ///< of text that is a timestamp
};

/// The values of `in (…)`, ready for look-up.
struct ValueSet {
  std::vector<Literal> literals;
  bool has_null = false;
  std::vector<std::int64_t> integers;  ///< sorted; whole numbers however they were written
  std::vector<double> numbers;         ///< sorted; the others
  std::vector<std::int64_t> instants;  ///< sorted
  std::unordered_set<std::string_view> texts;
};

/// One node of the tree, immutable once made.
struct Expression::Node {
  Op op = Op::literal;
  std::vector<std::shared_ptr<const Node>> children;
  Comparison comparison = Comparison::equal;
  char arithmetic = '+';
  int digits = 0;    ///< of round
  int column = -1;   ///< index into Expression::columns()
  std::string name;  ///< of column
  Literal literal;
  CalendarUnit unit = CalendarUnit::day;
  bool weekday = false;  ///< of date_part: the day of the week, not a unit
  std::string needle;    ///< of starts_with, ends_with and contains
  std::shared_ptr<const ValueSet> set;
  std::shared_ptr<const LikePattern> like;
  std::shared_ptr<const re2::RE2> regexp;

  std::shared_ptr<const std::string> source;  ///< the text that it was parsed from, and its part
  std::size_t begin = 0;
  std::size_t end = 0;
  int depth = 1;
  /// The one column that the node reads, k_no_column or k_columns: truths over one dictionary-encoded column are found once an entry.
  int only_column = k_no_column;
  static constexpr int k_no_column = -1;
  static constexpr int k_columns = -2;

  std::string_view fragment() const { return std::string_view(*source).substr(begin, end - begin); }
  bool is_literal() const { return op == Op::literal; }
};

using Node = Expression::Node;
using NodePtr = std::shared_ptr<const Expression::Node>;

struct Parsed {
  NodePtr root;
  std::vector<std::string> columns;
};
/// Errors lack the place.
Result<Parsed> parse_expression(std::shared_ptr<const std::string> text);

/// The types of the columns, and their fields where known, for messages.
struct Binding {
  std::span<const Type> types;
  std::span<const Field* const> fields{};
  std::span<const std::uint8_t> absent{};  ///< as in Rows

  bool is_absent(int column) const {
    const auto index = static_cast<std::size_t>(column);
    return (!absent.empty() && absent[index] != 0) || (!fields.empty() && fields[index]->no_values);
  }
};
/// Checks the kinds of all operands below and answers with the node's own. Errors lack the place.
Result<Kind> check_kinds(const Node& node, const Binding& binding);
/// The same for the whole expression, which must be a truth.
Result<void> check_condition(const Node& root, const Binding& binding);

/// The rows at hand: columns by their index in Expression::columns().
struct Rows {
  std::span<const Column> columns;
  std::int64_t num_rows = 0;
  std::span<const std::uint8_t> absent{};  ///< 1: the column is null in every row, and so of any type; empty: no such column

  bool is_absent(int column) const { return !absent.empty() && absent[static_cast<std::size_t>(column)] != 0; }
};

/// The value of a node for every row. Booleans are integers.
struct Values {
  Kind kind = Kind::null;
  std::vector<std::uint8_t> nulls;      ///< one byte a row, 1 = null; empty: none is
  std::vector<std::int64_t> integers;   ///< boolean, integer, timestamp
  std::vector<double> numbers;          ///< number
  std::vector<std::string_view> texts;  ///< into the batch or into arenas
  std::vector<std::unique_ptr<std::string>> arenas;

  bool is_null(std::size_t row) const { return !nulls.empty() && nulls[row] != 0; }
};

/// Of nodes whose kinds were checked against the types of these columns.
void truth_of(const Node& node, const Rows& rows, std::uint8_t* truth);
Values values_of(const Node& node, const Rows& rows);
/// Values of the kinds boolean and integer as numbers, others as they are.
void to_numbers(Values& values);
/// Text literals where the other side is a timestamp.
Values instants_of(const Node& node, const Rows& rows);

// Kernels over a column or over values.
void compare_with_literal(const Column& column, std::int64_t num_rows, Comparison comparison, const Literal& literal, std::uint8_t* truth);
void compare_values(const Values& left, const Values& right, std::int64_t num_rows, Comparison comparison, std::uint8_t* truth);
void in_set(const Values& values, std::int64_t num_rows, const ValueSet& set, std::uint8_t* truth);
Values call_function(const Node& node, const Rows& rows);

}  // namespace cupel::table
