#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cupel {

/// Counter-based random numbers (Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011). A stream is named by (seed, purpose, index): the same name gives the same numbers in any order and on any number of
/// threads. Satisfies std::uniform_random_bit_generator, but prefer the methods: standard distributions differ between libraries.
class Random {
 public:
  using result_type = std::uint64_t;
  Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }
  std::uint64_t operator()() { return next(); }

  std::uint64_t next();
  /// In [0, 1), 53 bits.
  double uniform();
  /// In [0, bound), without bias (Lemire 2019). `bound` > 0.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal (Box-Muller, one value a call).
  double normal();

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint64_t index_;
  std::uint64_t counter_ = 0;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace cupel
