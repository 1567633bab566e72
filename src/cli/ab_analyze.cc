// cupel ab analyze: is there a difference, and does it matter?

#include <memory>
#include <optional>
#include <utility>

#include "ab/ab_suite.h"
#include "ab/analysis.h"
#include "ab/prediction_pair.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/ab_words.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/result_output.h"

namespace cupel::cli {
namespace {

struct AnalyzeWords {
  DataOptions data;
  std::string a, b, label, metric = "accuracy", split_by, positive;
  std::string arm, outcome, unit, control, cluster, suite;
  std::string expect = "not-worse", margin = "0", confidence = "95%", ratio_alpha = "0.001", because;
  std::string weights, salt = "ab", hash = "sha256", look, spending = "obrien-fleming";
  bool always_valid = false;
  bool lower_is_better = false;
  bool no_reasons = false;
  std::uint64_t seed = 1;
  ResultOptions result;
};

Result<ab::Question> question_of(const AnalyzeWords& words) {
  ab::Question question;
  const auto claim = ab::claim_named(words.expect);
  if (!claim) {
    std::vector<std::string> known;
    for (const ab::ClaimEntry& entry : ab::claims()) known.emplace_back(entry.name);
    return fail("--expect is '{}', which is unknown{}", shorten(words.expect, 40), nearest_note(words.expect, known));
  }
  question.claim = *claim;
  ASSIGN_OR_RETURN(question.margin, amount_of("--margin", words.margin));
  if (question.margin < 0) return fail("--margin is '{}', expected 0 or more", words.margin);
  if (question.claim == ab::Claim::same && question.margin == 0)
    return fail_with_hint("--expect same without a margin", "two things are never shown to be exactly the same: give --margin");
  ASSIGN_OR_RETURN(question.confidence, amount_between("--confidence", words.confidence, 0.5, 1));
  ASSIGN_OR_RETURN(question.ratio_alpha, amount_between("--ratio-alpha", words.ratio_alpha, 0, 1));
  if (!words.look.empty()) {
    if (words.always_valid) return fail("both --look and --always-valid are given, expected one");
    ASSIGN_OR_RETURN(question.peeking, ab::parse_look(words.look, words.spending));
  }
  if (words.always_valid) question.peeking.kind = ab::Peeking::Kind::always_valid;
  question.seed = words.seed;
  question.because = words.because;
  return question;
}

struct Loaded {
  table::Table rows;
  suite::Report::Data data;
};

Result<Loaded> load(DataOptions options, const std::string& path) {
  options.path = path;
  ASSIGN_OR_RETURN(auto source, open_data(options));
  ASSIGN_OR_RETURN(auto where, where_option(options));
  if (where) {
    ASSIGN_OR_RETURN(source, source::open_filtered(std::move(source), std::move(*where)));
  }
  ASSIGN_OR_RETURN(table::Table rows, source::read_table(*source));
  ASSIGN_OR_RETURN(const auto origin, source->origin());
  suite::Report::Data data{origin.path, rows.num_rows(), static_cast<std::int64_t>(rows.schema().fields.size()), origin.digest,
                           origin.note};
  return Loaded{std::move(rows), std::move(data)};
}

/// The data are read once; each entry of a suite then asks its own question of them.
Result<ab::Analyze> table_analysis(const AnalyzeWords& words, suite::Report& report) {
  if (words.arm.empty() || (words.outcome.empty() && words.suite.empty()))
    return fail_with_hint("--data without --arm and --outcome", "name the column of arms and the column that is compared");
  ab::ArmColumns columns{words.unit, words.arm, words.outcome, words.control, words.cluster, {}, !words.lower_is_better};
  if (!words.weights.empty()) {
    ASSIGN_OR_RETURN(columns.plan, ab::parse_arms(words.weights));
  }
  ASSIGN_OR_RETURN(Loaded loaded, load(words.data, words.data.path));
  report.data = loaded.data;
  return [columns, rows = std::make_shared<const table::Table>(std::move(loaded.rows))](const std::string& outcome,
                                                                                        const ab::Question& question) {
    ab::ArmColumns asked = columns;
    // The checks of the assignment name their unit, not an outcome: any column of numbers serves them.
    if (rows->schema().find(outcome) && outcome != columns.unit && outcome != columns.arm) asked.outcome = outcome;
    if (asked.outcome.empty()) asked.outcome = outcome;
    return ab::analyze_arms(*rows, asked, question);
  };
}

Result<const ab::MetricEntry*> metric_named(const std::string& name) {
  const ab::MetricEntry* metric = ab::find_metric(name);
  if (metric != nullptr) return metric;
  std::vector<std::string> known;
  for (const ab::MetricEntry& entry : ab::metric_table()) known.emplace_back(entry.name);
  return fail("unknown metric '{}'{}", shorten(name, 40), nearest_note(name, known));
}

Result<ab::Analyze> prediction_analysis(const AnalyzeWords& words, suite::Report& report) {
  if (words.a.empty() || words.b.empty() || words.label.empty())
    return fail_with_hint("two predictions need --a, --b and --label", "files as 'cupel predict' writes them, with --keep for the label");
  const auto rule = ab::hash_rule_named(words.hash);
  if (!rule) {
    const std::vector<std::string> known(ab::hash_rule_names().begin(), ab::hash_rule_names().end());
    return fail("unknown hash '{}'{}", shorten(words.hash, 40), nearest_note(words.hash, known));
  }
  ASSIGN_OR_RETURN(const std::vector<ab::Arm> arms, ab::parse_arms(words.weights.empty() ? "a:50%,b:50%" : words.weights));
  if (arms.size() != 2) return fail("{} arms for two models, expected 2", arms.size());
  const ab::PairColumns columns{words.label, words.positive, words.split_by, words.cluster};
  ASSIGN_OR_RETURN(const Loaded a, load(words.data, words.a));
  ASSIGN_OR_RETURN(const Loaded b, load(words.data, words.b));
  report.data = a.data;
  report.data.note += fmt::format("{}A is {}, B is {}", report.data.note.empty() ? "" : "; ", words.a, words.b);
  report.reference = b.data;
  ASSIGN_OR_RETURN(ab::PredictionPair pair, ab::pair_predictions(a.rows, b.rows, columns));
  return [columns, arms, rule = *rule, salt = words.salt, pair = std::make_shared<const ab::PredictionPair>(std::move(pair))](
             const std::string& name, const ab::Question& question) -> Result<ab::Analysis> {
    // The check of the assignment names its unit instead of a metric.
    ASSIGN_OR_RETURN(const ab::MetricEntry* metric, metric_named(name == columns.unit ? "accuracy" : name));
    return ab::analyze_pair(*pair, metric->metric, columns, arms, rule, salt, question);
  };
}

/// What the suite's `experiment` states fills what the command line left open.
Result<void> take_experiment(const yaml::Node* block, AnalyzeWords& words) {
  if (block == nullptr) return {};
  const std::pair<std::string, std::string*> fields[] = {{"a", &words.a},
                                                         {"arm", &words.arm},
                                                         {"b", &words.b},
                                                         {"cluster", &words.cluster},
                                                         {"control", &words.control},
                                                         {"data", &words.data.path},
                                                         {"label", &words.label},
                                                         {"positive", &words.positive},
                                                         {"split_by", &words.split_by},
                                                         {"unit", &words.unit},
                                                         {"weights", &words.weights}};
  std::vector<std::string> known;
  for (const auto& [key, unused] : fields) known.push_back(key);
  TRY(block->only_keys(known, "'experiment'"));
  for (const auto& [key, field] : fields) {
    const yaml::Node* node = block->find(key);
    if (node == nullptr || !field->empty()) continue;
    ASSIGN_OR_RETURN(*field, suite::substitute_environment(*node));
  }
  return {};
}

Result<int> run_analyze(AnalyzeWords words) {
  const Stopwatch watch;
  suite::Report report;
  report.started = utc_now();
  std::optional<suite::Suite> suite;
  if (!words.suite.empty()) {
    suite::LoadOptions options = ab::load_options();
    options.reasons_required = !words.no_reasons;
    ASSIGN_OR_RETURN(suite, suite::load_suite(words.suite, options));
    TRY(take_experiment(suite->root.find("experiment"), words));
  }
  ASSIGN_OR_RETURN(const ab::Question question, question_of(words));
  const bool predictions = !words.a.empty() || !words.b.empty();
  if (predictions && !words.data.path.empty()) return fail("both --data and --a, --b are given, expected one of them");
  if (!predictions && words.data.path.empty())
    return fail_with_hint("nothing to analyze", "give --data with arms and outcomes, or --a and --b with predictions");
  if (predictions && !suite) TRY(metric_named(words.metric));
  ASSIGN_OR_RETURN(const ab::Analyze analyze, predictions ? prediction_analysis(words, report) : table_analysis(words, report));
  ASSIGN_OR_RETURN(ab::Analysis analysis, suite         ? ab::analyze_suite(*suite, question, analyze)
                                          : predictions ? analyze(words.metric, question)
                                                        : analyze(words.outcome, question));
  report.kind = "ab";
  report.suite = suite ? suite->name : "ab analyze";
  report.about = suite ? suite->about : words.because;
  report.seed = words.seed;
  report.extra = std::move(analysis.facts);
  if (!suite) {
    report.extra["expect"] = ab::claim_name(question.claim);
    report.extra["margin"] = question.margin;
  }
  report.extra["peeking"] = question.peeking.text();
  report.results = std::move(analysis.outcomes);
  report.seconds = watch.seconds();
  return emit(report, words.result);
}

}  // namespace

Result<int> ab_analyze(std::span<const std::string> words) {
  AnalyzeWords options;
  CLI::App app("Is there a difference between two arms, or between two models on the same rows, and does it matter?", "ab analyze");
  app.add_option("suite", options.suite, "an A/B suite, a YAML file: several claims, each with its reason")->type_name("SUITE");
  app.add_option("--a", options.a, "predictions of model A, the control, as 'cupel predict' writes them")->type_name("FILE");
  app.add_option("--b", options.b, "predictions of model B, the treatment, for the same rows")->type_name("FILE");
  app.add_option("--label", options.label, "column of the truth in both files")->type_name("COLUMN");
  app.add_option("--metric", options.metric, "accuracy, auc, brier or log_loss")->type_name("NAME")->capture_default_str();
  app.add_option("--split-by", options.split_by, "also compare as an experiment would: each unit of this column meets one model")
      ->type_name("COLUMN");
  app.add_option("--positive", options.positive, "the positive class (default: 1, true or yes)")->type_name("VALUE");
  add_data_options(app, options.data, DataRequired::no);
  app.add_option("--arm", options.arm, "with --data: column of the arm")->type_name("COLUMN");
  app.add_option("--outcome", options.outcome, "with --data: column that is compared, 0 and 1 or numbers")->type_name("COLUMN");
  app.add_option("--unit", options.unit, "with --data: column of what was randomized (default: each row)")->type_name("COLUMN");
  app.add_option("--control", options.control, "with --data: the arm to compare with (default: the first)")->type_name("ARM");
  app.add_flag("--lower-is-better", options.lower_is_better, "with --data: a smaller outcome is the better one");
  app.add_option("--cluster", options.cluster, "rows of one value of this column are not independent (default: the unit)")
      ->type_name("COLUMN");
  app.add_option("--weights", options.weights, "planned shares of the arms, such as a:50%,b:50% (default: equal)")->type_name("ARMS");
  app.add_option("--salt", options.salt, "of --split-by: names the assignment; not the salt that chose the rows")
      ->type_name("TEXT")
      ->capture_default_str();
  app.add_option("--hash", options.hash, "of --split-by: sha256, fnv1a, fnv1a-v1 or murmur3")->type_name("NAME")->capture_default_str();
  app.add_option("--expect", options.expect, "better, different, not-worse or same")->type_name("CLAIM")->capture_default_str();
  app.add_option("--margin", options.margin, "differences up to here do not matter: 1% (percentage points) or a number")
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--because", options.because, "why this claim and this margin")->type_name("TEXT");
  app.add_option("--confidence", options.confidence, "of the intervals")->type_name("SHARE")->capture_default_str();
  app.add_option("--ratio-alpha", options.ratio_alpha, "the sample ratio check fails below this p-value")
      ->type_name("P")
      ->capture_default_str();
  app.add_option("--look", options.look, "this is look K of N planned ones: the interval holds for all of them")->type_name("K/N");
  app.add_option("--spending", options.spending, "of --look: obrien-fleming or pocock")->type_name("NAME")->capture_default_str();
  app.add_flag("--always-valid", options.always_valid, "the interval holds however often the data are looked at");
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_option("--seed", options.seed, "for everything that is drawn")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  return run_analyze(options);
}

}  // namespace cupel::cli
