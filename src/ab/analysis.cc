#include "ab/analysis.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "stats/distributions.h"

namespace cupel::ab {
namespace {

constexpr std::array<MeasureEntry, 4> k_measures = {{
    {"difference", "treatment minus control over different units, with an interval"},
    {"exposures", "units that were seen in more than one arm"},
    {"paired_difference", "two models on the same rows: McNemar's test and the difference with an interval"},
    {"sample_ratio", "did the arms get the share of units that was planned?"},
}};

std::string claim_words(const Question& question, Unit unit) {
  const std::string margin = signed_text(question.margin, unit).substr(1);
  const bool none = question.margin == 0;
  switch (question.claim) {
    case Claim::better: return none ? "better" : fmt::format("better by more than {}", margin);
    case Claim::different: return none ? "different" : fmt::format("different by more than {}", margin);
    case Claim::not_worse: return none ? "not worse" : fmt::format("at most {} worse", margin);
    case Claim::same: return fmt::format("the same within {}", margin);
  }
  return {};
}

/// "95 %", "97.5 %".
std::string confidence_text(double confidence) { return fmt::format("{:.4g} %", confidence * 100); }

std::string_view conclusion(suite::Verdict verdict) {
  switch (verdict) {
    case suite::Verdict::pass: return "shown";
    case suite::Verdict::fail: return "refuted";
    default: return "not decided, the interval straddles the limit";
  }
}

}  // namespace

std::span<const MeasureEntry> measures() { return k_measures; }

std::string signed_text(double value, Unit unit) {
  if (std::isinf(value)) return value > 0 ? "+∞" : "-∞";
  const char sign = value < 0 ? '-' : '+';
  if (unit == Unit::number) {
    const double size = std::abs(value);
    return size < 1000 ? fmt::format("{}{:.4g}", sign, size) : fmt::format("{}{}", sign, number_text(size));
  }
  return fmt::format("{}{:.2f} %", sign, std::abs(value) * 100);
}

std::string p_text(double p) { return fmt::format("{:.3g}", p); }

void judge_difference(const Difference& difference, const Question& question, std::string_view described, suite::Outcome& outcome) {
  const stats::Interval& interval = difference.interval;
  const stats::Interval improvement = difference.sign > 0 ? interval : stats::Interval{-interval.high, -interval.low, interval.confidence};
  outcome.predicate = claim_name(question.claim);
  outcome.observed = difference.estimate.value;
  outcome.limit = question.margin;
  outcome.interval = suite::Interval{interval.low, interval.high, interval.confidence};
  outcome.p_value = difference.p_value;
  outcome.effect = suite::Effect{"difference", difference.estimate.value, question.margin};
  outcome.because = question.because;
  outcome.verdict = judge(improvement, question.claim, question.margin);
  const double error = difference.estimate.standard_error;
  std::string detectable = "no difference: the error cannot be estimated";
  if (std::isfinite(error)) {
    const double least = (stats::normal_quantile(1 - (1 - interval.confidence) / 2) + stats::normal_quantile(0.8)) * error;
    detectable = fmt::format("differences of {} with power 80 %", signed_text(least, difference.unit).substr(1));
  }
  outcome.detectable = detectable;
  outcome.message = fmt::format("{}: {} [{}, {}] at {}, p {}; '{}' is {}", described,
                                signed_text(difference.estimate.value, difference.unit), signed_text(interval.low, difference.unit),
                                signed_text(interval.high, difference.unit), confidence_text(interval.confidence),
                                p_text(difference.p_value), claim_words(question, difference.unit), conclusion(outcome.verdict));
}

}  // namespace cupel::ab
