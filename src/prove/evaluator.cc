#include "prove/evaluator.h"

#include <algorithm>
#include <numeric>

#include "base/invariant.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"

namespace cupel::prove {
namespace {

using suite::Expectation;
using suite::Outcome;

bool reads_reference(const Expectation& expectation) {
  suite::Suite alone;
  alone.expectations.push_back(expectation);
  return expectations::wants_reference(alone);
}

/// The columns that the expectation asks a scan for, its filter included.
Result<std::vector<int>> fields_read(const Expectation& expectation, const table::Schema& schema, const table::Table* reference, const Evaluator::Options& options) {
  const auto& subject = static_cast<const expectations::DataSubject&>(*expectation.subject);
  ASSIGN_OR_RETURN(const auto check, subject.make(expectation));
  std::vector<int> fields;
  const auto read = [&](const std::optional<table::Expression>& where) {
    if (!where) return true;
    for (const std::string& name : where->columns()) {
      if (const auto field = schema.find(name)) fields.push_back(*field);
    }
    return where->bind(schema).has_value();
  };
  if (read(options.where) && read(expectation.where)) {
    states::Plan current(schema);
    std::optional<states::Plan> other;
    if (reference != nullptr) other.emplace(reference->schema());
    // A refusal is the expectation's verdict, seen when it is judged.
    if (check->plan(expectations::Planning{&current, other ? &*other : nullptr, expectation.where})) {
      for (const table::ColumnRequest& request : current.requests()) fields.push_back(request.field);
    }
  }
  std::ranges::sort(fields);
  const auto repeated = std::ranges::unique(fields);
  fields.erase(repeated.begin(), repeated.end());
  return fields;
}

}  // namespace

Judgement judgement_of(const Outcome& outcome) {
  Judgement judgement{outcome.verdict};
  if (outcome.observed.is_number()) judgement.observed = outcome.observed.get<double>();
  judgement.rows_tested = outcome.rows_tested;
  if (outcome.unexpected) judgement.unexpected = outcome.unexpected->count;
  return judgement;
}

Result<Evaluator> Evaluator::make(std::span<const Expectation> expectations, const table::Schema& schema, const table::Table* reference, Options options) {
  Evaluator evaluator;
  evaluator.expectations_ = std::make_shared<const std::vector<Expectation>>(expectations.begin(), expectations.end());
  evaluator.reference_ = reference;
  evaluator.names_ = schema.names();
  evaluator.cache_ = std::make_shared<Cache>();
  for (const Expectation& expectation : expectations) {
    evaluator.wants_reference_.push_back(reads_reference(expectation));
    ASSIGN_OR_RETURN(evaluator.fields_.emplace_back(), fields_read(expectation, schema, reference, options));
  }
  evaluator.options_ = std::move(options);
  return evaluator;
}

std::shared_ptr<const Evaluator::Subset> Evaluator::subset(std::vector<std::size_t> indices) const {
  const std::lock_guard lock(cache_->mutex);
  std::shared_ptr<const Subset>& known = cache_->subsets[indices];
  if (known == nullptr) {
    auto fresh = std::make_shared<Subset>();
    for (const std::size_t index : indices) {
      fresh->expectations.push_back((*expectations_)[index]);
      fresh->needs_reference = fresh->needs_reference || wants_reference_[index];
    }
    fresh->indices = std::move(indices);
    known = std::move(fresh);
  }
  return known;
}

std::vector<Outcome> Evaluator::run(const Subset& wanted, const table::Table& rows) const {
  if (wanted.expectations.empty()) return {};
  expectations::RunOptions run;
  run.scan.threads = 1;  // whole tables are spread over threads, not the rows of one
  run.where = options_.where;
  run.seed = options_.seed;
  run.now_micros = options_.now_micros;
  // A table shares its columns, so these copies are pointers; a source is scanned by one thread at a time.
  table::Table data = rows;
  std::optional<table::Table> reference;
  if (wanted.needs_reference && reference_ != nullptr) reference = *reference_;
  auto judged = expectations::judge_all(wanted.expectations, data, reference ? &*reference : nullptr, run);
  CHECK(judged.has_value(), "a table in memory cannot fail to be read: {}", judged.error().text());
  return std::move(judged->outcomes);
}

std::vector<Outcome> Evaluator::outcomes(const table::Table& rows) const {
  std::vector<std::size_t> all(size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return run(*subset(std::move(all)), rows);
}

std::vector<Judgement> Evaluator::judge(const table::Table& rows) const {
  std::vector<Judgement> judgements;
  for (const Outcome& outcome : outcomes(rows)) judgements.push_back(judgement_of(outcome));
  return judgements;
}

std::vector<Judgement> Evaluator::judge_changed(const table::Table& faulty, const table::Table& clean, std::span<const Judgement> clean_judgements) const {
  if (faulty.num_rows() != clean.num_rows() || faulty.schema().names() != names_) return judge(faulty);
  std::vector<bool> changed;
  for (int field = 0; field < static_cast<int>(names_.size()); ++field) changed.push_back(!faulty.shares_column(field, clean));
  std::vector<std::size_t> touched;
  for (std::size_t i = 0; i < size(); ++i) {
    if (std::ranges::any_of(fields_[i], [&](int field) { return changed[static_cast<std::size_t>(field)]; })) touched.push_back(i);
  }
  std::vector<Judgement> judgements(clean_judgements.begin(), clean_judgements.end());
  const auto wanted = subset(std::move(touched));
  const std::vector<Outcome> outcomes = run(*wanted, faulty);
  for (std::size_t i = 0; i < outcomes.size(); ++i) judgements[wanted->indices[i]] = judgement_of(outcomes[i]);
  return judgements;
}

Judgement Evaluator::judge_one(std::size_t expectation, const table::Table& rows) const { return judgement_of(run(*subset({expectation}), rows).front()); }

}  // namespace cupel::prove
