#include "ab/rehearsal.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "base/invariant.h"
#include "base/random.h"
#include "base/text.h"
#include "stats/clusters.h"
#include "stats/confidence_sequence.h"
#include "stats/distributions.h"
#include "stats/proportion.h"
#include "stats/random_counts.h"
#include "stats/two_proportions.h"

namespace cupel::ab {
namespace {

using Kind = Rehearsal::Kind;

/// The level at which each look tests.
std::vector<double> look_levels(const Rehearsal& rehearsal) {
  std::vector<double> levels(static_cast<std::size_t>(rehearsal.looks), rehearsal.alpha);
  if (rehearsal.peeking != Peeking::Kind::looks) return levels;
  std::vector<double> fractions;
  for (int k = 1; k <= rehearsal.looks; ++k) fractions.push_back(static_cast<double>(k) / rehearsal.looks);
  const std::vector<double> bounds = stats::spending_bounds(rehearsal.spending, fractions, rehearsal.alpha);
  for (std::size_t k = 0; k < levels.size(); ++k) levels[k] = 2 * stats::normal_survival(bounds[k]);
  return levels;
}

bool rejects(const Rehearsal& rehearsal, const stats::Estimate& estimate, double n, double level) {
  if (rehearsal.peeking == Peeking::Kind::always_valid) {
    return stats::always_valid_p_value(estimate.value, estimate.standard_error, n, rehearsal.alpha) < level;
  }
  return estimate.test().p_value < level;
}

/// The first n values of a stream, merged look by look (Chan, Golub, LeVeque 1983).
struct Running {
  double n = 0;
  double mean = 0;
  double squares = 0;  ///< sum of squared deviations

  void add_normals(Random& random, double count, double truth, double stddev) {
    if (count < 1) return;
    const double new_mean = truth + stddev / std::sqrt(count) * random.normal();
    const double new_squares = count > 1 ? stddev * stddev * 2 * stats::random_gamma(random, (count - 1) / 2) : 0;
    const double difference = new_mean - mean;
    squares += new_squares + difference * difference * n * count / (n + count);
    mean += difference * count / (n + count);
    n += count;
  }
  stats::SampleMoments moments() const { return {static_cast<std::int64_t>(n), mean, n > 1 ? squares / (n - 1) : 0}; }
};

bool mean_run_rejects(const Rehearsal& rehearsal, double lift, std::span<const double> levels, Random& random) {
  Running arms[2];
  for (int look = 1; look <= rehearsal.looks; ++look) {
    const double upto = std::floor(static_cast<double>(rehearsal.units) * look / rehearsal.looks);
    const double treatment = std::round(upto * rehearsal.share_of_treatment);
    arms[0].add_normals(random, upto - treatment - arms[0].n, 0, rehearsal.stddev);
    arms[1].add_normals(random, treatment - arms[1].n, lift, rehearsal.stddev);
    const stats::Estimate estimate = stats::welch_difference(arms[0].moments(), arms[1].moments());
    if (rejects(rehearsal, estimate, upto, levels[static_cast<std::size_t>(look - 1)])) return true;
  }
  return false;
}

bool share_run_rejects(const Rehearsal& rehearsal, double lift, std::span<const double> levels, Random& random) {
  std::int64_t n[2] = {0, 0};
  std::int64_t successes[2] = {0, 0};
  for (int look = 1; look <= rehearsal.looks; ++look) {
    const double upto = std::floor(static_cast<double>(rehearsal.units) * look / rehearsal.looks);
    const auto treatment = static_cast<std::int64_t>(std::round(upto * rehearsal.share_of_treatment));
    const std::int64_t wanted[2] = {static_cast<std::int64_t>(upto) - treatment, treatment};
    for (int arm = 0; arm < 2; ++arm) {
      successes[arm] += stats::random_binomial(random, wanted[arm] - n[arm], rehearsal.baseline + (arm == 1 ? lift : 0));
      n[arm] = wanted[arm];
    }
    const double level = levels[static_cast<std::size_t>(look - 1)];
    if (rehearsal.peeking == Peeking::Kind::always_valid) {
      const stats::Estimate estimate = stats::welch_difference(stats::SampleMoments::of_proportion(successes[0], n[0]),
                                                               stats::SampleMoments::of_proportion(successes[1], n[1]));
      if (rejects(rehearsal, estimate, upto, level)) return true;
    } else if (stats::two_proportion_test(successes[0], n[0], successes[1], n[1]).p_value < level) {
      return true;
    }
  }
  return false;
}

/// A treated row: numbers are shifted, zeros and ones are turned over as often as the difference asks.
double treated(double value, double lift, double baseline, bool shares, Random& random) {
  if (lift == 0) return value;
  if (!shares) return value + lift;
  if (lift > 0 && value == 0) return random.uniform() < lift / (1 - baseline) ? 1 : 0;
  if (lift < 0 && value == 1) return random.uniform() < -lift / baseline ? 0 : 1;
  return value;
}

bool rows_run_rejects(const Rehearsal& rehearsal, double lift, std::span<const double> levels, Random& random) {
  const std::size_t num_units = std::size_t{*std::ranges::max_element(rehearsal.unit_of_row)} + 1;
  std::vector<std::uint8_t> arm_of_unit(num_units);
  std::vector<double> arrival(num_units);
  for (std::size_t unit = 0; unit < num_units; ++unit) {
    arm_of_unit[unit] = random.uniform() < rehearsal.share_of_treatment;
    arrival[unit] = random.uniform();
  }
  const bool shares = std::ranges::all_of(rehearsal.values, [](double v) { return v == 0 || v == 1; });
  std::vector<double> outcome(rehearsal.values.size());
  for (std::size_t row = 0; row < outcome.size(); ++row) {
    const bool treatment = arm_of_unit[rehearsal.unit_of_row[row]] != 0;
    outcome[row] = treatment ? treated(rehearsal.values[row], lift, rehearsal.baseline, shares, random) : rehearsal.values[row];
  }
  for (int look = 1; look <= rehearsal.looks; ++look) {
    const double upto = static_cast<double>(look) / rehearsal.looks;
    std::vector<double> values;
    std::vector<std::uint8_t> arms;
    std::vector<std::uint64_t> units;
    for (std::size_t row = 0; row < outcome.size(); ++row) {
      const std::uint32_t unit = rehearsal.unit_of_row[row];
      if (arrival[unit] >= upto) continue;
      values.push_back(outcome[row]);
      arms.push_back(arm_of_unit[unit]);
      units.push_back(unit);
    }
    const auto treated_rows = std::ranges::count(arms, 1);
    if (treated_rows == 0 || treated_rows == static_cast<std::ptrdiff_t>(arms.size())) continue;
    const std::vector<std::uint32_t> clusters = stats::dense_clusters(units);
    const stats::Estimate estimate = stats::clustered_difference(values, arms, clusters);
    if (rejects(rehearsal, estimate, static_cast<double>(*std::ranges::max_element(clusters)) + 1,
                levels[static_cast<std::size_t>(look - 1)]))
      return true;
  }
  return false;
}

bool run_rejects(const Rehearsal& rehearsal, double lift, std::span<const double> levels, std::uint64_t run) {
  Random random(rehearsal.seed, lift == 0 ? "rehearsal/aa" : "rehearsal/ab", run);
  switch (rehearsal.kind) {
    case Kind::share: return share_run_rejects(rehearsal, lift, levels, random);
    case Kind::mean: return mean_run_rejects(rehearsal, lift, levels, random);
    case Kind::rows: return rows_run_rejects(rehearsal, lift, levels, random);
  }
  return false;
}

std::string setting_words(const Rehearsal& rehearsal) {
  std::string words = fmt::format("{} units", with_thousands(rehearsal.units));
  if (rehearsal.looks > 1) {
    const std::string_view rule = rehearsal.peeking == Peeking::Kind::once           ? "the fixed test repeated"
                                  : rehearsal.peeking == Peeking::Kind::always_valid ? "an always-valid interval"
                                  : rehearsal.spending == stats::Spending::pocock    ? "Pocock spending"
                                                                                     : "O'Brien-Fleming spending";
    words += fmt::format(", {} looks with {}", rehearsal.looks, rule);
  }
  return words;
}

suite::Outcome rate_outcome(std::string_view id, const Rehearsal& rehearsal, std::int64_t count) {
  suite::Outcome outcome;
  outcome.id = outcome.subject = id;
  outcome.rows_tested = rehearsal.runs;
  outcome.observed = static_cast<double>(count) / rehearsal.runs;
  const stats::Interval interval = stats::clopper_pearson(count, rehearsal.runs, 0.95);
  outcome.interval = suite::Interval{interval.low, interval.high, interval.confidence};
  return outcome;
}

std::string rate_words(const suite::Outcome& outcome) {
  return fmt::format("{} [{}, {}]", percent_text(outcome.observed.get<double>()), percent_text(outcome.interval->low),
                     percent_text(outcome.interval->high));
}

}  // namespace

std::int64_t rejections(const Rehearsal& rehearsal, double lift) {
  CHECK(rehearsal.runs > 0 && rehearsal.looks > 0, "{} runs of {} looks", rehearsal.runs, rehearsal.looks);
  const std::vector<double> levels = look_levels(rehearsal);
  std::atomic<std::int64_t> next = 0;
  std::atomic<std::int64_t> count = 0;
  const auto work = [&](bool reports) {
    std::int64_t mine = 0;
    for (std::int64_t run = next++; run < rehearsal.runs; run = next++) {
      mine += run_rejects(rehearsal, lift, levels, static_cast<std::uint64_t>(run)) ? 1 : 0;
      if (reports && rehearsal.progress) rehearsal.progress(static_cast<std::uint64_t>(run), static_cast<std::uint64_t>(rehearsal.runs));
    }
    count += mine;
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < rehearsal.threads; ++t) others.emplace_back(work, false);
  work(true);
  others.clear();
  return count;
}

std::vector<suite::Outcome> rehearse(const Rehearsal& rehearsal) {
  constexpr double k_room = 1.2;
  std::vector<suite::Outcome> outcomes;
  suite::Outcome alarms = rate_outcome("false_alarms", rehearsal, rejections(rehearsal, 0));
  alarms.predicate = "at_most";
  alarms.limit = k_room * rehearsal.alpha;
  alarms.verdict = alarms.interval->high <= k_room * rehearsal.alpha ? suite::Verdict::pass
                   : alarms.interval->low > k_room * rehearsal.alpha ? suite::Verdict::fail
                                                                     : suite::Verdict::inconclusive;
  alarms.because = "Where both arms are the same, alpha is the share of experiments that may find a difference all the same.";
  alarms.message = fmt::format("{} of {} A/A runs found a difference that is not there; alpha is {}, accepted are {} ({})",
                               rate_words(alarms), with_thousands(rehearsal.runs), percent_text(rehearsal.alpha),
                               percent_text(k_room * rehearsal.alpha), setting_words(rehearsal));
  outcomes.push_back(std::move(alarms));
  if (rehearsal.lift == 0) return outcomes;
  suite::Outcome found = rate_outcome("power", rehearsal, rejections(rehearsal, rehearsal.lift));
  found.verdict = suite::Verdict::pass;
  found.message = fmt::format("{} of {} A/B runs found the known difference of {} ({})", rate_words(found), with_thousands(rehearsal.runs),
                              number_text(rehearsal.lift), setting_words(rehearsal));
  if (rehearsal.power) {
    const double limit = *rehearsal.power - 0.02;
    found.predicate = "at_least";
    found.limit = limit;
    found.verdict = found.interval->low >= limit   ? suite::Verdict::pass
                    : found.interval->high < limit ? suite::Verdict::fail
                                                   : suite::Verdict::inconclusive;
    found.message += fmt::format("; wanted is {}, accepted {}", percent_text(*rehearsal.power), percent_text(limit));
  }
  outcomes.push_back(std::move(found));
  return outcomes;
}

}  // namespace cupel::ab
