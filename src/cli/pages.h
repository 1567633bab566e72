#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace cupel::cli {

/// One page of the manual, as the build embedded it from `tests/<folder>/<name>.md`.
struct Page {
  std::string_view folder;   ///< "subjects"
  std::string_view name;     ///< "every_row", the file's name
  std::string_view summary;  ///< the first line without `# name: `
  std::string_view text;     ///< the whole file
};

/// All pages, sorted by folder and then by name. Texts live as long as the program.
std::span<const Page> all_pages();

/// The pages of one folder, in order of name.
std::span<const Page> pages_of(std::string_view folder);

/// What `cupel list` calls a folder of pages.
struct Topic {
  std::string_view name;   ///< also the folder's name under tests/
  std::string_view about;  ///< one line
};

/// In the order in which a newcomer meets them.
std::span<const Topic> all_topics();

/// The words that `cupel explain` knows: topics and pages, each once, sorted.
std::vector<std::string_view> all_words();

}  // namespace cupel::cli
