#include "source/file_list.h"

#include <glob.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"

namespace cupel::source {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_passed_over(std::string_view name) { return name.starts_with('.') || name.starts_with('_') || name.ends_with(".origin"); }

Result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (is_passed_over(name)) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(error) && !error) {
      names.push_back(at->path().lexically_relative(folder).string());
    }
  }
  if (error) return fail(ErrorKind::io, "cannot read the folder '{}': {}", folder, error.message());
  return names;
}

Result<std::vector<std::string>> files_matching(const std::string& pattern) {
  glob_t found{};
  struct Free {
    glob_t* found;
    ~Free() { globfree(found); }
  } const free{&found};
  const int status = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  if (status != 0 && status != GLOB_NOMATCH) return fail(ErrorKind::io, "cannot look for files that match '{}'", pattern);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    std::error_code ignored;
    const fs::path path = found.gl_pathv[i];
    if (fs::is_regular_file(path, ignored) && !is_passed_over(path.filename().string())) names.push_back(path.string());
  }
  return names;
}

Result<void> read_partitions(ListedFile& file) {
  for (const fs::path& part : fs::path(file.name).parent_path()) {
    const std::string text = part.string();
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0) continue;
    const std::string key = percent_decoded(std::string_view(text).substr(0, sign));
    const std::string value = percent_decoded(std::string_view(text).substr(sign + 1));
    if (first_invalid_utf8(key) || first_invalid_utf8(value)) return fail("'{}': the folder's name is not UTF-8", file.path);
    for (const auto& [known, ignored] : file.partitions) {
      if (known == key) return fail("'{}' stands below two values of '{}'", file.path, key);
    }
    file.partitions.emplace_back(key, value == "__HIVE_DEFAULT_PARTITION__" ? std::nullopt : std::optional(value));
  }
  return {};
}

std::string keys_of(const ListedFile& file) {
  std::string keys;
  for (const auto& [key, ignored] : file.partitions) keys += fmt::format("{}'{}'", keys.empty() ? "" : ", ", key);
  return keys.empty() ? "none" : keys;
}

}  // namespace

bool names_many_files(const std::string& path) {
  std::error_code ignored;
  if (path == "-" || path.empty()) return false;
  if (fs::is_directory(path, ignored)) return true;
  return path.find_first_of("*?[") != std::string::npos && !fs::exists(path, ignored);
}

Result<std::vector<ListedFile>> list_files(const std::string& path) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  ASSIGN_OR_RETURN(std::vector<std::string> names, is_folder ? files_below(path) : files_matching(path));
  if (names.empty()) {
    return is_folder ? fail(ErrorKind::not_found, "the folder '{}' holds no data files", path) : fail(ErrorKind::not_found, "no file matches '{}'", path);
  }
  std::sort(names.begin(), names.end());
  std::vector<ListedFile> files;
  for (const std::string& name : names) {
    ListedFile file{is_folder ? (fs::path(path) / name).string() : name, name, {}};
    TRY(read_partitions(file));
    if (!files.empty() && keys_of(files[0]) != keys_of(file)) {
      return fail("'{}' stands below the partition keys {}, but '{}' below {}", files[0].path, keys_of(files[0]), file.path, keys_of(file));
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace cupel::source
