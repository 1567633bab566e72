#include "flow/run_record.h"

#include <algorithm>

#include "base/invariant.h"
#include "base/json.h"
#include "flow/journal.h"
#include "flow/run_folder.h"

namespace cupel::flow {
namespace {

constexpr int k_run_format = 1;
constexpr std::string_view k_step_states[] = {"waiting", "running", "ok", "reused", "kept", "fell_back", "continued", "skipped", "not_run", "faulted"};
constexpr std::string_view k_run_states[] = {"running", "ok", "handled", "gate_failed", "failed", "too_little_data", "interrupted"};

// Reading is lenient in what is absent and strict in nothing: the records are our own, a torn one shows as missing facts.
std::string text_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}
double number_in(const Json& json, const char* key, double otherwise = 0) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : otherwise;
}
std::vector<std::string> texts_in(const Json& json, const char* key) {
  std::vector<std::string> all;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) return all;
  for (const Json& item : *found) {
    if (item.is_string()) all.push_back(item.get<std::string>());
  }
  return all;
}
std::vector<std::pair<std::string, std::string>> pairs_in(const Json& json, const char* key) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return all;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) all.emplace_back(name, value.get<std::string>());
  }
  return all;
}

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json json = Json::object();
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

template <typename T>
void put_unless_empty(Json& json, const char* key, const T& value) {
  if (!value.empty()) json[key] = value;
}

}  // namespace

std::string_view name_of(StepState state) { return k_step_states[static_cast<std::size_t>(state)]; }
std::string_view name_of(RunState state) { return k_run_states[static_cast<std::size_t>(state)]; }

std::optional<StepState> step_state_of(std::string_view name) {
  const auto found = std::find(std::begin(k_step_states), std::end(k_step_states), name);
  if (found == std::end(k_step_states)) return std::nullopt;
  return static_cast<StepState>(found - std::begin(k_step_states));
}

const StepRecord* RunRecord::find(std::string_view step) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const StepRecord& record) { return record.name == step; });
  return found != steps.end() ? &*found : nullptr;
}

int exit_status_of(RunState state) {
  switch (state) {
    case RunState::ok:
    case RunState::handled: return 0;
    case RunState::gate_failed: return 1;
    case RunState::too_little_data: return 75;
    case RunState::interrupted: return 130;
    case RunState::running:
    case RunState::failed: break;
  }
  return 2;
}

RunState settle(const std::vector<StepRecord>& steps, int signal) {
  if (signal != 0) return RunState::interrupted;
  bool handled = false;
  bool gate = false;
  bool little = false;
  bool interrupted = false;
  for (const StepRecord& step : steps) {
    handled = handled || (step.fault != Fault::none && step.state != StepState::faulted);
    if (step.state != StepState::faulted) continue;
    gate = gate || step.fault == Fault::gate_failed;
    little = little || step.fault == Fault::too_little_data;
    interrupted = interrupted || step.fault == Fault::interrupted || step.fault == Fault::cancelled;
    const bool other = step.fault != Fault::gate_failed && step.fault != Fault::too_little_data && step.fault != Fault::interrupted && step.fault != Fault::cancelled;
    if (other) return RunState::failed;
  }
  if (gate) return RunState::gate_failed;
  if (little) return RunState::too_little_data;
  if (interrupted) return RunState::interrupted;
  return handled ? RunState::handled : RunState::ok;
}

Json attempt_json(const AttemptRecord& attempt) {
  Json json = {{"attempt", attempt.number}, {"how", attempt.how}, {"started", attempt.started}};
  if (attempt.ended) json["result"] = name_of(attempt.fault);
  put_unless_empty(json, "why", attempt.why);
  if (attempt.exit_status >= 0) json["exit_status"] = attempt.exit_status;
  if (attempt.signal > 0) json["signal"] = attempt.signal;
  if (attempt.ended) {
    json["seconds"] = attempt.seconds;
    json["cpu_seconds"] = attempt.cpu_seconds;
    json["peak_memory_bytes"] = attempt.peak_memory_bytes;
  }
  if (attempt.leftovers > 0) json["leftovers"] = attempt.leftovers;
  put_unless_empty(json, "injected", attempt.injected);
  if (!attempt.with.empty()) json["with"] = pairs_json(attempt.with);
  return json;
}

Result<AttemptRecord> attempt_from_json(const Json& json, std::string_view source) {
  if (!json.is_object()) return fail(ErrorKind::corrupt, "{}: an attempt is not an object", source);
  AttemptRecord attempt;
  attempt.number = static_cast<int>(number_in(json, "attempt", 1));
  attempt.how = text_in(json, "how");
  attempt.started = text_in(json, "started");
  const auto result = fault_of(text_in(json, "result"));
  attempt.ended = result.has_value();
  attempt.fault = result.value_or(Fault::none);
  attempt.why = text_in(json, "why");
  attempt.exit_status = static_cast<int>(number_in(json, "exit_status", -1));
  attempt.signal = static_cast<int>(number_in(json, "signal"));
  attempt.seconds = number_in(json, "seconds");
  attempt.cpu_seconds = number_in(json, "cpu_seconds");
  attempt.peak_memory_bytes = static_cast<std::uint64_t>(number_in(json, "peak_memory_bytes"));
  attempt.leftovers = static_cast<int>(number_in(json, "leftovers"));
  attempt.injected = text_in(json, "injected");
  attempt.with = pairs_in(json, "with");
  return attempt;
}

StepRecord step_from_json(const Json& json) {
  StepRecord step;
  step.name = text_in(json, "name");
  step.each = pairs_in(json, "foreach");
  step.needs = texts_in(json, "needs");
  step.reads = texts_in(json, "reads");
  if (const auto inputs = json.find("inputs"); inputs != json.end() && inputs->is_array()) {
    for (const Json& input : *inputs) step.inputs.push_back({text_in(input, "declared"), texts_in(input, "paths"), text_in(input, "digest")});
  }
  step.state = step_state_of(text_in(json, "state")).value_or(StepState::waiting);
  step.fault = fault_of(text_in(json, "fault")).value_or(Fault::none);
  step.why = text_in(json, "why");
  step.ran_because = text_in(json, "ran_because");
  step.response = text_in(json, "response");
  step.because = text_in(json, "because");
  step.seconds = number_in(json, "seconds");
  step.key = text_in(json, "key");
  if (const auto parts = json.find("key_parts"); parts != json.end() && parts->is_object()) step.key_parts = key_from_json(*parts);
  step.reused_from = text_in(json, "reused_from");
  step.took = text_in(json, "took");
  if (const auto outputs = json.find("outputs"); outputs != json.end() && outputs->is_array()) {
    for (const Json& output : *outputs) {
      step.outputs.push_back({text_in(output, "path"), {text_in(output, "kind"), text_in(output, "digest"), static_cast<std::uint64_t>(number_in(output, "bytes")), 1}});
    }
  }
  if (const auto attempts = json.find("attempts"); attempts != json.end() && attempts->is_array()) {
    for (const Json& attempt : *attempts) {
      if (auto read = attempt_from_json(attempt, "run.json")) step.attempts.push_back(std::move(*read));
    }
  }
  return step;
}

Json step_json(const StepRecord& step) {
  Json json = {{"name", step.name}, {"state", name_of(step.state)}};
  if (!step.each.empty()) json["foreach"] = pairs_json(step.each);
  if (step.fault != Fault::none) json["fault"] = name_of(step.fault);
  put_unless_empty(json, "why", step.why);
  put_unless_empty(json, "ran_because", step.ran_because);
  put_unless_empty(json, "response", step.response);
  put_unless_empty(json, "because", step.because);
  put_unless_empty(json, "took", step.took);
  put_unless_empty(json, "reused_from", step.reused_from);
  json["seconds"] = step.seconds;
  put_unless_empty(json, "key", step.key);
  if (step.key_parts) json["key_parts"] = key_json(*step.key_parts);
  put_unless_empty(json, "needs", step.needs);
  put_unless_empty(json, "reads", step.reads);
  json["inputs"] = Json::array();
  for (const InputRecord& input : step.inputs) json["inputs"].push_back({{"declared", input.declared}, {"paths", input.paths}, {"digest", input.digest}});
  json["out"] = out_folder(step.name).string();
  json["outputs"] = Json::array();
  for (const OutputRecord& output : step.outputs) {
    json["outputs"].push_back({{"path", output.name}, {"kind", output.digest.kind}, {"bytes", output.digest.bytes}, {"digest", output.digest.sha256}});
  }
  json["attempts"] = Json::array();
  for (const AttemptRecord& attempt : step.attempts) json["attempts"].push_back(attempt_json(attempt));
  return json;
}

Json run_json(const RunRecord& run) {
  Json json = {{"format", k_run_format}, {"cupel", run.cupel}, {"run", run.id}, {"flow", run.flow}, {"state", name_of(run.state)}, {"exit_status", run.exit_status}, {"injected", run.injected}};
  put_unless_empty(json, "about", run.about);
  json["file"] = run.file;
  json["file_digest"] = run.file_digest;
  json["folder"] = run.folder;
  json["params"] = pairs_json(run.params);
  json["overridden"] = run.overridden;
  json["environments"] = run.environments;
  json["started"] = run.started;
  put_unless_empty(json, "ended", run.ended);
  json["seconds"] = run.seconds;
  json["resumed"] = run.resumed;
  json["steps"] = Json::array();
  for (const StepRecord& step : run.steps) json["steps"].push_back(step_json(step));
  return json;
}

Result<RunRecord> run_from_json(const Json& json, std::string_view source) {
  if (!json.is_object()) return fail(ErrorKind::corrupt, "{}: a run's record is not an object", source);
  const double format = number_in(json, "format");
  if (format > k_run_format) return fail("{}: format {} of a run's record, written by a newer cupel; this one reads up to {}", source, format, k_run_format);
  if (format != k_run_format) return fail("{}: format {} of a run's record, expected {}", source, format, k_run_format);
  RunRecord run;
  run.id = text_in(json, "run");
  run.cupel = text_in(json, "cupel");
  run.flow = text_in(json, "flow");
  run.about = text_in(json, "about");
  run.file = text_in(json, "file");
  run.file_digest = text_in(json, "file_digest");
  run.folder = text_in(json, "folder");
  run.params = pairs_in(json, "params");
  run.overridden = texts_in(json, "overridden");
  run.injected = texts_in(json, "injected");
  run.environments = text_in(json, "environments");
  run.started = text_in(json, "started");
  run.ended = text_in(json, "ended");
  run.seconds = number_in(json, "seconds");
  run.resumed = static_cast<int>(number_in(json, "resumed"));
  run.exit_status = static_cast<int>(number_in(json, "exit_status"));
  const auto state = std::find(std::begin(k_run_states), std::end(k_run_states), text_in(json, "state"));
  if (state == std::end(k_run_states)) return fail(ErrorKind::corrupt, "{}: unknown state of a run", source);
  run.state = static_cast<RunState>(state - std::begin(k_run_states));
  if (const auto steps = json.find("steps"); steps != json.end() && steps->is_array()) {
    for (const Json& step : *steps) run.steps.push_back(step_from_json(step));
  }
  return run;
}

Result<RunRecord> load_run(const fs::path& run_folder) {
  const fs::path file = run_folder / "run.json";
  ASSIGN_OR_RETURN(const Json json, read_json(file));
  ASSIGN_OR_RETURN(RunRecord run, run_from_json(json, file.string()));
  run.folder = run_folder.string();
  if (run.state != RunState::running) return run;
  const bool held = is_held(run_folder);
  replay_journal(run_folder, run.steps);
  for (StepRecord& step : run.steps) {
    if (step.state != StepState::running || held) continue;
    AttemptRecord& last = step.attempts.back();
    step.state = last.ended ? StepState::waiting : StepState::faulted;
    if (last.ended) continue;  // the runner died before it could say what follows
    step.fault = last.fault = Fault::interrupted;
    step.why = last.why = "its runner died";
  }
  if (!held) {
    run.state = RunState::interrupted;
    run.exit_status = exit_status_of(run.state);
  }
  return run;
}

}  // namespace cupel::flow
