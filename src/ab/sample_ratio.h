#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ab/assignment.h"
#include "suite/verdict.h"

namespace cupel::ab {

/// Did the arms get the share of the units that they were to get? Chi-square over the arms of positive weight (exact or simulated when
/// rows are few). Fails below `alpha`: then something dropped units unevenly, and no difference between the arms can be trusted.
suite::Outcome sample_ratio_outcome(std::span<const Arm> arms, std::span<const std::int64_t> units, std::string_view unit_name, double alpha,
                                    std::uint64_t seed);

}  // namespace cupel::ab
