// Dates, times and durations. A day must exist in the Gregorian calendar.

#include <chrono>

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

bool day_exists(int year, int month, int day) {
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))).ok();
}

bool is_leap(int year) { return std::chrono::year(year).is_leap(); }

/// ISO 8601 weeks: 53 in a year that begins on a Thursday, or in a leap year that begins on a Wednesday.
int weeks_of(int year) {
  const std::chrono::weekday first(std::chrono::sys_days(std::chrono::year(year) / 1 / 1));
  return first == std::chrono::Thursday || (first == std::chrono::Wednesday && is_leap(year)) ? 53 : 52;
}

/// Day and month of one or two digits, a year of four or two (19yy or 20yy, whichever has the day), one separator of "-", "." and "/".
bool is_written_date(std::string_view text, std::string_view order) {
  int day = 0;
  int month = 0;
  int year = 0;
  bool short_year = false;
  char separator = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i == 1) {
      if (text.empty() || std::string_view("-./").find(text[0]) == std::string_view::npos) return false;
      separator = text[0];
    }
    if (i > 0 && !take(text, separator)) return false;
    if (order[i] == 'y') {
      short_year = !take_digits(text, 4, year);
      if (short_year && !take_digits(text, 2, year)) return false;
    } else if (!take_one_or_two(text, order[i] == 'm' ? month : day)) {
      return false;
    }
  }
  if (!text.empty()) return false;
  return short_year ? day_exists(1900 + year, month, day) || day_exists(2000 + year, month, day) : day_exists(year, month, day);
}

/// Z, ±HH:MM, ±HHMM or ±HH; empty is none.
bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z") return true;
  int hour = 0;
  int minute = 0;
  if (!take(text, '+') && !take(text, '-')) return false;
  if (!take_digits(text, 2, hour)) return false;
  if (!text.empty()) {
    take(text, ':');
    if (!take_digits(text, 2, minute)) return false;
  }
  return text.empty() && hour < 24 && minute < 60;
}

/// HH:MM[:SS[.fraction]][zone]; `basic` also without colons and by the hour alone. 24:00 is not a time of the day; second 60 is a leap second.
bool is_clock(std::string_view text, bool basic) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_digits(text, 2, hour) || hour > 23) return false;
  const bool colons = take(text, ':');
  if (!colons && !basic) return false;
  if (take_digits(text, 2, minute)) {
    if (minute > 59) return false;
    if (colons ? text.starts_with(':') : basic && !text.empty() && is_digit(text[0])) {
      take(text, ':');
      if (!take_digits(text, 2, second) || second > 60) return false;
      if (take(text, '.') || take(text, ',')) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0) return false;
        text.remove_prefix(digits);
      }
    }
  } else if (colons) {
    return false;
  }
  return is_zone(text);
}

bool skip_digits(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits > 0;
}

enum class Fraction { no_value, no, yes };

/// The number before a unit of a duration.
Fraction take_unit_value(std::string_view& text) {
  if (!skip_digits(text)) return Fraction::no_value;
  if (!take(text, '.') && !take(text, ',')) return Fraction::no;
  return skip_digits(text) ? Fraction::yes : Fraction::no_value;
}

enum class Seconds { optional, never, always };

bool is_wall_clock(std::string_view text, int first_hour, int last_hour, Seconds seconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (last_hour == 12) {
    for (const std::string_view half : {"am", "pm", "AM", "PM"}) {
      if (!text.ends_with(half)) continue;
      text.remove_suffix(2);
      if (text.ends_with(' ')) text.remove_suffix(1);
      break;
    }
  }
  if (!take_one_or_two(text, hour) || hour < first_hour || hour > last_hour || !take(text, ':')) return false;
  if (!take_digits(text, 2, minute) || minute > 59) return false;
  if (text.empty()) return seconds != Seconds::always;
  return seconds != Seconds::never && take(text, ':') && take_digits(text, 2, second) && second < 60 && text.empty();
}

}  // namespace

bool is_date(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  return take_digits(text, 4, year) && take(text, '-') && take_digits(text, 2, month) && take(text, '-') && take_digits(text, 2, day) && text.empty() &&
         day_exists(year, month, day);
}

bool is_time(std::string_view text) { return is_clock(text, false); }

bool is_datetime(std::string_view text) {
  return text.size() > 10 && is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == ' ') && is_clock(text.substr(11), false);
}

bool is_date_iso_8601(std::string_view text) {
  const std::size_t mark = text.find_first_of("T ");
  if (mark != std::string_view::npos && !is_clock(text.substr(mark + 1), true)) return false;
  text = text.substr(0, mark);
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_digits(text, 4, year)) return false;
  const bool extended = take(text, '-');
  if (take(text, 'W')) {
    int week = 0;
    if (!take_digits(text, 2, week) || week < 1 || week > weeks_of(year)) return false;
    if (text.empty()) return true;
    if (extended && !take(text, '-')) return false;
    return take_digits(text, 1, day) && day >= 1 && day <= 7 && text.empty();
  }
  if (text.size() == 3) return take_digits(text, 3, day) && day >= 1 && day <= (is_leap(year) ? 366 : 365);
  if (!take_digits(text, 2, month) || (extended && !take(text, '-'))) return false;
  return take_digits(text, 2, day) && text.empty() && day_exists(year, month, day);
}

// Designators in their order, each at most once, only the last with a fraction; weeks stand alone.
bool is_duration(std::string_view text) {
  if (!take(text, 'P')) return false;
  if (text.ends_with('W')) return take_unit_value(text) == Fraction::no && text == "W";
  std::string_view units = "YMD";
  bool in_time = false;
  bool after_fraction = false;
  bool any = false;
  while (!text.empty()) {
    if (!in_time && take(text, 'T')) {
      in_time = true;
      units = "HMS";
      any = false;
      continue;
    }
    const Fraction fraction = take_unit_value(text);
    const std::size_t unit = text.empty() ? std::string_view::npos : units.find(text[0]);
    if (fraction == Fraction::no_value || after_fraction || unit == std::string_view::npos) return false;
    after_fraction = fraction == Fraction::yes;
    units.remove_prefix(unit + 1);
    text.remove_prefix(1);
    any = true;
  }
  return any;
}

bool is_date_us(std::string_view text) { return is_written_date(text, "mdy"); }
bool is_date_eu(std::string_view text) { return is_written_date(text, "dmy"); }
bool is_date_inverse(std::string_view text) { return is_written_date(text, "ymd"); }

bool is_time_24h(std::string_view text) { return is_wall_clock(text, 0, 23, Seconds::optional); }
bool is_time_24h_nosec(std::string_view text) { return is_wall_clock(text, 0, 23, Seconds::never); }
bool is_time_12h(std::string_view text) { return is_wall_clock(text, 1, 12, Seconds::optional); }
bool is_time_12h_nosec(std::string_view text) { return is_wall_clock(text, 1, 12, Seconds::never); }
bool is_timestamp_24h(std::string_view text) { return is_wall_clock(text, 0, 23, Seconds::always); }
bool is_timestamp_12h(std::string_view text) { return is_wall_clock(text, 1, 12, Seconds::always); }

}  // namespace cupel::expectations
