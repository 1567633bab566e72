#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/pages.h"

namespace cupel::cli {
namespace {

struct Row {
  std::string_view name;
  std::string about;
};

void print_table(std::span<const Row> rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  for (const Row& row : rows) fmt::print("  {:<{}}  {}\n", row.name, width, row.about);
}

Result<void> write_json(const Json& value, const std::string& path) {
  if (path != "-") return write_file(path, json_text(value));
  fmt::print("{}", json_text(value));
  return {};
}

/// A topic of which this build has no page yet is not shown.
Result<void> list_topics(const std::optional<std::string>& json_path) {
  std::vector<Row> rows;
  Json topics = Json::array();
  for (const Topic& topic : all_topics()) {
    const std::size_t num_pages = pages_of(topic.name).size();
    if (num_pages == 0) continue;
    rows.push_back({topic.name, fmt::format("{} ({})", topic.about, num_pages)});
    topics.push_back({{"name", topic.name}, {"about", topic.about}, {"pages", num_pages}});
  }
  if (json_path) return write_json({{"format", 1}, {"topics", topics}}, *json_path);
  print_table(rows);
  fmt::print("\n'cupel list TOPIC' lists the words of a topic, 'cupel explain WORD' shows the page of a word.\n");
  return {};
}

Result<void> list_topic(const std::string& word, const std::optional<std::string>& json_path) {
  const std::span<const Topic> topics = all_topics();
  const auto topic = std::ranges::find(topics, word, &Topic::name);
  if (topic == topics.end()) {
    std::vector<std::string> names;
    for (const Topic& known : topics) names.emplace_back(known.name);
    return fail("unknown topic '{}'{}", word, nearest_note(word, names));
  }
  std::vector<Row> rows;
  Json pages = Json::array();
  for (const Page& page : pages_of(topic->name)) {
    rows.push_back({page.name, std::string(page.summary)});
    pages.push_back({{"name", page.name}, {"summary", page.summary}});
  }
  if (json_path) return write_json({{"format", 1}, {"topic", topic->name}, {"pages", pages}}, *json_path);
  print_table(rows);
  return {};
}

}  // namespace

Result<int> list_command(std::span<const std::string> words) {
  CLI::App app("The words of the manual, by topic.", "list");
  std::string topic;
  std::string json_path = "-";
  app.add_option("TOPIC", topic, "subjects, predicates, …; all topics without it");
  CLI::Option* json =
      app.add_option("--json", json_path, "the machine form, to FILE or '-' (the default)")->expected(0, 1)->type_name("FILE");
  PARSE_OR_RETURN(app, words);
  const std::optional<std::string> path = json->count() > 0 ? std::optional(json_path.empty() ? "-" : json_path) : std::nullopt;
  TRY(topic.empty() ? list_topics(path) : list_topic(topic, path));
  return 0;
}

}  // namespace cupel::cli
