#pragma once

#include <memory>

#include "flow/runner.h"

namespace cupel::flow {

/// Shows a run on stderr: a line for each step that starts and ends; on a terminal also a last line with what runs now and for how long, with
/// the time that it took before.
std::unique_ptr<Watcher> make_live_view();

}  // namespace cupel::flow
