#include <algorithm>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/key_duplicates.h"
#include "states/row_check.h"
#include "table/expression.h"

namespace cupel::expectations {
namespace {

class NoNull : public states::RowTest {
 public:
  void test(const table::Batch& batch, std::span<const int> slots, states::Selection, std::uint8_t* truth) const override {
    std::fill_n(truth, batch.num_rows, static_cast<std::uint8_t>(table::Expression::k_true));
    for (const int slot : slots) {
      const table::Column& column = batch.columns[static_cast<std::size_t>(slot)];
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        if (column.is_null(row)) truth[row] = table::Expression::k_false;
      }
    }
  }
};

/// No part of the key is null, and no key occurs twice.
class PrimaryKeyCheck : public DataCheck {
 public:
  explicit PrimaryKeyCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(columns_, planning.columns(expectation_, table::ColumnRequest::As::native));
    keys_ = need_key_duplicates(planning, columns_);
    nulls_ = planning.current->need("row_check no_null", columns_, planning.where, [](std::span<const int> slots) {
      return std::make_unique<states::RowCheck>(std::make_shared<NoNull>(), std::vector<int>(slots.begin(), slots.end()));
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& keys = facts.current->get<states::KeyDuplicates>(keys_);
    const auto& nulls = facts.current->get<states::RowCheck>(nulls_);
    outcome.rows_tested = nulls.tested();
    if (nulls.tested() == 0) return outcome.cannot(fmt::format("0 rows{}, nothing to test", where_words(outcome)));
    const auto repeated = keys.duplicate_rows();
    if (!repeated) return outcome.cannot(repeated.error().text());
    const states::RowList& missing = nulls.unexpected_rows();
    outcome.unexpected_rows = states::RowList::united(*repeated, missing);
    const std::int64_t bad = outcome.unexpected_rows.size();
    const double share = static_cast<double>(bad) / static_cast<double>(nulls.tested());
    outcome.unexpected = suite::Unexpected{bad, share, {}};
    outcome.observed = 1 - share;
    const double wanted = expectation_.mostly.value_or(1.0) * static_cast<double>(nulls.tested());
    outcome.pass_if(static_cast<double>(nulls.tested() - bad) >= wanted - 1e-9 * static_cast<double>(nulls.tested()));
    outcome.message = fmt::format("{} of {} rows with a null in the key, {} with a key seen before", with_thousands(missing.size()),
                                  with_thousands(nulls.tested()), with_thousands(repeated->size()));
    if (bad > 0) outcome.message += fmt::format(", first in row {}", outcome.unexpected_rows.first());
    if (expectation_.mostly) outcome.message += fmt::format("; expected none in at least {} % of rows", number_text(*expectation_.mostly * 100));
  }

 private:
  suite::Expectation expectation_;
  std::vector<table::ColumnRequest> columns_;
  int keys_ = -1;
  int nulls_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_primary_key(const suite::Expectation& expectation) { return std::make_unique<PrimaryKeyCheck>(expectation); }

}  // namespace

const DataSubject k_primary_key_subject = {{"primary_key", "a column or columns that are never null and never repeat", suite::Argument::columns, {}, {}, false, true}, make_primary_key};

}  // namespace cupel::expectations
