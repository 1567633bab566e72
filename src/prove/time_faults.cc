// Dates and instants: written otherwise, in another zone, too old, or frozen.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"
#include "table/timestamp.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

constexpr std::int64_t k_hour = 3'600'000'000;
constexpr std::int64_t k_day = 24 * k_hour;

/// An instant in the way the old text was written: a date stays a date, a separating space a space; what stands behind the seconds (a
/// fraction, an offset) stays away.
std::string written_like(std::string_view old, std::int64_t micros) {
  const std::int64_t day = table::truncate_timestamp(micros, table::CalendarUnit::day);
  const std::string date = table::timestamp_text(day);
  if (old.size() <= 10) return date;
  const std::int64_t seconds = (micros - day) / 1'000'000;
  std::string text = fmt::format("{}{}{:02}:{:02}", date, old[10], seconds / 3600, seconds / 60 % 60);
  if (old.size() > 16 && old[16] == ':') text += fmt::format(":{:02}", seconds % 60);
  return old.ends_with('Z') ? text + "Z" : text;
}

/// The share of the instants becomes `change(instant)`.
template <typename Change>
Table move_instants(FaultInput& input, Change change) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  if (column.type == Type::text) {
    return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText {
      const auto instant = instant_of(column, row);
      return instant ? written_like(column.text(row), change(*instant)) : std::string(column.text(row));
    }));
  }
  table::ColumnBuilder out(Type::timestamp);
  std::size_t next = 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (next < hit.size() && hit[next] == row) {
      out.append(change(column.integers()[row]));
      ++next;
    } else {
      out.append_from(column, row);
    }
  }
  return with_target(input, std::move(out));
}

Table other_zone(FaultInput& input) {
  return move_instants(input, [&](std::int64_t micros) { return micros + static_cast<std::int64_t>(input.severity.amount) * k_hour; });
}
Table stale(FaultInput& input) {
  return move_instants(input, [&](std::int64_t micros) { return micros - static_cast<std::int64_t>(input.severity.amount) * k_day; });
}
Table future(FaultInput& input) {
  return move_instants(input, [&](std::int64_t micros) { return micros + static_cast<std::int64_t>(input.severity.amount) * k_day; });
}

/// 2026-11-20 as 20.11.2026 (0) or 11/20/2026 (1), what follows the date unchanged.
Table date_format(FaultInput& input) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText {
    const std::string text = table::value_text(column, row);
    if (text.size() < 10 || text[4] != '-' || text[7] != '-') return text;
    const std::string year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
    const std::string date = input.severity.amount > 0 ? fmt::format("{}/{}/{}", month, day, year) : fmt::format("{}.{}.{}", day, month, year);
    return date + text.substr(10);
  }));
}

/// From a row on, the value of that row comes again and again.
Table freeze(FaultInput& input) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> rows = present_rows(column);
  if (rows.empty()) return input.rows;
  const std::int64_t count = share_of(input.severity.share, static_cast<std::int64_t>(rows.size()));
  const std::size_t first = rows.size() - static_cast<std::size_t>(count);
  std::vector<std::int64_t> source = all_rows(column.num_rows);
  for (std::size_t i = first; i < rows.size(); ++i) source[static_cast<std::size_t>(rows[i])] = rows[first];
  return with_target(input, gather(column, source));
}

bool varies(const BaselineFacts& baseline, FaultTarget target) { return !facts_at(baseline, target).is_constant(); }

constexpr FaultSeverity k_formats[] = {{"20.11.2026 in 10 % of the values", 0.1, 0}, {"20.11.2026 in every value", 1, 0}, {"11/20/2026 in every value", 1, 1}};
constexpr FaultSeverity k_frozen[] = {{"the last 10 % of the values", 0.1}, {"the last half of the values", 0.5}, {"every value", 1}};
constexpr FaultSeverity k_future[] = {{"a year late in 1 % of the values", 0.01, 365}, {"a year late in 10 % of the values", 0.1, 365}};
constexpr FaultSeverity k_stale[] = {{"a day old", 1, 1}, {"a week old", 1, 7}, {"a month old", 1, 30}};
constexpr FaultSeverity k_zones[] = {{"an hour late", 1, 1}, {"five hours early", 1, -5}, {"nine hours late", 1, 9}};

}  // namespace

const Fault k_date_format_fault = {.name = "date_format", .summary = "dates written in another order", .group = "time", .applies_to = "timestamps and ISO 8601 dates",
                             .applies = applies_to_time, .severities = k_formats, .apply = date_format};
const Fault k_frozen_value_fault = {.name = "frozen_value", .summary = "from a row on, the same value again and again", .group = "numbers",
                              .applies_to = "columns that vary", .applies = varies, .severities = k_frozen, .apply = freeze};
const Fault k_future_dates_fault = {.name = "future_dates", .summary = "dates a year too late", .group = "time", .applies_to = "timestamps and ISO 8601 dates",
                              .applies = applies_to_time, .severities = k_future, .apply = future};
const Fault k_stale_batch_fault = {.name = "stale_batch", .summary = "every date older: yesterday's batch, or last week's", .group = "time",
                             .applies_to = "timestamps and ISO 8601 dates", .applies = applies_to_time, .severities = k_stale, .apply = stale};
const Fault k_time_zone_fault = {.name = "time_zone", .summary = "instants in another time zone", .group = "time", .applies_to = "timestamps and ISO 8601 dates",
                           .applies = applies_to_time, .severities = k_zones, .apply = other_zone};

}  // namespace cupel::prove
