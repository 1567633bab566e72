#include "row_evaluator.h"

#include <re2/re2.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/text.h"

namespace cupel::fuzz {
namespace {

using table::Column;
using table::Comparison;
using table::Kind;
using table::Literal;
using table::Node;
using table::Op;

struct Value {
  Kind kind = Kind::null;
  std::int64_t integer = 0;  // boolean, integer, timestamp
  double number = 0;         // number
  std::string text{};

  bool is_null() const { return kind == Kind::null; }
  bool is_numeric() const { return kind == Kind::boolean || kind == Kind::integer || kind == Kind::number; }
  double as_double() const { return kind == Kind::number ? number : static_cast<double>(integer); }
  // 64 bits of mantissa: exact for both.
  long double exactly() const { return kind == Kind::number ? static_cast<long double>(number) : static_cast<long double>(integer); }
};

Value of_truth(bool truth) { return {Kind::boolean, truth ? 1 : 0, 0, {}}; }
Value of_number(double number) { return {Kind::number, 0, number, {}}; }

Value of_literal(const Literal& literal) {
  switch (literal.kind) {
    case Kind::null: return {};
    case Kind::number: return of_number(literal.number);
    case Kind::text: return {Kind::text, 0, 0, literal.text};
    default: return {literal.kind, literal.integer, 0, {}};
  }
}

Value of_column(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return {};
  switch (column.type) {
    case table::Type::boolean: return of_truth(column.booleans()[row] != 0);
    case table::Type::integer: return {Kind::integer, column.integers()[row], 0, {}};
    case table::Type::timestamp: return {Kind::timestamp, column.integers()[row], 0, {}};
    case table::Type::number: return of_number(column.numbers()[row]);
    case table::Type::text: return {Kind::text, 0, 0, std::string(column.text(row))};
  }
  return {};
}

template <typename T>
bool holds(Comparison comparison, const T& a, const T& b) {
  switch (comparison) {
    case Comparison::equal: return a == b;
    case Comparison::not_equal: return a != b;
    case Comparison::less: return a < b;
    case Comparison::at_most: return a <= b;
    case Comparison::greater: return a > b;
    case Comparison::at_least: return a >= b;
  }
  return false;
}

class RowEvaluator {
 public:
  RowEvaluator(std::span<const Column> columns, std::int64_t row) : columns_(columns), row_(row) {}

  Value value(const Node& node) {
    switch (node.op) {
      case Op::literal: return of_literal(node.literal);
      case Op::column: return of_column(columns_[static_cast<std::size_t>(node.column)], row_);
      case Op::compare: return compare(value(child(node, 0)), value(child(node, 1)), child(node, 0), child(node, 1), node.comparison);
      case Op::all: return chain(node, false);
      case Op::any: return chain(node, true);
      case Op::negate: {
        const Value inner = value(child(node, 0));
        return inner.is_null() ? Value{} : of_truth(inner.integer == 0);
      }
      case Op::in: return in(node);
      case Op::is_null: return of_truth(value(child(node, 0)).is_null());
      case Op::like: {
        const Value text = value(child(node, 0));
        return text.is_null() ? Value{} : of_truth(node.like->matches(text.text));
      }
      case Op::regexp_like: {
        const Value text = value(child(node, 0));
        return text.is_null() ? Value{} : of_truth(RE2::PartialMatch(text.text, *node.regexp));
      }
      case Op::arithmetic: return arithmetic(node);
      case Op::minus: return changed(node, [](double x) { return -x; });
      case Op::abs: return changed(node, [](double x) { return std::abs(x); });
      case Op::length: {
        const Value text = value(child(node, 0));
        return text.is_null() ? Value{} : Value{Kind::integer, length(text.text), 0, {}};
      }
      case Op::coalesce: return coalesce(node);
      default: return asked(node);
    }
  }

 private:
  static const Node& child(const Node& node, std::size_t i) { return *node.children[i]; }

  static std::int64_t length(const std::string& text) {
    std::int64_t characters = 0;
    for (const char byte : text) characters += (static_cast<unsigned char>(byte) & 0xc0) == 0x80 ? 0 : 1;
    return characters;
  }

  template <typename Change>
  Value changed(const Node& node, Change change) {
    const Value inner = value(child(node, 0));
    return inner.is_null() ? Value{} : of_number(change(inner.as_double()));
  }

  // Text beside a timestamp stands for an instant.
  static void make_instant(Value& value, const Node& node) {
    CHECK(node.is_literal() && node.literal.instant);
    value = {Kind::timestamp, *node.literal.instant, 0, {}};
  }

  static Value compare(Value a, Value b, const Node& left, const Node& right, Comparison comparison) {
    if (a.is_null() || b.is_null()) return {};
    if (a.kind == Kind::timestamp && b.kind == Kind::text) make_instant(b, right);
    if (b.kind == Kind::timestamp && a.kind == Kind::text) make_instant(a, left);
    if (a.is_numeric()) return of_truth(holds(comparison, a.exactly(), b.exactly()));
    if (a.kind == Kind::text) return of_truth(holds(comparison, a.text, b.text));
    return of_truth(holds(comparison, a.integer, b.integer));
  }

  // `decisive` is the truth that settles the chain: false for and, true for or.
  Value chain(const Node& node, bool decisive) {
    bool unknown = false;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Value next = value(child(node, i));
      if (next.is_null()) {
        unknown = true;
      } else if ((next.integer != 0) == decisive) {
        return of_truth(decisive);
      }
    }
    return unknown ? Value{} : of_truth(!decisive);
  }

  Value in(const Node& node) {
    const Value wanted = value(child(node, 0));
    if (wanted.is_null()) return {};
    for (const Literal& literal : node.set->literals) {
      Node right;
      right.literal = literal;
      const Value equal = compare(wanted, of_literal(literal), child(node, 0), right, Comparison::equal);
      if (!equal.is_null() && equal.integer != 0) return of_truth(true);
    }
    return node.set->has_null ? Value{} : of_truth(false);
  }

  Value arithmetic(const Node& node) {
    const Value left = value(child(node, 0));
    const Value right = value(child(node, 1));
    if (left.is_null() || right.is_null()) return {};
    const double a = left.as_double();
    const double b = right.as_double();
    switch (node.arithmetic) {
      case '+': return of_number(a + b);
      case '-': return of_number(a - b);
      case '*': return of_number(a * b);
      case '/': return b == 0 ? Value{} : of_number(a / b);
      default: return b == 0 ? Value{} : of_number(std::fmod(a, b));
    }
  }

  Value coalesce(const Node& node) {
    Value first;
    const Node* from = nullptr;
    bool timestamps = false;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Node& next = child(node, i);
      timestamps = timestamps || kind_of(next) == Kind::timestamp;
      if (from != nullptr) continue;
      first = value(next);
      if (!first.is_null()) from = &next;
    }
    if (from != nullptr && timestamps && first.kind == Kind::text) make_instant(first, *from);
    return first;
  }

  // As it is without looking at values.
  Kind kind_of(const Node& node) const {
    std::vector<table::Type> types;
    std::vector<std::uint8_t> absent;
    for (const Column& column : columns_) {
      types.push_back(column.type);
      absent.push_back(0);
    }
    const Result<Kind> kind = table::check_kinds(node, {types, {}, absent});
    return kind ? *kind : Kind::null;
  }

  static bool has_value(const Column& column) {
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      if (!column.is_null(row)) return true;
    }
    return false;
  }

  // Of the children that may be timestamps, text functions and the calendar: Cupel's own answer for this row alone.
  Value asked(const Node& node) {
    std::vector<Column> one;
    std::vector<std::uint8_t> absent;
    for (const Column& column : columns_) {
      one.push_back(table::slice(column, row_, 1));
      absent.push_back(has_value(column) ? 0 : 1);  // a column without any value is of any type
    }
    const table::Values values = table::values_of(node, table::Rows{one, 1, absent});
    if (values.kind == Kind::null || values.is_null(0)) return {};
    switch (values.kind) {
      case Kind::number: return of_number(values.numbers[0]);
      case Kind::text: return {Kind::text, 0, 0, std::string(values.texts[0])};
      default: return {values.kind, values.integers[0], 0, {}};
    }
  }

  std::span<const Column> columns_;
  std::int64_t row_;
};

}  // namespace

std::uint8_t truth_of_row(const table::Expression::Node& root, std::span<const table::Column> columns, std::int64_t row) {
  const Value value = RowEvaluator(columns, row).value(root);
  if (value.is_null()) return table::Expression::k_unknown;
  return value.integer != 0 ? table::Expression::k_true : table::Expression::k_false;
}

}  // namespace cupel::fuzz
