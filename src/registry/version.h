#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "registry/blobs.h"
#include "registry/metadata.h"

namespace cupel::registry {

struct StoredFile {
  std::string role;  ///< `model`, …
  std::string path;  ///< inside the version's folder
  BlobStore::Blob blob;
};

/// How much of a version is read.
enum class Detail {
  facts,  ///< all but the metadata's text and digest
  all,
};

/// One immutable version of a model, as the registry knows it.
struct Version {
  std::int64_t row = 0;  ///< in registry.db; means nothing outside
  std::string name;
  std::int64_t number = 0;
  std::string digest;  ///< of the contents: see content_digest
  std::string created;
  std::optional<std::string> kind;
  std::optional<std::string> estimator;
  std::optional<std::string> injected;  ///< the induced fault that had a part in it; such a version is never taken for a real one
  std::optional<std::string> because;
  std::optional<std::string> removed;  ///< when
  std::optional<std::string> purged;   ///< when its files were deleted
  std::vector<std::string> aliases;
  std::vector<StoredFile> files;  ///< sorted by role
  std::vector<Metric> metrics;    ///< those of the part `held_out` first, else as model.json has them
  std::vector<Verdict> verdicts;
  std::string metadata;         ///< text of model.json
  std::string metadata_digest;  ///< 64 hexadecimal digits

  std::string id() const;  ///< `reviews/3`; control characters of an altered registry are made visible
  std::uint64_t bytes() const;
};

/// One line of a version's history.
struct Event {
  std::string at;
  std::string what;  ///< added, added again, alias, alias removed, removed, restored, purged
  std::string detail;
  std::string because;
};

/// SHA-256 over the sorted lines `role NUL path NUL digest LF`: equal for equal files under equal names, whatever their metadata.
std::string content_digest(std::span<const StoredFile> files);

}  // namespace cupel::registry
