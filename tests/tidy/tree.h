#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::tidy {

/// A text file of the repository.
struct File {
  std::string path;  ///< from the root: "src/stats/ks.cc"
  std::string text;
};

struct Tree {
  std::vector<File> files;  ///< sorted by path
  const File* find(std::string_view path) const;
};

/// All files that git tracks or would track below src/, tests/, cmake/, tools/ and examples/; without git, all files below these.
Result<Tree> read_tree(const std::string& root);

/// Where to go and what is wrong there: "src/stats/ks.cc:12: …". One line a finding; empty: all is well.
using Findings = std::vector<std::string>;

/// The source with comments, texts and characters blanked out, line for line: only code is left to search.
std::string only_code(std::string_view source);

std::vector<std::string_view> lines_of(std::string_view text);

// Parts of paths.
bool is_source(std::string_view path);               ///< C++: .cc or .h
std::string_view room_of(std::string_view path);     ///< "stats" of src/stats/ks.cc, else empty
std::string_view name_of(std::string_view path);     ///< "ks.cc"
std::string_view concept_of(std::string_view path);  ///< "ks" of ks.h, ks.cc, ks_test.cc and ks_internal.h

}  // namespace cupel::tidy
