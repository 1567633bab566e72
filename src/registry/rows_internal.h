#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/database.h"
#include "registry/version.h"
#include "registry/version_lines.h"

namespace cupel::registry {

/// How versions stand in registry.db. Callers hold a transaction.

/// Which versions: all fields are conditions that hold together.
struct Selection {
  std::optional<std::int64_t> row;
  std::optional<std::string> name;
  bool removed = false;  ///< also those that were removed
};

/// In order of name and number.
Result<std::vector<Version>> read_versions(Database& database, const Selection& selection, Detail detail);
/// Only what a line shows, in order of name and number.
Result<void> read_lines(Database& database, const Selection& selection, VersionLines& lines);
Result<std::vector<Event>> read_events(Database& database, std::int64_t version);

/// The model's row, made when it is new.
Result<std::int64_t> model_row(Database& database, const std::string& name);
/// Takes the model's next number, writes the version with all that belongs to it, sets `row` and `number`.
Result<void> insert_version(Database& database, std::int64_t model, const std::string& fingerprint, Version& version);
/// Nothing when a verdict with the same result file is there already.
Result<void> insert_verdict(Database& database, std::int64_t version, const Verdict& verdict);
Result<void> insert_event(Database& database, std::int64_t version, std::string_view what, std::string_view detail,
                          const std::optional<std::string>& because);
Result<void> write_alias(Database& database, std::int64_t model, const std::string& alias, std::int64_t version);

}  // namespace cupel::registry
