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

/// The values that a family can give, of a sample.
class PossibleValues : public Ascending {
 public:
  PossibleValues(Family family, const Ascending& sample) : sample_(sample) {
    positive_ = family == Family::lognormal || family == Family::gamma;
    not_negative_ = family == Family::exponential || family == Family::poisson;
    size_ = sample.size();
    const auto cursor = sample.walk();
    Group group;
    while ((positive_ || not_negative_) && cursor->next(group) && !is_possible(group.value)) size_ -= group.count;
  }
  std::int64_t size() const override { return size_; }
  std::unique_ptr<Cursor> walk() const override {
    class Possible : public Cursor {
     public:
      Possible(const PossibleValues& of, std::unique_ptr<Cursor> all) : of_(of), all_(std::move(all)) {}
      bool next(Group& group) override {
        while (all_->next(group)) {
          if (of_.is_possible(group.value)) return true;
        }
        return false;
      }

     private:
      const PossibleValues& of_;
      std::unique_ptr<Cursor> all_;
    };
    return std::make_unique<Possible>(*this, sample_.walk());
  }

 private:
  bool is_possible(double value) const { return positive_ ? value > 0 : !not_negative_ || value >= 0; }

  const Ascending& sample_;
  bool positive_ = false;
  bool not_negative_ = false;
  std::int64_t size_ = 0;
};

double logarithm(double value) { return std::log(value); }

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

Result<FittedFamily> fit_family(Family family, std::span<const double> sorted) { return fit_family(family, AscendingValues(sorted)); }

Result<FittedFamily> fit_family(Family family, const Ascending& sample) {
  const PossibleValues values(family, sample);
  const bool one_parameter = family == Family::exponential || family == Family::poisson;
  const std::int64_t needed = one_parameter ? 1 : family == Family::uniform ? 3 : 2;
  if (values.size() < needed) {
    return fail("{} of {} values are possible for {}, expected at least {}", values.size(), sample.size(), family_name(family), needed);
  }
  const std::vector<double> ends = values_at(values, std::vector<std::int64_t>{0, values.size() - 1});
  if (!std::isfinite(ends[0]) || !std::isfinite(ends[1])) {
    return fail("an infinite value cannot be fitted by {}, expected finite values", family_name(family));
  }
  if (!one_parameter && ends[0] == ends[1]) {
    return fail("all {} values equal {}, expected a spread to fit {}", values.size(), number_text(ends[0]), family_name(family));
  }
  if (family == Family::uniform) return FittedFamily{family, {ends[0], ends[1]}};
  const SampleMoments moments = sample_moments(values, family == Family::lognormal ? logarithm : nullptr);
  switch (family) {
    case Family::exponential:
    case Family::poisson:
      if (moments.mean <= 0) return fail("all {} values are 0, expected a positive mean to fit {}", values.size(), family_name(family));
      return FittedFamily{family, {moments.mean, 0}};
    case Family::lognormal:
    case Family::normal:
      if (!(moments.variance > 0)) return fail("the values have no spread, expected one to fit {}", family_name(family));
      return FittedFamily{family, {moments.mean, std::sqrt(moments.variance)}};
    case Family::gamma: {
      const double s = std::log(moments.mean) - sample_moments(values, logarithm).mean;
      if (!(s > 0)) return fail("the values have no spread, expected one to fit gamma");
      const double shape = gamma_shape(s);
      return FittedFamily{family, {shape, moments.mean / shape}};
    }
    case Family::uniform: break;
  }
  return fail("unknown family");
}

}  // namespace cupel::stats
