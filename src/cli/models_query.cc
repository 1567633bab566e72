#include "cli/models_query.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"
#include "table/rows_where.h"
#include "table/table.h"

namespace cupel::cli {
namespace {

using registry::Version;
using table::ColumnBuilder;
using table::Type;

class VersionTable {
 public:
  explicit VersionTable(const std::vector<Version>& versions) : versions_(versions) {
    text("model", [](const Version& v) { return std::optional(v.name); });
    number("version", Type::integer, [](const Version& v) { return std::optional(static_cast<double>(v.number)); });
    text("created", [](const Version& v) { return std::optional(v.created); });
    text("kind", [](const Version& v) { return v.kind; });
    text("estimator", [](const Version& v) { return v.estimator; });
    text("verdict", worst_verdict);
    text("injected", [](const Version& v) { return v.injected; });
    text("removed", [](const Version& v) { return v.removed; });
    text("because", [](const Version& v) { return v.because; });
    text("digest", [](const Version& v) { return std::optional(v.digest); });
    number("bytes", Type::integer, [](const Version& v) { return std::optional(static_cast<double>(v.bytes())); });
    aliases();
    metrics();
  }
  table::Table finish() { return {std::move(schema_), std::move(columns_)}; }

 private:
  bool add(const std::string& name, Type type) {
    if (schema_.find(name)) return false;
    schema_.fields.push_back({name, type});
    columns_.emplace_back(type);
    return true;
  }
  template <typename Get>
  void text(const std::string& name, Get get) {
    if (!add(name, Type::text)) return;
    for (const Version& version : versions_) {
      const std::optional<std::string> value = get(version);
      value ? columns_.back().append(std::string_view(*value)) : columns_.back().append_null();
    }
  }
  template <typename Get>
  void number(const std::string& name, Type type, Get get) {
    if (!add(name, type)) return;
    for (const Version& version : versions_) {
      const std::optional<double> value = get(version);
      if (!value) {
        columns_.back().append_null();
      } else if (type == Type::integer) {
        columns_.back().append(static_cast<std::int64_t>(*value));
      } else {
        columns_.back().append(*value);
      }
    }
  }

  static std::optional<std::string> worst_verdict(const Version& version) {
    for (const char* word : {"fail", "error", "inconclusive", "pass"}) {
      if (std::ranges::any_of(version.verdicts, [&](const registry::Verdict& verdict) { return verdict.verdict == word; })) return word;
    }
    return std::nullopt;
  }

  void aliases() {
    std::set<std::string> names;
    for (const Version& version : versions_) names.insert(version.aliases.begin(), version.aliases.end());
    for (const std::string& name : names) {
      if (!add("@" + name, Type::boolean)) continue;
      for (const Version& version : versions_) columns_.back().append(static_cast<std::int64_t>(std::ranges::count(version.aliases, name) > 0));
    }
  }

  void metrics() {
    std::map<std::string, std::vector<std::optional<double>>> values;
    for (std::size_t i = 0; i < versions_.size(); ++i) {
      for (const registry::Metric& metric : versions_[i].metrics) {
        std::vector<std::string> names = {metric.part + "." + metric.name};
        if (metric.part == versions_[i].metrics[0].part) names.push_back(metric.name);
        for (const std::string& name : names) {
          std::vector<std::optional<double>>& column = values[name];
          column.resize(versions_.size());
          column[i] = metric.value;
        }
      }
    }
    for (const auto& [name, column] : values) {
      std::size_t row = 0;
      number(name, Type::number, [&](const Version&) { return column[row++]; });
    }
  }

  const std::vector<Version>& versions_;
  table::Schema schema_;
  std::vector<ColumnBuilder> columns_;
};

bool less(const table::Column& column, std::int64_t a, std::int64_t b) {
  return column.type == Type::text ? column.text(a) < column.text(b) : column.as_number(a) < column.as_number(b);
}

/// One key after the other, the last first, stable: so the first key decides.
Result<void> sort_rows(const table::Table& table, std::string_view sort, std::vector<std::int64_t>& rows) {
  std::vector<std::string_view> keys = split(sort, ',');
  std::ranges::reverse(keys);
  for (const std::string_view key : keys) {
    std::string name(trim(key));
    bool descending = false;
    if (const std::size_t space = name.rfind(' '); space != std::string::npos) {
      const std::string direction = to_lower_ascii(name.substr(space + 1));
      if (direction != "asc" && direction != "desc") return fail("'{}' is no order, expected a column and asc or desc", shorten(trim(key), 60));
      descending = direction == "desc";
      name = std::string(trim(std::string_view(name).substr(0, space)));
    }
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    if (!table.schema().find(name)) {
      const std::vector<std::string> names = table.schema().names();
      return fail("--sort: unknown column '{}'{}", shorten(name, 60), nearest_note(name, names));
    }
    ASSIGN_OR_RETURN(const table::Column column, table.column(name));
    std::ranges::stable_sort(rows, [&](std::int64_t a, std::int64_t b) {
      if (column.is_null(a) || column.is_null(b)) return !column.is_null(a) && column.is_null(b);
      return descending ? less(column, b, a) : less(column, a, b);
    });
  }
  return {};
}

}  // namespace

Result<std::vector<Version>> query_versions(std::vector<Version> versions, std::string_view filter, std::string_view sort) {
  if (filter.empty() && sort.empty()) return versions;
  const table::Table table = VersionTable(versions).finish();
  std::vector<std::int64_t> rows(versions.size());
  std::iota(rows.begin(), rows.end(), 0);
  if (!filter.empty()) {
    ASSIGN_OR_RETURN(rows, table::rows_where(table, filter, "--filter"));
  }
  if (!sort.empty()) TRY(sort_rows(table, sort, rows));
  std::vector<Version> chosen;
  for (const std::int64_t row : rows) chosen.push_back(std::move(versions[static_cast<std::size_t>(row)]));
  return chosen;
}

}  // namespace cupel::cli
