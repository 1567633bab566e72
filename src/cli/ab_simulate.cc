// cupel ab simulate: the experiment rehearsed.

#include <cmath>
#include <thread>

#include "ab/assignment.h"
#include "ab/rehearsal.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/ab_words.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "cli/result_output.h"

namespace cupel::cli {
namespace {

struct SimulateWords {
  DataOptions data;
  std::string baseline, stddev, lift = "0", power, alpha = "5%", treatment = "50%", method = "fixed", outcome, unit;
  std::int64_t units = 0;
  int looks = 1;
  int runs = 0;
  std::uint64_t seed = 1;
  ResultOptions result;
};

Result<ab::Rehearsal> rehearsal_of(const SimulateWords& words) {
  ab::Rehearsal rehearsal;
  const int kinds = (words.baseline.empty() ? 0 : 1) + (words.stddev.empty() ? 0 : 1) + (words.data.path.empty() ? 0 : 1);
  if (kinds != 1) return fail("{} of --baseline, --stddev and --data are given, expected one", kinds);
  ASSIGN_OR_RETURN(rehearsal.lift, amount_of("--lift", words.lift));
  ASSIGN_OR_RETURN(rehearsal.alpha, amount_between("--alpha", words.alpha, 0, 1));
  ASSIGN_OR_RETURN(rehearsal.share_of_treatment, amount_between("--treatment", words.treatment, 0, 1));
  if (!words.power.empty()) {
    ASSIGN_OR_RETURN(rehearsal.power, amount_between("--power", words.power, 0.02, 1));
  }
  if (!words.baseline.empty()) {
    ASSIGN_OR_RETURN(rehearsal.baseline, amount_between("--baseline", words.baseline, 0, 1));
    if (rehearsal.baseline + rehearsal.lift < 0 || rehearsal.baseline + rehearsal.lift > 1)
      return fail("--lift {} from {} leaves the range of shares", words.lift, words.baseline);
  } else if (!words.stddev.empty()) {
    rehearsal.kind = ab::Rehearsal::Kind::mean;
    ASSIGN_OR_RETURN(rehearsal.stddev, amount_between("--stddev", words.stddev, 0, 1e300));
  } else {
    rehearsal.kind = ab::Rehearsal::Kind::rows;
  }
  if (words.data.path.empty() && words.units < 10) return fail("--units is {}, expected at least 10", words.units);
  rehearsal.units = words.units;
  rehearsal.looks = words.looks;
  rehearsal.peeking = words.method == "fixed"          ? ab::Peeking::Kind::once
                      : words.method == "always-valid" ? ab::Peeking::Kind::always_valid
                                                       : ab::Peeking::Kind::looks;
  if (words.method == "pocock") rehearsal.spending = stats::Spending::pocock;
  rehearsal.runs = words.runs > 0 ? words.runs : rehearsal.kind == ab::Rehearsal::Kind::rows ? 2'000 : 10'000;
  rehearsal.seed = words.seed;
  rehearsal.threads = words.data.threads > 0 ? words.data.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return rehearsal;
}

/// The user's rows: outcomes and units.
Result<void> take_rows(const SimulateWords& words, ab::Rehearsal& rehearsal, suite::Report& report) {
  if (words.outcome.empty()) return fail_with_hint("no outcome column", "--outcome names what is compared");
  ASSIGN_OR_RETURN(auto source, open_data(words.data));
  ASSIGN_OR_RETURN(auto where, where_option(words.data));
  if (where) {
    ASSIGN_OR_RETURN(source, source::open_filtered(std::move(source), std::move(*where)));
  }
  ASSIGN_OR_RETURN(const table::Table rows, source::read_table(*source));
  ASSIGN_OR_RETURN(const auto origin, source->origin());
  report.data = {origin.path, rows.num_rows(), static_cast<std::int64_t>(rows.schema().fields.size()), origin.digest, origin.note};
  ASSIGN_OR_RETURN(const table::Column outcome, rows.column(words.outcome));
  if (!table::is_numeric(outcome.type))
    return fail("column '{}' holds {}, expected numbers as outcome", words.outcome, table::type_name(outcome.type));
  ab::Units units;
  if (!words.unit.empty()) {
    ASSIGN_OR_RETURN(const table::Column unit, rows.column(words.unit));
    ASSIGN_OR_RETURN(units, ab::units_of(unit, words.unit));
  }
  std::vector<std::uint32_t> number_of(units.names.size(), 0xffffffff);
  std::uint32_t next = 0;
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    if (outcome.is_null(row) || !std::isfinite(outcome.as_number(row))) continue;
    rehearsal.values.push_back(outcome.as_number(row));
    if (words.unit.empty()) {
      rehearsal.unit_of_row.push_back(next++);
      continue;
    }
    std::uint32_t& number = number_of[units.of_row[static_cast<std::size_t>(row)]];
    if (number == 0xffffffff) number = next++;
    rehearsal.unit_of_row.push_back(number);
  }
  if (next < 10) return fail("{} units with an outcome, expected at least 10", next);
  rehearsal.units = next;
  double sum = 0;
  for (const double value : rehearsal.values) sum += value;
  rehearsal.baseline = sum / static_cast<double>(rehearsal.values.size());
  return {};
}

Result<int> run_simulate(const SimulateWords& words) {
  const Stopwatch watch;
  suite::Report report;
  report.started = utc_now();
  ASSIGN_OR_RETURN(ab::Rehearsal rehearsal, rehearsal_of(words));
  report.data = {"simulated outcomes", rehearsal.units, 2, "", ""};
  if (rehearsal.kind == ab::Rehearsal::Kind::rows) TRY(take_rows(words, rehearsal, report));
  Progress progress("rehearsing", static_cast<std::uint64_t>(rehearsal.runs));
  rehearsal.progress = [&progress](std::uint64_t done, std::uint64_t) { progress.advance_to(done); };
  report.kind = "ab";
  report.suite = "ab simulate";
  report.seed = words.seed;
  report.extra = Json{{"runs", rehearsal.runs},   {"looks", rehearsal.looks}, {"method", words.method},
                      {"alpha", rehearsal.alpha}, {"lift", rehearsal.lift},   {"units", rehearsal.units}};
  report.results = ab::rehearse(rehearsal);
  progress.finish();
  report.seconds = watch.seconds();
  return emit(report, words.result);
}

}  // namespace

Result<int> ab_simulate(std::span<const std::string> words) {
  SimulateWords options;
  CLI::App app("Plays an experiment through many times, with nothing to find and with a known difference: its false alarms and its power.",
               "ab simulate");
  app.add_option("--baseline", options.baseline, "outcomes are 0 or 1 with this share of ones")->type_name("SHARE");
  app.add_option("--stddev", options.stddev, "outcomes are normal with this standard deviation")->type_name("X");
  add_data_options(app, options.data, DataRequired::no);
  app.add_option("--outcome", options.outcome, "with --data: the column whose values are dealt to the arms")->type_name("COLUMN");
  app.add_option("--unit", options.unit, "with --data: rows of one value move together")->type_name("COLUMN");
  app.add_option("--units", options.units, "units in both arms together")->type_name("N");
  app.add_option("--lift", options.lift, "known difference of the A/B runs: +2% (percentage points) or a number")
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--power", options.power, "the power that is wanted at that difference")->type_name("SHARE");
  app.add_option("--alpha", options.alpha, "level of the test")->type_name("SHARE")->capture_default_str();
  app.add_option("--treatment", options.treatment, "share of the units that meet the treatment")->type_name("SHARE")->capture_default_str();
  app.add_option("--looks", options.looks, "how often the data are looked at; the first find ends a run")
      ->type_name("N")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--method", options.method, "fixed repeats the plain test at every look")
      ->check(CLI::IsMember({"always-valid", "fixed", "obrien-fleming", "pocock"}))
      ->capture_default_str();
  app.add_option("--runs", options.runs, "experiments to play (default 10,000; with --data 2,000)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--seed", options.seed, "for everything that is drawn")->type_name("N")->capture_default_str();
  add_result_options(app, options.result);
  PARSE_OR_RETURN(app, words);
  return run_simulate(options);
}

}  // namespace cupel::cli
