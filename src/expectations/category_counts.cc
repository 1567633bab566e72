#include "expectations/category_counts.h"

#include <algorithm>

#include "base/text.h"

namespace cupel::expectations {
namespace {

constexpr double k_rounding = 0.02;
// Sixteen bytes each, and beyond this a chi-square test has nothing to say.
constexpr std::size_t k_most_categories = 4'000'000;

PairedCounts pair_in_memory(const states::ValueCounts& here, const states::ValueCounts& there, std::size_t num_values) {
  PairedCounts paired;
  const auto add = [&](const std::string& value, std::int64_t count_here, std::int64_t count_there) {
    if (paired.first_values.size() < num_values) paired.first_values.push_back(value);
    paired.here.push_back(count_here);
    paired.there.push_back(count_there);
  };
  for (const auto& entry : there.by_count()) add(entry.value, here.count_of(entry.value), entry.count);
  for (const auto& entry : here.by_count()) {
    if (there.count_of(entry.value) == 0) add(entry.value, entry.count, 0);
  }
  return paired;
}

}  // namespace

int need_tally(states::Plan& plan, table::ColumnRequest column, const Planning& planning) {
  return plan.need("tally", {column}, planning.where, [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Tally>(slots[0], limit); });
}

Result<StatedShares> StatedShares::read(const suite::Expectation& expectation) {
  const yaml::Node& node = expectation.predicate->node;
  if (!node.is_map() || node.members.empty()) return node.fail_here(fmt::format("'{}' is {}, expected a mapping of values to shares", expectation.predicate->name(), node.description()));
  StatedShares stated;
  double sum = 0;
  for (const auto& member : node.members) {
    ASSIGN_OR_RETURN(const double share, member.value.share(fmt::format("the share of '{}'", shorten(member.key.scalar, 40))));
    stated.values.push_back(member.key.scalar);
    stated.shares.push_back(share);
    sum += share;
  }
  if (sum <= 0 || sum > 1 + k_rounding) return node.fail_here(fmt::format("the shares of 'like' add up to {}, expected 100 % or less", percent_text(sum)));
  return stated;
}

StatedCounts count_stated(const StatedShares& stated, const states::Tally& tally) {
  StatedCounts counts;
  counts.observed = tally.counts_of(stated.values);
  counts.expected = stated.shares;
  counts.unlisted = tally.count();
  for (const std::int64_t count : counts.observed) counts.unlisted -= count;
  double rest = 1;
  for (const double share : stated.shares) rest -= share;
  counts.leaves_a_rest = rest > k_rounding;
  counts.has_other = counts.unlisted > 0 || counts.leaves_a_rest;
  if (counts.has_other) {
    counts.observed.push_back(counts.unlisted);
    counts.expected.push_back(counts.leaves_a_rest ? rest : 0);
  }
  return counts;
}

Result<PairedCounts> pair_counts(const states::Tally& here, const states::Tally& there, std::size_t num_values) {
  if (here.is_in_memory() && there.is_in_memory()) return pair_in_memory(here.in_memory(), there.in_memory(), num_values);
  PairedCounts paired;
  auto walk_here = here.by_digest();
  auto walk_there = there.by_digest();
  states::Tally::Item at_here;
  states::Tally::Item at_there;
  bool has_here = walk_here.next(at_here);
  bool has_there = walk_there.next(at_there);
  while (has_here || has_there) {
    const bool takes_here = has_here && (!has_there || at_here.digest <= at_there.digest);
    const bool takes_there = has_there && (!has_here || at_there.digest <= at_here.digest);
    if (paired.first_values.size() < num_values) paired.first_values.push_back(takes_here ? here.value_text(at_here) : there.value_text(at_there));
    paired.here.push_back(takes_here ? at_here.count : 0);
    paired.there.push_back(takes_there ? at_there.count : 0);
    if (paired.here.size() > k_most_categories) return fail("more than {} different values, too many to be compared as categories", with_thousands(k_most_categories));
    if (takes_here) has_here = walk_here.next(at_here);
    if (takes_there) has_there = walk_there.next(at_there);
  }
  return paired;
}

}  // namespace cupel::expectations
