#pragma once

#include <cstdio>
#include <string>

#include "suite/verdict.h"

namespace cupel::report {

struct TerminalOptions {
  bool color = false;
  int width = 100;       ///< columns; longer lines are broken at spaces
  bool verbose = false;  ///< reasons also for what passed, every group, every expectation of a long suite
  bool details = true;   ///< reason, derivation and rows below what did not pass
};

/// Colour and width of the stream as it is: a terminal (unless `NO_COLOR` is set) or a file.
TerminalOptions options_of(std::FILE* stream);

/// What a person reads: one line an expectation; for what did not pass also the reason, the derivation and the first unexpected rows. Of an
/// expectation by groups, those that did not pass come first and the others share a line; of a suite of more than 100 expectations, those that
/// passed are only counted.
std::string terminal_text(const suite::Report& report, const TerminalOptions& options);

}  // namespace cupel::report
