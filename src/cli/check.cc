// cupel check: data tests on a table.


#include "base/progress.h"
#include "base/text.h"
#include "cli/readable_rows.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/failing_rows.h"
#include "cli/profile_data.h"
#include "cli/result_output.h"
#include "expectations/data_check.h"
#include "expectations/profile_check.h"
#include "expectations/run_suite.h"
#include "table/row_sample.h"
#include "table/timestamp.h"

namespace cupel::cli {
namespace {

struct CheckOptions {
  std::string suite;
  DataOptions data;
  std::string reference;
  ResultOptions result;
  RowFiles files;
  std::vector<std::string> split;
  std::string sample;
  bool no_reasons = false;
  std::uint64_t seed = 1;
  std::string now;
};

/// The rows of the table, apart: what `--split` and `--rows` ask for.
Result<void> write_rows(const suite::Report& report, const CheckOptions& options, table::BatchSource& data, const expectations::RunOptions& run) {
  if (!options.files.wanted()) return {};
  Progress progress("writing rows", 100);
  table::ScanOptions scan = run.scan;
  scan.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  ASSIGN_OR_RETURN(const RowsApart apart, write_row_files(report, data, options.files, run.where, scan));
  progress.finish();
  if (!options.split.empty() && tells_people(options.result)) {
    fmt::print(stderr, "{} clean rows in {}, {} failing rows in {}\n", with_thousands(apart.clean), options.files.clean, with_thousands(apart.failing),
               options.files.failing);
    if (apart.unreadable > 0) {
      fmt::print(stderr, "{} rows that could not be read are in neither{}\n", with_thousands(apart.unreadable),
                 options.files.rows.empty() ? " (--rows FILE lists them)" : fmt::format(", but in {}", options.files.rows));
    }
  }
  return {};
}

/// The key columns: of the command line, else of the suite.
Result<std::vector<std::string>> key_columns(const CheckOptions& options, const suite::Suite& suite) {
  const yaml::Node* key = suite.root.find("key");
  if (!options.files.key.empty() || key == nullptr) return options.files.key;
  return key->texts("'key'");
}

Result<int> check(CheckOptions& options) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = !options.no_reasons;
  load.further_keys.emplace_back("key");
  ASSIGN_OR_RETURN(const suite::Suite suite, suite::load_suite(options.suite, load));
  TRY(take_defaults(options.data, suite.root.find("data")));
  if (options.result.json.empty()) options.data.digest = source::ReadOptions::Digest::left_out;  // nobody would see it
  ASSIGN_OR_RETURN(const auto data, open_data_or_profile(options.data));

  std::unique_ptr<table::BatchSource> reference;
  if (expectations::wants_reference(suite)) {
    ASSIGN_OR_RETURN(const DataOptions other, reference_options(options.data, options.reference, suite.root.find("reference")));
    if (!other.path.empty()) {
      ASSIGN_OR_RETURN(reference, open_data_or_profile(other));
    }
  }
  expectations::RunOptions run;
  run.seed = options.seed;
  ASSIGN_OR_RETURN(run.key, key_columns(options, suite));
  run.open_table = other_tables(options.suite, options.data.threads);
  options.files.key = run.key;
  if (!options.now.empty()) {
    run.now_micros = table::parse_timestamp(options.now);
    if (!run.now_micros) return fail("--now is '{}', expected an instant such as 2026-11-20T14:00:00Z", shorten(options.now, 60));
  }
  run.scan.threads = options.data.threads;
  ASSIGN_OR_RETURN(run.where, where_option(options.data));
  Progress progress("checking", 100);
  run.scan.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  auto* profile = dynamic_cast<states::ProfileSource*>(data.get());
  if (profile != nullptr && (options.files.wanted() || !options.sample.empty() || !run.key.empty())) {
    return fail("--rows, --split, --key and --sample with a profile, which holds no rows");
  }
  if (!options.sample.empty()) {
    ASSIGN_OR_RETURN(const table::SampleSize size, table::SampleSize::parse(options.sample));
    ASSIGN_OR_RETURN(run.scan.sample, table::RowSample::draw(*data, size, options.seed, run.scan));
  }
  ASSIGN_OR_RETURN(suite::Report report, profile != nullptr ? expectations::check_profile(suite, *profile, reference.get(), run)
                                                                  : expectations::run_suite(suite, *data, reference.get(), run));
  progress.finish();
  add_bad_rows(source::bad_rows_of(*data), report);
  TRY(write_rows(report, options, *data, run));
  return emit(report, options.result);
}

}  // namespace

Result<int> check_command(std::span<const std::string> words) {
  CheckOptions options;
  CLI::App app("Data tests on a table: runs a suite and prints what passed, what failed and why.", "check");
  app.add_option("suite", options.suite, "the suite, a YAML file")->required()->type_name("SUITE");
  add_data_options(app, options.data, DataRequired::no);
  add_bad_rows_option(app, options.data);
  app.add_option("--reference", options.reference, "reference data, for 'same_as: reference' and limits taken from it")->type_name("R");
  app.add_option("--rows", options.files.rows, "write all failing rows, with their number and the ids that they break (CSV or Parquet)")->type_name("FILE");
  app.add_option("--split", options.split, "write the rows that break nothing and those that break something apart, as they stand in the data")
      ->expected(2)
      ->type_name("CLEAN FAILING");
  app.add_option("--key", options.files.key, "a column that names a row, as often as needed: its value goes with every example")
      ->type_name("COLUMN")
      ->allow_extra_args(false);
  app.add_option("--sample", options.sample, "a quick look: judge this many rows, or this share of them, drawn by the seed")->type_name("N|P%");
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_option("--now", options.now, "the instant that 'freshness' counts ages to, instead of the clock or the suite's as_of")->type_name("TIME");
  app.add_option("--seed", options.seed, "for simulated p-values and --sample")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  if (!options.split.empty()) {
    options.files.clean = options.split[0];
    options.files.failing = options.split[1];
  }
  return check(options);
}

}  // namespace cupel::cli
