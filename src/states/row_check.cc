#include "states/row_check.h"

#include "states/kept_rows.h"
#include "table/expression.h"
#include "table/table.h"

namespace cupel::states {

void RowCheck::record(const table::Batch& batch, std::int64_t row) {
  unexpected_rows_.append(rows_passed_ + row);
  if (static_cast<std::int64_t>(examples_.size()) >= k_examples) return;
  Example example{rows_passed_ + row};
  if (!slots_.empty()) example.value = table::value_text(batch.columns[static_cast<std::size_t>(slots_[0])], row);
  examples_.push_back(std::move(example));
}

void RowCheck::update(const table::Batch& batch, Selection rows) {
  if (const auto all = test_->all_expected(batch, slots_, rows)) {
    tested_ += all->tested;
    skipped_ += all->skipped;
    rows_passed_ += batch.num_rows;
    return;
  }
  truth_.resize(static_cast<std::size_t>(batch.num_rows));
  test_->test(batch, slots_, rows, truth_.data());
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    const std::uint8_t truth = truth_[static_cast<std::size_t>(row)];
    if (truth == table::Expression::k_unknown) {
      ++skipped_;
      continue;
    }
    ++tested_;
    if (truth == table::Expression::k_false) record(batch, row);
  }
  rows_passed_ += batch.num_rows;
}

void RowCheck::merge(const State& later) {
  const auto& other = same_kind<RowCheck>(later);
  unexpected_rows_.append_shifted(other.unexpected_rows_, rows_passed_);
  for (const Example& example : other.examples_) {
    if (static_cast<std::int64_t>(examples_.size()) >= k_examples) break;
    examples_.push_back({example.row + rows_passed_, example.value});
  }
  tested_ += other.tested_;
  skipped_ += other.skipped_;
  rows_passed_ += other.rows_passed_;
}

void RowCheck::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_passed_));
  bytes.whole(static_cast<std::uint64_t>(tested_));
  bytes.whole(static_cast<std::uint64_t>(skipped_));
  unexpected_rows_.write(bytes);
  write_examples(bytes, examples_);
  bytes.seal(format(), out);
}

Result<void> RowCheck::read(std::string_view bytes) {
  *this = RowCheck(test_, slots_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  RowCheck fresh(test_, slots_);
  fresh.rows_passed_ = in.count();
  fresh.tested_ = in.count();
  fresh.skipped_ = in.count();
  fresh.unexpected_rows_ = RowList::read(in, fresh.rows_passed_);
  fresh.examples_ = read_examples(in, fresh.unexpected_rows_);
  in.expect(fresh.unexpected() <= fresh.tested_ && fresh.tested_ + fresh.skipped_ <= fresh.rows_passed_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

// The examples are the first of the rows in the list, so their values alone are kept.
void RowCheck::write_examples(ByteWriter& out, const std::vector<Example>& examples) {
  for (const Example& example : examples) out.text(example.value);
}

std::vector<RowCheck::Example> RowCheck::read_examples(ByteReader& in, const RowList& rows) {
  std::vector<Example> examples;
  for (const std::int64_t row : rows.rows(k_examples)) examples.push_back({row, std::string(in.text())});
  return examples;
}

}  // namespace cupel::states
