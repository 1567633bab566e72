#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_table.h"

namespace cupel::cli {

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
