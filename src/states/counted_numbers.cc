#include "states/counted_numbers.h"

#include <algorithm>
#include <cmath>

#include "states/byte_form.h"

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

std::int64_t CountedNumbers::read_content(ByteReader& in) {
  std::int64_t total = 0;
  const std::int64_t groups = in.count_of(9);
  double before = 0;
  for (std::int64_t i = 0; i < groups && !in.failed(); ++i) {
    const double value = in.number();
    const std::int64_t count = in.count();
    in.expect(!std::isnan(value) && !(value == 0 && std::signbit(value)) && count > 0 && (i == 0 || value > before));
    in.expect(count < std::int64_t{1} << 50 && total < std::int64_t{1} << 50);
    before = value;
    if (in.failed()) break;
    add(value, count);
    total += count;
  }
  return total;
}

}  // namespace cupel::states
