#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stats/ks.h"

namespace cupel::stats {

enum class Family { exponential, gamma, lognormal, normal, poisson, uniform };

/// One line of the table of families.
struct FamilyEntry {
  Family family;
  std::string_view name;
  std::vector<std::string_view> parameters;  ///< names, in the order of FittedFamily::parameters
  std::string_view summary;
};
/// Sorted by name.
std::span<const FamilyEntry> families();
std::optional<Family> family_named(std::string_view name);
std::string_view family_name(Family family);

/// A member of a family. Parameters: exponential (mean); gamma (shape, scale); lognormal (mean and standard deviation of the
/// logarithm); normal (mean, standard deviation); poisson (mean); uniform (low, high).
struct FittedFamily {
  Family family = Family::normal;
  std::array<double, 2> parameters{};

  double cdf(double x) const;
  double quantile(double p) const;
  /// "normal(mean 43.2, stddev 12.3)"
  std::string text() const;
};

/// From stated parameters. Errors: wrong number of them, or one out of its range.
Result<FittedFamily> stated_family(Family family, std::span<const double> parameters);

/// Estimates the parameters from ascending values: maximum likelihood, but with divisor n - 1 for the normal and lognormal standard
/// deviation (Lilliefors' convention). Values that the family cannot give (0 or less for lognormal and gamma, negative ones for
/// exponential and poisson) are left out of the estimate; `family_test` then rejects. Errors: too few values, all equal.
Result<FittedFamily> fit_family(Family family, const Ascending& sample);
Result<FittedFamily> fit_family(Family family, std::span<const double> sorted);

enum class Parameters { stated, estimated };

/// Distance of the sample from the distribution, and its p-value: exact or limit Kolmogorov for stated continuous distributions; for
/// estimated parameters the null distribution is simulated with the parameters estimated anew in every draw (Lilliefors 1967; Stephens
/// 1974), except the uniform, whose values between the extremes are exactly uniform. Poisson: the same distance at whole numbers, simulated.
/// A value that the family cannot give makes p 0. The sample is not empty.
Result<KsTest> family_test(const FittedFamily& fitted, const Ascending& sample, Parameters parameters, const Simulation& simulation);
Result<KsTest> family_test(const FittedFamily& fitted, std::span<const double> sorted, Parameters parameters, const Simulation& simulation);

}  // namespace cupel::stats
