#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "prove/proof.h"

namespace cupel::prove {

/// The text of a suite with what the proof found in each expectation's `derived`: `false_alarm_rate` (a number), `false_alarms` (words with the
/// exact interval), `detectable`, `batch_rows`, `proved` (the date) and `proof` (how). Keys that stand there are replaced, others are added at
/// the end; the `method` and `date` of the limit are left alone. Nothing else of the text changes: comments, order, quotes and line ends stay
/// as they are. The same proof twice gives the same bytes.
///
/// The edit is checked before it is believed: the new text must read as the same suite but for these keys. Errors: an entry that is written in a
/// way that cannot be edited safely (named with its place), `date` that is not YYYY-MM-DD.
Result<std::string> with_proof(std::string_view text, std::string_view name, const Proof& proof, std::string_view date);

}  // namespace cupel::prove
