#include "stats/order_statistics.h"

#include <cstdint>
#include <limits>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {

Interval quantile_interval(std::span<const double> sorted, double q, double confidence) {
  CHECK(q > 0 && q < 1 && confidence > 0 && confidence < 1, "quantile {} at {}", q, confidence);
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  const auto n = static_cast<std::int64_t>(sorted.size());
  const double tail = (1 - confidence) / 2;
  Interval interval{-k_infinity, k_infinity, confidence};
  if (n == 0) return interval;
  // X(r) is above the quantile when fewer than r values lie at or below it: P(Binomial(n, q) <= r - 1) must not exceed the tail.
  const std::int64_t low_rank = binomial_quantile(tail, n, q);
  if (low_rank >= 1) interval.low = sorted[static_cast<std::size_t>(low_rank - 1)];
  // X(s) is below it when at least s values lie below: P(B >= s) <= tail.
  const std::int64_t high_rank = binomial_quantile(1 - tail, n, q) + 1;
  if (high_rank <= n) interval.high = sorted[static_cast<std::size_t>(high_rank - 1)];
  return interval;
}

}  // namespace cupel::stats
