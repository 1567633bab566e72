#pragma once

#include <string>
#include <vector>

#include "registry/version.h"

namespace cupel::registry {

/// One thing in which two versions differ. An empty side: that version does not have it.
struct Difference {
  std::string what;  ///< path in model.json such as `metrics held_out auc`, or `file model`
  std::string before;
  std::string after;
};

/// Files and model.json compared; list entries are matched by their name (columns, dependencies). `created`, `run` and `seconds` are
/// left out, and everything that is equal. Both versions come from `find`.
std::vector<Difference> compare(const Version& before, const Version& after);

}  // namespace cupel::registry
