#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace cupel::expectations {

/// A strftime-like pattern that a whole text must follow, `date_format: "%d.%m.%Y"`. Directives: %Y %y year, %m %B %b month, %d day, %j day of the
/// year, %A %a weekday, %H %I %p hour, %M minute, %S second (60 is a leap second), %f fraction (1 to 9 digits), %z zone (Z, ±HH:MM, ±HHMM), %F is
/// %Y-%m-%d, %T is %H:%M:%S, %% a percent sign. Numbers have their full width; %-d %-m %-H %-I %-j also fewer digits, as written without leading
/// zeros. Names are English, in any case. The day must exist in the Gregorian calendar (%y: 69 to 99 are 19yy, as in POSIX), and a weekday or a
/// day of the year that is stated beside a full date must agree with it. A directive twice is an error.
class DatePattern {
 public:
  static Result<DatePattern> make(const std::string& pattern, const yaml::Node& node);
  bool holds(std::string_view text) const;

 private:
  struct Step {
    char directive = 0;  ///< 0: the literal
    char literal = 0;
    bool short_numbers = false;
  };
  std::vector<Step> steps_;
};

}  // namespace cupel::expectations
