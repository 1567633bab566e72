#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "drift/distances.h"
#include "drift/resample.h"
#include "drift/units.h"
#include "stats/multiplicity.h"
#include "suite/verdict.h"
#include "table/column.h"

namespace cupel::drift {

/// What of a column is compared. A column drifts in several ways, and each is a question of its own.
enum class Aspect {
  values,   ///< the present values: numbers and times by order, categories by share
  nulls,    ///< the share of rows without a value
  lengths,  ///< of a text: its number of words
  words,    ///< of a text: which words it uses
};
std::string_view aspect_name(Aspect aspect);

/// How the values of a column are looked at.
enum class Kind { ordered, category, text };
std::string_view kind_name(Kind kind);

/// Of a text column: text when there are more than 50 distinct values and 2.5 words a value on average, else category. All other types
/// are ordered. Looks at both samples alike.
Kind guess_kind(const table::Column& reference, const table::Column& current);

/// A question about one column.
struct Question {
  std::string column;
  Aspect aspect = Aspect::values;
  Kind kind = Kind::ordered;
  std::optional<Distance> distance;  ///< ks of ordered, tvd of categories and nulls, auc of words, unless stated (wasserstein)
  double margin = 0.1;               ///< a smaller distance does not matter
};

/// What the samples say.
struct Finding {
  Question question;
  Distance distance = Distance::ks;
  std::int64_t rows_reference = 0;  ///< that took part
  std::int64_t rows_current = 0;
  std::int64_t units_reference = 0;
  std::int64_t units_current = 0;
  Resampled sampled;
  double p_value = 1;                 ///< of "no drift": exact or asymptotic where rows are independent, else by relabeling units
  std::string test;                   ///< how p was had: "Kolmogorov-Smirnov, exact"
  std::string detail;                 ///< what moved: "median 41 -> 46"; may be empty
  Json chart;                         ///< shares a bin or category on both sides; null: none
  std::optional<std::string> cannot;  ///< why it could not be compared

  // Filled by decide().
  suite::Verdict verdict = suite::Verdict::error;
  double adjusted_p = 1;
  double detectable = 0;  ///< the smallest distance that is found with power 80 % at this size, about
  std::string message;
};

struct FindOptions {
  std::uint64_t seed = 0;
  std::int64_t permutations = 1999;
};

/// Compares one aspect. Zero rows on a side, no present value on one side, and types that do not go together are told in `cannot`; a column
/// that is all null on both sides has not drifted.
Finding find_drift(const Question& question, const table::Column& reference, const table::Column& current, const Units& units,
                   const FindOptions& options);
/// The same for numbers that are not a column: scores of a model.
Finding find_drift(const Question& question, std::span<const double> reference, std::span<const double> current, const Units& units,
                   const FindOptions& options);

struct Rule {
  double alpha = 0.01;  ///< chance of any false alarm over all findings together (Holm), or share of false ones (BH)
  stats::Correction correction = stats::Correction::holm;
};

/// The two questions of every finding, "is it there" (corrected p <= alpha) and "does it matter" (distance >= margin):
///
///   there, matters            fail
///   there, below the margin   pass, and the message says so
///   not shown, distance >= margin   inconclusive
///   not shown, distance below       pass if this many rows could have shown a drift of the margin (`detectable` <= margin), else
///   inconclusive
void decide(std::vector<Finding>& findings, const Rule& rule);

/// The dataset has drifted when some finding failed: with Holm the chance of that without any drift is at most alpha. The effect is the
/// share of findings that failed.
suite::Outcome dataset_outcome(std::span<const Finding> findings, const Rule& rule);

}  // namespace cupel::drift
