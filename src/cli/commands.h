#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace cupel::cli {

// One function a command, in the file of the command's name: `check_command` stands in check.cc. Each gets the words after the
// command's name and answers with the exit status (DESIGN §2); an Error is printed and turned into a status by the frontier.

Result<int> ab_command(std::span<const std::string> words);
Result<int> check_command(std::span<const std::string> words);
Result<int> drift_command(std::span<const std::string> words);
Result<int> explain_command(std::span<const std::string> words);
Result<int> generate_command(std::span<const std::string> words);
Result<int> init_command(std::span<const std::string> words);
Result<int> list_command(std::span<const std::string> words);
Result<int> models_command(std::span<const std::string> words);
Result<int> predict_command(std::span<const std::string> words);
Result<int> profile_command(std::span<const std::string> words);
Result<int> prove_command(std::span<const std::string> words);
Result<int> report_command(std::span<const std::string> words);
Result<int> run_command(std::span<const std::string> words);
Result<int> runs_command(std::span<const std::string> words);
Result<int> suggest_command(std::span<const std::string> words);
Result<int> train_command(std::span<const std::string> words);
Result<int> validate_command(std::span<const std::string> words);

}  // namespace cupel::cli
