#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "outline/onnx_outline.h"
#include "registry/blobs.h"
#include "registry/gates.h"
#include "registry/version.h"
#include "registry/version_lines.h"

namespace cupel::registry {

class Database;

/// `$CUPEL_HOME`, or `.cupel` in the working folder.
fs::path home_folder();

enum class Duplicate { reuse, make_new };
enum class Removed { hide, show };
enum class Injected { refuse, allow };
using outline::CustomOperators;

struct AddRequest {
  fs::path source;                      ///< a folder with model.json, that model.json, or a single model file
  std::string name;                     ///< empty: the name that model.json states
  std::optional<std::string> alias;     ///< to set in the same transaction
  std::optional<std::string> because;   ///< why this version is kept
  std::vector<fs::path> verdicts;       ///< JSON results of `check` or `validate` to keep with it
  std::optional<std::string> injected;  ///< marks it as made under an induced fault even if model.json does not say so
  std::string origin;                   ///< of an import: where it came from, for the history
  std::string expected_digest;          ///< of an import: `sha256:…` of the version; another one is refused. Empty: any
  Duplicate duplicate = Duplicate::reuse;
  Injected alias_to_injected = Injected::refuse;
  CustomOperators custom_operators = CustomOperators::refuse;
};

struct Added {
  Version version;
  bool existed = false;                      ///< the same files and metadata were there: nothing new was made
  std::optional<std::string> same_files_as;  ///< an older version with equal files, when the metadata differs
};

/// What `promote` decided and why.
struct Promotion {
  Version version;
  std::optional<Version> holder;    ///< that the alias pointed at before
  std::vector<GateAnswer> answers;  ///< in the order of the gates
  bool allowed = false;
};

/// Something wrong that `verify` found.
struct Problem {
  std::string id;  ///< version, or empty for the registry as a whole
  std::string text;
};

struct Swept {
  std::uint64_t versions = 0;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;
};

/// Model versions in one folder: `registry.db` (SQLite, write-ahead log) and `blobs/`. A version is immutable: its files are kept by
/// content, its metadata as model.json was. Adding writes and syncs the files first and then takes the next number in one
/// transaction, so that after a kill at any instant a version is there whole or not at all. Readers never wait for writers.
/// Several processes may use one folder. Not for several threads at once.
class Registry {
 public:
  enum class Access { read, write };
  /// `write` makes the registry when there is none; `read` does not, and works on a read-only disk.
  /// Errors: `not_found` without a registry; `corrupt` for what is not one; a newer format is refused with its number.
  static Result<Registry> open(const fs::path& home, Access access, StepHook hook = {});
  Registry(Registry&&) noexcept;
  ~Registry();

  /// A model file that reads as ONNX must hold by itself (outline/onnx_outline.h), and the files beside it in which it keeps tensors belong to the
  /// version, as roles `tensors`, `tensors-2`, … if model.json names them otherwise not: inside its folder, no links. A file of another format
  /// is kept as it is.
  ///
  /// Adding what is already there (same name, same files, same metadata but for `created`, `run` and `seconds`) answers with the
  /// existing version unless Duplicate::make_new. Verdicts and alias are attached in either case.
  Result<Added> add(const AddRequest& request);

  /// By name and number. `name` empty: of every model.
  Result<std::vector<Version>> list(std::string_view name = {}, Removed removed = Removed::hide, Detail detail = Detail::facts);
  /// The same as a table for people, several times as fast: only what a line shows is read, and no version is built.
  Result<VersionLines> list_lines(std::string_view name = {}, Removed removed = Removed::hide);
  /// `reviews/3`, `reviews@champion`, `reviews` or `sha256:…`: see identifier.h. With all detail.
  Result<Version> find(std::string_view id, Removed removed = Removed::hide);
  Result<std::vector<Event>> history(const Version& version);

  /// The bytes of the file of this role, hashed and compared before they are handed out.
  Result<std::string> read(const Version& version, std::string_view role) const;
  /// Copies the version's files and its model.json into the folder `into`, which must be new or empty and appears whole. Every file
  /// is hashed and compared before the first byte is copied.
  Result<void> load(const Version& version, const fs::path& into) const;
  /// What the rows of a version say of its files holds by itself; before paths are made of it.
  Result<void> check(const Version& version) const;
  const BlobStore& blobs() const { return blobs_; }
  fs::path blob_path(std::string_view digest) const { return blobs_.path_of(digest); }
  std::string blob_folder() const { return blobs_.location_of(""); }
  std::string blob_location(std::string_view digest) const { return blobs_.location_of(digest); }

  /// Hashes every file of the version again.
  std::vector<Problem> verify(const Version& version) const;
  /// Every version and the database itself. `progress` is called with versions done and their number.
  Result<std::vector<Problem>> verify_all(const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

  /// `name@alias` points at the version `id` (of the same model) from now on; answers with it.
  Result<Version> set_alias(std::string_view alias, std::string_view id, const std::optional<std::string>& because,
                            Injected injected = Injected::refuse);
  /// The same when every gate says yes; files and, of an induced fault, Injected are gates too. The decision stands in the version's history
  /// either way, with its reasons.
  Result<Promotion> promote(std::string_view id, std::string_view alias, const Gates& gates, const std::optional<std::string>& because,
                            Injected injected = Injected::refuse);
  Result<void> remove_alias(std::string_view alias, const std::optional<std::string>& because);

  /// Hides the version; its files stay until `gc`, its number is never given again. Refused while an alias points at it.
  Result<Version> remove(std::string_view id, const std::optional<std::string>& because);
  Result<Version> restore(std::string_view id, const std::optional<std::string>& because);
  enum class Gc { dry_run, sweep };
  /// Deletes the files of removed versions and what interrupted commands left. Waits until no other process is adding.
  Result<Swept> gc(Gc mode);

  const fs::path& home() const { return home_; }
  /// A private folder inside the registry's for the time of an import; what a killed command left of one goes with the next sweep.
  struct Workplace {
    std::shared_ptr<const void> lock;  ///< while it lives nobody sweeps
    ScratchFolder folder;
  };
  Result<Workplace> workplace();

 private:
  Registry(fs::path home, std::unique_ptr<Database> database, StepHook hook);
  Result<void> step(std::string_view name) const { return hook_ ? hook_(name) : Result<void>{}; }
  Result<std::vector<StoredFile>> store_files(const fs::path& folder, const Metadata& metadata, CustomOperators custom);
  Result<void> store_tensor_files(const fs::path& folder, CustomOperators custom, std::vector<StoredFile>& files);
  Result<std::vector<Verdict>> store_verdicts(const std::vector<fs::path>& files);
  Result<Added> commit_version(const AddRequest& request, const std::string& fingerprint, Version version);
  Result<std::int64_t> row_of(std::string_view id, Removed removed);
  Result<Version> version_at(std::int64_t row);
  void sweep();  // what killed commands left; only while no other process is adding
  Result<Version> mark_removed(std::string_view id, const std::optional<std::string>& because, bool removed);

  fs::path home_;
  std::unique_ptr<Database> database_;
  StepHook hook_;
  BlobStore blobs_;
};

}  // namespace cupel::registry
