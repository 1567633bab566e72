#include "states/state_table.h"

#include <array>

#include "states/co_moments.h"
#include "states/column_agreement.h"
#include "states/column_digest.h"
#include "states/column_profile.h"
#include "states/contingency.h"
#include "states/digest_list.h"
#include "states/extremes.h"
#include "states/group_counts.h"
#include "states/heavy_hitters.h"
#include "states/histogram.h"
#include "states/hll.h"
#include "states/key_duplicates.h"
#include "states/kll.h"
#include "states/moments.h"
#include "states/null_count.h"
#include "states/null_masks.h"
#include "states/number_pairs.h"
#include "states/order_check.h"
#include "states/patterns.h"
#include "states/quantile_window.h"
#include "states/quantiles.h"
#include "states/row_check.h"
#include "states/row_count.h"
#include "states/row_digest.h"
#include "states/row_keys.h"
#include "states/row_values.h"
#include "states/sample.h"
#include "states/tally.h"
#include "states/text_lengths.h"
#include "states/text_rows.h"
#include "states/time_span.h"
#include "states/value_counts.h"
#include "states/value_frequencies.h"
#include "table/expression.h"
#include "table/table.h"

namespace cupel::states {
namespace {

using table::Type;

constexpr std::array k_any = {Type::boolean, Type::integer, Type::number, Type::text, Type::timestamp};
constexpr std::array k_text = {Type::text};
constexpr std::array k_numeric = {Type::boolean, Type::integer, Type::number, Type::timestamp};

// What the table's row_check asks: is the value written with at least three characters?
class AtLeastThreeBytes : public RowTest {
 public:
  void test(const table::Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const table::Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      const bool holds = table::value_text(column, row).size() >= 3;
      truth[row] = column.is_null(row) ? table::Expression::k_unknown : holds ? table::Expression::k_true : table::Expression::k_false;
    }
  }
};

constexpr std::array<StateKind, 33> k_states = {{
    {"co_moments", "covariance and correlation of two columns", 2, k_numeric,
     []() -> std::unique_ptr<State> { return std::make_unique<CoMoments>(0, 1); }},
    {"column_agreement", "rows in which columns have the same value, for every pair", 3, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<ColumnAgreement>(std::vector<int>{0, 1, 2});
     }},
    {"column_digest", "digest of all values in their order", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<ColumnDigest>(0); }},
    {"column_profile", "all facts of one column, as a profile keeps them", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<ColumnProfile>(0); }},
    {"contingency", "how often each pair of values of two columns occurs", 2, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<Contingency>(0, 1, 600); }},
    {"digest_list", "digest of every row", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<DigestList>(std::vector<int>{0, 1});
     }},
    {"extremes", "least and greatest value, with their rows", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<Extremes>(0); }},
    {"frequencies", "frequency of each value, exact within a memory limit", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<Frequencies>(0); }},
    {"group_counts", "different combinations of values, with their rows", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<GroupCounts>(std::vector<int>{0, 1}, 8);
     }},
    {"heavy_hitters", "the most frequent values in bounded memory", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<HeavyHitters>(0); }},
    {"histogram", "counts between edges", 1, k_numeric,
     []() -> std::unique_ptr<State> {
       return std::make_unique<Histogram>(0, std::vector<double>{-2, 0, 1, 100});
     }},
    {"hll", "sketch of the number of different values", 1, k_any, []() -> std::unique_ptr<State> { return std::make_unique<Hll>(0); }},
    {"key_duplicates", "rows that are not the first of their key", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<KeyDuplicates>(std::vector<int>{0, 1});
     }},
    {"kll", "sketch of the quantiles in bounded memory", 1, k_numeric, []() -> std::unique_ptr<State> { return std::make_unique<Kll>(0); }},
    {"moments", "sum, mean and central moments", 1, k_numeric, []() -> std::unique_ptr<State> { return std::make_unique<Moments>(0); }},
    {"null_count", "nulls and their rows", 1, k_any, []() -> std::unique_ptr<State> { return std::make_unique<NullCount>(0); }},
    {"null_masks", "which columns are null together", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<NullMasks>(std::vector<int>{0, 1});
     }},
    {"number_pairs", "the values of two columns, side by side", 2, k_numeric,
     []() -> std::unique_ptr<State> { return std::make_unique<NumberPairs>(0, 1); }},
    {"order_check", "rows that break an order", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<OrderCheck>(0, Order::increasing); }},
    {"patterns", "shapes of the texts of a column", 1, k_any, []() -> std::unique_ptr<State> { return std::make_unique<Patterns>(0); }},
    {"quantile_window", "exact positions of the values within a window", 1, k_numeric,
     []() -> std::unique_ptr<State> { return std::make_unique<QuantileWindow>(0, 0, 100); }},
    {"quantiles", "quantiles, exact within a memory limit", 1, k_numeric,
     []() -> std::unique_ptr<State> { return std::make_unique<Quantiles>(0); }},
    {"row_check", "rows that fail a test", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<RowCheck>(std::make_shared<AtLeastThreeBytes>(), std::vector<int>{0}); }},
    {"row_count", "number of rows", 0, {}, []() -> std::unique_ptr<State> { return std::make_unique<RowCount>(); }},
    {"row_digest", "digest of all rows in any order", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<RowDigest>(std::vector<int>{0, 1});
     }},
    {"row_keys", "the key of every row and what stands beside it", 2, k_any,
     []() -> std::unique_ptr<State> {
       return std::make_unique<RowKeys>(std::vector<int>{0, 1}, 1);
     }},
    {"row_values", "every value with its row", 1, k_numeric, []() -> std::unique_ptr<State> { return std::make_unique<RowValues>(0); }},
    {"sample", "all values, for quantiles and distributions", 1, k_numeric,
     []() -> std::unique_ptr<State> { return std::make_unique<Sample>(0); }},
    {"tally", "frequency of each value, however many differ", 1, k_any, []() -> std::unique_ptr<State> { return std::make_unique<Tally>(0); }},
    {"text_lengths", "lengths of the texts of a column", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<TextLengths>(0); }},
    {"text_rows", "every distinct text and the rows that hold it", 1, k_text,
     []() -> std::unique_ptr<State> { return std::make_unique<TextRows>(0); }},
    {"time_span", "earliest and latest instant, with their rows", 1, k_any,
     []() -> std::unique_ptr<State> { return std::make_unique<TimeSpan>(0); }},
    {"value_counts", "frequency of each value", 1, k_any, []() -> std::unique_ptr<State> { return std::make_unique<ValueCounts>(0); }},
}};

}  // namespace

std::span<const StateKind> state_table() { return k_states; }

}  // namespace cupel::states
