#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace cupel::states {

class ByteReader;

/// Numbers with their counts: a hash table whose slots hold value and count, sixteen bytes each, at most half full. No NaN, no -0.
/// Not a state of its own. The order of for_each is that of the table; sorted() is the one to show.
class CountedNumbers {
 public:
  struct Entry {
    double value = 0;
    std::int64_t count = 0;
  };

  void add(double value, std::int64_t count = 1) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (bits == last_bits_) {  // runs of one value are frequent in sorted and in dull columns
      slots_[last_].count += count;
      return;
    }
    add_other(bits, count);
  }

  std::int64_t distinct() const { return static_cast<std::int64_t>(used_); }
  std::int64_t memory_bytes() const { return static_cast<std::int64_t>(slots_.capacity() * sizeof(Slot)); }
  void clear() { *this = CountedNumbers(); }
  /// Calls `take(value, count)` for every value.
  template <typename Take>
  void for_each(Take&& take) const {
    for (const Slot& slot : slots_) {
      if (slot.count > 0) take(std::bit_cast<double>(slot.bits), slot.count);
    }
  }
  /// Ascending.
  std::vector<Entry> sorted() const;
  /// Adds what a byte form holds: their number, then values, strictly ascending, each with its count; answers with the sum of the counts. Bytes
  /// that are no such thing fail the reader.
  std::int64_t read_content(ByteReader& in);

 private:
  struct Slot {
    std::uint64_t bits = 0;
    std::int64_t count = 0;  // 0: free
  };
  static constexpr std::uint64_t k_nothing = ~std::uint64_t{0};  // a NaN: never a value here

  // The upper bits decide the place. Whole numbers have all their bits on top, fractions all over: folded first, then spread.
  std::size_t place_of(std::uint64_t bits) const { return static_cast<std::size_t>(((bits ^ (bits >> 32)) * 0x9e3779b97f4a7c15u) >> shift_); }
  void add_other(std::uint64_t bits, std::int64_t count) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    std::size_t place = place_of(bits);
    while (slots_[place].count != 0 && slots_[place].bits != bits) place = (place + 1) & (slots_.size() - 1);
    Slot& slot = slots_[place];
    if (slot.count == 0) {
      slot.bits = bits;
      ++used_;
    }
    slot.count += count;
    last_bits_ = bits;
    last_ = place;
  }
  void grow();

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  int shift_ = 64;
  std::uint64_t last_bits_ = k_nothing;
  std::size_t last_ = 0;
};

}  // namespace cupel::states
