#include <algorithm>
#include <cmath>
#include <vector>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/distributions.h"
#include "stats/families.h"
#include "stats/ks_distribution.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

constexpr std::size_t k_simulated_size = 400;  // larger samples are compared through Stephens' modified statistic
constexpr int k_most_draws = 1999;

bool impossible_value(Family family, std::span<const double> sorted) {
  switch (family) {
    case Family::lognormal:
    case Family::gamma: return sorted.front() <= 0;
    case Family::exponential: return sorted.front() < 0;
    case Family::poisson:
      return sorted.front() < 0 || std::any_of(sorted.begin(), sorted.end(), [](double x) { return x != std::floor(x); });
    case Family::normal:
    case Family::uniform: return false;
  }
  return false;
}

/// Makes the distance comparable between sample sizes (Stephens 1974, table 1A).
double modified(Family family, double d, std::size_t size) {
  const auto n = static_cast<double>(size);
  const double root = std::sqrt(n);
  if (family == Family::exponential) return (d - 0.2 / n) * (root + 0.26 + 0.5 / root);
  return d * (root - 0.01 + 0.85 / root);
}

double random_value(const FittedFamily& family, Random& random) {
  const auto [a, b] = family.parameters;
  switch (family.family) {
    case Family::exponential: return -a * std::log(1.0 - random.uniform());
    case Family::gamma: return b * random_gamma(random, a);
    case Family::lognormal: return std::exp(a + b * random.normal());
    case Family::normal: return a + b * random.normal();
    case Family::poisson: return static_cast<double>(random_poisson(random, a));
    case Family::uniform: return a + (b - a) * random.uniform();
  }
  return 0;
}

double distance(const FittedFamily& family, std::span<const double> sorted) {
  const auto n = static_cast<double>(sorted.size());
  double d = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double f = family.cdf(sorted[i]);
    d = std::max({d, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return d;
}

/// The lognormal is tested as the normal of its logarithms: location and scale then do not matter.
FittedFamily standard_member(const FittedFamily& fitted) {
  if (fitted.family == Family::normal || fitted.family == Family::lognormal) return {Family::normal, {0, 1}};
  if (fitted.family == Family::exponential) return {Family::exponential, {1, 0}};
  if (fitted.family == Family::gamma) return {Family::gamma, {fitted.parameters[0], 1}};
  return fitted;
}

double simulated_p(const FittedFamily& fitted, double d, std::size_t n, const Simulation& simulation) {
  const std::size_t size = std::min(n, k_simulated_size);
  const FittedFamily truth = standard_member(fitted);
  const double observed = modified(truth.family, d, n);
  const int draws = std::min(simulation.draws, k_most_draws);
  std::vector<double> values(size);
  int reached = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose + "/family", static_cast<std::uint64_t>(draw));
    for (double& value : values) value = random_value(truth, random);
    std::sort(values.begin(), values.end());
    const auto refit = fit_family(truth.family, values);
    if (!refit || modified(truth.family, distance(*refit, values), size) >= observed) ++reached;
  }
  return (1.0 + reached) / (1.0 + draws);
}

KsTest uniform_between_extremes(std::span<const double> sorted) {
  const FittedFamily whole{Family::uniform, {sorted.front(), sorted.back()}};
  const auto inner = sorted.subspan(1, sorted.size() - 2);
  KsTest test = *ks_one_sample(inner, [&](double x) { return whole.cdf(x); });
  const double p_value = test.p_value;
  test = *ks_one_sample(sorted, [&](double x) { return whole.cdf(x); });
  test.p_value = p_value;
  return test;
}

/// Counts of 0, 1, ... against the Poisson distribution function.
struct WholeNumbers {
  std::int64_t first = 0;
  std::vector<double> shares;

  static WholeNumbers of(double mean, std::int64_t first, std::int64_t last) {
    WholeNumbers numbers{first, {}};
    numbers.shares.resize(static_cast<std::size_t>(last - first + 1));
    double mass = poisson_mass(first, mean);
    for (std::size_t i = 0; i < numbers.shares.size(); ++i) {
      numbers.shares[i] = mass;
      mass *= mean / (static_cast<double>(first) + static_cast<double>(i) + 1);
    }
    return numbers;
  }

  double distance(std::span<const std::int64_t> counts, double n, double mean) const {
    const WholeNumbers fitted = of(mean, first, first + static_cast<std::int64_t>(shares.size()) - 1);
    double f = poisson_cdf(first - 1, mean);
    double seen = 0;
    double d = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      f += fitted.shares[i];
      seen += static_cast<double>(counts[i]);
      d = std::max(d, std::abs(seen / n - f));
    }
    return d;
  }
};

KsTest poisson_distance(double mean, std::span<const double> sorted) {
  KsTest test;
  const auto n = static_cast<double>(sorted.size());
  for (std::size_t i = 0; i < sorted.size();) {
    const double value = std::floor(sorted[i]);
    const auto before = static_cast<double>(i);
    while (i < sorted.size() && std::floor(sorted[i]) == value) ++i;
    const FittedFamily family{Family::poisson, {mean, 0}};
    for (const auto& [at, seen] : {std::pair{value - 1, before}, std::pair{value, static_cast<double>(i)}}) {
      const double d = std::abs(seen / n - family.cdf(at));
      if (d > test.statistic) test.statistic = d, test.location = at;
    }
  }
  return test;
}

double poisson_p(double mean, double d, std::int64_t n, Parameters parameters, const Simulation& simulation) {
  constexpr double k_negligible = 1e-13;
  const std::int64_t first = std::max<std::int64_t>(0, poisson_quantile(k_negligible, mean) - 1);
  const std::int64_t last = poisson_quantile(1 - k_negligible, mean) + 1;
  const WholeNumbers truth = WholeNumbers::of(mean, first, last);
  const double affordable = std::max(199.0, 2e6 / static_cast<double>(truth.shares.size()));
  const int draws = static_cast<int>(std::min<double>(std::min(simulation.draws, k_most_draws), affordable));
  std::vector<std::int64_t> counts(truth.shares.size());
  int reached = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose + "/poisson", static_cast<std::uint64_t>(draw));
    random_multinomial(random, n, truth.shares, counts);
    double total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) total += static_cast<double>(counts[i]) * static_cast<double>(first + static_cast<std::int64_t>(i));
    const double refit = parameters == Parameters::estimated ? total / static_cast<double>(n) : mean;
    if (truth.distance(counts, static_cast<double>(n), refit) >= d * (1 - 1e-12)) ++reached;
  }
  return (1.0 + reached) / (1.0 + draws);
}

}  // namespace

Result<KsTest> family_test(const FittedFamily& fitted, std::span<const double> sorted, Parameters parameters,
                           const Simulation& simulation) {
  if (sorted.empty()) return fail("no values to compare with {}, expected at least 1", family_name(fitted.family));
  CHECK(std::is_sorted(sorted.begin(), sorted.end()), "sample of {} is not sorted", sorted.size());
  const auto cdf = [&](double x) { return fitted.cdf(x); };
  KsTest test;
  if (fitted.family == Family::poisson) {
    test = poisson_distance(fitted.parameters[0], sorted);
  } else {
    ASSIGN_OR_RETURN(test, ks_one_sample(sorted, cdf));
  }
  if (impossible_value(fitted.family, sorted)) {
    test.p_value = 0;
    test.method = PValueMethod::exact;
    return test;
  }
  if (fitted.family == Family::poisson) {
    test.method = PValueMethod::simulated;
    test.p_value = poisson_p(fitted.parameters[0], test.statistic, static_cast<std::int64_t>(sorted.size()), parameters, simulation);
    return test;
  }
  if (parameters == Parameters::stated) return test;
  if (fitted.family == Family::uniform) return uniform_between_extremes(sorted);
  test.method = PValueMethod::simulated;
  test.p_value = simulated_p(fitted, test.statistic, sorted.size(), simulation);
  return test;
}

}  // namespace cupel::stats
