// cupel predict: scores rows with a model.

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "base/json.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/load_model.h"
#include "model/input_check.h"
#include "model/predictor.h"
#include "source/write.h"
#include "table/rows_where.h"

namespace cupel::cli {
namespace {

struct PredictWords {
  std::string model, output, part = "all", custom_operators, json;
  std::vector<std::string> keep;
  DataOptions data;
  bool quiet = false, strict = false;
};

/// Positions of the rows to score: of the part, and where the expression is true.
Result<std::vector<std::int64_t>> choose_rows(const PredictWords& words, const model::ModelCard& card, const table::Table& table, const std::string& digest) {
  ASSIGN_OR_RETURN(const model::Part part, model::parse_part(words.part));
  if (part != model::Part::all && card.split && card.split->group.empty() && !card.data_digest.empty() && !card.data_digest.ends_with(digest)) {
    return fail_with_hint(fmt::format("the model was split by row number over other data than '{}', so its {} rows cannot be told", words.data.path, words.part),
                          "--part all, or a split by a group column at training");
  }
  ASSIGN_OR_RETURN(std::vector<std::int64_t> rows, model::rows_of_part(card, table, part));
  if (words.data.where.empty()) return rows;
  ASSIGN_OR_RETURN(const std::vector<std::int64_t> kept, table::rows_where(table, words.data.where, "--where"));
  std::vector<std::int64_t> both;
  std::ranges::set_intersection(rows, kept, std::back_inserter(both));
  return both;
}

/// `row`, `prediction`, the probabilities, then the kept columns.
struct Answer {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;

  table::ColumnBuilder& add(std::string name, table::Type type) {
    schema.fields.push_back({std::move(name), type});
    return columns.emplace_back(type);
  }
};

void add_scores(Answer& answer, const model::Scores& scores, const model::ModelCard& card) {
  if (!scores.is_classifier()) {
    table::ColumnBuilder& prediction = answer.add("prediction", table::Type::number);
    for (const double value : scores.values) prediction.append(value);
    return;
  }
  table::ColumnBuilder& prediction = answer.add("prediction", table::Type::text);
  for (const std::uint32_t label : scores.labels) prediction.append(std::string_view(scores.classes[label]));
  const auto add_class = [&](std::size_t k, std::string name) {
    table::ColumnBuilder& probability = answer.add(std::move(name), table::Type::number);
    for (std::int64_t row = 0; row < scores.num_rows; ++row) probability.append(static_cast<double>(scores.probability(row, k)));
  };
  if (scores.classes.size() == 2) {
    const auto positive = scores.class_index(card.positive);
    add_class(positive ? *positive : 1, "probability");
    return;
  }
  for (std::size_t k = 0; k < scores.classes.size(); ++k) add_class(k, "probability_" + scores.classes[k]);
}

Result<void> add_kept(Answer& answer, const std::vector<std::string>& names, const table::Table& scored) {
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const table::Column column, scored.column(name));
    if (answer.schema.find(name)) return fail("column '{}' stands in the output already", name);
    table::ColumnBuilder& kept = answer.add(name, column.type);
    for (std::int64_t row = 0; row < column.num_rows; ++row) kept.append_from(column, row);
  }
  return {};
}

Json findings_json(const std::vector<model::InputFinding>& findings) {
  Json list = Json::array();
  for (const model::InputFinding& finding : findings) {
    Json entry{{"level", level_name(finding.level)}, {"column", finding.column}, {"kind", finding.kind}, {"message", finding.text}};
    if (finding.count > 0) entry["count"] = finding.count;
    for (const auto& [row, value] : finding.examples) {
      Json example{{"row", row}};
      if (!value.empty()) example["value"] = value;
      entry["examples"].push_back(std::move(example));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

/// Tells what stands against scoring these rows. An error where something is refused, or warned of and --strict; nothing has been written then.
Result<void> check_rows(const PredictWords& words, const NamedModel& loaded, const table::Table& table, const std::vector<std::int64_t>& rows) {
  const std::vector<model::InputFinding> findings = model::check_input(loaded.predictor.inputs(), loaded.predictor.card(), table, rows);
  const auto worst = findings.empty() ? model::InputLevel::accepted : findings.front().level;
  if (!words.json.empty()) {
    const Json json{{"format", 1}, {"cupel", CUPEL_VERSION}, {"model", loaded.name}, {"digest", loaded.digest}, {"data", words.data.path}, {"rows", table.num_rows()},
                    {"verdict", level_name(worst)}, {"findings", findings_json(findings)}};
    const std::string text = json_text(json);
    if (words.json != "-") {
      TRY(write_file(words.json, text));
    } else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
      return system_error("write", "standard output");
    }
  }
  std::vector<std::string> refused;
  for (const model::InputFinding& finding : findings) {
    if (finding.level == model::InputLevel::refused) refused.push_back(finding.text);
    if (finding.level == model::InputLevel::warned) fmt::print(stderr, "cupel predict: warning: {}\n", finding.text);
  }
  if (!refused.empty()) return fail("{}", fmt::join(refused, "; "));
  if (words.strict && worst == model::InputLevel::warned) return fail("the rows are unlike those that the model was made from, and --strict refuses them");
  return {};
}

Result<int> run_prediction(const PredictWords& words) {
  const Stopwatch watch;
  ASSIGN_OR_RETURN(const NamedModel loaded, load_named_model(words.model, words.custom_operators));
  const model::Predictor& predictor = loaded.predictor;
  ASSIGN_OR_RETURN(const std::unique_ptr<table::BatchSource> source, open_data(words.data));
  ASSIGN_OR_RETURN(const table::Table whole, source::read_table(*source));
  if (words.json == "-" && words.output == "-") return fail("both the scores and --json to standard output, expected one of them in a file");
  for (const std::string& name : words.keep) TRY(whole.column(name));
  ASSIGN_OR_RETURN(const table::BatchSource::Origin origin, source->origin());
  ASSIGN_OR_RETURN(const std::vector<std::int64_t> rows, choose_rows(words, predictor.card(), whole, origin.digest));
  const table::Table scored = whole.take(rows);
  TRY(check_rows(words, loaded, scored, rows));

  model::ScoreOptions options;
  options.threads = words.data.threads;
  Progress progress("scoring", static_cast<std::uint64_t>(scored.num_rows()));
  options.progress = [&progress](std::uint64_t done, std::uint64_t) { progress.advance_to(done); };
  const Stopwatch scoring;
  ASSIGN_OR_RETURN(const model::Scores scores, predictor.score(scored, options));
  const double seconds = scoring.seconds();
  progress.finish();

  Answer answer;
  table::ColumnBuilder& number = answer.add("row", table::Type::integer);
  for (const std::int64_t row : rows) number.append(row);
  add_scores(answer, scores, predictor.card());
  TRY(add_kept(answer, words.keep, scored));
  TRY(source::write_table(words.output, table::Table(std::move(answer.schema), std::move(answer.columns))));
  if (words.output == "-" || words.json == "-") return 0;
  fmt::print("{} rows scored into {} ({}; {} rows/s in the model)\n", with_thousands(scored.num_rows()), words.output, duration_text(watch.seconds()),
             with_thousands(static_cast<std::int64_t>(static_cast<double>(scored.num_rows()) / std::max(seconds, 1e-9))));
  return 0;
}

}  // namespace

Result<int> predict_command(std::span<const std::string> words) {
  CLI::App app("Scores rows: writes row (from 0), prediction and probability of each.", "predict");
  PredictWords predict;
  app.add_option("MODEL", predict.model, "a model file, its folder, or name/3, name@alias, a digest of the registry")->required();
  add_data_options(app, predict.data, DataRequired::yes);
  app.add_option("-o,--output", predict.output, "CSV, or Parquet by its name; -: standard output")->required()->type_name("OUT");
  app.add_option("--keep", predict.keep, "columns of the data to write too")->type_name("COLUMN");
  app.add_option("--part", predict.part, "all, or the training or held_out part of the model's own split")->type_name("PART");
  app.add_option("--custom-operators", predict.custom_operators, "a shared library with ONNX Runtime operators of other domains; it runs in this process")->type_name("LIBRARY");
  app.add_option("--json", predict.json, "what of the rows was refused, warned of and accepted, to FILE or -")->type_name("FILE");
  app.add_flag("--strict", predict.strict, "refuse rows that are only warned of");
  app.add_flag("--quiet", predict.quiet, "no progress");
  PARSE_OR_RETURN(app, words);
  if (predict.quiet) Progress::silence();
  return run_prediction(predict);
}

}  // namespace cupel::cli
