#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cupel::source {

/// One of the files that a folder or a pattern stands for.
struct ListedFile {
  std::string path;
  std::string name;  ///< below the folder; the path as matched for a pattern
  /// Of its folders' names: `year=2017` gives year and "2017"; `__HIVE_DEFAULT_PARTITION__` is a null. Percent signs are decoded.
  std::vector<std::pair<std::string, std::optional<std::string>>> partitions;
};

/// Is the path a folder, or a pattern (`*`, `?`, `[…]`) and no file of that very name?
bool names_many_files(const std::string& path);

/// The files, in the order of the bytes of their names. Of a folder all below it, but none that is hidden or begins with an underscore, nor
/// what tells a file's origin (`x.csv.origin`). Errors: there is none; files that stand below other partition keys than the first does.
Result<std::vector<ListedFile>> list_files(const std::string& path);

}  // namespace cupel::source
