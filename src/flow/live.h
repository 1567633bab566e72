#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "flow/runner.h"

namespace cupel::flow {

/// Shows a run on stderr: a line for each step that starts and ends; on a terminal also a last line: how many steps are settled, how long
/// the run will still take, what runs now and for how long, with the time that it took before.
std::unique_ptr<Watcher> make_live_view();
/// That last line, in at most `width` columns; what does not fit is counted: "[3/9] about 4 min 10 s left  train 12.0 s  +2".
std::string status_line(std::ptrdiff_t settled, std::size_t steps, const std::vector<Watcher::Running>& running, const TimeLeft& left, std::size_t width);

}  // namespace cupel::flow
