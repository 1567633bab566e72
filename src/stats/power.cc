#include "stats/power.h"

#include <cmath>
#include <functional>

#include "base/invariant.h"
#include "base/text.h"
#include "stats/distributions.h"

namespace cupel::stats {
namespace {

constexpr double k_largest_total = 1e15;

double critical_z(const TestDesign& design) {
  CHECK(design.alpha > 0 && design.alpha < 1 && design.power > 0 && design.power < 1, "alpha {}, power {}", design.alpha, design.power);
  CHECK(design.share_of_treatment > 0 && design.share_of_treatment < 1, "share {}", design.share_of_treatment);
  return normal_quantile(1 - design.alpha / (design.alternative == Alternative::two_sided ? 2 : 1));
}

/// The x in [low, high] where a rising function reaches `wanted`, by halving to the last digits.
double solve(double low, double high, double wanted, const std::function<double(double)>& rising) {
  for (int step = 0; step < 200 && high - low > 1e-13 * std::abs(high); ++step) {
    const double middle = low + (high - low) / 2;
    (rising(middle) < wanted ? low : high) = middle;
  }
  return high;
}

Result<double> least_total(double smallest, const TestDesign& design, const std::function<double(double)>& power) {
  double high = smallest;
  while (power(high) < design.power) {
    high *= 2;
    if (high > k_largest_total) return fail("no sample of up to 1e15 units reaches power {}", percent_text(design.power));
  }
  return solve(smallest, high, design.power, power);
}

}  // namespace

double proportions_power(double first, double second, double total, const TestDesign& design) {
  CHECK(first >= 0 && first <= 1 && second >= 0 && second <= 1, "shares {} and {}", first, second);
  const double treatment = design.share_of_treatment;
  const double pooled = (1 - treatment) * first + treatment * second;
  const double null_error = std::sqrt(pooled * (1 - pooled) * (1 / treatment + 1 / (1 - treatment)));
  const double error = std::sqrt(first * (1 - first) / (1 - treatment) + second * (1 - second) / treatment);
  const double distance = std::sqrt(total) * std::abs(second - first) - critical_z(design) * null_error;
  if (error == 0) return distance > 0 ? 1 : 0;
  return normal_cdf(distance / error);
}

Result<double> proportions_sample_size(double first, double second, const TestDesign& design) {
  if (first == second) return fail("both shares are {}, expected a difference to detect", percent_text(first));
  return least_total(2, design, [&](double total) { return proportions_power(first, second, total, design); });
}

Result<double> proportions_detectable(double first, double total, Direction direction, const TestDesign& design) {
  const double room = direction == Direction::up ? 1 - first : first;
  const double sign = direction == Direction::up ? 1 : -1;
  const auto power = [&](double distance) { return proportions_power(first, first + sign * distance, total, design); };
  if (room == 0 || power(room) < design.power) {
    return fail("{} units detect no share {} {} with power {}", with_thousands(static_cast<std::int64_t>(total)),
                direction == Direction::up ? "above" : "below", percent_text(first), percent_text(design.power));
  }
  return first + sign * solve(0, room, design.power, power);
}

double means_power(double difference, double stddev, double total, const TestDesign& design) {
  CHECK(difference > 0 && stddev > 0, "difference {}, stddev {}", difference, stddev);
  const double treatment = design.share_of_treatment;
  const double degrees = total - 2;
  if (degrees <= 0) return 0;
  const double tail = design.alpha / (design.alternative == Alternative::two_sided ? 2 : 1);
  const double delta = difference / stddev * std::sqrt(total * treatment * (1 - treatment));
  // Beyond a million degrees of freedom Student's t is the normal distribution to 6 digits, and the series would be long.
  constexpr double k_normal = 1e6;
  if (degrees > k_normal) return normal_cdf(delta - normal_quantile(1 - tail));
  return 1 - noncentral_t_cdf(student_t_quantile(1 - tail, degrees), degrees, delta);
}

Result<double> means_sample_size(double difference, double stddev, const TestDesign& design) {
  if (difference == 0) return fail("the difference to detect is 0, expected another number");
  return least_total(3, design, [&](double total) { return means_power(std::abs(difference), stddev, total, design); });
}

Result<double> means_detectable(double stddev, double total, const TestDesign& design) {
  if (total <= 2) return fail("{} units, expected more than 2", total);
  const auto power = [&](double difference) { return means_power(difference, stddev, total, design); };
  double high = stddev;
  while (power(high) < design.power && high < 1e12 * stddev) high *= 2;
  return solve(0, high, design.power, [&](double difference) { return difference > 0 ? power(difference) : 0; });
}

double normal_power(double effect, double standard_error, double alpha) {
  CHECK(standard_error > 0, "standard error {}", standard_error);
  const double z = normal_quantile(1 - alpha / 2);
  const double shift = effect / standard_error;
  return normal_survival(z - shift) + normal_cdf(-z - shift);
}

double mcnemar_power(double first_only, double second_only, double pairs, const TestDesign& design) {
  const double disagree = first_only + second_only;
  const double difference = std::abs(second_only - first_only);
  CHECK(first_only >= 0 && second_only >= 0 && disagree <= 1, "shares {} and {}", first_only, second_only);
  const double error = std::sqrt(disagree - difference * difference);
  const double distance = difference * std::sqrt(pairs) - critical_z(design) * std::sqrt(disagree);
  if (error == 0) return distance > 0 ? 1 : 0;
  return normal_cdf(distance / error);
}

Result<double> mcnemar_sample_size(double first_only, double second_only, const TestDesign& design) {
  if (first_only == second_only) return fail("both disagree equally often, expected a difference to detect");
  return least_total(2, design, [&](double pairs) { return mcnemar_power(first_only, second_only, pairs, design); });
}

}  // namespace cupel::stats
