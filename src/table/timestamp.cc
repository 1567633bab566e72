#include "table/timestamp.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

namespace cupel::table {
namespace {

constexpr std::int64_t k_second = 1'000'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::int64_t k_day = 24 * k_hour;

std::int64_t floor_divide(std::int64_t value, std::int64_t unit) { return value / unit - (value % unit < 0 ? 1 : 0); }
std::int64_t floor_to(std::int64_t value, std::int64_t unit) { return floor_divide(value, unit) * unit; }

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Days since 1970-01-01 and back: the civil calendar counted in eras of 400 years that start on 1 March, so that the leap day is last.
std::int64_t days_from_civil(const Date& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

Date civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

unsigned days_of_month(const Date& date) {
  constexpr std::array<unsigned, 12> k_days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  return date.month == 2 && leap ? 29 : k_days[date.month - 1];
}

// Takes exactly `width` digits from the front.
bool take_digits(std::string_view& text, std::size_t width, int& value) {
  if (text.size() < width) return false;
  value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::int64_t& micros) {
  std::size_t digits = 0;
  std::int64_t unit = k_second / 10;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    micros += (text[digits] - '0') * unit;
    unit /= 10;
    ++digits;
  }
  text.remove_prefix(digits);
  return digits >= 1 && digits <= 9;
}

bool take_time(std::string_view& text, std::int64_t& micros) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take_digits(text, 2, hour) || !take(text, ':') || !take_digits(text, 2, minute)) return false;
  std::int64_t fraction = 0;
  if (take(text, ':')) {
    if (!take_digits(text, 2, second)) return false;
    if (take(text, '.') && !take_fraction(text, fraction)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  micros += hour * k_hour + minute * k_minute + second * k_second + fraction;
  return true;
}

bool take_zone(std::string_view& text, std::int64_t& micros) {
  if (text.empty() || take(text, 'Z')) return true;
  const std::int64_t sign = text[0] == '+' ? 1 : -1;
  if (!take(text, '+') && !take(text, '-')) return false;
  int hour = 0;
  int minute = 0;
  if (!take_digits(text, 2, hour) || !take(text, ':') || !take_digits(text, 2, minute)) return false;
  if (hour > 23 || minute > 59) return false;
  micros -= sign * (hour * k_hour + minute * k_minute);
  return true;
}

std::int64_t first_of_month(Date date, unsigned month) {
  date.month = month;
  date.day = 1;
  return days_from_civil(date) * k_day;
}

}  // namespace

std::string timestamp_text(std::int64_t micros) {
  const Date date = civil_from_days(floor_divide(micros, k_day));
  std::string text = date.year >= 0 && date.year <= 9999 ? fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day)
                                                         : fmt::format("{:+05}-{:02}-{:02}", date.year, date.month, date.day);
  const std::int64_t time = micros % k_day + (micros % k_day < 0 ? k_day : 0);
  if (time == 0) return text;
  text += fmt::format("T{:02}:{:02}:{:02}", time / k_hour, time / k_minute % 60, time / k_second % 60);
  if (const std::int64_t fraction = time % k_second; fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    while (text.back() == '0') text.pop_back();
  }
  return text + "Z";
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') || !take_digits(text, 2, day)) {
    return std::nullopt;
  }
  const Date date{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  if (month < 1 || month > 12 || day < 1 || date.day > days_of_month(date)) return std::nullopt;
  std::int64_t micros = days_from_civil(date) * k_day;
  if (text.empty()) return micros;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  if (!take_time(text, micros) || !take_zone(text, micros) || !text.empty()) return std::nullopt;
  return micros;
}

std::optional<CalendarUnit> parse_calendar_unit(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, CalendarUnit>, 8> k_units = {{{"day", CalendarUnit::day},
                                                                                 {"hour", CalendarUnit::hour},
                                                                                 {"minute", CalendarUnit::minute},
                                                                                 {"month", CalendarUnit::month},
                                                                                 {"quarter", CalendarUnit::quarter},
                                                                                 {"second", CalendarUnit::second},
                                                                                 {"week", CalendarUnit::week},
                                                                                 {"year", CalendarUnit::year}}};
  for (const auto& [known, unit] : k_units) {
    if (known == name) return unit;
  }
  return std::nullopt;
}

std::optional<std::int64_t> fixed_length(CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::second: return k_second;
    case CalendarUnit::minute: return k_minute;
    case CalendarUnit::hour: return k_hour;
    case CalendarUnit::day: return k_day;
    case CalendarUnit::week: return 7 * k_day;
    default: return std::nullopt;
  }
}

std::int64_t weekday(std::int64_t micros) {
  const std::int64_t day = floor_divide(micros, k_day) + 3;  // day 0 was a Thursday
  return day - floor_to(day, 7) + 1;
}

std::int64_t timestamp_part(std::int64_t micros, CalendarUnit unit) {
  const std::int64_t day = floor_divide(micros, k_day);
  const std::int64_t time = micros - day * k_day;
  const Date date = civil_from_days(day);
  switch (unit) {
    case CalendarUnit::second: return time / k_second % 60;
    case CalendarUnit::minute: return time / k_minute % 60;
    case CalendarUnit::hour: return time / k_hour;
    case CalendarUnit::day: return date.day;
    case CalendarUnit::week: {
      // The week belongs to the year of its Thursday.
      const std::int64_t thursday = day - weekday(micros) + 4;
      return (thursday - days_from_civil({civil_from_days(thursday).year, 1, 1})) / 7 + 1;
    }
    case CalendarUnit::month: return date.month;
    case CalendarUnit::quarter: return (date.month - 1) / 3 + 1;
    case CalendarUnit::year: return date.year;
  }
  return 0;
}

std::int64_t truncate_timestamp(std::int64_t micros, CalendarUnit unit) {
  // The first year of what 64 bits can hold has no beginning.
  if (micros < std::numeric_limits<std::int64_t>::min() + 400 * k_day) return micros;
  const std::int64_t day = floor_divide(micros, k_day);
  switch (unit) {
    case CalendarUnit::second: return floor_to(micros, k_second);
    case CalendarUnit::minute: return floor_to(micros, k_minute);
    case CalendarUnit::hour: return floor_to(micros, k_hour);
    case CalendarUnit::day: return day * k_day;
    case CalendarUnit::week: return (floor_to(day + 3, 7) - 3) * k_day;  // day 0 was a Thursday
    case CalendarUnit::month: return first_of_month(civil_from_days(day), civil_from_days(day).month);
    case CalendarUnit::quarter: return first_of_month(civil_from_days(day), (civil_from_days(day).month - 1) / 3 * 3 + 1);
    case CalendarUnit::year: return first_of_month(civil_from_days(day), 1);
  }
  return micros;
}

}  // namespace cupel::table
