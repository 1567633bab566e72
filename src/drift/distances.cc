#include "drift/distances.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"

namespace cupel::drift {
namespace {

struct Shares {
  double per_reference;
  double per_current;
};

double ks(const LevelCounts& counts, Shares unit) {
  double reference = 0, current = 0, largest = 0;
  for (std::size_t i = 0; i < counts.reference.size(); ++i) {
    reference += static_cast<double>(counts.reference[i]);
    current += static_cast<double>(counts.current[i]);
    largest = std::max(largest, std::abs(reference * unit.per_reference - current * unit.per_current));
  }
  return largest;
}

double total_variation(const LevelCounts& counts, Shares unit) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.reference.size(); ++i) {
    sum +=
        std::abs(static_cast<double>(counts.reference[i]) * unit.per_reference - static_cast<double>(counts.current[i]) * unit.per_current);
  }
  return sum / 2;
}

double clamped(double value, std::span<const double> values) {
  if (!std::isinf(value)) return value;
  double extreme = 0;
  for (const double other : values) {
    if (!std::isinf(other)) extreme = value > 0 ? std::max(extreme, other) : std::min(extreme, other);
  }
  return extreme;
}

double wasserstein(const LevelCounts& counts, Shares unit, std::span<const double> values) {
  CHECK(values.size() == counts.reference.size());
  if (values.empty()) return 0;
  double mean = 0, m2 = 0, seen = 0, area = 0, reference = 0, current = 0;
  double previous = clamped(values[0], values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = clamped(values[i], values);
    area += std::abs(reference * unit.per_reference - current * unit.per_current) * (value - previous);
    previous = value;
    reference += static_cast<double>(counts.reference[i]);
    current += static_cast<double>(counts.current[i]);
    const auto weight = static_cast<double>(counts.reference[i]);
    if (weight == 0) continue;
    seen += weight;
    const double step = value - mean;
    mean += step * weight / seen;
    m2 += weight * step * (value - mean);
  }
  if (area == 0) return 0;
  // A constant reference has no scale of its own: any move is as large as can be told, and that is 1.
  return m2 > 0 ? area / std::sqrt(m2 / seen) : 1;
}

}  // namespace

std::string_view distance_name(Distance distance) {
  switch (distance) {
    case Distance::ks: return "ks";
    case Distance::total_variation: return "tvd";
    case Distance::auc: return "auc";
    case Distance::wasserstein: return "wasserstein";
  }
  return "ks";
}

double auc_of(const LevelCounts& counts) {
  if (counts.num_reference == 0 || counts.num_current == 0) return 0.5;
  double below = 0, wins = 0;
  for (std::size_t i = 0; i < counts.reference.size(); ++i) {
    wins += static_cast<double>(counts.current[i]) * (below + static_cast<double>(counts.reference[i]) / 2);
    below += static_cast<double>(counts.reference[i]);
  }
  return wins / static_cast<double>(counts.num_reference) / static_cast<double>(counts.num_current);
}

double distance_of(Distance distance, const LevelCounts& counts, std::span<const double> values) {
  if (counts.num_reference == 0 || counts.num_current == 0) return 0;
  const Shares unit{1.0 / static_cast<double>(counts.num_reference), 1.0 / static_cast<double>(counts.num_current)};
  switch (distance) {
    case Distance::ks: return ks(counts, unit);
    case Distance::total_variation: return total_variation(counts, unit);
    case Distance::auc: return std::abs(2 * auc_of(counts) - 1);
    case Distance::wasserstein: return wasserstein(counts, unit, values);
  }
  return 0;
}

}  // namespace cupel::drift
