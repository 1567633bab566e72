#include "expectations/example_keys.h"

#include <algorithm>
#include <map>
#include <optional>

#include "states/row_check.h"
#include "table/table.h"

namespace cupel::expectations {
namespace {

using table::ColumnRequest;
using Values = std::vector<std::optional<std::string>>;  // of one row, in the order of the requests

/// Takes the values of a few rows out of a scan.
class RowValues : public table::ChunkVisitor {
 public:
  RowValues(std::vector<std::int64_t> rows, std::span<const std::int64_t> rows_before) : rows_(std::move(rows)), rows_before_(rows_before) {}

  class Part : public Chunk {
   public:
    Part(std::span<const std::int64_t> rows, std::int64_t first_row) : rows_(rows), first_row_(first_row) {}
    void visit(const table::Batch& batch) override {
      const std::int64_t begin = first_row_ + batch.first_row;
      auto at = std::lower_bound(rows_.begin(), rows_.end(), begin);
      for (; at != rows_.end() && *at < begin + batch.num_rows; ++at) {
        Values& values = found[*at];
        for (const table::Column& column : batch.columns) {
          values.push_back(column.is_null(*at - begin) ? std::nullopt : std::optional(table::value_text(column, *at - begin)));
        }
      }
    }
    std::map<std::int64_t, Values> found;

   private:
    std::span<const std::int64_t> rows_;
    std::int64_t first_row_;
  };

  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override {
    return std::make_unique<Part>(rows_, rows_before_[static_cast<std::size_t>(index)]);
  }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t) override { found.merge(static_cast<Part&>(*chunk).found); }
  void restart() override { found.clear(); }

  std::map<std::int64_t, Values> found;

 private:
  std::vector<std::int64_t> rows_;
  std::span<const std::int64_t> rows_before_;
};

/// The columns to read, each once.
class Wanted {
 public:
  std::size_t slot(int field) {
    const ColumnRequest request{field, ColumnRequest::As::text};
    const auto index = static_cast<std::size_t>(std::find(requests.begin(), requests.end(), request) - requests.begin());
    if (index == requests.size()) requests.push_back(request);
    return index;
  }
  std::vector<ColumnRequest> requests;
};

/// Examples for an expectation that only counted: its first rows, still without values.
void take_first_rows(suite::Outcome& outcome) {
  for (const std::int64_t row : outcome.unexpected_rows.rows(states::RowCheck::k_examples)) outcome.unexpected->examples.push_back({row, {}});
}

}  // namespace

Result<void> add_example_keys(std::span<suite::Outcome> outcomes, std::span<const std::string> key, table::BatchSource& source,
                              std::span<const std::int64_t> rows_before, const table::ScanOptions& scan) {
  Wanted wanted;
  for (const std::string& name : key) {
    const std::optional<int> field = source.schema().find(name);
    if (!field) return table::unknown_column(name, source.schema());
    wanted.slot(*field);
  }
  struct Counted {
    suite::Outcome* outcome;
    std::vector<std::size_t> slots;
  };
  std::vector<Counted> counted;
  std::vector<std::int64_t> rows;
  for (suite::Outcome& outcome : outcomes) {
    if (outcome.verdict == suite::Verdict::pass || !outcome.unexpected) continue;
    if (outcome.unexpected->examples.empty() && !outcome.unexpected_rows.empty()) {
      take_first_rows(outcome);
      Counted& counting = counted.emplace_back(Counted{&outcome, {}});
      for (const std::string& name : outcome.columns) {
        if (const auto field = source.schema().find(name)) counting.slots.push_back(wanted.slot(*field));
      }
    }
    for (const suite::Example& example : outcome.unexpected->examples) rows.push_back(example.row);
  }
  if (rows.empty()) return {};
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  RowValues values(std::move(rows), rows_before);
  TRY(source.scan(wanted.requests, values, scan));
  for (const Counted& counting : counted) {
    for (suite::Example& example : counting.outcome->unexpected->examples) {
      const Values& row = values.found.at(example.row);
      for (const std::size_t slot : counting.slots) {
        example.value += (slot == counting.slots.front() ? "" : ", ") + row[slot].value_or(counting.slots.size() > 1 ? "null" : "");
      }
    }
  }
  for (suite::Outcome& outcome : outcomes) {
    if (outcome.verdict == suite::Verdict::pass || !outcome.unexpected) continue;
    for (suite::Example& example : outcome.unexpected->examples) {
      const Values& row = values.found.at(example.row);
      example.key = Json::object();
      for (std::size_t i = 0; i < key.size(); ++i) {
        const std::size_t slot = wanted.slot(*source.schema().find(key[i]));
        if (row[slot]) example.key[key[i]] = *row[slot];
      }
    }
  }
  return {};
}

}  // namespace cupel::expectations
