#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"
#include "checks.h"

namespace cupel::tidy {
namespace {

using Edges = std::map<std::string, std::set<std::string>, std::less<>>;

/// A library's headers and the only rooms that may include them.
struct Fence {
  std::string_view prefix;
  std::string_view rooms;
};

constexpr Fence k_fences[] = {
    {"CLI/", "cli"},       {"arrow/", "source"},     {"boost/", "stats"},   {"curl/", "source"},    {"google/protobuf/", "model"},
    {"libpq-fe.h", "source"}, {"zip.h", "source"},
    {"onnx/", "model"},    {"onnxruntime", "model"}, {"openssl/", "base"},  {"parquet/", "source"}, {"sqlite3.h", "registry source"},
    {"xgboost/", "model"}, {"xxhash.h", "base"},     {"yaml-cpp/", "base"}, {"zlib.h", "source"},   {"zstd.h", "source"},
};

/// "suite: states table" -> suite may include states and table.
Edges parse_rooms(std::string_view text) {
  Edges edges;
  for (const std::string_view line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    std::set<std::string>& to = edges[std::string(line.substr(0, colon))];
    for (const std::string_view room : split(line.substr(colon + 1), ' ')) {
      if (!room.empty()) to.emplace(room);
    }
  }
  return edges;
}

struct Include {
  std::string_view path;
  bool quoted = false;
};

std::optional<Include> include_of(std::string_view line) {
  if (!line.starts_with("#include ") || line.size() < 12) return std::nullopt;
  const char open = line[9];
  const std::size_t close = line.find(open == '"' ? '"' : '>', 10);
  if ((open != '"' && open != '<') || close == std::string_view::npos) return std::nullopt;
  return Include{line.substr(10, close - 10), open == '"'};
}

/// Exact arithmetic, for the expected values of tests.
bool is_for_tests(std::string_view path) { return path.starts_with("boost/multiprecision/"); }

std::string what_is_wrong(const Tree& tree, const Edges& edges, const File& file, const Include& include) {
  const std::string_view room = room_of(file.path);
  if (!include.quoted) {
    if (is_for_tests(include.path) && file.path.ends_with("_test.cc")) return {};
    for (const Fence& fence : k_fences) {
      if (!include.path.starts_with(fence.prefix)) continue;
      const std::vector<std::string_view> rooms = split(fence.rooms, ' ');
      if (std::ranges::find(rooms, room) == rooms.end()) return fmt::format("<{}> belongs to the room {} alone", include.path, fence.rooms);
    }
    return {};
  }
  const std::string path = fmt::format("src/{}", include.path);
  const std::string_view to = room_of(path);
  if (tree.find(path) == nullptr) return fmt::format("\"{}\" is not in src/; includes are written from there", include.path);
  if (to != room && include.path.ends_with("_internal.h")) return fmt::format("\"{}\" is private to the room {}", include.path, to);
  if (to == room || to == "base" || edges.find(room)->second.contains(std::string(to))) return {};
  return fmt::format("the room {} may not include {} (src/rooms.txt)", room, to);
}

}  // namespace

Findings check_rooms(const Tree& tree) {
  const File* const rooms_file = tree.find("src/rooms.txt");
  if (rooms_file == nullptr) return {"src/rooms.txt: missing"};
  const Edges edges = parse_rooms(rooms_file->text);
  Findings findings;
  for (const auto& [room, targets] : edges) {
    for (const std::string& target : targets) {
      if (!edges.contains(target)) findings.push_back(fmt::format("src/rooms.txt: '{}' names the unknown room '{}'", room, target));
    }
  }
  for (const File& file : tree.files) {
    const std::string_view room = room_of(file.path);
    if (room.empty() || !is_source(file.path)) continue;
    if (!edges.contains(room)) {
      findings.push_back(fmt::format("{}: the room '{}' is not in src/rooms.txt", file.path, room));
      continue;
    }
    int number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      const std::optional<Include> include = include_of(line);
      if (!include) continue;
      const std::string wrong = what_is_wrong(tree, edges, file, *include);
      if (!wrong.empty()) findings.push_back(fmt::format("{}:{}: {}", file.path, number, wrong));
    }
  }
  return findings;
}

Findings check_headers(const Tree& tree) {
  Findings findings;
  for (const File& file : tree.files) {
    if (room_of(file.path).empty() || !file.path.ends_with(".h")) continue;
    if (!file.text.starts_with("#pragma once\n")) findings.push_back(fmt::format("{}:1: a header begins with #pragma once", file.path));
    const File* const source = tree.find(file.path.substr(0, file.path.size() - 2) + ".cc");
    if (source == nullptr) continue;  // compiled alone by the target `headers`
    const std::string own = file.path.substr(4);
    for (const std::string_view line : lines_of(source->text)) {
      const std::optional<Include> include = include_of(line);
      if (!include) continue;
      if (include->path != own) findings.push_back(fmt::format("{}: \"{}\" must be its first include", source->path, own));
      break;
    }
  }
  return findings;
}

}  // namespace cupel::tidy
