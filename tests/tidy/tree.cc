#include "tree.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/files.h"
#include "base/text.h"

namespace cupel::tidy {
namespace {

constexpr std::string_view k_folders[] = {"src", "tests", "cmake", "tools", "examples"};

/// What a shell command prints; the command is our own.
std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char buffer[4096];
  while (pipe) {
    const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe.get());
    if (size == 0) break;
    text.append(buffer, size);
  }
  return text;
}

std::vector<std::string> paths_in(const std::string& root) {
  std::vector<std::string> paths;
  const std::string git = "cd '" + root + "' && git ls-files";
  const std::string listed = output_of(git + " 2>/dev/null; cd '" + root +
                                       "' && git ls-files --others --exclude-standard -- src tests cmake tools examples 2>/dev/null");
  for (const std::string_view path : split(listed, '\n')) {
    if (!path.empty()) paths.emplace_back(path);
  }
  if (!paths.empty()) return paths;
  for (const std::string_view folder : k_folders) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(root) / folder, error)) {
      if (entry.is_regular_file()) paths.push_back(fs::relative(entry.path(), root).string());
    }
  }
  return paths;
}

/// Walks over one source, keeping code and newlines, blanking the rest.
class Blanker {
 public:
  explicit Blanker(std::string_view source) : in_(source), out_(source) {}

  std::string run() {
    while (at_ < in_.size()) {
      if (starts("//")) {
        blank_until("\n", 0);
      } else if (starts("/*")) {
        blank_until("*/", 2);
      } else if (starts("R\"") && !follows_word()) {
        const std::size_t open = in_.find('(', at_);
        if (open == std::string_view::npos) break;
        blank_until(")" + std::string(in_.substr(at_ + 2, open - at_ - 2)) + "\"", open - at_);
      } else if (in_[at_] == '"' || (in_[at_] == '\'' && !follows_word())) {
        blank_quoted(in_[at_]);
      } else {
        ++at_;
      }
    }
    return out_;
  }

 private:
  bool starts(std::string_view word) const { return in_.substr(at_).starts_with(word); }
  /// After a digit or letter, ' separates digits (1'000) and R is a name's end.
  bool follows_word() const { return at_ > 0 && (std::isalnum(static_cast<unsigned char>(in_[at_ - 1])) != 0 || in_[at_ - 1] == '_'); }

  void blank(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (out_[at_] != '\n') out_[at_] = ' ';
    }
  }
  void blank_until(std::string_view end, std::size_t skip) {
    const std::size_t found = in_.find(end, at_ + skip);
    blank(found == std::string_view::npos ? in_.size() : found + (end == "\n" ? 0 : end.size()));
  }
  void blank_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < in_.size() && in_[end] != quote && in_[end] != '\n') end += in_[end] == '\\' ? 2 : 1;
    blank(std::min(end + 1, in_.size()));
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

const File* Tree::find(std::string_view path) const {
  const auto file = std::ranges::lower_bound(files, path, {}, &File::path);
  return file != files.end() && file->path == path ? &*file : nullptr;
}

Result<Tree> read_tree(const std::string& root) {
  Tree tree;
  for (const std::string& path : paths_in(root)) {
    const fs::path whole = fs::path(root) / path;
    if (!fs::is_regular_file(whole)) continue;  // deleted, not yet committed
    ASSIGN_OR_RETURN(std::string text, read_file(whole));
    tree.files.push_back({path, std::move(text)});
  }
  std::ranges::sort(tree.files, {}, &File::path);
  const auto repeated = std::ranges::unique(tree.files, {}, &File::path);
  tree.files.erase(repeated.begin(), repeated.end());
  return tree;
}

std::string only_code(std::string_view source) { return Blanker(source).run(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool is_source(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

std::string_view room_of(std::string_view path) {
  if (!path.starts_with("src/")) return {};
  const std::size_t slash = path.find('/', 4);
  return slash == std::string_view::npos ? std::string_view{} : path.substr(4, slash - 4);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view concept_of(std::string_view path) {
  std::string_view name = name_of(path);
  name = name.substr(0, name.find('.'));
  for (const std::string_view ending : {"_test", "_internal"}) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  return name;
}

}  // namespace cupel::tidy
