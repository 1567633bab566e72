#include "robustness/model_subject.h"

#include <algorithm>
#include <thread>

#include "base/text.h"

namespace cupel::robustness {
namespace {

using suite::Argument;

const std::vector<ModelSubject>& subjects() {
  const std::vector<std::string_view> limits = {"at_least", "at_most", "between", "less_than", "more_than"};
  static const std::vector<ModelSubject> k_subjects = {
      {{"calibration", "do the probabilities mean what they say", Argument::word, {"at_most", "less_than"}, {"bins"}, true},
       make_calibration},
      {{"drop", "quality lost when the rows are perturbed", Argument::word, {"at_most", "less_than"}, {"columns", "under"}}, make_drop},
      {{"flips",
        "share of decisions that a perturbation changes",
        Argument::word,
        {"at_most", "equals", "less_than"},
        {"columns", "under"}},
       make_flips},
      {{"gain", "quality beyond the majority class or another model", Argument::word, {"at_least", "between", "more_than"}, {"over"}},
       make_gain},
      {{"metric", "how good the model is", Argument::word, limits, {}}, make_metric},
      {{"worst_slice", "quality in the worst segment", Argument::word, {"at_least", "at_most"}, {"by", "depth", "min_share"}},
       make_worst_slice},
  };
  return k_subjects;
}

Result<double> read_severity(const Perturbation& perturbation, const yaml::Node& node) {
  const std::string what = fmt::format("the severity of '{}'", perturbation.name);
  switch (perturbation.severity) {
    case Severity::none: return node.fail_here(fmt::format("'{}' has no severity", perturbation.name));
    case Severity::share: {
      ASSIGN_OR_RETURN(const double share, node.share(what));
      if (share <= 0) return node.fail_here(fmt::format("{} is {}, expected more than 0%", what, node.description()));
      return share;
    }
    case Severity::factor: break;
  }
  ASSIGN_OR_RETURN(const double factor, node.number(what));
  if (!(factor > 0)) return node.fail_here(fmt::format("{} is {}, expected more than 0", what, node.description()));
  return factor;
}

}  // namespace

std::span<const ModelSubject> model_subject_table() { return subjects(); }

suite::LoadOptions load_options() {
  suite::LoadOptions options;
  for (const ModelSubject& subject : subjects()) options.subjects.push_back(&subject);
  return options;
}

Result<const model::Metric*> metric_of(const suite::Expectation& expectation) {
  auto metric = model::find_metric(expectation.arguments.front());
  if (!metric) return expectation.subject_node.fail_here(metric.error().message, metric.error().hint);
  return *metric;
}

Result<Change> read_under(const suite::Expectation& expectation) {
  Change change;
  const yaml::Node* severity = nullptr;
  const yaml::Node* name = expectation.parameter("under");
  if (name == nullptr)
    return expectation.entry.fail_here(
        fmt::format("'{}' without 'under', expected a perturbation such as typos", expectation.subject->name),
        "see 'cupel list perturbations'");
  if (name->is_map()) {
    if (name->members.size() != 1)
      return name->fail_here(
          fmt::format("'under' has {} keys, expected one perturbation with its severity such as {{typos: 5%}}", name->members.size()));
    severity = &name->members.front().value;
    name = &name->members.front().key;
  }
  ASSIGN_OR_RETURN(const std::string word, name->text("a perturbation"));
  const auto found = find_perturbation(word);
  if (!found) return name->fail_here(found.error().message);
  change.perturbation = *found;
  change.severity = change.perturbation->usual;
  if (severity != nullptr) {
    ASSIGN_OR_RETURN(change.severity, read_severity(*change.perturbation, *severity));
  }
  if (const yaml::Node* columns = expectation.parameter("columns")) {
    ASSIGN_OR_RETURN(change.columns, columns->texts("'columns'"));
    if (change.columns.empty()) return columns->fail_here("'columns' is an empty list, expected at least one column");
  } else if (change.perturbation->name == "drop_column" || change.perturbation->name == "shuffle") {
    return expectation.entry.fail_here(
        fmt::format("'{}' without 'columns', expected the columns that it takes from the model", change.perturbation->name));
  }
  return change;
}

stats::BootstrapOptions bootstrap_options(const Trial& trial, const suite::Outcome& outcome) {
  stats::BootstrapOptions options;
  options.resamples = trial.options().resamples;
  options.seed = trial.options().seed;
  options.purpose = "validate/" + outcome.id;
  options.threads =
      trial.options().threads > 0 ? trial.options().threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return options;
}

std::optional<std::vector<std::int64_t>> rows_under_test(const suite::Expectation& expectation, const Trial& trial,
                                                         suite::Outcome& outcome) {
  const yaml::Node* where = expectation.entry.find("where");
  auto rows = trial.rows(expectation.where, where == nullptr ? "" : where->place());
  if (!rows) {
    outcome.cannot(rows.error().text());
    return std::nullopt;
  }
  outcome.rows_tested = static_cast<std::int64_t>(rows->size());
  if (rows->empty()) {
    outcome.cannot(expectation.where ? fmt::format("no row where {}", expectation.where->text()) : "no rows to test");
    return std::nullopt;
  }
  return std::move(*rows);
}

}  // namespace cupel::robustness
