#include "robustness/exercised.h"

#include <algorithm>

#include "base/text.h"

namespace cupel::robustness {

std::optional<Exercised> exercised_rows(const suite::Expectation& expectation, const Change& change, Trial& trial,
                                        suite::Outcome& outcome) {
  const auto rows = rows_under_test(expectation, trial, outcome);
  if (!rows) return std::nullopt;
  const auto perturbed = trial.under(change);
  if (!perturbed) {
    outcome.cannot(perturbed.error().text());
    return std::nullopt;
  }
  Exercised out;
  out.perturbed = *perturbed;
  std::ranges::set_intersection(*rows, out.perturbed->exercised, std::back_inserter(out.rows));
  outcome.columns = out.perturbed->columns;
  outcome.rows_tested = static_cast<std::int64_t>(out.rows.size());
  if (out.rows.empty()) {
    outcome.cannot(fmt::format("no row was exercised: {} changed nothing in {} rows", change.words(),
                               with_thousands(static_cast<std::int64_t>(rows->size()))));
    return std::nullopt;
  }
  if (out.rows.size() < rows->size()) {
    out.note = fmt::format("; {} of {} rows were not exercised", with_thousands(static_cast<std::int64_t>(rows->size() - out.rows.size())),
                           with_thousands(static_cast<std::int64_t>(rows->size())));
  }
  return out;
}

}  // namespace cupel::robustness
