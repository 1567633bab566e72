// cupel check: data tests on a table.

#include <algorithm>
#include <map>

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
#include "table/timestamp.h"

namespace cupel::cli {
namespace {

struct CheckOptions {
  std::string suite;
  DataOptions data;
  std::string reference;
  ResultOptions result;
  std::string rows;
  bool no_reasons = false;
  std::uint64_t seed = 1;
  std::string now;
};

Result<int> check(CheckOptions& options) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = !options.no_reasons;
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
  if (!options.now.empty()) {
    run.now_micros = table::parse_timestamp(options.now);
    if (!run.now_micros) return fail("--now is '{}', expected an instant such as 2026-11-20T14:00:00Z", shorten(options.now, 60));
  }
  run.scan.threads = options.data.threads;
  ASSIGN_OR_RETURN(run.where, where_option(options.data));
  Progress progress("checking", 100);
  run.scan.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  auto* profile = dynamic_cast<states::ProfileSource*>(data.get());
  if (profile != nullptr && !options.rows.empty()) return fail("--rows with a profile, which holds no rows");
  ASSIGN_OR_RETURN(suite::Report report, profile != nullptr ? expectations::check_profile(suite, *profile, reference.get(), run)
                                                                  : expectations::run_suite(suite, *data, reference.get(), run));
  progress.finish();
  add_bad_rows(source::bad_rows_of(*data), report);
  if (!options.rows.empty()) TRY(write_failing_rows(report, *data, options.rows, run.scan));
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
  app.add_option("--rows", options.rows, "write all failing rows, with their number and the ids that they break (CSV or Parquet)")->type_name("FILE");
  app.add_flag("--no-reasons", options.no_reasons, "accept expectations without 'because'");
  app.add_option("--now", options.now, "the instant that 'freshness' counts ages to, instead of the clock or the suite's as_of")->type_name("TIME");
  app.add_option("--seed", options.seed, "for simulated p-values")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  return check(options);
}

}  // namespace cupel::cli
