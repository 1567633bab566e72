#include "prove/value_pattern.h"

#include <algorithm>
#include <vector>

namespace cupel::prove {
namespace {

enum class Kind { capital, small, digit, other };

Kind kind_of(char c) {
  if (c >= 'A' && c <= 'Z') return Kind::capital;
  if (c >= 'a' && c <= 'z') return Kind::small;
  if (c >= '0' && c <= '9') return Kind::digit;
  return Kind::other;
}

struct Run {
  Kind kind = Kind::other;
  char literal = 0;  // of other
  std::size_t least = 0;
  std::size_t most = 0;
};

constexpr std::size_t k_longest = 64;
constexpr std::size_t k_most_runs = 16;

std::vector<Run> runs_of(std::string_view text) {
  std::vector<Run> runs;
  for (const char c : text) {
    const Kind kind = kind_of(c);
    if (!runs.empty() && runs.back().kind == kind && (kind != Kind::other || runs.back().literal == c)) {
      ++runs.back().most;
      ++runs.back().least;
    } else {
      runs.push_back({kind, kind == Kind::other ? c : '\0', 1, 1});
    }
  }
  return runs;
}

std::string repeated(const Run& run) {
  if (run.least == 1 && run.most == 1) return {};
  if (run.least == run.most) return "{" + std::to_string(run.least) + "}";
  return "{" + std::to_string(run.least) + "," + std::to_string(run.most) + "}";
}

std::string piece(const Run& run) {
  switch (run.kind) {
    case Kind::capital: return "[A-Z]" + repeated(run);
    case Kind::small: return "[a-z]" + repeated(run);
    case Kind::digit: return "[0-9]" + repeated(run);
    case Kind::other: break;
  }
  const bool plain = run.literal == ' ' || run.literal == '_' || run.literal == ':' || run.literal == '/' || run.literal == ',' || run.literal == '@' || run.literal == '#' || run.literal == '-';
  return (plain ? std::string() : std::string("\\")) + run.literal + repeated(run);
}

}  // namespace

std::optional<std::string> induced_pattern(std::span<const std::string_view> texts) {
  std::vector<Run> shape;
  for (const std::string_view text : texts) {
    if (text.empty() || text.size() > k_longest || std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80 || static_cast<unsigned char>(c) < 0x20; })) return std::nullopt;
    const std::vector<Run> runs = runs_of(text);
    if (runs.size() > k_most_runs) return std::nullopt;
    if (shape.empty()) {
      shape = runs;
      continue;
    }
    if (runs.size() != shape.size()) return std::nullopt;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs[i].kind != shape[i].kind || runs[i].literal != shape[i].literal) return std::nullopt;
      shape[i].least = std::min(shape[i].least, runs[i].least);
      shape[i].most = std::max(shape[i].most, runs[i].most);
    }
  }
  if (shape.empty()) return std::nullopt;
  const bool one_free_run = shape.size() == 1 && shape[0].least != shape[0].most;
  if (one_free_run) return std::nullopt;
  std::string pattern = "^";
  for (const Run& run : shape) pattern += piece(run);
  return pattern + "$";
}

}  // namespace cupel::prove
