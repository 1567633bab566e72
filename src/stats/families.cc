#include "stats/families.h"

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "base/text.h"
#include "stats/distributions.h"
#include "stats/sample_moments.h"

namespace cupel::stats {
namespace {

const std::vector<FamilyEntry>& table() {
  static const std::vector<FamilyEntry> k_table = {
      {Family::exponential, "exponential", {"mean"}, "waiting times without memory"},
      {Family::gamma, "gamma", {"shape", "scale"}, "positive amounts, right-skewed"},
      {Family::lognormal, "lognormal", {"log_mean", "log_stddev"}, "positive amounts whose logarithm is normal"},
      {Family::normal, "normal", {"mean", "stddev"}, "the bell curve"},
      {Family::poisson, "poisson", {"mean"}, "counts of independent events"},
      {Family::uniform, "uniform", {"low", "high"}, "every value of a range equally likely"},
  };
  return k_table;
}

/// Maximum likelihood of the gamma shape by Newton's method on log k - digamma(k) = s.
double gamma_shape(double s) {
  double k = (3 - s + std::sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
  for (int step = 0; step < 50; ++step) {
    const double next = k - (std::log(k) - boost::math::digamma(k) - s) / (1 / k - boost::math::trigamma(k));
    if (!(next > 0)) break;
    if (std::abs(next - k) <= 1e-12 * k) return next;
    k = next;
  }
  return k;
}

std::span<const double> possible_values(Family family, std::span<const double> sorted) {
  const bool positive = family == Family::lognormal || family == Family::gamma;
  const bool not_negative = family == Family::exponential || family == Family::poisson;
  if (!positive && !not_negative) return sorted;
  const auto first = positive ? std::upper_bound(sorted.begin(), sorted.end(), 0.0) : std::lower_bound(sorted.begin(), sorted.end(), 0.0);
  return sorted.subspan(static_cast<std::size_t>(first - sorted.begin()));
}

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> logs(values.begin(), values.end());
  for (double& value : logs) value = std::log(value);
  return logs;
}

}  // namespace

std::span<const FamilyEntry> families() { return table(); }

std::optional<Family> family_named(std::string_view name) {
  for (const FamilyEntry& entry : table()) {
    if (entry.name == name) return entry.family;
  }
  return std::nullopt;
}

std::string_view family_name(Family family) {
  for (const FamilyEntry& entry : table()) {
    if (entry.family == family) return entry.name;
  }
  CHECK(false, "family {}", static_cast<int>(family));
}

double FittedFamily::cdf(double x) const {
  const auto [a, b] = parameters;
  switch (family) {
    case Family::exponential: return exponential_cdf(x, a);
    case Family::gamma: return gamma_cdf(x, a, b);
    case Family::lognormal: return lognormal_cdf(x, a, b);
    case Family::normal: return normal_cdf((x - a) / b);
    case Family::poisson: return x < 0 ? 0 : x > 9e15 ? 1 : poisson_cdf(static_cast<std::int64_t>(std::floor(x)), a);
    case Family::uniform: return uniform_cdf(x, a, b);
  }
  return 0;
}

double FittedFamily::quantile(double p) const {
  const auto [a, b] = parameters;
  switch (family) {
    case Family::exponential: return exponential_quantile(p, a);
    case Family::gamma: return gamma_quantile(p, a, b);
    case Family::lognormal: return lognormal_quantile(p, a, b);
    case Family::normal: return a + b * normal_quantile(p);
    case Family::poisson:
      return p >= 1 ? std::numeric_limits<double>::infinity() : static_cast<double>(poisson_quantile(p, a));
    case Family::uniform: return uniform_quantile(p, a, b);
  }
  return 0;
}

std::string FittedFamily::text() const {
  for (const FamilyEntry& entry : table()) {
    if (entry.family != family) continue;
    std::string text = std::string(entry.name) + "(";
    for (std::size_t i = 0; i < entry.parameters.size(); ++i) {
      text += fmt::format("{}{} {}", i ? ", " : "", entry.parameters[i], number_text(parameters[i]));
    }
    return text + ")";
  }
  return {};
}

Result<FittedFamily> stated_family(Family family, std::span<const double> parameters) {
  const auto entry = std::find_if(table().begin(), table().end(), [&](const FamilyEntry& e) { return e.family == family; });
  if (parameters.size() != entry->parameters.size()) {
    return fail("{} parameters for {}, expected {}", parameters.size(), entry->name, entry->parameters.size());
  }
  FittedFamily stated{family, {}};
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const bool location = (family == Family::normal || family == Family::lognormal) && i == 0;
    const bool any_sign = location || family == Family::uniform;
    if (!std::isfinite(parameters[i]) || (!any_sign && parameters[i] <= 0)) {
      return fail("{} {} of {}, expected a {}number", entry->parameters[i], number_text(parameters[i]), entry->name,
                  any_sign ? "finite " : "positive ");
    }
    stated.parameters[i] = parameters[i];
  }
  if (family == Family::uniform && !(parameters[0] < parameters[1])) {
    return fail("low {} is not below high {} of uniform", number_text(parameters[0]), number_text(parameters[1]));
  }
  return stated;
}

Result<FittedFamily> fit_family(Family family, std::span<const double> sorted) {
  const std::span<const double> values = possible_values(family, sorted);
  const bool one_parameter = family == Family::exponential || family == Family::poisson;
  const std::size_t needed = one_parameter ? 1 : family == Family::uniform ? 3 : 2;
  if (values.size() < needed) {
    return fail("{} of {} values are possible for {}, expected at least {}", values.size(), sorted.size(), family_name(family), needed);
  }
  if (!std::isfinite(values.front()) || !std::isfinite(values.back())) {
    return fail("an infinite value cannot be fitted by {}, expected finite values", family_name(family));
  }
  if (!one_parameter && values.front() == values.back()) {
    return fail("all {} values equal {}, expected a spread to fit {}", values.size(), number_text(values.front()), family_name(family));
  }
  const bool by_logarithm = family == Family::lognormal;
  const SampleMoments moments = sample_moments(by_logarithm ? logarithms(values) : std::vector<double>(values.begin(), values.end()));
  switch (family) {
    case Family::exponential:
    case Family::poisson:
      if (moments.mean <= 0) return fail("all {} values are 0, expected a positive mean to fit {}", values.size(), family_name(family));
      return FittedFamily{family, {moments.mean, 0}};
    case Family::lognormal:
    case Family::normal:
      if (!(moments.variance > 0)) return fail("the values have no spread, expected one to fit {}", family_name(family));
      return FittedFamily{family, {moments.mean, std::sqrt(moments.variance)}};
    case Family::uniform: return FittedFamily{family, {values.front(), values.back()}};
    case Family::gamma: {
      const double s = std::log(moments.mean) - sample_moments(logarithms(values)).mean;
      if (!(s > 0)) return fail("the values have no spread, expected one to fit gamma");
      const double shape = gamma_shape(s);
      return FittedFamily{family, {shape, moments.mean / shape}};
    }
  }
  return fail("unknown family");
}

}  // namespace cupel::stats
