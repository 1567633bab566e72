#include "ab/peeking.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/text.h"
#include "stats/confidence_sequence.h"
#include "stats/distributions.h"

namespace cupel::ab {
namespace {

constexpr int k_most_looks = 100;

/// Two-sided level at which this look alone tests.
double level_of(const Peeking& peeking, double alpha) {
  std::vector<double> fractions;
  for (int k = 1; k <= peeking.look; ++k) fractions.push_back(static_cast<double>(k) / peeking.of);
  return 2 * stats::normal_survival(stats::spending_bounds(peeking.spending, fractions, alpha).back());
}

}  // namespace

std::string Peeking::text() const {
  switch (kind) {
    case Kind::once: return "one look";
    case Kind::looks:
      return fmt::format("look {} of {} ({} spending)", look, of, spending == stats::Spending::pocock ? "Pocock" : "O'Brien-Fleming");
    case Kind::always_valid: return "valid at every look";
  }
  return {};
}

Result<Peeking> parse_look(std::string_view text, std::string_view spending) {
  const std::size_t slash = text.find('/');
  const auto look = slash == std::string_view::npos ? std::nullopt : parse_integer(text.substr(0, slash));
  const auto of = slash == std::string_view::npos ? std::nullopt : parse_integer(text.substr(slash + 1));
  if (!look || !of || *look < 1 || *look > *of || *of > k_most_looks) {
    return fail("look '{}', expected K/N such as 2/5, with N at most {}", shorten(text, 40), k_most_looks);
  }
  Peeking peeking;
  peeking.kind = Peeking::Kind::looks;
  peeking.look = static_cast<int>(*look);
  peeking.of = static_cast<int>(*of);
  if (spending == "pocock") {
    peeking.spending = stats::Spending::pocock;
  } else if (spending != "obrien-fleming") {
    const std::vector<std::string> known = {"obrien-fleming", "pocock"};
    return fail("unknown spending '{}'{}", shorten(spending, 40), nearest_note(spending, known));
  }
  return peeking;
}

stats::Interval interval_under(const Peeking& peeking, const stats::Estimate& estimate, double n, double confidence) {
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  if (std::isinf(estimate.standard_error)) return {-k_infinity, k_infinity, confidence};
  if (peeking.kind == Peeking::Kind::always_valid) {
    return stats::confidence_sequence(estimate.value, estimate.standard_error, n, confidence, peeking.tuning_n);
  }
  const double level = peeking.kind == Peeking::Kind::once ? 1 - confidence : level_of(peeking, 1 - confidence);
  stats::Interval interval = estimate.interval(std::max(0.5, 1 - level));
  interval.confidence = confidence;
  return interval;
}

double p_value_under(const Peeking& peeking, const stats::Estimate& estimate, double n, double confidence) {
  if (peeking.kind == Peeking::Kind::always_valid) {
    return stats::always_valid_p_value(estimate.value, estimate.standard_error, n, 1 - confidence, peeking.tuning_n);
  }
  return estimate.test().p_value;
}

}  // namespace cupel::ab
