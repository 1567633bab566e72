#include "expectations/likeness.h"

#include "base/text.h"

namespace cupel::expectations {
namespace {

std::string p_text(double p) {
  if (p <= 0) return "p 0";
  return p < 1e-4 ? fmt::format("p {:.1e}", p) : fmt::format("p {:.4f}", p);
}

}  // namespace

Result<Margin> read_margin(const suite::Expectation& expectation, DistanceKind kind) {
  Margin margin;
  const std::string key = kind == DistanceKind::total_variation ? "tvd" : "ks";
  if (const yaml::Node* within = expectation.parameter("within")) {
    const std::vector<std::string> known = {key};
    TRY(within->only_keys(known, "'within' here"));
    const yaml::Node* value = within->find(key);
    if (value == nullptr) return within->fail_here(fmt::format("'within' is empty, expected {{{}: 5%}}", key));
    ASSIGN_OR_RETURN(margin.value, value->share(fmt::format("'{}'", key)));
    if (margin.value <= 0) return value->fail_here(fmt::format("'{}' is {}, expected more than 0", key, value->description()));
  }
  if (const yaml::Node* confidence = expectation.parameter("confidence")) {
    ASSIGN_OR_RETURN(margin.confidence, confidence->share("'confidence'"));
    if (margin.confidence < 0.5 || margin.confidence >= 1) {
      return confidence->fail_here(fmt::format("'confidence' is {}, expected from 50% to below 100%", confidence->description()));
    }
  }
  return margin;
}

void judge_likeness(const Likeness& likeness, const Margin& margin, DistanceKind kind, std::string_view compared, suite::Outcome& outcome) {
  const bool there = likeness.p_value < margin.alpha();
  const bool matters = likeness.distance > margin.value;
  const bool could_tell = likeness.detectable <= margin.value || likeness.interval.high <= margin.value;
  const std::string name = kind == DistanceKind::total_variation ? "total variation distance" : "Kolmogorov-Smirnov distance";
  outcome.observed = likeness.distance;
  outcome.p_value = likeness.p_value;
  outcome.effect = suite::Effect{kind == DistanceKind::total_variation ? "total_variation" : "ks_distance", likeness.distance, margin.value};
  outcome.interval = suite::Interval{likeness.interval.low, likeness.interval.high, likeness.interval.confidence};
  outcome.detectable = fmt::format("a {} of {:.4f} with power 80 %", name, likeness.detectable);
  outcome.message = fmt::format("{} {:.4f} from {} (margin {}), {} ({})", name, likeness.distance, compared, number_text(margin.value), p_text(likeness.p_value), likeness.test);
  if (there && matters) {
    outcome.verdict = suite::Verdict::fail;
    return;
  }
  if (!matters && could_tell) {
    outcome.verdict = suite::Verdict::pass;
    if (there) outcome.message += ": a real difference, too small to matter";
    return;
  }
  outcome.verdict = suite::Verdict::inconclusive;
  outcome.message += matters ? ": large, but these rows cannot show that it is no accident" : fmt::format(": too few rows to find a difference of the margin's size (they find {:.4f})", likeness.detectable);
}

}  // namespace cupel::expectations
