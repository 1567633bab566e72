#include "ab/sample_ratio.h"

#include <numeric>
#include <vector>

#include "base/text.h"
#include "stats/chi_square.h"

namespace cupel::ab {

suite::Outcome sample_ratio_outcome(std::span<const Arm> arms, std::span<const std::int64_t> units, std::string_view unit_name,
                                    double alpha, std::uint64_t seed) {
  suite::Outcome outcome;
  outcome.id = "sample_ratio";
  outcome.subject = "sample_ratio";
  if (!unit_name.empty()) outcome.columns = {std::string(unit_name)};
  outcome.because = "Arms that lost units unevenly are no longer comparable: a difference between them may come from who is missing.";
  // Units in an arm that was to get none are a fault of their own, but not one of the ratio between the others.
  std::vector<double> weights;
  std::vector<std::int64_t> counts;
  std::string seen;
  outcome.observed = Json::object();
  outcome.limit = Json::object();
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (arms[i].weight == 0) continue;
    weights.push_back(arms[i].weight);
    counts.push_back(units[i]);
    outcome.observed[arms[i].name] = units[i];
    outcome.limit[arms[i].name] = arms[i].weight;
    seen += fmt::format("{}{} {}", seen.empty() ? "" : ", ", arms[i].name, with_thousands(units[i]));
  }
  const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  outcome.rows_tested = total;
  const auto test = stats::chi_square_shares(counts, weights, {seed, "sample ratio", 9999});
  if (!test) {
    outcome.cannot("no units in any arm, so there is no ratio to check");
    return outcome;
  }
  outcome.p_value = test->p_value;
  outcome.effect = suite::Effect{"Cohen's w", test->effect, std::nullopt};
  outcome.pass_if(test->p_value >= alpha);
  outcome.message =
      fmt::format("{} of {} units, planned {}: p {} ({}), {}", seen, with_thousands(total), arms_text(arms),
                  fmt::format("{:.3g}", test->p_value), stats::method_name(test->method),
                  outcome.verdict == suite::Verdict::pass ? fmt::format("not below {}", number_text(alpha))
                                                          : fmt::format("below {}: find out where units were lost", number_text(alpha)));
  return outcome;
}

}  // namespace cupel::ab
