#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cupel::stats {

/// How a p-value was obtained. `asymptotic`: a limit distribution whose validity conditions hold; `exact`: all outcomes counted;
/// `simulated`: Monte Carlo, (1 + draws at least as extreme) / (1 + draws), so never 0 and valid at any number of draws.
enum class PValueMethod { asymptotic, exact, simulated };

/// "asymptotic", "exact", "simulated".
std::string_view method_name(PValueMethod method);

/// Which side counts as extreme. `greater`: the first argument of the test (or the treatment, where a test says so) is larger.
enum class Alternative { two_sided, less, greater };

/// The stream of a Monte Carlo computation: the same values give the same p-value on any number of threads.
struct Simulation {
  std::uint64_t seed = 0;
  std::string purpose = "stats";
  int draws = 9999;
};

/// A statistic with its degrees of freedom (infinite: the normal limit) and p-value.
struct TestResult {
  double statistic = 0;
  double degrees_of_freedom = 0;
  double p_value = 1;
};

}  // namespace cupel::stats
