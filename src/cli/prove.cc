// cupel prove: tests of the tests.

#include <cmath>
#include <cstdio>

#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "prove/proof.h"
#include "prove/proof_json.h"
#include "prove/write_back.h"
#include "report/html_proof.h"
#include "report/proof_text.h"
#include "table/timestamp.h"

namespace cupel::cli {
namespace {

struct ProveOptions {
  std::string suite;
  DataOptions data;
  std::string reference;
  std::int64_t batch_rows = 0;
  int batches = 400;
  std::string batches_from = "split";
  std::string batches_by;
  std::string faults = "cupel";
  int repetitions = 10;
  std::uint64_t seed = 1;
  std::string report;
  std::string json;
  std::string minimum_score;
  std::string maximum_false_alarms;
  bool write_back = false;
  std::string date;
  bool no_reasons = false;
  bool verbose = false;
  bool quiet = false;
};

Result<double> share_option(std::string_view option, const std::string& text) {
  std::string_view digits = trim(text);
  const bool percent = digits.ends_with('%');
  if (percent) digits = trim(digits.substr(0, digits.size() - 1));
  const auto value = parse_number(digits);
  const double share = value ? (percent ? *value / 100 : *value) : -1;
  if (!(share >= 0 && share <= 1)) return fail("{} is '{}', expected a share such as 80%", option, shorten(text, 40));
  return share;
}

std::vector<std::string> fault_words(const std::string& list) {
  std::vector<std::string> words;
  for (const std::string_view word : split(list, ',')) {
    if (!trim(word).empty()) words.emplace_back(trim(word));
  }
  return words;
}

/// One bar after the other, one for each thing that is done.
class Stages {
 public:
  void show(std::string_view doing, std::uint64_t done, std::uint64_t total) {
    if (doing != doing_) {
      progress_.reset();
      doing_ = doing;
      progress_.emplace(doing, total);
    }
    progress_->advance_to(done);
  }
  void finish() { progress_.reset(); }

 private:
  std::string doing_;
  std::optional<Progress> progress_;
};

Result<table::Table> read_rows(DataOptions options) {
  options.digest = source::ReadOptions::Digest::left_out;
  ASSIGN_OR_RETURN(auto data, open_data(options));
  ASSIGN_OR_RETURN(auto where, where_option(options));
  if (where) {
    ASSIGN_OR_RETURN(data, source::open_filtered(std::move(data), *where));
  }
  return source::read_table(*data);
}

/// Rows of the batches that the suite was derived for, where all that say it say the same.
std::int64_t derived_rows(const suite::Suite& suite) {
  std::int64_t rows = 0;
  for (const suite::Expectation& expectation : suite.expectations) {
    const auto at = expectation.derived.find("batch_rows");
    if (at == expectation.derived.end() || !at->is_string()) continue;
    const auto stated = static_cast<std::int64_t>(parse_number(at->get<std::string>()).value_or(0));
    if (stated < 1 || (rows != 0 && stated != rows)) return 0;
    rows = stated;
  }
  return rows;
}

Result<prove::BatchPlan> batch_plan(const ProveOptions& options, const suite::Suite& suite, const table::Table& baseline) {
  prove::BatchPlan plan;
  plan.count = options.batches;
  plan.seed = options.seed;
  if (!options.batches_by.empty()) {
    plan.method = prove::BatchMethod::column;
    plan.column = options.batches_by;
    return plan;
  }
  plan.method = options.batches_from == "bootstrap" ? prove::BatchMethod::bootstrap : prove::BatchMethod::split;
  plan.rows = options.batch_rows > 0 ? options.batch_rows : std::clamp<std::int64_t>(baseline.num_rows() / 10, 1, 5000);
  const std::int64_t derived = derived_rows(suite);
  if (options.batch_rows == 0 && derived > 0 && 2 * derived <= baseline.num_rows()) plan.rows = derived;
  return plan;
}

/// What keeps the suite from passing the gate, for people.
std::vector<std::string> gate(const prove::Proof& proof, std::optional<double> minimum_score, std::optional<double> maximum_false_alarms) {
  std::vector<std::string> refused;
  if (minimum_score && proof.score.counted > 0 && proof.score.share() < *minimum_score) {
    refused.push_back(fmt::format("score {}, expected at least {}", percent_text(proof.score.share()), percent_text(*minimum_score)));
  }
  if (minimum_score && proof.score.counted == 0) refused.push_back("no score: no fault changed these data");
  if (maximum_false_alarms && proof.suite_alarms.rate() > *maximum_false_alarms) {
    refused.push_back(fmt::format("false alarms on {} of clean batches, expected at most {}", percent_text(proof.suite_alarms.rate()), percent_text(*maximum_false_alarms)));
  }
  return refused;
}

/// An expectation that fails on the baseline and on most of its batches is wrong, or the baseline is no clean one.
int broken_status(const prove::Proof& proof) {
  int status = 0;
  for (const auto& each : proof.expectations) {
    if (each.baseline_verdict == suite::Verdict::error) return 2;
    if (each.baseline_verdict == suite::Verdict::fail && each.severity == suite::Severity::error && each.alarms.rate() > 0.5) status = 1;
  }
  return status;
}

Result<int> prove(ProveOptions& options) {
  std::optional<double> minimum_score;
  std::optional<double> maximum_false_alarms;
  if (!options.minimum_score.empty()) {
    ASSIGN_OR_RETURN(minimum_score, share_option("--minimum-score", options.minimum_score));
  }
  if (!options.maximum_false_alarms.empty()) {
    ASSIGN_OR_RETURN(maximum_false_alarms, share_option("--maximum-false-alarms", options.maximum_false_alarms));
  }
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = !options.no_reasons;
  ASSIGN_OR_RETURN(const std::string suite_text, read_file(options.suite));
  ASSIGN_OR_RETURN(const suite::Suite suite, suite::parse_suite(suite_text, options.suite, load));
  prove::ProofOptions proving;
  const std::vector<std::string> words = fault_words(options.faults);
  if (words.empty()) return fail_with_hint("no fault is named", "'cupel list data_faults' names them");
  ASSIGN_OR_RETURN(proving.faults, prove::select_faults(words));
  if (options.date.empty()) options.date = utc_now().substr(0, 10);
  if (options.date.size() != 10 || !table::parse_timestamp(options.date)) return fail("date '{}', expected YYYY-MM-DD", shorten(options.date, 40));
  if (options.repetitions < 1) return fail("{} repetitions, expected at least 1", options.repetitions);

  TRY(take_defaults(options.data, suite.root.find("data")));
  if (options.data.path.empty()) return fail_with_hint("no baseline", "give --baseline, or 'data: {path: …}' in the suite");
  ASSIGN_OR_RETURN(table::Table baseline, read_rows(options.data));
  if (baseline.num_rows() == 0) return fail("'{}' has no rows to prove the suite on", options.data.path);
  std::optional<table::Table> reference;
  if (expectations::wants_reference(suite)) {
    DataOptions other = options.data;
    other.path = options.reference;
    TRY(take_defaults(other, suite.root.find("reference")));
    // Without one the baseline is its own reference: what a clean batch is like.
    if (other.path.empty()) {
      reference = baseline;
    } else {
      ASSIGN_OR_RETURN(reference, read_rows(other));
    }
  }
  ASSIGN_OR_RETURN(proving.batches, batch_plan(options, suite, baseline));
  proving.repetitions = options.repetitions;
  proving.maximum_false_alarms = maximum_false_alarms.value_or(0.02);
  proving.evaluate.seed = options.seed;
  ASSIGN_OR_RETURN(proving.evaluate.now_micros, expectations::read_as_of(suite));
  if (!proving.evaluate.now_micros) proving.evaluate.now_micros = table::parse_timestamp(utc_now());  // one instant for all batches
  proving.threads = options.data.threads;
  Stages stages;
  proving.progress = [&stages](std::string_view doing, std::uint64_t done, std::uint64_t total) { stages.show(doing, done, total); };
  auto proved = prove::prove_suite(suite, baseline, reference ? &*reference : nullptr, proving);
  stages.finish();
  if (!proved) return tl::unexpected<Error>(std::move(proved.error()));
  prove::Proof proof = std::move(*proved);
  proof.suite_path = options.suite;
  proof.baseline_path = options.data.path;

  const std::vector<std::string> refused = gate(proof, minimum_score, maximum_false_alarms);
  if (maximum_false_alarms && proof.suite_alarms.rate() <= *maximum_false_alarms && proof.suite_alarms.interval.high > *maximum_false_alarms && *maximum_false_alarms > 0) {
    proof.notes.push_back(fmt::format("not enough batches to promise {} false alarms: needs at least {} batches without one", percent_text(*maximum_false_alarms),
                                      with_thousands(static_cast<std::int64_t>(std::ceil(std::log(0.025) / std::log1p(-*maximum_false_alarms))))));
  }
  const Json json = prove::proof_json(proof);
  if (!options.quiet && options.json != "-") {
    report::TerminalOptions terminal = report::options_of(stdout);
    terminal.verbose = options.verbose;
    fmt::print("{}", report::proof_text(json, terminal));
  }
  if (options.json == "-") {
    fmt::print("{}", json_text(json));
  } else if (!options.json.empty()) {
    TRY(write_file(options.json, json_text(json)));
  }
  if (!options.report.empty()) TRY(write_file(options.report, report::html_proof_page(json)));
  if (options.write_back) {
    ASSIGN_OR_RETURN(const std::string edited, prove::with_proof(suite_text, options.suite, proof, options.date));
    if (edited != suite_text) TRY(write_file(options.suite, edited, Durable::yes));
  }
  for (const auto& each : proof.expectations) {
    if (each.baseline_verdict == suite::Verdict::error) fmt::print(stderr, "cupel prove: {}: {}\n", each.id, each.baseline_message.value_or(""));
  }
  for (const std::string& reason : refused) fmt::print(stderr, "cupel prove: {}\n", reason);
  if (const int status = broken_status(proof); status != 0) return status;
  return refused.empty() ? 0 : 1;
}

}  // namespace

Result<int> prove_command(std::span<const std::string> words) {
  ProveOptions options;
  CLI::App app("Tests a suite: how often it cries wolf on clean batches, which faults it catches, and what would catch the others.", "prove");
  app.add_option("suite", options.suite, "the suite, a YAML file")->required()->type_name("SUITE");
  add_data_options(app, options.data, DataRequired::no);
  app.remove_option(app.get_option("--data"));
  app.add_option("--baseline", options.data.path, "clean data: CSV, TSV (also gzip, zstd) or Parquet (default: the suite's own data)")->type_name("D");
  app.add_option("--reference", options.reference, "for 'same_as: reference' (default: the baseline)")->type_name("R");
  app.add_option("--batch-rows", options.batch_rows, "rows of a batch (default: what the suite was derived for; else a tenth of the baseline, at most 5,000)")->type_name("N")->check(CLI::PositiveNumber);
  app.add_option("--batches", options.batches, "clean batches")->type_name("N")->check(CLI::Range(1, 100000))->capture_default_str();
  app.add_option("--batches-from", options.batches_from, "split: rows dealt at random; bootstrap: drawn with replacement")->type_name("HOW")->check(CLI::IsMember({"split", "bootstrap"}))->capture_default_str();
  app.add_option("--batches-by", options.batches_by, "the real batches: the rows of each value of this column")->type_name("COLUMN");
  app.add_option("--faults", options.faults, "names, groups or catalogues, separated by commas: cupel, avh, jenga, all, units, nulls, …")->type_name("WORDS")->capture_default_str();
  app.add_option("--repetitions", options.repetitions, "batches that each fault is put into")->type_name("N")->capture_default_str();
  app.add_option("--seed", options.seed, "of batches and faults: the same seed gives the same proof")->type_name("N")->capture_default_str();
  app.add_option("--report", options.report, "write one self-contained page with the heat map")->type_name("HTML");
  app.add_option("--json", options.json, "write the proof as JSON (docs/formats.md) to a file, or to standard output: -")->type_name("FILE");
  app.add_option("--minimum-score", options.minimum_score, "exit status 1 below this share of killed faults")->type_name("SHARE");
  app.add_option("--maximum-false-alarms", options.maximum_false_alarms, "exit status 1 above this share of clean batches")->type_name("SHARE");
  app.add_flag("--write-back", options.write_back, "put false-alarm rate and detectable change into 'derived' of the suite file, in place");
  app.add_option("--date", options.date, "for --write-back (default: today)")->type_name("YYYY-MM-DD");
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_flag("-v,--verbose", options.verbose, "every survivor and every proposal");
  app.add_flag_callback("-q,--quiet", [&options] { options.quiet = true; Progress::silence(); }, "no text for people, no progress");
  PARSE_OR_RETURN(app, words);
  return prove(options);
}

}  // namespace cupel::cli
