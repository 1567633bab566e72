#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "states/column_profile.h"
#include "states/null_masks.h"
#include "table/batch.h"
#include "table/expression.h"

namespace cupel::states {

/// The saved, mergeable summary of a table: enough to compare, and to check most expectations, without its rows.
struct Profile {
  struct ColumnEntry {
    std::string name;
    table::Type type = table::Type::text;
    ColumnProfile facts{0};
  };
  std::vector<std::string> sources{};  ///< where the rows came from, in order
  std::string where{};                 ///< which of them; empty: all
  std::int64_t rows = 0;
  std::vector<ColumnEntry> columns{};
  NullMasks null_masks{{}};

  const ColumnEntry* find(std::string_view name) const;
  table::Schema schema() const;

  /// Adds the rows of a profile of the same columns (in any order). Where the types differ the wider one holds: number before integer, text
  /// before all. Equals the profile of all rows together, exactly while the counts of the values are exact.
  Result<void> merge(const Profile& later);

  /// File format 1 (docs/formats.md).
  std::string bytes() const;
  /// `name` is for messages. Hostile bytes are refused.
  static Result<Profile> parse(std::string_view bytes, std::string_view name);
};

/// Do these first bytes of a file say that it is a profile?
bool is_profile(std::string_view bytes);

struct ProfileOptions {
  table::ScanOptions scan{};
  std::optional<table::Expression> where{};
  std::int64_t state_bytes = k_state_bytes;
};

/// One scan over all columns.
Result<Profile> make_profile(table::BatchSource& source, const ProfileOptions& options);

Result<Profile> read_profile(const fs::path& path);

}  // namespace cupel::states
