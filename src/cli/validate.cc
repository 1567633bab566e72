// cupel validate: robustness expectations on a loaded model.

#include <algorithm>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/load_model.h"
#include "cli/result_output.h"
#include "model/model_card.h"
#include "model/predictor.h"
#include "robustness/validation.h"
#include "table/rows_where.h"

namespace cupel::cli {
namespace {

struct ValidateWords {
  std::string suite, model, against, part, target, positive, group;
  DataOptions data;
  ResultOptions result;
  bool no_reasons = false;
  bool rows_are_independent = false;
  std::uint64_t seed = 1;
};

struct CardedModel {
  robustness::LoadedModel model;
  model::ModelCard card;
};

Result<CardedModel> load_with_card(const std::string& word) {
  ASSIGN_OR_RETURN(NamedModel loaded, load_named_model(word));
  model::ModelCard card = loaded.predictor.card();
  return CardedModel{robustness::LoadedModel::of(loaded.name, loaded.digest, std::make_shared<const model::Predictor>(std::move(loaded.predictor))), std::move(card)};
}

Result<robustness::LoadedModel> load_model(const std::string& word) {
  ASSIGN_OR_RETURN(CardedModel loaded, load_with_card(word));
  return std::move(loaded.model);
}

/// The rows that training did not see, unless others are asked for by name.
Result<model::Part> choose_part(const ValidateWords& words, const model::ModelCard& card) {
  if (!words.part.empty()) return model::parse_part(words.part);
  if (card.split) return model::Part::held_out;
  return fail_with_hint("the model does not record which rows it was trained on",
                        "--part all takes every row, if you know that it has seen none of them");
}

struct RowsUnderTest {
  table::Table table;
  std::vector<std::int64_t> numbers;  ///< of the rows in the file
  table::BatchSource::Origin origin;
  std::string part;
};

Result<RowsUnderTest> read_rows(const ValidateWords& words, const model::ModelCard& card) {
  ASSIGN_OR_RETURN(const model::Part part, choose_part(words, card));
  ASSIGN_OR_RETURN(const auto source, open_data(words.data));
  ASSIGN_OR_RETURN(const table::Table whole, source::read_table(*source));
  RowsUnderTest out;
  ASSIGN_OR_RETURN(out.origin, source->origin());
  const bool same_file = card.data_digest.ends_with(out.origin.digest) && !out.origin.digest.empty();
  if (part != model::Part::all && card.split && card.split->group.empty() && !card.data_digest.empty() && !same_file) {
    return fail_with_hint(
        "the model was split by row number, but these are not the bytes that it was trained on, so its held-out rows cannot be told",
        "--part all, or a split by a group column at training");
  }
  out.part = part == model::Part::held_out ? "held_out" : part == model::Part::training ? "training" : "all";
  ASSIGN_OR_RETURN(out.numbers, model::rows_of_part(card, whole, part));
  if (!words.data.where.empty()) {
    ASSIGN_OR_RETURN(const auto wanted, table::rows_where(whole, words.data.where, "--where"));
    std::vector<std::int64_t> both;
    std::ranges::set_intersection(out.numbers, wanted, std::back_inserter(both));
    out.numbers = std::move(both);
  }
  out.table = whole.take(out.numbers);
  if (out.table.num_rows() == 0)
    return fail("no rows to test: {} rows in the data, none is left after part '{}'{}", whole.num_rows(), out.part,
                words.data.where.empty() ? "" : " and --where");
  return out;
}

Result<robustness::TrialOptions> trial_options(const ValidateWords& words, const model::ModelCard& card, const RowsUnderTest& rows) {
  robustness::TrialOptions options;
  options.target = words.target.empty() ? card.target : words.target;
  if (options.target.empty()) return fail_with_hint("the model does not record its target", "pass --target COLUMN");
  options.positive = words.positive.empty() ? card.positive : words.positive;
  options.group = words.group;
  if (options.group.empty() && !words.rows_are_independent && card.split && rows.table.schema().find(card.split->group))
    options.group = card.split->group;
  options.row_numbers = rows.numbers;
  options.seed = words.seed;
  options.threads = words.data.threads;
  options.load = load_model;
  if (!words.against.empty()) {
    ASSIGN_OR_RETURN(options.against, load_model(words.against));
  }
  return options;
}

std::string note_of(const RowsUnderTest& rows, const robustness::TrialOptions& options) {
  std::string note = rows.part == "held_out"   ? "rows that training never saw"
                     : rows.part == "training" ? "rows that the model was trained on"
                                               : "all rows, whatever training saw";
  if (!options.group.empty()) note += fmt::format("; rows of one '{}' come and go together in intervals", options.group);
  return rows.origin.note.empty() ? note : rows.origin.note + "; " + note;
}

Result<int> validate(ValidateWords& words) {
  const Stopwatch watch;
  suite::Report report;
  report.started = utc_now();
  suite::LoadOptions load = robustness::load_options();
  load.reasons_required = !words.no_reasons;
  ASSIGN_OR_RETURN(const suite::Suite suite, suite::load_suite(words.suite, load));
  ASSIGN_OR_RETURN(const robustness::Validation validation, robustness::Validation::make(suite));
  TRY(take_defaults(words.data, suite.root.find("data")));
  ASSIGN_OR_RETURN(CardedModel loaded, load_with_card(words.model));
  const model::ModelCard& card = loaded.card;
  ASSIGN_OR_RETURN(const RowsUnderTest rows, read_rows(words, card));
  ASSIGN_OR_RETURN(const robustness::TrialOptions options, trial_options(words, card, rows));
  report.kind = "model";
  report.suite = suite.name;
  report.about = suite.about;
  report.data = {rows.origin.path, rows.table.num_rows(), static_cast<std::int64_t>(rows.table.schema().fields.size()), rows.origin.digest,
                 note_of(rows, options)};
  report.extra = {{"model", {{"id", loaded.model.name}, {"digest", loaded.model.digest}}}, {"part", rows.part}};
  if (!options.group.empty()) report.extra["unit"] = options.group;
  if (options.against) report.extra["against"] = {{"id", options.against->name}, {"digest", options.against->digest}};
  ASSIGN_OR_RETURN(robustness::Trial trial, robustness::Trial::make(std::move(loaded.model), rows.table, options));
  Progress progress("validating", 100);
  report.results =
      validation.judge(trial, [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(done * 100 / total); });
  progress.finish();
  report.seed = words.seed;
  report.seconds = watch.seconds();
  return emit(report, words.result);
}

}  // namespace

Result<int> validate_command(std::span<const std::string> words) {
  ValidateWords options;
  CLI::App app("Robustness expectations on a model: quality, gain, perturbations, worst slices, calibration, each decided by an interval.",
               "validate");
  app.add_option("suite", options.suite, "the suite, a YAML file")->required()->type_name("SUITE");
  app.add_option("--model", options.model, "a file, a folder or a registry id")->required()->type_name("M");
  add_data_options(app, options.data, DataRequired::no);
  app.add_option("--part", options.part, "of the data, by the model's own split: held_out (default), training or all")->type_name("PART");
  app.add_option("--against", options.against, "a second model, for 'gain … over: against'")->type_name("M2");
  app.add_option("--target", options.target, "column of the truth (default: the model's)")->type_name("COLUMN");
  app.add_option("--positive", options.positive, "class of interest (default: the model's)")->type_name("CLASS");
  auto* group = app.add_option("--unit", options.group,
                               "rows of equal value in this column belong together (default: the column that the model was split by)")
                    ->type_name("COLUMN");
  app.add_flag("--rows-are-independent", options.rows_are_independent,
               "intervals take every row as a draw of its own, whatever the model was split by")
      ->excludes(group);
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_option("--seed", options.seed, "for perturbations and intervals")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  return validate(options);
}

}  // namespace cupel::cli
