#include "states/heavy_hitters.h"

#include "states/kept_rows.h"

namespace cupel::states {

void HeavyHitters::purge() {
  if (kept_.distinct() <= 2 * k_) return;
  const std::int64_t by = kept_.count_at(k_);
  kept_ = kept_.reduced(by);
  error_ += by;
}

Estimate HeavyHitters::count_of(std::string_view value) const {
  const auto low = static_cast<double>(kept_.count_of(value));
  return {low, low, low + static_cast<double>(error_), 1};
}

void HeavyHitters::add(const ValueCounts& counts) {
  count_ += counts.count();
  kept_.merge(counts);
  purge();
}

void HeavyHitters::add_text(std::string_view text, std::int64_t row, std::int64_t count) {
  count_ += count;
  kept_.add_text(text, row, count);
}

void HeavyHitters::pass_rows(std::int64_t num_rows) {
  kept_.pass_rows(num_rows);
  purge();
}

void HeavyHitters::update(const table::Batch& batch, Selection rows) {
  const std::int64_t before = kept_.count();
  kept_.update(batch, rows);
  count_ += kept_.count() - before;
  purge();
}

void HeavyHitters::merge(const State& later) {
  const auto& other = same_kind<HeavyHitters>(later);
  count_ += other.count_;
  error_ += other.error_;
  kept_.merge(other.kept_);
  purge();
}

void HeavyHitters::write(std::string& out) const {
  ByteWriter bytes;
  for (const std::int64_t whole : {k_, count_, error_}) bytes.whole(static_cast<std::uint64_t>(whole));
  std::string kept;
  kept_.write(kept);
  bytes.text(kept);
  bytes.seal(format(), out);
}

Result<void> HeavyHitters::read(std::string_view bytes) {
  *this = HeavyHitters(slot_, k_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  const std::int64_t k = in.count();
  in.expect(k >= 1 && k <= 1 << 20);
  HeavyHitters fresh(slot_, in.failed() ? k_ : k);
  fresh.count_ = in.count();
  fresh.error_ = in.count();
  const std::string_view kept = in.text();
  TRY(in.finish());
  TRY(fresh.kept_.read(kept));
  // What was taken off a count was taken off more than k of them at a time.
  in.expect(fresh.kept_.distinct() <= 2 * fresh.k_ && fresh.kept_.count() <= fresh.count_ && fresh.error_ <= fresh.count_ / (fresh.k_ + 1));
  in.expect(fresh.error_ > 0 || fresh.kept_.count() == fresh.count_);
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
