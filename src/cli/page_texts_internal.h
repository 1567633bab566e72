#pragma once

#include <span>
#include <string_view>

namespace cupel::cli {

/// A file of the manual, as it stands in the tree.
struct PageText {
  std::string_view folder;
  std::string_view name;
  std::string_view text;
};

/// Defined in the source that cmake/pages.cmake writes.
std::span<const PageText> page_texts();

}  // namespace cupel::cli
