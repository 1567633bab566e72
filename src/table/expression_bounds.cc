// Which truths an expression can have in rows of which only bounds are known: an interval analysis with SQL's three values. It may allow
// more than happens, never less.
#include <algorithm>

#include "base/invariant.h"
#include "table/column_bounds.h"
#include "table/expression_internal.h"

namespace cupel::table {
namespace {

// Sets of truths.
constexpr std::uint8_t k_can_be_false = 1;
constexpr std::uint8_t k_can_be_true = 2;
constexpr std::uint8_t k_can_be_unknown = 4;
constexpr std::uint8_t k_can_be_any = 7;
static_assert(k_can_be_false == 1 << Expression::k_false && k_can_be_true == 1 << Expression::k_true && k_can_be_unknown == 1 << Expression::k_unknown);

using AllBounds = std::span<const ColumnBounds>;

// The truth of the comparison at one end of the range; the kernel of the rows decides, so that both agree to the last bit.
struct AtEnds {
  bool least = false;
  bool most = false;
};
AtEnds at_ends(const Column& range, Comparison comparison, const Literal& literal) {
  std::uint8_t truth[2] = {0, 0};
  compare_with_literal(range, 2, comparison, literal, truth);
  return {truth[0] == Expression::k_true, truth[1] == Expression::k_true};
}

// May a present value that is not NaN compare so?
bool some_value_is(const Column& range, Comparison comparison, const Literal& literal) {
  switch (comparison) {
    case Comparison::equal: return at_ends(range, Comparison::at_most, literal).least && at_ends(range, Comparison::at_least, literal).most;
    case Comparison::not_equal: {
      const AtEnds equal = at_ends(range, Comparison::equal, literal);
      return !equal.least || !equal.most;
    }
    default: {
      const AtEnds ends = at_ends(range, comparison, literal);  // monotone: true somewhere is true at an end
      return ends.least || ends.most;
    }
  }
}

Comparison opposite(Comparison comparison) {
  switch (comparison) {
    case Comparison::equal: return Comparison::not_equal;
    case Comparison::not_equal: return Comparison::equal;
    case Comparison::less: return Comparison::at_least;
    case Comparison::at_most: return Comparison::greater;
    case Comparison::greater: return Comparison::at_most;
    default: return Comparison::less;
  }
}

// Can a value of this type be compared with the literal? Others clash, and bind says so.
bool is_comparable(Type type, const Literal& literal) {
  switch (type) {
    case Type::text: return literal.kind == Kind::text;
    case Type::timestamp: return literal.instant.has_value();
    default: return literal.kind == Kind::boolean || literal.kind == Kind::integer || literal.kind == Kind::number;
  }
}

std::uint8_t truths_of_column(const ColumnBounds& bounds, Comparison comparison, const Literal& literal) {
  if (literal.kind == Kind::null) return k_can_be_unknown;
  std::uint8_t truths = bounds.may_be_null ? k_can_be_unknown : 0;
  if (!bounds.may_have_value) return truths;
  if (bounds.range == nullptr || !is_comparable(bounds.range->type(), literal)) return truths | k_can_be_true | k_can_be_false;
  const Column range = bounds.range->view();
  if (some_value_is(range, comparison, literal)) truths |= k_can_be_true;
  if (some_value_is(range, opposite(comparison), literal)) truths |= k_can_be_false;
  // NaN equals nothing and is neither below nor above anything.
  if (range.type == Type::number) truths |= comparison == Comparison::not_equal ? k_can_be_true : k_can_be_false;
  return truths;
}

std::uint8_t truths_of_compare(const Node& node, AllBounds all) {
  const Node& left = *node.children[0];
  const Node& right = *node.children[1];
  if (left.op == Op::column && right.is_literal()) return truths_of_column(all[static_cast<std::size_t>(left.column)], node.comparison, right.literal);
  if (left.is_literal() && right.op == Op::column) {
    return truths_of_column(all[static_cast<std::size_t>(right.column)], mirrored(node.comparison), left.literal);
  }
  return k_can_be_any;
}

std::uint8_t truths_of_in(const Node& node, AllBounds all) {
  if (node.children[0]->op != Op::column) return k_can_be_any;
  const ColumnBounds& bounds = all[static_cast<std::size_t>(node.children[0]->column)];
  std::uint8_t truths = bounds.may_be_null || node.set->has_null ? k_can_be_unknown : 0;
  if (!bounds.may_have_value) return truths;
  truths |= k_can_be_false;
  for (const Literal& literal : node.set->literals) {
    if (literal.kind != Kind::null) truths |= truths_of_column(bounds, Comparison::equal, literal) & k_can_be_true;
  }
  return truths;
}

// A text begins with the needle only between it and everything that begins so.
std::uint8_t truths_of_starts_with(const Node& node, AllBounds all) {
  if (node.children[0]->op != Op::column) return k_can_be_any;
  const ColumnBounds& bounds = all[static_cast<std::size_t>(node.children[0]->column)];
  std::uint8_t truths = bounds.may_be_null ? k_can_be_unknown : 0;
  if (!bounds.may_have_value) return truths;
  truths |= k_can_be_false | k_can_be_true;
  if (bounds.range == nullptr || bounds.range->type() != Type::text) return truths;
  const Column range = bounds.range->view();
  const bool too_small = range.text(1) < node.needle;
  const bool too_large = range.text(0).substr(0, node.needle.size()) > node.needle;
  return too_small || too_large ? truths & ~k_can_be_true : truths;
}

std::uint8_t truths_of_is_null(const Node& node, AllBounds all) {
  if (node.children[0]->op != Op::column) return k_can_be_false | k_can_be_true;
  const ColumnBounds& bounds = all[static_cast<std::size_t>(node.children[0]->column)];
  return (bounds.may_be_null ? k_can_be_true : 0) | (bounds.may_have_value ? k_can_be_false : 0);
}

std::uint8_t truths_of(const Node& node, AllBounds all);

std::uint8_t truths_of_chain(const Node& node, AllBounds all) {
  std::uint8_t every = k_can_be_any;
  std::uint8_t some = 0;
  for (const auto& child : node.children) {
    const std::uint8_t truths = truths_of(*child, all);
    every &= truths;
    some |= truths;
  }
  // One false makes `and` false, and it is true where all are; `or` the other way round.
  const std::uint8_t of_every = node.op == Op::all ? k_can_be_true : k_can_be_false;
  const std::uint8_t of_some = node.op == Op::all ? k_can_be_false : k_can_be_true;
  return (every & of_every) | (some & (of_some | k_can_be_unknown));
}

std::uint8_t truths_of(const Node& node, AllBounds all) {
  switch (node.op) {
    case Op::all:
    case Op::any: return truths_of_chain(node, all);
    case Op::negate: {
      const std::uint8_t truths = truths_of(*node.children[0], all);
      return (truths & k_can_be_unknown) | ((truths & k_can_be_true) != 0 ? k_can_be_false : 0) | ((truths & k_can_be_false) != 0 ? k_can_be_true : 0);
    }
    case Op::compare: return truths_of_compare(node, all);
    case Op::in: return truths_of_in(node, all);
    case Op::starts_with: return truths_of_starts_with(node, all);
    case Op::is_null: return truths_of_is_null(node, all);
    case Op::column: {  // of booleans
      Literal yes;
      yes.kind = Kind::boolean;
      yes.integer = 1;
      yes.number = 1;
      return truths_of_column(all[static_cast<std::size_t>(node.column)], Comparison::equal, yes);
    }
    default: return k_can_be_any;
  }
}

}  // namespace

bool Expression::can_be_true(std::span<const ColumnBounds> bounds) const {
  CHECK(bounds.size() == columns_.size(), "bounds of {} columns for {}", bounds.size(), columns_.size());
  return (truths_of(*root_, bounds) & k_can_be_true) != 0;
}

}  // namespace cupel::table
