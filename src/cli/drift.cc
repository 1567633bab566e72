// cupel drift: has the data drifted from a reference?

#include <algorithm>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/load_model.h"
#include "cli/result_output.h"
#include "drift/induce.h"
#include "drift/table_drift.h"
#include "model/model_card.h"
#include "model/predictor.h"
#include "table/rows_where.h"
#include "table/splits.h"

namespace cupel::cli {
namespace {

struct DriftWords {
  std::string suite, model, split, unit, correction, alpha;
  DataOptions current;
  std::string reference, reference_where, current_where;
  std::vector<std::string> columns, excluded, kinds, margins, induced;
  ResultOptions result;
  bool no_reasons = false;
  std::uint64_t seed = 1;
};

Result<double> parse_share(std::string_view what, std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto number = parse_number(percent ? text.substr(0, text.size() - 1) : text);
  const double share = number ? *number / (percent ? 100 : 1) : -1;
  if (!(share > 0) || share > 1)
    return fail("{} is '{}', expected a share such as 10% (more than 0%, at most 100%)", what, shorten(text, 60));
  return share;
}

Result<drift::DriftOptions> parse_options(const DriftWords& words) {
  drift::DriftOptions options;
  options.columns = words.columns;
  options.excluded = words.excluded;
  options.seed = words.seed;
  options.threads = words.current.threads;
  for (const std::string& word : words.margins) {
    const std::size_t equals = word.rfind('=');
    ASSIGN_OR_RETURN(const double share, parse_share("--margin", equals == std::string::npos ? word : word.substr(equals + 1)));
    if (equals == std::string::npos)
      options.margin = share;
    else
      options.margins[word.substr(0, equals)] = share;
  }
  for (const std::string& word : words.kinds) {
    const std::size_t equals = word.rfind('=');
    const std::string kind = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (kind == "text")
      options.kinds[word.substr(0, equals)] = drift::Kind::text;
    else if (kind == "category")
      options.kinds[word.substr(0, equals)] = drift::Kind::category;
    else if (kind == "ordered")
      options.kinds[word.substr(0, equals)] = drift::Kind::ordered;
    else
      return fail("--kind is '{}', expected COLUMN=category, COLUMN=ordered or COLUMN=text", shorten(word, 60));
  }
  return options;
}

/// What the command line says of the test wins over the suite.
Result<void> override_rule(const DriftWords& words, drift::DriftOptions& options) {
  if (!words.alpha.empty()) {
    ASSIGN_OR_RETURN(options.rule.alpha, parse_share("--alpha", words.alpha));
    if (options.rule.alpha >= 1) return fail("--alpha is '{}', expected less than 100%", words.alpha);
  }
  if (!words.correction.empty()) {
    const auto correction = stats::correction_named(words.correction);
    if (!correction) return fail("unknown correction '{}', expected holm or bh", shorten(words.correction, 60));
    options.rule.correction = *correction;
  }
  if (!words.unit.empty()) options.unit = words.unit;
  return {};
}

struct Samples {
  table::Table reference, current;
  suite::Report::Data reference_data, current_data;
  Json extra = Json::object();
};

suite::Report::Data describe(const table::BatchSource::Origin& origin, const table::Table& table) {
  return {origin.path, table.num_rows(), static_cast<std::int64_t>(table.schema().fields.size()), origin.digest, origin.note};
}

Result<void> keep_rows(table::Table& table, const std::string& expression, std::string_view place) {
  if (expression.empty()) return {};
  ASSIGN_OR_RETURN(const auto rows, table::rows_where(table, expression, place));
  table = table.take(rows);
  return {};
}

/// `group=Clothing ID,share=20%,salt=x`.
Result<table::HashSplit> parse_split(std::string_view text) {
  table::HashSplit split;
  const std::vector<std::string> known = {"group", "salt", "share"};
  for (const std::string_view part : ::cupel::split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string key(part.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    if (value.empty() || std::ranges::find(known, key) == known.end())
      return fail("--split has '{}', expected model, or group=COLUMN,share=20%,salt=TEXT{}", shorten(part, 60), nearest_note(key, known));
    if (key == "group") split.group = value;
    if (key == "salt") split.salt = value;
    if (key == "share") {
      ASSIGN_OR_RETURN(split.share, parse_share("--split share", value));
    }
  }
  if (split.share >= 1) return fail("--split share is 100%, expected less");
  return split;
}

/// One file cut in two: what training could see is the reference, what it never saw is current.
Result<void> cut(Samples& samples, const std::string& text, const std::optional<model::ModelCard>& card) {
  const table::Table whole = std::move(samples.reference);
  if (text == "model") {
    if (!card) return fail_with_hint("--split model without a model", "pass --model, or --split group=COLUMN,share=20%");
    ASSIGN_OR_RETURN(const auto training, model::rows_of_part(*card, whole, model::Part::training));
    ASSIGN_OR_RETURN(const auto held_out, model::rows_of_part(*card, whole, model::Part::held_out));
    samples.reference = whole.take(training);
    samples.current = whole.take(held_out);
    samples.extra["split"] = {{"by", card->split->group}, {"held_out", card->split->share}, {"of", "the model's own training"}};
    return {};
  }
  ASSIGN_OR_RETURN(const table::HashSplit split, parse_split(text));
  ASSIGN_OR_RETURN(const std::vector<bool> out, table::held_out(whole, split));
  std::vector<std::int64_t> training, held_out;
  for (std::size_t row = 0; row < out.size(); ++row) (out[row] ? held_out : training).push_back(static_cast<std::int64_t>(row));
  samples.reference = whole.take(training);
  samples.current = whole.take(held_out);
  samples.extra["split"] = {{"by", split.group}, {"held_out", split.share}, {"salt", split.salt}};
  return {};
}

Result<Samples> read_samples(const DriftWords& words, const DataOptions& reference, const DataOptions& current,
                             const std::optional<model::ModelCard>& card) {
  Samples samples;
  const bool one_file = !words.split.empty();
  if (one_file && !current.path.empty() && current.path != reference.path) {
    return fail_with_hint("--split cuts one file, but --reference and --current name two", "leave --current out");
  }
  ASSIGN_OR_RETURN(const auto reference_source, open_data(reference));
  ASSIGN_OR_RETURN(samples.reference, source::read_table(*reference_source));
  ASSIGN_OR_RETURN(const auto reference_origin, reference_source->origin());
  auto current_origin = reference_origin;
  if (one_file) {
    TRY(cut(samples, words.split, card));
  } else {
    if (current.path.empty()) return fail_with_hint("no current data", "give --current, or --split to cut the reference in two");
    ASSIGN_OR_RETURN(const auto current_source, open_data(current));
    ASSIGN_OR_RETURN(samples.current, source::read_table(*current_source));
    ASSIGN_OR_RETURN(current_origin, current_source->origin());
  }
  TRY(keep_rows(samples.reference, current.where, "--where"));
  TRY(keep_rows(samples.current, current.where, "--where"));
  TRY(keep_rows(samples.reference, words.reference_where, "--reference-where"));
  TRY(keep_rows(samples.current, words.current_where, "--current-where"));
  Json induced = Json::array();
  for (const std::string& text : words.induced) {
    ASSIGN_OR_RETURN(drift::Induced change, drift::induce(samples.current, text, words.seed));
    samples.current = std::move(change.table);
    induced.push_back({{"change", change.change}, {"rows_changed", change.rows_changed}, {"share_changed", change.share_changed}});
  }
  if (!induced.empty()) samples.extra["induced"] = induced;
  samples.reference_data = describe(reference_origin, samples.reference);
  samples.current_data = describe(current_origin, samples.current);
  for (const Json& change : induced) {
    samples.current_data.note += fmt::format("{}induced drift: {} ({} of rows)", samples.current_data.note.empty() ? "" : "; ",
                                             change["change"].get<std::string>(), percent_text(change["share_changed"].get<double>()));
  }
  return samples;
}

std::vector<double> first_scores(const model::Predictor& predictor, const model::Scores& scores) {
  if (!scores.is_classifier()) return scores.values;
  std::size_t positive = scores.classes.size() - 1;
  if (const auto named = scores.class_index(predictor.card().positive)) positive = *named;
  std::vector<double> out;
  for (std::int64_t row = 0; row < scores.num_rows; ++row) out.push_back(scores.probability(row, positive));
  return out;
}

Result<drift::ModelScores> score(const NamedModel& loaded, const Samples& samples, int threads) {
  model::ScoreOptions options;
  options.threads = threads;
  drift::ModelScores out{loaded.name, {}, {}};
  ASSIGN_OR_RETURN(const model::Scores before, loaded.predictor.score(samples.reference, options));
  ASSIGN_OR_RETURN(const model::Scores after, loaded.predictor.score(samples.current, options));
  out.reference = first_scores(loaded.predictor, before);
  out.current = first_scores(loaded.predictor, after);
  return out;
}

void describe_rule(const drift::DriftOptions& options, suite::Report& report) {
  report.extra["alpha"] = options.rule.alpha;
  report.extra["correction"] = stats::correction_name(options.rule.correction);
  if (!options.unit.empty()) {
    report.extra["unit"] = options.unit;
    const std::string note = fmt::format("rows of one '{}' count as one unit: tests shuffle whole units", options.unit);
    report.data.note += (report.data.note.empty() ? "" : "; ") + note;
  }
}

Result<int> run_drift(DriftWords& words) {
  const Stopwatch watch;
  suite::Report report;
  report.started = utc_now();
  ASSIGN_OR_RETURN(drift::DriftOptions options, parse_options(words));
  std::optional<suite::Suite> suite;
  DataOptions reference = words.current;
  reference.path = words.reference;
  if (!words.suite.empty()) {
    suite::LoadOptions load = drift::load_options();
    load.reasons_required = !words.no_reasons;
    ASSIGN_OR_RETURN(suite, suite::load_suite(words.suite, load));
    TRY(drift::read_suite_options(*suite, options));
    TRY(take_defaults(reference, suite->root.find("reference")));
    if (words.split.empty()) TRY(take_defaults(words.current, suite->root.find("data")));
  }
  TRY(override_rule(words, options));
  if (reference.path.empty()) return fail_with_hint("no reference data", "give --reference, or 'reference: {path: …}' in the suite");
  std::optional<NamedModel> loaded;
  if (!words.model.empty()) {
    ASSIGN_OR_RETURN(loaded, load_named_model(words.model));
  }
  const std::optional<model::ModelCard> card = loaded ? std::optional(loaded->predictor.card()) : std::nullopt;
  ASSIGN_OR_RETURN(const Samples samples, read_samples(words, reference, words.current, card));
  std::optional<drift::ModelScores> scores;
  if (loaded) {
    ASSIGN_OR_RETURN(scores, score(*loaded, samples, words.current.threads));
  }
  Progress progress("comparing", 100);
  options.progress = [&progress](std::uint64_t done, std::uint64_t total) {
    progress.advance_to(done * 100 / std::max<std::uint64_t>(1, total));
  };
  if (suite) {
    ASSIGN_OR_RETURN(report.results, drift::drift_of_suite(*suite, samples.reference, samples.current, scores, options));
  } else {
    ASSIGN_OR_RETURN(report.results, drift::drift_of_tables(samples.reference, samples.current, scores, options));
  }
  progress.finish();
  report.kind = "drift";
  report.suite = suite ? suite->name : "drift";
  report.about = suite ? suite->about : "";
  report.data = samples.current_data;
  report.reference = samples.reference_data;
  report.extra = samples.extra;
  if (loaded) report.extra["model"] = {{"id", loaded->name}, {"digest", loaded->digest}};
  report.seed = words.seed;
  describe_rule(options, report);
  report.seconds = watch.seconds();
  return emit(report, words.result);
}

}  // namespace

Result<int> drift_command(std::span<const std::string> words) {
  DriftWords options;
  CLI::App app("Has the data drifted from a reference? Every column and the dataset, corrected for the number of tests, with effect sizes.",
               "drift");
  app.add_option("suite", options.suite, "a drift suite, a YAML file (default: every column)")->type_name("SUITE");
  app.add_option("--reference", options.reference, "what the data should look like")->type_name("R");
  app.add_option("--current", options.current.path, "the data that may have drifted")->type_name("C");
  app.add_option(
         "--split", options.split,
         "cut the reference in two instead: 'model' (what training saw against what it held out) or group=COLUMN,share=20%,salt=TEXT")
      ->type_name("RULE");
  app.add_option("--model", options.model, "also compare the scores of this model: a file, a folder or a registry id")->type_name("M");
  app.add_option("--unit", options.unit, "rows of equal value in this column belong together and count as one draw")->type_name("COLUMN");
  app.add_option("--where", options.current.where, "only rows for which this expression is true, on both sides")->type_name("EXPR");
  app.add_option("--reference-where", options.reference_where, "the same for the reference alone")->type_name("EXPR");
  app.add_option("--current-where", options.current_where, "the same for the current data alone")->type_name("EXPR");
  app.add_option("--columns", options.columns, "only these columns")->type_name("COLUMN")->delimiter(',');
  app.add_option("--exclude", options.excluded, "not these columns")->type_name("COLUMN")->delimiter(',');
  app.add_option("--kind", options.kinds, "how to look at a column: COLUMN=category, ordered or text")
      ->type_name("COLUMN=KIND")
      ->allow_extra_args(false);
  app.add_option("--margin", options.margins, "smaller distances do not matter (default 10%); COLUMN=SHARE for one column")
      ->type_name("SHARE")
      ->allow_extra_args(false);
  app.add_option("--alpha", options.alpha, "chance of any false alarm (default 1%)")->type_name("SHARE");
  app.add_option("--correction", options.correction, "for the number of tests: holm (default) or bh")->type_name("NAME");
  app.add_option("--induce", options.induced,
                 "put drift of known size into the current data: \"Age:+5\", \"Department Name:Tops->Dresses:10%\", \"Title:null:5%\"")
      ->type_name("CHANGE")
      ->allow_extra_args(false);
  app.add_option("--encoding", options.current.encoding, "of CSV files: utf-8 (default), latin1, windows-1252, utf-16")->type_name("NAME");
  app.add_option("--delimiter", options.current.delimiter, "of CSV files: one character, or tab")->type_name("C");
  app.add_option("--null", options.current.nulls, "a field that stands for null, as often as needed")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("--type", options.current.types, "type of a column: NAME=text, integer, number, boolean or timestamp")
      ->type_name("NAME=TYPE")
      ->allow_extra_args(false);
  app.add_option("--threads", options.current.threads, "threads to use (default: one a core); the result does not depend on it")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_option("--seed", options.seed, "for everything that is drawn")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  return run_drift(options);
}

}  // namespace cupel::cli
