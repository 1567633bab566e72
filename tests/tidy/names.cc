#include <algorithm>
#include <map>

#include "base/text.h"
#include "checks.h"

namespace cupel::tidy {
namespace {

constexpr std::string_view k_empty_words[] = {"common", "core", "helper", "helpers", "manager", "misc", "util", "utils"};

/// A word of the name that says only "the rest": of `csv_utils.cc`, "utils".
std::string_view empty_word(std::string_view name) {
  for (const std::string_view word : split(name.substr(0, name.find('.')), '_')) {
    if (std::ranges::find(k_empty_words, word) != std::ranges::end(k_empty_words)) return word;
  }
  return {};
}

}  // namespace

Findings check_names(const Tree& tree) {
  Findings findings;
  std::map<std::string_view, const File*> owners;  // by concept
  for (const File& file : tree.files) {
    for (const std::string_view part : split(file.path, '/')) {
      const std::string_view word = empty_word(part);
      if (!word.empty()) findings.push_back(fmt::format("{}: '{}' says nothing; what do the contents share?", file.path, word));
    }
    const std::string_view room = room_of(file.path);
    if (room.empty()) continue;
    if (std::ranges::count(file.path, '/') != 2) findings.push_back(fmt::format("{}: a room is one level deep", file.path));
    const auto [owner, is_new] = owners.emplace(concept_of(file.path), &file);
    if (!is_new && room_of(owner->second->path) != room) {
      findings.push_back(fmt::format("{}: the name is taken by {}", file.path, owner->second->path));
    }
  }
  return findings;
}

Findings check_sizes(const Tree& tree, Findings& warnings) {
  constexpr std::size_t k_warn = 600;
  constexpr std::size_t k_stop = 1000;
  Findings findings;
  for (const File& file : tree.files) {
    const std::size_t num_lines = lines_of(file.text).size();
    if (!is_source(file.path) || num_lines <= k_warn) continue;
    (num_lines > k_stop ? findings : warnings).push_back(fmt::format("{}: {} lines; a file is one concept", file.path, num_lines));
  }
  return findings;
}

}  // namespace cupel::tidy
