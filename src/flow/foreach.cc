#include "flow/foreach.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "flow/digest.h"

namespace cupel::flow {
namespace {

constexpr std::size_t k_most_instances = 10'000;
constexpr std::uintmax_t k_largest_file = 4u << 20;

std::vector<std::string> cut_at_commas(const std::string& text) {
  std::vector<std::string> values;
  for (const std::string_view value : split(text, ',')) values.emplace_back(trim(value));
  return values;
}

Result<std::vector<std::string>> lines_of(const yaml::Node& node, const fs::path& file) {
  const auto text = read_file(file, k_largest_file);
  if (!text) return node.fail_here(text.error().message);
  std::vector<std::string> values;
  for (const std::string_view line : split(*text, '\n')) {
    const std::string_view value = trim(line);
    if (!value.empty() && !value.starts_with('#')) values.emplace_back(value);
  }
  if (values.empty()) return node.fail_here(fmt::format("'{}' holds no line with a value", file.string()));
  return values;
}

Result<std::vector<std::string>> files_of(const yaml::Node& node, const fs::path& folder, const std::string& pattern) {
  std::vector<std::string> values;
  std::error_code error;
  for (const fs::path& path : matching_paths((folder / pattern).lexically_normal())) {
    if (!fs::exists(path, error)) continue;
    values.push_back(fs::path(pattern).is_absolute() ? path.string() : path.lexically_relative(folder).string());
  }
  if (values.empty()) return node.fail_here(fmt::format("no file matches '{}'", pattern));
  return values;
}

Result<std::vector<std::string>> numbers_of(const yaml::Node& node) {
  const yaml::Node* from = node.find("from");
  const yaml::Node* to = node.find("to");
  if (from == nullptr || to == nullptr) return node.fail_here("'from' and 'to' belong together");
  ASSIGN_OR_RETURN(const std::int64_t low, from->integer("'from'"));
  ASSIGN_OR_RETURN(const std::int64_t high, to->integer("'to'"));
  if (low > high) return to->fail_here(fmt::format("'to' is {}, expected at least 'from', {}", high, low));
  if (static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) >= k_most_instances) return node.fail_here(fmt::format("from {} to {} are more than {} instances", low, high, k_most_instances));
  std::vector<std::string> values;
  for (std::int64_t value = low; value <= high; ++value) values.push_back(std::to_string(value));
  return values;
}

Result<std::string> expanded(const yaml::Node& node, const Template::Lookup& parameter) {
  ASSIGN_OR_RETURN(const Template text, Template::parse(node, "a value"));
  return text.expand(parameter);
}

Result<std::vector<std::string>> values_of(const yaml::Node& node, const fs::path& folder, const Template::Lookup& parameter) {
  std::vector<std::string> values;
  if (node.is_scalar()) {
    ASSIGN_OR_RETURN(const std::string text, expanded(node, parameter));
    return cut_at_commas(text);
  }
  if (node.is_list()) {
    for (const yaml::Node& item : node.items) {
      ASSIGN_OR_RETURN(values.emplace_back(), expanded(item, parameter));
    }
    if (values.empty()) return node.fail_here("the list is empty, expected at least one value");
    return values;
  }
  static const std::vector<std::string> k_keys = {"file", "glob", "from", "to"};
  TRY(node.only_keys(k_keys, "the values of 'foreach'"));
  const yaml::Node* file = node.find("file");
  const yaml::Node* glob = node.find("glob");
  const bool numbers = node.find("from") != nullptr || node.find("to") != nullptr;
  if ((file != nullptr) + (glob != nullptr) + static_cast<int>(numbers) != 1) return node.fail_here("expected one of 'file', 'glob', or 'from' and 'to'");
  if (numbers) return numbers_of(node);
  ASSIGN_OR_RETURN(const std::string path, expanded(file != nullptr ? *file : *glob, parameter));
  return file != nullptr ? lines_of(*file, (folder / path).lexically_normal()) : files_of(*glob, folder, path);
}

Result<void> check_values(const yaml::Node& node, std::string_view name, const std::vector<std::string>& values) {
  constexpr std::size_t k_longest_value = 1000;
  std::set<std::string_view> seen;
  for (const std::string& value : values) {
    if (value.empty()) return node.fail_here(fmt::format("a value of '{}' is empty", name));
    if (value.size() > k_longest_value) return node.fail_here(fmt::format("a value of '{}' has {} bytes, expected at most {}", name, value.size(), k_longest_value));
    const bool control = std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (control || first_invalid_utf8(value)) return node.fail_here(fmt::format("value '{}' of '{}' holds control characters or is no UTF-8", shorten(value, 60), name));
    if (!seen.insert(value).second) return node.fail_here(fmt::format("value '{}' of '{}' stands here a second time", shorten(value, 60), name));
  }
  return {};
}

bool is_variable(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 100 && letter(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Result<std::vector<Bindings>> read_foreach(const yaml::Node& node, const fs::path& folder, const std::vector<std::string>& taken, const Template::Lookup& parameter) {
  if (!node.is_map() || node.members.empty()) {
    return node.fail_here(fmt::format("'foreach' is {}, expected a name with its values, or a step whose instances it goes with", node.description()), "foreach: {seed: [1, 2, 3]}");
  }
  std::vector<Bindings> all{{}};
  for (const auto& [key, value] : node.members) {
    const std::string& name = key.scalar;
    if (!is_variable(name)) return key.fail_here(fmt::format("'{}' is no name, expected letters, digits, '_' and '-'", shorten(name, 60)));
    if (std::count(taken.begin(), taken.end(), name) != 0) return key.fail_here(fmt::format("'{}' is a parameter of the flow or has a meaning of its own, choose another name", name));
    ASSIGN_OR_RETURN(const std::vector<std::string> values, values_of(value, folder, parameter));
    TRY(check_values(value, name, values));
    if (all.size() * values.size() > k_most_instances) return node.fail_here(fmt::format("'foreach' makes {} instances or more, expected at most {}", all.size() * values.size(), k_most_instances));
    std::vector<Bindings> longer;
    for (const Bindings& before : all) {
      for (const std::string& text : values) longer.emplace_back(before).emplace_back(name, text);
    }
    all = std::move(longer);
  }
  std::set<std::string> names;
  for (const Bindings& bindings : all) {
    if (!names.insert(instance_name("", bindings)).second) return node.fail_here(fmt::format("two instances would be named '{}'", instance_name("", bindings)));
  }
  return all;
}

}  // namespace cupel::flow
