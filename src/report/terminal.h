#pragma once

#include <cstdio>
#include <string>

#include "suite/verdict.h"

namespace cupel::report {

struct TerminalOptions {
  bool color = false;
  int width = 100;       ///< columns; longer lines are broken at spaces
  bool verbose = false;  ///< reasons also for what passed
};

/// Colour and width of the stream as it is: a terminal (unless `NO_COLOR` is set) or a file.
TerminalOptions options_of(std::FILE* stream);

/// What a person reads: one line an expectation; for what did not pass also the reason, the derivation and the first unexpected rows.
std::string terminal_text(const suite::Report& report, const TerminalOptions& options);

}  // namespace cupel::report
