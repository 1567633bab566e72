#include "prove/entry_limits.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "base/text.h"
#include "prove/limit_text_internal.h"
#include "prove/limits_internal.h"

namespace cupel::prove {
namespace {

std::string limit_line(const EntryLimits& limits) {
  const bool share = limits.kind == EntryLimits::Kind::share;
  const auto low = [&] {
    if (limits.whole) return exact_text(std::max(0.0, std::floor(*limits.low)));
    return share ? lower_percent(*limits.low) : lower_text(*limits.low);
  };
  const auto high = [&] {
    if (limits.whole) return exact_text(std::max(0.0, std::ceil(*limits.high)));
    return share ? upper_percent(*limits.high) : upper_text(*limits.high);
  };
  if (limits.low && limits.high) return fmt::format("between: [{}, {}]", low(), high());
  return limits.high ? "at_most: " + high() : "at_least: " + low();
}

bool is_limit(const std::string& line) {
  return line.starts_with("between: ") || line.starts_with("at_most: ") || line.starts_with("at_least: ") || line == "equals: 0";
}

}  // namespace

EntryLimits limits_of(const suite::Expectation& expectation) {
  if (is_row_wise(expectation)) return {EntryLimits::Kind::unexpected, false, std::nullopt, 1 - expectation.mostly.value_or(1)};
  if (expectation.subject->name == "duplicates") return {};
  const auto range = range_of(expectation);
  if (!range) return {};
  const bool share = range->as_share || expectation.subject->name == "nulls";
  const std::string_view subject = expectation.subject->name;
  const bool whole = !range->as_share && (subject == "distinct" || subject == "rows");
  return {share ? EntryLimits::Kind::share : EntryLimits::Kind::number, share && !range->as_share, range->low, range->high, whole};
}

std::optional<double> compared(const EntryLimits& limits, const Judgement& judgement) {
  if (limits.kind == EntryLimits::Kind::none || judgement.verdict == suite::Verdict::error) return std::nullopt;
  if (limits.kind == EntryLimits::Kind::unexpected) {
    if (!judgement.unexpected || judgement.rows_tested.value_or(0) == 0) return std::nullopt;
    return static_cast<double>(*judgement.unexpected) / static_cast<double>(*judgement.rows_tested);
  }
  if (limits.counted && judgement.observed) {
    if (judgement.rows_tested.value_or(0) == 0) return std::nullopt;
    return *judgement.observed / static_cast<double>(*judgement.rows_tested);
  }
  return judgement.observed;
}

Entry with_limits(Entry entry, const EntryLimits& limits) {
  CHECK(limits.kind != EntryLimits::Kind::none && (limits.low || limits.high), "no limits");
  if (limits.kind == EntryLimits::Kind::unexpected) {
    std::erase_if(entry.lines, [](const std::string& line) { return line.starts_with("mostly: "); });
    if (*limits.high > 0) entry.lines.push_back(mostly_line(*limits.high));
    return entry;
  }
  const auto line = std::ranges::find_if(entry.lines, is_limit);
  CHECK(line != entry.lines.end(), "no limit in {}", entry.lines.front());
  *line = limit_line(limits);
  return entry;
}

}  // namespace cupel::prove
