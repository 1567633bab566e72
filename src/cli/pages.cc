#include "cli/pages.h"

#include <algorithm>

#include "cli/page_texts_internal.h"

namespace cupel::cli {
namespace {

constexpr Topic k_topics[] = {
    {"commands", "what cupel can do"},
    {"subjects", "what a data expectation measures"},
    {"predicates", "what an expectation accepts"},
    {"formats", "how a text can be written: format: NAME"},
    {"sources", "where a table may come from: --data D"},
    {"model_subjects", "what a model expectation measures"},
    {"metrics", "how good a model is, as one number"},
    {"perturbations", "how rows are changed to test a model"},
    {"estimators", "what 'cupel train' fits"},
    {"drift", "how a column is compared with its reference"},
    {"ab", "what an A/B suite measures"},
    {"faults", "what can go wrong with a step, by itself or by '--inject'"},
    {"data_faults", "what can go wrong with a table, for 'cupel prove'"},
    {"states", "the mergeable summaries that subjects are computed from"},
};

/// "# mean: the arithmetic mean\n…" -> "the arithmetic mean".
std::string_view summary_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t colon = line.find(": ");
  return colon == std::string_view::npos ? line : line.substr(colon + 2);
}

std::vector<Page> make_pages() {
  std::vector<Page> pages;
  for (const PageText& page : page_texts()) pages.push_back({page.folder, page.name, summary_of(page.text), page.text});
  std::ranges::sort(pages, [](const Page& a, const Page& b) { return a.folder != b.folder ? a.folder < b.folder : a.name < b.name; });
  return pages;
}

}  // namespace

std::span<const Page> all_pages() {
  static const std::vector<Page> k_pages = make_pages();
  return k_pages;
}

std::span<const Page> pages_of(std::string_view folder) {
  const std::span<const Page> pages = all_pages();
  const auto in_folder = std::ranges::equal_range(pages, folder, {}, &Page::folder);
  return {in_folder.begin(), in_folder.end()};
}

std::span<const Topic> all_topics() { return k_topics; }

std::vector<std::string_view> all_words() {
  std::vector<std::string_view> words;
  for (const Topic& topic : all_topics()) words.push_back(topic.name);
  for (const Page& page : all_pages()) words.push_back(page.name);
  std::ranges::sort(words);
  const auto repeated = std::ranges::unique(words);
  words.erase(repeated.begin(), repeated.end());
  return words;
}

}  // namespace cupel::cli
