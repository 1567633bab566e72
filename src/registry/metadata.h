#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace cupel::registry {

/// A measured quality of a model on one part of the data.
struct Metric {
  std::string part;  ///< `held_out`, `training`, …
  std::string name;  ///< `auc`, `accuracy`, …
  double value = 0;
  std::optional<double> low;  ///< with `high`: the interval at `confidence`
  std::optional<double> high;
  std::optional<double> confidence;
  std::optional<std::int64_t> rows;
};

/// What a suite said about a version.
struct Verdict {
  std::string suite;
  std::string verdict;  ///< pass, fail, inconclusive or error
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t inconclusive = 0;
  std::int64_t errors = 0;
  std::optional<std::int64_t> seed;
  std::optional<std::string> started;
  std::optional<std::string> digest;  ///< of the result file, kept as a blob
};

/// model.json (format 1): what a trainer says about its model. Keys that are not listed here are kept as they are and shown. The
/// shape is the manual page `model.json`.
struct Metadata {
  std::string text;                            ///< the file's bytes
  Json json;                                   ///< parsed
  std::string name;                            ///< empty when not stated
  std::map<std::string, std::string> files;    ///< role -> path in the folder; `model` is always there
  std::map<std::string, std::string> digests;  ///< role -> 64 hexadecimal digits, for those that are stated
  std::vector<Metric> metrics;                 ///< those of `held_out` first
  std::optional<std::string> kind;
  std::optional<std::string> estimator;
  std::optional<std::string> injected;

  /// SHA-256 over everything but the facts that change from run to run of the same training: `created`, `run`, `seconds`.
  std::string fingerprint() const;
};

/// Errors name the file, the key, what was found and what was expected. At most 4 MiB.
Result<Metadata> parse_metadata(std::string text, std::string_view source);

/// The least metadata of a model that came without: one file.
Metadata bare_metadata(const std::string& file_name);

/// A result of `check` or `validate` (format 1) as a verdict.
Result<Verdict> parse_verdict(const Json& result, std::string_view source);

}  // namespace cupel::registry
