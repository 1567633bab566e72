#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cupel {

/// A block between two lines of three backquotes in a Markdown page.
struct FencedBlock {
  std::string language;   ///< what stands behind the opening quotes: "yaml", "csv reference", or nothing
  std::string text;       ///< the lines between, with their line ends
  std::size_t begin = 0;  ///< offsets of `text` in the page
  std::size_t end = 0;
};

/// All blocks of a page in order; one that is never closed is left out. The manual's pages hold their cases in them.
std::vector<FencedBlock> fenced_blocks(std::string_view page);

}  // namespace cupel
