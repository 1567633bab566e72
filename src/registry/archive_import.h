#pragma once

#include <optional>
#include <string>

#include "registry/archive_tar.h"
#include "registry/registry.h"

namespace cupel::registry {

struct ImportRequest {
  fs::path source;                     ///< a folder or a tar archive, as `export` writes them; also a folder with model.json from elsewhere
  std::string name;                    ///< empty: the name that it states
  std::optional<std::string> alias;
  std::optional<std::string> because;
  Injected alias_to_injected = Injected::refuse;
  CustomOperators custom_operators = CustomOperators::refuse;
  TakeLimits limits{};
};

/// Takes a version in under the next number of its name; what is there already answers with the existing version. Every file is compared with the digest that
/// version.json and model.json state, and the digest of the version is computed again; results of suites come with it, the mark of an induced fault too, and
/// the history says where it came from. Unpacked in a private folder of the registry, so that after a kill nothing is there but what the next command
/// sweeps. Errors: a file that differs, is missing or is not stated; those of read_tar; a model without model.json, with what is missing.
Result<Added> import_version(Registry& registry, const ImportRequest& request);

}  // namespace cupel::registry
