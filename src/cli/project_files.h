#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/project_facts.h"

namespace cupel::cli {

/// How a project names its data and reads it.
struct ProjectNames {
  std::string name;          ///< of the project, the model and the flow
  std::string data;          ///< path of the data, from the project's folder
  std::string told;          ///< the data as given, for the reader
  std::string date;          ///< of the look at the data
  std::string read_options;  ///< words for every command that reads it, quoted for the shell, with a space in front; or empty
};

/// Expectations about the data, each with its limits, reason and derivation, as YAML entries of `expect`. Limits here are wide and say so; this is
/// the function that a calibrated suggestion replaces.
std::string data_expectations(const ProjectFacts& facts, const ProjectNames& names);

/// All files of a project, path and content: suites/data.yaml, suites/model.yaml, train.yaml, flow.yaml, steps/*/Dockerfile, README.md.
std::vector<std::pair<std::string, std::string>> project_files(const ProjectFacts& facts, const ProjectNames& names);

/// The Dockerfile of a step, as the example has it: check, train or validate. Made by the build.
std::string_view step_dockerfile(std::string_view step);

}  // namespace cupel::cli
