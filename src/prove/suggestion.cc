#include "prove/suggestion.h"

#include <algorithm>
#include <numeric>

#include "base/invariant.h"
#include "base/text.h"
#include "expectations/data_check.h"
#include "prove/batches.h"
#include "prove/coded_null_words.h"
#include "prove/evaluator.h"
#include "prove/suggestion_internal.h"
#include "stats/prediction.h"
#include "table/ordered_chunks.h"

namespace cupel::prove {
Drawn draw(std::span<const Candidate> all, std::span<const std::size_t> wanted, double alpha) {
  Drawn drawn;
  for (const std::size_t index : wanted) {
    const Candidate& candidate = all[index];
    // What needs no budget is asked at the same alpha: some limits want to know how sure they shall be.
    if (auto entry = candidate.entry(alpha)) {
      drawn.candidate.push_back(index);
      drawn.entries.push_back(std::move(*entry));
    }
  }
  return drawn;
}

suite::Suite parsed(const Drawn& drawn) {
  std::string text = "cupel: 1\nsuite: candidates\nexpect:\n";
  for (const Entry& entry : drawn.entries) {
    for (std::size_t i = 0; i < entry.lines.size(); ++i) text += (i == 0 ? "  - " : "    ") + entry.lines[i] + "\n";
  }
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  auto suite = suite::parse_suite(text, "candidates", load);
  CHECK(suite.has_value(), "a suggested entry is no expectation: {}", suite.error().text());
  return std::move(*suite);
}

Result<CleanBatches> trial_batches(const History& history, int count, std::uint64_t seed) {
  BatchPlan plan{.rows = history.next_rows, .count = count, .seed = seed};
  if (2 * history.next_rows > history.rows.num_rows()) plan.method = BatchMethod::bootstrap;
  return CleanBatches::make(history.rows, plan);
}

namespace {

/// Which faults each entry catches on every clean batch, and which entries alarm on a clean one.
struct Trials {
  std::vector<std::vector<bool>> catches;  // entry, case
  std::vector<bool> cries_wolf;
};

Result<Trials> try_faults(const Drawn& drawn, const CleanBatches& batches, std::span<const FaultCase> cases, const Seen& seen, const SuggestOptions& options) {
  const suite::Suite suite = parsed(drawn);
  ASSIGN_OR_RETURN(const Evaluator evaluator, Evaluator::make(suite.expectations, seen.history.rows.schema()));
  const std::size_t entries = drawn.entries.size();
  Trials trials{std::vector<std::vector<bool>>(entries, std::vector<bool>(cases.size(), true)), std::vector<bool>(entries, false)};
  for (int b = 0; b < batches.size(); ++b) {
    const table::Table clean = batches.batch(b);
    const std::vector<Judgement> calm = evaluator.judge(clean);
    for (std::size_t e = 0; e < entries; ++e) trials.cries_wolf[e] = trials.cries_wolf[e] || calm[e].alarms();
    std::vector<std::vector<bool>> alarms(cases.size());
    table::ordered_chunks(
        static_cast<std::int64_t>(cases.size()), options.threads,
        [&](std::int64_t c) {
          const auto at = static_cast<std::size_t>(c);
          const table::Table faulty = apply_fault(cases[at], clean, seen.facts, options.seed, static_cast<std::uint64_t>(b));
          for (const Judgement& judgement : evaluator.judge_changed(faulty, clean, calm)) alarms[at].push_back(judgement.alarms());
        },
        [&](std::int64_t c) {
          const auto at = static_cast<std::size_t>(c);
          for (std::size_t e = 0; e < entries; ++e) {
            if (!alarms[at][e]) trials.catches[e][at] = false;
          }
          if (options.progress) options.progress(static_cast<std::uint64_t>(b) * cases.size() + at + 1, static_cast<std::uint64_t>(batches.size()) * cases.size());
          return true;
        });
  }
  for (std::size_t e = 0; e < entries; ++e) {
    if (trials.cries_wolf[e]) trials.catches[e].assign(cases.size(), false);
  }
  return trials;
}

/// Greedy cover: positions (in `drawn`) of the entries that together catch all that any catches. Ties: those that cost nothing, then the first.
std::vector<std::size_t> cover(const Drawn& drawn, const Trials& trials, std::span<const Candidate> all, std::size_t num_cases) {
  std::vector<std::size_t> chosen;
  std::vector<bool> caught(num_cases, false);
  std::vector<bool> used(drawn.entries.size(), false);
  for (;;) {
    std::size_t best = drawn.entries.size();
    std::int64_t best_gain = 0;
    for (std::size_t e = 0; e < drawn.entries.size(); ++e) {
      if (used[e]) continue;
      std::int64_t gain = 0;
      for (std::size_t c = 0; c < num_cases; ++c) gain += trials.catches[e][c] && !caught[c] ? 2 : 0;
      if (gain > 0 && all[drawn.candidate[e]].is_certain) ++gain;
      if (gain > best_gain) {
        best_gain = gain;
        best = e;
      }
    }
    if (best == drawn.entries.size()) break;
    used[best] = true;
    chosen.push_back(best);
    for (std::size_t c = 0; c < num_cases; ++c) caught[c] = caught[c] || trials.catches[best][c];
  }
  std::ranges::sort(chosen);
  return chosen;
}

std::int64_t budgeted(std::span<const Candidate> all, std::span<const std::size_t> chosen) {
  return std::ranges::count_if(chosen, [&](std::size_t index) { return !all[index].is_certain; });
}

void note_what_is_odd(const Seen& seen, Suggestion& suggestion) {
  for (int field = 0; field < static_cast<int>(seen.facts.columns.size()); ++field) {
    const ColumnFacts& facts = seen.of(field);
    for (const CodedNull& code : coded_null_words(seen, field)) {
      suggestion.notes.push_back(fmt::format("'{}' of '{}' looks like a missing value ({}): state it with 'nulls' in 'data' or --null, if it is one", code.value, facts.name, code.evidence));
    }
    if (facts.present() == 0) suggestion.notes.push_back(fmt::format("'{}' has no value: nothing can be expected of it", facts.name));
  }
  if (seen.history.left_out > 0) suggestion.notes.push_back(fmt::format("{} rows without a value in the batch column were left out of the batches", with_thousands(seen.history.left_out)));
}

void count_kills(const Trials& trials, std::span<const FaultCase> cases, Suggestion& suggestion) {
  suggestion.cases = static_cast<std::int64_t>(cases.size());
  for (std::size_t e = 0; e < trials.catches.size(); ++e) suggestion.expectations[e].kills = std::ranges::count(trials.catches[e], true);
  for (std::size_t c = 0; c < cases.size(); ++c) {
    const bool killed = std::ranges::any_of(trials.catches, [&](const std::vector<bool>& caught) { return caught[c]; });
    suggestion.killed += killed ? 1 : 0;
    if (!killed) suggestion.survivors.push_back(cases[c].words());
  }
}

}  // namespace

namespace {

/// Can anything be promised? If each of the rows seen was good, how many of the next ones may be bad: when even all of them may, no limit says anything.
Result<void> enough_rows(const History& history, double alpha) {
  const std::int64_t rows = history.rows.num_rows();
  const auto says_something = [&](std::int64_t n) { return stats::count_prediction_upper(0, n, history.next_rows, alpha) < history.next_rows; };
  if (says_something(rows)) return {};
  std::int64_t needed = rows;
  while (!says_something(needed)) ++needed;
  return fail_with_hint(fmt::format("not enough data to promise {} of batches of {} {}: needs at least {} rows, there are {}", percent_text(alpha), with_thousands(history.next_rows),
                                    history.next_rows == 1 ? "row" : "rows", with_thousands(needed), with_thousands(rows)),
                        "give more data, or a larger --false-alarms");
}

}  // namespace

Result<Suggestion> suggest(const History& history, const SuggestOptions& options) {
  CHECK(options.false_alarms > 0 && options.false_alarms <= 0.5, "false alarms {}", options.false_alarms);
  if (options.only.empty()) TRY(enough_rows(history, options.false_alarms));
  BaselineFacts facts = baseline_facts(history.rows);
  const Seen seen{history, facts};
  const std::vector<Candidate> all = candidates(seen);
  if (options.harm) {
    ASSIGN_OR_RETURN(Suggestion suggestion, suggest_by_harm(seen, all, options));
    note_what_is_odd(seen, suggestion);
    suggestion.facts = std::move(facts);
    return suggestion;
  }
  std::vector<const Fault*> faults = options.faults;
  if (faults.empty()) faults.assign(fault_table().begin(), fault_table().end());
  const std::vector<FaultCase> cases = fault_cases(faults, facts);
  std::optional<CleanBatches> batches;
  if (options.only.empty()) {
    ASSIGN_OR_RETURN(batches, trial_batches(history, options.batches, options.seed));
  }

  std::vector<std::size_t> chosen(all.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  const bool try_them = options.only.empty();
  if (!try_them) {
    std::erase_if(chosen, [&](std::size_t index) { return std::ranges::find(options.only, ExpectationName{all[index].column, all[index].what}) == options.only.end(); });
  } else if (!options.keep_all) {
    // About three expectations a column will stay: a first share of the budget that the second one will not be far from.
    const Drawn every = draw(all, chosen, options.false_alarms / std::max<double>(1, 3 * static_cast<double>(facts.columns.size())));
    ASSIGN_OR_RETURN(const Trials trials, try_faults(every, *batches, cases, seen, options));
    chosen.clear();
    for (const std::size_t e : cover(every, trials, all, cases.size())) chosen.push_back(every.candidate[e]);
  }
  const double alpha = options.false_alarms / static_cast<double>(std::max<std::int64_t>(1, budgeted(all, chosen)));
  const Drawn drawn = draw(all, chosen, alpha);
  if (drawn.entries.empty()) return fail("{} rows are too few to promise anything about batches of {} rows", with_thousands(history.rows.num_rows()), with_thousands(history.next_rows));

  Suggestion suggestion;
  suggestion.candidates = static_cast<std::int64_t>(all.size());
  for (std::size_t e = 0; e < drawn.entries.size(); ++e) {
    const Candidate& candidate = all[drawn.candidate[e]];
    suggestion.expectations.push_back({candidate.column, candidate.what, drawn.entries[e], candidate.is_certain ? 0 : alpha, 0});
  }
  if (try_them) {
    ASSIGN_OR_RETURN(const Trials trials, try_faults(drawn, *batches, cases, seen, options));
    count_kills(trials, cases, suggestion);
  }
  note_what_is_odd(seen, suggestion);
  suggestion.facts = std::move(facts);
  return suggestion;
}

}  // namespace cupel::prove
