#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "states/row_list.h"
#include "states/state.h"

namespace cupel::states {

/// A question asked of every row. Implementations are immutable: threads share them.
class RowTest {
 public:
  virtual ~RowTest() = default;
  /// Answers for every kept row into `truth` (batch.num_rows bytes): Expression::k_true (as expected), k_false (unexpected) or k_unknown
  /// (skipped: a null). `slots` are the positions of the test's columns in the batch. What stands at rows not kept does not matter.
  virtual void test(const table::Batch& batch, std::span<const int> slots, Selection rows, std::uint8_t* truth) const = 0;

  /// The rows of a batch in which nothing is unexpected.
  struct AllExpected {
    std::int64_t tested = 0;
    std::int64_t skipped = 0;
  };
  /// A quick look at the whole batch: answers only when no kept row is unexpected, and then with the counts that `test` would give. Nothing:
  /// some row is unexpected, or the test has no quick way.
  virtual std::optional<AllExpected> all_expected(const table::Batch& batch, std::span<const int> slots, Selection rows) const {
    (void)batch, (void)slots, (void)rows;
    return std::nullopt;
  }
};

/// Counts the rows that pass a test, and records all that do not.
class RowCheck : public State {
 public:
  struct Example {
    std::int64_t row = 0;
    std::string value{};  ///< of the first column, as text; empty if null or without a column
    bool operator==(const Example&) const = default;
  };
  static constexpr std::int64_t k_examples = 20;

  RowCheck(std::shared_ptr<const RowTest> test, std::vector<int> slots) : test_(std::move(test)), slots_(std::move(slots)) {}
  /// Kept rows that were not skipped.
  std::int64_t tested() const { return tested_; }
  std::int64_t unexpected() const { return unexpected_rows_.size(); }
  /// Kept rows whose answer is unknown.
  std::int64_t skipped() const { return skipped_; }
  /// Positions in the whole table, from 0.
  const RowList& unexpected_rows() const { return unexpected_rows_; }
  /// The first unexpected rows, at most k_examples.
  const std::vector<Example>& examples() const { return examples_; }
  static void write_examples(ByteWriter& out, const std::vector<Example>& examples);
  static std::vector<Example> read_examples(ByteReader& in, const RowList& rows);

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "row_check/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  void record(const table::Batch& batch, std::int64_t row);

  std::shared_ptr<const RowTest> test_;
  std::vector<int> slots_;
  std::vector<std::uint8_t> truth_;  // scratch
  std::int64_t rows_passed_ = 0;     // all rows, kept or not
  std::int64_t tested_ = 0;
  std::int64_t skipped_ = 0;
  RowList unexpected_rows_;
  std::vector<Example> examples_;
};

}  // namespace cupel::states
