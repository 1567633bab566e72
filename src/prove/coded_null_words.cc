#include "prove/coded_null_words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.h"

namespace cupel::prove {
namespace {

constexpr double k_often = 0.002;

// Sorted.
constexpr std::array<std::string_view, 21> k_words = {"#n/a", "-", "--", ".", "?", "??", "missing", "n.a.", "n/a", "na", "nan", "nil", "no data", "none", "not available", "not known", "null", "tbd", "undefined", "unknown", "unspecified"};

/// -1, and nines with either sign: -9, 99, -999, 9999 …; a single 9 is a number like any other.
bool is_code(double value) {
  if (value == -1 || value == -9) return true;
  for (double nines = 99; nines < 1e10; nines = nines * 10 + 9) {
    if (std::abs(value) == nines) return true;
  }
  return false;
}

std::string in_rows(std::int64_t count, const ColumnFacts& facts) {
  return fmt::format("in {} of {} rows ({})", with_thousands(count), with_thousands(facts.rows), percent_text(static_cast<double>(count) / static_cast<double>(facts.rows)));
}

std::vector<std::pair<std::int64_t, CodedNull>> of_texts(const table::Column& column, const ColumnFacts& facts) {
  std::map<std::string, std::int64_t> counts;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const std::string_view text = column.text(row);
    if (text.size() > 20) continue;
    if (std::ranges::binary_search(k_words, std::string_view(to_lower_ascii(trim(text))))) ++counts[std::string(text)];
  }
  std::vector<std::pair<std::int64_t, CodedNull>> found;
  for (const auto& [text, count] : counts) found.push_back({count, {text, in_rows(count, facts)}});
  return found;
}

std::vector<std::pair<std::int64_t, CodedNull>> of_numbers(const table::Column& column, const ColumnFacts& facts) {
  std::map<double, std::int64_t> counts;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const double value = column.as_number(row);
    if (std::isfinite(value)) ++counts[value];
  }
  std::vector<std::pair<std::int64_t, CodedNull>> found;
  if (counts.size() < 2) return found;
  const auto [least, times_least] = *counts.begin();
  const double above = std::next(counts.begin())->first;
  if (is_code(least) && least < 0 && above >= 0) {
    found.push_back({times_least, {exact_text(least), fmt::format("{}, the least value; the next is {}", in_rows(times_least, facts), number_text(above))}});
  }
  const auto [greatest, times_greatest] = *counts.rbegin();
  const double below = std::next(counts.rbegin())->first;
  if (is_code(greatest) && greatest > 0 && below < greatest / 2) {
    found.push_back({times_greatest, {exact_text(greatest), fmt::format("{}, the greatest value; the next is {}", in_rows(times_greatest, facts), number_text(below))}});
  }
  return found;
}

}  // namespace

std::vector<CodedNull> coded_null_words(const Seen& seen, int field) {
  const ColumnFacts& facts = seen.of(field);
  const table::Column column = seen.column(field);
  std::vector<std::pair<std::int64_t, CodedNull>> found;
  if (facts.is_number) {
    found = of_numbers(column, facts);
  } else if (column.type == table::Type::text) {
    found = of_texts(column, facts);
  }
  std::erase_if(found, [&](const auto& each) { return each.first < 2 || static_cast<double>(each.first) <= k_often * static_cast<double>(facts.rows); });
  std::ranges::stable_sort(found, std::greater<>(), [](const auto& each) { return each.first; });
  std::vector<CodedNull> codes;
  for (auto& [count, code] : found) codes.push_back(std::move(code));
  return codes;
}

}  // namespace cupel::prove
