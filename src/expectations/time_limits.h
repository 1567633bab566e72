#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expectations/data_check.h"

namespace cupel::expectations {

/// `90s`, `30m`, `36h`, `2d`, `1w`, also `500ms`, and joined: `1d 12h`. Microseconds; nothing if it is not a duration.
std::optional<double> parse_duration(std::string_view text);

/// 129600000000 -> "1 d 12 h"; exact to the millisecond, below that in microseconds.
std::string micros_text(double micros);

/// Limits that are durations, in microseconds: the predicate with numbers in their place. Error: a limit that is none.
Result<suite::Predicate> duration_limits(const suite::Predicate& predicate);

}  // namespace cupel::expectations
