// Which expectations tell harmful damage from harmless: learned from faults of random size in the columns that a model reads.

#include "prove/harm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "base/text.h"
#include "prove/entry_limits.h"
#include "prove/suggestion_internal.h"
#include "table/ordered_chunks.h"

namespace cupel::prove {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr double k_as_catalogued = 0.3;  // of the cases keep the share of the catalogue, the others take any
constexpr std::int64_t k_least_gain = 2;
constexpr double k_firm_weight = 4;    // of a harmless alarm without a limit that could be loosened: such an expectation must be right four times in five
constexpr int k_scout_cases = 16;      // of a column, to find out whether damage to it can do harm at all
constexpr int k_harmless_cases = 24;   // of a column where it cannot: enough to see which expectations alarm for nothing

int random_partner(Random& random, const Fault& fault, const BaselineFacts& facts, int field) {
  std::vector<int> partners;
  for (int other = 0; other < static_cast<int>(facts.columns.size()); ++other) {
    if (other != field && fault.applies(facts, {field, other})) partners.push_back(other);
  }
  return partners.empty() ? -1 : partners[random.below(partners.size())];
}

/// Faults in turn, each of a random severity of the catalogue in a random share of the rows (at least `least_share`).
void add_cases(const Seen& seen, std::span<const Fault* const> faults, int field, int count, double least_share, Random random, std::vector<FaultCase>& cases) {
  std::vector<FaultCase> kinds;
  for (const Fault* fault : faults) {
    if (fault->scope == Scope::table) continue;
    const int partner = fault->scope == Scope::pair ? random_partner(random, *fault, seen.facts, field) : -1;
    if (fault->scope == Scope::pair && partner < 0) continue;
    if (fault->scope == Scope::column && !fault->applies(seen.facts, {field, -1})) continue;
    kinds.push_back({fault, {}, {field, partner}, seen.of(field).name, ""});
  }
  for (std::size_t i = kinds.size(); i > 1; --i) std::swap(kinds[i - 1], kinds[random.below(i)]);
  for (int i = 0; i < count && !kinds.empty(); ++i) {
    FaultCase one = kinds[static_cast<std::size_t>(i) % kinds.size()];
    if (one.fault->scope == Scope::pair) one.target.partner = random_partner(random, *one.fault, seen.facts, field);
    if (one.target.partner >= 0) one.partner = seen.of(one.target.partner).name;
    one.severity = one.fault->severities[random.below(one.fault->severities.size())];
    if (least_share > 0 || random.uniform() >= k_as_catalogued) one.severity.share = least_share + (1 - least_share) * random.uniform();
    cases.push_back(std::move(one));
  }
}

/// Does the case do harm to this clean batch?
bool does_harm(const FaultCase& one, const table::Table& clean, double best, const Seen& seen, const SuggestOptions& options, std::uint64_t index, table::Table* faulty) {
  *faulty = apply_fault(one, clean, seen.facts, options.seed, index);
  const auto score = options.harm->score(*faulty);
  return !score || best - *score > options.harm->most * best;
}

struct RandomCases {
  std::vector<FaultCase> cases;
  /// For how many each stands: few are tried in a column where none does harm, as many would happen there as anywhere.
  std::vector<double> stands_for;
};

/// Many cases of the columns where damage can do harm, few of the others; those of the table once each.
Result<RandomCases> random_cases(const Seen& seen, std::span<const Fault* const> faults, const CleanBatches& batches, const SuggestOptions& options) {
  const Harm& harm = *options.harm;
  const table::Table clean = batches.batch(0);
  const std::optional<double> best = harm.score(clean);
  if (!best || !(*best > 0)) return fail("the model has no score on {} clean rows, expected one above 0", with_thousands(clean.num_rows()));
  std::vector<FaultCase> scouts;
  for (const int field : harm.fields) add_cases(seen, faults, field, k_scout_cases, 0.8, Random(options.seed, "harm scouts", static_cast<std::uint64_t>(field)), scouts);
  std::vector<bool> matters(seen.facts.columns.size(), false);
  std::vector<char> found(scouts.size(), 0);
  table::ordered_chunks(
      static_cast<std::int64_t>(scouts.size()), options.threads,
      [&](std::int64_t i) {
        table::Table faulty;
        found[static_cast<std::size_t>(i)] = does_harm(scouts[static_cast<std::size_t>(i)], clean, *best, seen, options, static_cast<std::uint64_t>(i), &faulty) ? 1 : 0;
      },
      [&](std::int64_t i) {
        const FaultCase& one = scouts[static_cast<std::size_t>(i)];
        if (found[static_cast<std::size_t>(i)] != 0) matters[static_cast<std::size_t>(one.target.field)] = true;
        return true;
      });
  RandomCases drawn;
  std::vector<FaultCase>& cases = drawn.cases;
  for (const int field : harm.fields) {
    const int count = matters[static_cast<std::size_t>(field)] ? harm.cases_per_column : std::min(harm.cases_per_column, k_harmless_cases);
    add_cases(seen, faults, field, count, 0, Random(options.seed, "harm cases", static_cast<std::uint64_t>(field)), cases);
    drawn.stands_for.resize(cases.size(), static_cast<double>(harm.cases_per_column) / count);
  }
  for (const Fault* fault : faults) {
    if (fault->scope != Scope::table) continue;
    for (const FaultSeverity& severity : fault->severities) cases.push_back({fault, severity, {}, "", ""});
  }
  drawn.stands_for.resize(cases.size(), 1);
  return drawn;
}

/// What each expectation saw in each case, and whether the case does harm.
struct Observed {
  std::vector<bool> harmful;
  std::vector<double> stands_for;
  std::vector<std::vector<std::optional<double>>> values;  // entry, case
  std::vector<std::vector<bool>> firm;                     // entry, case: alarms whatever the limits
  std::vector<bool> cries_wolf;                            // entry
};

Result<Observed> observe(const suite::Suite& suite, std::span<const EntryLimits> limits, const RandomCases& drawn, const CleanBatches& batches, const Seen& seen, const SuggestOptions& options) {
  const std::vector<FaultCase>& cases = drawn.cases;
  ASSIGN_OR_RETURN(const Evaluator evaluator, Evaluator::make(suite.expectations, seen.history.rows.schema()));
  const std::size_t entries = suite.expectations.size();
  Observed all{std::vector<bool>(cases.size()), drawn.stands_for, std::vector<std::vector<std::optional<double>>>(entries, std::vector<std::optional<double>>(cases.size())),
               std::vector<std::vector<bool>>(entries, std::vector<bool>(cases.size())), std::vector<bool>(entries)};
  std::uint64_t done = 0;
  for (int b = 0; b < batches.size(); ++b) {
    const table::Table clean = batches.batch(b);
    const std::vector<Judgement> calm = evaluator.judge(clean);
    for (std::size_t e = 0; e < entries; ++e) all.cries_wolf[e] = all.cries_wolf[e] || calm[e].alarms();
    const std::optional<double> best = options.harm->score(clean);
    if (!best || !(*best > 0)) return fail("the model has no score on {} clean rows, expected one above 0", with_thousands(clean.num_rows()));
    std::vector<std::size_t> here;
    for (std::size_t c = static_cast<std::size_t>(b); c < cases.size(); c += static_cast<std::size_t>(batches.size())) here.push_back(c);
    struct Result {
      bool harmful = false;
      std::vector<Judgement> judgements;
    };
    std::vector<Result> results(here.size());
    table::ordered_chunks(
        static_cast<std::int64_t>(here.size()), options.threads,
        [&](std::int64_t i) {
          const auto at = static_cast<std::size_t>(i);
          table::Table faulty;
          results[at].harmful = does_harm(cases[here[at]], clean, *best, seen, options, static_cast<std::uint64_t>(here[at]), &faulty);
          results[at].judgements = evaluator.judge_changed(faulty, clean, calm);
        },
        [&](std::int64_t i) {
          const auto at = static_cast<std::size_t>(i);
          all.harmful[here[at]] = results[at].harmful;
          for (std::size_t e = 0; e < entries; ++e) {
            const Judgement& judgement = results[at].judgements[e];
            const auto value = compared(limits[e], judgement);
            all.values[e][here[at]] = value;
            all.firm[e][here[at]] = !value && judgement.alarms();
          }
          results[at].judgements = {};
          if (options.progress) options.progress(++done, cases.size());
          return true;
        });
  }
  return all;
}

/// Alarms beyond `at` on one side of an entry (+1: above), or only where no number is left to compare.
struct Rule {
  std::size_t entry = 0;
  int side = 0;
  double at = 0;
  double gain = 0;
  std::vector<std::size_t> cases;  // newly alarmed
};

/// The best threshold of one side against the cases that nothing alarms on yet.
Rule best_rule(const Observed& seen, std::size_t entry, int side, const EntryLimits& limits, const std::vector<bool>& alarmed, double weight) {
  Rule rule{entry, side, side * k_infinity, 0, {}};
  const auto worth = [&](std::size_t c) { return (seen.harmful[c] ? 1.0 : -(seen.firm[entry][c] ? std::max(weight, k_firm_weight) : weight)) * seen.stands_for[c]; };
  std::vector<std::pair<double, std::size_t>> beyond;  // how far out, ascending
  for (std::size_t c = 0; c < seen.harmful.size(); ++c) {
    if (alarmed[c]) continue;
    if (seen.firm[entry][c]) {
      rule.gain += worth(c);
      rule.cases.push_back(c);
    } else if (side != 0 && seen.values[entry][c]) {
      const double value = *seen.values[entry][c];
      if (side > 0 ? value > *limits.high : value < *limits.low) beyond.emplace_back(side * value, c);
    }
  }
  if (side == 0) return rule;
  std::ranges::sort(beyond, std::greater<>());
  double gain = rule.gain;
  double best = rule.gain;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    gain += worth(beyond[i].second);
    const bool ties = i + 1 < beyond.size() && beyond[i + 1].first == beyond[i].first;
    if (!ties && gain > best) {
      best = gain;
      taken = i + 1;
    }
  }
  rule.gain = best;
  for (std::size_t i = 0; i < taken; ++i) rule.cases.push_back(beyond[i].second);
  if (taken == 0) return rule;
  const double inner = taken < beyond.size() ? beyond[taken].first : side * (side > 0 ? *limits.high : *limits.low);
  rule.at = side * (std::isfinite(inner) ? (inner + beyond[taken - 1].first) / 2 : beyond[taken - 1].first);
  return rule;
}

/// Of an entry that was chosen: which sides, and how far out.
struct Chosen {
  std::optional<double> low{};
  std::optional<double> high{};
  bool is_chosen = false;
};

/// Greedily the rule that adds most: a harmful case caught counts 1, a harmless one `weight` less.
std::vector<Chosen> choose(const Observed& seen, std::span<const EntryLimits> limits, double weight) {
  std::vector<Chosen> chosen(limits.size());
  std::vector<bool> alarmed(seen.harmful.size(), false);
  for (;;) {
    Rule best;
    for (std::size_t e = 0; e < limits.size(); ++e) {
      if (seen.cries_wolf[e]) continue;
      const auto take = [&](int side) {
        Rule rule = best_rule(seen, e, side, limits[e], alarmed, weight);
        if (rule.gain > best.gain && (side == 0 || std::isfinite(rule.at))) best = std::move(rule);
      };
      if (!chosen[e].is_chosen && limits[e].kind == EntryLimits::Kind::none) take(0);
      if (limits[e].high && !chosen[e].high) take(1);
      if (limits[e].low && !chosen[e].low) take(-1);
    }
    if (best.gain < static_cast<double>(k_least_gain)) break;
    Chosen& entry = chosen[best.entry];
    entry.is_chosen = true;
    if (std::isfinite(best.at) && best.side > 0) entry.high = best.at;
    if (std::isfinite(best.at) && best.side < 0) entry.low = best.at;
    for (const std::size_t c : best.cases) alarmed[c] = true;
  }
  return chosen;
}

/// The entry with limits no tighter than those that its share of the budget allows.
Entry loosened(Entry entry, const EntryLimits& budgeted, const Chosen& chosen, const Harm& harm) {
  EntryLimits wide = budgeted;
  wide.low.reset();
  wide.high.reset();
  if (chosen.low) wide.low = std::min(*chosen.low, budgeted.low.value_or(k_infinity));
  if (chosen.high) wide.high = std::max(*chosen.high, budgeted.high.value_or(-k_infinity));
  if (!wide.low && !wide.high) return entry;  // no number decides
  const std::string before = entry.from;
  entry = with_limits(std::move(entry), wide);
  entry.from = fmt::format("{}; loosened to the damage from which on {} falls by more than {}", before, harm.of, percent_text(harm.most));
  return entry;
}

bool alarms_at(const Observed& seen, std::size_t entry, std::size_t c, const EntryLimits& limits) {
  if (seen.firm[entry][c]) return true;
  const auto& value = seen.values[entry][c];
  return value && ((limits.high && *value > *limits.high) || (limits.low && *value < *limits.low));
}

}  // namespace

Result<Suggestion> suggest_by_harm(const Seen& seen, std::span<const Candidate> all, const SuggestOptions& options) {
  const Harm& harm = *options.harm;
  std::vector<const Fault*> faults = options.faults;
  if (faults.empty()) faults.assign(fault_table().begin(), fault_table().end());
  ASSIGN_OR_RETURN(const CleanBatches batches, trial_batches(seen.history, harm.batches, options.seed));
  ASSIGN_OR_RETURN(const RandomCases drawn_cases, random_cases(seen, faults, batches, options));
  const std::vector<FaultCase>& cases = drawn_cases.cases;
  if (cases.empty()) return fail("no fault can happen to the {} columns that the model reads", harm.fields.size());
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool read = all[i].column.empty() || std::ranges::any_of(harm.fields, [&](int field) { return seen.of(field).name == all[i].column; });
    if (read) wanted.push_back(i);
  }
  const double first = options.false_alarms / static_cast<double>(3 * std::max<std::size_t>(1, harm.fields.size()));
  const Drawn drawn = draw(all, wanted, first);
  const suite::Suite suite = parsed(drawn);
  std::vector<EntryLimits> limits;
  for (const suite::Expectation& expectation : suite.expectations) limits.push_back(limits_of(expectation));
  ASSIGN_OR_RETURN(const Observed observed, observe(suite, limits, drawn_cases, batches, seen, options));
  const std::vector<Chosen> chosen = choose(observed, limits, harm.weight);

  std::vector<std::size_t> kept;  // entries of `drawn`
  std::int64_t budgeted = 0;
  for (std::size_t e = 0; e < chosen.size(); ++e) {
    if (!chosen[e].is_chosen) continue;
    kept.push_back(e);
    budgeted += all[drawn.candidate[e]].is_certain ? 0 : 1;
  }
  const double alpha = options.false_alarms / static_cast<double>(std::max<std::int64_t>(1, budgeted));
  Suggestion suggestion;
  suggestion.candidates = static_cast<std::int64_t>(all.size());
  std::vector<bool> alarmed(cases.size(), false);
  for (const std::size_t e : kept) {
    const Candidate& candidate = all[drawn.candidate[e]];
    const auto entry = candidate.entry(alpha);
    if (!entry) continue;
    const Drawn one{{drawn.candidate[e]}, {*entry}};
    const EntryLimits now = limits_of(parsed(one).expectations.front());
    Suggested written{candidate.column, candidate.what, loosened(*entry, now, chosen[e], harm), candidate.is_certain ? 0 : alpha, 0};
    const EntryLimits final = limits_of(parsed({{drawn.candidate[e]}, {written.entry}}).expectations.front());
    std::int64_t harmless = 0;
    for (std::size_t c = 0; c < cases.size(); ++c) {
      if (!alarms_at(observed, e, c, final)) continue;
      alarmed[c] = true;
      (observed.harmful[c] ? written.kills : harmless) += 1;
    }
    written.entry.because = fmt::format("Damage beyond this lowers {} by more than {}: of the faults tried it notices {} harmful ones and {} harmless ones.", harm.of, percent_text(harm.most),
                                        with_thousands(written.kills), with_thousands(harmless));
    suggestion.expectations.push_back(std::move(written));
  }
  suggestion.cases = static_cast<std::int64_t>(cases.size());
  for (std::size_t c = 0; c < cases.size(); ++c) {
    suggestion.harmful += observed.harmful[c] ? 1 : 0;
    suggestion.killed += observed.harmful[c] && alarmed[c] ? 1 : 0;
    suggestion.harmless_alarms += !observed.harmful[c] && alarmed[c] ? 1 : 0;
    if (observed.harmful[c] && !alarmed[c]) suggestion.survivors.push_back(cases[c].words());
  }
  if (suggestion.expectations.empty()) {
    return fail("{} of {} faults tried lower {} by more than {}, none that an expectation could tell from the others", with_thousands(suggestion.harmful), with_thousands(suggestion.cases), harm.of,
                percent_text(harm.most));
  }
  return suggestion;
}

}  // namespace cupel::prove
