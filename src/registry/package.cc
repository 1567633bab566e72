#include "registry/package.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "registry/identifier.h"
#include "registry/leaving.h"
#include "registry/listing.h"
#include "registry/provenance.h"

namespace cupel::registry {
namespace {

constexpr std::uintmax_t k_result_limit = 64u << 20;

class Package {
 public:
  /// The first file of a path stays.
  void add(std::string path, std::string bytes) { add({std::move(path), std::move(bytes)}); }
  void add(PackageFile file) {
    if (paths_.insert(file.path).second) files_.push_back(std::move(file));
  }
  std::vector<PackageFile> finish() {
    std::ranges::sort(files_, {}, &PackageFile::path);
    return std::move(files_);
  }

 private:
  std::set<std::string> paths_;
  std::vector<PackageFile> files_;
};

std::string result_path(const Verdict& verdict) { return fmt::format("results/{}.json", verdict.digest->substr(0, 16)); }

/// What the registry knows beside model.json. Aliases are left out: they belong to the registry, not to the version.
Json version_file(const Version& version, std::span<const Event> history) {
  Json json{{"format", 1}, {"id", version.id()}, {"name", version.name}, {"version", version.number}, {"digest", "sha256:" + version.digest}, {"created", version.created}};
  if (version.because) json["because"] = *version.because;
  if (version.injected) json["injected"] = *version.injected;
  json["metadata"] = {{"path", "model.json"}, {"digest", "sha256:" + version.metadata_digest}};
  json["files"] = Json::array();
  for (const StoredFile& file : version.files) {
    json["files"].push_back({{"role", file.role}, {"path", file.path}, {"digest", "sha256:" + file.blob.digest}, {"bytes", file.blob.bytes}});
  }
  json["results"] = Json::array();
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest) continue;
    json["results"].push_back({{"suite", verdict.suite}, {"verdict", verdict.verdict}, {"path", result_path(verdict)}, {"digest", "sha256:" + *verdict.digest}});
  }
  json["history"] = Json::array();
  for (const Event& event : history) {
    Json entry{{"at", event.at}, {"what", event.what}};
    if (!event.detail.empty()) entry["detail"] = event.detail;
    if (!event.because.empty()) entry["because"] = event.because;
    json["history"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

Result<void> PackageFile::stream(const std::function<Result<void>(std::string_view)>& take) const {
  if (stored) return stored->store.stream(stored->blob, take);
  return take(bytes);
}

Result<std::vector<PackageFile>> package_files(Registry& registry, const Version& version, const CardOptions& options) {
  Package package;
  if (sha256_hex(version.metadata) != version.metadata_digest) {
    return fail(ErrorKind::corrupt, "{}: its model.json does not match its digest sha256:{}", version.id(), version.metadata_digest);
  }
  TRY(registry.check(version));
  ASSIGN_OR_RETURN(const std::vector<Event> history, registry.history(version));
  package.add("model.json", version.metadata);
  package.add("version.json", json_text(version_file(version, history)));
  for (const StoredFile& file : version.files) {
    if (file.path == "version.json" || file.path.starts_with("results/")) {
      return fail("{} has a file '{}', a name that its export needs", version.id(), file.path);
    }
    package.add({file.path, {}, PackageFile::Stored{registry.blobs(), file.blob}});
  }
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest || !is_digest(*verdict.digest)) continue;
    ASSIGN_OR_RETURN(std::string bytes, read_file(registry.blob_path(*verdict.digest), k_result_limit));
    if (sha256_hex(bytes) != *verdict.digest) return fail(ErrorKind::corrupt, "{}: the result of suite '{}' was altered after it was stored", version.id(), verdict.suite);
    package.add(result_path(verdict), std::move(bytes));
  }
  package.add("README.md", card_page(version, options));
  package.add("provenance.json", json_text(provenance_statement(version)));
  package.add("MLmodel", mlmodel_file(version));
  package.add("python_env.yaml", std::string(python_environment_file()));
  package.add("requirements.txt", requirements_file(version));
  package.add("code/cupel_model.py", std::string(python_loader()));
  package.add("Dockerfile", std::string(scoring_dockerfile()));
  return package.finish();
}

Result<void> write_package(std::span<const PackageFile> files, const fs::path& into) {
  const fs::path target = into.has_filename() ? into : into.parent_path();
  std::error_code error;
  if (fs::exists(fs::symlink_status(target, error))) {
    if (!fs::is_directory(target, error)) return fail("'{}' is a file, expected a new or empty folder", target.string());
    if (!fs::is_empty(target, error)) return fail("folder '{}' is not empty, expected a new or empty one", target.string());
  }
  ASSIGN_OR_RETURN(Leaving leaving, Leaving::make(target));
  for (const PackageFile& file : files) {
    ASSIGN_OR_RETURN(PieceFile out, PieceFile::create(leaving.folder() / file.path));
    TRY(file.stream([&out](std::string_view piece) { return out.write(piece); }));
    TRY(out.finish(Durable::no));
  }
  return leaving.finish_folder();
}

}  // namespace cupel::registry
