#include "robustness/slices.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/text.h"

namespace cupel::robustness {
namespace {

constexpr std::size_t k_quarters = 4;

bool is_missing(const table::Column& column, std::int64_t row) {
  return column.is_null(row) || (column.type == table::Type::number && std::isnan(column.numbers()[row]));
}

/// Upper ends of the quarters, ascending; equal ones once.
std::vector<double> quarter_ends(const table::Column& column, std::span<const std::int64_t> rows) {
  std::vector<double> values;
  for (const std::int64_t row : rows) {
    if (!is_missing(column, row)) values.push_back(column.as_number(row));
  }
  if (values.empty()) return {};
  std::ranges::sort(values);
  std::vector<double> ends;
  for (std::size_t quarter = 1; quarter <= k_quarters; ++quarter)
    ends.push_back(values[(values.size() * quarter + k_quarters - 1) / k_quarters - 1]);
  const auto repeated = std::ranges::unique(ends);
  ends.erase(repeated.begin(), repeated.end());
  return ends;
}

std::vector<Slice> cut_numbers(const table::Column& column, const std::string& name, std::span<const std::int64_t> rows) {
  const std::vector<double> ends = quarter_ends(column, rows);
  std::vector<Slice> slices(ends.size());
  std::vector<std::int64_t> lowest(ends.size(), -1), highest(ends.size(), -1);
  for (const std::int64_t row : rows) {
    if (is_missing(column, row)) continue;
    const double value = column.as_number(row);
    const auto i = static_cast<std::size_t>(std::ranges::lower_bound(ends, value) - ends.begin());
    slices[i].rows.push_back(row);
    if (lowest[i] < 0 || value < column.as_number(lowest[i])) lowest[i] = row;
    if (highest[i] < 0 || value > column.as_number(highest[i])) highest[i] = row;
  }
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const std::string low = table::value_text(column, lowest[i]), high = table::value_text(column, highest[i]);
    slices[i].words = low == high ? fmt::format("{} = {}", name, low) : fmt::format("{} in [{}, {}]", name, low, high);
  }
  return slices;
}

std::vector<Slice> cut_values(const table::Column& column, const std::string& name, std::span<const std::int64_t> rows) {
  std::map<std::string, std::vector<std::int64_t>> by_value;
  for (const std::int64_t row : rows) {
    if (!is_missing(column, row)) by_value[table::value_text(column, row)].push_back(row);
  }
  std::vector<Slice> slices;
  for (auto& [value, positions] : by_value)
    slices.push_back({fmt::format("{} = '{}'", name, shorten(value, 40)), std::move(positions), {}});
  return slices;
}

std::vector<Slice> cut(const table::Table& table, const std::string& name, std::span<const std::int64_t> rows) {
  const table::Column column = table.column(*table.schema().find(name));
  const bool by_value = column.type == table::Type::text || column.type == table::Type::boolean;
  std::vector<Slice> slices = by_value ? cut_values(column, name, rows) : cut_numbers(column, name, rows);
  Slice nulls{fmt::format("{} is null", name), {}, {}};
  std::ranges::copy_if(rows, std::back_inserter(nulls.rows), [&](std::int64_t row) { return is_missing(column, row); });
  if (!nulls.rows.empty()) slices.push_back(std::move(nulls));
  for (Slice& slice : slices) slice.columns = {name};
  return slices;
}

}  // namespace

Slices make_slices(const table::Table& table, std::span<const std::string> columns, std::span<const std::int64_t> rows,
                   const SliceRules& rules) {
  const auto needed =
      std::max<std::int64_t>(rules.min_rows, static_cast<std::int64_t>(std::ceil(rules.min_share * static_cast<double>(rows.size()))));
  Slices out;
  // A slice that holds every row is no segment.
  const auto keep = [&](Slice slice) {
    if (slice.rows.size() == rows.size()) return;
    if (static_cast<std::int64_t>(slice.rows.size()) < needed)
      ++out.too_small;
    else
      out.slices.push_back(std::move(slice));
  };
  for (const std::string& name : columns) {
    for (Slice& slice : cut(table, name, rows)) keep(std::move(slice));
  }
  if (rules.depth < 2) return out;
  const std::vector<Slice> single = out.slices;
  for (std::size_t a = 0; a < single.size(); ++a) {
    for (std::size_t b = a + 1; b < single.size(); ++b) {
      if (single[a].columns == single[b].columns) continue;
      Slice both{single[a].words + " and " + single[b].words, {}, {single[a].columns[0], single[b].columns[0]}};
      std::ranges::set_intersection(single[a].rows, single[b].rows, std::back_inserter(both.rows));
      if (!both.rows.empty()) keep(std::move(both));
    }
  }
  return out;
}

}  // namespace cupel::robustness
