// Rows against the rows of the reference: leakage, new_values.

#include <algorithm>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/row_keys.h"
#include "states/value_counts.h"

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
    const auto make = [](std::span<const int> slots) { return std::make_unique<RowKeys>(std::vector<int>(slots.begin(), slots.end()), slots.size()); };
    keys_ = planning.current->need("row_keys", columns, planning.where, make);
    reference_ = planning.reference->need("row_keys", others, std::nullopt, make);
    if (unexpected_ == Unexpected::unknown && columns.size() == 1) {
      values_ = planning.current->need("value_counts", columns, planning.where, [](std::span<const int> slots) { return std::make_unique<states::ValueCounts>(slots[0]); });
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
    std::vector<std::uint64_t> known = facts.reference->get<RowKeys>(reference_).keys();
    std::sort(known.begin(), known.end());
    std::size_t at = 0;
    keys.rows().for_each([&](std::int64_t row) {
      const bool is_known = std::binary_search(known.begin(), known.end(), keys.keys()[at++]);
      if (is_known == (unexpected_ == Unexpected::known)) outcome.unexpected_rows.push_back(row);
    });
    limits_.judge(*expectation_.predicate, static_cast<std::int64_t>(outcome.unexpected_rows.size()), keys.count(),
                  unexpected_ == Unexpected::known ? "that the reference has too" : "that the reference does not have", outcome);
    if (values_ >= 0 && outcome.unexpected && !outcome.unexpected_rows.empty()) name_new_values(facts.current->get<states::ValueCounts>(values_), outcome);
  }

 private:
  static void name_new_values(const states::ValueCounts& counts, suite::Outcome& outcome) {
    constexpr std::size_t k_shown = 5;
    std::size_t found = 0;
    for (const auto& entry : counts.by_count()) {
      if (!std::binary_search(outcome.unexpected_rows.begin(), outcome.unexpected_rows.end(), entry.first_row)) continue;
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
