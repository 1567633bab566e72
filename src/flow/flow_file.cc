#include "flow/flow_file.h"

#include <algorithm>
#include <cstdlib>

#include "base/hash.h"
#include "base/text.h"
#include "flow/quantity.h"

namespace cupel::flow {
namespace {

const std::vector<std::string> k_reserved = {"attempt", "out", "run", "step", "steps"};

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 100) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

/// `${NAME}` and `${NAME:-default}` of a parameter: the environment.
Result<std::string> from_environment(const std::string& name, std::string_view param) {
  const std::size_t dash = name.find(":-");
  const std::string variable = name.substr(0, dash);
  const char* value = std::getenv(variable.c_str());
  if (value != nullptr && (*value != '\0' || dash == std::string::npos)) return std::string(value);
  if (dash != std::string::npos) return name.substr(dash + 2);
  return fail_with_hint(fmt::format("environment variable '{}' of parameter '{}' is not set", variable, param),
                        fmt::format("set it, or give --param {}=…", param));
}

Result<Params> read_params(const yaml::Node* node, const Params& overrides, const Params& earlier, std::string_view file) {
  Params params;
  std::vector<std::string> known;
  if (node != nullptr && !node->is_null()) {
    if (!node->is_map()) return node->fail_here(fmt::format("'params' is {}, expected a mapping", node->description()));
    for (const auto& [key, value] : node->members) {
      if (!is_name(key.scalar)) return key.fail_here(fmt::format("'{}' is no name for a parameter", shorten(key.scalar, 60)));
      if (std::count(k_reserved.begin(), k_reserved.end(), key.scalar) != 0) return key.fail_here(fmt::format("'{}' has a meaning of its own, choose another name", key.scalar));
      known.push_back(key.scalar);
      if (const auto set = overrides.find(key.scalar); set != overrides.end()) {
        params[key.scalar] = set->second;
        continue;
      }
      if (const auto set = earlier.find(key.scalar); set != earlier.end()) {
        params[key.scalar] = set->second;
        continue;
      }
      ASSIGN_OR_RETURN(const Template text, Template::parse(value, fmt::format("parameter '{}'", key.scalar)));
      ASSIGN_OR_RETURN(params[key.scalar], text.expand([&](const std::string& name) { return from_environment(name, key.scalar); }));
    }
  }
  for (const auto& [name, value] : overrides) {
    if (!params.contains(name)) return fail("{} has no parameter '{}'{}", file, name, nearest_note(name, known));
  }
  return params;
}

Result<std::vector<Template>> read_templates(const yaml::Node* node, std::string_view what) {
  std::vector<Template> all;
  if (node == nullptr || node->is_null()) return all;
  if (node->is_scalar()) {
    ASSIGN_OR_RETURN(all.emplace_back(), Template::parse(*node, what));
    return all;
  }
  if (!node->is_list()) return node->fail_here(fmt::format("{} is {}, expected a list", what, node->description()));
  for (const yaml::Node& item : node->items) {
    ASSIGN_OR_RETURN(all.emplace_back(), Template::parse(item, what));
  }
  return all;
}

Result<std::vector<std::string>> read_outputs(const yaml::Node* node) {
  std::vector<std::string> outputs;
  if (node == nullptr || node->is_null()) return outputs;
  ASSIGN_OR_RETURN(outputs, node->texts("'out'"));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const yaml::Node& item = node->is_list() ? node->items[i] : *node;
    const fs::path path = outputs[i];
    const bool climbs = std::any_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".." || part == "."; });
    if (outputs[i].empty() || path.is_absolute() || climbs) {
      return item.fail_here(fmt::format("output '{}' leaves the step's folder, expected a name below ${{out}}", outputs[i]));
    }
    if (outputs[i].find("${") != std::string::npos) return item.fail_here(fmt::format("output '{}' holds ${{…}}, expected a plain name below ${{out}}", outputs[i]));
    while (outputs[i].ends_with('/')) outputs[i].pop_back();
    if (std::count(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(i), outputs[i]) != 0) return item.fail_here(fmt::format("output '{}' stands here a second time", outputs[i]));
  }
  return outputs;
}

Result<ProcessLimits> read_limits(const yaml::Node& node) {
  static const std::vector<std::string> k_keys = {"memory", "cpu", "file_size"};
  TRY(node.only_keys(k_keys, "'limits'"));
  ProcessLimits limits;
  if (const auto* memory = node.find("memory")) {
    ASSIGN_OR_RETURN(limits.memory_bytes, read_size(*memory, "'memory'"));
  }
  if (const auto* cpu = node.find("cpu")) {
    ASSIGN_OR_RETURN(const double seconds, read_duration(*cpu, "'cpu'"));
    limits.cpu_seconds = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(seconds));
  }
  if (const auto* size = node.find("file_size")) {
    ASSIGN_OR_RETURN(limits.file_bytes, read_size(*size, "'file_size'"));
  }
  return limits;
}

Result<void> read_command(const yaml::Node& node, Step& step) {
  const yaml::Node* run = node.find("run");
  if (run == nullptr || run->is_null()) return node.fail_here(fmt::format("step '{}' has no 'run', expected its command", step.name));
  step.shell = run->is_scalar();
  ASSIGN_OR_RETURN(step.command, read_templates(run, "'run'"));
  if (step.command.empty() || trim(step.command[0].text()).empty()) return run->fail_here("'run' is empty, expected a command");
  std::vector<std::string> words;
  for (const Template& word : step.command) words.push_back(word.text());
  step.gate = is_gate_command(join(words, " "));
  if (const auto* gate = node.find("gate")) {
    ASSIGN_OR_RETURN(step.gate, gate->boolean("'gate'"));
  }
  return {};
}

Result<void> read_text(const yaml::Node& node, std::string_view key, std::string& to) {
  const yaml::Node* found = node.find(key);
  if (found == nullptr || found->is_null()) return {};
  ASSIGN_OR_RETURN(to, found->text(fmt::format("'{}'", key)));
  return {};
}

Result<void> read_variables(const yaml::Node* node, Step& step) {
  if (node == nullptr || node->is_null()) return {};
  if (!node->is_map()) return node->fail_here(fmt::format("'env' is {}, expected a mapping", node->description()));
  for (const auto& [key, value] : node->members) {
    if (!is_name(key.scalar) || key.scalar.find('-') != std::string::npos) return key.fail_here(fmt::format("'{}' is no name for a variable", shorten(key.scalar, 60)));
    ASSIGN_OR_RETURN(Template text, Template::parse(value, "a variable"));
    step.variables.emplace_back(key.scalar, std::move(text));
  }
  return {};
}

Result<Step> read_step(const yaml::Node& key, const yaml::Node& node) {
  static const std::vector<std::string> k_keys = {"run", "about", "because", "in", "out", "after", "environment", "env", "secrets", "timeout", "limits", "gate", "cache", "on"};
  Step step;
  step.name = key.scalar;
  step.place.line = key.line;
  step.place.column = key.column;
  step.place.file = key.file;
  if (!is_name(step.name)) return key.fail_here(fmt::format("'{}' is no name for a step, expected letters, digits, '_' and '-'", shorten(step.name, 60)));
  if (std::count(k_reserved.begin(), k_reserved.end(), step.name) != 0) return key.fail_here(fmt::format("'{}' has a meaning of its own, choose another name", step.name));
  TRY(node.only_keys(k_keys, fmt::format("step '{}'", step.name)));
  TRY(read_command(node, step));
  TRY(read_text(node, "about", step.about));
  TRY(read_text(node, "because", step.because));
  TRY(read_text(node, "environment", step.environment));
  ASSIGN_OR_RETURN(step.inputs, read_templates(node.find("in"), "'in'"));
  ASSIGN_OR_RETURN(step.outputs, read_outputs(node.find("out")));
  if (const auto* after = node.find("after"); after != nullptr && !after->is_null()) {
    ASSIGN_OR_RETURN(step.after, after->texts("'after'"));
  }
  TRY(read_variables(node.find("env"), step));
  if (const auto* secrets = node.find("secrets"); secrets != nullptr && !secrets->is_null()) {
    ASSIGN_OR_RETURN(step.secrets, secrets->texts("'secrets'"));
    for (const std::string& name : step.secrets) {
      if (!is_name(name) || name.find('-') != std::string::npos) return secrets->fail_here(fmt::format("'{}' is no name for a variable", shorten(name, 60)));
    }
  }
  if (const auto* timeout = node.find("timeout")) {
    ASSIGN_OR_RETURN(step.timeout_seconds, read_duration(*timeout, "'timeout'"));
  }
  if (const auto* limits = node.find("limits")) {
    ASSIGN_OR_RETURN(step.limits, read_limits(*limits));
  }
  if (const auto* cache = node.find("cache")) {
    ASSIGN_OR_RETURN(step.cache, cache->boolean("'cache'"));
  }
  if (const auto* on = node.find("on"); on != nullptr && !on->is_null()) {
    ASSIGN_OR_RETURN(step.on, read_policies(*on));
  }
  return step;
}

Result<void> check_version(const yaml::Node& root) {
  const yaml::Node* version = root.find("cupel");
  if (version == nullptr) return root.fail_here("'cupel' is missing, expected 'cupel: 1' at the start");
  if (!version->is_scalar() || version->scalar != "1") return version->fail_here(fmt::format("'cupel' is {}, expected 1", version->description()));
  return {};
}

/// Every `${name}` of a step means something.
Result<void> check_references(const Flow& flow, const Step& step, const Template& text, bool may_use_out, const std::vector<std::string>& more = {}) {
  for (const std::string& name : text.names()) {
    const Reference reference = reference_of(name);
    if (std::count(more.begin(), more.end(), name) != 0) continue;
    if (reference.kind == Reference::Kind::out && !may_use_out) return text.fail_here("'${out}' is the step's own output, it cannot be an input");
    if (reference.kind == Reference::Kind::other_out) {
      if (reference.name == step.name) return text.fail_here(fmt::format("step '{}' refers to its own output, write ${{out}}", step.name));
      if (flow.find(reference.name) != nullptr) continue;
      std::vector<std::string> steps;
      for (const Step& other : flow.steps) steps.push_back(other.name);
      return text.fail_here(fmt::format("unknown step '{}'{}", reference.name, nearest_note(reference.name, steps)));
    }
    if (reference.kind != Reference::Kind::param || flow.params.contains(name)) continue;
    std::vector<std::string> known = {"out", "run", "step", "attempt"};
    for (const auto& [param, value] : flow.params) known.push_back(param);
    return text.fail_here(fmt::format("unknown parameter '{}'{}", name, nearest_note(name, known)), fmt::format("a shell variable is written ${} or $${{{}}}", name, name));
  }
  return {};
}

Result<void> check_step(const Flow& flow, const Step& step) {
  for (const Template& text : step.command) TRY(check_references(flow, step, text, true));
  for (const Template& text : step.inputs) TRY(check_references(flow, step, text, false));
  for (const auto& [name, text] : step.variables) TRY(check_references(flow, step, text, true));
  for (const std::string& other : step.after) {
    if (flow.find(other) != nullptr) continue;
    std::vector<std::string> steps;
    for (const Step& known : flow.steps) steps.push_back(known.name);
    return step.place.fail_here(fmt::format("step '{}' comes after an unknown step '{}'{}", step.name, other, nearest_note(other, steps)));
  }
  for (const auto& [fault, policy] : step.on) {
    for (const auto& [param, text] : policy.with) {
      TRY(check_references(flow, step, text, false));
      std::vector<std::string> known;
      for (const auto& [other, value] : flow.params) known.push_back(other);
      if (!flow.params.contains(param)) return text.fail_here(fmt::format("'with' sets an unknown parameter '{}'{}", param, nearest_note(param, known)));
    }
    if (policy.to) TRY(check_references(flow, step, *policy.to, false));
    if (policy.by) TRY(check_references(flow, step, *policy.by, true, {"to"}));
    if (policy.then == Response::fall_back && !policy.by && step.outputs.empty()) {
      return policy.to->fail_here(fmt::format("step '{}' falls back but has no 'out' to put the model in", step.name), "declare out, or say how with 'by'");
    }
  }
  return {};
}

}  // namespace

const Step* Flow::find(std::string_view step_name) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.name == step_name; });
  return found != steps.end() ? &*found : nullptr;
}

std::vector<std::string> Flow::secrets() const {
  std::vector<std::string> all;
  for (const Step& step : steps) all.insert(all.end(), step.secrets.begin(), step.secrets.end());
  return all;
}

Reference reference_of(std::string_view name) {
  if (name == "out") return {Reference::Kind::out, {}};
  if (name == "run") return {Reference::Kind::run, {}};
  if (name == "step") return {Reference::Kind::step, {}};
  if (name == "attempt") return {Reference::Kind::attempt, {}};
  if (name.ends_with(".out")) {
    name.remove_suffix(4);
    if (name.starts_with("steps.")) name.remove_prefix(6);
    return {Reference::Kind::other_out, std::string(name)};
  }
  return {Reference::Kind::param, std::string(name)};
}

bool is_gate_command(std::string_view text) {
  constexpr std::string_view k_gates[] = {"ab", "check", "drift", "validate"};
  std::string flat(text);
  std::replace_if(flat.begin(), flat.end(), [](char c) { return c == '\n' || c == '\t' || c == ';' || c == '(' || c == '&' || c == '|'; }, ' ');
  std::string_view before;
  for (const std::string_view word : split(flat, ' ')) {
    if (word.empty()) continue;
    if ((before == "cupel" || before.ends_with("/cupel")) && std::count(std::begin(k_gates), std::end(k_gates), word) != 0) return true;
    before = word;
  }
  return false;
}

Result<Flow> read_flow(const fs::path& file, const Params& overrides, const Params& earlier) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file, 4u << 20));
  ASSIGN_OR_RETURN(const yaml::Node root, yaml::parse(text, file.string()));
  static const std::vector<std::string> k_keys = {"cupel", "flow", "about", "params", "steps"};
  TRY(root.only_keys(k_keys, "a flow"));
  TRY(check_version(root));
  Flow flow;
  std::error_code error;
  flow.file = fs::weakly_canonical(fs::absolute(file, error), error);
  flow.folder = flow.file.parent_path();
  flow.digest = sha256_hex(text);
  const yaml::Node* name = root.find("flow");
  if (name == nullptr) return root.fail_here("'flow' is missing, expected the flow's name");
  ASSIGN_OR_RETURN(flow.name, name->text("'flow'"));
  if (!is_name(flow.name)) return name->fail_here(fmt::format("'{}' is no name for a flow, expected letters, digits, '_' and '-'", shorten(flow.name, 60)));
  TRY(read_text(root, "about", flow.about));
  ASSIGN_OR_RETURN(flow.params, read_params(root.find("params"), overrides, earlier, file.string()));
  const yaml::Node* steps = root.find("steps");
  if (steps == nullptr || !steps->is_map() || steps->members.empty()) {
    return (steps != nullptr ? *steps : root).fail_here("'steps' is missing or empty, expected a mapping of steps");
  }
  for (const auto& [key, value] : steps->members) {
    ASSIGN_OR_RETURN(flow.steps.emplace_back(), read_step(key, value));
  }
  for (const Step& step : flow.steps) TRY(check_step(flow, step));
  return flow;
}

}  // namespace cupel::flow
