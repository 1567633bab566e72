#include "registry/registry.h"

#include <cstdlib>

#include "base/hash.h"
#include "base/text.h"
#include "registry/database.h"
#include "registry/format.h"
#include "registry/identifier.h"
#include "registry/leaving.h"
#include "registry/lock_internal.h"
#include "registry/rows_internal.h"

namespace cupel::registry {
namespace {

constexpr std::string_view k_metadata_file = "model.json";

Result<std::vector<std::string>> texts(Statement& rows) {
  std::vector<std::string> found;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return found;
    found.push_back(rows.text(0));
  }
}

tl::unexpected<Error> unknown(const std::string& what, const std::string& note) { return fail(ErrorKind::not_found, "{}{}", what, note); }

Result<void> check_model(Database& database, const std::string& name, const fs::path& home) {
  ASSIGN_OR_RETURN(Statement rows, database.prepare("SELECT name FROM model ORDER BY name"));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, texts(rows));
  if (std::find(names.begin(), names.end(), name) != names.end()) return {};
  return unknown(fmt::format("unknown model '{}' in '{}'", name, home.string()), nearest_note(name, names));
}

Result<std::int64_t> find_number(Database& database, const Identifier& id, Removed removed) {
  ASSIGN_OR_RETURN(
      Statement rows,
      database.prepare("SELECT v.id, v.removed FROM version v JOIN model m ON m.id = v.model WHERE m.name = ? AND v.number = ?"));
  rows.bind(1, std::string_view(id.name)).bind(2, id.number);
  ASSIGN_OR_RETURN(const bool there, rows.step());
  if (there) {
    if (removed == Removed::show || rows.is_null(1)) return rows.integer(0);
    return fail_with_hint(fmt::format("{}/{} was removed on {}", id.name, id.number, rows.text(1)),
                          fmt::format("cupel models rm --restore {}/{}", id.name, id.number), ErrorKind::not_found);
  }
  ASSIGN_OR_RETURN(Statement last, database.prepare("SELECT next_number - 1 FROM model WHERE name = ?"));
  last.bind(1, std::string_view(id.name));
  ASSIGN_OR_RETURN(const bool row, last.step());
  return fail(ErrorKind::not_found, "unknown version {}/{} (the newest is {}/{})", id.name, id.number, id.name, row ? last.integer(0) : 0);
}

Result<std::int64_t> find_alias(Database& database, const Identifier& id) {
  ASSIGN_OR_RETURN(Statement rows,
                   database.prepare("SELECT a.version FROM alias a JOIN model m ON m.id = a.model WHERE m.name = ? AND a.name = ?"));
  rows.bind(1, std::string_view(id.name)).bind(2, std::string_view(id.alias));
  ASSIGN_OR_RETURN(const bool there, rows.step());
  if (there) return rows.integer(0);
  ASSIGN_OR_RETURN(Statement names,
                   database.prepare("SELECT a.name FROM alias a JOIN model m ON m.id = a.model WHERE m.name = ? ORDER BY a.name"));
  names.bind(1, std::string_view(id.name));
  ASSIGN_OR_RETURN(const std::vector<std::string> known, texts(names));
  return unknown(fmt::format("unknown alias '{}' of model '{}'", id.alias, id.name),
                 known.empty() ? " (it has none)" : nearest_note(id.alias, known));
}

Result<std::int64_t> find_newest(Database& database, const Identifier& id) {
  ASSIGN_OR_RETURN(
      Statement rows,
      database.prepare("SELECT v.id, v.injected FROM version v JOIN model m ON m.id = v.model WHERE m.name = ? AND v.removed IS NULL "
                       "ORDER BY v.injected IS NOT NULL, v.number DESC LIMIT 1"));
  rows.bind(1, std::string_view(id.name));
  ASSIGN_OR_RETURN(const bool there, rows.step());
  if (!there) return fail(ErrorKind::not_found, "model '{}' has no version left: all were removed", id.name);
  if (!rows.is_null(1)) {
    return fail_with_hint(fmt::format("model '{}' has only versions made under an induced fault", id.name), "name one by its number",
                          ErrorKind::not_found);
  }
  return rows.integer(0);
}

/// By the digest of the version, else by that of its model file. Equal digests mean equal bytes, so the newest version stands for all.
Result<std::int64_t> find_digest(Database& database, const std::string& digits, Removed removed) {
  const std::string hidden = removed == Removed::show ? "" : " AND v.removed IS NULL";
  for (const std::string& query :
       {"SELECT v.digest, v.id FROM version v WHERE v.digest GLOB ? || '*'" + hidden,
        "SELECT f.digest, v.id FROM file f JOIN version v ON v.id = f.version WHERE f.role = 'model' AND f.digest GLOB ? || '*'" +
            hidden}) {
    ASSIGN_OR_RETURN(Statement rows, database.prepare(query + " ORDER BY v.injected IS NOT NULL, v.number DESC, v.id DESC"));
    rows.bind(1, std::string_view(digits));
    std::string first;
    std::int64_t row = 0;
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, rows.step());
      if (!more) break;
      if (first.empty()) {
        first = rows.text(0);
        row = rows.integer(1);
      } else if (rows.text(0) != first) {
        return fail("digest sha256:{} is ambiguous: both sha256:{} and sha256:{} begin so", digits, first.substr(0, digits.size() + 8),
                    rows.text(0).substr(0, digits.size() + 8));
      }
    }
    if (!first.empty()) return row;
  }
  return fail(ErrorKind::not_found, "no version has the digest sha256:{}", digits);
}

Result<const StoredFile*> file_of_role(const Version& version, std::string_view role) {
  for (const StoredFile& file : version.files) {
    if (file.role == role) return &file;
  }
  return fail(ErrorKind::not_found, "{} has no file of role '{}'", version.id(), role);
}

/// What a version's rows say must hold by itself before a path is made of it: the database may come from somebody else.
Result<void> check_rows(const Version& version) {
  if (version.purged) return fail(ErrorKind::not_found, "the files of {} were deleted on {}", version.id(), *version.purged);
  for (const StoredFile& file : version.files) {
    TRY(check_file_path(file.path));
    if (!is_digest(file.blob.digest) || file.path == k_metadata_file) {
      return fail(ErrorKind::corrupt, "{}: the entry of file '{}' is damaged", version.id(), shorten(file.path, 80));
    }
  }
  if (content_digest(version.files) != version.digest) {
    return fail(ErrorKind::corrupt, "{}: its files do not add up to its digest sha256:{}", version.id(), version.digest);
  }
  return {};
}

Result<void> check_metadata(const Version& version) {
  if (sha256_hex(version.metadata) == version.metadata_digest) return {};
  return fail(ErrorKind::corrupt, "{}: its model.json does not match its digest sha256:{}", version.id(), version.metadata_digest);
}

Result<void> check_destination(const fs::path& into) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(into, error))) return {};
  if (!fs::is_directory(into, error)) return fail("'{}' is a file, expected a new or empty folder", into.string());
  if (!fs::is_empty(into, error)) return fail("folder '{}' is not empty, expected a new or empty one", into.string());
  return {};
}

}  // namespace

fs::path home_folder() {
  const char* home = std::getenv("CUPEL_HOME");
  return home != nullptr && *home != '\0' ? fs::path(home) : fs::path(".cupel");
}

Registry::Registry(fs::path home, std::unique_ptr<Database> database, StepHook hook)
    : home_(std::move(home)), database_(std::move(database)), hook_(std::move(hook)), blobs_(home_ / "blobs", hook_) {}
Registry::Registry(Registry&&) noexcept = default;
Registry::~Registry() = default;

Result<Registry> Registry::open(const fs::path& home, Access access, StepHook hook) {
  const fs::path file = home / "registry.db";
  std::error_code error;
  const fs::file_status status = fs::status(home, error);
  if (fs::exists(status) && !fs::is_directory(status))
    return fail(ErrorKind::corrupt, "'{}' is not a registry: it is a file, expected a folder", home.string());
  if (fs::is_directory(file, error)) return fail(ErrorKind::corrupt, "'{}' is not a registry: it is a folder", file.string());
  if (!fs::exists(file, error)) {
    if (access == Access::read) {
      return fail_with_hint(fmt::format("no model registry in '{}'", home.string()),
                            "'cupel models add' makes one; $CUPEL_HOME names another folder", ErrorKind::not_found);
    }
    if (hook) TRY(hook("make the registry"));
    fs::create_directories(home, error);
    if (error) return fail(ErrorKind::io, "cannot make folder '{}': {}", home.string(), error.message());
    ASSIGN_OR_RETURN(const FolderLock lock, FolderLock::shared(home, [&] { sweep_unfinished(home); }));
    TRY(create_database(file));
  }
  if (fs::file_size(file, error) == 0 && !error) return fail(ErrorKind::corrupt, "'{}' is not a registry: it is empty", file.string());
  ASSIGN_OR_RETURN(Database opened, Database::open(file, access == Access::read ? Database::Mode::read_only : Database::Mode::read_write));
  if (access == Access::write) {
    TRY(migrate(opened, file));
  } else {
    TRY(check_format(opened, file));
  }
  return Registry(home, std::make_unique<Database>(std::move(opened)), std::move(hook));
}

Result<std::vector<Version>> Registry::list(std::string_view name, Removed removed, Detail detail) {
  Selection selection;
  selection.removed = removed == Removed::show;
  TRY(database_->execute("BEGIN"));  // one moment for all tables
  Result<void> known;
  if (!name.empty()) {
    selection.name = std::string(name);
    known = check_model(*database_, *selection.name, home_);
  }
  auto versions = known ? read_versions(*database_, selection, detail) : tl::unexpected<Error>(known.error());
  TRY(database_->execute("COMMIT"));
  return versions;
}

Result<VersionLines> Registry::list_lines(std::string_view name, Removed removed) {
  Selection selection;
  selection.removed = removed == Removed::show;
  if (!name.empty()) selection.name = std::string(name);
  VersionLines lines(blob_folder());
  TRY(database_->execute("BEGIN"));
  Result<void> read = name.empty() ? Result<void>() : check_model(*database_, *selection.name, home_);
  if (read) read = read_lines(*database_, selection, lines);
  TRY(database_->execute("COMMIT"));
  TRY(read);
  return lines;
}

Result<std::int64_t> Registry::row_of(std::string_view id, Removed removed) {
  ASSIGN_OR_RETURN(const Identifier parsed, parse_identifier(id));
  if (parsed.kind == Identifier::Kind::digest) return find_digest(*database_, parsed.digest, removed);
  TRY(check_model(*database_, parsed.name, home_));
  switch (parsed.kind) {
    case Identifier::Kind::number: return find_number(*database_, parsed, removed);
    case Identifier::Kind::alias: return find_alias(*database_, parsed);
    default: return find_newest(*database_, parsed);
  }
}

Result<Version> Registry::version_at(std::int64_t row) {
  Selection selection;
  selection.row = row;
  selection.removed = true;
  ASSIGN_OR_RETURN(std::vector<Version> versions, read_versions(*database_, selection, Detail::all));
  if (versions.size() != 1)
    return fail(ErrorKind::corrupt, "'{}' is damaged: a version is there {} times", home_.string(), versions.size());
  return std::move(versions[0]);
}

Result<Version> Registry::find(std::string_view id, Removed removed) {
  TRY(database_->execute("BEGIN"));
  Result<std::int64_t> row = row_of(id, removed);
  Result<Version> version = row ? version_at(*row) : tl::unexpected<Error>(row.error());
  TRY(database_->execute("COMMIT"));
  return version;
}

Result<std::vector<Event>> Registry::history(const Version& version) { return read_events(*database_, version.row); }

Result<std::string> Registry::read(const Version& version, std::string_view role) const {
  TRY(check_rows(version));
  ASSIGN_OR_RETURN(const StoredFile* file, file_of_role(version, role));
  return blobs_.read(file->blob);
}

Result<void> Registry::load(const Version& version, const fs::path& into) const {
  TRY(check_rows(version));
  TRY(check_metadata(version));
  const fs::path target = into.has_filename() ? into : into.parent_path();
  TRY(check_destination(target));
  for (const StoredFile& file : version.files) TRY(blobs_.verify(file.blob));
  ASSIGN_OR_RETURN(Leaving leaving, Leaving::make(target));
  for (const StoredFile& file : version.files) {
    // Read again and compared again: what is copied is what was verified.
    ASSIGN_OR_RETURN(PieceFile out, PieceFile::create(leaving.folder() / file.path));
    TRY(blobs_.stream(file.blob, [&out](std::string_view piece) { return out.write(piece); }));
    TRY(out.finish(Durable::no));
  }
  TRY(write_file(leaving.folder() / k_metadata_file, version.metadata));
  return leaving.finish_folder();
}

Result<void> Registry::check(const Version& version) const { return check_rows(version); }

std::vector<Problem> Registry::verify(const Version& version) const {
  std::vector<Problem> problems;
  const auto note = [&](const Result<void>& result) {
    if (!result) problems.push_back({version.id(), result.error().text()});
    return result.has_value();
  };
  if (version.purged) return problems;  // nothing is left that could be wrong
  if (!note(check_rows(version))) return problems;
  note(check_metadata(version));
  for (const StoredFile& file : version.files) note(blobs_.verify(file.blob));
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest) continue;
    std::error_code error;
    const fs::path path = is_digest(*verdict.digest) ? blobs_.path_of(*verdict.digest) : fs::path();
    const std::uintmax_t bytes = fs::file_size(path, error);
    if (error) {
      problems.push_back({version.id(), fmt::format("missing blob of the verdict of suite '{}'", verdict.suite)});
    } else {
      note(blobs_.verify({*verdict.digest, bytes}));
    }
  }
  return problems;
}

Result<std::vector<Problem>> Registry::verify_all(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::vector<Problem> problems;
  ASSIGN_OR_RETURN(Statement check, database_->prepare("PRAGMA integrity_check(10)"));
  ASSIGN_OR_RETURN(const std::vector<std::string> lines, texts(check));
  for (const std::string& line : lines) {
    if (line != "ok") problems.push_back({"", fmt::format("the database is damaged: {}", line)});
  }
  ASSIGN_OR_RETURN(Statement keys, database_->prepare("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 10"));
  ASSIGN_OR_RETURN(const std::vector<std::string> broken, texts(keys));
  for (const std::string& table : broken) problems.push_back({"", fmt::format("a row of table '{}' belongs to nothing", table)});
  ASSIGN_OR_RETURN(const std::vector<Version> versions, list({}, Removed::show));
  std::uint64_t done = 0;
  for (const Version& listed : versions) {
    ASSIGN_OR_RETURN(const Version version, version_at(listed.row));
    for (Problem& problem : verify(version)) problems.push_back(std::move(problem));
    if (progress) progress(++done, versions.size());
  }
  return problems;
}

}  // namespace cupel::registry
