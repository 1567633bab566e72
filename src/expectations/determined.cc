#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/row_keys.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::RowKeys;

/// Rows whose value is not the one that most rows of their key have (ties: the value seen first), ascending.
std::vector<std::int64_t> rows_that_differ(const RowKeys& keys) {
  const auto n = static_cast<std::size_t>(keys.count());
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& key = keys.keys();
  const auto& value = keys.values();
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return std::tie(key[a], value[a], a) < std::tie(key[b], value[b], b); });
  std::vector<std::uint8_t> differs(n, 0);
  for (std::size_t begin = 0; begin < n;) {
    std::size_t end = begin;
    std::size_t best_begin = begin;
    std::size_t best_size = 0;
    while (end < n && key[order[end]] == key[order[begin]]) {
      std::size_t run = end;
      while (run < n && key[order[run]] == key[order[begin]] && value[order[run]] == value[order[end]]) ++run;
      const std::size_t size = run - end;
      if (size > best_size || (size == best_size && order[end] < order[best_begin])) {
        best_begin = end;
        best_size = size;
      }
      end = run;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (value[order[i]] != value[order[best_begin]]) differs[order[i]] = 1;
    }
    begin = end;
  }
  std::vector<std::int64_t> rows;
  std::size_t at = 0;
  keys.rows().for_each([&](std::int64_t row) {
    if (differs[at++] != 0) rows.push_back(row);
  });
  return rows;
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
    state_ = planning.current->need(fmt::format("row_keys and values {}", num_key), columns, planning.where, [num_key](std::span<const int> slots) {
      return std::make_unique<RowKeys>(std::vector<int>(slots.begin(), slots.end()), num_key);
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& keys = facts.current->get<RowKeys>(state_);
    outcome.rows_tested = keys.count();
    if (keys.count() == 0) return outcome.cannot(fmt::format("0 rows with a key and a value{}, nothing to test", where_words(outcome)));
    outcome.unexpected_rows = rows_that_differ(keys);
    const auto bad = static_cast<std::int64_t>(outcome.unexpected_rows.size());
    const auto rows = static_cast<double>(keys.count());
    const double share = static_cast<double>(bad) / rows;
    outcome.unexpected = suite::Unexpected{bad, share, {}};
    outcome.observed = 1 - share;
    outcome.pass_if(rows - static_cast<double>(bad) >= expectation_.mostly.value_or(1.0) * rows - 1e-9 * rows);
    outcome.message = fmt::format("{} of {} rows differ from the '{}' that most rows of their key have ({})", with_thousands(bad), with_thousands(keys.count()), expectation_.arguments[0], percent_text(share));
    if (bad > 0) outcome.message += fmt::format(", first in row {}", outcome.unexpected_rows[0]);
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
