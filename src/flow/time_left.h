#pragma once

#include <cstddef>
#include <vector>

namespace cupel::flow {

/// How long a run will still take, from how long its steps took last time.
struct TimeLeft {
  double seconds = 0;       ///< of the steps that are known
  std::size_t unknown = 0;  ///< steps that still have to run and never did
};

/// A step that is not done yet.
struct OpenStep {
  std::vector<std::size_t> needs;  ///< places in the list of steps
  double seconds = 0;              ///< still to go, as far as is known
  bool known = false;
  bool done = false;               ///< or never to be run: costs nothing
};

/// `steps` in any order, `order` so that needs come first. The longer of the longest chain of needs and the sum shared by `jobs`; a step that will turn
/// out to be reused is counted all the same, so it is rather too much than too little.
TimeLeft time_left(const std::vector<OpenStep>& steps, const std::vector<std::size_t>& order, int jobs);

}  // namespace cupel::flow
