#include "stats/group_sequential.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

// Gauss-Legendre nodes and weights on [-1, 1], order 10 (Abramowitz and Stegun, table 25.4).
constexpr std::array<double, 5> k_nodes = {0.148874338981631210884826, 0.433395394129247190799265, 0.679409568299024406234327,
                                           0.865063366688984510732097, 0.973906528517171720077964};
constexpr std::array<double, 5> k_weights = {0.295524224714752870173815, 0.269266719309996355091226, 0.219086362515982043995535,
                                             0.149451349150580593145863, 0.066671344308688137593568};
constexpr double k_far = 9;  // standard deviations: beyond lies 2e-19

/// Density of the score among paths that have not crossed, on quadrature points.
struct Density {
  std::vector<double> points;
  std::vector<double> masses;  // density times quadrature weight
};

/// Quadrature points over [low, high] in panels of at most one standard deviation of the increment that leads there or on.
Density panels(double low, double high, double finest) {
  Density grid;
  const auto count = std::max(1, static_cast<int>(std::ceil((high - low) / finest)));
  const double half = (high - low) / count / 2;
  for (int panel = 0; panel < count; ++panel) {
    const double middle = low + (2 * panel + 1) * half;
    for (std::size_t i = 0; i < k_nodes.size(); ++i) {
      for (const double sign : {-1.0, 1.0}) {
        grid.points.push_back(middle + sign * half * k_nodes[i]);
        grid.masses.push_back(half * k_weights[i]);
      }
    }
  }
  return grid;
}

/// The walk S_k = Z_k sqrt(I_k): increments N(drift (I_k - I_{k-1}), I_k - I_{k-1}). Steps look by look.
class Walk {
 public:
  explicit Walk(double drift) : drift_(drift) {}

  /// Chance that the path, still inside, has |Z| >= bound at `information`.
  Crossing crossing(double bound, double information) const {
    const double step = information - information_;
    const double edge = bound * std::sqrt(information);
    const double spread = std::sqrt(step);
    Crossing chance;
    for (std::size_t i = 0; i < inside_.points.size(); ++i) {
      const double mean = inside_.points[i] + drift_ * step;
      chance.upper += inside_.masses[i] * normal_survival((edge - mean) / spread);
      chance.lower += inside_.masses[i] * normal_cdf((-edge - mean) / spread);
    }
    return chance;
  }

  void advance(double bound, double information, double next_step) {
    const double step = information - information_;
    const double spread = std::sqrt(step);
    const double center = drift_ * information;
    const double reach = k_far * std::sqrt(information);
    const double edge = bound * std::sqrt(information);
    const double low = std::max(-edge, center - reach);
    const double high = std::min(edge, center + reach);
    Density next = low < high ? panels(low, high, std::min(spread, std::sqrt(next_step))) : Density{};
    for (std::size_t j = 0; j < next.points.size(); ++j) {
      double density = 0;
      for (std::size_t i = 0; i < inside_.points.size(); ++i) {
        density += inside_.masses[i] * normal_density((next.points[j] - inside_.points[i] - drift_ * step) / spread);
      }
      next.masses[j] *= density / spread;
    }
    inside_ = std::move(next);
    information_ = information;
  }

 private:
  double drift_;
  double information_ = 0;
  Density inside_{{0}, {1}};
};

double upper_crossing(std::span<const double> bounds, std::span<const double> information, double drift) {
  double sum = 0;
  for (const Crossing& chance : crossing_probabilities(bounds, information, drift)) sum += chance.upper;
  return sum;
}

std::vector<double> equal_steps(std::size_t looks) {
  std::vector<double> fractions;
  for (std::size_t k = 1; k <= looks; ++k) fractions.push_back(static_cast<double>(k) / static_cast<double>(looks));
  return fractions;
}

/// The argument at which a falling function reaches `wanted`.
double solve_falling(double low, double high, double wanted, const std::function<double(double)>& falling) {
  for (int step = 0; step < 100 && high - low > 1e-12 * high; ++step) {
    const double middle = low + (high - low) / 2;
    (falling(middle) > wanted ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

std::vector<double> scaled_bounds(int looks, double alpha, const std::function<double(double)>& shape) {
  CHECK(looks >= 1 && alpha > 0 && alpha < 1, "{} looks at {}", looks, alpha);
  const std::vector<double> fractions = equal_steps(static_cast<std::size_t>(looks));
  std::vector<double> bounds(fractions.size());
  const auto with = [&](double c) {
    for (std::size_t k = 0; k < bounds.size(); ++k) bounds[k] = c * shape(fractions[k]);
    return 2 * upper_crossing(bounds, fractions, 0);
  };
  const double fixed = normal_quantile(1 - alpha / 2);
  with(solve_falling(fixed * 0.99, fixed + 3, alpha, with));
  return bounds;
}

}  // namespace

std::vector<Crossing> crossing_probabilities(std::span<const double> bounds, std::span<const double> information, double drift) {
  CHECK(bounds.size() == information.size() && !bounds.empty(), "{} bounds, {} looks", bounds.size(), information.size());
  Walk walk(drift);
  std::vector<Crossing> chances;
  for (std::size_t k = 0; k < bounds.size(); ++k) {
    CHECK(information[k] > (k == 0 ? 0 : information[k - 1]), "information {} at look {}", information[k], k);
    chances.push_back(walk.crossing(bounds[k], information[k]));
    if (k + 1 < bounds.size()) walk.advance(bounds[k], information[k], information[k + 1] - information[k]);
  }
  return chances;
}

std::vector<double> pocock_bounds(int looks, double alpha) {
  return scaled_bounds(looks, alpha, [](double) { return 1.0; });
}

std::vector<double> obrien_fleming_bounds(int looks, double alpha) {
  return scaled_bounds(looks, alpha, [](double fraction) { return 1 / std::sqrt(fraction); });
}

double alpha_spent(Spending spending, double fraction, double alpha, double exponent) {
  CHECK(fraction >= 0 && alpha > 0 && alpha < 1, "fraction {}, alpha {}", fraction, alpha);
  if (fraction == 0) return 0;
  if (fraction >= 1) return alpha;
  switch (spending) {
    // Two-sided as gsDesign has it: each side spends alpha / 2.
    case Spending::obrien_fleming: return 4 * normal_survival(normal_quantile(1 - alpha / 4) / std::sqrt(fraction));
    case Spending::pocock: return alpha * std::log1p((std::exp(1.0) - 1) * fraction);
    case Spending::power: return alpha * std::pow(fraction, exponent);
  }
  return alpha;
}

std::vector<double> spending_bounds(Spending spending, std::span<const double> fractions, double alpha, double exponent) {
  Walk walk(0);
  std::vector<double> bounds;
  double spent = 0;
  for (std::size_t k = 0; k < fractions.size(); ++k) {
    const double allowed = alpha_spent(spending, fractions[k], alpha, exponent) - spent;
    const auto crossing = [&](double bound) { return 2 * walk.crossing(bound, fractions[k]).upper; };
    const double bound = allowed > 1e-18 ? solve_falling(0, k_far, allowed, crossing) : k_far;
    bounds.push_back(bound);
    spent += crossing(bound);
    if (k + 1 < fractions.size()) walk.advance(bound, fractions[k], fractions[k + 1] - fractions[k]);
  }
  return bounds;
}

double sample_size_inflation(std::span<const double> bounds, double alpha, double power) {
  const std::vector<double> fractions = equal_steps(bounds.size());
  const double fixed = normal_quantile(1 - alpha / 2) + normal_quantile(power);
  const double drift = solve_falling(0, 2 * fixed, -power, [&](double d) { return -upper_crossing(bounds, fractions, d); });
  return drift * drift / (fixed * fixed);
}

}  // namespace cupel::stats
