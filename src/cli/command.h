#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::cli {

/// One command of an executable. `run` gets the words after the command's name and answers with the exit status; an Error becomes
/// `cupel NAME: message` on stderr and the status of its kind.
struct Command {
  std::string_view name;
  std::string_view summary;
  Result<int> (*run)(std::span<const std::string> words);
};

/// The frontier of an executable that holds these commands: the first word chooses one. Also knows `--version` and `--help`.
int run_commands(std::string_view executable, std::span<const Command> commands, int argc, char** argv);

/// Parses the words by the app's options. Nothing: go on. A status: help was printed, stop with it. Error: wrong usage, with the
/// nearest known option.
Result<std::optional<int>> parse_words(CLI::App& app, std::span<const std::string> words);

}  // namespace cupel::cli

/// Parses, and leaves the command when help was asked for.
#define PARSE_OR_RETURN(app, words)                                  \
  do {                                                               \
    auto cupel_parsed_ = ::cupel::cli::parse_words(app, words);      \
    if (!cupel_parsed_) return tl::unexpected<::cupel::Error>(std::move(cupel_parsed_.error())); \
    if (cupel_parsed_->has_value()) return **cupel_parsed_;          \
  } while (false)
