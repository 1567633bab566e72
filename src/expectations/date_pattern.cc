#include "expectations/date_pattern.h"

#include <chrono>

#include "base/text.h"
#include "expectations/ascii_internal.h"

namespace cupel::expectations {
namespace {

constexpr std::string_view k_directives = "YymBbdjAaHIpMSfz";
constexpr std::string_view k_months[] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
constexpr std::string_view k_weekdays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

/// What the directives found; -1: not stated.
struct DateParts {
  int year = -1;
  int month = -1;
  int day = -1;
  int day_of_year = -1;
  int weekday = -1;
};

bool starts_with_name(std::string_view text, std::string_view name) {
  return text.size() >= name.size() && std::equal(name.begin(), name.end(), text.begin(), [](char a, char b) { return ascii::upper(a) == ascii::upper(b); });
}

/// Takes one of the names, or their first three letters; its index, or -1.
template <std::size_t Size>
int take_name(std::string_view& text, const std::string_view (&names)[Size], bool whole) {
  for (std::size_t i = 0; i < Size; ++i) {
    const std::string_view name = whole ? names[i] : names[i].substr(0, 3);
    if (!starts_with_name(text, name)) continue;
    text.remove_prefix(name.size());
    return static_cast<int>(i);
  }
  return -1;
}

/// Takes a number of `width` digits, or of fewer without leading zeros, and says whether it lies within the limits.
bool take_number(std::string_view& text, std::size_t width, bool fewer, int low, int high, int& value) {
  if (!fewer) return ascii::take_digits(text, width, value) && value >= low && value <= high;
  std::size_t digits = 0;
  while (digits < width && digits < text.size() && ascii::is_digit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  return ascii::take_digits(text, digits, value) && value >= low && value <= high;
}

bool take_fraction(std::string_view& text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits >= 1 && digits <= 9;
}

bool take_zone(std::string_view& text) {
  if (ascii::take(text, 'Z')) return true;
  int hour = 0;
  int minute = 0;
  if (!ascii::take(text, '+') && !ascii::take(text, '-')) return false;
  if (!ascii::take_digits(text, 2, hour)) return false;
  ascii::take(text, ':');
  return ascii::take_digits(text, 2, minute) && hour < 24 && minute < 60;
}

bool take_part(char directive, bool fewer, std::string_view& text, DateParts& parts) {
  int value = 0;
  switch (directive) {
    case 'Y': return take_number(text, 4, false, 0, 9999, parts.year);
    case 'y':
      if (!take_number(text, 2, false, 0, 99, value)) return false;
      parts.year = value + (value >= 69 ? 1900 : 2000);
      return true;
    case 'm': return take_number(text, 2, fewer, 1, 12, parts.month);
    case 'B':
    case 'b': {
      const int month = take_name(text, k_months, directive == 'B');
      parts.month = month + 1;
      return month >= 0;
    }
    case 'd': return take_number(text, 2, fewer, 1, 31, parts.day);
    case 'j': return take_number(text, 3, fewer, 1, 366, parts.day_of_year);
    case 'A':
    case 'a': parts.weekday = take_name(text, k_weekdays, directive == 'A'); return parts.weekday >= 0;
    case 'H': return take_number(text, 2, fewer, 0, 23, value);
    case 'I': return take_number(text, 2, fewer, 1, 12, value);
    case 'p': {
      if (text.size() < 2 || ascii::upper(text[1]) != 'M' || (ascii::upper(text[0]) != 'A' && ascii::upper(text[0]) != 'P')) return false;
      text.remove_prefix(2);
      return true;
    }
    case 'M': return take_number(text, 2, false, 0, 59, value);
    case 'S': return take_number(text, 2, false, 0, 60, value);
    case 'f': return take_fraction(text);
    default: return take_zone(text);
  }
}

/// Do the parts name a day that exists? What is not stated is free: 29 February without a year does.
bool agree(const DateParts& parts) {
  using namespace std::chrono;
  const int some_year = parts.year >= 0 ? parts.year : 2000;  // a leap year
  if (parts.day_of_year == 366 && !year(some_year).is_leap()) return false;
  if (parts.day < 0) return true;
  const year_month_day date(year(some_year), month(static_cast<unsigned>(parts.month >= 0 ? parts.month : 1)), day(static_cast<unsigned>(parts.day)));
  if (!date.ok()) return false;
  if (parts.year < 0 || parts.month < 0) return true;
  const sys_days when(date);
  if (parts.weekday >= 0 && weekday(when).c_encoding() != static_cast<unsigned>(parts.weekday)) return false;
  return parts.day_of_year < 0 || (when - sys_days(year(some_year) / 1 / 1)).count() + 1 == parts.day_of_year;
}

}  // namespace

Result<DatePattern> DatePattern::make(const std::string& pattern, const yaml::Node& node) {
  const std::string whole = replace_all(replace_all(pattern, "%F", "%Y-%m-%d"), "%T", "%H:%M:%S");
  DatePattern made;
  std::string seen;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] != '%' || whole.substr(i, 2) == "%%") {
      made.steps_.push_back({0, whole[i], false});
      if (whole[i] == '%') ++i;
      continue;
    }
    const bool fewer = whole.substr(i + 1, 1) == "-";
    i += fewer ? 2 : 1;
    const char directive = i < whole.size() ? whole[i] : ' ';
    const bool known = k_directives.find(directive) != std::string_view::npos && (!fewer || std::string_view("dmHIj").find(directive) != std::string_view::npos);
    if (!known) {
      return node.fail_here(fmt::format("unknown directive '%{}{}' in '{}'", fewer ? "-" : "", directive, shorten(pattern, 40)),
                            "%Y %y %m %B %b %d %j %A %a %H %I %p %M %S %f %z %F %T %%, and %-d %-m %-H %-I %-j without leading zeros");
    }
    if (seen.find(directive) != std::string::npos) return node.fail_here(fmt::format("'%{}' stands twice in '{}'", directive, shorten(pattern, 40)));
    seen += directive;
    made.steps_.push_back({directive, 0, fewer});
  }
  if (seen.empty()) return node.fail_here(fmt::format("'{}' has no directive, expected a pattern such as %d.%m.%Y", shorten(pattern, 40)));
  return made;
}

bool DatePattern::holds(std::string_view text) const {
  DateParts parts;
  for (const Step& step : steps_) {
    if (!(step.directive == 0 ? ascii::take(text, step.literal) : take_part(step.directive, step.short_numbers, text, parts))) return false;
  }
  return text.empty() && agree(parts);
}

}  // namespace cupel::expectations
