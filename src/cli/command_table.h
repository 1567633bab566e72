#pragma once

#include <span>
#include <string>
#include <string_view>

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

}  // namespace cupel::cli
