#include <deque>

#include "base/text.h"
#include "drift/finding_outcome.h"
#include "drift/table_drift.h"
#include "drift/task_internal.h"
#include "model/model_card.h"
#include "table/rows_where.h"

namespace cupel::drift {
namespace {

using suite::Argument;
using suite::Expectation;
using suite::SubjectInfo;

const std::vector<SubjectInfo>& subjects() {
  static const std::vector<SubjectInfo> k_subjects = {
      {"dataset_drift", "has any of the suite's columns drifted", Argument::table, {}, {}, true},
      {"drift", "how far a column has moved from its reference", Argument::column, {"at_most", "less_than"}, {"by", "kind", "of"}, true},
      {"score_drift", "how far the scores of the model have moved", Argument::word, {"at_most", "less_than"}, {"by"}, true},
  };
  return k_subjects;
}

template <typename T>
Result<std::optional<T>> read_word(const Expectation& expectation, std::string_view key,
                                   const std::vector<std::pair<std::string, T>>& words) {
  const yaml::Node* node = expectation.parameter(key);
  if (node == nullptr) return std::optional<T>();
  ASSIGN_OR_RETURN(const std::string word, node->text(fmt::format("'{}'", key)));
  std::vector<std::string> known;
  for (const auto& [name, value] : words) {
    if (name == word) return std::optional<T>(value);
    known.push_back(name);
  }
  return node->fail_here(fmt::format("'{}' is '{}', expected one of: {}", key, shorten(word, 60), join(known, ", ")));
}

/// The samples that an expectation looks at, kept alive for its task.
struct Scope {
  table::Table reference, current;
  std::vector<double> reference_scores, current_scores;
  Units units;
};

std::vector<double> pick(const std::vector<double>& values, const std::vector<std::int64_t>& rows) {
  std::vector<double> out;
  for (const std::int64_t row : rows) out.push_back(values[static_cast<std::size_t>(row)]);
  return out;
}

Result<Scope> narrow(const Expectation& expectation, const table::Table& reference, const table::Table& current,
                     const std::optional<ModelScores>& scores, const std::string& unit) {
  Scope scope;
  const std::string place = expectation.entry.find("where")->place();
  ASSIGN_OR_RETURN(const auto before, table::rows_where(reference, expectation.where->text(), place));
  ASSIGN_OR_RETURN(const auto after, table::rows_where(current, expectation.where->text(), place));
  scope.reference = reference.take(before);
  scope.current = current.take(after);
  if (scores) {
    scope.reference_scores = pick(scores->reference, before);
    scope.current_scores = pick(scores->current, after);
  }
  ASSIGN_OR_RETURN(scope.units, make_units(scope.reference, scope.current, unit));
  return scope;
}

Result<Question> read_question(const Expectation& expectation, const DriftOptions& options) {
  Question question;
  question.column = expectation.arguments.empty() ? "" : expectation.arguments.front();
  question.margin = options.margin;
  const auto own = options.margins.find(question.column);
  if (own != options.margins.end()) question.margin = own->second;
  if (expectation.predicate) {
    if (!expectation.predicate->has_only_numbers())
      return expectation.predicate->node.fail_here(fmt::format("'{}' is {}, expected a share such as 10%", expectation.predicate->name(),
                                                               expectation.predicate->node.description()));
    question.margin = expectation.predicate->limits.front().number;
    if (!(question.margin > 0))
      return expectation.predicate->node.fail_here(
          fmt::format("'{}' is {}, expected more than 0", expectation.predicate->name(), expectation.predicate->words()));
  }
  ASSIGN_OR_RETURN(question.distance,
                   read_word<Distance>(expectation, "by", {{"ks", Distance::ks}, {"wasserstein", Distance::wasserstein}}));
  if (question.distance != Distance::wasserstein && question.margin > 1) {
    return expectation.predicate->node.fail_here(
        fmt::format("'{}' is {}, expected a share of at most 100%", expectation.predicate->name(), exact_text(question.margin)));
  }
  return question;
}

Result<std::optional<Task>> make_task(const Expectation& expectation, const table::Table& reference, const table::Table& current,
                                      const std::optional<ModelScores>& scores, const DriftOptions& options, std::string& why_not) {
  Task task;
  task.id = expectation.id;
  ASSIGN_OR_RETURN(task.question, read_question(expectation, options));
  if (expectation.subject->name == "score_drift") {
    if (expectation.arguments.front() != "model")
      return expectation.subject_node.fail_here(
          fmt::format("'score_drift' is '{}', expected the word model", expectation.arguments.front()));
    if (!scores) return expectation.subject_node.fail_here("'score_drift' without a model", "pass --model");
    task.question.column = "score of " + scores->model;
    return std::optional(std::move(task));
  }
  ASSIGN_OR_RETURN(
      const auto aspect,
      read_word<Aspect>(expectation, "of",
                        {{"lengths", Aspect::lengths}, {"nulls", Aspect::nulls}, {"values", Aspect::values}, {"words", Aspect::words}}));
  ASSIGN_OR_RETURN(const auto kind,
                   read_word<Kind>(expectation, "kind", {{"category", Kind::category}, {"ordered", Kind::ordered}, {"text", Kind::text}}));
  const auto before = reference.column(expectation.arguments.front());
  const auto after = current.column(expectation.arguments.front());
  if (!before || !after) {
    why_not = fmt::format("{}: {} in the {}", expectation.subject_node.place(), (before ? after : before).error().message,
                          before ? "current data" : "reference");
    return std::optional<Task>();
  }
  task.question.kind = kind.value_or(guess_kind(*before, *after));
  task.question.aspect = aspect.value_or(task.question.kind == Kind::text ? Aspect::words : Aspect::values);
  return std::optional(std::move(task));
}

}  // namespace

std::span<const SubjectInfo> subject_table() { return subjects(); }

suite::LoadOptions load_options() {
  suite::LoadOptions options;
  for (const SubjectInfo& subject : subjects()) options.subjects.push_back(&subject);
  options.further_keys = {"alpha", "correction", "unit"};
  return options;
}

Result<void> read_suite_options(const suite::Suite& suite, DriftOptions& options) {
  if (const auto* node = suite.root.find("alpha")) {
    ASSIGN_OR_RETURN(options.rule.alpha, node->share("'alpha'"));
    if (options.rule.alpha <= 0 || options.rule.alpha >= 1) return node->fail_here("'alpha' is out of range, expected a share such as 1%");
  }
  if (const auto* node = suite.root.find("correction")) {
    ASSIGN_OR_RETURN(const std::string word, node->text("'correction'"));
    const auto correction = stats::correction_named(word);
    if (!correction) return node->fail_here(fmt::format("unknown correction '{}', expected holm or bh", shorten(word, 60)));
    options.rule.correction = *correction;
  }
  if (const auto* node = suite.root.find("unit")) {
    ASSIGN_OR_RETURN(options.unit, node->text("'unit'"));
  }
  return {};
}

Result<std::vector<suite::Outcome>> drift_of_suite(const suite::Suite& suite, const table::Table& reference, const table::Table& current,
                                                   const std::optional<ModelScores>& scores, const DriftOptions& options) {
  Scope whole;
  ASSIGN_OR_RETURN(whole.units, make_units(reference, current, options.unit));
  std::deque<Scope> narrowed;
  std::vector<Task> tasks;
  std::vector<suite::Outcome> outcomes;
  std::vector<std::size_t> place;  // of each task's outcome
  for (const Expectation& expectation : suite.expectations) {
    suite::Outcome& outcome = outcomes.emplace_back(expectation.outcome());
    if (expectation.subject->name == "dataset_drift") continue;
    std::string why_not;
    ASSIGN_OR_RETURN(std::optional<Task> task, make_task(expectation, reference, current, scores, options, why_not));
    if (!task) {
      outcome.cannot(why_not);
      continue;
    }
    Scope* scope = &whole;
    if (expectation.where) {
      ASSIGN_OR_RETURN(Scope part, narrow(expectation, reference, current, scores, options.unit));
      scope = &narrowed.emplace_back(std::move(part));
    }
    task->units = &scope->units;
    if (expectation.subject->name == "drift") {
      const std::string& column = expectation.arguments.front();
      task->reference = *(expectation.where ? scope->reference : reference).column(column);
      task->current = *(expectation.where ? scope->current : current).column(column);
    } else {
      task->reference_scores = expectation.where ? scope->reference_scores : scores->reference;
      task->current_scores = expectation.where ? scope->current_scores : scores->current;
    }
    if (outcome.limit.is_null()) {
      outcome.predicate = "less_than";
      outcome.limit = task->question.margin;
    }
    tasks.push_back(std::move(*task));
    place.push_back(outcomes.size() - 1);
  }
  std::vector<Finding> findings = find_all(tasks, options);
  decide(findings, options.rule);
  for (std::size_t i = 0; i < findings.size(); ++i) fill_outcome(findings[i], outcomes[place[i]]);
  const suite::Outcome dataset = dataset_outcome(findings, options.rule);
  for (suite::Outcome& outcome : outcomes) {
    if (outcome.subject != "dataset_drift") continue;
    outcome.verdict = dataset.verdict;
    outcome.message = dataset.message;
    outcome.observed = dataset.observed;
    outcome.effect = dataset.effect;
    outcome.p_value = dataset.p_value;
  }
  return outcomes;
}

}  // namespace cupel::drift
