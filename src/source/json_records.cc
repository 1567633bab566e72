#include "source/json_records.h"

#include <algorithm>

namespace cupel::source {
namespace {

constexpr std::size_t k_array_part_bytes = 1 << 20;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

JsonRecords::JsonRecords(std::string_view text, std::size_t begin, Form form) : text_(text), begin_(begin), form_(form) {
  if (form == Form::array) cut_array();
}

std::int64_t JsonRecords::num_parts(std::int64_t chunk_bytes) const {
  if (form_ == Form::array) return static_cast<std::int64_t>(starts_.size()) - 1;
  const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, chunk_bytes));
  return static_cast<std::int64_t>((text_.size() - begin_ + step - 1) / step);
}

JsonRecords::Part JsonRecords::part(std::int64_t index, std::int64_t chunk_bytes) const {
  const auto i = static_cast<std::size_t>(index);
  if (form_ == Form::array) return {starts_[i], starts_[i + 1]};
  const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, chunk_bytes));
  const auto line_from = [&](std::size_t at) {
    if (at <= begin_) return begin_;
    if (at >= text_.size()) return text_.size();
    const std::size_t line_break = text_.find('\n', at - 1);
    return line_break == std::string_view::npos ? text_.size() : line_break + 1;
  };
  return {line_from(begin_ + i * step), line_from(begin_ + (i + 1) * step)};
}

std::optional<std::string_view> JsonRecords::next(std::size_t& at, const Part& part) const {
  if (form_ == Form::lines) return next_line(at, part);
  while (at < part.end && text_[at] != '{') ++at;
  if (at >= part.end) return std::nullopt;
  const std::size_t begin = at;
  at = behind_object(begin);
  return text_.substr(begin, at - begin);
}

std::optional<std::string_view> JsonRecords::next_line(std::size_t& at, const Part& part) const {
  while (at < part.end) {
    const std::size_t line_break = std::min(text_.find('\n', at), part.end);
    const std::string_view line = without_space(text_.substr(at, line_break - at));
    at = line_break + 1;
    if (!line.empty()) return line;
  }
  return std::nullopt;
}

// The byte behind the brace that closes the one at `at`; 0 when none does.
std::size_t JsonRecords::behind_object(std::size_t at) const {
  std::int64_t depth = 0;
  bool inside = false;
  for (; at < text_.size(); ++at) {
    const char c = text_[at];
    if (inside) {
      if (c == '\\') ++at;
      if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return at + 1;
    }
  }
  return 0;
}

void JsonRecords::cut_array() {
  const auto pass_space = [&](std::size_t at) {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  };
  const auto stop = [&](std::size_t at, std::string what) { fault_ = JsonFault{at, std::move(what)}; };
  const std::size_t bracket = pass_space(begin_);
  starts_.push_back(bracket);
  if (bracket == text_.size() || text_[bracket] != '[') return stop(bracket, "no array begins here");
  std::size_t at = pass_space(bracket + 1);
  bool first = true;
  for (;; first = false) {
    if (at == text_.size()) return stop(at, "the array is not closed");
    if (text_[at] == ']' && first) break;
    if (text_[at] != '{') return stop(at, "an element of the array is no object");
    if (at - starts_.back() >= k_array_part_bytes) starts_.push_back(at);
    const std::size_t behind = behind_object(at);
    if (behind == 0) return stop(at, "an object is not closed");
    at = pass_space(behind);
    if (at == text_.size()) return stop(at, "the array is not closed");
    if (text_[at] == ']') break;
    if (text_[at] != ',') return stop(at, "expected a comma or ] behind an element of the array");
    at = pass_space(at + 1);
  }
  starts_.push_back(at);
  at = pass_space(at + 1);
  if (at != text_.size()) stop(at, "something follows the array");
}

}  // namespace cupel::source
