// How good are suggested suites? False alarms on clean batches, and faults caught, beside what simpler rules reach on the same batches.
//
//   suite_quality clean FILE --rows 2000 --false-alarms 1% [--batches 400] [--choose-from FILE]
//   suite_quality faults FILE --rows 2000 [--batches 20] [--faults avh]
//   suite_quality weeks FILE --train 52 --next 20 --by COLUMN…
//
// Everything random is keyed by --seed. Prints one line a suite: name, batches, alarms, rate with its exact 99 % interval; precision and recall.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "base/random.h"
#include "base/text.h"
#include "base/yaml.h"
#include "expectations/data_check.h"
#include "prove/evaluator.h"
#include "prove/suggestion.h"
#include "quality_arguments.h"
#include "stats/proportion.h"
#include "stats/sample_moments.h"

namespace {

using namespace cupel;
using namespace cupel::bench;
using prove::ExpectationName;
using prove::History;

struct Arguments : QualityArguments {
  std::string mode;
  double false_alarms = 0.01;
  int batches = 400;
  std::string by;
  int train = 52;
  int next = 20;
};

/// Rows dealt at random: the first part stays for learning, the rest are batches.
std::vector<std::int64_t> permutation(std::int64_t rows, std::uint64_t seed, std::uint64_t index) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Random random(seed, "suite_quality split", index);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

struct Split {
  table::Table learn;
  std::vector<table::Table> batches;
};

Split split(const table::Table& all, std::int64_t rows, int wanted, std::uint64_t seed, std::uint64_t index) {
  std::vector<std::int64_t> order = permutation(all.num_rows(), seed, index);
  const auto batches = std::clamp<std::int64_t>(all.num_rows() / 2 / rows, 1, wanted);
  Split result;
  for (std::int64_t b = 0; b < batches; ++b) {
    std::vector<std::int64_t> part(order.begin() + b * rows, order.begin() + (b + 1) * rows);
    std::ranges::sort(part);  // rows keep their order
    result.batches.push_back(all.take(part));
  }
  std::vector<std::int64_t> rest(order.begin() + batches * rows, order.end());
  std::ranges::sort(rest);
  result.learn = all.take(rest);
  return result;
}

std::string suggested(const History& history, const std::vector<ExpectationName>& only, double false_alarms, std::uint64_t seed) {
  prove::SuggestOptions options;
  options.false_alarms = false_alarms;
  options.only = only;
  options.seed = seed;
  const prove::Suggestion suggestion = value(prove::suggest(history, options));
  return prove::suggested_suite(suggestion, history, options);
}

/// Which expectations stand in the suite: decided once, by the faults, on the first split.
std::vector<ExpectationName> choose(const History& history, double false_alarms, std::uint64_t seed) {
  prove::SuggestOptions options;
  options.false_alarms = false_alarms;
  options.seed = seed;
  const prove::Suggestion suggestion = value(prove::suggest(history, options));
  std::vector<ExpectationName> names;
  for (const prove::Suggested& each : suggestion.expectations) names.push_back({each.column, each.what});
  fmt::print("# chosen {} of {} expectations; {} of {} faults caught\n", names.size(), suggestion.candidates, suggestion.killed, suggestion.cases);
  return names;
}

struct Tally {
  std::int64_t alarms = 0;
  std::int64_t batches = 0;
  std::map<std::string, std::int64_t> by_expectation;
};

void count(const suite::Suite& suite, const std::vector<table::Table>& batches, Tally& tally) {
  const prove::Evaluator evaluator = value(prove::Evaluator::make(suite.expectations, batches.front().schema()));
  for (const table::Table& batch : batches) {
    const auto judgements = evaluator.judge(batch);
    bool alarm = false;
    for (std::size_t i = 0; i < judgements.size(); ++i) {
      if (!judgements[i].alarms()) continue;
      alarm = true;
      ++tally.by_expectation[suite.expectations[i].id];
    }
    tally.alarms += alarm ? 1 : 0;
    ++tally.batches;
  }
}

void print_tally(const std::string& name, const Tally& tally, const Arguments& arguments) {
  const stats::Interval interval = stats::clopper_pearson(tally.alarms, tally.batches, 0.99);
  fmt::print("{:<14} {:>5} batches {:>5} alarms  {:>7}  99 % interval {} to {}\n", name, tally.batches, tally.alarms, percent_text(static_cast<double>(tally.alarms) / static_cast<double>(std::max<std::int64_t>(1, tally.batches))),
             percent_text(interval.low), percent_text(interval.high));
  if (!arguments.list) return;
  for (const auto& [id, alarms] : tally.by_expectation) fmt::print("    {:>5}  {}\n", alarms, id);
}

void clean(const Arguments& arguments, const table::Table& all) {
  constexpr int k_most_of_a_split = 20;
  std::vector<ExpectationName> names;
  std::map<std::string, Tally> tallies;
  std::int64_t done = 0;
  for (std::uint64_t index = 0; done < arguments.batches; ++index) {
    const Split parts = split(all, arguments.rows, std::min<int>(k_most_of_a_split, arguments.batches - static_cast<int>(done)), arguments.seed, index);
    const History history = value(prove::make_history(parts.learn, "", arguments.rows));
    if (names.empty()) names = choose(history, arguments.false_alarms, arguments.seed);
    count(parse(suggested(history, names, arguments.false_alarms, arguments.seed)), parts.batches, tallies["suggested"]);
    const prove::BaselineFacts facts = prove::baseline_facts(parts.learn);
    count(parse(rule_suite(facts, Rule::extremes)), parts.batches, tallies["min and max"]);
    count(parse(rule_suite(facts, Rule::ten_percent)), parts.batches, tallies["plus minus 10%"]);
    count(parse(rule_suite(facts, Rule::three_sigma)), parts.batches, tallies["three sigma"]);
    done += static_cast<std::int64_t>(parts.batches.size());
  }
  fmt::print("{}: batches of {} rows, nominal {}\n", arguments.file, arguments.rows, percent_text(arguments.false_alarms));
  for (const auto& [name, tally] : tallies) print_tally(name, tally, arguments);
}

/// One column's faults: caught where an expectation on the column, or on the table, alarms.
struct Found {
  std::int64_t caught = 0;
  std::int64_t cases = 0;
  std::int64_t false_alarms = 0;
  std::int64_t clean = 0;
};

void faults(const Arguments& arguments, const table::Table& all) {
  const std::vector<const prove::Fault*> wanted = value(prove::select_faults(arguments.faults));
  const Split parts = split(all, arguments.rows, arguments.batches, arguments.seed, 0);
  const History history = value(prove::make_history(parts.learn, "", arguments.rows));
  const prove::BaselineFacts facts = prove::baseline_facts(parts.learn);
  const auto cases = prove::fault_cases(wanted, facts);
  std::map<std::string, std::string> suites;
  suites["suggested"] = suggested(history, {}, arguments.false_alarms, arguments.seed);
  suites["min and max"] = rule_suite(facts, Rule::extremes);
  suites["plus minus 10%"] = rule_suite(facts, Rule::ten_percent);
  suites["three sigma"] = rule_suite(facts, Rule::three_sigma);
  for (const auto& [name, text] : suites) {
    const suite::Suite suite = parse(text);
    const prove::Evaluator evaluator = value(prove::Evaluator::make(suite.expectations, all.schema()));
    std::map<std::string, Found> kinds;  // numeric, categorical, kept apart
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> missed;
    for (std::size_t b = 0; b < parts.batches.size(); ++b) {
      const table::Table& batch = parts.batches[b];
      const auto calm = evaluator.judge(batch);
      const auto alarms = [&](const std::vector<prove::Judgement>& judgements, const std::string& column) {
        for (std::size_t e = 0; e < judgements.size(); ++e) {
          const auto& columns = suite.expectations[e].arguments;
          const bool about = suite.expectations[e].subject->argument == suite::Argument::table || suite.expectations[e].subject->argument == suite::Argument::expression ||
                             std::ranges::find(columns, column) != columns.end();
          if (about && judgements[e].alarms()) return true;
        }
        return false;
      };
      for (const prove::ColumnFacts& column : facts.columns) {
        if (column.present() == 0) continue;
        Found& found = kinds[column.is_number ? "numeric" : "categorical"];
        ++found.clean;
        found.false_alarms += alarms(calm, column.name) ? 1 : 0;
      }
      for (const prove::FaultCase& one : cases) {
        if (one.column.empty()) continue;
        const auto& column = facts.columns[static_cast<std::size_t>(one.target.field)];
        const table::Table faulty = prove::apply_fault(one, batch, facts, arguments.seed, b);
        const bool same = prove::same_rows(faulty, batch);
        const bool kept = same || one.fault->keeps == prove::Keeps::distribution;
        Found& found = kinds[kept ? "unchanged by construction" : column.is_number ? "numeric" : "categorical"];
        const bool caught = alarms(evaluator.judge_changed(faulty, batch, calm), column.name);
        ++found.cases;
        found.caught += caught ? 1 : 0;
        if (!kept) {
          auto& [lost, tried] = missed[fmt::format("{} {}: {}", one.fault->name, one.severity.words, column.name)];
          ++tried;
          lost += caught ? 0 : 1;
        }
      }
    }
    for (const auto& [kind, found] : kinds) {
      const double recall = found.cases == 0 ? 0 : static_cast<double>(found.caught) / static_cast<double>(found.cases);
      const double false_rate = found.clean == 0 ? 0 : static_cast<double>(found.false_alarms) / static_cast<double>(found.clean);
      // One clean batch for each faulty one, as in the published protocol.
      fmt::print("{:<14} {:<26} recall {:.3f} ({} of {})  false alarms {} of {} clean  precision {:.3f}\n", name, kind, recall, found.caught, found.cases, found.false_alarms, found.clean,
                 recall + false_rate == 0 ? 0.0 : recall / (recall + false_rate));
    }
    if (arguments.list && name == "suggested") {
      for (const auto& [what, counts] : missed) {
        if (counts.first > 0) fmt::print("    missed {} of {}: {}\n", counts.first, counts.second, what);
      }
    }
  }
}

/// Real time: learn from the first batches, look at the next ones, each with limits from all before it.
void weeks(const Arguments& arguments, const table::Table& all) {
  const History every = value(prove::make_history(all, arguments.by, 0));
  std::vector<ExpectationName> names;
  std::int64_t alarmed = 0;
  const auto part = [&](int from, int to) {
    std::vector<table::Table> tables;
    std::vector<std::string> labels;
    for (int b = from; b < to; ++b) {
      tables.push_back(all.take(every.batches[static_cast<std::size_t>(b)]));
      labels.push_back(every.names[static_cast<std::size_t>(b)]);
    }
    History history = value(prove::make_history(std::move(tables), std::move(labels), 0));
    history.batch_column = arguments.by;
    return history;
  };
  const History first = part(0, arguments.train);
  names = choose(first, arguments.false_alarms, arguments.seed);
  const int last = std::min<int>(arguments.train + arguments.next, static_cast<int>(every.batches.size()));
  for (int b = arguments.train; b < last; ++b) {
    const suite::Suite suite = parse(suggested(part(0, b), names, arguments.false_alarms, arguments.seed));
    const prove::Evaluator evaluator = value(prove::Evaluator::make(suite.expectations, all.schema()));
    table::Table batch = all.take(every.batches[static_cast<std::size_t>(b)]);
    bool alarm = false;
    for (const suite::Outcome& outcome : evaluator.outcomes(batch)) {
      if (outcome.verdict != suite::Verdict::fail && outcome.verdict != suite::Verdict::error) continue;
      alarm = true;
      fmt::print("    {} ({} rows): {}: {}\n", every.names[static_cast<std::size_t>(b)], batch.num_rows(), outcome.id, outcome.message);
    }
    alarmed += alarm ? 1 : 0;
  }
  fmt::print("{}: {} of {} batches alarmed\n", arguments.file, alarmed, last - arguments.train);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.faults = {"avh"};
  CLI::App app("how good suggested suites are");
  app.add_option("mode", arguments.mode)->required();
  arguments.add_to(app, "name the expectations that alarmed, the faults that were missed");
  app.add_option("--false-alarms", arguments.false_alarms);
  app.add_option("--batches", arguments.batches);
  app.add_option("--by", arguments.by);
  app.add_option("--train", arguments.train);
  app.add_option("--next", arguments.next);
  CLI11_PARSE(app, argc, argv);
  const table::Table all = arguments.read();
  if (arguments.mode == "clean") {
    clean(arguments, all);
  } else if (arguments.mode == "faults") {
    faults(arguments, all);
  } else if (arguments.mode == "weeks") {
    weeks(arguments, all);
  } else {
    stop("unknown mode '" + arguments.mode + "', expected clean, faults or weeks");
  }
  return 0;
}
