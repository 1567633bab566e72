#include "cli/result_output.h"

#include <cstdio>

#include "base/files.h"
#include "base/progress.h"
#include "report/junit.h"
#include "report/result_json.h"
#include "report/terminal.h"

namespace cupel::cli {
namespace {

Result<void> write_form(const std::string& target, const std::string& text) {
  if (target.empty()) return {};
  if (target != "-") return write_file(target, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) return fail(ErrorKind::io, "cannot write to standard output");
  return {};
}

}  // namespace

bool tells_people(const ResultOptions& options) { return !options.quiet && options.json != "-" && options.junit != "-"; }

void add_result_options(CLI::App& app, ResultOptions& options) {
  app.add_option("--json", options.json, "write the result as JSON (docs/formats.md) to a file, or to standard output: -")->type_name("FILE");
  app.add_option("--junit", options.junit, "write the result as JUnit XML to a file, or to standard output: -")->type_name("FILE");
  app.add_flag("--strict", options.strict, "warnings and inconclusive expectations fail the run, too");
  app.add_flag("-v,--verbose", options.verbose, "reasons and derivations also for what passed");
  app.add_flag_callback("-q,--quiet", [&options] { options.quiet = true; Progress::silence(); }, "no text for people, no progress");
}

Result<int> emit(const suite::Report& report, const ResultOptions& options) {
  if (tells_people(options)) {
    report::TerminalOptions terminal = report::options_of(stdout);
    terminal.verbose = options.verbose;
    fmt::print("{}", report::terminal_text(report, terminal));
  }
  TRY(write_form(options.json, json_text(report::report_json(report))));
  TRY(write_form(options.junit, report::junit_xml(report)));
  for (const suite::Outcome& outcome : report.results) {
    if (outcome.verdict == suite::Verdict::error) fmt::print(stderr, "cupel: {}: {}\n", outcome.id, outcome.message);
  }
  return report.exit_status(options.strict ? suite::Report::Strict::yes : suite::Report::Strict::no);
}

}  // namespace cupel::cli
