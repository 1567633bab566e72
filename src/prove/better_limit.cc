#include "base/text.h"
#include "prove/limits_internal.h"
#include "stats/distributions.h"

namespace cupel::prove {
namespace {

/// Three significant digits, away from the accepted side: upwards or downwards.
double rounded(double value, bool up) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 2);
  const double steps = value / unit;
  return (up ? std::ceil(steps - 1e-9) : std::floor(steps + 1e-9)) * unit;
}

std::string percent(double share) { return fmt::format("{:.6g}%", share * 100); }

double share_outside(const std::vector<double>& values, std::optional<double> low, std::optional<double> high) {
  const auto outside = std::ranges::count_if(values, [&](double value) { return (low && value < *low) || (high && value > *high); });
  return static_cast<double>(outside) / static_cast<double>(values.size());
}

}  // namespace

std::optional<BetterLimit> better_limit(const CleanSide& clean, std::size_t index, double allowed) {
  const suite::Expectation& expectation = clean.evaluator->expectations()[index];
  const Observed observed = observed_of(clean, index);
  if (observed.values.size() < 2) return std::nullopt;
  double alarms = 0;
  for (const auto& judgements : clean.judgements) alarms += judgements[index].alarms() ? 1 : 0;
  BetterLimit better{"", alarms / static_cast<double>(clean.judgements.size()), 0};
  const auto n = static_cast<std::int64_t>(std::llround(observed.rows_tested));
  const double least = observed.values.front();
  const double most = observed.values.back();
  if (is_row_wise(expectation)) {
    if (n < 1) return std::nullopt;
    const auto count = static_cast<double>(stats::binomial_quantile(1 - allowed, n, std::min(1.0, observed.unexpected / observed.rows_tested)));
    const double share = rounded(std::max(count / static_cast<double>(n), 1 - least), true);
    if (share >= 1) return std::nullopt;
    better.words = fmt::format("mostly: {}", percent(1 - share));
    better.then = share_outside(observed.values, 1 - share - 1e-12, std::nullopt);
    return better;
  }
  const std::string_view subject = expectation.subject->name;
  if (subject == "distribution") {
    const double margin = rounded(most * 1.1, true);
    if (!(margin > 0 && margin < 1)) return std::nullopt;
    const bool categories = expectation.predicate->name() == "like";
    better.words = fmt::format("within: {{{}: {}}}", categories ? "tvd" : "ks", percent(margin));
    return better;
  }
  const auto range = range_of(expectation);
  if (!range) return std::nullopt;
  const bool counts = counts_rows(expectation) || subject == "share";
  double mean = 0;
  for (const double value : observed.values) mean += value / static_cast<double>(observed.values.size());
  double variance = 0;
  for (const double value : observed.values) variance += (value - mean) * (value - mean) / static_cast<double>(observed.values.size() - 1);
  // Counts by the binomial distribution, all else by the normal one; never inside of what clean batches showed.
  const bool share = counts && (range->as_share || subject == "share");
  const double z = stats::normal_quantile(1 - allowed / 2) * std::sqrt(variance);
  double high = mean + z;
  double low = mean - z;
  if (counts && n > 0) {
    const double unit = share ? static_cast<double>(n) : 1;
    const double p = std::clamp(share ? mean : mean / static_cast<double>(n), 0.0, 1.0);
    high = static_cast<double>(stats::binomial_quantile(1 - allowed / 2, n, p)) / unit;
    low = static_cast<double>(stats::binomial_quantile(allowed / 2, n, p)) / unit;
  }
  high = std::max(high, most);
  low = std::min(low, least);
  const bool whole = (counts && !share) || subject == "distinct" || subject == "rows";
  high = whole ? std::ceil(high) : rounded(high, true);
  low = whole ? std::max(0.0, std::floor(low)) : rounded(low, false);
  if (share) {
    high = std::min(high, 1.0);
    low = std::max(low, 0.0);
  }
  const auto text = [&](double value) { return share ? percent(value) : fmt::format("{:.10g}", value); };
  if (range->high && !range->low) {
    better.words = "at_most: " + text(high);
    better.then = share_outside(observed.values, std::nullopt, high);
  } else if (range->low && !range->high) {
    better.words = "at_least: " + text(low);
    better.then = share_outside(observed.values, low, std::nullopt);
  } else {
    better.words = fmt::format("between: [{}, {}]", text(low), text(high));
    better.then = share_outside(observed.values, low, high);
  }
  return better;
}

}  // namespace cupel::prove
