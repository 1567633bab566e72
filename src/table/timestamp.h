#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cupel::table {

/// ISO 8601 in UTC: "2026-11-20" at midnight, else "2026-11-20T14:03:07Z", with as many digits of a fraction as needed (at most six).
/// Years outside 0000–9999 carry a sign. `micros` counts from 1970-01-01T00:00:00Z.
std::string timestamp_text(std::int64_t micros);

/// Reads "YYYY-MM-DD", or that followed by 'T' or a space and "HH:MM", "HH:MM:SS" or "HH:MM:SS.f" (one to nine digits, cut to
/// microseconds), then nothing or 'Z' (UTC) or an offset "+HH:MM" / "-HH:MM". Years 0000–9999 of the proleptic Gregorian calendar;
/// a day that the month does not have, hour 24 and second 60 are refused. Cost: no allocation.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

enum class CalendarUnit { second, minute, hour, day, week, month, quarter, year };
/// "second" … "year"; nothing if unknown.
std::optional<CalendarUnit> parse_calendar_unit(std::string_view name);
/// The start of the unit that holds the instant, in UTC; weeks start on Monday.
std::int64_t truncate_timestamp(std::int64_t micros, CalendarUnit unit);
/// Microseconds of a unit that is always equally long (second … week); nothing of month, quarter and year.
std::optional<std::int64_t> fixed_length(CalendarUnit unit);
/// The number of the unit within the next larger one, in UTC: second and minute 0–59, hour 0–23, day of the month 1–31, week of ISO 8601
/// 1–53, month 1–12, quarter 1–4, year.
std::int64_t timestamp_part(std::int64_t micros, CalendarUnit unit);
/// 1 (Monday) to 7 (Sunday), in UTC.
std::int64_t weekday(std::int64_t micros);

}  // namespace cupel::table
