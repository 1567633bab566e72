#include "states/contingency.h"

#include "states/bit_mix.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

std::uint64_t hash_pair(std::uint32_t a, std::uint32_t b) { return mix_bits((std::uint64_t{a} << 32) | b); }

}  // namespace

void Contingency::add(std::uint32_t a, std::uint32_t b, std::int64_t count) {
  const std::uint64_t hash = hash_pair(a, b);
  std::size_t at = table_.find(hash, [&](std::size_t index) { return cells_[index].a == a && cells_[index].b == b; });
  if (at == IndexTable::k_none) {
    at = cells_.size();
    table_.add(hash, at, [&](std::size_t index) { return hash_pair(cells_[index].a, cells_[index].b); });
    cells_.push_back({a, b, 0});
  }
  cells_[at].count += count;
}

void Contingency::give_up() {
  overflowed_ = true;
  values_ = {};
  cells_ = {};
  table_.clear();
}

void Contingency::update(const table::Batch& batch, Selection rows) {
  const table::Column& a = batch.columns[static_cast<std::size_t>(slots_[0])];
  const table::Column& b = batch.columns[static_cast<std::size_t>(slots_[1])];
  values_[0].begin_batch(a);
  values_[1].begin_batch(b);
  for (std::int64_t row = 0; row < batch.num_rows; ++row) {
    if (!rows.contains(row)) continue;
    if (a.is_null(row) || b.is_null(row)) {
      ++nulls_;
      continue;
    }
    ++count_;
    if (overflowed_) continue;
    add(values_[0].number_of(a, row), values_[1].number_of(b, row), 1);
    if (static_cast<std::int64_t>(cells_.size()) > most_cells_) give_up();
  }
}

void Contingency::merge(const State& later) {
  const auto& other = same_kind<Contingency>(later);
  count_ += other.count_;
  nulls_ += other.nulls_;
  if (overflowed_) return;
  if (other.overflowed_) return give_up();
  std::array<std::vector<std::uint32_t>, 2> mine;
  for (std::size_t which = 0; which < 2; ++which) {
    for (std::uint32_t number = 0; number < other.values_[which].size(); ++number) {
      mine[which].push_back(values_[which].number_in(other.values_[which], number));
    }
  }
  for (const Cell& cell : other.cells_) {
    add(mine[0][cell.a], mine[1][cell.b], cell.count);
    if (static_cast<std::int64_t>(cells_.size()) > most_cells_) return give_up();
  }
}

std::vector<std::int64_t> Contingency::totals(int which) const {
  std::vector<std::int64_t> all(static_cast<std::size_t>(values(which).size()), 0);
  for (const Cell& cell : cells_) all[which == 0 ? cell.a : cell.b] += cell.count;
  return all;
}

void Contingency::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(count_));
  bytes.whole(static_cast<std::uint64_t>(nulls_));
  bytes.whole(overflowed_ ? 1 : 0);
  values_[0].write(bytes);
  values_[1].write(bytes);
  bytes.whole(cells_.size());
  for (const Cell& cell : cells_) {
    bytes.whole(cell.a);
    bytes.whole(cell.b);
    bytes.whole(static_cast<std::uint64_t>(cell.count));
  }
  bytes.seal(format(), out);
}

Result<void> Contingency::read(std::string_view bytes) {
  *this = emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Contingency fresh = emptied();
  const std::int64_t count = in.count();
  fresh.nulls_ = in.count();
  const std::uint64_t overflowed = in.whole();
  in.expect(overflowed <= 1);
  fresh.overflowed_ = overflowed == 1;
  fresh.values_ = {ValueIndex::read(in), ValueIndex::read(in)};
  const std::int64_t size = in.count_of(3);
  in.expect(size <= most_cells_ && (!fresh.overflowed_ || size == 0));
  // Values come in the order in which the cells first need them.
  std::array<std::uint64_t, 2> next{};
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::array<std::uint64_t, 2> pair = {in.whole(), in.whole()};
    const std::int64_t cell = in.count();
    for (std::size_t which = 0; which < 2; ++which) {
      in.expect(pair[which] <= next[which]);
      if (pair[which] == next[which]) ++next[which];
    }
    in.expect(cell > 0);
    if (in.failed()) break;
    fresh.count_ += cell;
    fresh.add(static_cast<std::uint32_t>(pair[0]), static_cast<std::uint32_t>(pair[1]), cell);
    in.expect(static_cast<std::int64_t>(fresh.cells_.size()) == i + 1 && fresh.count_ <= count);
  }
  for (std::size_t which = 0; which < 2; ++which) in.expect(static_cast<std::int64_t>(next[which]) == fresh.values_[which].size());
  in.expect(fresh.overflowed_ || fresh.count_ == count);
  fresh.count_ = count;
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
