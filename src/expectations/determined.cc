#include <algorithm>
#include <optional>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/row_keys.h"
#include "states/unordered_rows.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::RowKeys;

/// The value that most rows of a key have (ties: the value seen first), for one key after the other in ascending order.
class MostFrequentValues {
 public:
  explicit MostFrequentValues(const RowKeys& keys) : records_(keys.records().ascending()) { has_next_ = records_.next(next_); }

  /// Of the next key.
  std::uint64_t next() {
    std::uint64_t best = next_.value;
    std::int64_t best_row = next_.row;
    std::int64_t best_size = 0;
    const std::uint64_t key = next_.key;
    while (has_next_ && next_.key == key) {
      const RowKeys::Record first = next_;
      std::int64_t size = 0;
      for (; has_next_ && next_.key == key && next_.value == first.value; has_next_ = records_.next(next_)) ++size;
      if (size < best_size || (size == best_size && first.row > best_row)) continue;
      best = first.value;
      best_row = first.row;
      best_size = size;
    }
    return best;
  }

 private:
  states::SortedRuns<RowKeys::Record>::Cursor records_;
  RowKeys::Record next_;
  bool has_next_ = false;
};

/// Rows whose value is not the one that most rows of their key have. A second walk follows the first by one key.
Result<states::RowList> rows_that_differ(const RowKeys& keys) {
  MostFrequentValues most(keys);
  states::UnorderedRows rows;
  std::optional<std::uint64_t> key;
  std::uint64_t value = 0;
  keys.records().for_each([&](const RowKeys::Record& record) {
    if (key != record.key) value = most.next();
    key = record.key;
    if (record.value != value) rows.add(record.row);
  });
  return rows.list();
}

class DeterminedCheck : public DataCheck {
 public:
  DeterminedCheck(const suite::Expectation& expectation, std::optional<std::vector<std::string>> by) : expectation_(expectation), by_(std::move(by)) {}

  Result<void> plan(const Planning& planning) override {
    const table::Schema& schema = planning.current->schema();
    ASSIGN_OR_RETURN(const auto value, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    std::vector<table::ColumnRequest> columns;
    for (std::size_t i = 0; !by_ && i < schema.fields.size(); ++i) {
      if (static_cast<int>(i) != value.field) columns.push_back({static_cast<int>(i), As::native});
    }
    for (const std::string& name : by_.value_or(std::vector<std::string>{})) {
      ASSIGN_OR_RETURN(columns.emplace_back(), planning.column(name, *expectation_.parameter("by"), As::native));
    }
    const std::size_t num_key = columns.size();
    if (num_key == 0) return expectation_.subject_node.fail_here("the table has no other column");
    columns.push_back(value);
    state_ = planning.current->need(fmt::format("row_keys and values {}", num_key), columns, planning.where, [num_key, limit = planning.state_bytes](std::span<const int> slots) {
      return std::make_unique<RowKeys>(std::vector<int>(slots.begin(), slots.end()), num_key, limit);
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& keys = facts.current->get<RowKeys>(state_);
    outcome.rows_tested = keys.count();
    if (keys.count() == 0) return outcome.cannot(fmt::format("0 rows with a key and a value{}, nothing to test", where_words(outcome)));
    auto differing = rows_that_differ(keys);
    if (!differing) return outcome.cannot(differing.error().text());
    outcome.unexpected_rows = std::move(*differing);
    const std::int64_t bad = outcome.unexpected_rows.size();
    const auto rows = static_cast<double>(keys.count());
    const double share = static_cast<double>(bad) / rows;
    outcome.unexpected = suite::Unexpected{bad, share, {}};
    outcome.observed = 1 - share;
    outcome.pass_if(rows - static_cast<double>(bad) >= expectation_.mostly.value_or(1.0) * rows - 1e-9 * rows);
    outcome.message = fmt::format("{} of {} rows differ from the '{}' that most rows of their key have ({})", with_thousands(bad), with_thousands(keys.count()), expectation_.arguments[0], percent_text(share));
    if (bad > 0) outcome.message += fmt::format(", first in row {}", outcome.unexpected_rows.first());
    outcome.message += fmt::format("; expected one value for each {}", by_ ? "'" + join(*by_, "', '") + "'" : "combination of the other columns");
    if (expectation_.mostly) outcome.message += fmt::format(" in at least {} % of rows", number_text(*expectation_.mostly * 100));
  }

 private:
  suite::Expectation expectation_;
  std::optional<std::vector<std::string>> by_;  ///< empty: all others
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_determined(const suite::Expectation& expectation) {
  const yaml::Node* by = expectation.parameter("by");
  if (by == nullptr) return expectation.entry.fail_here("'determined' without 'by', the column or columns that decide, or the word others");
  if (by->is_scalar() && !by->quoted && by->scalar == "others") return std::make_unique<DeterminedCheck>(expectation, std::nullopt);
  ASSIGN_OR_RETURN(std::vector<std::string> columns, by->texts("'by'"));
  if (columns.empty()) return by->fail_here("'by' is an empty list, expected at least one column");
  if (std::find(columns.begin(), columns.end(), expectation.arguments[0]) != columns.end()) return by->fail_here(fmt::format("'{}' is determined by itself", expectation.arguments[0]));
  return std::make_unique<DeterminedCheck>(expectation, std::move(columns));
}

}  // namespace

const DataSubject k_determined_subject = {{"determined", "a column has one value for each value of other columns", suite::Argument::column, {}, {"by"}, false, true}, make_determined};

}  // namespace cupel::expectations
