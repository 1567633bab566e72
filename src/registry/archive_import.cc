#include "registry/archive_import.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <map>

#include "base/hash.h"
#include "base/text.h"
#include "registry/beneath_internal.h"
#include "registry/metadata_facts_internal.h"
#include "registry/format.h"
#include "registry/identifier.h"

namespace cupel::registry {
namespace {

constexpr std::uintmax_t k_text_limit = 64u << 20;

Result<std::string> sha256_of(const fs::path& path) {
  const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return system_error("read", path);
  Sha256 hash;
  std::string piece(std::size_t{1} << 18, '\0');
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, read_some(file.get(), piece, path));
    if (got == 0) return hash.hex_digest();
    hash.update(std::string_view(piece).substr(0, got));
  }
}

/// A folder from elsewhere may hold links that lead out of it; nothing of it is followed.
Result<void> check_folder(const fs::path& folder, const TakeLimits& limits) {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string path = it->path().lexically_relative(folder).generic_string();
    if (++entries > limits.entries) return fail("'{}' holds more than the {} entries that are taken in", folder.string(), limits.entries);
    struct stat info {};
    if (::lstat(it->path().c_str(), &info) != 0) return system_error("read", it->path());
    if (S_ISDIR(info.st_mode)) continue;
    if (!S_ISREG(info.st_mode)) return fail("'{}': '{}' is a link or a device, expected plain files", folder.string(), shorten(path, 80));
    TRY(check_file_path(path));
    bytes += static_cast<std::uint64_t>(info.st_size);
    if (bytes > limits.all_bytes) return fail("'{}' holds more than the {} bytes that are taken in", folder.string(), with_thousands(static_cast<std::int64_t>(limits.all_bytes)));
  }
  if (error) return fail(ErrorKind::io, "cannot read '{}': {}", folder.string(), error.message());
  return {};
}

/// A file that version.json names is there with the digest that it states.
Result<void> check_stated(const fs::path& folder, const Json& entry, const fs::path& source) {
  const std::string path = fact_text(entry, "path");
  TRY(check_file_path(path));
  const std::string stated = fact_text(entry, "digest");
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(folder / path, error))) return fail(ErrorKind::not_found, "'{}' has no file '{}', which its version.json names", source.string(), path);
  ASSIGN_OR_RETURN(const std::string found, sha256_of(folder / path));
  if (stated == "sha256:" + found) return {};
  return fail(ErrorKind::corrupt, "'{}': file '{}' has digest sha256:{}, its version.json says {}: it was altered", source.string(), path, found, shorten(stated, 71));
}

/// What version.json adds to model.json.
struct Stated {
  std::string id;
  std::string name;
  std::string digest;
  std::optional<std::string> injected;
  std::vector<fs::path> results;
};

Result<std::optional<Stated>> read_stated(const fs::path& folder, const fs::path& source) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder / "version.json", error))) return std::nullopt;
  ASSIGN_OR_RETURN(const Json json, read_json(folder / "version.json", k_text_limit));
  const std::string name = (source / "version.json").string();
  if (!json.is_object() || !json.contains("format") || !json["format"].is_number_integer()) return fail(ErrorKind::corrupt, "{}: 'format' is missing, expected 1", name);
  if (json["format"] > 1) return fail_with_hint(fmt::format("{}: has format {}, this cupel reads up to 1", name, json["format"].dump()), "use a newer cupel");
  Stated stated{fact_text(json, "id"), fact_text(json, "name"), fact_text(json, "digest"), std::nullopt, {}};
  if (const std::string injected = fact_text(json, "injected"); !injected.empty()) stated.injected = injected;
  if (const auto metadata = json.find("metadata"); metadata != json.end()) TRY(check_stated(folder, *metadata, source));
  for (const char* key : {"files", "results"}) {
    const auto list = json.find(key);
    if (list == json.end()) continue;
    if (!list->is_array() || list->size() > 2000) return fail(ErrorKind::corrupt, "{}: '{}' is no list of files", name, key);
    for (const Json& entry : *list) {
      TRY(check_stated(folder, entry, source));
      if (std::string_view(key) == "results") stated.results.push_back(folder / fact_text(entry, "path"));
    }
  }
  return stated;
}

Result<Added> add_from(Registry& registry, const ImportRequest& request, const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder / "model.json", error))) {
    return fail_with_hint(fmt::format("'{}' has no model.json: without 'format' and 'files' nobody knows which file is the model, without 'inputs' and 'outputs' what it reads and answers",
                                      request.source.string()),
                          "docs/model_json.md says what it holds; 'cupel models add FILE --name NAME' registers a bare file", ErrorKind::not_found);
  }
  ASSIGN_OR_RETURN(const std::optional<Stated> stated, read_stated(folder, request.source));
  AddRequest add;
  add.source = folder;
  add.name = request.name;
  add.alias = request.alias;
  add.because = request.because;
  add.alias_to_injected = request.alias_to_injected;
  add.custom_operators = request.custom_operators;
  add.origin = request.source.filename().string();
  if (stated) {
    if (add.name.empty()) add.name = stated->name;
    add.verdicts = stated->results;
    add.injected = stated->injected;
    add.expected_digest = stated->digest;
    add.origin = fmt::format("{} from {}", stated->id, request.source.filename().string());
  }
  return registry.add(add);
}

}  // namespace

Result<Added> import_version(Registry& registry, const ImportRequest& request) {
  std::error_code error;
  if (fs::is_directory(request.source, error)) {
    TRY(check_folder(request.source, request.limits));
    return add_from(registry, request, request.source.has_filename() ? request.source : request.source.parent_path());
  }
  if (!fs::exists(request.source, error)) return fail(ErrorKind::not_found, "missing file or folder '{}'", request.source.string());
  if (!is_tar_name(request.source)) {
    return fail_with_hint(fmt::format("'{}' is no folder or tar archive, expected what 'cupel models export' writes", request.source.string()),
                          "'cupel models add FILE --name NAME' registers a bare model file");
  }
  ASSIGN_OR_RETURN(const Registry::Workplace place, registry.workplace());
  TRY(read_tar(request.source, place.folder.path(), request.limits));
  return add_from(registry, request, place.folder.path());
}

}  // namespace cupel::registry
