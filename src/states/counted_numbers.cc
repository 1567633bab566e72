#include "states/counted_numbers.h"

#include <algorithm>

namespace cupel::states {

void CountedNumbers::grow() {
  const std::vector<Slot> before = std::move(slots_);
  slots_.assign(std::max<std::size_t>(64, before.size() * 4), Slot{});
  shift_ = 64 - std::countr_zero(slots_.size());
  last_bits_ = k_nothing;
  for (const Slot& slot : before) {
    if (slot.count == 0) continue;
    std::size_t place = place_of(slot.bits);
    while (slots_[place].count != 0) place = (place + 1) & (slots_.size() - 1);
    slots_[place] = slot;
  }
}

std::vector<CountedNumbers::Entry> CountedNumbers::sorted() const {
  std::vector<Entry> all;
  all.reserve(used_);
  for_each([&](double value, std::int64_t count) { all.push_back({value, count}); });
  std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.value < b.value; });
  return all;
}

}  // namespace cupel::states
