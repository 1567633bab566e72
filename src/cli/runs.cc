// cupel runs: what earlier runs did, and why.

#include <cstdlib>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "flow/graph.h"
#include "flow/openlineage.h"
#include "flow/run_folder.h"
#include "flow/run_record.h"
#include "flow/summary.h"

namespace cupel::cli {
namespace {

struct RunsCommand {
  std::string run;
  std::string other;
  std::string step;
  std::string json;
  std::string format = "svg";
  std::string output;
  std::vector<std::string> runs;
  int attempt = 0;
};

fs::path home_folder() {
  const char* home = std::getenv("CUPEL_HOME");
  std::error_code error;
  return fs::absolute(home != nullptr && *home != '\0' ? home : ".cupel", error).lexically_normal();
}

Result<flow::RunRecord> load(const std::string& word) {
  ASSIGN_OR_RETURN(const fs::path folder, flow::find_run(home_folder(), word));
  return flow::load_run(folder);
}

Result<const flow::StepRecord*> find_step(const flow::RunRecord& run, const std::string& name) {
  if (const flow::StepRecord* step = run.find(name)) return step;
  std::vector<std::string> known;
  std::vector<std::string> instances;
  for (const flow::StepRecord& step : run.steps) {
    known.push_back(step.name);
    if (flow::declared_name(step.name) == name) instances.push_back(step.name);
  }
  constexpr std::size_t k_shown = 5;
  if (!instances.empty()) {
    const std::span<const std::string> first(instances.data(), std::min(k_shown, instances.size()));
    return fail("step '{}' has {} instances, expected one of them: {}{}", name, instances.size(), join(first, ", "), instances.size() > k_shown ? ", …" : "");
  }
  return fail("run '{}' has no step '{}'{}", run.id, name, nearest_note(name, known));
}

/// The machine form where it was asked for, else the text.
Result<int> put(const std::string& json_path, const Json& json, const std::string& text) {
  if (json_path.empty()) {
    fmt::print("{}", text);
  } else if (json_path == "-") {
    fmt::print("{}", json_text(json));
  } else {
    TRY(write_file(json_path, json_text(json)));
  }
  return 0;
}

Result<int> list(const RunsCommand& command) {
  std::vector<flow::RunRecord> runs;
  Json json = Json::array();
  for (const fs::path& folder : flow::run_folders(home_folder())) {
    auto run = flow::load_run(folder);
    if (!run) {
      fmt::print(stderr, "cupel runs: {}\n", run.error().text());
      continue;
    }
    json.push_back({{"run", run->id}, {"flow", run->flow}, {"state", flow::name_of(run->state)}, {"started", run->started}, {"seconds", run->seconds}, {"injected", run->injected}});
    runs.push_back(std::move(*run));
  }
  if (runs.empty() && command.json.empty()) fmt::print("no runs in {}\n", (home_folder() / "runs").string());
  return put(command.json, {{"format", 1}, {"runs", json}}, runs.empty() ? "" : flow::list_text(runs));
}

Result<int> show(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunRecord run, load(command.run));
  return put(command.json, flow::run_json(run), flow::full_text(run));
}

Result<int> explain(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunRecord run, load(command.run));
  ASSIGN_OR_RETURN(const flow::StepRecord* step, find_step(run, command.step));
  return put(command.json, flow::step_json(*step), flow::explanation_text(run, *step));
}

Result<int> logs(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const fs::path folder, flow::find_run(home_folder(), command.run));
  ASSIGN_OR_RETURN(const flow::RunRecord run, flow::load_run(folder));
  TRY(find_step(run, command.step));
  const fs::path step = folder / flow::step_folder(command.step);
  const std::vector<int> attempts = flow::attempt_numbers(step);
  if (attempts.empty()) return fail(ErrorKind::not_found, "step '{}' did not run in '{}'", command.step, run.id);
  const int number = command.attempt > 0 ? command.attempt : attempts.back();
  if (std::find(attempts.begin(), attempts.end(), number) == attempts.end()) return fail("step '{}' has no attempt {}, the last is {}", command.step, number, attempts.back());
  for (const char* name : {"stdout.log", "stderr.log"}) {
    const auto text = read_file(step / fmt::format("attempt-{}", number) / name);
    if (text) fmt::print("{}", *text);
  }
  return 0;
}

Result<int> diff(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunRecord before, load(command.run));
  ASSIGN_OR_RETURN(const flow::RunRecord now, load(command.other));
  fmt::print("{}", flow::difference_text(before, now));
  return 0;
}

Result<int> graph(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunRecord run, load(command.run));
  const flow::Graph graph = flow::graph_of(run, flow::ShowStates::yes);
  const std::string text = command.format == "svg" ? flow::svg(graph) : flow::mermaid(graph);
  if (command.output.empty()) fmt::print("{}", text);
  else TRY(write_file(command.output, text));
  return 0;
}

Result<int> openlineage(const RunsCommand& command) {
  ASSIGN_OR_RETURN(const flow::RunRecord run, load(command.run));
  const char* name = std::getenv("OPENLINEAGE_NAMESPACE");  // as the clients of OpenLineage read it
  const std::string text = flow::openlineage_events(run, name != nullptr && *name != '\0' ? name : "cupel");
  if (command.output.empty()) fmt::print("{}", text);
  else TRY(write_file(command.output, text));
  return 0;
}

Result<int> remove(const RunsCommand& command) {
  for (const std::string& word : command.runs) {
    ASSIGN_OR_RETURN(const fs::path folder, flow::find_run(home_folder(), word));
    TRY(flow::remove_run(folder));
    fmt::print("removed {}\n", folder.filename().string());
  }
  return 0;
}

}  // namespace

Result<int> runs_command(std::span<const std::string> words) {
  RunsCommand command;
  CLI::App app("What earlier runs did, and why. RUN is an id such as reviews-3, its number, or 'last'.", "runs");
  app.require_subcommand(1);
  const auto add_run = [&](CLI::App* sub) { sub->add_option("run", command.run, "the run")->required()->type_name("RUN"); };
  const auto add_step = [&](CLI::App* sub) { sub->add_option("step", command.step, "the step")->required()->type_name("STEP"); };
  const auto add_json = [&](CLI::App* sub) { sub->add_option("--json", command.json, "the machine form, to FILE or '-'")->type_name("FILE"); };
  CLI::App* list_app = app.add_subcommand("list", "all runs, oldest first");
  add_json(list_app);
  CLI::App* show_app = app.add_subcommand("show", "one run: steps, attempts, outputs");
  add_run(show_app);
  add_json(show_app);
  CLI::App* explain_app = app.add_subcommand("explain", "why a step ran or was reused");
  add_run(explain_app);
  add_step(explain_app);
  add_json(explain_app);
  CLI::App* logs_app = app.add_subcommand("logs", "what a step's command said");
  add_run(logs_app);
  add_step(logs_app);
  logs_app->add_option("--attempt", command.attempt, "the attempt (default: the last)")->type_name("N")->check(CLI::Range(1, 1'000'000));
  CLI::App* diff_app = app.add_subcommand("diff", "what differs between two runs");
  add_run(diff_app);
  diff_app->add_option("other", command.other, "the later run")->required()->type_name("RUN");
  CLI::App* graph_app = app.add_subcommand("graph", "a picture of its steps and their states");
  add_run(graph_app);
  graph_app->add_option("--format", command.format, "svg or mermaid")->type_name("FORMAT")->check(CLI::IsMember({"svg", "mermaid"}))->capture_default_str();
  graph_app->add_option("-o,--output", command.output, "to FILE instead of standard output")->type_name("FILE");
  CLI::App* openlineage_app = app.add_subcommand("openlineage", "its OpenLineage events, JSON lines");
  add_run(openlineage_app);
  openlineage_app->add_option("-o,--output", command.output, "to FILE instead of standard output")->type_name("FILE");
  CLI::App* remove_app = app.add_subcommand("rm", "remove runs; results that later runs may reuse stay");
  remove_app->add_option("runs", command.runs, "the runs")->required()->type_name("RUN");
  PARSE_OR_RETURN(app, words);
  if (list_app->parsed()) return list(command);
  if (show_app->parsed()) return show(command);
  if (explain_app->parsed()) return explain(command);
  if (logs_app->parsed()) return logs(command);
  if (diff_app->parsed()) return diff(command);
  if (graph_app->parsed()) return graph(command);
  if (openlineage_app->parsed()) return openlineage(command);
  return remove(command);
}

}  // namespace cupel::cli
