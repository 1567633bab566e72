#include "registry/format.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace cupel::registry {
namespace {

constexpr std::int64_t k_application_id = 0x4355504C;  // "CUPL", in the header of the file

constexpr std::string_view k_scratch_prefix = "creating";
constexpr std::string_view k_import_prefix = "importing";

/// Step n brings format n to n + 1. A step that has once been released is never changed: a golden file in the tests holds it.
constexpr std::array k_steps = {
    R"sql(
CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  next_number INTEGER NOT NULL DEFAULT 1 CHECK (next_number >= 1)
) STRICT;

CREATE TABLE version (
  id INTEGER PRIMARY KEY,
  model INTEGER NOT NULL REFERENCES model (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
  kind TEXT,
  estimator TEXT,
  injected TEXT,
  because TEXT,
  created TEXT NOT NULL,
  removed TEXT,
  purged TEXT,
  UNIQUE (model, number)
) STRICT;
CREATE INDEX version_digest ON version (digest);

CREATE TABLE metadata (
  version INTEGER PRIMARY KEY REFERENCES version (id),
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  text TEXT NOT NULL
) STRICT;

CREATE TABLE file (
  version INTEGER NOT NULL REFERENCES version (id),
  role TEXT NOT NULL,
  path TEXT NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  PRIMARY KEY (version, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_digest ON file (digest);

CREATE TABLE metric (
  version INTEGER NOT NULL REFERENCES version (id),
  place INTEGER NOT NULL,
  part TEXT NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  low REAL,
  high REAL,
  confidence REAL,
  rows INTEGER,
  PRIMARY KEY (version, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict (
  version INTEGER NOT NULL REFERENCES version (id),
  place INTEGER NOT NULL,
  suite TEXT NOT NULL,
  verdict TEXT NOT NULL,
  passed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  inconclusive INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  seed INTEGER,
  started TEXT,
  digest TEXT,
  PRIMARY KEY (version, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alias (
  model INTEGER NOT NULL REFERENCES model (id),
  name TEXT NOT NULL,
  version INTEGER NOT NULL REFERENCES version (id),
  changed TEXT NOT NULL,
  PRIMARY KEY (model, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  what TEXT NOT NULL,
  version INTEGER NOT NULL REFERENCES version (id),
  detail TEXT,
  because TEXT
) STRICT;
CREATE INDEX event_version ON event (version);

CREATE TRIGGER version_is_immutable
  BEFORE UPDATE OF model, number, digest, fingerprint, kind, estimator, injected, because, created ON version
  BEGIN SELECT RAISE(ABORT, 'a version is immutable'); END;
CREATE TRIGGER version_number_is_kept BEFORE DELETE ON version
  BEGIN SELECT RAISE(ABORT, 'the row of a version stays, so that its number is never given again'); END;
CREATE TRIGGER metadata_is_immutable BEFORE UPDATE ON metadata
  BEGIN SELECT RAISE(ABORT, 'the metadata of a version is immutable'); END;
CREATE TRIGGER file_is_immutable BEFORE UPDATE ON file
  BEGIN SELECT RAISE(ABORT, 'a file of a version is immutable'); END;
CREATE TRIGGER metric_is_immutable BEFORE UPDATE ON metric
  BEGIN SELECT RAISE(ABORT, 'a metric of a version is immutable'); END;
)sql",
};

Result<std::int64_t> format_of(Database& database) { return database.number("PRAGMA user_version"); }

Result<void> run_step(Database& database, std::size_t step) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::begin(database));
  ASSIGN_OR_RETURN(const std::int64_t format, format_of(database));
  if (format > static_cast<std::int64_t>(step)) return {};  // another process was faster
  TRY(database.execute(k_steps[step]));
  TRY(database.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", k_application_id, step + 1)));
  return transaction.commit();
}

}  // namespace

int newest_format() { return static_cast<int>(k_steps.size()); }

Result<void> create_database(const fs::path& file) {
  ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::make(file.parent_path(), k_scratch_prefix));
  const fs::path fresh = scratch.path() / file.filename();
  {
    ASSIGN_OR_RETURN(Database database, Database::open(fresh, Database::Mode::create));
    TRY(database.execute("PRAGMA journal_mode=WAL"));
    for (std::size_t step = 0; step < k_steps.size(); ++step) TRY(run_step(database, step));
    // Closing writes the log back too, but does not tell when it cannot.
    ASSIGN_OR_RETURN(const std::int64_t busy, database.number("PRAGMA wal_checkpoint(TRUNCATE)"));
    if (busy != 0) return fail(ErrorKind::io, "cannot make '{}': its log was not written back", file.string());
  }
  // A link, not a rename: it never replaces the registry of a faster process.
  if (::link(fresh.c_str(), file.c_str()) != 0 && errno != EEXIST) return system_error("make", file);
  return sync_folder(file.parent_path());
}

void sweep_unfinished(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(fmt::format(".{}.", k_scratch_prefix)) || name.starts_with(fmt::format(".{}.", k_import_prefix))) unfinished.push_back(entry.path());
  }
  for (const fs::path& path : unfinished) fs::remove_all(path, error);  // what cannot go now goes with the next sweep
}

Result<int> check_format(Database& database, const fs::path& file) {
  ASSIGN_OR_RETURN(const std::int64_t application, database.number("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const std::int64_t format, format_of(database));
  if (application != k_application_id || format < 1) {
    return fail(ErrorKind::corrupt, "'{}' is not a model registry: it is a database of another program, or empty", file.string());
  }
  if (format > newest_format()) {
    return fail_with_hint(fmt::format("'{}' has registry format {}, this cupel reads up to {}", file.string(), format, newest_format()),
                          "use a newer cupel");
  }
  return static_cast<int>(format);
}

Result<void> migrate(Database& database, const fs::path& file) {
  ASSIGN_OR_RETURN(const int format, check_format(database, file));
  for (auto step = static_cast<std::size_t>(format); step < k_steps.size(); ++step) TRY(run_step(database, step));
  return {};
}

}  // namespace cupel::registry
