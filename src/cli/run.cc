// cupel run: a flow of steps, from its beginning or from where it stopped.

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "flow/fresh_record.h"
#include "flow/graph.h"
#include "flow/input_watch.h"
#include "flow/live.h"
#include "flow/openlineage.h"
#include "flow/preflight.h"
#include "flow/run_folder.h"
#include "flow/runner.h"
#include "flow/stop_signals.h"
#include "flow/summary.h"

namespace cupel::cli {
namespace {

struct RunCommand {
  std::string flow;
  std::vector<std::string> params;
  std::vector<std::string> injections;
  std::string resume;
  std::string json;
  std::string openlineage;
  std::string from;
  std::string until;
  std::string graph;
  std::string environments = "host";
  bool no_cache = false;
  bool dry_run = false;
  bool watch = false;
  bool keep_going = false;
  bool quiet = false;
  int jobs = 0;
  double grace_seconds = 10;
  std::uint64_t seed = 0;
};

Result<flow::Params> parse_params(const std::vector<std::string>& words) {
  flow::Params params;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return fail("'{}' is no parameter, expected NAME=VALUE", shorten(word, 60));
    params[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return params;
}

std::string lineage_namespace() {
  const char* name = std::getenv("OPENLINEAGE_NAMESPACE");  // as the clients of OpenLineage read it
  return name != nullptr && *name != '\0' ? name : "cupel";
}

/// This program stands in libexec/cupel, the dispatcher in bin beside it.
flow::Tools tools_of_this_build() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  flow::Tools tools{{}, self.parent_path()};
  const fs::path bin = self.parent_path().parent_path().parent_path() / "bin";
  if (fs::is_regular_file(bin / "cupel", error)) tools.bin = bin;
  return tools;
}

Result<flow::RunOptions> options_of(const RunCommand& command, const flow::Params& overrides) {
  flow::RunOptions options;
  std::error_code error;
  const char* home = std::getenv("CUPEL_HOME");
  options.home = fs::absolute(home != nullptr && *home != '\0' ? home : ".cupel", error).lexically_normal();
  for (const std::string& word : command.injections) {
    ASSIGN_OR_RETURN(options.injections.emplace_back(), flow::parse_injection(word));
  }
  if (command.no_cache) options.caching = flow::Caching::off;
  if (command.keep_going) options.on_stop = flow::OnStop::keep_going;
  if (!command.from.empty()) options.from = command.from;
  if (!command.until.empty()) options.until = command.until;
  constexpr int k_most_jobs = 4;
  options.jobs = command.jobs > 0 ? command.jobs : std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, k_most_jobs);
  ASSIGN_OR_RETURN(options.place, flow::parse_place(command.environments));
  options.grace_seconds = command.grace_seconds;
  options.seed = command.seed;
  options.tools = tools_of_this_build();
  for (const auto& [name, value] : overrides) options.overridden.push_back(name);
  return options;
}

Result<int> show_dry_run(const flow::Plan& plan, const flow::RunOptions& options) {
  ASSIGN_OR_RETURN(const auto steps, flow::dry_run(plan, options));
  for (const flow::DryStep& step : steps) {
    fmt::print("  {}  {}{}\n", step.step, step.reused ? "would be reused" : "would run", step.why.empty() ? "" : ": " + step.why);
  }
  return 0;
}

/// `ended` is the record of a run that came to its end, if anybody asks for it.
Result<int> run(const RunCommand& command, flow::RunRecord* ended = nullptr) {
  ASSIGN_OR_RETURN(const flow::Params overrides, parse_params(command.params));
  ASSIGN_OR_RETURN(flow::RunOptions options, options_of(command, overrides));
  fs::path file = command.flow;
  fs::path resumed;
  flow::Params earlier;
  if (!command.resume.empty()) {
    ASSIGN_OR_RETURN(resumed, flow::find_run(options.home, command.resume));
    ASSIGN_OR_RETURN(const flow::RunRecord record, flow::load_run(resumed));
    for (const auto& [name, value] : record.params) earlier[name] = value;
    if (file.empty()) file = record.file;
  } else if (file.empty()) {
    return fail_with_hint("no flow file was named", "cupel run FLOW, or cupel run --resume last");
  }
  ASSIGN_OR_RETURN(flow::Flow read, flow::read_flow(file, overrides, earlier));
  ASSIGN_OR_RETURN(const flow::Plan plan, flow::make_plan(std::move(read)));
  if (!command.graph.empty()) {
    const flow::Graph graph = flow::graph_of(flow::fresh_record(plan, options), flow::ShowStates::no);
    fmt::print("{}", command.graph == "svg" ? flow::svg(graph) : flow::mermaid(graph));
    return 0;
  }
  std::vector<std::string> warnings;
  TRY(flow::check_before_run(plan, options, warnings));
  if (!command.quiet) {
    for (const std::string& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
  }
  if (command.dry_run) return show_dry_run(plan, options);
  std::unique_ptr<flow::Watcher> view;
  if (!command.quiet) view = flow::make_live_view();
  options.watcher = view.get();
  const Result<flow::RunRecord> record = resumed.empty() ? flow::run_flow(plan, options) : flow::resume_flow(resumed, plan, options);
  view.reset();
  if (!record) return tl::unexpected<Error>(record.error());
  if (ended != nullptr) *ended = *record;
  if (!command.openlineage.empty()) TRY(write_file(command.openlineage, flow::openlineage_events(*record, lineage_namespace())));
  if (command.json == "-") {
    fmt::print("{}", json_text(flow::run_json(*record)));
  } else {
    if (!command.json.empty()) TRY(write_file(command.json, json_text(flow::run_json(*record))));
    fmt::print("{}", flow::summary_text(*record));
  }
  return record->exit_status;
}

bool was_told_to_stop(const flow::RunRecord& record) {
  return std::any_of(record.steps.begin(), record.steps.end(), [](const flow::StepRecord& step) { return step.fault == flow::Fault::cancelled || step.why == "the run was told to stop"; });
}

Result<flow::Plan> read_plan(const RunCommand& command) {
  ASSIGN_OR_RETURN(const flow::Params overrides, parse_params(command.params));
  ASSIGN_OR_RETURN(flow::Flow read, flow::read_flow(command.flow, overrides));
  return flow::make_plan(std::move(read));
}

/// Runs, and again whenever an input has changed, until a signal comes. A flow file with a mistake in it is waited for.
Result<int> run_and_watch(const RunCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunOptions options, options_of(command, {}));
  std::vector<fs::path> paths;
  for (;;) {
    const Result<flow::Plan> plan = read_plan(command);
    if (plan) paths = flow::watched_paths(*plan, options.home);
    if (paths.empty()) return tl::unexpected<Error>(plan.error());
    ASSIGN_OR_RETURN(flow::InputWatch watch, flow::InputWatch::make(paths, options.home));  // before the run: what changes meanwhile counts
    flow::RunRecord ended;
    const Result<int> status = plan ? run(command, &ended) : tl::unexpected<Error>(plan.error());
    if (!status) fmt::print(stderr, "cupel run: {}\n", status.error().text());
    if (status && was_told_to_stop(ended)) return *status;
    std::fflush(stdout);
    fmt::print(stderr, "watching {} {}; Ctrl-C ends it\n", paths.size(), paths.size() == 1 ? "path" : "paths");
    const flow::StopSignals signals;
    const flow::InputWatch::Change change = watch.wait(signals);
    if (change.signal != 0) return status.value_or(2);
    fmt::print(stderr, "\nchanged: {}\n", change.path.string());
  }
}

}  // namespace

Result<int> run_command(std::span<const std::string> words) {
  RunCommand command;
  CLI::App app("Runs a flow of steps: order by inputs and outputs, faults by the flow's own responses, nothing repeated that is still valid.", "run");
  app.add_option("flow", command.flow, "the flow, a YAML file")->type_name("FLOW");
  app.add_option("--param,--set", command.params, "a parameter of the flow")->type_name("NAME=VALUE")->expected(1)->take_all();
  app.add_option("--inject", command.injections, "induce a fault: rows:N kill@P% kill:SECONDS exit:N hang oom disk_full corrupt_output lost_output clock_jump")
      ->type_name("STEP=FAULT")->expected(1)->take_all();
  app.add_option("--resume", command.resume, "go on with a run that stopped")->type_name("RUN|last");
  app.add_flag("--no-cache", command.no_cache, "run every step, whatever is known");
  app.add_option("--jobs", command.jobs, "steps at a time (default: processors, at most 4)")->type_name("N")->check(CLI::Range(1, 256));
  app.add_option("--from", command.from, "run this step and what depends on it anew")->type_name("STEP");
  app.add_option("--until", command.until, "only this step and what it needs")->type_name("STEP");
  app.add_flag("--dry-run", command.dry_run, "say what would run, and why");
  CLI::Option* watch = app.add_flag("--watch", command.watch, "run again whenever an input changes, until Ctrl-C");
  for (const char* other : {"--resume", "--dry-run"}) watch->excludes(other);
  app.add_flag("--keep-going", command.keep_going, "after a fault, go on with what does not depend on the step");
  app.add_option("--environments", command.environments, "where steps run: host, venv, docker, podman")->type_name("PLACE")->capture_default_str();
  app.add_option("--grace", command.grace_seconds, "seconds between SIGTERM and SIGKILL")->type_name("S")->check(CLI::Range(0.0, 3600.0))->capture_default_str();
  app.add_option("--seed", command.seed, "of the jitter of retry delays")->type_name("N")->capture_default_str();
  app.add_option("--json", command.json, "the run's record, to FILE or '-'")->type_name("FILE");
  app.add_option("--openlineage", command.openlineage, "the run's OpenLineage events, JSON lines, to FILE")->type_name("FILE");
  app.add_option("--graph", command.graph, "print a picture of the flow and stop: svg, mermaid")->type_name("FORMAT")->check(CLI::IsMember({"svg", "mermaid"}));
  app.add_flag("--quiet", command.quiet, "nothing on stderr but errors");
  PARSE_OR_RETURN(app, words);
  return command.watch ? run_and_watch(command) : run(command);
}

}  // namespace cupel::cli
