#include "flow/flow_file.h"

#include <algorithm>
#include <cstdlib>

#include "base/hash.h"
#include "base/text.h"
#include "flow/foreach.h"
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

/// A list becomes its values with commas between, as `--param` would give them and `foreach` reads them.
Result<std::string> read_param(const std::string& name, const yaml::Node& node) {
  const auto value_of = [&](const yaml::Node& value) -> Result<std::string> {
    ASSIGN_OR_RETURN(const Template text, Template::parse(value, fmt::format("parameter '{}'", name)));
    return text.expand([&](const std::string& variable) { return from_environment(variable, name); });
  };
  if (!node.is_list()) return value_of(node);
  std::vector<std::string> values;
  for (const yaml::Node& item : node.items) {
    ASSIGN_OR_RETURN(values.emplace_back(), value_of(item));
    if (values.back().find(',') != std::string::npos) return item.fail_here(fmt::format("value '{}' of list parameter '{}' holds a comma", shorten(values.back(), 60), name), "write the list where it is used");
  }
  return join(values, ",");
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
      ASSIGN_OR_RETURN(params[key.scalar], read_param(key.scalar, value));
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
  static const std::vector<std::string> k_keys = {"memory", "cpu", "file_size", "threads"};
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
  if (const auto* threads = node.find("threads")) {
    ASSIGN_OR_RETURN(const std::int64_t number, threads->integer("'threads'"));
    if (number < 1) return threads->fail_here(fmt::format("'threads' is {}, expected at least 1", number));
    limits.threads = static_cast<std::uint64_t>(number);
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
  static const std::vector<std::string> k_keys = {"run", "about", "because", "foreach", "in", "out", "after", "environment", "env", "secrets", "timeout", "limits", "gate", "cache", "on"};
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

/// The declared steps of a file: what a step may refer to, before instances are made.
struct Declared {
  std::vector<std::string> names;
  std::vector<Step> steps;
  std::vector<const yaml::Node*> foreach_nodes;  ///< null pointer: none
  std::vector<std::vector<Bindings>> instances;  ///< of those with `foreach`
  std::vector<std::string> families;

  std::optional<std::size_t> find(std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    return found != names.end() ? std::optional(static_cast<std::size_t>(found - names.begin())) : std::nullopt;
  }
  /// Whether `name` is a declared step or an instance of one.
  bool knows(std::string_view name) const {
    const auto index = find(declared_name(name));
    if (!index || declared_name(name) == name) return index.has_value();
    const auto same = [&](const Bindings& bindings) { return instance_name(names[*index], bindings) == name; };
    return std::any_of(instances[*index].begin(), instances[*index].end(), same);
  }
};

/// Every `${name}` of a step means something.
Result<void> check_references(const Flow& flow, const Declared& declared, const Step& step, const Template& text, bool may_use_out, const std::vector<std::string>& more = {}) {
  for (const std::string& name : text.names()) {
    const Reference reference = reference_of(name);
    const auto bound = [&](const auto& binding) { return binding.first == name; };
    if (std::count(more.begin(), more.end(), name) != 0 || std::any_of(step.each.begin(), step.each.end(), bound)) continue;
    if (reference.kind == Reference::Kind::out && !may_use_out) return text.fail_here("'${out}' is the step's own output, it cannot be an input");
    if (reference.kind == Reference::Kind::other_out) {
      if (declared_name(reference.name) == declared_name(step.name)) return text.fail_here(fmt::format("step '{}' refers to its own output, write ${{out}}", declared_name(step.name)));
      if (declared.knows(reference.name)) continue;
      const auto fan = declared.find(declared_name(reference.name));
      if (fan && declared.instances[*fan].empty()) return text.fail_here(fmt::format("step '{}' has no 'foreach', so there is no '{}'", declared.names[*fan], reference.name));
      if (fan) {
        std::vector<std::string> names;
        for (const Bindings& bindings : declared.instances[*fan]) names.push_back(instance_name(declared.names[*fan], bindings));
        return text.fail_here(fmt::format("unknown instance '{}'{}", reference.name, nearest_note(reference.name, names)));
      }
      return text.fail_here(fmt::format("unknown step '{}'{}", reference.name, nearest_note(reference.name, declared.names)));
    }
    if (reference.kind != Reference::Kind::param || flow.params.contains(name)) continue;
    std::vector<std::string> known = {"out", "run", "step", "attempt"};
    for (const auto& [param, value] : flow.params) known.push_back(param);
    for (const auto& [param, value] : step.each) known.push_back(param);
    return text.fail_here(fmt::format("unknown parameter '{}'{}", name, nearest_note(name, known)), fmt::format("a shell variable is written ${} or $${{{}}}", name, name));
  }
  return {};
}

/// A name of `foreach` that nothing of the step holds would make the same thing again and again.
Result<void> check_each_is_used(const Step& step, const yaml::Node& node) {
  std::vector<std::string> used;
  const auto take = [&](const Template& text) {
    for (std::string& name : text.names()) used.push_back(std::move(name));
  };
  for (const Template& text : step.command) take(text);
  for (const Template& text : step.inputs) take(text);
  for (const auto& [name, text] : step.variables) take(text);
  for (const auto& [name, value] : step.each) {
    if (std::count(used.begin(), used.end(), name) == 0) return node.fail_here(fmt::format("'{0}' of 'foreach' is used nowhere in step '{1}', expected ${{{0}}} in its command", name, declared_name(step.name)));
  }
  return {};
}

Result<void> check_step(const Flow& flow, const Declared& declared, const Step& step) {
  for (const Template& text : step.command) TRY(check_references(flow, declared, step, text, true));
  for (const Template& text : step.inputs) TRY(check_references(flow, declared, step, text, false));
  for (const auto& [name, text] : step.variables) TRY(check_references(flow, declared, step, text, true));
  for (const std::string& other : step.after) {
    if (!declared.knows(other)) return step.place.fail_here(fmt::format("step '{}' comes after an unknown step '{}'{}", declared_name(step.name), other, nearest_note(other, declared.names)));
  }
  for (const auto& [fault, policy] : step.on) {
    for (const auto& [param, text] : policy.with) {
      TRY(check_references(flow, declared, step, text, false));
      std::vector<std::string> known;
      for (const auto& [other, value] : flow.params) known.push_back(other);
      if (!flow.params.contains(param)) return text.fail_here(fmt::format("'with' sets an unknown parameter '{}'{}", param, nearest_note(param, known)));
    }
    if (policy.to) TRY(check_references(flow, declared, step, *policy.to, false));
    if (policy.by) TRY(check_references(flow, declared, step, *policy.by, true, {"to"}));
    if (policy.then == Response::fall_back && !policy.by && step.outputs.empty()) {
      return policy.to->fail_here(fmt::format("step '{}' falls back but has no 'out' to put the model in", declared_name(step.name)), "declare out, or say how with 'by'");
    }
  }
  return {};
}

Result<void> read_instances(const Flow& flow, Declared& declared, std::size_t i);

/// `foreach: train`: the instances of `train`, one to one.
Result<void> follow(const Flow& flow, Declared& declared, std::size_t i) {
  const yaml::Node& node = *declared.foreach_nodes[i];
  if (node.scalar.find("${") != std::string::npos) {
    return node.fail_here("'foreach' needs a name for its values", fmt::format("foreach: {{seed: \"{}\"}}", node.scalar));
  }
  const auto other = declared.find(node.scalar);
  if (!other) return node.fail_here(fmt::format("'foreach' goes with an unknown step '{}'{}", shorten(node.scalar, 60), nearest_note(node.scalar, declared.names)));
  declared.families[i] = declared.names[i];  // read, for a circle
  if (declared.foreach_nodes[*other] == nullptr) return node.fail_here(fmt::format("'foreach' goes with step '{}', which has no 'foreach' itself", node.scalar));
  if (declared.instances[*other].empty()) {
    if (!declared.families[*other].empty()) return node.fail_here(fmt::format("'foreach' of '{}' and of '{}' go in a circle", declared.names[i], node.scalar));
    TRY(read_instances(flow, declared, *other));
  }
  declared.instances[i] = declared.instances[*other];
  declared.families[i] = declared.families[*other];
  return {};
}

Result<void> read_instances(const Flow& flow, Declared& declared, std::size_t i) {
  const yaml::Node* node = declared.foreach_nodes[i];
  if (node == nullptr || !declared.instances[i].empty()) return {};
  if (node->is_scalar()) return follow(flow, declared, i);
  declared.families[i] = declared.names[i];
  std::vector<std::string> taken = k_reserved;
  for (const auto& [name, value] : flow.params) taken.push_back(name);
  const auto parameter = [&](const std::string& name) -> Result<std::string> {
    if (const auto found = flow.params.find(name); found != flow.params.end()) return found->second;
    if (reference_of(name).kind == Reference::Kind::other_out) return fail("'foreach' names the output of step '{}', which is not known before the run", reference_of(name).name);
    std::vector<std::string> known;
    for (const auto& [param, value] : flow.params) known.push_back(param);
    return fail("unknown parameter '{}'{}", name, nearest_note(name, known));
  };
  ASSIGN_OR_RETURN(declared.instances[i], read_foreach(*node, flow.folder, taken, parameter));
  return {};
}

/// Reads all steps and puts one for each instance into the flow.
Result<void> read_steps(const yaml::Node& steps, Flow& flow) {
  constexpr std::size_t k_most_steps = 20'000;
  Declared declared;
  for (const auto& [key, value] : steps.members) {
    ASSIGN_OR_RETURN(declared.steps.emplace_back(), read_step(key, value));
    declared.names.push_back(declared.steps.back().name);
    const yaml::Node* each = value.find("foreach");
    declared.foreach_nodes.push_back(each != nullptr && !each->is_null() ? each : nullptr);
  }
  const std::size_t count = declared.names.size();
  declared.instances.resize(count);
  declared.families.resize(count);
  for (std::size_t i = 0; i < count; ++i) TRY(read_instances(flow, declared, i));
  for (std::size_t i = 0; i < count; ++i) {
    Step& step = declared.steps[i];
    if (!declared.instances[i].empty()) step.each = declared.instances[i].front();
    TRY(check_step(flow, declared, step));
    if (declared.foreach_nodes[i] == nullptr) {
      flow.by_name[step.name] = {flow.steps.size()};
      flow.steps.push_back(std::move(step));
      continue;
    }
    if (declared.foreach_nodes[i]->is_map()) TRY(check_each_is_used(step, *declared.foreach_nodes[i]));
    step.family = declared.families[i];
    for (const Bindings& bindings : declared.instances[i]) {
      flow.by_name[declared.names[i]].push_back(flow.steps.size());
      flow.by_name[instance_name(declared.names[i], bindings)] = {flow.steps.size()};
      Step& instance = flow.steps.emplace_back(step);
      instance.name = instance_name(declared.names[i], bindings);
      instance.each = bindings;
    }
    if (flow.steps.size() > k_most_steps) return steps.fail_here(fmt::format("more than {} steps", k_most_steps));
  }
  return {};
}

}  // namespace

const Step* Flow::find(std::string_view step_name) const {
  const auto found = by_name.find(step_name);
  const bool one = found != by_name.end() && found->second.size() == 1 && steps[found->second[0]].name == step_name;
  return one ? &steps[found->second[0]] : nullptr;
}

std::span<const std::size_t> Flow::find_all(std::string_view step_name) const {
  const auto found = by_name.find(step_name);
  return found != by_name.end() ? std::span<const std::size_t>(found->second) : std::span<const std::size_t>();
}

std::string Flow::referred(const Step& from, std::string_view step_name) const {
  const auto all = find_all(step_name);
  const bool follows = !from.family.empty() && !all.empty() && steps[all[0]].family == from.family && declared_name(step_name) == step_name;
  return follows ? instance_name(step_name, from.each) : std::string(step_name);
}

std::vector<std::string> Flow::declared() const {
  std::vector<std::string> names;
  for (const Step& step : steps) {
    if (names.empty() || names.back() != declared_name(step.name)) names.emplace_back(declared_name(step.name));
  }
  return names;
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
  TRY(read_steps(*steps, flow));
  return flow;
}

}  // namespace cupel::flow
