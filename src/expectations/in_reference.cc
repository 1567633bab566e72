// Rows against the rows of the reference: leakage, new_values.

#include <unordered_set>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/row_keys.h"
#include "states/unordered_rows.h"
#include "states/value_frequencies.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::RowKeys;

class InReferenceCheck : public DataCheck {
 public:
  enum class Unexpected { known, unknown };
  InReferenceCheck(const suite::Expectation& expectation, ShareOrCount limits, Unexpected unexpected) : expectation_(expectation), limits_(limits), unexpected_(unexpected) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto columns, planning.columns(expectation_, As::native));
    std::vector<table::ColumnRequest> others;
    for (const auto& column : columns) {
      const std::string& name = planning.current->schema().fields[static_cast<std::size_t>(column.field)].name;
      ASSIGN_OR_RETURN(others.emplace_back(), planning.reference_column(name, expectation_.subject_node, As::native));
      fields_.push_back({column.field, others.back().field});
    }
    // A filter on the data does not change what the reference has.
    const auto make = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<RowKeys>(std::vector<int>(slots.begin(), slots.end()), slots.size(), limit); };
    keys_ = planning.current->need("row_keys", columns, planning.where, make);
    reference_ = planning.reference->need("row_keys", others, std::nullopt, make);
    if (unexpected_ == Unexpected::unknown && columns.size() == 1) {
      const auto frequencies = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Frequencies>(slots[0], limit); };
      values_ = planning.current->need("frequencies", columns, planning.where, frequencies);
    }
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    for (const auto& [here, there] : fields_) {
      const table::Field& a = facts.schema->fields[static_cast<std::size_t>(here)];
      const table::Field& b = facts.reference_schema->fields[static_cast<std::size_t>(there)];
      const bool comparable = a.type == b.type || (table::is_numeric(a.type) && table::is_numeric(b.type)) || a.no_values || b.no_values;
      if (!comparable) {
        return outcome.cannot(fmt::format("{}: column '{}' is {} here and {} in the reference", expectation_.subject_node.place(), a.name, table::type_name(a.type), table::type_name(b.type)));
      }
    }
    const auto& keys = facts.current->get<RowKeys>(keys_);
    auto rows = unexpected_rows(keys, facts.reference->get<RowKeys>(reference_));
    if (!rows) return outcome.cannot(rows.error().text());
    outcome.unexpected_rows = std::move(*rows);
    limits_.judge(*expectation_.predicate, outcome.unexpected_rows.size(), keys.count(),
                  unexpected_ == Unexpected::known ? "that the reference has too" : "that the reference does not have", outcome);
    if (values_ < 0 || !outcome.unexpected || outcome.unexpected_rows.empty()) return;
    // Of more values than fit in memory none is named: their rows are told all the same.
    if (const auto& values = facts.current->get<states::Frequencies>(values_); values.is_exact()) name_new_values(values.exact(), outcome);
  }

 private:
  /// Both sorted by key: one walk through each.
  Result<states::RowList> unexpected_rows(const RowKeys& keys, const RowKeys& reference) const {
    states::UnorderedRows rows;
    auto known = reference.records().ascending();
    RowKeys::Record there;
    bool has_there = known.next(there);
    keys.records().for_each([&](const RowKeys::Record& here) {
      while (has_there && there.key < here.key) has_there = known.next(there);
      const bool is_known = has_there && there.key == here.key;
      if (is_known == (unexpected_ == Unexpected::known)) rows.add(here.row);
    });
    return rows.list();
  }

  static void name_new_values(const states::ValueCounts& counts, suite::Outcome& outcome) {
    constexpr std::size_t k_shown = 5;
    std::size_t found = 0;
    // A value is new if its first row is among the unexpected ones: entries come in the order of their first rows.
    std::unordered_set<std::int64_t> new_rows;
    states::RowList::Cursor unexpected(outcome.unexpected_rows);
    std::int64_t row = -1;
    counts.for_each([&](const states::Scalar&, std::int64_t, std::int64_t first_row) {
      while (row < first_row && unexpected.next(row)) {
      }
      if (row == first_row) new_rows.insert(row);
    });
    for (const auto& entry : counts.by_count()) {
      if (!new_rows.contains(entry.first_row)) continue;
      if (++found <= k_shown) {
        outcome.message += fmt::format("{} '{}' ({})", found == 1 ? "; new:" : ",", shorten(entry.value, 40), with_thousands(entry.count));
        outcome.unexpected->examples.push_back({entry.first_row, entry.value});
      }
    }
    if (found > k_shown) outcome.message += fmt::format(", … ({} in all)", with_thousands(static_cast<std::int64_t>(found)));
  }

  suite::Expectation expectation_;
  ShareOrCount limits_;
  Unexpected unexpected_;
  std::vector<std::pair<int, int>> fields_;
  int keys_ = -1;
  int reference_ = -1;
  int values_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_leakage(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<InReferenceCheck>(expectation, limits, InReferenceCheck::Unexpected::known);
}
Result<std::unique_ptr<DataCheck>> make_new_values(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<InReferenceCheck>(expectation, limits, InReferenceCheck::Unexpected::unknown);
}

}  // namespace

const DataSubject k_leakage_subject = {{.name = "leakage", .summary = "rows that the reference has too, as a whole or by some columns, as a share or a count", .argument = suite::Argument::table_or_columns,
                                        .predicates = k_number_predicates, .wants_reference = true}, make_leakage};
const DataSubject k_new_values_subject = {{.name = "new_values", .summary = "rows whose value (of a column or several) the reference does not have, as a share or a count", .argument = suite::Argument::columns,
                                           .predicates = k_number_predicates, .wants_reference = true}, make_new_values};

}  // namespace cupel::expectations
