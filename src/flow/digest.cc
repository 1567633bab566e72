#include "flow/digest.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"

namespace cupel::flow {
namespace {

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

}  // namespace

Result<Digest> Digester::of_file(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error("read", path);
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::io, "'{}' is neither a file nor a folder", path.string());
  const Stamp now{static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim), nanoseconds(info.st_ctim), info.st_ino, info.st_dev, {}};
  Stamp& known = known_[path.string()];
  const bool same = known.size == now.size && known.modified_ns == now.modified_ns && known.changed_ns == now.changed_ns &&
                    known.inode == now.inode && known.device == now.device;
  if (!same || known.sha256.empty()) {
    known = now;
    ASSIGN_OR_RETURN(known.sha256, sha256_file(path));
  }
  return Digest{"file", known.sha256, now.size, 1};
}

Result<Digest> Digester::of_folder(const fs::path& path) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) entries.push_back(it->path());
  if (error) return fail(ErrorKind::io, "cannot read folder '{}': {}", path.string(), error.message());
  std::sort(entries.begin(), entries.end());
  Digest digest{"folder", {}, 0, 0};
  Sha256 hash;
  for (const fs::path& entry : entries) {
    std::string content;
    if (fs::is_directory(fs::symlink_status(entry, error))) {
      content = "folder";
    } else if (fs::is_symlink(entry, error) && !fs::is_regular_file(entry, error)) {
      content = "link " + fs::read_symlink(entry, error).string();
    } else {
      ASSIGN_OR_RETURN(const Digest file, of_file(entry));
      content = file.sha256;
      digest.bytes += file.bytes;
      ++digest.files;
    }
    hash.update(entry.lexically_relative(path).string());
    hash.update(std::string_view("\0", 1));
    hash.update(content);
    hash.update("\n");
  }
  digest.sha256 = hash.hex_digest();
  return digest;
}

Result<Digest> Digester::of(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return of_folder(path);
  return of_file(path);
}

void Digester::load(const fs::path& file) {
  const auto json = read_json(file);
  if (!json || !json->is_object()) return;
  for (const auto& [path, entry] : json->items()) {
    if (!entry.is_array() || entry.size() != 6 || !entry[5].is_string()) continue;
    if (!std::all_of(entry.begin(), entry.end() - 1, [](const Json& field) { return field.is_number_integer(); })) continue;
    known_[path] = {entry[0].get<std::uint64_t>(), entry[1].get<std::int64_t>(), entry[2].get<std::int64_t>(),
                    entry[3].get<std::uint64_t>(), entry[4].get<std::uint64_t>(), entry[5].get<std::string>()};
  }
}

std::string Digester::text() const {
  Json json = Json::object();
  for (const auto& [path, stamp] : known_) {
    json[path] = {stamp.size, stamp.modified_ns, stamp.changed_ns, stamp.inode, stamp.device, stamp.sha256};
  }
  return json_text(json);
}

std::vector<fs::path> matching_paths(const fs::path& pattern) {
  if (pattern.string().find_first_of("*?[") == std::string::npos) return {pattern};
  std::error_code error;
  if (fs::exists(pattern, error)) return {pattern};  // a name that happens to hold such a letter
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  return paths;
}

}  // namespace cupel::flow
