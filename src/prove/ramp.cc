#include "prove/ramp.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "base/random.h"
#include "base/text.h"
#include "prove/column_changes_internal.h"

namespace cupel::prove {
namespace {

using table::Column;
using table::ColumnBuilder;
using table::Type;

/// One uniform number a row; the rows whose number is below the amount are hit.
std::vector<std::int64_t> hit_rows(const std::vector<std::int64_t>& rows, double amount, Random random) {
  std::vector<std::int64_t> hit;
  for (const std::int64_t row : rows) {
    if (random.uniform() < amount) hit.push_back(row);
  }
  return hit;
}

ColumnBuilder replaced(const Column& column, const std::vector<std::int64_t>& hit, const std::string& value) {
  const auto number = parse_number(value);
  if ((column.type == Type::integer || column.type == Type::number) && number) {
    return change_numbers(column, hit, [&](std::int64_t) -> std::optional<double> { return *number; });
  }
  if (column.type == Type::boolean) {
    ColumnBuilder out(Type::boolean);
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      if (std::ranges::binary_search(hit, row)) {
        out.append(value == "true" ? 1 : 0);
      } else {
        out.append_from(column, row);
      }
    }
    return out;
  }
  return change_texts(column, hit, [&](std::int64_t) -> NewText { return value; });
}

}  // namespace

table::Table climb(const Ramp& ramp, double amount, const table::Table& batch, const BaselineFacts& baseline, std::uint64_t seed, std::uint64_t index) {
  const Column column = batch.column(ramp.field);
  const ColumnFacts& facts = baseline.columns.at(static_cast<std::size_t>(ramp.field));
  const Random random(seed, fmt::format("ramp {} {}", ramp.kind, ramp.field), index);
  const std::vector<std::int64_t> present = present_rows(column);
  const auto done = [&](ColumnBuilder built) { return batch.with_column(ramp.field, std::move(built)); };
  if (ramp.kind == "shift" || ramp.kind == "spread") {
    const double middle = facts.mean;
    const bool shift = ramp.kind == "shift";
    return done(change_numbers(column, present, [&](std::int64_t row) -> std::optional<double> {
      const double value = column.as_number(row);
      return shift ? value + amount : middle + (value - middle) * amount;
    }));
  }
  const bool every_row = ramp.kind == "duplicates" || ramp.kind == "unrelated";
  const std::vector<std::int64_t> hit = hit_rows(every_row ? all_rows(column.num_rows) : present, amount, random);
  if (ramp.kind == "distinct") {
    std::int64_t next = 0;
    if (facts.is_number) return done(change_numbers(column, hit, [&](std::int64_t) -> std::optional<double> { return facts.quantile(100) + static_cast<double>(++next); }));
    return done(change_texts(column, hit, [&](std::int64_t) -> NewText { return fmt::format("new value {}", ++next); }));
  }
  if (ramp.kind == "nulls") {
    std::vector<std::int64_t> source = all_rows(column.num_rows);
    for (const std::int64_t row : hit) source[static_cast<std::size_t>(row)] = -1;
    return done(gather(column, source));
  }
  if (ramp.kind == "unexpected" || ramp.kind == "moved") return done(replaced(column, hit, ramp.value));
  if (ramp.kind == "outliers") {
    const double width = facts.quantile(75) - facts.quantile(25);
    const double far = facts.quantile(100) + 10 * (width > 0 ? width : std::max(1.0, facts.stddev));
    return done(change_numbers(column, hit, [&](std::int64_t) -> std::optional<double> { return facts.is_whole ? std::round(far) : far; }));
  }
  CHECK(every_row, "no ramp '{}'", ramp.kind);
  std::vector<std::int64_t> source = all_rows(column.num_rows);
  Random partners(seed, "ramp partners", index);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    // One partner a row, hit or not: a larger amount changes no row that a smaller one changed.
    const auto other = static_cast<std::int64_t>(partners.below(static_cast<std::uint64_t>(column.num_rows)));
    if (!std::ranges::binary_search(hit, row)) continue;
    source[static_cast<std::size_t>(row)] = ramp.kind == "unrelated" ? other : std::max<std::int64_t>(0, row - 1);
  }
  if (ramp.kind == "duplicates") {
    for (const std::int64_t row : hit) source[static_cast<std::size_t>(row)] = row == 0 ? 0 : source[static_cast<std::size_t>(row - 1)];
  }
  return done(gather(column, source));
}

}  // namespace cupel::prove
