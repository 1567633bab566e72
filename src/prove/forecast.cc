#include "prove/forecast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "stats/chi_square.h"
#include "stats/distributions.h"
#include "stats/prediction.h"
#include "stats/sample_moments.h"

namespace cupel::prove {
namespace {

/// Batches that differ by more than this chance differ really. Generous: spread that is there must not be taken for chance.
constexpr double k_homogeneous = 0.05;

std::string batches_of(const History& history) { return fmt::format("batches of {} rows", with_thousands(history.next_rows)); }

double logit(double p) { return std::log(p / (1 - p)); }
double from_logit(double x) { return 1 / (1 + std::exp(-x)); }

/// Do the batches differ in the share by more than chance? Pearson's chi-square over all of them.
bool differ(const SeenShare& seen) {
  const double share = seen.share();
  if (share <= 0 || share >= 1) return false;
  double statistic = 0;
  int batches = 0;
  for (std::size_t i = 0; i < seen.batch_counts.size(); ++i) {
    const auto tested = static_cast<double>(seen.batch_tested[i]);
    if (tested == 0) continue;
    const double off = static_cast<double>(seen.batch_counts[i]) - tested * share;
    statistic += off * off / (tested * share * (1 - share));
    ++batches;
  }
  return batches > 1 && stats::chi_square_survival(statistic, batches - 1) < k_homogeneous;
}

std::string series_words(const stats::SeriesPrediction& series, std::size_t batches) {
  if (series.model == stats::SeriesPrediction::Model::level) return fmt::format("t prediction limits over {} batches", batches);
  return fmt::format("{} batches that {}: prediction limits of the step from the last one", batches,
                     series.trend_p_value < 0.01 ? fmt::format("have a trend (p {:.1g})", series.trend_p_value) : std::string("resemble the one before"));
}

}  // namespace

SeenShare seen_share(const History& history, const std::function<std::optional<bool>(std::int64_t row)>& shows) {
  SeenShare seen;
  const std::int64_t rows = history.rows.num_rows();
  std::vector<signed char> answers(static_cast<std::size_t>(rows), -1);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::optional<bool> answer = shows(row);
    if (!answer) continue;
    answers[static_cast<std::size_t>(row)] = *answer ? 1 : 0;
    ++seen.tested;
    seen.count += *answer ? 1 : 0;
  }
  for (const auto& batch : history.batches) {
    std::int64_t count = 0;
    std::int64_t tested = 0;
    for (const std::int64_t row : batch) {
      const signed char answer = answers[static_cast<std::size_t>(row)];
      tested += answer >= 0 ? 1 : 0;
      count += answer == 1 ? 1 : 0;
    }
    seen.batch_counts.push_back(count);
    seen.batch_tested.push_back(tested);
  }
  return seen;
}

std::int64_t next_tested(const History& history, std::int64_t tested) {
  const std::int64_t rows = history.rows.num_rows();
  if (tested == rows) return history.next_rows;
  const double expected = static_cast<double>(history.next_rows) * static_cast<double>(tested) / static_cast<double>(rows);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(expected - 3 * std::sqrt(expected)));
}

Forecast share_forecast(const History& history, const SeenShare& seen, double alpha, int sides) {
  const std::int64_t next = next_tested(history, seen.tested);
  Forecast forecast;
  const auto rows = static_cast<double>(next);
  if (sides == 1) {
    forecast.high = static_cast<double>(stats::count_prediction_upper(seen.count, seen.tested, next, alpha)) / rows;
  } else {
    const stats::CountLimits limits = stats::count_prediction(seen.count, seen.tested, next, alpha);
    forecast.low = static_cast<double>(limits.low) / rows;
    forecast.high = static_cast<double>(limits.high) / rows;
  }
  forecast.method = fmt::format("{} of {} ({}); exact prediction limits for {}", with_thousands(seen.count), with_thousands(seen.tested), percent_text(seen.share()), batches_of(history));
  if (!differ(seen)) return forecast;
  std::vector<double> logits;
  for (std::size_t i = 0; i < seen.batch_counts.size(); ++i) {
    if (seen.batch_tested[i] == 0) continue;
    logits.push_back(logit((static_cast<double>(seen.batch_counts[i]) + 0.5) / (static_cast<double>(seen.batch_tested[i]) + 1)));
  }
  const auto series = stats::series_prediction(logits, sides == 1 ? std::min(0.5, 2 * alpha) : alpha);
  if (!series) return forecast;
  // Back from the scale on which half a row was added: a limit below that of one row is none at all.
  const auto rows_at = [&](double logit_limit) { return from_logit(logit_limit) * (rows + 1) - 0.5; };
  if (sides == 2) forecast.low = std::min(forecast.low, std::max(0.0, std::floor(rows_at(series->interval.low))) / rows);
  forecast.high = std::max(forecast.high, std::min(rows, std::ceil(rows_at(series->interval.high))) / rows);
  forecast.method = fmt::format("{} of {} ({}); {} of the logit", with_thousands(seen.count), with_thousands(seen.tested), percent_text(seen.share()), series_words(*series, logits.size()));
  return forecast;
}

Forecast level_forecast(const History& history, const Forecast& within, std::vector<double> of_batches, double alpha) {
  Forecast forecast = within;
  if (!history.has_batches()) return forecast;
  std::erase_if(of_batches, [](double value) { return !std::isfinite(value); });
  const auto [least, most] = std::ranges::minmax_element(of_batches);
  const bool by_logarithm = !of_batches.empty() && *least > 0 && *most > 2 * *least;
  if (by_logarithm) {
    for (double& value : of_batches) value = std::log(value);
  }
  const auto series = stats::series_prediction(of_batches, alpha);
  if (!series) return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), "too few batches"};
  const double low = by_logarithm ? std::exp(series->interval.low) : series->interval.low;
  const double high = by_logarithm ? std::exp(series->interval.high) : series->interval.high;
  forecast.low = std::min(forecast.low, low);
  forecast.high = std::max(forecast.high, high);
  forecast.method = series_words(*series, of_batches.size()) + (by_logarithm ? " of the logarithm" : "");
  return forecast;
}

SeenNumbers seen_numbers(const History& history, const std::function<std::optional<double>(std::int64_t row)>& number) {
  SeenNumbers seen;
  const std::int64_t rows = history.rows.num_rows();
  for (std::int64_t row = 0; row < rows; ++row) {
    if (const auto value = number(row)) seen.values.push_back(*value);
  }
  seen.sorted = seen.values;
  std::ranges::sort(seen.sorted);
  for (const auto& batch : history.batches) {
    std::vector<double>& values = seen.batch_sorted.emplace_back();
    for (const std::int64_t row : batch) {
      if (const auto value = number(row)) values.push_back(*value);
    }
    std::ranges::sort(values);
  }
  return seen;
}

SeenNumbers seen_numbers(const History& history, int field) {
  const table::Column column = history.rows.column(field);
  return seen_numbers(history, [&column](std::int64_t row) -> std::optional<double> {
    if (column.is_null(row)) return std::nullopt;
    const double value = column.as_number(row);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  });
}

namespace {

constexpr double k_atom = 0.02;  // of the values are the same: a quantile that falls on it stays there, then jumps

/// Limits of a quantile that falls on values which many rows share. Its steps from batch to batch tell nothing (it may never have moved); the shares of
/// the rows at or below each value do: the quantile is at most x where their lower limit reaches p, and at least x where their upper one does first.
std::optional<Forecast> atom_forecast(const History& history, const SeenNumbers& seen, double p, double alpha) {
  const double middle = stats::sorted_quantile(seen.sorted, p);
  const auto [first, last] = std::ranges::equal_range(seen.sorted, middle);
  if (static_cast<double>(last - first) < k_atom * static_cast<double>(seen.sorted.size())) return std::nullopt;
  std::vector<double> values = seen.sorted;
  const auto [from, to] = std::ranges::unique(values);
  values.erase(from, to);
  const auto shares = [&](double value) {
    const auto count = [value](const std::vector<double>& sorted) { return static_cast<std::int64_t>(std::ranges::upper_bound(sorted, value) - sorted.begin()); };
    SeenShare below{.count = count(seen.sorted), .tested = static_cast<std::int64_t>(seen.sorted.size())};
    for (const auto& batch : seen.batch_sorted) {
      below.batch_counts.push_back(count(batch));
      below.batch_tested.push_back(static_cast<std::int64_t>(batch.size()));
    }
    return share_forecast(history, below, alpha, 2);
  };
  // Type 7 stands between the order statistics around (rows - 1) p.
  const double row = 1 / static_cast<double>(next_tested(history, static_cast<std::int64_t>(seen.sorted.size())));
  const auto low = std::ranges::partition_point(values, [&](double value) { return shares(value).high < p - row; });
  const auto high = std::ranges::partition_point(values, [&](double value) { return shares(value).low < std::min(1.0, p + 2 * row); });
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return Forecast{low == values.end() ? -infinity : *low, high == values.end() ? infinity : *high,
                  fmt::format("quantile {} is {}, the value of {} of the rows; where the shares at or below each value may lie", number_text(p), number_text(middle),
                              percent_text(static_cast<double>(last - first) / static_cast<double>(seen.sorted.size())))};
}

}  // namespace

std::optional<Forecast> quantile_forecast(const History& history, const SeenNumbers& seen, double p, double alpha) {
  if (seen.sorted.empty()) return std::nullopt;
  const std::int64_t next = next_tested(history, static_cast<std::int64_t>(seen.values.size()));
  const stats::Interval limits = stats::quantile_prediction(seen.sorted, p, next, alpha);
  Forecast within{limits.low, limits.high,
                  fmt::format("quantile {} of {} values is {}; order statistics, for {}", number_text(p), with_thousands(static_cast<std::int64_t>(seen.sorted.size())),
                              number_text(stats::sorted_quantile(seen.sorted, p)), batches_of(history))};
  std::vector<double> of_batches;
  for (const auto& batch : seen.batch_sorted) {
    if (!batch.empty()) of_batches.push_back(stats::sorted_quantile(batch, p));
  }
  Forecast forecast = level_forecast(history, within, std::move(of_batches), alpha);
  if (history.has_batches()) {
    if (const auto atom = atom_forecast(history, seen, p, alpha)) {
      forecast.low = std::min(forecast.low, atom->low);
      forecast.high = std::max(forecast.high, atom->high);
      forecast.method += "; " + atom->method;
    }
  }
  if (std::isinf(forecast.low) && std::isinf(forecast.high)) return std::nullopt;
  return forecast;
}

std::optional<Forecast> mean_forecast(const History& history, const SeenNumbers& seen, double alpha) {
  const stats::SampleMoments moments = stats::sample_moments(seen.values);
  if (moments.n < 30 || moments.variance <= 0) return std::nullopt;
  double third = 0;
  double fourth = 0;
  for (const double value : seen.values) {
    const double d = (value - moments.mean) / std::sqrt(moments.variance);
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const auto n = static_cast<double>(moments.n);
  const std::int64_t next = next_tested(history, moments.n);
  const auto limits = stats::mean_prediction(moments, third / n, fourth / n - 3, next, alpha);
  if (!limits) return std::nullopt;
  Forecast within{limits->low, limits->high,
                  fmt::format("mean {} and standard deviation {} of {} values; t prediction limits with Cornish and Fisher's correction, for {}", number_text(moments.mean),
                              number_text(std::sqrt(moments.variance)), with_thousands(moments.n), batches_of(history))};
  std::vector<double> of_batches;
  for (const auto& batch : seen.batch_sorted) {
    if (!batch.empty()) of_batches.push_back(stats::sample_moments(batch).mean);
  }
  return level_forecast(history, within, std::move(of_batches), alpha);
}

}  // namespace cupel::prove
