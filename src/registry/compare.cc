#include "registry/compare.h"

#include <map>

#include "base/text.h"

namespace cupel::registry {
namespace {

/// What names an entry of a list, so that an inserted column does not shift all that follow.
std::string entry_name(const Json& entry, std::size_t place) {
  if (entry.is_object()) {
    for (const char* key : {"name", "column", "suite"}) {
      const auto it = entry.find(key);
      if (it != entry.end() && it->is_string()) return it->get<std::string>();
    }
  }
  return std::to_string(place + 1);
}

bool is_list_of_mappings(const Json& value) { return value.is_array() && !value.empty() && value[0].is_object(); }

using Facts = std::vector<std::pair<std::string, std::string>>;

void flatten(const Json& value, const std::string& path, Facts& facts) {
  const auto below = [&](const std::string& name) { return path.empty() ? name : path + " " + name; };
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) flatten(child, below(key), facts);
  } else if (is_list_of_mappings(value)) {
    for (std::size_t i = 0; i < value.size(); ++i) flatten(value[i], below(entry_name(value[i], i)), facts);
  } else if (value.is_string()) {
    facts.emplace_back(path, value.get<std::string>());
  } else {
    facts.emplace_back(path, value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
}

Facts facts_of(const Version& version) {
  Facts facts;
  for (const StoredFile& file : version.files) facts.emplace_back("file " + file.role, "sha256:" + file.blob.digest);
  auto model = parse_json(version.metadata, "model.json");
  if (!model || !model->is_object()) return facts;
  for (const char* key : {"created", "run", "seconds", "digests", "format"}) model->erase(key);
  flatten(*model, "", facts);
  return facts;
}

}  // namespace

std::vector<Difference> compare(const Version& before, const Version& after) {
  const Facts old_facts = facts_of(before);
  const Facts new_facts = facts_of(after);
  std::multimap<std::string, std::string> waiting(new_facts.begin(), new_facts.end());
  std::vector<Difference> differences;
  for (const auto& [what, value] : old_facts) {
    const auto other = waiting.find(what);
    if (other == waiting.end()) {
      differences.push_back({what, value, ""});
      continue;
    }
    if (other->second != value) differences.push_back({what, value, other->second});
    waiting.erase(other);
  }
  for (const auto& [what, value] : new_facts) {
    const auto other = waiting.find(what);
    if (other == waiting.end()) continue;
    differences.push_back({what, "", value});
    waiting.erase(other);
  }
  return differences;
}

}  // namespace cupel::registry
