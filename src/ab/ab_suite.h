#pragma once

#include <functional>
#include <span>
#include <vector>

#include "ab/analysis.h"
#include "suite/suite.h"

namespace cupel::ab {

/// Subjects of an A/B suite, sorted by name: difference, exposures, paired_difference, sample_ratio.
///
///     experiment: {label: Recommended IND, split_by: Clothing ID}   # what the command line leaves open
///     expect:
///       - paired_difference: accuracy
///         claim: better
///         margin: 0.5%
///         because: …
std::span<const suite::SubjectInfo> subject_table();
suite::LoadOptions load_options();

/// The question that an entry states: its `claim` (default not-worse), `margin` and `confidence` over `base`. Errors name the place.
Result<Question> question_of(const suite::Expectation& expectation, const Question& base);

/// Runs the analysis for one entry: its argument names a metric, or a column of outcomes.
using Analyze = std::function<Result<Analysis>(const std::string& argument, const Question& question)>;

/// Judges every entry: `analyze` is called for it, and the outcomes of its subject are taken, with the suite's id, severity and reason.
/// An entry whose subject the form of the data does not have (paired_difference of a table of arms) is an error at its place.
Result<Analysis> analyze_suite(const suite::Suite& suite, const Question& base, const Analyze& analyze);

}  // namespace cupel::ab
