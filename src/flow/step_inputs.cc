#include "flow/step_inputs.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

fs::path absolute_in(const fs::path& folder, const std::string& path) { return (folder / path).lexically_normal(); }

Result<std::string> digest_of_input(const FoundInput& input, const fs::path& folder, Digester& digester) {
  if (!input.url.empty()) return "url " + sha256_hex(input.url);
  if (input.paths.size() == 1) {
    ASSIGN_OR_RETURN(const Digest digest, digester.of(input.paths[0]));
    return digest.sha256;
  }
  std::string all;
  for (const fs::path& path : input.paths) {
    ASSIGN_OR_RETURN(const Digest digest, digester.of(path));
    all += path.lexically_relative(folder).string() + " " + digest.sha256 + "\n";
  }
  return sha256_hex(all);
}

/// Parameters that any text of the step uses.
std::map<std::string, std::string> used_parameters(const PlannedStep& planned, const Surroundings& where) {
  std::map<std::string, std::string> used;
  const auto take = [&](const Template& text) {
    for (const std::string& name : text.names()) {
      if (reference_of(name).kind != Reference::Kind::param) continue;
      if (const auto value = value_of(where, name)) used[name] = *value;
    }
  };
  for (const Template& text : where.step->command) take(text);
  for (const PlannedInput& input : planned.inputs) take(input.text);
  for (const auto& [name, text] : where.step->variables) take(text);
  return used;
}

std::string lines(const std::vector<std::string>& all) { return join(all, "\n"); }

}  // namespace

Result<std::string> value_of(const Surroundings& where, const std::string& name) {
  const Reference reference = reference_of(name);
  switch (reference.kind) {
    case Reference::Kind::out: return where.out.string();
    case Reference::Kind::run: return where.run.string();
    case Reference::Kind::step: return where.step->name;
    case Reference::Kind::attempt: return std::to_string(where.attempt);
    case Reference::Kind::other_out: return (where.run / out_folder(where.flow->referred(*where.step, reference.name))).string();
    case Reference::Kind::param: break;
  }
  for (const auto& [bound, value] : where.step->each) {
    if (bound == name) return value;
  }
  for (const auto& [param, value] : where.with) {
    if (param == name) return value;
  }
  if (const auto found = where.flow->params.find(name); found != where.flow->params.end()) return found->second;
  return fail("unknown parameter '{}'", name);
}

Result<std::vector<FoundInput>> find_inputs(const PlannedStep& planned, const Surroundings& where) {
  std::vector<FoundInput> inputs;
  for (const PlannedInput& input : planned.inputs) {
    ASSIGN_OR_RETURN(const std::string path, input.text.expand([&](const std::string& name) { return value_of(where, name); }));
    FoundInput found{input.text.text(), {}, false, {}};
    if (path.find("://") != std::string::npos) {
      found.url = path;
    } else {
      std::error_code error;
      found.paths = matching_paths(absolute_in(where.flow->folder, path));
      found.missing = path.empty() || found.paths.empty() || (found.paths.size() == 1 && !fs::exists(found.paths[0], error));
    }
    inputs.push_back(std::move(found));
  }
  return inputs;
}

std::string missing_text(const std::vector<FoundInput>& inputs, const Surroundings& where) {
  std::string text;
  for (const FoundInput& input : inputs) {
    if (!input.missing) continue;
    const std::string shown = input.paths.empty() ? input.declared : input.paths[0].string();
    text += fmt::format("{}input '{}' is not there", text.empty() ? "" : ", ", shown);
    std::error_code error;
    const fs::path relative = input.paths.empty() ? fs::path() : input.paths[0].lexically_relative(where.flow->folder);
    if (!relative.empty() && fs::exists(fs::current_path(error) / relative, error)) text += " (it is in the current folder; relative paths start at the flow file's folder)";
  }
  return text;
}

Result<StepKey> make_key(const PlannedStep& planned, const Surroundings& where, const std::vector<FoundInput>& inputs, const Tools& tools,
                         const std::vector<std::string>& environment, std::string_view place, Digester& digester) {
  StepKey key;
  const Step& step = *where.step;
  std::vector<std::string> command{step.shell ? "sh" : "argv"};
  for (const Template& part : step.command) command.push_back(part.text());
  key.command = lines(command);
  key.parameters = used_parameters(planned, where);
  for (const FoundInput& input : inputs) {
    ASSIGN_OR_RETURN(key.inputs[input.declared], digest_of_input(input, where.flow->folder, digester));
  }
  if (!step.environment.empty()) {
    const fs::path folder = absolute_in(where.flow->folder, step.environment);
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (!it->is_regular_file(error)) continue;
      ASSIGN_OR_RETURN(const Digest digest, digester.of(it->path()));
      key.environment[it->path().lexically_relative(folder).string()] = digest.sha256;
    }
  }
  for (const auto& [name, text] : step.variables) key.variables[name] = text.text();
  for (const std::string& name : step.secrets) key.variables[name] = "(secret)";
  for (const auto& [name, path] : programs_of(step, tools, environment)) {
    ASSIGN_OR_RETURN(const Digest digest, digester.of(path));
    key.tools[name] = digest.sha256;
  }
  key.outputs = lines(step.outputs);
  key.place = place;
  return key;
}

std::vector<std::string> undeclared_files(const PlannedStep& planned, const Surroundings& where) {
  std::vector<std::string> undeclared;
  const auto inputs = find_inputs(planned, where);
  if (!inputs) return undeclared;
  const auto declared = [&](const fs::path& path) {
    for (const FoundInput& input : *inputs) {
      for (const fs::path& known : input.paths) {
        const std::string inside = path.lexically_relative(known).string();
        if (path == known || (!inside.empty() && inside != "." && !inside.starts_with(".."))) return true;
      }
    }
    return false;
  };
  for (const Template& part : where.step->command) {
    const std::string text = replace_all(part.text(), "\n", " ");
    for (const std::string_view word : split(text, ' ')) {
      if (word.empty() || word.find_first_of("${}*'\"|;&<>()") != std::string_view::npos) continue;
      const fs::path path = absolute_in(where.flow->folder, std::string(word));
      std::error_code error;
      const bool inside = !path.lexically_relative(where.flow->folder).string().starts_with("..");
      if (inside && fs::is_regular_file(path, error) && !declared(path)) undeclared.emplace_back(word);
    }
  }
  return undeclared;
}

}  // namespace cupel::flow
