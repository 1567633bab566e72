#pragma once

#include <optional>
#include <span>
#include <vector>

#include "prove/batches.h"
#include "prove/column_facts.h"
#include "prove/evaluator.h"
#include "prove/proof.h"
#include "prove/ramp.h"

namespace cupel::prove {

/// What is known of the clean side when a change is looked for. `judgements[batch][expectation]`.
struct CleanSide {
  const Evaluator* evaluator = nullptr;
  const CleanBatches* batches = nullptr;
  const BaselineFacts* facts = nullptr;
  std::span<const std::vector<Judgement>> judgements{};
  std::uint64_t seed = 1;
};

/// The smallest change that the expectation catches with this power in a batch of the size at hand:
/// - counts of rows (`nulls`, `share`, `duplicates`, row-wise subjects): the share p with P(Binomial(n, p) exceeds the limit) = power;
/// - numbers that move with the values (`mean`, `median`, `quantile`, `min`, `max`, `sum`, `stddev`, `distinct`): the change by which `power` of the
///   clean batches cross the limit;
/// - what has no sampling (`rows`, `columns`, `type`): the least step;
/// - everything else (`distribution`, `skewness`, …): by simulation along a ramp, on at most 200 clean batches.
/// Nothing when the clean batches have no numbers to go by, or no ramp fits.
std::optional<DetectableChange> detectable_change(const CleanSide& clean, std::size_t expectation, double power = 0.8);

/// Share of the clean batches [0, count) with the change in them that the expectation stops or warns at.
double detection_rate(const CleanSide& clean, std::size_t expectation, const Ramp& ramp, double amount, int count);
/// The ramp that a stated change lies on, to check it; nothing where no data were changed.
std::optional<Ramp> ramp_of(const CleanSide& clean, const DetectableChange& change, std::size_t expectation);

/// What is to be said of an expectation that alarms too often: limits under which the clean batches would be silent.
/// `allowed`: share of clean batches that may alarm.
std::optional<BetterLimit> better_limit(const CleanSide& clean, std::size_t expectation, double allowed);

}  // namespace cupel::prove
