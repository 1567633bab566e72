// Is the smallest change that `cupel prove` states caught as often as it says? Stated on clean batches of a table, then simulated on others.
//
//   detectable_quality FILE SUITE.yaml [--rows 1000] [--batches 400] [--seed 1]
//
// Prints a line an expectation: the share of other batches in which it alarms at the stated change, and the words. The bar is 80 % ± 5 points; with
// 400 batches on either side the standard error of the difference is about 3.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/files.h"
#include "prove/detectable_change.h"
#include "quality_arguments.h"

namespace {

using namespace cupel;
using namespace cupel::bench;

/// Clean batches with what each expectation says of them.
struct Side {
  prove::CleanBatches batches;
  std::vector<std::vector<prove::Judgement>> judgements;
  std::uint64_t seed;

  static Side of(const table::Table& all, const prove::Evaluator& evaluator, std::int64_t rows, int count, std::uint64_t seed) {
    Side side{value(prove::CleanBatches::make(all, {.rows = rows, .count = count, .seed = seed})), {}, seed};
    for (int i = 0; i < side.batches.size(); ++i) side.judgements.push_back(evaluator.judge(side.batches.batch(i)));
    return side;
  }
};

}  // namespace

int main(int argc, char** argv) {
  QualityArguments arguments;
  arguments.rows = 1000;
  std::string suite_file;
  int batches = 400;
  CLI::App app("is a stated detectable change detected as often as stated");
  arguments.add_to(app, "unused");
  app.add_option("suite", suite_file)->required();
  app.add_option("--batches", batches);
  CLI11_PARSE(app, argc, argv);
  const table::Table all = arguments.read();
  const suite::Suite suite = parse(value(read_file(suite_file)));
  const prove::BaselineFacts facts = prove::baseline_facts(all);
  const prove::Evaluator evaluator = value(prove::Evaluator::make(suite.expectations, all.schema()));
  const Side stated = Side::of(all, evaluator, arguments.rows, batches, arguments.seed);
  const Side other = Side::of(all, evaluator, arguments.rows, batches, arguments.seed + 1);
  const prove::CleanSide stating{&evaluator, &stated.batches, &facts, stated.judgements, stated.seed};
  const prove::CleanSide trying{&evaluator, &other.batches, &facts, other.judgements, other.seed + 97};
  for (std::size_t e = 0; e < evaluator.size(); ++e) {
    const std::string& id = suite.expectations[e].id;
    const auto change = prove::detectable_change(stating, e);
    const auto ramp = change ? prove::ramp_of(stating, *change, e) : std::nullopt;
    if (!ramp) {
      fmt::print("{:<40} {}\n", id, change ? change->words : "nothing stated");
      continue;
    }
    const double rate = prove::detection_rate(trying, e, *ramp, change->amount, other.batches.size());
    fmt::print("{:<40} {:>3.0f} %  {} ({})\n", id, rate * 100, change->words, change->method);
  }
  return 0;
}
