#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "stats/interval.h"
#include "suite/verdict.h"

namespace cupel::ab {

/// What an experiment is expected to show about treatment minus control, counted so that more is better.
enum class Claim { better, different, not_worse, same };

struct ClaimEntry {
  Claim claim;
  std::string_view name;     ///< "not-worse"
  std::string_view summary;
};
/// Sorted by name.
std::span<const ClaimEntry> claims();
std::optional<Claim> claim_named(std::string_view name);
std::string_view claim_name(Claim claim);

/// Decided by the interval of the improvement alone, never by a point: pass if all of it supports the claim, fail if none of it does,
/// inconclusive if it straddles. With margin m >= 0: better: above m; not_worse: above -m; same: within (-m, m); different: outside of
/// [-m, m].
suite::Verdict judge(const stats::Interval& improvement, Claim claim, double margin);

}  // namespace cupel::ab
