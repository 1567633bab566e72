#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "registry/card_page.h"
#include "registry/registry.h"

namespace cupel::registry {

/// One file of an exported version: bytes that were made, or a blob that is read when it is written, so that a large model is never in memory.
struct PackageFile {
  std::string path;  ///< checked: see check_file_path
  std::string bytes{};
  struct Stored {
    BlobStore store;
    BlobStore::Blob blob;
  };
  std::optional<Stored> stored{};

  std::uint64_t size() const { return stored ? stored->blob.bytes : bytes.size(); }
  /// Hands the bytes on in pieces; of a blob they are hashed on the way, and an error means that they were not the blob's.
  Result<void> stream(const std::function<Result<void>(std::string_view)>& take) const;
};

/// A version as it leaves the registry, sorted by path: its files and `model.json`; `version.json` (what the registry knows: id, digests, verdicts, history);
/// `results/` (of the suites); `README.md` (the model card); `provenance.json`; `MLmodel`, `python_env.yaml`, `requirements.txt`, `code/cupel_model.py`
/// (MLflow); `Dockerfile` (scoring). The bytes depend on the state of the version alone. A file of the version that has such a name stays
/// instead of the one that would be made. Files of the version are hashed and compared with their digests when they are
/// written. Errors: those of Registry::read.
Result<std::vector<PackageFile>> package_files(Registry& registry, const Version& version, const CardOptions& options = {});

/// Writes them into the folder `into`, which must be new or empty and appears whole.
Result<void> write_package(std::span<const PackageFile> files, const fs::path& into);

/// Tables of MLflow (mlflow.org, the file MLmodel) and the Python module by which it and the container load the model.
std::string mlmodel_file(const Version& version);
std::string requirements_file(const Version& version);
std::string_view python_environment_file();
std::string_view python_loader();
std::string_view scoring_dockerfile();

}  // namespace cupel::registry
