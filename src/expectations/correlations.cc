// Correlations of many columns at once: the strongest, and the one that changed most against the reference.

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/co_moments.h"

namespace cupel::expectations {
namespace {

struct ColumnPair {
  std::string first;
  std::string second;
};

bool may_be_numeric(const table::Field& field) { return table::is_numeric(field.type) || field.no_values; }

/// Pairs of the named columns, or of all numeric ones; with `with: C` only those with C.
Result<std::vector<ColumnPair>> pairs_of(const table::Schema& schema, const suite::Expectation& expectation) {
  std::vector<std::string> names;
  for (const table::Field& field : schema.fields) {
    if (expectation.arguments.empty() && may_be_numeric(field)) names.push_back(field.name);
  }
  for (const std::string& name : expectation.arguments) {
    TRY(request_column(schema, name, expectation.subject_node, table::ColumnRequest::As::native));
    names.push_back(name);
  }
  std::vector<ColumnPair> pairs;
  if (const yaml::Node* node = expectation.parameter("with")) {
    ASSIGN_OR_RETURN(const std::string target, node->text("'with'"));
    TRY(request_column(schema, target, *node, table::ColumnRequest::As::native));
    for (const std::string& name : names) {
      if (name != target) pairs.push_back({name, target});
    }
  } else {
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t j = i + 1; j < names.size(); ++j) pairs.push_back({names[i], names[j]});
    }
  }
  if (pairs.empty()) return expectation.subject_node.fail_here("fewer than two columns of numbers, a correlation needs a pair");
  return pairs;
}

Result<std::vector<int>> need_pairs(states::Plan& plan, const std::vector<ColumnPair>& pairs, const suite::Expectation& expectation, const std::optional<table::Expression>& where) {
  std::vector<int> states;
  for (const ColumnPair& pair : pairs) {
    ASSIGN_OR_RETURN(const auto a, request_column(plan.schema(), pair.first, expectation.subject_node, table::ColumnRequest::As::native));
    ASSIGN_OR_RETURN(const auto b, request_column(plan.schema(), pair.second, expectation.subject_node, table::ColumnRequest::As::native));
    states.push_back(plan.need("co_moments", {a, b}, where, [](std::span<const int> slots) { return std::make_unique<states::CoMoments>(slots[0], slots[1]); }));
  }
  return states;
}

Result<void> check_with(const suite::Expectation& expectation) {
  const yaml::Node* node = expectation.parameter("with");
  if (node != nullptr) TRY(node->text("'with'"));
  return {};
}

Result<std::unique_ptr<DataCheck>> make_correlations(const suite::Expectation& expectation) {
  TRY(check_with(expectation));
  NumberCheck::Measure measure;
  measure.name = expectation.subject->name;
  auto planned = std::make_shared<std::vector<ColumnPair>>();  // of the data; the reference's are its own
  measure.need = [expectation, planned](states::Plan& plan, const Planning& planning) -> Result<std::vector<int>> {
    const std::optional<table::Expression>& where = planning.where;
    ASSIGN_OR_RETURN(const auto pairs, pairs_of(plan.schema(), expectation));
    if (planned->empty()) *planned = pairs;
    return need_pairs(plan, pairs, expectation, where);
  };
  measure.read = [expectation, planned](const states::Answers& answers, std::span<const int> states, const table::Schema& schema) {
    for (const std::string& name : expectation.arguments) {
      std::string problem = why_not_numeric(schema, *schema.find(name), expectation.subject_node);
      if (!problem.empty()) return Reading{{}, 0, std::move(problem), {}};
    }
    Reading strongest{{}, 0, "no pair of columns has a correlation: fewer than 2 rows, or no spread", {}};
    std::size_t known = 0;
    std::size_t most = 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
      const auto& moments = answers.get<states::CoMoments>(states[i]);
      const auto r = moments.correlation();
      if (!r) continue;
      ++known;
      if (strongest.value && std::abs(*r) <= *strongest.value) continue;
      strongest.value = std::abs(*r);
      strongest.rows = moments.count();
      most = i;
    }
    if (!strongest.value) return strongest;
    strongest.note = fmt::format(", the strongest of {} pairs", known);
    if (most < planned->size()) strongest.note += fmt::format(": '{}' with '{}'", (*planned)[most].first, (*planned)[most].second);
    return strongest;
  };
  return make_number_check(expectation, std::move(measure));
}

/// The largest change of a correlation against the reference.
class CorrelationChangesCheck : public DataCheck {
 public:
  explicit CorrelationChangesCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    if (planning.reference == nullptr) return expectation_.subject_node.fail_here("no reference data", "give --reference, or 'reference' in the suite");
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    ASSIGN_OR_RETURN(pairs_, pairs_of(planning.current->schema(), expectation_));
    ASSIGN_OR_RETURN(states_, need_pairs(*planning.current, pairs_, expectation_, planning.where));
    ASSIGN_OR_RETURN(reference_states_, need_pairs(*planning.reference, pairs_, expectation_, planning.where));
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    for (const std::string& name : expectation_.arguments) {
      std::string problem = why_not_numeric(*facts.schema, *facts.schema->find(name), expectation_.subject_node);
      if (problem.empty()) problem = why_not_numeric(*facts.reference_schema, *facts.reference_schema->find(name), expectation_.subject_node);
      if (!problem.empty()) return outcome.cannot(std::move(problem));
    }
    std::optional<std::size_t> most;
    double largest = 0;
    std::size_t compared = 0;
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const auto here = facts.current->get<states::CoMoments>(states_[i]).correlation();
      const auto there = facts.reference->get<states::CoMoments>(reference_states_[i]).correlation();
      rows = std::max(rows, facts.current->get<states::CoMoments>(states_[i]).count());
      if (!here || !there) continue;
      ++compared;
      const double change = std::abs(*here - *there);
      if (most && change <= largest) continue;
      most = i;
      largest = change;
    }
    outcome.rows_tested = rows;
    if (!most) return outcome.cannot("no pair of columns has a correlation in both tables: fewer than 2 rows, or no spread");
    outcome.observed = largest;
    outcome.pass_if(expectation_.predicate->accepts(largest));
    outcome.message = fmt::format("largest change {} of {} pairs, '{}' with '{}': {} here, {} in the reference; expected {}", number_text(largest), compared, pairs_[*most].first, pairs_[*most].second,
                                  number_text(*facts.current->get<states::CoMoments>(states_[*most]).correlation()),
                                  number_text(*facts.reference->get<states::CoMoments>(reference_states_[*most]).correlation()), expectation_.predicate->words());
  }

 private:
  suite::Expectation expectation_;
  std::vector<ColumnPair> pairs_;
  std::vector<int> states_;
  std::vector<int> reference_states_;
};

Result<std::unique_ptr<DataCheck>> make_correlation_changes(const suite::Expectation& expectation) {
  TRY(check_with(expectation));
  for (const suite::Limit& limit : expectation.predicate->limits) {
    if (limit.kind != suite::Limit::Kind::number) return limit.node.fail_here(fmt::format("the limit is {}, expected a change of a correlation such as 0.2", limit.node.description()));
  }
  return std::make_unique<CorrelationChangesCheck>(expectation);
}

}  // namespace

const DataSubject k_correlation_changes_subject = {{.name = "correlation_changes", .summary = "largest change of a correlation of two columns of numbers against the reference",
                                                    .argument = suite::Argument::table_or_columns, .predicates = {"at_most", "less_than"}, .parameters = {"with"}, .wants_reference = true}, make_correlation_changes};
const DataSubject k_correlations_subject = {{"correlations", "strongest correlation, by its absolute value, of two columns of numbers", suite::Argument::table_or_columns, k_number_predicates, {"with"}}, make_correlations};

}  // namespace cupel::expectations
