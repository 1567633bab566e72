#include "prove/history.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "base/text.h"
#include "states/scalar.h"

namespace cupel::prove {
namespace {

constexpr std::size_t k_fewest_batches = 3;

std::int64_t median_size(const std::vector<std::vector<std::int64_t>>& batches) {
  std::vector<std::size_t> sizes;
  for (const auto& batch : batches) sizes.push_back(batch.size());
  std::ranges::sort(sizes);
  return static_cast<std::int64_t>(sizes[sizes.size() / 2]);
}

Result<void> settle(History& history, std::int64_t next_rows) {
  const std::int64_t rows = history.rows.num_rows();
  if (rows == 0) return fail("0 rows, nothing to derive limits from");
  if (history.has_batches() && history.batches.size() < k_fewest_batches) {
    return fail_with_hint(fmt::format("{} batches, the spread between batches needs at least {}", history.batches.size(), k_fewest_batches),
                          history.batch_column.empty() ? "give more files, or put all rows into one" : "leave out --batches-by to take the rows as one sample");
  }
  history.next_rows = next_rows;
  if (next_rows == 0) history.next_rows = history.has_batches() ? median_size(history.batches) : std::max<std::int64_t>(1, rows / 5);
  if (history.next_rows > rows) {
    return fail_with_hint(fmt::format("batches of {} rows from {} rows of clean data, expected at least as many", with_thousands(history.next_rows), with_thousands(rows)),
                          "give more data, or a smaller --batch-rows");
  }
  return {};
}

struct ByValue {
  bool operator()(const states::Scalar& a, const states::Scalar& b) const {
    const auto order = a.compare(b);
    return order == std::partial_ordering::less;
  }
};

}  // namespace

Result<History> make_history(table::Table rows, const std::string& batches_by, std::int64_t next_rows) {
  History history;
  history.rows = std::move(rows);
  history.batch_column = batches_by;
  if (!batches_by.empty()) {
    ASSIGN_OR_RETURN(const table::Column column, history.rows.column(batches_by));
    std::map<states::Scalar, std::size_t, ByValue> known;
    std::vector<std::vector<std::int64_t>> batches;
    std::vector<std::string> names;
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      if (column.is_null(row) || (column.type == table::Type::number && column.numbers()[row] != column.numbers()[row])) {
        ++history.left_out;
        continue;
      }
      const auto [at, is_new] = known.try_emplace(states::Scalar::of(column, row), batches.size());
      if (is_new) {
        batches.emplace_back();
        names.push_back(table::value_text(column, row));
      }
      batches[at->second].push_back(row);
    }
    for (const auto& [value, index] : known) {
      history.batches.push_back(std::move(batches[index]));
      history.names.push_back(std::move(names[index]));
    }
    if (history.batches.empty()) return fail("column '{}' has no value, expected one that tells batches apart", batches_by);
  }
  TRY(settle(history, next_rows));
  return history;
}

Result<History> make_history(std::vector<table::Table> batches, std::vector<std::string> names, std::int64_t next_rows) {
  if (batches.size() == 1) return make_history(std::move(batches[0]), "", next_rows);
  History history;
  const table::Schema& schema = batches.front().schema();
  // A column that is whole in one file and has fractions in another holds numbers; any other difference makes it text.
  std::vector<table::Type> types;
  for (const table::Field& field : schema.fields) types.push_back(field.type);
  for (std::size_t b = 1; b < batches.size(); ++b) {
    const table::Schema& other = batches[b].schema();
    if (other.names() != schema.names()) {
      return fail("'{}' has other columns than '{}': {} against {}", names[b], names[0], shorten(join(other.names(), ", "), 200), shorten(join(schema.names(), ", "), 200));
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
      const table::Field& field = other.fields[i];
      if (field.type == types[i] || field.no_values) continue;
      if (schema.fields[i].no_values && b == 1) {
        types[i] = field.type;
      } else {
        types[i] = table::is_numeric(field.type) && table::is_numeric(types[i]) ? table::Type::number : table::Type::text;
      }
    }
  }
  std::vector<table::ColumnBuilder> columns(types.begin(), types.end());
  table::Schema joined = schema;
  for (std::size_t i = 0; i < types.size(); ++i) joined.fields[i].type = types[i];
  std::int64_t next = 0;
  for (const table::Table& batch : batches) {
    std::vector<std::int64_t>& rows = history.batches.emplace_back(static_cast<std::size_t>(batch.num_rows()));
    std::iota(rows.begin(), rows.end(), next);
    next += batch.num_rows();
    for (std::size_t i = 0; i < types.size(); ++i) {
      const table::Column from = batch.column(static_cast<int>(i));
      for (std::int64_t row = 0; row < from.num_rows; ++row) {
        if (from.is_null(row)) {
          columns[i].append_null();
        } else if (from.type == types[i]) {
          columns[i].append_from(from, row);
        } else if (types[i] == table::Type::number) {
          columns[i].append(from.as_number(row));
        } else {
          const std::string text = table::value_text(from, row);
          if (!columns[i].has_room(text.size())) return fail("column '{}' holds more than 2 GiB of text", schema.fields[i].name);
          columns[i].append(std::string_view(text));
        }
      }
    }
  }
  history.rows = table::Table(std::move(joined), std::move(columns));
  history.names = std::move(names);
  TRY(settle(history, next_rows));
  return history;
}

}  // namespace cupel::prove
