#include "expectations/key_parts.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cupel::expectations {

int KeyParts::need_all(const Planning& planning, const std::vector<table::ColumnRequest>& columns) {
  const auto make = [limit = limit_bytes(planning)](std::span<const int> slots) {
    return std::make_unique<states::KeyDuplicates>(std::vector<int>(slots.begin(), slots.end()), limit);
  };
  return planning.current->need("key_duplicates limited", columns, planning.where, make);
}

bool KeyParts::plan_next(const Planning& again, const std::vector<table::ColumnRequest>& columns, double at_most) {
  const std::int64_t limit = limit_bytes(again);
  // A fifth of room, since the parts of a hash are not quite equal.
  if (parts_ == 0) parts_ = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(1.2 * at_most * states::KeyDuplicates::k_key_bytes / static_cast<double>(limit))));
  if (next_ == parts_) return false;
  const states::KeyDuplicates::Part part{next_, parts_};
  const auto make = [limit, part](std::span<const int> slots) {
    return std::make_unique<states::KeyDuplicates>(std::vector<int>(slots.begin(), slots.end()), limit, part);
  };
  state_ = again.current->need(fmt::format("key_duplicates part {} of {}", next_, parts_), columns, again.where, make);
  return true;
}

void KeyParts::learn(const Facts& facts) {
  const auto& keys = facts.current->get<states::KeyDuplicates>(state_);
  if (keys.overflowed()) {  // more keys than the bound said: smaller parts, from the beginning
    const std::uint64_t parts = 2 * parts_;
    *this = KeyParts();
    parts_ = parts;
    return;
  }
  keys_ += keys.keys();
  distinct_ += keys.distinct();
  keys.duplicate_rows().for_each([&](std::int64_t row) { rows_.add(row); });
  ++next_;
}

}  // namespace cupel::expectations
