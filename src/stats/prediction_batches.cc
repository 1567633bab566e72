#include "stats/prediction_batches.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"

namespace cupel::stats {

double record_p_value(std::span<const std::int64_t> batch_rows, std::int64_t records) {
  // chances[r]: of exactly r records so far.
  std::vector<double> chances{1};
  double before = 0;
  std::int64_t batch = 0;
  for (const std::int64_t rows : batch_rows) {
    if (rows <= 0) continue;
    const auto here = static_cast<double>(rows);
    ++batch;
    before += here;
    if (batch == 1) continue;
    const double chance = std::max(1 / static_cast<double>(batch), here / before);
    chances.push_back(0);
    for (std::size_t r = chances.size() - 1; r > 0; --r) chances[r] = chances[r] * (1 - chance) + chances[r - 1] * chance;
    chances[0] *= 1 - chance;
  }
  double at_least = 0;
  for (std::size_t r = static_cast<std::size_t>(std::max<std::int64_t>(0, records)); r < chances.size(); ++r) at_least += chances[r];
  return std::min(1.0, at_least);
}

double burst_p_value(std::span<const std::int64_t> sizes, double chance_of_another) {
  CHECK(chance_of_another >= 0 && chance_of_another < 1, "chance {}", chance_of_another);
  if (sizes.empty()) return 1;
  std::int64_t excess = 0;
  for (const std::int64_t size : sizes) excess += size - 1;
  const auto bursts = static_cast<double>(sizes.size());
  double below = 0;
  double chance = std::pow(1 - chance_of_another, bursts);  // of no further row at all
  for (std::int64_t x = 0; x < excess && chance > 0; ++x) {
    below += chance;
    chance *= chance_of_another * (bursts + static_cast<double>(x)) / static_cast<double>(x + 1);
  }
  return std::max(0.0, 1 - below);
}

std::int64_t burst_prediction(std::int64_t batches, std::int64_t hit, std::span<const std::int64_t> sizes, std::int64_t next_rows, double alpha) {
  CHECK(alpha > 0 && alpha <= 0.5 && hit >= 0 && hit <= batches && next_rows >= 0, "alpha {}, {} of {}, next {}", alpha, hit, batches, next_rows);
  const double comes = static_cast<double>(hit + 1) / static_cast<double>(batches + 2);
  if (comes <= alpha) return 0;
  if (sizes.empty()) return next_rows;
  double excess = 0;
  for (const std::int64_t size : sizes) {
    CHECK(size >= 1, "a burst of {} rows", size);
    excess += static_cast<double>(size - 1);
  }
  const auto a = static_cast<double>(sizes.size());
  const double b = 0.5 + excess;
  // P(1 + X > rows) = P(X >= rows) = B(a, b + rows) / B(a, b).
  const double wanted = std::log(alpha / comes);
  const auto exceeded = [&](double rows) { return std::lgamma(b + rows) - std::lgamma(a + b + rows) - std::lgamma(b) + std::lgamma(a + b); };
  std::int64_t low = 0;  // exceeded with more than the wanted chance
  std::int64_t high = next_rows;
  if (exceeded(static_cast<double>(high)) > wanted) return next_rows;
  while (low + 1 < high) {
    const std::int64_t middle = low + (high - low) / 2;
    (exceeded(static_cast<double>(middle)) > wanted ? low : high) = middle;
  }
  return high;
}

}  // namespace cupel::stats
