#include "registry/rows_internal.h"

#include <unordered_map>

#include "base/time.h"

namespace cupel::registry {
namespace {

/// The conditions of a selection as SQL over `version v` and `model m`, and its values bound in order.
std::string where_text(const Selection& selection) {
  std::string text = " WHERE 1";
  if (selection.row) text += " AND v.id = ?1";
  if (selection.name) text += " AND m.name = ?2";
  if (!selection.removed) text += " AND v.removed IS NULL";
  return text;
}

Result<Statement> prepare_selected(Database& database, const std::string& columns_and_tables, const Selection& selection,
                                   std::string_view order) {
  ASSIGN_OR_RETURN(Statement statement, database.prepare(columns_and_tables + where_text(selection) + std::string(order)));
  if (selection.row) statement.bind(1, *selection.row);
  if (selection.name) statement.bind(2, std::string_view(*selection.name));
  return statement;
}

/// Versions by row, so that the tables that belong to them can be read in one pass each.
class Index {
 public:
  explicit Index(std::vector<Version>& versions) : versions_(versions) {
    places_.reserve(versions.size());
    for (std::size_t i = 0; i < versions.size(); ++i) places_.emplace(versions[i].row, i);
  }
  Version* find(std::int64_t row) {
    if (last_ != nullptr && last_->row == row) return last_;
    const auto it = places_.find(row);
    last_ = it == places_.end() ? nullptr : &versions_[it->second];
    return last_;
  }

 private:
  std::vector<Version>& versions_;
  std::unordered_map<std::int64_t, std::size_t> places_;
  Version* last_ = nullptr;
};

/// Rows of a table x that belongs to versions, in their order. For whole registries the table alone is read, in the order in which it
/// stands: rows of versions that were not selected are passed over by the index.
Result<Statement> prepare_belonging(Database& database, const std::string& columns_and_table, const Selection& selection,
                                    std::string_view order) {
  if (!selection.row && !selection.name) return database.prepare(columns_and_table + std::string(order));
  return prepare_selected(database, columns_and_table + " JOIN version v ON v.id = x.version JOIN model m ON m.id = v.model", selection,
                          order);
}

Result<void> read_files(Database& database, const Selection& selection, Index& index) {
  ASSIGN_OR_RETURN(Statement rows, prepare_belonging(database, "SELECT x.version, x.role, x.path, x.digest, x.bytes FROM file x", selection,
                                                     " ORDER BY x.version, x.role"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return {};
    if (Version* version = index.find(rows.integer(0))) {
      version->files.push_back({rows.text(1), rows.text(2), {rows.text(3), static_cast<std::uint64_t>(rows.integer(4))}});
    }
  }
}

Result<void> read_metrics(Database& database, const Selection& selection, Index& index) {
  ASSIGN_OR_RETURN(
      Statement rows,
      prepare_belonging(database, "SELECT x.version, x.part, x.name, x.value, x.low, x.high, x.confidence, x.rows FROM metric x",
                        selection, " ORDER BY x.version, x.place"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return {};
    if (Version* version = index.find(rows.integer(0))) {
      version->metrics.push_back({rows.text(1), rows.text(2), rows.number(3).value_or(0), rows.number(4), rows.number(5), rows.number(6),
                                  rows.optional_integer(7)});
    }
  }
}

Result<void> read_verdicts(Database& database, const Selection& selection, Index& index) {
  ASSIGN_OR_RETURN(
      Statement rows,
      prepare_belonging(database,
                        "SELECT x.version, x.suite, x.verdict, x.passed, x.failed, x.inconclusive, x.errors, x.seed, x.started, "
                        "x.digest FROM verdict x",
                        selection, " ORDER BY x.version, x.place"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return {};
    if (Version* version = index.find(rows.integer(0))) {
      version->verdicts.push_back({rows.text(1), rows.text(2), rows.integer(3), rows.integer(4), rows.integer(5), rows.integer(6),
                                   rows.optional_integer(7), rows.optional_text(8), rows.optional_text(9)});
    }
  }
}

Result<void> read_metadata_texts(Database& database, const Selection& selection, Index& index) {
  ASSIGN_OR_RETURN(Statement rows,
                   prepare_belonging(database, "SELECT x.version, x.digest, x.text FROM metadata x", selection, " ORDER BY x.version"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return {};
    if (Version* version = index.find(rows.integer(0))) {
      version->metadata_digest = rows.text(1);
      version->metadata = rows.text(2);
    }
  }
}

Result<void> read_aliases(Database& database, const Selection& selection, Index& index) {
  ASSIGN_OR_RETURN(Statement rows,
                   prepare_belonging(database, "SELECT x.version, x.name FROM alias x", selection, " ORDER BY x.version, x.name"));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return {};
    if (Version* version = index.find(rows.integer(0))) version->aliases.push_back(rows.text(1));
  }
}

}  // namespace

Result<std::vector<Version>> read_versions(Database& database, const Selection& selection, Detail detail) {
  // CROSS JOIN keeps the loops in this order: models by name, then their versions by number, both along an index, so nothing is sorted.
  ASSIGN_OR_RETURN(
      Statement rows,
      prepare_selected(database,
                       "SELECT v.id, m.name, v.number, v.digest, v.created, v.kind, v.estimator, v.injected, v.because, v.removed, "
                       "v.purged FROM model m CROSS JOIN version v ON v.model = m.id",
                       selection, " ORDER BY m.name, v.number"));
  std::vector<Version> versions;
  if (!selection.row) {
    ASSIGN_OR_RETURN(const std::int64_t count, database.number("SELECT count(*) FROM version"));
    versions.reserve(static_cast<std::size_t>(count));
  }
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) break;
    Version& version = versions.emplace_back();
    version.row = rows.integer(0);
    version.name = rows.text(1);
    version.number = rows.integer(2);
    version.digest = rows.text(3);
    version.created = rows.text(4);
    version.kind = rows.optional_text(5);
    version.estimator = rows.optional_text(6);
    version.injected = rows.optional_text(7);
    version.because = rows.optional_text(8);
    version.removed = rows.optional_text(9);
    version.purged = rows.optional_text(10);
  }
  Index index(versions);
  TRY(read_files(database, selection, index));
  TRY(read_metrics(database, selection, index));
  TRY(read_aliases(database, selection, index));
  TRY(read_verdicts(database, selection, index));
  if (detail == Detail::all) TRY(read_metadata_texts(database, selection, index));
  return versions;
}

Result<std::vector<Event>> read_events(Database& database, std::int64_t version) {
  ASSIGN_OR_RETURN(Statement rows, database.prepare("SELECT at, what, detail, because FROM event WHERE version = ? ORDER BY id"));
  rows.bind(1, version);
  std::vector<Event> events;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return events;
    events.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
  }
}

Result<std::int64_t> model_row(Database& database, const std::string& name) {
  ASSIGN_OR_RETURN(Statement insert, database.prepare("INSERT INTO model (name) VALUES (?) ON CONFLICT (name) DO NOTHING"));
  TRY(insert.bind(1, std::string_view(name)).run());
  ASSIGN_OR_RETURN(Statement select, database.prepare("SELECT id FROM model WHERE name = ?"));
  select.bind(1, std::string_view(name));
  ASSIGN_OR_RETURN(const bool row, select.step());
  if (!row) return fail(ErrorKind::corrupt, "model '{}' is not there right after it was written", name);
  return select.integer(0);
}

Result<void> insert_version(Database& database, std::int64_t model, const std::string& fingerprint, Version& version) {
  ASSIGN_OR_RETURN(Statement take,
                   database.prepare("UPDATE model SET next_number = next_number + 1 WHERE id = ? RETURNING next_number - 1, id"));
  take.bind(1, model);
  ASSIGN_OR_RETURN(const bool taken, take.step());
  if (!taken) return fail(ErrorKind::corrupt, "model '{}' is not there", version.name);
  version.number = take.integer(0);
  TRY(take.run());
  ASSIGN_OR_RETURN(Statement insert,
                   database.prepare("INSERT INTO version (model, number, digest, fingerprint, kind, estimator, injected, because, created) "
                                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"));
  insert.bind(1, model).bind(2, version.number).bind(3, std::string_view(version.digest)).bind(4, std::string_view(fingerprint));
  insert.bind(5, version.kind).bind(6, version.estimator).bind(7, version.injected).bind(8, version.because);
  insert.bind(9, std::string_view(version.created));
  ASSIGN_OR_RETURN(const bool inserted, insert.step());
  if (!inserted) return fail(ErrorKind::corrupt, "{} was not written", version.id());
  version.row = insert.integer(0);
  TRY(insert.run());

  ASSIGN_OR_RETURN(Statement metadata, database.prepare("INSERT INTO metadata (version, digest, text) VALUES (?, ?, ?)"));
  TRY(metadata.bind(1, version.row).bind(2, std::string_view(version.metadata_digest)).bind(3, std::string_view(version.metadata)).run());
  ASSIGN_OR_RETURN(Statement file, database.prepare("INSERT INTO file (version, role, path, digest, bytes) VALUES (?, ?, ?, ?, ?)"));
  for (const StoredFile& stored : version.files) {
    file.bind(1, version.row).bind(2, std::string_view(stored.role)).bind(3, std::string_view(stored.path));
    TRY(file.bind(4, std::string_view(stored.blob.digest)).bind(5, static_cast<std::int64_t>(stored.blob.bytes)).run());
  }
  ASSIGN_OR_RETURN(Statement metric, database.prepare("INSERT INTO metric (version, place, part, name, value, low, high, confidence, rows) "
                                                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  std::int64_t place = 0;
  for (const Metric& measured : version.metrics) {
    metric.bind(1, version.row).bind(2, place++).bind(3, std::string_view(measured.part)).bind(4, std::string_view(measured.name));
    metric.bind(5, measured.value).bind(6, measured.low).bind(7, measured.high).bind(8, measured.confidence).bind(9, measured.rows);
    TRY(metric.run());
  }
  for (const Verdict& verdict : version.verdicts) TRY(insert_verdict(database, version.row, verdict));
  return {};
}

Result<void> insert_verdict(Database& database, std::int64_t version, const Verdict& verdict) {
  ASSIGN_OR_RETURN(
      Statement insert,
      database.prepare("INSERT INTO verdict (version, place, suite, verdict, passed, failed, inconclusive, errors, seed, started, digest) "
                       "SELECT ?1, count(*), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM verdict WHERE version = ?1 "
                       "HAVING count(*) FILTER (WHERE digest = ?10) = 0"));
  insert.bind(1, version).bind(2, std::string_view(verdict.suite)).bind(3, std::string_view(verdict.verdict)).bind(4, verdict.passed);
  insert.bind(5, verdict.failed).bind(6, verdict.inconclusive).bind(7, verdict.errors).bind(8, verdict.seed).bind(9, verdict.started);
  return insert.bind(10, verdict.digest).run();
}

Result<void> insert_event(Database& database, std::int64_t version, std::string_view what, std::string_view detail,
                          const std::optional<std::string>& because) {
  ASSIGN_OR_RETURN(Statement insert, database.prepare("INSERT INTO event (at, what, version, detail, because) VALUES (?, ?, ?, ?, ?)"));
  insert.bind(1, std::string_view(utc_now())).bind(2, what).bind(3, version);
  insert.bind(4, detail.empty() ? std::optional<std::string>() : std::optional<std::string>(detail));
  return insert.bind(5, because).run();
}

Result<void> write_alias(Database& database, std::int64_t model, const std::string& alias, std::int64_t version) {
  ASSIGN_OR_RETURN(Statement insert,
                   database.prepare("INSERT INTO alias (model, name, version, changed) VALUES (?, ?, ?, ?) "
                                    "ON CONFLICT (model, name) DO UPDATE SET version = excluded.version, changed = excluded.changed"));
  return insert.bind(1, model).bind(2, std::string_view(alias)).bind(3, version).bind(4, std::string_view(utc_now())).run();
}

}  // namespace cupel::registry
