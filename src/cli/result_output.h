#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "base/result.h"
#include "suite/verdict.h"

namespace cupel::cli {

/// The output options that all commands with verdicts share.
struct ResultOptions {
  std::string json;   ///< file, `-` for standard output, empty: none
  std::string junit;  ///< the same
  bool strict = false;
  bool quiet = false;
  bool verbose = false;
};

/// Is there text for people on standard output?
bool tells_people(const ResultOptions& options);

void add_result_options(CLI::App& app, ResultOptions& options);

/// Prints the report for people, writes the machine forms, and answers with the exit status. Text for people is left out when a machine form
/// goes to standard output, or when quiet. Expectations that could not be evaluated are also told on stderr.
Result<int> emit(const suite::Report& report, const ResultOptions& options);

}  // namespace cupel::cli
