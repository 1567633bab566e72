#include "ab/claim.h"

#include <array>

namespace cupel::ab {
namespace {

constexpr std::array<ClaimEntry, 4> k_claims = {{
    {Claim::better, "better", "the treatment is better than the control by more than the margin"},
    {Claim::different, "different", "treatment and control differ by more than the margin, in either direction"},
    {Claim::not_worse, "not-worse", "the treatment is at most the margin worse than the control (non-inferiority)"},
    {Claim::same, "same", "treatment and control differ by less than the margin (equivalence)"},
}};

suite::Verdict decide(bool all, bool none) {
  return all ? suite::Verdict::pass : none ? suite::Verdict::fail : suite::Verdict::inconclusive;
}

}  // namespace

std::span<const ClaimEntry> claims() { return k_claims; }

std::optional<Claim> claim_named(std::string_view name) {
  for (const ClaimEntry& entry : k_claims) {
    if (entry.name == name) return entry.claim;
  }
  return std::nullopt;
}

std::string_view claim_name(Claim claim) { return k_claims[static_cast<std::size_t>(claim)].name; }

suite::Verdict judge(const stats::Interval& improvement, Claim claim, double margin) {
  const double low = improvement.low;
  const double high = improvement.high;
  switch (claim) {
    case Claim::better: return decide(low > margin, high <= margin);
    case Claim::not_worse: return decide(low > -margin || (margin == 0 && low >= 0), high < -margin);
    case Claim::same: return decide((low > -margin && high < margin) || (low == 0 && high == 0), low > margin || high < -margin);
    case Claim::different: return decide(low > margin || high < -margin, (low >= -margin && high <= margin));
  }
  return suite::Verdict::inconclusive;
}

}  // namespace cupel::ab
