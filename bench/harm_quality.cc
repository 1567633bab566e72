// Does an alarm mean harm? The protocol of Jenga's schema stress test (Schelter, Rukat, Biessmann, EDBT 2021): random corruptions of the columns that a model
// reads are put into test batches; harmful is what lowers the model's AUC by more than 3 %; an alarm of the suite predicts harm.
//
//   harm_quality FILE TRAIN.yaml [--rows 2000] [--corruptions 250] [--harm 3%] [--faults all] [--null NA …] [--seed 1] [--list]
//
// Rows are dealt at random: 40 % train the model, 30 % are the clean data that suites are derived from, 30 % the test batches. Prints one line a suite.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "base/files.h"
#include "base/random.h"
#include "model/metrics.h"
#include "model/predictor.h"
#include "model/train_model.h"
#include "prove/evaluator.h"
#include "prove/suggestion.h"
#include "quality_arguments.h"

namespace {

using namespace cupel;
using namespace cupel::bench;

struct Arguments : QualityArguments {
  std::string config;
  int corruptions = 250;
  double harm = 0.03;
  double weight = prove::Harm{}.weight;
  int cases = prove::Harm{}.cases_per_column;
};

struct Parts {
  table::Table train;
  table::Table learn;
  std::vector<table::Table> batches;
};

Parts deal(const table::Table& all, std::int64_t rows, std::uint64_t seed) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(all.num_rows()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Random random(seed, "harm_quality split");
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  const auto part = [&](std::int64_t from, std::int64_t to) {
    std::vector<std::int64_t> chosen(order.begin() + from, order.begin() + to);
    std::ranges::sort(chosen);
    return all.take(chosen);
  };
  const std::int64_t n = all.num_rows();
  Parts parts{part(0, n * 4 / 10), part(n * 4 / 10, n * 7 / 10), {}};
  for (std::int64_t from = n * 7 / 10; from + rows <= n; from += rows) parts.batches.push_back(part(from, from + rows));
  if (parts.batches.empty()) stop("too few rows for a test batch");
  return parts;
}

/// AUC on these rows; nothing when the model refuses them.
std::optional<double> auc(const model::Predictor& predictor, const model::TrainConfig& config, const table::Table& rows) {
  const auto scores = predictor.score(rows);
  if (!scores) return std::nullopt;
  const auto evaluation = model::make_evaluation(*scores, rows, config.target.name, config.positive);
  if (!evaluation) return std::nullopt;
  return model::metric_value(*value(model::find_metric("auc")), *evaluation);
}

/// A corruption as the stress test draws it: the kind of column by how many there are, the share from 0 to 99 %, one in ten of two columns exchanged.
std::optional<prove::FaultCase> draw_corruption(Random& random, const model::TrainConfig& config, const table::Schema& schema) {
  const auto fields = [&](const std::vector<model::NamedColumn>& columns) {
    std::vector<int> found;
    for (const auto& column : columns) found.push_back(*schema.find(column.name));
    return found;
  };
  const std::vector<int> kinds[] = {fields(config.numeric), fields(config.categorical), fields(config.text)};
  auto pick = random.below(kinds[0].size() + kinds[1].size() + kinds[2].size());
  std::size_t kind = 0;
  while (pick >= kinds[kind].size()) pick -= kinds[kind++].size();
  const std::vector<int>& alike = kinds[kind];
  const double share = static_cast<double>(random.below(100)) / 100;
  prove::FaultCase one;
  one.target.field = alike[random.below(alike.size())];
  const auto other_of = [&](std::size_t count, auto at) {
    int other = one.target.field;
    while (other == one.target.field) other = at(random.below(count));
    return other;
  };
  std::string name;
  double amount = 0;
  if (alike.size() >= 2 && random.uniform() < 0.1) {
    name = "jenga_swapped_values";
    one.target.partner = other_of(alike.size(), [&](std::uint64_t i) { return alike[i]; });
  } else {
    const auto which = random.below(kind == 0 ? 3 : 2);
    if (which == 0) {
      name = "jenga_missing";
      amount = static_cast<double>(random.below(3));
      one.target.partner = other_of(schema.fields.size(), [](std::uint64_t i) { return static_cast<int>(i); });
    } else if (kind != 0) {
      name = "jenga_broken_characters";
      if (schema.fields[static_cast<std::size_t>(one.target.field)].type != table::Type::text) return std::nullopt;  // digits have no accents
    } else if (which == 1) {
      name = "jenga_gaussian_noise";
      amount = 2 + 3 * random.uniform();
    } else {
      name = "jenga_scaling";
      amount = std::pow(10.0, static_cast<double>(1 + random.below(3)));
    }
  }
  one.fault = value(prove::select_faults(std::vector<std::string>{name})).front();
  one.severity = {"drawn", share, amount};
  one.column = schema.fields[static_cast<std::size_t>(one.target.field)].name;
  if (one.target.partner >= 0) one.partner = schema.fields[static_cast<std::size_t>(one.target.partner)].name;
  return one;
}

struct Counts {
  int hit = 0, wolf = 0, miss = 0, quiet = 0;  // harmful and alarmed, harmless and alarmed, …
  int clean_alarms = 0;
  std::size_t expectations = 0;
};

void run(const Arguments& arguments) {
  const table::Table all = arguments.read();
  const model::TrainConfig config = value(model::read_train_config(arguments.config));
  Parts parts = deal(all, arguments.rows, arguments.seed);
  model::TrainOptions training;
  const model::Trained trained = value(model::train_model(config, parts.train, training));
  const model::Predictor predictor = value(model::Predictor::load(trained.onnx, "model", value(model::parse_model_card(trained.model_json, "model.json"))));

  const prove::History history = value(prove::make_history(parts.learn, "", arguments.rows));
  const prove::BaselineFacts facts = prove::baseline_facts(history.rows);
  prove::SuggestOptions options;
  options.seed = arguments.seed;
  const auto write = [&](const prove::SuggestOptions& wanted) { return prove::suggested_suite(value(prove::suggest(history, wanted)), history, wanted); };
  std::map<std::string, std::string> suites;
  suites["suggested"] = write(options);
  options.faults = value(prove::select_faults(arguments.faults));
  prove::Harm harm;
  harm.of = "the AUC";
  harm.most = arguments.harm;
  harm.weight = arguments.weight;
  harm.cases_per_column = arguments.cases;
  for (const auto* columns : {&config.numeric, &config.categorical, &config.text}) {
    for (const auto& column : *columns) harm.fields.push_back(*all.schema().find(column.name));
  }
  harm.score = [&](const table::Table& rows) { return auc(predictor, config, rows); };
  options.harm = harm;
  suites["suggested by harm"] = write(options);
  suites["min and max"] = rule_suite(facts, Rule::extremes);
  suites["plus minus 10%"] = rule_suite(facts, Rule::ten_percent);
  suites["three sigma"] = rule_suite(facts, Rule::three_sigma);

  struct Corruption {
    prove::FaultCase one;
    std::size_t batch;
    table::Table rows;
    bool harmful;
    double fall;
  };
  std::vector<std::optional<double>> best;
  for (const table::Table& batch : parts.batches) best.push_back(auc(predictor, config, batch));
  std::vector<Corruption> corruptions;
  int harmful = 0;
  for (std::uint64_t i = 0; std::ssize(corruptions) < arguments.corruptions; ++i) {
    Random random(arguments.seed, "harm_quality corruption", i);
    const auto one = draw_corruption(random, config, all.schema());
    if (!one) continue;
    const std::size_t batch = random.below(parts.batches.size());
    table::Table rows = one->severity.share == 0 ? parts.batches[batch] : prove::apply_fault(*one, parts.batches[batch], facts, arguments.seed, i);
    const auto score = auc(predictor, config, rows);
    const double fall = score ? (*best[batch] - *score) / *best[batch] : 1;
    harmful += fall > arguments.harm ? 1 : 0;
    corruptions.push_back({*one, batch, std::move(rows), fall > arguments.harm, fall});
  }
  fmt::print("{}: {} corruptions of {} batches of {} rows, {} harmful; AUC {:.3f}, seed {}\n", arguments.file, corruptions.size(), parts.batches.size(), arguments.rows, harmful, *best.front(), arguments.seed);
  for (const auto& [name, text] : suites) {
    const suite::Suite suite = parse(text);
    const prove::Evaluator evaluator = value(prove::Evaluator::make(suite.expectations, all.schema()));
    Counts counts;
    counts.expectations = suite.expectations.size();
    const auto alarms = [](const std::vector<prove::Judgement>& judgements) { return std::ranges::any_of(judgements, &prove::Judgement::alarms); };
    std::vector<std::vector<prove::Judgement>> calm;
    for (const table::Table& batch : parts.batches) {
      calm.push_back(evaluator.judge(batch));
      counts.clean_alarms += alarms(calm.back()) ? 1 : 0;
    }
    for (const Corruption& each : corruptions) {
      const auto judgements = evaluator.judge_changed(each.rows, parts.batches[each.batch], calm[each.batch]);
      const bool alarm = alarms(judgements);
      (each.harmful ? (alarm ? counts.hit : counts.miss) : (alarm ? counts.wolf : counts.quiet)) += 1;
      if (arguments.list && name == "suggested by harm" && alarm != each.harmful) {
        std::string which;
        for (std::size_t e = 0; e < judgements.size(); ++e) which += judgements[e].alarms() ? " " + suite.expectations[e].id : "";
        fmt::print("    {} {} {} share {} amount {:.3g}: falls {:.4f}{}\n", alarm ? "false alarm" : "missed", each.one.fault->name, each.one.column, each.one.severity.share, each.one.severity.amount, each.fall, which);
      }
    }
    const auto ratio = [](int part, int rest) { return part + rest == 0 ? 0.0 : static_cast<double>(part) / (part + rest); };
    fmt::print("{:<18} {:>4} expectations  precision {:.3f}  recall {:.3f}  (TP {} FP {} FN {} TN {})  clean {} of {}\n", name, counts.expectations, ratio(counts.hit, counts.wolf), ratio(counts.hit, counts.miss),
               counts.hit, counts.wolf, counts.miss, counts.quiet, counts.clean_alarms, parts.batches.size());
  }
  if (arguments.list) fmt::print("{}", suites["suggested by harm"]);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.faults = {"all"};
  CLI::App app("does an alarm mean harm to a model");
  arguments.add_to(app, "name the wrong predictions and print the suite");
  app.add_option("config", arguments.config)->required();
  app.add_option("--corruptions", arguments.corruptions);
  app.add_option("--harm", arguments.harm);
  app.add_option("--weight", arguments.weight);
  app.add_option("--cases", arguments.cases);
  CLI11_PARSE(app, argc, argv);
  run(arguments);
  return 0;
}
