#include "drift/table_drift.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "base/text.h"
#include "drift/finding_outcome.h"
#include "drift/task_internal.h"

namespace cupel::drift {
namespace {

bool any_missing(const table::Column& column) {
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (is_missing(column, row)) return true;
  }
  return false;
}

Result<void> check_known(const std::vector<std::string>& names, const table::Table& reference, const table::Table& current) {
  for (const std::string& name : names) {
    if (!reference.schema().find(name) && !current.schema().find(name)) return table::unknown_column(name, reference.schema());
  }
  return {};
}

double margin_of(const DriftOptions& options, const std::string& column) {
  const auto own = options.margins.find(column);
  return own == options.margins.end() ? options.margin : own->second;
}

void add_tasks(const std::string& name, const table::Column& reference, const table::Column& current, const Units& units,
               const DriftOptions& options, std::vector<Task>& tasks) {
  const auto stated = options.kinds.find(name);
  const Kind kind = stated == options.kinds.end() ? guess_kind(reference, current) : stated->second;
  std::vector<Aspect> aspects = kind == Kind::text ? std::vector{Aspect::words, Aspect::lengths} : std::vector{Aspect::values};
  if (any_missing(reference) || any_missing(current)) aspects.push_back(Aspect::nulls);
  for (const Aspect aspect : aspects) {
    tasks.push_back({{name, aspect, kind, {}, margin_of(options, name)},
                     reference,
                     current,
                     {},
                     {},
                     &units,
                     fmt::format("drift({}): {}", name, aspect_name(aspect))});
  }
}

}  // namespace

std::vector<Finding> find_all(const std::vector<Task>& tasks, const DriftOptions& options) {
  std::vector<Finding> findings(tasks.size());
  FindOptions find;
  find.seed = options.seed;
  // A corrected p must be able to fall below alpha: a permutation p is never below 1 / (permutations + 1).
  find.permutations =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(2 * static_cast<double>(tasks.size()) / options.rule.alpha), 1999, 99999);
  std::atomic<std::size_t> next{0}, done{0};
  const auto work = [&](bool reports) {
    for (std::size_t i = next++; i < tasks.size(); i = next++) {
      const Task& task = tasks[i];
      findings[i] = task.reference ? find_drift(task.question, *task.reference, *task.current, *task.units, find)
                                   : find_drift(task.question, task.reference_scores, task.current_scores, *task.units, find);
      ++done;
      if (reports && options.progress) options.progress(done, tasks.size());
    }
  };
  const unsigned cores = options.threads > 0 ? static_cast<unsigned>(options.threads) : std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < std::min<std::size_t>(cores, tasks.size()); ++i) others.emplace_back(work, false);
  work(true);
  others.clear();
  return findings;
}

Result<Units> make_units(const table::Table& reference, const table::Table& current, const std::string& unit) {
  if (unit.empty()) return rows_as_units(reference.num_rows(), current.num_rows());
  ASSIGN_OR_RETURN(const table::Column before, reference.column(unit));
  ASSIGN_OR_RETURN(const table::Column after, current.column(unit));
  return units_of(before, after);
}

Result<std::vector<suite::Outcome>> drift_of_tables(const table::Table& reference, const table::Table& current,
                                                    const std::optional<ModelScores>& scores, const DriftOptions& options) {
  TRY(check_known(options.columns, reference, current));
  TRY(check_known(options.excluded, reference, current));
  ASSIGN_OR_RETURN(const Units units, make_units(reference, current, options.unit));
  std::vector<std::string> names = options.columns;
  if (names.empty()) {
    names = reference.schema().names();
    for (const std::string& name : current.schema().names()) {
      if (!reference.schema().find(name)) names.push_back(name);
    }
  }
  std::set<std::string> skipped(options.excluded.begin(), options.excluded.end());
  if (options.columns.empty() && !options.unit.empty()) skipped.insert(options.unit);
  std::vector<Task> tasks;
  std::vector<suite::Outcome> one_sided;
  for (const std::string& name : names) {
    if (skipped.contains(name)) continue;
    const auto before = reference.schema().find(name), after = current.schema().find(name);
    if (before && after) {
      add_tasks(name, reference.column(*before), current.column(*after), units, options, tasks);
      continue;
    }
    suite::Outcome& outcome = one_sided.emplace_back();
    outcome.id = fmt::format("drift({})", name);
    outcome.subject = "drift";
    outcome.columns = {name};
    outcome.cannot(fmt::format("column '{}' is not in the {}", name, before ? "current data" : "reference"));
  }
  if (scores) {
    tasks.push_back({{"score of " + scores->model, Aspect::values, Kind::ordered, {}, options.margin},
                     {},
                     {},
                     scores->reference,
                     scores->current,
                     &units,
                     "score_drift(model)"});
  }
  std::vector<Finding> findings = find_all(tasks, options);
  decide(findings, options.rule);
  std::vector<suite::Outcome> outcomes = {dataset_outcome(findings, options.rule)};
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    suite::Outcome& outcome = outcomes.emplace_back();
    outcome.id = tasks[i].id;
    outcome.subject = tasks[i].reference ? "drift" : "score_drift";
    if (tasks[i].reference) outcome.columns = {tasks[i].question.column};
    outcome.predicate = "less_than";
    outcome.limit = tasks[i].question.margin;
    fill_outcome(findings[i], outcome);
  }
  outcomes.insert(outcomes.end(), one_sided.begin(), one_sided.end());
  return outcomes;
}

}  // namespace cupel::drift
