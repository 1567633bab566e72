#pragma once

#include <span>
#include <string>

#include "report/run_outputs.h"

namespace cupel::report {

/// One self-contained page: no script, no network, light and dark. Everything that comes from data is escaped (html_text.h); its size is
/// bounded by the number of expectations and columns, not by rows.
std::string html_page(std::span<const PageRun> runs);

}  // namespace cupel::report
