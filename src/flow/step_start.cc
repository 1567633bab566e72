#include "flow/step_start.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>

#include "base/json.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr std::uint64_t k_injected_memory = 48u << 20;
constexpr std::uint64_t k_injected_file = 4096;

Result<std::vector<std::string>> expanded_command(const StartRequest& request, const Surroundings& where) {
  const auto lookup = [&](const std::string& name) { return value_of(where, name); };
  const Step& step = *request.step;
  if (!step.shell) {
    std::vector<std::string> argv;
    for (const Template& word : step.command) {
      ASSIGN_OR_RETURN(argv.emplace_back(), word.expand(lookup));
    }
    return argv;
  }
  ASSIGN_OR_RETURN(const std::string text, step.command[0].expand(lookup, Template::Quoting::shell));
  return std::vector<std::string>{"/bin/sh", "-ec", text};
}

Result<std::vector<std::string>> fall_back_command(const StartRequest& request, const Surroundings& where) {
  const Policy& policy = *request.fall_back;
  std::string to;
  if (policy.to) {
    ASSIGN_OR_RETURN(to, policy.to->expand([&](const std::string& name) { return value_of(where, name); }));
  }
  if (!policy.by) return std::vector<std::string>{"cupel", "models", "load", to, "-o", (where.out / request.step->outputs.front()).string()};
  const auto lookup = [&](const std::string& name) { return name == "to" ? Result<std::string>(to) : value_of(where, name); };
  ASSIGN_OR_RETURN(const std::string text, policy.by->expand(lookup, Template::Quoting::shell));
  return std::vector<std::string>{"/bin/sh", "-ec", text};
}

/// Withholds the secrets of other steps; answers with the values of its own, which the logs leave out.
std::vector<std::string> keep_secrets(const StartRequest& request, std::vector<std::string>& environment) {
  const std::vector<std::string>& own = request.step->secrets;
  std::vector<std::string> values;
  for (const std::string& name : request.flow->secrets()) {
    const std::string prefix = name + "=";
    if (std::find(own.begin(), own.end(), name) == own.end()) {
      std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(prefix); });
      continue;
    }
    for (const std::string& entry : environment) {
      if (entry.starts_with(prefix) && entry.size() > prefix.size()) values.push_back(entry.substr(prefix.size()));
    }
  }
  return values;
}

/// What the clock says once it was set back, in seconds since 1970.
std::int64_t set_back_now() { return unix_now_ms() / 1000 - k_clock_jump_seconds; }

/// Sets what the step is told, and names it for containers.
Result<std::vector<std::string>> tell(const StartRequest& request, const Surroundings& where, std::vector<std::string>& environment) {
  std::vector<std::string> told;
  const auto set = [&](std::string_view name, const std::string& value) {
    set_variable(environment, name, value);
    told.emplace_back(name);
  };
  set("CUPEL_HOME", request.home.string());
  set("CUPEL_RUN", request.run->id());
  set("CUPEL_RUN_DIR", request.run->path().string());
  set("CUPEL_STEP", request.step->name);
  set("CUPEL_ATTEMPT", std::to_string(request.number));
  set("CUPEL_OUT", where.out.string());
  set("CUPEL_CHECKPOINT_DIR", request.run->checkpoint(request.step->name).string());
  if (!request.injected_run.empty()) set("CUPEL_INJECTED", request.injected_run);
  if (request.step->limits.threads > 0) set("OMP_NUM_THREADS", std::to_string(request.step->limits.threads));  // libraries that do not ask
  for (const auto& [name, text] : request.step->variables) {
    ASSIGN_OR_RETURN(const std::string value, text.expand([&](const std::string& wanted) { return value_of(where, wanted); }));
    set(name, value);
  }
  if (request.fall_back != nullptr) return told;
  for (const Injection& injection : request.injections) {
    if (injection.induced == Induced::rows) set("CUPEL_INJECT_ROWS", exact_text(injection.value));
    if (injection.induced == Induced::clock_jump && request.own_attempts == 0) set("SOURCE_DATE_EPOCH", std::to_string(set_back_now()));
    if (injection.induced == Induced::kill_at && request.own_attempts == 0) set("CUPEL_INJECT_KILL_AT", exact_text(injection.value));
  }
  return told;
}

void apply_injections(const StartRequest& request, AttemptSpec& spec, std::vector<std::string>& argv) {
  for (const Injection& injection : request.injections) {
    const bool every_attempt = injection.induced == Induced::rows;
    if (request.fall_back != nullptr || (request.own_attempts > 0 && !every_attempt)) continue;
    spec.record.injected += (spec.record.injected.empty() ? "" : ", ") + injection.text;
    switch (injection.induced) {
      case Induced::exit: argv = {"/bin/sh", "-c", fmt::format("echo 'induced: exit {0}' >&2; exit {0}", injection.value)}; break;
      case Induced::oom: spec.process.limits.memory_bytes = k_injected_memory; break;
      case Induced::disk_full: spec.process.limits.file_bytes = k_injected_file; break;
      case Induced::hang:
      case Induced::kill_after: spec.injection = injection; break;
      case Induced::clock_jump: spec.record.started = utc_text(set_back_now()); break;
      case Induced::rows:
      case Induced::kill_at:
      case Induced::corrupt_output:
      case Induced::lost_output: break;
    }
  }
}

/// Most steps leave their checkpoint folder empty; the next one takes it over, since folders are dear to make and to remove.
fs::path spare_of(const RunFolder& run) { return run.path() / ".checkpoint"; }

/// Docker takes letters, digits, '_', '.' and '-'.
std::string container_name(const StartRequest& request) {
  std::string name = fmt::format("cupel-{}-{}-{}", request.run->id(), step_folder(request.step->name).filename().string(), request.number);
  std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.'; }, '-');
  return name;
}

}  // namespace

std::vector<std::string> step_environment(const fs::path& home, const Tools& tools) {
  std::vector<std::string> environment = current_environment();
  constexpr std::string_view k_own[] = {"CUPEL_RUN=", "CUPEL_RUN_DIR=", "CUPEL_STEP=", "CUPEL_ATTEMPT=", "CUPEL_OUT=", "CUPEL_CHECKPOINT_DIR=", "CUPEL_INJECT"};
  std::erase_if(environment, [&](const std::string& entry) {
    return std::any_of(std::begin(k_own), std::end(k_own), [&](std::string_view prefix) { return entry.starts_with(prefix); });
  });
  set_variable(environment, "CUPEL_HOME", home.string());
  if (tools.bin.empty()) return environment;
  std::string path = tools.bin.string();
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) path += ":" + entry.substr(5);
  }
  if (path.find(':') == std::string::npos) path += ":/usr/local/bin:/usr/bin:/bin";
  set_variable(environment, "PATH", path);
  return environment;
}

Result<AttemptSpec> make_attempt(const StartRequest& request) {
  AttemptSpec spec;
  const Step& step = *request.step;
  spec.folder = request.run->attempt(step.name, request.number);
  const Surroundings where{request.flow, request.step, request.run->path(), spec.folder / "out", request.number, request.with};
  std::error_code error;
  fs::remove_all(spec.folder, error);  // of one that never came to its intent
  fs::create_directories(where.out, error);
  if (error) return fail(ErrorKind::io, "cannot make folder '{}': {}", where.out.string(), error.message());
  for (const std::string& output : step.outputs) fs::create_directories((where.out / output).parent_path(), error);

  ASSIGN_OR_RETURN(std::vector<std::string> argv, request.fall_back != nullptr ? fall_back_command(request, where) : expanded_command(request, where));
  std::vector<std::string> environment = step_environment(request.home, request.tools);
  ASSIGN_OR_RETURN(std::vector<std::string> told, tell(request, where, environment));
  spec.secrets = keep_secrets(request, environment);
  told.insert(told.end(), step.secrets.begin(), step.secrets.end());
  spec.process.limits = step.limits;
  spec.record.started = utc_now();
  apply_injections(request, spec, argv);

  PlacedCommand placed{std::move(argv), std::move(environment), {}, false};
  if (request.places != nullptr && request.fall_back == nullptr) {
    const Mounts mounts{request.flow->folder, request.home, request.inputs, told, spec.process.limits};
    ASSIGN_OR_RETURN(placed, request.places->command(step, std::move(placed.argv), std::move(placed.environment), mounts, container_name(request)));
    if (placed.keeps_limits) spec.process.limits = {};
  }
  spec.process.argv = std::move(placed.argv);
  spec.process.environment = std::move(placed.environment);
  spec.process.folder = request.flow->folder;
  spec.cleanup = std::move(placed.cleanup);
  spec.record.number = request.number;
  spec.record.how = request.how;
  spec.record.with = request.with;
  spec.timeout_seconds = step.timeout_seconds;
  spec.grace_seconds = request.grace_seconds;
  spec.gate = step.gate && request.fall_back == nullptr;
  return spec;
}

Result<void> prepare_checkpoint(const RunFolder& run, std::string_view step, Checkpoints checkpoints) {
  const fs::path folder = run.checkpoint(step);
  std::error_code error;
  if (checkpoints == Checkpoints::clear) fs::remove_all(folder, error);
  fs::create_directories(folder.parent_path(), error);
  if (!error) fs::rename(spare_of(run), folder, error);
  if (!error) return {};
  fs::create_directories(folder, error);
  if (error) return fail(ErrorKind::io, "cannot make folder '{}': {}", folder.string(), error.message());
  return {};
}

void discard_checkpoint(const RunFolder& run, std::string_view step) {
  std::error_code ignored;  // it goes with the run
  const fs::path folder = run.checkpoint(step);
  if (fs::is_empty(folder, ignored) && !ignored) fs::rename(folder, spare_of(run), ignored);
  fs::remove_all(folder, ignored);
}

void discard_spare_checkpoint(const RunFolder& run) {
  std::error_code ignored;
  fs::remove(spare_of(run), ignored);
}

}  // namespace cupel::flow
