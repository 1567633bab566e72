#include "stats/families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/random.h"
#include "stats/proportion.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

using Values = std::vector<double>;

const Values k_amounts = {1.9, 2.1, 2.7, 3.3, 3.4, 3.8, 4.4, 4.9, 5.6, 6.1};

Values draw(Family family, std::size_t n, std::uint64_t index) {
  Random random(21, "families", index);
  Values values(n);
  for (double& v : values) {
    switch (family) {
      case Family::exponential: v = -3 * std::log(1 - random.uniform()); break;
      case Family::gamma: v = 2 * random_gamma(random, 2.5); break;
      case Family::lognormal: v = std::exp(1 + 0.5 * random.normal()); break;
      case Family::normal: v = 40 + 12 * random.normal(); break;
      case Family::poisson: v = static_cast<double>(random_poisson(random, 4.2)); break;
      case Family::uniform: v = 3 + 4 * random.uniform(); break;
    }
  }
  std::sort(values.begin(), values.end());
  return values;
}

TEST(Families, TheTableIsSortedAndComplete) {
  EXPECT_TRUE(std::is_sorted(families().begin(), families().end(), [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const FamilyEntry& entry : families()) EXPECT_EQ(family_named(entry.name), entry.family);
  EXPECT_EQ(family_named("gauss"), std::nullopt);
}

TEST(Families, EstimatesAgreeWithScipyAndNumpy) {
  const auto gamma = fit_family(Family::gamma, k_amounts);  // scipy 1.17.1: stats.gamma.fit(x, floc=0)
  EXPECT_NEAR(gamma->parameters[0], 7.615865002924349, 1e-9);
  EXPECT_NEAR(gamma->parameters[1], 0.5015845210666406, 1e-9);
  const auto lognormal = fit_family(Family::lognormal, k_amounts);
  EXPECT_NEAR(lognormal->parameters[0], 1.273163708570011, 1e-13);
  EXPECT_NEAR(lognormal->parameters[1], 0.39489757183430607, 1e-13);
  EXPECT_EQ(fit_family(Family::uniform, k_amounts)->text(), "uniform(low 1.9, high 6.1)");
  EXPECT_NEAR(fit_family(Family::poisson, Values{0, 1, 1, 2, 6})->parameters[0], 2, 1e-15);
}

TEST(Families, QuantilesInvertTheDistributionFunction) {
  for (const FamilyEntry& entry : families()) {
    const auto fitted = fit_family(entry.family, draw(entry.family, 50, 1));
    ASSERT_TRUE(fitted) << entry.name;
    if (entry.family == Family::poisson) continue;
    for (const double p : {0.01, 0.5, 0.99}) EXPECT_NEAR(fitted->cdf(fitted->quantile(p)), p, 1e-10) << entry.name;
  }
}

TEST(Families, LillieforsCriticalValuesAreReproduced) {
  // Lilliefors 1967 (as corrected by Dallal and Wilkinson 1986): n = 20, 5 %: 0.192. Exponential (1969), n = 20, 5 %: 0.234 (0.2345).
  const auto sample = [](Family family, double shift) {
    // A sample of 20 that follows the fitted quantiles, pushed until D is near the critical value.
    Values values;
    const FittedFamily member = *stated_family(family, family == Family::normal ? Values{0, 1} : Values{1});
    for (int i = 0; i < 20; ++i) values.push_back(member.quantile((i + 0.5) / 20));
    for (int i = 0; i < 20; ++i) values[static_cast<std::size_t>(i)] += i >= 10 ? shift : 0;
    return values;
  };
  const auto distance_of = [](Family family, const Values& values) {
    const FittedFamily fitted = *fit_family(family, values);
    return ks_one_sample(values, [&](double x) { return fitted.cdf(x); })->statistic;
  };
  for (const auto& [family, critical] : {std::pair{Family::normal, 0.192}, std::pair{Family::exponential, 0.234}}) {
    double low = 0;
    double high = 20;
    for (int step = 0; step < 30; ++step) {
      const double middle = (low + high) / 2;
      (distance_of(family, sample(family, middle)) < critical ? low : high) = middle;
    }
    const Values values = sample(family, high);
    const auto test = family_test(*fit_family(family, values), values, Parameters::estimated, {1, "case", 1999});
    EXPECT_NEAR(test->p_value, 0.05, 0.016) << family_name(family);  // 3 standard errors of 1,999 draws
  }
}

TEST(Families, EachFamilyAcceptsItsOwnSamplesAtTheNominalRate) {
  const bool slow = std::getenv("CUPEL_SLOW") != nullptr;
  const int runs = slow ? 600 : 10;
  for (const FamilyEntry& entry : families()) {
    for (const std::size_t n : {std::size_t{60}, std::size_t{1500}}) {
      int alarms = 0;
      for (int run = 0; run < runs; ++run) {
        const Values values = draw(entry.family, n, static_cast<std::uint64_t>(run) + 100);
        const auto fitted = fit_family(entry.family, values);
        const Simulation simulation{static_cast<std::uint64_t>(run), "case", slow ? 399 : 39};
        alarms += family_test(*fitted, values, Parameters::estimated, simulation)->p_value <= 0.1 ? 1 : 0;
      }
      EXPECT_TRUE(clopper_pearson(alarms, runs, 0.9999).contains(0.1)) << entry.name << " n " << n << ": " << alarms << " of " << runs;
    }
  }
}

TEST(Families, AWrongFamilyIsRejected) {
  const Simulation simulation{1, "case", 499};
  const Values skewed = draw(Family::exponential, 300, 5);
  EXPECT_LE(family_test(*fit_family(Family::normal, skewed), skewed, Parameters::estimated, simulation)->p_value, 0.01);
  const Values bell = draw(Family::normal, 300, 6);
  EXPECT_LE(family_test(*fit_family(Family::uniform, bell), bell, Parameters::estimated, simulation)->p_value, 0.01);
  Values overdispersed;
  for (int i = 0; i < 300; ++i) overdispersed.push_back(i % 3 == 0 ? 12 : 1);
  std::sort(overdispersed.begin(), overdispersed.end());
  EXPECT_LE(family_test(*fit_family(Family::poisson, overdispersed), overdispersed, Parameters::estimated, simulation)->p_value, 0.01);
}

TEST(Families, AnImpossibleValueRejects) {
  Values values = draw(Family::lognormal, 200, 7);
  values.insert(values.begin(), -1);
  const auto test = family_test(*fit_family(Family::lognormal, values), values, Parameters::estimated, {});
  EXPECT_EQ(test->p_value, 0);
  EXPECT_EQ(family_test(FittedFamily{Family::poisson, {2, 0}}, Values{1, 1.5, 2}, Parameters::stated, {})->p_value, 0);
}

TEST(Families, MistakesAreNamed) {
  EXPECT_EQ(fit_family(Family::normal, Values{3, 3, 3}).error().message, "all 3 values equal 3, expected a spread to fit normal");
  EXPECT_EQ(fit_family(Family::lognormal, Values{-2, -1, 4}).error().message,
            "1 of 3 values are possible for lognormal, expected at least 2");
  EXPECT_EQ(stated_family(Family::normal, Values{1, -2}).error().message, "stddev -2 of normal, expected a positive number");
  EXPECT_EQ(stated_family(Family::uniform, Values{5, 2}).error().message, "low 5 is not below high 2 of uniform");
  EXPECT_EQ(stated_family(Family::exponential, Values{1, 2}).error().message, "2 parameters for exponential, expected 1");
}

}  // namespace
}  // namespace cupel::stats
