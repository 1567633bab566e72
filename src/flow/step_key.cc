#include "flow/step_key.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr int k_key_format = 1;
using Parts = std::map<std::string, std::string>;

Parts parts_of(const Json& json, const char* name) {
  Parts parts;
  const auto found = json.find(name);
  if (found == json.end() || !found->is_object()) return parts;
  for (const auto& [key, value] : found->items()) {
    if (value.is_string()) parts[key] = value.get<std::string>();
  }
  return parts;
}

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

enum class Show { name_only, values };

void compare(const Parts& before, const Parts& now, std::string_view what, Show show, std::vector<std::string>& found) {
  for (const auto& [name, value] : now) {
    const auto old = before.find(name);
    if (old == before.end()) {
      found.push_back(fmt::format("{} '{}' is new", what, name));
    } else if (old->second != value) {
      found.push_back(show == Show::values ? fmt::format("{} '{}' changed from {} to {}", what, name, shorten(old->second, 40), shorten(value, 40))
                                           : fmt::format("{} '{}' changed", what, name));
    }
  }
  for (const auto& [name, value] : before) {
    if (!now.contains(name)) found.push_back(fmt::format("{} '{}' is gone", what, name));
  }
}

/// Words of a shell text, roughly: good enough to find program names.
std::vector<std::string> words_of(const Step& step) {
  std::vector<std::string> words;
  for (const Template& part : step.command) {
    std::string flat = part.text();
    if (step.shell) std::replace_if(flat.begin(), flat.end(), [](char c) { return std::string_view("\n\t;()&|\"'").find(c) != std::string_view::npos; }, ' ');
    for (const std::string_view word : split(flat, ' ')) {
      if (!word.empty()) words.emplace_back(word);
    }
  }
  return words;
}

}  // namespace

Json key_json(const StepKey& key) {
  return {{"format", k_key_format}, {"command", key.command},         {"parameters", key.parameters}, {"inputs", key.inputs},
          {"environment", key.environment}, {"variables", key.variables}, {"tools", key.tools},       {"outputs", key.outputs},
          {"place", key.place}};
}

StepKey key_from_json(const Json& json) {
  StepKey key;
  key.command = text_of(json, "command");
  key.parameters = parts_of(json, "parameters");
  key.inputs = parts_of(json, "inputs");
  key.environment = parts_of(json, "environment");
  key.variables = parts_of(json, "variables");
  key.tools = parts_of(json, "tools");
  key.outputs = text_of(json, "outputs");
  key.place = text_of(json, "place");
  return key;
}

std::string StepKey::digest() const { return sha256_hex(key_json(*this).dump(-1, ' ', false, Json::error_handler_t::replace)); }

std::vector<std::string> differences(const StepKey& before, const StepKey& now) {
  std::vector<std::string> found;
  compare(before.parameters, now.parameters, "parameter", Show::values, found);
  compare(before.inputs, now.inputs, "input", Show::name_only, found);
  if (before.command != now.command) found.emplace_back("the command changed");
  compare(before.variables, now.variables, "variable", Show::name_only, found);
  compare(before.environment, now.environment, "environment file", Show::name_only, found);
  compare(before.tools, now.tools, "tool", Show::name_only, found);
  if (before.outputs != now.outputs) found.emplace_back("the declared outputs changed");
  if (before.place != now.place) found.push_back(fmt::format("it runs on {} instead of {}", now.place, before.place));
  return found;
}

std::string differences_text(const StepKey& before, const StepKey& now) {
  const std::vector<std::string> all = differences(before, now);
  constexpr std::size_t k_shown = 2;
  const std::vector<std::string> first(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(k_shown, all.size())));
  return join(first, ", ") + (all.size() > k_shown ? fmt::format(" and {} more", all.size() - k_shown) : "");
}

std::map<std::string, fs::path> programs_of(const Step& step, const Tools& tools, const std::vector<std::string>& environment) {
  std::map<std::string, fs::path> programs;
  const std::vector<std::string> words = words_of(step);
  std::error_code error;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "cupel" || tools.libexec.empty()) continue;
    const std::string own = i + 1 < words.size() ? "cupel-" + words[i + 1] : "";
    if (!own.empty() && fs::is_regular_file(tools.libexec / own, error)) {
      programs[own] = tools.libexec / own;
      continue;
    }
    for (const auto& entry : fs::directory_iterator(tools.libexec, error)) {
      if (entry.is_regular_file(error)) programs[entry.path().filename().string()] = entry.path();
    }
  }
  if (!words.empty() && words[0] != "cupel") {
    if (const auto found = find_program(words[0], environment); found && fs::is_regular_file(*found, error)) programs[words[0]] = *found;
  }
  return programs;
}

}  // namespace cupel::flow
