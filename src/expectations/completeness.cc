// Rows and their nulls across columns: incomplete_rows, empty_rows.

#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "table/expression.h"

namespace cupel::expectations {
namespace {

/// As expected: no column is null (complete), or not all of them are (some).
class PresenceTest : public states::RowTest {
 public:
  enum class Wanted { all, some };
  explicit PresenceTest(Wanted wanted) : wanted_(wanted) {}

  void test(const table::Batch& batch, std::span<const int> slots, states::Selection, std::uint8_t* truth) const override {
    const bool all = wanted_ == Wanted::all;
    std::fill_n(truth, batch.num_rows, static_cast<std::uint8_t>(all ? table::Expression::k_true : table::Expression::k_false));
    for (const int slot : slots) {
      const table::Column& column = batch.columns[static_cast<std::size_t>(slot)];
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        if (column.is_null(row) == all) truth[row] = all ? table::Expression::k_false : table::Expression::k_true;
      }
    }
  }

 private:
  Wanted wanted_;
};

Result<std::unique_ptr<DataCheck>> make_presence(const suite::Expectation& expectation, std::string_view state, PresenceTest::Wanted wanted, std::string_view what) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<CountCheck>(expectation, limits, counting_rows(state, std::make_shared<PresenceTest>(wanted), what));
}

Result<std::unique_ptr<DataCheck>> make_incomplete_rows(const suite::Expectation& expectation) {
  return make_presence(expectation, "row_check complete", PresenceTest::Wanted::all, "with a null");
}
Result<std::unique_ptr<DataCheck>> make_empty_rows(const suite::Expectation& expectation) {
  return make_presence(expectation, "row_check some", PresenceTest::Wanted::some, "null throughout");
}

}  // namespace

const DataSubject k_empty_rows_subject = {{"empty_rows", "rows that are null in all columns, or in all of several, as a share or a count", suite::Argument::table_or_columns, k_number_predicates}, make_empty_rows};
const DataSubject k_incomplete_rows_subject = {{"incomplete_rows", "rows with a null in some column, or in one of several, as a share or a count", suite::Argument::table_or_columns, k_number_predicates},
                                               make_incomplete_rows};

}  // namespace cupel::expectations
