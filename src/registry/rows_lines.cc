// Reads the table of versions: each table of the registry once, in the order in which it stands, only the columns that a line shows.

#include "registry/rows_internal.h"

namespace cupel::registry {
namespace {

/// Versions by row, ascending, as they were read; what belongs to them comes in the same order.
class Follower {
 public:
  explicit Follower(const std::vector<std::int64_t>& rows) : rows_(rows) {}
  /// The line of a version, or nothing when it was not selected. Asked in ascending order.
  std::optional<std::size_t> find(std::int64_t row) {
    while (place_ < rows_.size() && rows_[place_] < row) ++place_;
    if (place_ == rows_.size() || rows_[place_] != row) return std::nullopt;
    return place_;
  }

 private:
  const std::vector<std::int64_t>& rows_;
  std::size_t place_ = 0;
};

/// Rows of table x in the order of their versions. All models: the table alone; rows of versions that were not selected are passed over.
Result<Statement> prepare_following(Database& database, std::string_view columns, std::string_view table, std::string_view condition_and_order, const Selection& selection) {
  if (!selection.name) return database.prepare(fmt::format("SELECT x.version, {} FROM {} x WHERE {}", columns, table, condition_and_order));
  ASSIGN_OR_RETURN(Statement rows, database.prepare(fmt::format("SELECT x.version, {} FROM model m JOIN version v ON v.model = m.id JOIN {} x ON x.version = v.id WHERE m.name = ? AND {}",
                                                                columns, table, condition_and_order)));
  rows.bind(1, std::string_view(*selection.name));
  return rows;
}

}  // namespace

Result<void> read_lines(Database& database, const Selection& selection, VersionLines& lines) {
  // The smaller table is joined from the larger, so that nothing needs to be sorted.
  ASSIGN_OR_RETURN(Statement versions, database.prepare(fmt::format("SELECT v.id, m.name, v.number, v.created, v.kind, v.estimator, v.injected, v.removed IS NOT NULL, v.purged IS NOT NULL "
                                                                    "FROM version v CROSS JOIN model m ON m.id = v.model WHERE {} AND {} ORDER BY v.id",
                                                                    selection.name ? "v.model = (SELECT id FROM model WHERE name = ?1)" : "1", selection.removed ? "1" : "v.removed IS NULL")));
  if (selection.name) versions.bind(1, std::string_view(*selection.name));
  std::vector<std::int64_t> rows;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, versions.step());
    if (!more) break;
    rows.push_back(versions.integer(0));
    lines.add({versions.view(1), versions.integer(2), versions.view(3), versions.optional_view(4), versions.optional_view(5), versions.optional_view(6), versions.integer(7) != 0, versions.integer(8) != 0});
  }

  ASSIGN_OR_RETURN(Statement files, prepare_following(database, "x.role, x.digest, x.bytes", "file", "1 ORDER BY x.version, x.role", selection));
  for (Follower follower(rows);;) {
    ASSIGN_OR_RETURN(const bool more, files.step());
    if (!more) break;
    if (const auto line = follower.find(files.integer(0))) lines.add_file(*line, files.view(1), files.view(2), static_cast<std::uint64_t>(files.integer(3)));
  }

  ASSIGN_OR_RETURN(Statement metrics, prepare_following(database, "x.part, x.name, x.value", "metric", fmt::format("x.place < {} ORDER BY x.version, x.place", k_line_metrics), selection));
  for (Follower follower(rows);;) {
    ASSIGN_OR_RETURN(const bool more, metrics.step());
    if (!more) break;
    if (const auto line = follower.find(metrics.integer(0))) lines.add_metric(*line, metrics.view(1), metrics.view(2), metrics.number(3).value_or(0));
  }

  ASSIGN_OR_RETURN(Statement aliases, prepare_following(database, "x.name", "alias", "1 ORDER BY x.version, x.name", selection));
  for (Follower follower(rows);;) {
    ASSIGN_OR_RETURN(const bool more, aliases.step());
    if (!more) break;
    if (const auto line = follower.find(aliases.integer(0))) lines.add_alias(*line, aliases.view(1));
  }
  lines.sort();
  return {};
}

}  // namespace cupel::registry
