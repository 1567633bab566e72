#include "robustness/validation.h"

namespace cupel::robustness {

Result<Validation> Validation::make(const suite::Suite& suite) {
  Validation validation(suite);
  for (const suite::Expectation& expectation : suite.expectations) {
    ASSIGN_OR_RETURN(validation.judges_.emplace_back(), static_cast<const ModelSubject*>(expectation.subject)->make(expectation));
  }
  return validation;
}

std::vector<suite::Outcome> Validation::judge(Trial& trial,
                                              const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) const {
  std::vector<suite::Outcome> outcomes;
  for (std::size_t i = 0; i < judges_.size(); ++i) {
    suite::Outcome& outcome = outcomes.emplace_back(suite_->expectations[i].outcome());
    judges_[i](trial, outcome);
    if (progress) progress(i + 1, judges_.size());
  }
  return outcomes;
}

}  // namespace cupel::robustness
