#pragma once

#include <functional>
#include <span>

#include "base/result.h"
#include "robustness/trial.h"
#include "suite/suite.h"

namespace cupel::robustness {

/// Judges one expectation on a trial: fills verdict, observed, interval, message …
using Judge = std::function<void(Trial& trial, suite::Outcome& outcome)>;

/// One line of the table of model subjects. `make` reads the parameters of an expectation (mistakes carry their place); what only the
/// data can tell is the judge's.
struct ModelSubject : suite::SubjectInfo {
  Result<Judge> (*make)(const suite::Expectation& expectation);
};

/// All model subjects, sorted by name.
std::span<const ModelSubject> model_subject_table();
/// Options for load_suite with these subjects.
suite::LoadOptions load_options();

// One file a subject.
Result<Judge> make_calibration(const suite::Expectation& expectation);
Result<Judge> make_drop(const suite::Expectation& expectation);
Result<Judge> make_flips(const suite::Expectation& expectation);
Result<Judge> make_gain(const suite::Expectation& expectation);
Result<Judge> make_metric(const suite::Expectation& expectation);
Result<Judge> make_worst_slice(const suite::Expectation& expectation);

/// The metric that a subject's word names, with the word's place in errors.
Result<const model::Metric*> metric_of(const suite::Expectation& expectation);
/// `under: typos` or `under: {typos: 10%}`, and `columns: […]`.
Result<Change> read_under(const suite::Expectation& expectation);
/// The stream of a bootstrap, by the id of the expectation.
stats::BootstrapOptions bootstrap_options(const Trial& trial, const suite::Outcome& outcome);
/// The rows of the expectation; nothing, with the outcome telling why, when there is none.
std::optional<std::vector<std::int64_t>> rows_under_test(const suite::Expectation& expectation, const Trial& trial,
                                                         suite::Outcome& outcome);

}  // namespace cupel::robustness
