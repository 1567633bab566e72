// The functions of expressions.
#include <unicode/ucasemap.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "table/expression_internal.h"

namespace cupel::table {
namespace {

double rounded(double value, int digits) {
  if (!std::isfinite(value)) return value;
  const double scale = std::pow(10.0, std::abs(digits));
  const double result = digits >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
  return std::isfinite(result) ? result : value;
}

// Texts in a new arena, made by `change(text, out)`, which appends.
template <typename Change>
void change_texts(Values& values, Change change) {
  auto arena = std::make_unique<std::string>();
  std::vector<std::size_t> ends(values.texts.size());
  for (std::size_t row = 0; row < ends.size(); ++row) {
    if (!values.is_null(row)) change(values.texts[row], *arena);
    ends[row] = arena->size();
  }
  std::size_t begin = 0;
  for (std::size_t row = 0; row < ends.size(); ++row) {
    values.texts[row] = std::string_view(*arena).substr(begin, ends[row] - begin);
    begin = ends[row];
  }
  values.arenas.push_back(std::move(arena));
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

using CaseMap = int32_t (*)(const UCaseMap*, char*, int32_t, const char*, int32_t, UErrorCode*);

// Full Unicode mapping of the root locale; most texts are ASCII and need no table.
void map_case(std::string_view text, bool upper, std::string& out) {
  if (is_ascii(text)) {
    const char first = upper ? 'a' : 'A';
    for (const char c : text) out.push_back(c >= first && c <= first + 25 ? static_cast<char>(c ^ 0x20) : c);
    return;
  }
  static const UCaseMap* const k_map = [] {
    UErrorCode status = U_ZERO_ERROR;
    return ucasemap_open("", 0, &status);
  }();
  const CaseMap map = upper ? ucasemap_utf8ToUpper : ucasemap_utf8ToLower;
  const std::size_t begin = out.size();
  std::size_t room = text.size() + 16;
  for (int attempt = 0; attempt < 2; ++attempt) {
    out.resize(begin + room);
    UErrorCode status = U_ZERO_ERROR;
    const int32_t size =
        map(k_map, out.data() + begin, static_cast<int32_t>(room), text.data(), static_cast<int32_t>(text.size()), &status);
    if (status != U_BUFFER_OVERFLOW_ERROR) {
      out.resize(begin + (U_SUCCESS(status) ? static_cast<std::size_t>(size) : 0));
      if (U_FAILURE(status)) out.append(text);
      return;
    }
    room = static_cast<std::size_t>(size) + 1;
  }
}

// The characters with Unicode's White_Space property, in UTF-8.
constexpr std::array<std::string_view, 25> k_spaces = {" ",
                                                       "\t",
                                                       "\n",
                                                       "\v",
                                                       "\f",
                                                       "\r",
                                                       "\xc2\x85",
                                                       "\xc2\xa0",
                                                       "\xe1\x9a\x80",
                                                       "\xe2\x80\x80",
                                                       "\xe2\x80\x81",
                                                       "\xe2\x80\x82",
                                                       "\xe2\x80\x83",
                                                       "\xe2\x80\x84",
                                                       "\xe2\x80\x85",
                                                       "\xe2\x80\x86",
                                                       "\xe2\x80\x87",
                                                       "\xe2\x80\x88",
                                                       "\xe2\x80\x89",
                                                       "\xe2\x80\x8a",
                                                       "\xe2\x80\xa8",
                                                       "\xe2\x80\xa9",
                                                       "\xe2\x80\xaf",
                                                       "\xe2\x81\x9f",
                                                       "\xe3\x80\x80"};

std::string_view trim_unicode(std::string_view text) {
  const auto* space = k_spaces.begin();
  const auto starts = [&](std::string_view known) { return text.starts_with(known); };
  while ((space = std::find_if(k_spaces.begin(), k_spaces.end(), starts)) != k_spaces.end()) text.remove_prefix(space->size());
  const auto ends = [&](std::string_view known) { return text.ends_with(known); };
  while ((space = std::find_if(k_spaces.begin(), k_spaces.end(), ends)) != k_spaces.end()) text.remove_suffix(space->size());
  return text;
}

// One row of `from` into `to`, both of the same kind.
void copy_value(const Values& from, Values& to, std::size_t row) {
  switch (to.kind) {
    case Kind::number: to.numbers[row] = from.numbers[row]; break;
    case Kind::text: to.texts[row] = from.texts[row]; break;
    default: to.integers[row] = from.integers[row];
  }
}

Values coalesce(const Node& node, const Rows& rows) {
  const auto n = static_cast<std::size_t>(rows.num_rows);
  std::vector<Values> all;
  bool timestamps = false;
  bool numbers = false;
  for (const NodePtr& child : node.children) {
    all.push_back(values_of(*child, rows));
    timestamps = timestamps || all.back().kind == Kind::timestamp;
    numbers = numbers || all.back().kind == Kind::number;
  }
  Values result;
  result.nulls.assign(n, 1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    Values& next = all[i];
    if (next.kind == Kind::null) continue;
    if (timestamps && next.kind == Kind::text) next = instants_of(*node.children[i], rows);
    if (numbers) to_numbers(next);
    if (result.kind == Kind::null) {
      result = std::move(next);
      continue;
    }
    if (result.kind == Kind::boolean) result.kind = next.kind == Kind::boolean ? Kind::boolean : Kind::integer;
    for (std::size_t row = 0; row < n; ++row) {
      if (!result.is_null(row) || next.is_null(row)) continue;
      copy_value(next, result, row);
      result.nulls[row] = 0;
    }
    for (auto& arena : next.arenas) result.arenas.push_back(std::move(arena));
  }
  return result;
}

// A timestamp operand: a column, a literal that is one, or text that is read as one (a CSV file has its dates as text); a text that is none
// is null.
Values times_of(const Node& node, const Rows& rows) {
  if (node.is_literal() && node.literal.instant) return instants_of(node, rows);
  Values values = values_of(node, rows);
  if (values.kind != Kind::text) return values;
  Values times;
  times.kind = Kind::timestamp;
  times.nulls = std::move(values.nulls);
  times.integers.resize(values.texts.size());
  for (std::size_t row = 0; row < values.texts.size(); ++row) {
    if (times.is_null(row)) continue;
    if (const auto micros = parse_timestamp(values.texts[row])) {
      times.integers[row] = *micros;
      continue;
    }
    if (times.nulls.empty()) times.nulls.assign(values.texts.size(), 0);
    times.nulls[row] = 1;
  }
  return times;
}

void join_nulls(const Values& from, Values& into, std::size_t n) {
  for (std::size_t row = 0; row < n; ++row) {
    if (!from.is_null(row)) continue;
    if (into.nulls.empty()) into.nulls.assign(n, 0);
    into.nulls[row] = 1;
  }
}

Values all_null(std::size_t n) {
  Values values;
  values.nulls.assign(n, 1);
  return values;
}

// (to - from) / unit: the difference of two 64-bit instants is taken in double beyond its range.
Values date_diff(const Node& node, const Rows& rows) {
  const auto n = static_cast<std::size_t>(rows.num_rows);
  const Values from = times_of(*node.children[0], rows);
  const Values to = times_of(*node.children[1], rows);
  if (from.kind == Kind::null || to.kind == Kind::null) return all_null(n);
  const auto unit = static_cast<double>(*fixed_length(node.unit));
  Values result;
  result.kind = Kind::number;
  result.numbers.resize(n);
  for (std::size_t row = 0; row < n; ++row) {
    std::int64_t difference = 0;
    const bool overflow = __builtin_sub_overflow(to.integers[row], from.integers[row], &difference);
    const double exact = overflow ? static_cast<double>(to.integers[row]) - static_cast<double>(from.integers[row]) : static_cast<double>(difference);
    result.numbers[row] = exact / unit;
  }
  join_nulls(from, result, n);
  join_nulls(to, result, n);
  return result;
}

// A sum outside of what an instant can be is null.
Values date_add(const Node& node, const Rows& rows) {
  const auto n = static_cast<std::size_t>(rows.num_rows);
  Values amount = values_of(*node.children[0], rows);
  Values result = times_of(*node.children[1], rows);
  if (amount.kind == Kind::null || result.kind == Kind::null) return all_null(n);
  to_numbers(amount);
  const auto unit = static_cast<double>(*fixed_length(node.unit));
  join_nulls(amount, result, n);
  for (std::size_t row = 0; row < n; ++row) {
    const double micros = std::round(amount.numbers[row] * unit);
    const bool fits = std::abs(micros) < 0x1p62;
    if (fits && !__builtin_add_overflow(result.integers[row], static_cast<std::int64_t>(micros), &result.integers[row])) continue;
    if (result.nulls.empty()) result.nulls.assign(n, 0);
    result.nulls[row] = 1;
  }
  return result;
}

}  // namespace

Values call_function(const Node& node, const Rows& rows) {
  if (node.op == Op::coalesce) return coalesce(node, rows);
  if (node.op == Op::date_diff) return date_diff(node, rows);
  if (node.op == Op::date_add) return date_add(node, rows);
  const bool of_time = node.op == Op::date_part || node.op == Op::date_trunc;
  Values values = of_time ? times_of(*node.children[0], rows) : values_of(*node.children[0], rows);
  if (values.kind == Kind::null) return values;
  const auto each_number = [&](auto change) {
    to_numbers(values);
    for (double& value : values.numbers) value = change(value);
  };
  switch (node.op) {
    case Op::minus: each_number([](double value) { return -value; }); break;
    case Op::abs: each_number([](double value) { return std::abs(value); }); break;
    case Op::round: each_number([&](double value) { return rounded(value, node.digits); }); break;
    case Op::length:
      values.kind = Kind::integer;
      values.integers.resize(values.texts.size());
      for (std::size_t row = 0; row < values.texts.size(); ++row) values.integers[row] = count_code_points(values.texts[row]);
      break;
    case Op::lower: change_texts(values, [](std::string_view text, std::string& out) { map_case(text, false, out); }); break;
    case Op::upper: change_texts(values, [](std::string_view text, std::string& out) { map_case(text, true, out); }); break;
    case Op::trim:
      for (std::string_view& text : values.texts) text = trim_unicode(text);
      break;
    case Op::date_part:
      values.kind = Kind::integer;
      for (std::int64_t& micros : values.integers) micros = node.weekday ? weekday(micros) : timestamp_part(micros, node.unit);
      break;
    case Op::date_trunc:
      for (std::int64_t& micros : values.integers) micros = truncate_timestamp(micros, node.unit);
      break;
    default: break;
  }
  return values;
}

}  // namespace cupel::table
