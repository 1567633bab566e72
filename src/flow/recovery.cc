#include "flow/recovery.h"

#include <algorithm>

namespace cupel::flow {

void close_open_attempts(const RunFolder& run, Journal& journal, StepRecord& step) {
  for (AttemptRecord& attempt : step.attempts) {
    if (attempt.ended) continue;
    attempt.ended = true;
    attempt.fault = Fault::interrupted;
    attempt.why = "its runner died";
    journal.result(step.name, attempt);
  }
  std::error_code ignored;
  for (const int number : attempt_numbers(run.step(step.name))) {
    const fs::path folder = run.attempt(step.name, number);
    const bool known = std::any_of(step.attempts.begin(), step.attempts.end(), [&](const AttemptRecord& attempt) { return attempt.number == number; });
    fs::remove_all(known ? folder / "out" : folder, ignored);
  }
}

}  // namespace cupel::flow
