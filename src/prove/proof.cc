#include "prove/proof.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/text.h"
#include "base/time.h"
#include "prove/detectable_change.h"
#include "prove/proposals.h"
#include "stats/proportion.h"
#include "table/ordered_chunks.h"

namespace cupel::prove {
namespace {

constexpr double k_confidence = 0.95;

using Judged = std::vector<std::vector<Judgement>>;

void tell(const ProofOptions& options, std::string_view doing, std::int64_t done, std::int64_t total) {
  if (options.progress) options.progress(doing, static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
}

Judged judge_clean(const Evaluator& evaluator, const CleanBatches& batches, const ProofOptions& options) {
  Judged judged(static_cast<std::size_t>(batches.size()));
  table::ordered_chunks(
      batches.size(), options.threads, [&](std::int64_t i) { judged[static_cast<std::size_t>(i)] = evaluator.judge(batches.batch(static_cast<int>(i))); },
      [&](std::int64_t i) {
        tell(options, "judging clean batches", i + 1, batches.size());
        return true;
      });
  return judged;
}

/// Which clean batches get the faults: spread over all of them.
std::vector<int> repetition_batches(int batches, int repetitions) {
  const int count = std::min(batches, std::max(1, repetitions));
  std::vector<int> chosen;
  for (int i = 0; i < count; ++i) chosen.push_back(static_cast<int>(static_cast<std::int64_t>(i) * batches / count));
  return chosen;
}

/// "row 17 of price: 4.5 → 45".
std::string example_of(const FaultCase& fault_case, const table::Table& before, const table::Table& after) {
  if (before.num_rows() != after.num_rows()) return fmt::format("{} rows → {}", with_thousands(before.num_rows()), with_thousands(after.num_rows()));
  if (before.schema().names() != after.schema().names()) return fmt::format("columns: {} …", shorten(join(after.schema().names(), ", "), 60));
  const auto text = [](const table::Column& column, std::int64_t row) {
    return column.is_null(row) ? std::string("(null)") : fmt::format("'{}'", shorten(table::value_text(column, row), 40));
  };
  for (int field = 0; field < static_cast<int>(before.schema().fields.size()); ++field) {
    if (before.shares_column(field, after)) continue;
    const table::Column a = before.column(field);
    const table::Column b = after.column(field);
    for (std::int64_t row = 0; row < a.num_rows; ++row) {
      if (a.is_null(row) == b.is_null(row) && (a.is_null(row) || table::value_text(a, row) == table::value_text(b, row))) continue;
      const std::string& name = before.schema().fields[static_cast<std::size_t>(field)].name;
      return fmt::format("row {} of {}: {} → {}", row, shorten(name, 30), text(a, row), text(b, row));
    }
  }
  return fault_case.fault->summary.empty() ? std::string() : std::string(fault_case.fault->summary);
}

CaseClass class_of(const Fault& fault) {
  switch (fault.keeps) {
    case Keeps::marginals: return CaseClass::keeps_marginals;
    case Keeps::distribution: return CaseClass::keeps_distribution;
    case Keeps::nothing: break;
  }
  return CaseClass::counted;
}

struct FaultSide {
  const Evaluator* evaluator;
  const BaselineFacts* facts;
  const std::vector<ExpectationProof>* expectations;
  std::vector<int> batches;          // numbers of the clean batches
  std::vector<table::Table> clean;   // the same, in memory
  Judged judged;                     // the same
};

CaseProof try_case(const FaultCase& fault_case, const FaultSide& side, const ProofOptions& options) {
  CaseProof proof{fault_case, class_of(*fault_case.fault)};
  proof.alarms_of.assign(side.evaluator->size(), 0);
  for (std::size_t r = 0; r < side.clean.size(); ++r) {
    const table::Table faulty = apply_fault(fault_case, side.clean[r], *side.facts, options.batches.seed, static_cast<std::uint64_t>(side.batches[r]));
    if (same_rows(faulty, side.clean[r])) continue;
    ++proof.trials;
    if (proof.example.empty()) proof.example = example_of(fault_case, side.clean[r], faulty);
    const auto judged = side.evaluator->judge_changed(faulty, side.clean[r], side.judged[r]);
    bool killed = false;
    bool warned = false;
    for (std::size_t e = 0; e < judged.size(); ++e) {
      if (!judged[e].alarms() || side.judged[r][e].alarms()) continue;
      ++proof.alarms_of[e];
      (stops(judged[e], (*side.expectations)[e].severity) ? killed : warned) = true;
    }
    proof.kills += killed ? 1 : 0;
    proof.warned += !killed && warned ? 1 : 0;
  }
  if (proof.trials == 0) proof.group = CaseClass::no_effect;
  proof.killed = proof.trials > 0 && proof.kills >= options.power * proof.trials - 1e-9;
  return proof;
}

void score(Proof& proof, const BaselineFacts& facts, double power) {
  std::vector<Score> columns;
  for (const CaseProof& each : proof.cases) {
    if (each.group != CaseClass::counted) continue;
    auto at = std::ranges::find(columns, each.fault_case.column, &Score::name);
    if (at == columns.end()) at = columns.insert(columns.end(), Score{each.fault_case.column});
    ++at->counted;
    ++proof.score.counted;
    if (!each.killed) continue;
    ++at->killed;
    ++proof.score.killed;
  }
  // In the order of the table, its rows last.
  std::ranges::stable_sort(columns, {}, [&](const Score& column) {
    const auto at = std::ranges::find(facts.columns, column.name, &ColumnFacts::name);
    return at - facts.columns.begin();
  });
  proof.columns = std::move(columns);
  // Kills of each expectation, and those that nothing else has.
  const std::size_t count = proof.expectations.size();
  std::vector<std::vector<std::size_t>> killers;  // of each counted case
  for (const CaseProof& each : proof.cases) {
    if (each.group != CaseClass::counted) continue;
    std::vector<std::size_t> of_case;
    for (std::size_t e = 0; e < count; ++e) {
      if (each.alarms_of[e] > 0 && each.alarms_of[e] >= power * each.trials - 1e-9) of_case.push_back(e);
    }
    for (const std::size_t e : of_case) ++proof.expectations[e].kills;
    if (of_case.size() == 1) ++proof.expectations[of_case[0]].only_kills;
    killers.push_back(std::move(of_case));
  }
  // One after the other, those with the fewest kills first, goes what the others make up for.
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t e) { return proof.expectations[e].kills; });
  for (const std::size_t e : order) {
    const bool needed = std::ranges::any_of(killers, [&](const std::vector<std::size_t>& of_case) { return of_case.size() == 1 && of_case[0] == e; });
    if (needed) continue;
    proof.expectations[e].redundant = true;
    for (auto& of_case : killers) std::erase(of_case, e);
  }
}

void add_notes(Proof& proof, const BaselineFacts& facts, const CleanBatches& batches) {
  std::vector<std::string> constant;
  std::vector<std::string> empty;
  for (const ColumnFacts& column : facts.columns) {
    if (column.present() == 0) {
      empty.push_back(shorten(column.name, 40));
    } else if (column.is_constant()) {
      constant.push_back(shorten(column.name, 40));
    }
  }
  if (!empty.empty()) proof.notes.push_back(fmt::format("no value in the baseline, so no fault of their values: {}", join(empty, ", ")));
  if (!constant.empty()) proof.notes.push_back(fmt::format("one value in the baseline: {}", join(constant, ", ")));
  if (batches.plan().method == BatchMethod::split && batches.share_of_baseline() > 0.1) {
    proof.notes.push_back(fmt::format("a batch is {} of the baseline: batches that share their rows differ less than new ones would, by a factor of {:.2f} in standard deviations",
                                      percent_text(batches.share_of_baseline()), std::sqrt(1 - batches.share_of_baseline())));
  }
  if (batches.plan().method == BatchMethod::bootstrap) proof.notes.push_back("batches are drawn with replacement: rows come twice, so expectations on duplicates alarm");
  if (batches.left_out() > 0) proof.notes.push_back(fmt::format("{} rows have no value in '{}' and belong to no batch", with_thousands(batches.left_out()), batches.plan().column));
}

/// Limits of what grows with the number of rows are meant for a batch: where no clean batch breaks them, that the whole baseline does is no mistake.
void forgive_the_whole(Proof& proof, const suite::Suite& suite) {
  constexpr std::string_view k_grows[] = {"distinct", "rows", "sum"};
  std::vector<std::string> forgiven;
  for (std::size_t e = 0; e < proof.expectations.size(); ++e) {
    ExpectationProof& each = proof.expectations[e];
    const bool grows = std::ranges::find(k_grows, suite.expectations[e].subject->name) != std::end(k_grows);
    if (!grows || each.baseline_verdict != suite::Verdict::fail || each.alarms.alarms > 0) continue;
    each.baseline_verdict = suite::Verdict::pass;
    each.baseline_message.reset();
    forgiven.push_back(each.id);
  }
  if (!forgiven.empty()) proof.notes.push_back(fmt::format("holds in every batch, though not in the whole baseline, which has more rows: {}", join(forgiven, ", ")));
}

}  // namespace

std::string_view case_class_name(CaseClass group) {
  switch (group) {
    case CaseClass::counted: return "counted";
    case CaseClass::keeps_marginals: return "keeps_marginals";
    case CaseClass::keeps_distribution: return "keeps_distribution";
    case CaseClass::no_effect: return "no_effect";
  }
  return {};
}

AlarmRate alarm_rate(int alarms, int batches) { return {alarms, batches, stats::clopper_pearson(alarms, batches, k_confidence)}; }

bool stops(const Judgement& judgement, suite::Severity severity) {
  return judgement.verdict == suite::Verdict::error || (judgement.verdict == suite::Verdict::fail && severity == suite::Severity::error);
}

Result<Proof> prove_suite(const suite::Suite& suite, const table::Table& baseline, const table::Table* reference, const ProofOptions& options) {
  const Stopwatch watch;
  ASSIGN_OR_RETURN(const CleanBatches batches, CleanBatches::make(baseline, options.batches));
  ASSIGN_OR_RETURN(const Evaluator evaluator, Evaluator::make(suite.expectations, baseline.schema(), reference, options.evaluate));
  tell(options, "looking at the baseline", 0, 1);
  const BaselineFacts facts = baseline_facts(baseline);
  Proof proof;
  proof.suite = suite.name;
  proof.suite_path = suite.source;
  proof.baseline_rows = baseline.num_rows();
  proof.batches = batches.words();
  proof.batch_method = batch_method_name(options.batches.method);
  proof.batch_rows = batches.batch_rows();
  proof.share_of_baseline = batches.share_of_baseline();
  proof.power = options.power;
  proof.seed = options.batches.seed;
  add_notes(proof, facts, batches);

  const std::vector<suite::Outcome> whole = evaluator.outcomes(baseline);
  for (std::size_t e = 0; e < whole.size(); ++e) {
    const suite::Expectation& expectation = suite.expectations[e];
    ExpectationProof& each = proof.expectations.emplace_back();
    each.id = expectation.id;
    each.words = expectation.words();
    each.severity = expectation.severity;
    each.columns = whole[e].columns;
    each.baseline_verdict = whole[e].verdict;
    if (whole[e].verdict != suite::Verdict::pass) each.baseline_message = whole[e].message;
  }

  const Judged clean = judge_clean(evaluator, batches, options);
  int suite_alarms = 0;
  for (const auto& judgements : clean) {
    bool alarm = false;
    for (std::size_t e = 0; e < judgements.size(); ++e) alarm = alarm || stops(judgements[e], proof.expectations[e].severity);
    suite_alarms += alarm ? 1 : 0;
  }
  proof.suite_alarms = alarm_rate(suite_alarms, batches.size());
  const double allowed = options.maximum_false_alarms / static_cast<double>(std::max<std::size_t>(1, evaluator.size()));
  for (std::size_t e = 0; e < evaluator.size(); ++e) {
    ExpectationProof& each = proof.expectations[e];
    int alarms = 0;
    for (const auto& judgements : clean) {
      alarms += judgements[e].alarms() ? 1 : 0;
      each.inconclusive += judgements[e].verdict == suite::Verdict::inconclusive ? 1 : 0;
    }
    each.alarms = alarm_rate(alarms, batches.size());
    each.alarms_too_often = alarms > 0 && stats::clopper_pearson_lower(alarms, batches.size(), k_confidence) > allowed;
  }

  forgive_the_whole(proof, suite);

  const CleanSide side{&evaluator, &batches, &facts, clean, options.batches.seed};
  std::atomic<int> looked = 0;
  table::ordered_chunks(
      static_cast<std::int64_t>(evaluator.size()), options.threads,
      [&](std::int64_t e) {
        ExpectationProof& each = proof.expectations[static_cast<std::size_t>(e)];
        each.detectable = detectable_change(side, static_cast<std::size_t>(e));
        if (each.alarms_too_often) each.better_limit = better_limit(side, static_cast<std::size_t>(e), allowed);
        ++looked;
      },
      [&](std::int64_t e) {
        tell(options, "measuring detectable changes", e + 1, static_cast<std::int64_t>(evaluator.size()));
        return true;
      });

  FaultSide faulty{&evaluator, &facts, &proof.expectations, repetition_batches(batches.size(), options.repetitions), {}, {}};
  for (const int batch : faulty.batches) {
    faulty.clean.push_back(batches.batch(batch));
    faulty.judged.push_back(clean[static_cast<std::size_t>(batch)]);
  }
  proof.repetitions = static_cast<int>(faulty.batches.size());
  const std::vector<FaultCase> cases = fault_cases(options.faults, facts);
  proof.cases.resize(cases.size());
  table::ordered_chunks(
      static_cast<std::int64_t>(cases.size()), options.threads,
      [&](std::int64_t i) { proof.cases[static_cast<std::size_t>(i)] = try_case(cases[static_cast<std::size_t>(i)], faulty, options); },
      [&](std::int64_t i) {
        tell(options, "trying faults", i + 1, static_cast<std::int64_t>(cases.size()));
        return true;
      });
  score(proof, facts, options.power);
  ASSIGN_OR_RETURN(proof.proposals, propose(proof.cases, baseline, facts, batches, options, faulty.batches));
  proof.suite_runs = batches.size();
  for (const CaseProof& each : proof.cases) proof.suite_runs += each.trials;
  proof.seconds = watch.seconds();
  return proof;
}

}  // namespace cupel::prove
