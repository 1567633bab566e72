#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"

namespace cupel::report {

/// A JSON file that a page shows, recognised by its content.
struct PageFile {
  enum class Kind { result, model };  ///< of a suite (docs/formats.md), or a model.json (docs/model_json.md)
  Kind kind = Kind::result;
  std::string name;  ///< path below the step's outputs
  Json json;
};

/// A step of a run and what it left.
struct PageStep {
  std::string name;
  Json record;  ///< the step in run.json
  std::vector<PageFile> files;
};

/// One run, or single results that belong to none (then `record` is empty).
struct PageRun {
  Json record;  ///< run.json
  std::vector<PageStep> steps;
  std::vector<std::string> left_out;  ///< outputs that could not be read, with the reason
};

/// A run by its folder and its record (run.json as it stands).
PageRun read_run(const fs::path& folder, Json record);
/// A single file, as a run without record. Error: neither a result nor a model.json.
Result<PageRun> read_file_as_run(const fs::path& file);

}  // namespace cupel::report
