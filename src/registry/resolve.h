#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace cupel::registry {

/// A model that a command line named, ready to be parsed: these bytes are the ones that were hashed.
struct ResolvedModel {
  std::string bytes;                    ///< the file of role `model`
  fs::path path;                        ///< where the bytes stood (do not open it again)
  std::string id;                       ///< `reviews/3` for a version of the registry, else empty
  std::string digest;                   ///< `sha256:` and 64 digits, of `bytes`
  std::optional<std::string> metadata;  ///< text of model.json when there is one
  std::optional<std::string> injected;  ///< the induced fault that had a part in it
};

struct ResolveOptions {
  fs::path home;                            ///< of the registry; empty: home_folder()
  std::uintmax_t limit_bytes = 2ull << 30;  ///< larger model files are refused before reading
};

/// What MODEL means: an existing model file, a folder with model.json, that model.json, else an id of the registry (identifier.h).
/// Where model.json or the registry states a digest, bytes that differ are refused (`corrupt`).
Result<ResolvedModel> resolve_model(std::string_view id_or_path, const ResolveOptions& options = {});

}  // namespace cupel::registry
