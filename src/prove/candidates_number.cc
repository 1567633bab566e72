// What holds for a column of numbers: type, range, quantiles, mean, the most frequent value, the number of different values.

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "base/yaml.h"
#include "prove/candidate.h"
#include "prove/forecast.h"
#include "prove/limit_text_internal.h"
#include "prove/novelty.h"
#include "stats/prediction.h"

namespace cupel::prove {
namespace {

constexpr double k_quantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};

std::string between(const Forecast& forecast) {
  if (std::isinf(forecast.low)) return "at_most: " + upper_text(forecast.high);
  if (std::isinf(forecast.high)) return "at_least: " + lower_text(forecast.low);
  return fmt::format("between: [{}, {}]", lower_text(forecast.low), upper_text(forecast.high));
}

Candidate type_candidate(const Seen& seen, int field) {
  const ColumnFacts& facts = seen.of(field);
  Candidate candidate{.column = facts.name, .what = "type", .is_certain = true, .entry = {}};
  candidate.entry = [&facts, &seen](double alpha) -> std::optional<Entry> {
    // A batch without a single value has no type.
    if (std::pow(static_cast<double>(facts.nulls) / static_cast<double>(facts.rows), static_cast<double>(seen.history.next_rows)) > alpha * 1e-3) return std::nullopt;
    const bool whole = facts.type == table::Type::integer;
    return Entry{{"type: " + yaml::quote(facts.name), whole ? "equals: integer" : "in: [integer, number]"},
                 whole ? "Whole numbers: a fraction or a word means that the source changed." : "Numbers: a word among them means that the source changed.",
                 fmt::format("all {} values", with_thousands(facts.present()))};
  };
  return candidate;
}

/// Limits of the values: what was seen, without an end that moves with time.
Candidate range_candidate(const Seen& seen, int field, std::shared_ptr<const SeenNumbers> numbers) {
  const ColumnFacts& facts = seen.of(field);
  const MovingEnds ends = moving_ends(*numbers);
  return {.column = facts.name, .what = "range", .entry = [&seen, &facts, numbers, ends](double alpha) -> std::optional<Entry> {
    if (ends.upper && ends.lower) return std::nullopt;
    const auto n = static_cast<std::int64_t>(numbers->sorted.size());
    const std::int64_t next = next_tested(seen.history, n);
    const double low = numbers->sorted.front();
    const double high = numbers->sorted.back();
    const std::int64_t most = stats::outside_prediction(n, 0, next, alpha);
    double outside = static_cast<double>(most) / static_cast<double>(next);
    std::string method = fmt::format("{} values from {} to {}; at most {} of {} next ones outside, for every distribution", with_thousands(n), number_text(low), number_text(high), most, with_thousands(next));
    if (seen.history.has_batches()) {
      const NoveltyLimit limit = novelty_limit(beyond_range(*numbers, ends), outside, next, alpha);
      outside = limit.share;
      method = fmt::format("{} values from {} to {}{}", with_thousands(n), number_text(low), number_text(high), limit.words);
    }
    if (ends.upper) method += fmt::format("; the greatest value rose in {} of {} batches, more than chance makes it: no upper end is promised", ends.upper_records, ends.batches);
    if (ends.lower) method += fmt::format("; the least value fell in {} of {} batches, more than chance makes it: no lower end is promised", ends.lower_records, ends.batches);
    if (outside >= 0.5) return std::nullopt;
    const std::string limit = ends.upper   ? "at_least: " + exact_text(low)
                              : ends.lower ? "at_most: " + exact_text(high)
                                           : fmt::format("between: [{}, {}]", exact_text(low), exact_text(high));
    std::vector<std::string> lines{"values: " + yaml::quote(facts.name), limit};
    if (outside > 0) lines.push_back(mostly_line(outside));
    return Entry{std::move(lines), "Values beyond all that were seen are errors of unit or entry until shown otherwise.", std::move(method)};
  }};
}

Candidate distinct_candidate(const Seen& seen, int field) {
  const ColumnFacts& facts = seen.of(field);
  std::map<double, std::int64_t> counts;
  const table::Column column = seen.column(field);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row)) ++counts[column.as_number(row)];
  }
  std::vector<std::int64_t> frequencies;
  for (const auto& [value, count] : counts) frequencies.push_back(count);
  std::vector<double> of_batches;
  for (const auto& batch : seen.history.batches) {
    std::map<double, int> values;
    for (const std::int64_t row : batch) {
      if (!column.is_null(row)) values[column.as_number(row)] = 1;
    }
    of_batches.push_back(static_cast<double>(values.size()));
  }
  return {.column = facts.name, .what = "distinct", .entry = [&seen, &facts, frequencies, of_batches](double alpha) -> std::optional<Entry> {
    const std::int64_t next = next_tested(seen.history, facts.present());
    const stats::Interval limits = stats::distinct_prediction(frequencies, std::min(next, facts.present()), alpha);
    Forecast forecast = level_forecast(seen.history, {limits.low, limits.high, fmt::format("{} different among {} values; rarefied to the next batch, with a bound for every distribution", with_thousands(facts.distinct), with_thousands(facts.present()))},
                                       of_batches, alpha);
    const double low = std::max(1.0, std::floor(forecast.low));
    const double high = std::ceil(std::min(forecast.high, static_cast<double>(seen.history.next_rows)));
    if (low <= 1 && high >= static_cast<double>(seen.history.next_rows)) return std::nullopt;
    return Entry{{"distinct: " + yaml::quote(facts.name), fmt::format("between: [{}, {}]", exact_text(low), exact_text(high))},
                 "Far fewer different values are a frozen or rounded source; far more, noise or another column.", forecast.method};
  }};
}

}  // namespace

void add_number_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  all.push_back(type_candidate(seen, field));
  if (facts.is_constant()) {
    const std::string value = exact_text(facts.quantile(0));
    all.push_back({.column = facts.name, .what = "constant", .is_certain = true, .entry = [&facts, value](double) -> std::optional<Entry> {
      return Entry{{"values: " + yaml::quote(facts.name), "equals: " + value}, "The column held one value and no other.", fmt::format("{} values", with_thousands(facts.present()))};
    }});
    return;
  }
  const auto numbers = std::make_shared<const SeenNumbers>(seen_numbers(seen.history, field));
  if (numbers->sorted.size() < 20) return;
  if (!facts.is_category) all.push_back(range_candidate(seen, field, numbers));
  for (const double p : k_quantiles) {
    all.push_back({.column = facts.name, .what = "quantile " + number_text(p), .entry = [&seen, &facts, numbers, p](double alpha) -> std::optional<Entry> {
      const auto forecast = quantile_forecast(seen.history, *numbers, p, alpha);
      if (!forecast) return std::nullopt;
      std::vector<std::string> lines{p == 0.5 ? "median: " + yaml::quote(facts.name) : "quantile: " + yaml::quote(facts.name), between(*forecast)};
      if (p != 0.5) lines.push_back("at: " + exact_text(p));
      return Entry{std::move(lines), "A part of the distribution that moves means another unit, another population or another definition.", forecast->method};
    }});
  }
  all.push_back({.column = facts.name, .what = "mean", .entry = [&seen, &facts, numbers](double alpha) -> std::optional<Entry> {
    const auto forecast = mean_forecast(seen.history, *numbers, alpha);
    if (!forecast || std::isinf(forecast->low) || std::isinf(forecast->high)) return std::nullopt;
    return Entry{{"mean: " + yaml::quote(facts.name), between(*forecast)}, "The mean sees small changes that all values share.", forecast->method};
  }});
  if (!facts.is_category) all.push_back(distinct_candidate(seen, field));
}

}  // namespace cupel::prove
