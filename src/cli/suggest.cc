// cupel suggest: a suite derived from clean batches.

#include <cstdio>

#include "base/files.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/load_model.h"
#include "model/metrics.h"
#include "model/model_card.h"
#include "model/predictor.h"
#include "prove/suggestion.h"
#include "source/read.h"

namespace cupel::cli {
namespace {

struct Options {
  std::vector<std::string> data;
  DataOptions read;
  std::int64_t batch_rows = 0;
  std::string batches_by;
  std::string false_alarms = "1%";
  std::vector<std::string> faults;
  std::string output = "-";
  std::string date;
  std::uint64_t seed = 1;
  bool all = false;
  std::string model;
  std::string target;
  std::string positive;
  std::string harm = "3%";
};

Result<double> share_of(std::string_view option, const std::string& word) {
  std::string_view text = word;
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto value = parse_number(trim(text));
  const double share = value ? (percent ? *value / 100 : *value) : -1;
  if (!(share > 0 && share <= 0.5)) return fail("{} '{}', expected a share above 0 up to 50 %, such as 1%", option, shorten(word, 40));
  return share;
}

Result<prove::History> read_history(const Options& options) {
  std::vector<table::Table> tables;
  for (const std::string& path : options.data) {
    DataOptions one = options.read;
    one.path = path;
    ASSIGN_OR_RETURN(auto source, open_data(one));
    ASSIGN_OR_RETURN(const auto where, where_option(one));
    if (where) {
      ASSIGN_OR_RETURN(source, source::open_filtered(std::move(source), *where));
    }
    ASSIGN_OR_RETURN(tables.emplace_back(), source::read_table(*source));
  }
  if (tables.size() > 1 && !options.batches_by.empty()) return fail("--batches-by with {} files, expected either: each file is a batch", tables.size());
  if (tables.size() > 1) return prove::make_history(std::move(tables), options.data, options.batch_rows);
  return prove::make_history(std::move(tables.front()), options.batches_by, options.batch_rows);
}

/// The model's AUC on rows with a known target, and the columns that it reads.
Result<prove::Harm> harm_of(const Options& options, const table::Table& clean) {
  prove::Harm harm;
  ASSIGN_OR_RETURN(harm.most, share_of("--harm", options.harm));
  ASSIGN_OR_RETURN(NamedModel loaded, load_named_model(options.model));
  const auto predictor = std::make_shared<const model::Predictor>(std::move(loaded.predictor));
  const std::string target = options.target.empty() ? predictor->card().target : options.target;
  const std::string positive = options.positive.empty() ? predictor->card().positive : options.positive;
  if (target.empty()) return fail_with_hint(fmt::format("the model '{}' does not say what it predicts", options.model), "--target names the column");
  TRY(clean.column(target));
  TRY(predictor->check_columns(clean));
  // Scored once here, so that a mistake in the target has its own words.
  ASSIGN_OR_RETURN(const model::Scores scores, predictor->score(clean));
  TRY(model::make_evaluation(scores, clean, target, positive));
  for (const model::Port& input : predictor->inputs()) {
    if (const auto field = clean.schema().find(input.name)) harm.fields.push_back(*field);
  }
  ASSIGN_OR_RETURN(const model::Metric* const metric, model::find_metric("auc"));
  harm.of = fmt::format("the AUC of '{}' for '{}'", options.model, target);
  harm.score = [=](const table::Table& rows) -> std::optional<double> {
    const auto scored = predictor->score(rows);
    if (!scored) return std::nullopt;
    const auto evaluation = model::make_evaluation(*scored, rows, target, positive);
    if (!evaluation) return std::nullopt;
    const double value = model::metric_value(*metric, *evaluation);
    return value == value ? std::optional(value) : std::nullopt;
  };
  return harm;
}

Result<int> suggest(const Options& options) {
  prove::SuggestOptions wanted;
  ASSIGN_OR_RETURN(wanted.false_alarms, share_of("--false-alarms", options.false_alarms));
  if (!options.faults.empty()) {
    ASSIGN_OR_RETURN(wanted.faults, prove::select_faults(options.faults));
  }
  wanted.seed = options.seed;
  wanted.threads = options.read.threads;
  wanted.keep_all = options.all;
  wanted.date = options.date.empty() ? utc_now().substr(0, 10) : options.date;
  ASSIGN_OR_RETURN(prove::History history, read_history(options));
  history.source = options.data.size() == 1 ? fs::path(options.data.front()).filename().string() : fmt::format("{} files", options.data.size());

  if (!options.model.empty()) {
    if (options.all) return fail("--all with --model, expected either: with a model only what tells harm is kept");
    ASSIGN_OR_RETURN(wanted.harm, harm_of(options, history.rows));
  } else if (!options.target.empty()) {
    return fail("--target without --model, expected both");
  }

  Progress progress("trying faults", 100);
  wanted.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  ASSIGN_OR_RETURN(const prove::Suggestion suggestion, prove::suggest(history, wanted));
  progress.finish();
  const std::string text = prove::suggested_suite(suggestion, history, wanted);
  if (options.output == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  TRY(write_file(options.output, text, Durable::no));
  fmt::print("{} expectations of {} considered, in {}\n", suggestion.expectations.size(), suggestion.candidates, options.output);
  const auto of = [](std::int64_t part, std::int64_t all) {
    return fmt::format("{} of {} ({})", with_thousands(part), with_thousands(all), percent_text(static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, all))));
  };
  fmt::print("for clean batches of {} rows: an alarm in at most {} of them\n", with_thousands(history.next_rows), percent_text(wanted.false_alarms));
  if (wanted.harm) {
    fmt::print("{} faults that lower {} by more than {} are caught; {} others alarm\n", of(suggestion.killed, suggestion.harmful), wanted.harm->of, percent_text(wanted.harm->most),
               of(suggestion.harmless_alarms, suggestion.cases - suggestion.harmful));
  } else {
    fmt::print("{} faults tried are caught\n", of(suggestion.killed, suggestion.cases));
  }
  for (const std::string& note : suggestion.notes) fmt::print("note: {}\n", note);
  fmt::print("next: read it, correct the reasons; cupel prove {} --baseline {} shows what it lets through\n", options.output, options.data.front());
  return 0;
}

}  // namespace

Result<int> suggest_command(std::span<const std::string> words) {
  Options options;
  CLI::App app("Derives a suite from clean data: limits that hold on the next clean batch, each with its reason.", "suggest");
  app.add_option("data", options.data, "clean data: one table, or one file a batch, in order")->required()->type_name("D");
  add_data_options(app, options.read, DataRequired::no);
  app.remove_option(app.get_option("--data"));
  app.add_option("--batch-rows", options.batch_rows, "rows of the batch that the limits are for (default: the median batch; a fifth of a single table)")->type_name("N")->check(CLI::PositiveNumber);
  app.add_option("--batches-by", options.batches_by, "column that tells real batches apart, such as a week")->type_name("COLUMN");
  app.add_option("--false-alarms", options.false_alarms, "share of clean batches on which the suite may alarm")->type_name("SHARE")->capture_default_str();
  app.add_option("--faults", options.faults, "faults to be caught, by name, group or catalogue (default: all; see cupel list data_faults)")->delimiter(',')->type_name("NAMES");
  app.add_flag("--all", options.all, "keep also expectations that catch nothing that others do not");
  app.add_option("--model", options.model, "alarm on damage that this model of two classes does not bear: a folder, file or NAME@ALIAS")->type_name("MODEL");
  app.add_option("--target", options.target, "with --model: the column that it predicts (default: what its model.json says)")->type_name("COLUMN");
  app.add_option("--positive", options.positive, "with --model: the class of interest (default: what its model.json says)")->type_name("CLASS");
  app.add_option("--harm", options.harm, "with --model: the fall of its AUC, relative, from which on damage is harm")->type_name("SHARE")->capture_default_str();
  app.add_option("--date", options.date, "for 'derived' (default: today)")->type_name("DATE");
  app.add_option("--seed", options.seed, "of the faults that are tried")->type_name("N")->capture_default_str();
  app.add_option("-o,--output", options.output, "the suite (default: standard output)")->type_name("SUITE");
  PARSE_OR_RETURN(app, words);
  return suggest(options);
}

}  // namespace cupel::cli
