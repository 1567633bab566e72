// Comparison loops: the hot part of filters.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "table/exact_order.h"
#include "table/expression_internal.h"

namespace cupel::table {
namespace {

constexpr auto k_false = static_cast<std::uint8_t>(Expression::k_false);
constexpr auto k_true = static_cast<std::uint8_t>(Expression::k_true);
constexpr auto k_unknown = static_cast<std::uint8_t>(Expression::k_unknown);

// Calls `loop` with the comparison as a function object, so that each loop is compiled for its own operator.
template <typename Loop>
void with_operator(Comparison comparison, Loop loop) {
  switch (comparison) {
    case Comparison::equal: return loop([](const auto& a, const auto& b) { return a == b; });
    case Comparison::not_equal: return loop([](const auto& a, const auto& b) { return !(a == b); });
    case Comparison::less: return loop([](const auto& a, const auto& b) { return a < b; });
    case Comparison::at_most: return loop([](const auto& a, const auto& b) { return a <= b; });
    case Comparison::greater: return loop([](const auto& a, const auto& b) { return a > b; });
    case Comparison::at_least: return loop([](const auto& a, const auto& b) { return a >= b; });
  }
}

void mark_nulls(const Column& column, std::int64_t num_rows, std::uint8_t* truth) {
  if (column.validity == nullptr) return;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    if (column.is_null(row)) truth[row] = k_unknown;
  }
}

template <typename Left, typename Right>
void compare_rows(std::int64_t num_rows, Comparison comparison, Left left, Right right, std::uint8_t* truth) {
  with_operator(comparison, [&](auto holds) {
    for (std::int64_t row = 0; row < num_rows; ++row) truth[row] = holds(left(row), right(row)) ? k_true : k_false;
  });
}

// -1, 0 or 1, and NaN for unordered, so that it compares with 0 as the two values compare.
double sign_of(std::partial_ordering order) {
  if (order == std::partial_ordering::unordered) return std::numeric_limits<double>::quiet_NaN();
  return order < 0 ? -1.0 : order > 0 ? 1.0 : 0.0;
}

// Integers against a number that is no integer, by exact value.
template <typename Left, typename Right>
void compare_rows_exactly(std::int64_t num_rows, Comparison comparison, Left integer, Right number, std::uint8_t* truth) {
  with_operator(comparison, [&](auto holds) {
    for (std::int64_t row = 0; row < num_rows; ++row)
      truth[row] = holds(sign_of(compare_exactly(integer(row), number(row))), 0.0) ? k_true : k_false;
  });
}

constexpr std::int64_t k_exact = std::int64_t{1} << 53;

void compare_text(const Column& column, std::int64_t num_rows, Comparison comparison, std::string_view literal, std::uint8_t* truth) {
  const bool plain_equality = column.codes == nullptr && (comparison == Comparison::equal || comparison == Comparison::not_equal);
  if (!plain_equality) {
    return compare_rows(
        num_rows, comparison, [&](std::int64_t row) { return column.is_null(row) ? std::string_view() : column.text(row); },
        [&](std::int64_t) { return literal; }, truth);
  }
  const std::uint8_t same = comparison == Comparison::equal ? k_true : k_false;
  const std::uint8_t other = comparison == Comparison::equal ? k_false : k_true;
  for (std::int64_t row = 0; row < num_rows; ++row) {
    const auto size = static_cast<std::size_t>(column.offsets[row + 1] - column.offsets[row]);
    const bool equal = size == literal.size() && std::memcmp(column.bytes + column.offsets[row], literal.data(), size) == 0;
    truth[row] = equal ? same : other;
  }
}

void compare_number(const Column& column, std::int64_t num_rows, Comparison comparison, const Literal& literal, std::uint8_t* truth) {
  const auto value = [&](std::int64_t) { return literal.number; };
  const auto integer = [&](std::int64_t) { return literal.integer; };
  const bool whole = literal.kind != Kind::number;
  switch (column.type) {
    case Type::boolean:
      return compare_rows(
          num_rows, comparison, [&](std::int64_t row) { return static_cast<double>(column.booleans()[row]); }, value, truth);
    case Type::integer:
      if (whole)
        return compare_rows(
            num_rows, comparison, [&](std::int64_t row) { return column.integers()[row]; }, integer, truth);
      return compare_rows_exactly(
          num_rows, comparison, [&](std::int64_t row) { return column.integers()[row]; }, value, truth);
    default:
      if (whole && (literal.integer > k_exact || literal.integer < -k_exact)) {
        with_operator(comparison, [&](auto holds) {
          for (std::int64_t row = 0; row < num_rows; ++row) {
            truth[row] = holds(0.0, sign_of(compare_exactly(literal.integer, column.numbers()[row]))) ? k_true : k_false;
          }
        });
        return;
      }
      return compare_rows(
          num_rows, comparison, [&](std::int64_t row) { return column.numbers()[row]; }, value, truth);
  }
}

bool is_whole(Kind kind) { return kind != Kind::number; }

}  // namespace

void compare_with_literal(const Column& column, std::int64_t num_rows, Comparison comparison, const Literal& literal, std::uint8_t* truth) {
  if (literal.kind == Kind::null) {
    std::fill_n(truth, num_rows, k_unknown);
    return;
  }
  if (column.type == Type::text) {
    compare_text(column, num_rows, comparison, literal.text, truth);
  } else if (column.type == Type::timestamp) {
    compare_rows(
        num_rows, comparison, [&](std::int64_t row) { return column.integers()[row]; }, [&](std::int64_t) { return *literal.instant; },
        truth);
  } else {
    compare_number(column, num_rows, comparison, literal, truth);
  }
  mark_nulls(column, num_rows, truth);
}

void compare_values(const Values& left, const Values& right, std::int64_t num_rows, Comparison comparison, std::uint8_t* truth) {
  if (left.kind == Kind::null || right.kind == Kind::null) {
    std::fill_n(truth, num_rows, k_unknown);
    return;
  }
  const auto at = [](const auto& values) { return [&values](std::int64_t row) { return values[static_cast<std::size_t>(row)]; }; };
  if (left.kind == Kind::text) {
    compare_rows(num_rows, comparison, at(left.texts), at(right.texts), truth);
  } else if (is_whole(left.kind) && is_whole(right.kind)) {
    compare_rows(num_rows, comparison, at(left.integers), at(right.integers), truth);
  } else if (is_whole(left.kind)) {
    compare_rows_exactly(num_rows, comparison, at(left.integers), at(right.numbers), truth);
  } else if (is_whole(right.kind)) {
    with_operator(comparison, [&](auto holds) {
      for (std::size_t row = 0; row < static_cast<std::size_t>(num_rows); ++row) {
        truth[row] = holds(0.0, sign_of(compare_exactly(right.integers[row], left.numbers[row]))) ? k_true : k_false;
      }
    });
  } else {
    compare_rows(num_rows, comparison, at(left.numbers), at(right.numbers), truth);
  }
  for (std::size_t row = 0; row < static_cast<std::size_t>(num_rows); ++row) {
    if (left.is_null(row) || right.is_null(row)) truth[row] = k_unknown;
  }
}

void in_set(const Values& values, std::int64_t num_rows, const ValueSet& set, std::uint8_t* truth) {
  const std::uint8_t absent = set.has_null ? k_unknown : k_false;  // SQL: it might be the unknown one
  const auto has_integer = [&](std::int64_t value) { return std::binary_search(set.integers.begin(), set.integers.end(), value); };
  const auto has_number = [&](double value) {
    if (value == std::floor(value) && std::abs(value) < 0x1p63) return has_integer(static_cast<std::int64_t>(value));
    return !std::isnan(value) && std::binary_search(set.numbers.begin(), set.numbers.end(), value);  // NaN equals nothing
  };
  const auto fill = [&](auto contains) {
    for (std::size_t row = 0; row < static_cast<std::size_t>(num_rows); ++row) {
      truth[row] = values.is_null(row) ? k_unknown : contains(row) ? k_true : absent;
    }
  };
  switch (values.kind) {
    case Kind::null: std::fill_n(truth, num_rows, k_unknown); return;
    case Kind::text: return fill([&](std::size_t row) { return set.texts.find(values.texts[row]) != set.texts.end(); });
    case Kind::timestamp:
      return fill([&](std::size_t row) { return std::binary_search(set.instants.begin(), set.instants.end(), values.integers[row]); });
    case Kind::number: return fill([&](std::size_t row) { return has_number(values.numbers[row]); });
    default: return fill([&](std::size_t row) { return has_integer(values.integers[row]); });
  }
}

}  // namespace cupel::table
