#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace cupel::registry {

/// A file beside the model in which it keeps tensors.
struct ResolvedFile {
  std::string location;  ///< as the model names it
  std::string bytes;
};

/// The path of `location`, which a model names, inside the folder of a version whose model file is `model_path`.
std::string beside(const std::string& model_path, const std::string& location);

/// A model that a command line named, ready to be parsed: these bytes are the ones that were hashed.
struct ResolvedModel {
  std::string bytes;                    ///< the file of role `model`
  fs::path path;                        ///< where the bytes stood (do not open it again)
  std::string id;                       ///< `reviews/3` for a version of the registry, else empty
  std::string digest;                   ///< `sha256:` and 64 digits, of `bytes`
  std::optional<std::string> metadata;  ///< text of model.json when there is one
  std::vector<ResolvedFile> tensor_files;  ///< all that it names
  std::optional<std::string> injected;  ///< the induced fault that had a part in it
};

struct ResolveOptions {
  fs::path home;                            ///< of the registry; empty: home_folder()
  std::uintmax_t limit_bytes = 2ull << 30;  ///< larger model files are refused before reading
};

/// What MODEL means: an existing model file, a folder with model.json, that model.json, else an id of the registry (identifier.h).
/// Where model.json or the registry states a digest, bytes that differ are refused (`corrupt`).
/// Files in which the model keeps tensors are read too: those of the version, else plain files inside the model's folder. Refused: a location that is
/// absolute or climbs, a symbolic link on the way, a file with more than one name, what is no regular file.
Result<ResolvedModel> resolve_model(std::string_view id_or_path, const ResolveOptions& options = {});

}  // namespace cupel::registry
