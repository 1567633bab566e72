#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow/fault.h"
#include "flow/template.h"

namespace cupel::flow {

/// What a step does about one class of fault.
struct Policy {
  Response then = Response::stop;
  int tries = 1;             ///< further attempts, of retry and resume; counted for this class alone
  double delay_seconds = 0;  ///< before the first of them
  double backoff = 1;        ///< factor on the delay from one to the next
  std::vector<std::pair<std::string, Template>> with;  ///< parameters that differ in these attempts
  std::optional<Template> to;  ///< of fall_back: what to take
  std::optional<Template> by;  ///< of fall_back: the shell command that takes it; default `cupel models load`
  std::string because;
};

using Policies = std::map<Fault, Policy>;

/// The value of `on:`: fault → response, or fault → {then, to, by, tries, delay, backoff, with, because}.
Result<Policies> read_policies(const yaml::Node& node);
/// The step's own, or the default of the class.
Policy policy_for(const Policies& policies, Fault fault);
/// Seconds before try number `index` (0-based): delay × backoff^index × a factor in [0.9, 1.1] drawn from (seed, step, fault, index), so that
/// many steps that failed together do not come back together.
double delay_before(const Policy& policy, std::uint64_t seed, std::string_view step, Fault fault, int index);

}  // namespace cupel::flow
