#include "stats/sample_moments.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"

namespace cupel::stats {
namespace {

/// Neumaier's compensated sum.
class Sum {
 public:
  void add(double value) {
    const double next = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  double value() const { return std::isfinite(lost_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

/// Squared deviations from a mean.
class Squares {
 public:
  explicit Squares(double mean) : mean_(mean) {}
  void add(double value) {
    const double deviation = value - mean_;
    squares_.add(deviation * deviation);
    rest_.add(deviation);
  }
  double variance(double n) const { return std::max(0.0, (squares_.value() - rest_.value() * rest_.value() / n) / (n - 1)); }

 private:
  double mean_;
  Sum squares_;
  Sum rest_;  // of the deviations: what the rounding of the mean left
};

}  // namespace

SampleMoments SampleMoments::from_sums(std::int64_t n, double sum, double sum_of_squares) {
  SampleMoments moments;
  moments.n = n;
  if (n == 0) return moments;
  const auto size = static_cast<double>(n);
  moments.mean = sum / size;
  if (n > 1) moments.variance = std::max(0.0, (sum_of_squares - sum * sum / size) / (size - 1));
  return moments;
}

SampleMoments SampleMoments::of_proportion(std::int64_t successes, std::int64_t trials) {
  SampleMoments moments;
  moments.n = trials;
  if (trials == 0) return moments;
  moments.mean = static_cast<double>(successes) / static_cast<double>(trials);
  moments.variance = moments.mean * (1 - moments.mean);
  return moments;
}

double sum_of(std::span<const double> values) {
  Sum sum;
  for (const double value : values) sum.add(value);
  return sum.value();
}

SampleMoments sample_moments(const Ascending& sample, double (*of)(double)) {
  SampleMoments moments;
  moments.n = sample.size();
  if (sample.empty()) return moments;
  const auto n = static_cast<double>(moments.n);
  const auto for_each_value = [&](auto take) {
    sample.for_each([&](const Ascending::Group& group) {
      const double value = of != nullptr ? of(group.value) : group.value;
      for (std::int64_t i = 0; i < group.count; ++i) take(value);
    });
  };
  Sum sum;
  for_each_value([&](double value) { sum.add(value); });
  moments.mean = sum.value() / n;
  if (moments.n < 2) return moments;
  Squares squares(moments.mean);
  for_each_value([&](double value) { squares.add(value); });
  moments.variance = squares.variance(n);
  return moments;
}

SampleMoments sample_moments(std::span<const double> values) {
  SampleMoments moments;
  moments.n = static_cast<std::int64_t>(values.size());
  if (values.empty()) return moments;
  const auto n = static_cast<double>(values.size());
  moments.mean = sum_of(values) / n;
  if (values.size() < 2) return moments;
  Squares squares(moments.mean);
  for (const double value : values) squares.add(value);
  moments.variance = squares.variance(n);
  return moments;
}

double covariance(std::span<const double> x, std::span<const double> y) {
  CHECK(x.size() == y.size(), "{} against {} values", x.size(), y.size());
  if (x.size() < 2) return 0;
  const auto n = static_cast<double>(x.size());
  const double mean_x = sum_of(x) / n;
  const double mean_y = sum_of(y) / n;
  Sum products;
  for (std::size_t i = 0; i < x.size(); ++i) products.add((x[i] - mean_x) * (y[i] - mean_y));
  return products.value() / (n - 1);
}

double correlation(std::span<const double> x, std::span<const double> y) {
  const double scale = std::sqrt(sample_moments(x).variance) * std::sqrt(sample_moments(y).variance);
  return scale > 0 ? std::clamp(covariance(x, y) / scale, -1.0, 1.0) : 0;
}

double sorted_quantile(std::span<const double> values, double q) {
  CHECK(!values.empty() && q >= 0 && q <= 1, "{} values, quantile {}", values.size(), q);
  const double h = static_cast<double>(values.size() - 1) * q;
  const auto below = static_cast<std::size_t>(h);
  if (below + 1 >= values.size()) return values.back();
  const double fraction = h - static_cast<double>(below);
  if (fraction == 0) return values[below];
  return values[below] + fraction * (values[below + 1] - values[below]);
}

}  // namespace cupel::stats
