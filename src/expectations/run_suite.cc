#include "expectations/run_suite.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "expectations/data_check.h"
#include "expectations/example_keys.h"
#include "expectations/groups.h"
#include "expectations/table_limits.h"
#include "states/scan.h"
#include "table/table.h"
#include "table/timestamp.h"

namespace cupel::expectations {
namespace {

using suite::Expectation;
using suite::Outcome;
using suite::Verdict;

/// Whole seconds; `$SOURCE_DATE_EPOCH` replaces the clock.
std::int64_t clock_micros() { return table::parse_timestamp(utc_now()).value_or(unix_now_ms() * 1000); }

/// One expectation on its way: planned, or refused with a reason.
struct Planned {
  std::unique_ptr<DataCheck> check;
  std::optional<table::Expression> where;
  std::string refusal;
  int other = -1;      ///< number of its other table
  Facts other_facts{};
};

std::optional<table::Expression> combine(const std::optional<table::Expression>& a, const std::optional<table::Expression>& b) {
  if (a && b) return table::Expression::all_of(*a, *b);
  return a ? a : b;
}

Result<std::unique_ptr<DataCheck>> make_check(const Expectation& expectation) {
  return static_cast<const DataSubject&>(*expectation.subject).make(expectation);
}

std::string plan_one(Planned& planned, const Expectation& expectation, states::Plan& current, states::Plan* reference, const RunOptions& options) {
  planned.where = combine(options.where, expectation.where);
  if (planned.where) {
    if (const auto bound = planned.where->bind(current.schema()); !bound) return bound.error().text();
  }
  const auto done = planned.check->plan(Planning{&current, reference, planned.where, options.state_bytes, &planned.other_facts});
  return done ? std::string() : done.error().text();
}

/// After the scan the types are final: a filter that was sound for the guessed types may compare text with a number.
std::string rebind(const Planned& planned, const table::Schema& schema) {
  if (!planned.where) return {};
  const auto bound = planned.where->bind(schema);
  return bound ? std::string() : bound.error().text();
}

Outcome judge_one(const Planned& planned, const Expectation& expectation, const Facts& facts) {
  Outcome outcome = expectation.outcome();
  if (planned.where) outcome.where = planned.where->text();
  std::string refusal = planned.refusal.empty() ? rebind(planned, *facts.schema) : planned.refusal;
  if (!refusal.empty()) {
    outcome.cannot(std::move(refusal));
    return outcome;
  }
  Facts all = facts;
  all.other = &planned.other_facts;
  planned.check->judge(all, outcome);
  // An empty table must not look like a clean one.
  if (outcome.verdict == Verdict::pass && outcome.rows_tested == 0) outcome.cannot("0 rows, nothing to test (" + outcome.message + ")");
  return outcome;
}

/// For all tables but the data.
table::ScanOptions without_sample(table::ScanOptions scan) {
  scan.sample.reset();
  return scan;
}

/// The other tables that a run needs: planned and scanned before the data.
class OtherPlans {
 public:
  OtherPlans(const RunOptions& options) : tables_(options.open_table), options_(&options) {}

  /// Takes out the limits that are quantities of other tables. The place holds a 0, so that the subject can check the rest.
  Result<void> take_limits(std::vector<Expectation>& expectations) {
    for (std::size_t i = 0; i < expectations.size(); ++i) {
      ASSIGN_OR_RETURN(TableLimits limits, TableLimits::take(expectations[i]));
      if (!limits.empty()) limits_.push_back({i, std::move(limits), *expectations[i].predicate, {}});
    }
    return {};
  }

  /// Scans what the checks and the limits need.
  void scan(std::span<Planned> checks) {
    for (Taken& taken : limits_) taken.refusal = taken.limits.plan(tables_);
    for (Planned& check : checks) plan(check);
    tables_.scan(without_sample(options_->scan));
    for (Taken& taken : limits_) {
      if (taken.refusal.empty()) taken.refusal = taken.limits.resolve(tables_, options_->seed, taken.predicate);
    }
    for (Planned& check : checks) learn(check);
  }

  struct Taken {
    std::size_t expectation;  ///< as stated
    TableLimits limits;
    suite::Predicate predicate;  ///< after the scan: with the numbers
    std::string refusal;
  };
  /// The limits of an expectation that came from other tables, or null pointer.
  const Taken* limits_of(std::size_t expectation) const {
    const auto at = std::find_if(limits_.begin(), limits_.end(), [&](const Taken& taken) { return taken.expectation == expectation; });
    return at == limits_.end() ? nullptr : &*at;
  }

 private:
  void plan(Planned& planned) {
    const OtherTable* other = planned.check->other();
    if (other == nullptr) return;
    const auto number = tables_.want(*other);
    if (number) planned.other = *number;
    const auto done = number ? planned.check->plan_other(Planning{&tables_.plan(*number), nullptr, std::nullopt, options_->state_bytes}) : tl::unexpected(number.error());
    if (!done) planned.refusal = done.error().text();
  }
  void learn(Planned& planned) {
    if (planned.other < 0 || !planned.refusal.empty()) return;
    const auto facts = tables_.facts(planned.other, options_->seed);
    if (facts) {
      planned.other_facts = *facts;
    } else {
      planned.refusal = facts.error().text();
    }
  }

  OtherTables tables_;
  const RunOptions* options_;
  std::vector<Taken> limits_;
};

// Each further scan narrows what is unknown, or counts one part of it; a check that still asks after this many would ask forever.
constexpr int k_most_further_scans = 10'000;

/// Scans again for the checks whose approximate states could not decide.
Result<void> scan_again(std::vector<Planned>& planned, const Facts& facts, table::BatchSource& data, table::BatchSource* reference,
                        const states::Answers& answers, const RunOptions& options) {
  for (int scan = 0; scan < k_most_further_scans; ++scan) {
    states::Plan current(data.schema());
    std::optional<states::Plan> other;
    if (reference != nullptr) other.emplace(reference->schema());
    std::vector<DataCheck*> asking;
    for (Planned& one : planned) {
      if (!one.refusal.empty() || !rebind(one, data.schema()).empty()) continue;
      ASSIGN_OR_RETURN(const bool asks, one.check->plan_again(facts, Planning{&current, other ? &*other : nullptr, one.where, options.state_bytes, &one.other_facts}));
      if (asks) asking.push_back(one.check.get());
    }
    if (asking.empty()) return {};
    Facts learned = facts;
    std::optional<states::Answers> found, found_in_reference;
    if (!current.is_empty()) {
      ASSIGN_OR_RETURN(found, states::run_scan(data, current, options.scan));
      if (found->num_rows != answers.num_rows) return fail("the data changed while it was read: {} rows, then {}", answers.num_rows, found->num_rows);
      learned.current = &*found;
    }
    if (other && !other->is_empty()) {
      ASSIGN_OR_RETURN(found_in_reference, states::run_scan(*reference, *other, without_sample(options.scan)));
      learned.reference = &*found_in_reference;
    }
    for (DataCheck* check : asking) check->learn(learned);
    if (found) TRY(found->complete());
    if (found_in_reference) TRY(found_in_reference->complete());
  }
  return {};
}

}  // namespace

Result<std::optional<std::int64_t>> read_as_of(const suite::Suite& suite) {
  const yaml::Node* node = suite.root.find("as_of");
  if (node == nullptr) return std::optional<std::int64_t>();
  ASSIGN_OR_RETURN(const std::string text, node->text("'as_of'"));
  const auto micros = table::parse_timestamp(text);
  if (!micros) return node->fail_here(fmt::format("'as_of' is {}, expected an instant such as 2026-11-20T14:00:00Z", node->description()));
  return micros;
}

bool wants_reference(const suite::Suite& suite) {
  return std::any_of(suite.expectations.begin(), suite.expectations.end(), [](const Expectation& expectation) {
    if (expectation.subject->wants_reference) return true;
    // A parameter may ask for it: `vocabulary: reference`.
    const auto& members = expectation.entry.members;
    if (std::any_of(members.begin(), members.end(), [](const auto& member) { return member.value.is_scalar() && !member.value.quoted && member.value.scalar == "reference"; })) return true;
    if (!expectation.predicate) return false;
    return expectation.predicate->name() == "same_as" ||
           std::any_of(expectation.predicate->limits.begin(), expectation.predicate->limits.end(),
                       [](const suite::Limit& limit) { return limit.kind == suite::Limit::Kind::reference; });
  });
}

Result<Judged> judge_all(std::span<const Expectation> expectations, table::BatchSource& data, table::BatchSource* reference,
                         const RunOptions& options) {
  std::vector<Expectation> stated(expectations.begin(), expectations.end());
  OtherPlans others(options);
  TRY(others.take_limits(stated));
  std::vector<std::unique_ptr<DataCheck>> made(stated.size());
  for (std::size_t i = 0; i < stated.size(); ++i) {
    ASSIGN_OR_RETURN(made[i], make_check(stated[i]));  // a mistake in the suite: nothing runs
  }
  ASSIGN_OR_RETURN(Expanded expanded, expand_groups(std::move(stated), data, options.where, options.scan));
  std::vector<Member>& members = expanded.members;
  std::vector<Planned> planned(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    planned[i].check = std::move(made[members[i].of]);  // taken by the first group, made anew for the others
    if (!planned[i].check || members[i].expectation.group) {
      ASSIGN_OR_RETURN(planned[i].check, make_check(members[i].expectation));
    }
    planned[i].refusal = members[i].refusal;
  }
  others.scan(planned);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const OtherPlans::Taken* limits = others.limits_of(members[i].of);
    if (limits == nullptr) continue;
    if (planned[i].refusal.empty()) planned[i].refusal = limits->refusal;
    members[i].expectation.predicate = limits->predicate;
    auto check = make_check(members[i].expectation);
    if (check) {
      planned[i].check = std::move(*check);
    } else if (planned[i].refusal.empty()) {
      planned[i].refusal = check.error().text();
    }
  }
  states::Plan current(data.schema());
  std::optional<states::Plan> other;
  if (reference != nullptr) other.emplace(reference->schema());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (planned[i].refusal.empty()) planned[i].refusal = plan_one(planned[i], members[i].expectation, current, other ? &*other : nullptr, options);
  }
  ASSIGN_OR_RETURN(states::Answers answers, states::run_scan(data, current, options.scan));
  std::optional<states::Answers> other_answers;
  if (reference != nullptr) {
    ASSIGN_OR_RETURN(other_answers, states::run_scan(*reference, *other, without_sample(options.scan)));
  }
  const Facts facts{&answers, &data.schema(), other_answers ? &*other_answers : nullptr, reference != nullptr ? &reference->schema() : nullptr, options.seed,
                    options.now_micros.value_or(clock_micros())};
  TRY(scan_again(planned, facts, data, reference, answers, options));
  Judged judged{{}, answers.num_rows, other_answers ? other_answers->num_rows : 0, answers.rows_before, expanded.notes};
  for (std::size_t i = 0; i < members.size(); ++i) judged.outcomes.push_back(judge_one(planned[i], members[i].expectation, facts));
  TRY(answers.complete());
  if (other_answers) TRY(other_answers->complete());
  return judged;
}

Result<suite::Report> run_suite(const suite::Suite& suite, table::BatchSource& data, table::BatchSource* reference, const RunOptions& options) {
  const Stopwatch watch;
  suite::Report report;
  report.suite = suite.name;
  report.about = suite.about;
  report.seed = options.seed;
  report.started = utc_now();
  for (const std::string& name : options.key) {
    if (!data.schema().find(name)) return table::unknown_column(name, data.schema());
  }
  if (const auto& sample = options.scan.sample) report.sample = suite::Report::Sample{sample->rows(), sample->of_rows(), sample->seed()};
  ASSIGN_OR_RETURN(const auto as_of, read_as_of(suite));
  RunOptions dated = options;
  if (!dated.now_micros) dated.now_micros = as_of;
  if (!dated.now_micros) dated.now_micros = clock_micros();
  const bool looks_at_the_clock = std::any_of(suite.expectations.begin(), suite.expectations.end(), [](const Expectation& e) { return e.subject->name == "freshness"; });
  if (looks_at_the_clock) report.extra["now"] = table::timestamp_text(*dated.now_micros);
  ASSIGN_OR_RETURN(Judged judged, judge_all(suite.expectations, data, reference, dated));
  report.results = std::move(judged.outcomes);
  report.rows_before = std::move(judged.rows_before);
  report.notes = std::move(judged.notes);
  if (report.sample) {
    for (Outcome& outcome : report.results) {
      if (outcome.verdict != Verdict::error) outcome.message += fmt::format("; of a sample of {} rows", with_thousands(report.sample->rows));
    }
  }
  if (!options.key.empty()) TRY(add_example_keys(report.results, options.key, data, report.rows_before, options.scan));
  ASSIGN_OR_RETURN(auto origin, data.origin());
  report.data = {origin.path, judged.num_rows, static_cast<std::int64_t>(data.schema().fields.size()), origin.digest, origin.note};
  if (reference != nullptr) {
    ASSIGN_OR_RETURN(auto other, reference->origin());
    report.reference = suite::Report::Data{other.path, judged.num_reference_rows, static_cast<std::int64_t>(reference->schema().fields.size()), other.digest, other.note};
  }
  report.seconds = watch.seconds();
  return report;
}

}  // namespace cupel::expectations
