#include "stats/means.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/invariant.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();

double variance_of_mean(const SampleMoments& sample) {
  return sample.n < 2 ? k_infinity : sample.variance / static_cast<double>(sample.n);
}

/// Welch-Satterthwaite, from the variances of both means.
double welch_degrees_of_freedom(const SampleMoments& first, const SampleMoments& second) {
  if (first.n < 2 || second.n < 2) return 1;
  const double a = first.variance / static_cast<double>(first.n);
  const double b = second.variance / static_cast<double>(second.n);
  if (a + b == 0) return static_cast<double>(first.n + second.n - 2);
  return (a + b) * (a + b) / (a * a / static_cast<double>(first.n - 1) + b * b / static_cast<double>(second.n - 1));
}

}  // namespace

Interval Estimate::interval(double confidence) const {
  CHECK(confidence > 0 && confidence < 1, "confidence {}", confidence);
  if (std::isinf(standard_error)) return {-k_infinity, k_infinity, confidence};
  const double half = standard_error == 0 ? 0 : standard_error * student_t_quantile(1 - (1 - confidence) / 2, degrees_of_freedom);
  return {value - half, value + half, confidence};
}

Interval Estimate::one_sided_interval(double confidence, Alternative alternative) const {
  CHECK(alternative != Alternative::two_sided, "a one-sided interval needs a side");
  Interval two_sided = interval(1 - 2 * (1 - confidence));
  two_sided.confidence = confidence;
  (alternative == Alternative::greater ? two_sided.high : two_sided.low) = alternative == Alternative::greater ? k_infinity : -k_infinity;
  return two_sided;
}

TestResult Estimate::test(double value_tested, Alternative alternative) const {
  TestResult result{0, degrees_of_freedom, 1};
  const double distance = value - value_tested;
  if (std::isinf(standard_error)) return result;
  if (standard_error == 0) {
    result.statistic = distance == 0 ? 0 : std::copysign(k_infinity, distance);
  } else {
    result.statistic = distance / standard_error;
  }
  const double t = result.statistic;
  switch (alternative) {
    case Alternative::greater: result.p_value = student_t_survival(t, degrees_of_freedom); break;
    case Alternative::less: result.p_value = student_t_cdf(t, degrees_of_freedom); break;
    case Alternative::two_sided: result.p_value = std::min(1.0, 2 * student_t_survival(std::abs(t), degrees_of_freedom)); break;
  }
  return result;
}

Estimate mean_estimate(const SampleMoments& sample) {
  return {sample.mean, std::sqrt(variance_of_mean(sample)), static_cast<double>(std::max<std::int64_t>(1, sample.n - 1))};
}

Estimate welch_difference(const SampleMoments& first, const SampleMoments& second) {
  const double error = std::sqrt(variance_of_mean(first) + variance_of_mean(second));
  return {second.mean - first.mean, error, welch_degrees_of_freedom(first, second)};
}

Estimate student_difference(const SampleMoments& first, const SampleMoments& second) {
  const double difference = second.mean - first.mean;
  const auto a = static_cast<double>(first.n);
  const auto b = static_cast<double>(second.n);
  const double degrees = a + b - 2;
  if (first.n == 0 || second.n == 0 || degrees < 1) return {difference, k_infinity, 1};
  const double pooled = ((a - 1) * first.variance + (b - 1) * second.variance) / degrees;
  return {difference, std::sqrt(pooled * (1 / a + 1 / b)), degrees};
}

Estimate relative_difference(const SampleMoments& first, const SampleMoments& second) {
  const double base = first.mean;
  if (base == 0) return {0, k_infinity, 1};
  const double ratio = second.mean / base;
  const double variance = variance_of_mean(second) / (base * base) + variance_of_mean(first) * ratio * ratio / (base * base);
  return {(second.mean - base) / std::abs(base), std::sqrt(variance), welch_degrees_of_freedom(first, second)};
}

Estimate paired_difference_of_means(std::span<const double> x, std::span<const double> y) {
  CHECK(x.size() == y.size(), "{} against {} values", x.size(), y.size());
  std::vector<double> differences(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) differences[i] = y[i] - x[i];
  return mean_estimate(sample_moments(differences));
}

}  // namespace cupel::stats
