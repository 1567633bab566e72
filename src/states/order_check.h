#pragma once

#include <optional>
#include <vector>

#include "states/row_check.h"
#include "states/scalar.h"

namespace cupel::states {

enum class Order { increasing, strictly_increasing, decreasing, strictly_decreasing };

/// Rows whose value breaks the order against the previous present value among the kept rows. `increasing` allows equal neighbours. Nulls
/// are skipped. NaN has no place in an order: such a row is unexpected, and the next value is compared with the last one before it. Text is
/// ordered bytewise.
class OrderCheck : public State {
 public:
  OrderCheck(int slot, Order order) : slot_(slot), order_(order) {}
  /// Kept rows with a value.
  std::int64_t tested() const { return tested_; }
  std::int64_t unexpected() const { return unexpected_rows_.size(); }
  std::int64_t skipped() const { return skipped_; }
  /// Positions in the whole table, from 0.
  const RowList& unexpected_rows() const { return unexpected_rows_; }
  /// The first unexpected rows, at most RowCheck::k_examples.
  const std::vector<RowCheck::Example>& examples() const { return examples_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "order_check/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  struct Seen {
    Scalar value;
    std::int64_t row = 0;
  };
  template <typename Value>
  void scan(const table::Column& column, std::int64_t num_rows, Selection rows, Value value_of);
  bool breaks(const Scalar& before, const Scalar& after) const;
  void record(std::int64_t row, std::string value);

  int slot_;
  Order order_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t tested_ = 0;
  std::int64_t skipped_ = 0;
  std::optional<Seen> first_;  // values that are not NaN
  std::optional<Seen> last_;
  RowList unexpected_rows_;
  std::vector<RowCheck::Example> examples_;
};

}  // namespace cupel::states
