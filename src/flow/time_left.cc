#include "flow/time_left.h"

#include <algorithm>

namespace cupel::flow {

TimeLeft time_left(const std::vector<OpenStep>& steps, const std::vector<std::size_t>& order, int jobs) {
  TimeLeft left;
  std::vector<double> end(steps.size(), 0);
  double sum = 0;
  for (const std::size_t i : order) {
    const OpenStep& step = steps[i];
    if (step.done) continue;
    for (const std::size_t need : step.needs) end[i] = std::max(end[i], end[need]);
    end[i] += step.seconds;
    sum += step.seconds;
    left.unknown += step.known ? 0 : 1;
    left.seconds = std::max(left.seconds, end[i]);
  }
  left.seconds = std::max(left.seconds, sum / std::max(1, jobs));
  return left;
}

}  // namespace cupel::flow
