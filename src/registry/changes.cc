// Everything that changes a registry.

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/time.h"
#include "registry/database.h"
#include "registry/format.h"
#include "registry/identifier.h"
#include "registry/lock_internal.h"
#include "registry/registry.h"
#include "registry/resolve.h"
#include "registry/rows_internal.h"

namespace cupel::registry {
namespace {

constexpr std::uint64_t k_limit_bytes = 4ull << 30;  // of one file
constexpr std::size_t k_max_files = 1000;
constexpr std::uintmax_t k_metadata_limit = 4u << 20;
constexpr std::uintmax_t k_verdict_limit = 64u << 20;

/// A folder and what its model.json says, for each form in which a model may be named.
struct ModelSource {
  fs::path folder;
  Metadata metadata;
};

Result<Metadata> read_metadata(const fs::path& file) {
  ASSIGN_OR_RETURN(std::string text, read_file(file, k_metadata_limit));
  return parse_metadata(std::move(text), file.string());
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

Result<ModelSource> open_source(const fs::path& source) {
  std::error_code error;
  if (fs::is_directory(source, error)) {
    if (!fs::exists(source / "model.json", error)) {
      return fail_with_hint(fmt::format("folder '{}' has no model.json", source.string()),
                            "name the model's file itself to register it without metadata", ErrorKind::not_found);
    }
    ASSIGN_OR_RETURN(Metadata metadata, read_metadata(source / "model.json"));
    return ModelSource{source, std::move(metadata)};
  }
  if (!fs::exists(source, error)) return fail(ErrorKind::not_found, "missing file or folder '{}'", source.string());
  const fs::path folder = folder_of(source);
  if (source.filename() == "model.json") {
    ASSIGN_OR_RETURN(Metadata metadata, read_metadata(source));
    return ModelSource{folder, std::move(metadata)};
  }
  if (fs::exists(folder / "model.json", error)) {
    auto metadata = read_metadata(folder / "model.json");
    if (metadata && metadata->files.at("model") == source.filename().string()) return ModelSource{folder, std::move(*metadata)};
  }
  return ModelSource{folder, bare_metadata(source.filename().string())};
}

tl::unexpected<Error> refuse_injected(const std::string& id, const std::string& fault) {
  return fail_with_hint(fmt::format("{} was made under the induced fault '{}', so no alias may point at it", id, fault),
                        "--allow-injected overrides this");
}

}  // namespace

Result<std::vector<StoredFile>> Registry::store_files(const fs::path& folder, const Metadata& metadata, CustomOperators custom) {
  std::vector<StoredFile> files;
  for (const auto& [role, path] : metadata.files) {
    ASSIGN_OR_RETURN(BlobStore::Blob blob, blobs_.put(folder, path, k_limit_bytes));
    const auto stated = metadata.digests.find(role);
    if (stated != metadata.digests.end() && stated->second != blob.digest) {
      return fail(ErrorKind::corrupt, "'{}' has digest sha256:{}, its model.json says sha256:{}: it was altered or truncated",
                  (folder / path).string(), blob.digest, stated->second);
    }
    files.push_back({role, path, std::move(blob)});
  }
  TRY(store_tensor_files(folder, custom, files));
  return files;
}

Result<void> Registry::store_tensor_files(const fs::path& folder, CustomOperators custom, std::vector<StoredFile>& files) {
  const StoredFile model = *std::ranges::find(files, "model", &StoredFile::role);
  if (model.blob.bytes == 0) return {};
  ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::open(blobs_.path_of(model.blob.digest)));
  const std::string name = (folder / model.path).string();
  const Result<outline::OnnxOutline> outline = outline::read_outline(mapped.bytes(), name, custom);
  if (!outline && outline.error().kind == ErrorKind::corrupt) return {};  // another format, of which nothing is known
  if (!outline) return tl::unexpected<Error>(outline.error());
  std::size_t number = 0;
  for (const std::string& location : outline->locations()) {
    const std::string path = beside(model.path, location);
    auto file = std::ranges::find(files, path, &StoredFile::path);
    if (file == files.end()) {
      std::string role;
      do {
        role = ++number == 1 ? "tensors" : fmt::format("tensors-{}", number);
      } while (std::ranges::find(files, role, &StoredFile::role) != files.end());
      if (files.size() == k_max_files) return fail("{}: keeps tensors in more than {} files", name, k_max_files);
      auto blob = blobs_.put(folder, path, k_limit_bytes, HardLinks::refuse);
      if (!blob) {
        blob.error().message = fmt::format("'{}' keeps tensors in another file: {}", name, blob.error().message);
        return tl::unexpected<Error>(blob.error());
      }
      file = files.insert(files.end(), {role, path, std::move(*blob)});
    }
    for (const outline::OutsideTensor& tensor : outline->outside) {
      if (tensor.location == location) TRY(outline::check_range(tensor, file->blob.bytes, name));
    }
  }
  std::ranges::sort(files, {}, &StoredFile::role);
  return {};
}

Result<std::vector<Verdict>> Registry::store_verdicts(const std::vector<fs::path>& files) {
  std::vector<Verdict> verdicts;
  for (const fs::path& file : files) {
    ASSIGN_OR_RETURN(const std::string text, read_file(file, k_verdict_limit));
    ASSIGN_OR_RETURN(const Json json, parse_json(text, file.string()));
    ASSIGN_OR_RETURN(Verdict verdict, parse_verdict(json, file.string()));
    ASSIGN_OR_RETURN(const BlobStore::Blob blob, blobs_.put_bytes(text));
    verdict.digest = blob.digest;
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

Result<Added> Registry::add(const AddRequest& request) {
  ASSIGN_OR_RETURN(const ModelSource source, open_source(request.source));
  Version version;
  version.name = request.name.empty() ? source.metadata.name : request.name;
  if (version.name.empty())
    return fail_with_hint(fmt::format("'{}' states no model name", request.source.string()), "give one with --name");
  TRY(check_name(version.name));
  if (request.alias) TRY(check_alias(*request.alias));
  version.injected = source.metadata.injected ? source.metadata.injected : request.injected;
  if (request.alias && version.injected && request.alias_to_injected == Injected::refuse)
    return refuse_injected(version.name, *version.injected);
  version.kind = source.metadata.kind;
  version.estimator = source.metadata.estimator;
  version.because = request.because;
  version.metrics = source.metadata.metrics;
  version.metadata = source.metadata.text;
  version.metadata_digest = sha256_hex(version.metadata);

  TRY(step("lock"));
  ASSIGN_OR_RETURN(const FolderLock lock, FolderLock::shared(home_, [this] { sweep(); }));
  ASSIGN_OR_RETURN(version.files, store_files(source.folder, source.metadata, request.custom_operators));
  ASSIGN_OR_RETURN(version.verdicts, store_verdicts(request.verdicts));
  version.digest = content_digest(version.files);
  if (!request.expected_digest.empty() && request.expected_digest != "sha256:" + version.digest) {
    return fail(ErrorKind::corrupt, "'{}': its files add up to sha256:{}, expected {}", request.source.string(), version.digest, request.expected_digest);
  }
  return commit_version(request, source.metadata.fingerprint(), std::move(version));
}

Result<Added> Registry::commit_version(const AddRequest& request, const std::string& fingerprint, Version version) {
  TRY(step("begin"));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
  ASSIGN_OR_RETURN(const std::int64_t model, model_row(*database_, version.name));
  ASSIGN_OR_RETURN(Statement same, database_->prepare("SELECT id, number FROM version WHERE model = ? AND digest = ? AND fingerprint = ? "
                                                      "AND injected IS ? AND removed IS NULL ORDER BY number DESC LIMIT 1"));
  same.bind(1, model).bind(2, std::string_view(version.digest)).bind(3, std::string_view(fingerprint)).bind(4, version.injected);
  ASSIGN_OR_RETURN(const bool existed, same.step());
  Added added;
  added.existed = existed && request.duplicate == Duplicate::reuse;
  if (added.existed) {
    version.row = same.integer(0);
    version.number = same.integer(1);
    for (const Verdict& verdict : version.verdicts) TRY(insert_verdict(*database_, version.row, verdict));
  } else {
    ASSIGN_OR_RETURN(
        Statement older,
        database_->prepare("SELECT number FROM version WHERE model = ? AND digest = ? AND removed IS NULL ORDER BY number DESC LIMIT 1"));
    older.bind(1, model).bind(2, std::string_view(version.digest));
    ASSIGN_OR_RETURN(const bool has_older, older.step());
    if (has_older) added.same_files_as = fmt::format("{}/{}", version.name, older.integer(0));
    version.created = utc_now();
    TRY(step("write the version"));
    TRY(insert_version(*database_, model, fingerprint, version));
  }
  TRY(insert_event(*database_, version.row, request.origin.empty() ? (added.existed ? "added again" : "added") : "imported", request.origin, request.because));
  if (request.alias) {
    TRY(step("write the alias"));
    TRY(write_alias(*database_, model, *request.alias, version.row));
    TRY(insert_event(*database_, version.row, "alias", *request.alias, request.because));
  }
  ASSIGN_OR_RETURN(added.version, version_at(version.row));
  TRY(step("commit"));
  TRY(transaction.commit());
  TRY(step("done"));
  return added;
}

Result<Version> Registry::set_alias(std::string_view alias, std::string_view id, const std::optional<std::string>& because,
                                    Injected injected) {
  ASSIGN_OR_RETURN(const Identifier parsed, parse_identifier(alias));
  if (parsed.kind != Identifier::Kind::alias) return fail("'{}' is not an alias, expected NAME@ALIAS", alias);
  TRY(step("begin"));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
  ASSIGN_OR_RETURN(const std::int64_t row, row_of(id, Removed::hide));
  ASSIGN_OR_RETURN(const Version version, version_at(row));
  if (version.name != parsed.name) return fail("{} is no version of model '{}'", version.id(), parsed.name);
  if (version.injected && injected == Injected::refuse) return refuse_injected(version.id(), *version.injected);
  ASSIGN_OR_RETURN(const std::int64_t model, model_row(*database_, version.name));
  TRY(write_alias(*database_, model, parsed.alias, row));
  TRY(insert_event(*database_, row, "alias", parsed.alias, because));
  ASSIGN_OR_RETURN(Version changed, version_at(row));
  TRY(step("commit"));
  TRY(transaction.commit());
  return changed;
}

Result<void> Registry::remove_alias(std::string_view alias, const std::optional<std::string>& because) {
  ASSIGN_OR_RETURN(const Identifier parsed, parse_identifier(alias));
  if (parsed.kind != Identifier::Kind::alias) return fail("'{}' is not an alias, expected NAME@ALIAS", alias);
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
  ASSIGN_OR_RETURN(const std::int64_t row, row_of(alias, Removed::show));
  ASSIGN_OR_RETURN(Statement erase, database_->prepare("DELETE FROM alias WHERE version = ? AND name = ?"));
  TRY(erase.bind(1, row).bind(2, std::string_view(parsed.alias)).run());
  TRY(insert_event(*database_, row, "alias removed", parsed.alias, because));
  return transaction.commit();
}

Result<Version> Registry::mark_removed(std::string_view id, const std::optional<std::string>& because, bool removed) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
  ASSIGN_OR_RETURN(const std::int64_t row, row_of(id, removed ? Removed::hide : Removed::show));
  ASSIGN_OR_RETURN(Version version, version_at(row));
  if (removed && !version.aliases.empty()) {
    return fail_with_hint(fmt::format("{} is {}@{}, so it is not removed", version.id(), version.name, version.aliases[0]),
                          "point the alias at another version first");
  }
  if (!removed && version.purged) return fail("{} cannot be restored: its files were deleted on {}", version.id(), *version.purged);
  ASSIGN_OR_RETURN(Statement mark, database_->prepare("UPDATE version SET removed = ? WHERE id = ?"));
  TRY(mark.bind(1, removed ? std::optional<std::string>(utc_now()) : std::nullopt).bind(2, row).run());
  TRY(insert_event(*database_, row, removed ? "removed" : "restored", "", because));
  ASSIGN_OR_RETURN(version, version_at(row));
  TRY(transaction.commit());
  return version;
}

Result<Version> Registry::remove(std::string_view id, const std::optional<std::string>& because) { return mark_removed(id, because, true); }
Result<Version> Registry::restore(std::string_view id, const std::optional<std::string>& because) {
  return mark_removed(id, because, false);
}

Result<Registry::Workplace> Registry::workplace() {
  TRY(step("lock"));
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::shared(home_, [this] { sweep(); }));
  ASSIGN_OR_RETURN(ScratchFolder folder, ScratchFolder::make(home_, "importing"));
  TRY(step("unpack"));
  return Workplace{std::make_shared<const FolderLock>(std::move(lock)), std::move(folder)};
}

void Registry::sweep() {
  blobs_.sweep();
  sweep_unfinished(home_);
}

Result<Swept> Registry::gc(Gc mode) {
  ASSIGN_OR_RETURN(const FolderLock lock, FolderLock::exclusive(home_));
  Swept swept;
  std::set<std::string, std::less<>> needed;
  {
    ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(*database_));
    Selection all;
    all.removed = true;
    ASSIGN_OR_RETURN(const std::vector<Version> versions, read_versions(*database_, all, Detail::facts));
    ASSIGN_OR_RETURN(Statement purge, database_->prepare("UPDATE version SET purged = ? WHERE id = ?"));
    for (const Version& version : versions) {
      if (!version.removed) {
        for (const StoredFile& file : version.files) needed.insert(file.blob.digest);
        for (const Verdict& verdict : version.verdicts) needed.insert(verdict.digest.value_or(""));
      } else if (!version.purged) {
        ++swept.versions;
        TRY(purge.bind(1, std::string_view(utc_now())).bind(2, version.row).run());
        TRY(insert_event(*database_, version.row, "purged", "", std::nullopt));
      }
    }
    TRY(step("commit"));
    if (mode == Gc::sweep) TRY(transaction.commit());  // before the first file goes: a version never promises what is gone
  }
  ASSIGN_OR_RETURN(const std::vector<BlobStore::Blob> blobs, blobs_.list());
  for (const BlobStore::Blob& blob : blobs) {
    if (needed.contains(blob.digest)) continue;
    ++swept.blobs;
    swept.bytes += blob.bytes;
    if (mode == Gc::sweep) TRY(blobs_.remove(blob.digest));
  }
  if (mode == Gc::sweep) sweep();
  return swept;
}

}  // namespace cupel::registry
