#include "prove/column_changes_internal.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace cupel::prove {

using table::Column;
using table::Type;

std::vector<std::int64_t> present_rows(const Column& column) {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row)) rows.push_back(row);
  }
  return rows;
}

std::vector<std::int64_t> all_rows(std::int64_t num_rows) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

std::int64_t share_of(double share, std::int64_t n) {
  if (n == 0 || share <= 0) return 0;
  return std::clamp<std::int64_t>(std::llround(share * static_cast<double>(n)), 1, n);
}

std::vector<std::int64_t> choose(Random& random, std::vector<std::int64_t> from, std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(from.size())));
  if (wanted == from.size()) return from;
  for (std::size_t i = 0; i < wanted; ++i) std::swap(from[i], from[i + random.below(from.size() - i)]);
  from.resize(wanted);
  std::ranges::sort(from);
  return from;
}

std::vector<std::int64_t> choose_share(Random& random, std::vector<std::int64_t> from, double share) {
  const std::int64_t count = share_of(share, static_cast<std::int64_t>(from.size()));
  return choose(random, std::move(from), count);
}

void shuffle(Random& random, std::vector<std::int64_t>& rows) {
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
}

std::vector<std::int64_t> rows_by_value(const Column& column) {
  std::vector<std::int64_t> rows = present_rows(column);
  std::ranges::stable_sort(rows, [&](std::int64_t a, std::int64_t b) {
    switch (column.type) {
      case Type::text: return column.text(a) < column.text(b);
      case Type::number: return column.numbers()[a] < column.numbers()[b];  // NaN stays where it is
      case Type::boolean: return column.booleans()[a] < column.booleans()[b];
      default: return column.integers()[a] < column.integers()[b];
    }
  });
  return rows;
}

table::ColumnBuilder gather(const Column& from, const std::vector<std::int64_t>& source) {
  table::ColumnBuilder out(from.type);
  for (const std::int64_t row : source) {
    if (row < 0) {
      out.append_null();
    } else {
      out.append_from(from, row);
    }
  }
  return out;
}

std::optional<double> read_number(const std::string& text) {
  const auto value = parse_number(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

const ColumnFacts& facts_at(const BaselineFacts& baseline, FaultTarget target) { return baseline.columns.at(static_cast<std::size_t>(target.field)); }

bool applies_to_any(const BaselineFacts& baseline, FaultTarget target) { return facts_at(baseline, target).present() > 0; }
bool applies_to_numbers(const BaselineFacts& baseline, FaultTarget target) {
  return facts_at(baseline, target).is_number && facts_at(baseline, target).present() > 0;
}
bool applies_to_text(const BaselineFacts& baseline, FaultTarget target) {
  return facts_at(baseline, target).type == Type::text && facts_at(baseline, target).present() > 0;
}
bool applies_to_time(const BaselineFacts& baseline, FaultTarget target) { return facts_at(baseline, target).is_time; }
bool applies_to_categories(const BaselineFacts& baseline, FaultTarget target) { return facts_at(baseline, target).is_category; }

}  // namespace cupel::prove
