// Values of the operands: columns, literals, arithmetic.
#include <cmath>

#include "table/expression_internal.h"

namespace cupel::table {
namespace {

Values values_of_literal(const Literal& literal, std::size_t n) {
  Values values;
  values.kind = literal.kind;
  switch (literal.kind) {
    case Kind::number: values.numbers.assign(n, literal.number); break;
    case Kind::text: values.texts.assign(n, literal.text); break;
    case Kind::null: values.nulls.assign(n, 1); break;
    default: values.integers.assign(n, literal.integer);
  }
  return values;
}

Values values_of_column(const Column& column, std::int64_t num_rows) {
  Values values;
  const auto n = static_cast<std::size_t>(num_rows);
  if (column.validity != nullptr) {
    values.nulls.resize(n);
    for (std::size_t row = 0; row < n; ++row) values.nulls[row] = column.is_null(static_cast<std::int64_t>(row)) ? 1 : 0;
  }
  switch (column.type) {
    case Type::boolean:
      values.kind = Kind::boolean;
      values.integers.assign(column.booleans(), column.booleans() + n);
      break;
    case Type::integer:
    case Type::timestamp:
      values.kind = column.type == Type::integer ? Kind::integer : Kind::timestamp;
      values.integers.assign(column.integers(), column.integers() + n);
      break;
    case Type::number:
      values.kind = Kind::number;
      values.numbers.assign(column.numbers(), column.numbers() + n);
      break;
    case Type::text:
      values.kind = Kind::text;
      values.texts.resize(n);
      for (std::size_t row = 0; row < n; ++row) {
        if (!values.is_null(row)) values.texts[row] = column.text(static_cast<std::int64_t>(row));
      }
      break;
  }
  return values;
}

// The truths of a condition as values.
Values values_of_condition(const Node& node, const Rows& rows) {
  std::vector<std::uint8_t> truth(static_cast<std::size_t>(rows.num_rows));
  truth_of(node, rows, truth.data());
  Values values;
  values.kind = Kind::boolean;
  values.nulls.resize(truth.size());
  values.integers.resize(truth.size());
  for (std::size_t row = 0; row < truth.size(); ++row) {
    values.nulls[row] = truth[row] == Expression::k_unknown ? 1 : 0;
    values.integers[row] = truth[row] == Expression::k_true ? 1 : 0;
  }
  return values;
}

void set_null(Values& values, std::size_t row, std::size_t n) {
  if (values.nulls.empty()) values.nulls.assign(n, 0);
  values.nulls[row] = 1;
}

// In double; a division by zero is null, as there is no number to be had.
Values arithmetic(const Node& node, const Rows& rows) {
  Values left = values_of(*node.children[0], rows);
  Values right = values_of(*node.children[1], rows);
  const auto n = static_cast<std::size_t>(rows.num_rows);
  if (left.kind == Kind::null || right.kind == Kind::null) return values_of_literal(Literal{}, n);
  to_numbers(left);
  to_numbers(right);
  for (std::size_t row = 0; row < n; ++row) {
    if (right.is_null(row)) set_null(left, row, n);
    double& value = left.numbers[row];
    const double by = right.numbers[row];
    switch (node.arithmetic) {
      case '+': value += by; break;
      case '-': value -= by; break;
      case '*': value *= by; break;
      case '/': by == 0 ? set_null(left, row, n) : void(value /= by); break;
      default: by == 0 ? set_null(left, row, n) : void(value = std::fmod(value, by));
    }
  }
  return left;
}

}  // namespace

void to_numbers(Values& values) {
  if (values.kind != Kind::boolean && values.kind != Kind::integer) return;
  values.kind = Kind::number;
  values.numbers.assign(values.integers.begin(), values.integers.end());
}

Values instants_of(const Node& node, const Rows& rows) {
  Literal instant;
  instant.kind = Kind::timestamp;
  instant.integer = *node.literal.instant;
  return values_of_literal(instant, static_cast<std::size_t>(rows.num_rows));
}

Values values_of(const Node& node, const Rows& rows) {
  switch (node.op) {
    case Op::literal: return values_of_literal(node.literal, static_cast<std::size_t>(rows.num_rows));
    case Op::column:
      if (rows.is_absent(node.column)) return values_of_literal(Literal{}, static_cast<std::size_t>(rows.num_rows));
      return values_of_column(rows.columns[static_cast<std::size_t>(node.column)], rows.num_rows);
    case Op::arithmetic: return arithmetic(node, rows);
    case Op::compare:
    case Op::all:
    case Op::any:
    case Op::negate:
    case Op::in:
    case Op::like:
    case Op::is_null:
    case Op::starts_with:
    case Op::ends_with:
    case Op::contains:
    case Op::regexp_like: return values_of_condition(node, rows);
    default: return call_function(node, rows);
  }
}

}  // namespace cupel::table
