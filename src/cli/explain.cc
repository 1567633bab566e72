#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/pages.h"

namespace cupel::cli {
namespace {

/// "Every Row" and "every-row" mean every_row.
std::string as_name(std::string_view word) {
  std::string name = to_lower_ascii(word);
  std::ranges::replace_if(
      name, [](char c) { return c == ' ' || c == '-'; }, '_');
  return name;
}

/// "mean", or "subjects/mean" where several topics know the word.
std::vector<Page> find_pages(std::string_view name) {
  std::vector<Page> found;
  for (const Page& page : all_pages()) {
    if (page.name == name || fmt::format("{}/{}", page.folder, page.name) == name) found.push_back(page);
  }
  return found;
}

void print_page(const Page& page) {
  fmt::print("{}", page.text);
  if (!page.text.ends_with('\n')) fmt::print("\n");
}

void print_topic(const Topic& topic) {
  fmt::print("# {}: {}\n\n", topic.name, topic.about);
  for (const Page& page : pages_of(topic.name)) fmt::print("- `{}`: {}\n", page.name, page.summary);
}

}  // namespace

Result<int> explain_command(std::span<const std::string> words) {
  CLI::App app("The manual page of a word.", "explain");
  std::vector<std::string> parts;
  app.add_option("WORD", parts, "a subject, predicate, metric, fault, command, …, or a topic")->required();
  PARSE_OR_RETURN(app, words);
  const std::string word = as_name(join(parts, " "));

  bool printed = false;
  for (const Topic& topic : all_topics()) {
    if (topic.name != word || pages_of(topic.name).empty()) continue;
    print_topic(topic);
    printed = true;
  }
  for (const Page& page : find_pages(word)) {
    if (printed) fmt::print("\n");
    print_page(page);
    printed = true;
  }
  if (printed) return 0;

  std::vector<std::string> known;
  for (const std::string_view name : all_words()) known.emplace_back(name);
  return fail_with_hint(fmt::format("unknown word '{}'{}", word, nearest_note(word, known)), "'cupel list' shows the topics");
}

}  // namespace cupel::cli
