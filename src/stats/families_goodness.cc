#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/invariant.h"
#include "base/random.h"
#include "stats/distributions.h"
#include "stats/families.h"
#include "stats/ks_distribution.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

constexpr std::int64_t k_simulated_size = 400;  // larger samples are compared through Stephens' modified statistic
constexpr int k_most_draws = 1999;

bool has_impossible_value(Family family, const Ascending& sample) {
  const double least = values_at(sample, std::vector<std::int64_t>{0})[0];
  bool broken = false;  // a number that is no whole one
  switch (family) {
    case Family::lognormal:
    case Family::gamma: return least <= 0;
    case Family::exponential: return least < 0;
    case Family::poisson:
      sample.for_each([&](const Ascending::Group& group) { broken = broken || group.value != std::floor(group.value); });
      return least < 0 || broken;
    case Family::normal:
    case Family::uniform: return false;
  }
  return false;
}

/// Makes the distance comparable between sample sizes (Stephens 1974, table 1A).
double modified(Family family, double d, std::int64_t size) {
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

double simulated_p(const FittedFamily& fitted, double d, std::int64_t n, const Simulation& simulation) {
  const std::int64_t size = std::min(n, k_simulated_size);
  const FittedFamily truth = standard_member(fitted);
  const double observed = modified(truth.family, d, n);
  const int draws = std::min(simulation.draws, k_most_draws);
  std::vector<double> values(static_cast<std::size_t>(size));
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

/// A sample without its first and its last value, of which it has two or more.
class Inner : public Ascending {
 public:
  explicit Inner(const Ascending& sample) : sample_(sample) {}
  std::int64_t size() const override { return sample_.size() - 2; }
  std::unique_ptr<Cursor> walk() const override {
    class InnerCursor : public Cursor {
     public:
      InnerCursor(std::unique_ptr<Cursor> all, std::int64_t size) : all_(std::move(all)), size_(size) {}
      bool next(Group& group) override {
        while (all_->next(group)) {
          const std::int64_t end = passed_ + group.count;
          group.count -= passed_ == 0 ? 1 : 0;
          group.count -= end == size_ ? 1 : 0;
          passed_ = end;
          if (group.count > 0) return true;
        }
        return false;
      }

     private:
      std::unique_ptr<Cursor> all_;
      std::int64_t size_;
      std::int64_t passed_ = 0;
    };
    return std::make_unique<InnerCursor>(sample_.walk(), sample_.size());
  }

 private:
  const Ascending& sample_;
};

KsTest uniform_between_extremes(const FittedFamily& whole, const Ascending& sample) {
  const auto cdf = [&](double x) { return whole.cdf(x); };
  const KsTest inner = *ks_one_sample(Inner(sample), cdf);
  KsTest test = *ks_one_sample(sample, cdf);
  test.p_value = inner.p_value;
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

KsTest poisson_distance(double mean, const Ascending& sample) {
  KsTest test;
  const auto n = static_cast<double>(sample.size());
  const FittedFamily family{Family::poisson, {mean, 0}};
  std::int64_t seen = 0;
  const auto look = [&](double at) {
    const double d = std::abs(static_cast<double>(seen) / n - family.cdf(at));
    if (d > test.statistic) test.statistic = d, test.location = at;
  };
  std::optional<double> whole;
  sample.for_each([&](const Ascending::Group& group) {
    const double value = std::floor(group.value);
    if (whole != value) {
      if (whole) look(*whole);
      look(value - 1);
      whole = value;
    }
    seen += group.count;
  });
  if (whole) look(*whole);
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

Result<KsTest> family_test(const FittedFamily& fitted, std::span<const double> sorted, Parameters parameters, const Simulation& simulation) {
  return family_test(fitted, AscendingValues(sorted), parameters, simulation);
}

Result<KsTest> family_test(const FittedFamily& fitted, const Ascending& sample, Parameters parameters, const Simulation& simulation) {
  if (sample.empty()) return fail("no values to compare with {}, expected at least 1", family_name(fitted.family));
  const auto cdf = [&](double x) { return fitted.cdf(x); };
  KsTest test;
  if (fitted.family == Family::poisson) {
    test = poisson_distance(fitted.parameters[0], sample);
  } else {
    ASSIGN_OR_RETURN(test, ks_one_sample(sample, cdf));
  }
  if (has_impossible_value(fitted.family, sample)) {
    test.p_value = 0;
    test.method = PValueMethod::exact;
    return test;
  }
  if (fitted.family == Family::poisson) {
    test.method = PValueMethod::simulated;
    test.p_value = poisson_p(fitted.parameters[0], test.statistic, sample.size(), parameters, simulation);
    return test;
  }
  if (parameters == Parameters::stated) return test;
  if (fitted.family == Family::uniform) return uniform_between_extremes(fitted, sample);
  test.method = PValueMethod::simulated;
  test.p_value = simulated_p(fitted, test.statistic, sample.size(), simulation);
  return test;
}

}  // namespace cupel::stats
