#include "registry/version_lines.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "registry/listing.h"

namespace cupel::registry {
namespace {

constexpr std::size_t k_piece_bytes = 1 << 16;
constexpr std::array<std::string_view, 6> k_heading = {"MODEL", "ALIASES", "ADDED", "ESTIMATOR", "METRICS", "SIZE"};

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// `reviews/3`, and how many characters that is.
std::size_t append_id(std::string& text, std::string_view name, std::int64_t number) {
  const std::size_t before = text.size();
  text += name;
  fmt::format_to(std::back_inserter(text), "/{}", number);
  return text.size() - before - name.size();
}

}  // namespace

VersionLines::VersionLines(std::string_view blobs) : blobs_(shorten(blobs, 4000)) {}

void VersionLines::append(Text& text, std::string_view piece) {
  if (text.size > 0 && text.begin + text.size != texts_.size()) {
    const std::size_t moved = texts_.size();
    texts_ += std::string(view(text));
    text.begin = moved;
  } else if (text.size == 0) {
    text.begin = texts_.size();
  }
  texts_ += piece;
  text.size += static_cast<std::uint32_t>(piece.size());
  text.points += static_cast<std::uint32_t>(count_code_points(piece));
}

void VersionLines::append_visible(Text& text, std::string_view piece, std::size_t width) {
  if (piece.size() <= width && is_plain(piece)) {
    append(text, piece);
  } else {
    append(text, shorten(piece, width));
  }
}

std::size_t VersionLines::add(const Facts& facts) {
  Line& line = lines_.emplace_back();
  line.number = facts.number;
  // Versions of one model come together: its name is kept once.
  if (lines_.size() > 1 && facts.name == last_name_) {
    line.name = lines_[lines_.size() - 2].name;
  } else {
    append_visible(line.name, facts.name, 100);
    last_name_ = facts.name;
  }
  append_visible(line.added, facts.created.substr(0, 16), 16);  // "2026-11-23T17:30:00Z" -> "2026-11-23 17:30"
  std::replace(texts_.begin() + static_cast<std::ptrdiff_t>(line.added.begin), texts_.end(), 'T', ' ');
  if (facts.purged) {
    append(line.state, "deleted");
  } else if (facts.removed) {
    append(line.state, "removed");
  } else if (facts.injected) {
    append(line.state, "induced fault: ");
    append_visible(line.state, *facts.injected, 30);
  } else {
    append_visible(line.state, facts.estimator.value_or(facts.kind.value_or("-")), 20);
  }
  order_.push_back(static_cast<std::uint32_t>(lines_.size() - 1));
  return lines_.size() - 1;
}

void VersionLines::add_file(std::size_t line, std::string_view role, std::string_view digest, std::uint64_t bytes) {
  lines_[line].bytes += bytes;
  if (role == "model") append_visible(lines_[line].digest, digest, 64);
}

void VersionLines::add_metric(std::size_t line, std::string_view part, std::string_view name, double value) {
  if (metric_line_ != line) {
    metric_line_ = line;
    metric_count_ = 0;
    metric_part_ = part;
  }
  if (metric_count_ == k_line_metrics || part != metric_part_) {
    metric_count_ = k_line_metrics;  // a later one of the first part does not follow
    return;
  }
  Text& text = lines_[line].metrics;
  if (metric_count_++ > 0) append(text, ", ");
  append_visible(text, name, 24);
  std::array<char, 40> number{};
  append(text, {number.data(), fmt::format_to_n(number.data(), number.size(), " {:.4g}", value).size});
}

void VersionLines::add_alias(std::size_t line, std::string_view alias) {
  Text& text = lines_[line].aliases;
  append(text, text.size == 0 ? "@" : " @");
  append_visible(text, alias, 100);
}

void VersionLines::sort() {
  const auto before = [this](std::uint32_t a, std::uint32_t b) {
    const Line& first = lines_[a];
    const Line& second = lines_[b];
    if (first.name.begin != second.name.begin) {
      if (const int order = view(first.name).compare(view(second.name)); order != 0) return order < 0;
    }
    return first.number < second.number;
  };
  if (!std::is_sorted(order_.begin(), order_.end(), before)) std::sort(order_.begin(), order_.end(), before);
}

void VersionLines::write(const std::function<void(std::string_view)>& take) const {
  std::array<std::size_t, 6> widths{};
  for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = k_heading[i].size();
  std::string sizes;  // of all lines, one after the other
  std::vector<std::size_t> ends;
  ends.reserve(lines_.size());
  std::string digits;
  const auto widen = [&widths](std::size_t column, std::size_t points) { widths[column] = std::max(widths[column], points); };
  for (const Line& line : lines_) {
    const std::size_t begin = sizes.size();
    sizes += size_text(line.bytes);
    ends.push_back(sizes.size());
    digits.clear();
    widen(0, line.name.points + append_id(digits, "", line.number));
    widen(1, line.aliases.points);
    widen(2, line.added.points);
    widen(3, line.state.points);
    widen(4, line.metrics.points);
    widen(5, sizes.size() - begin);
  }
  std::string piece;
  piece.reserve(k_piece_bytes + 8192);
  const auto cell = [&](std::size_t column, std::string_view text, std::size_t points) {
    piece += text;
    piece.append(widths[column] - points + 2, ' ');
  };
  for (std::size_t i = 0; i < k_heading.size(); ++i) cell(i, k_heading[i], k_heading[i].size());
  piece += "LOCATION\n";
  for (const std::uint32_t place : order_) {
    const Line& line = lines_[place];
    const auto text_cell = [&](std::size_t column, const Text& text) {
      text.size == 0 ? cell(column, "-", 1) : cell(column, view(text), text.points);
    };
    const std::size_t number_points = append_id(piece, view(line.name), line.number);
    cell(0, "", line.name.points + number_points);
    text_cell(1, line.aliases);
    text_cell(2, line.added);
    text_cell(3, line.state);
    text_cell(4, line.metrics);
    const std::size_t begin = place == 0 ? 0 : ends[place - 1];
    cell(5, std::string_view(sizes).substr(begin, ends[place] - begin), ends[place] - begin);
    if (line.digest.size == 0) {
      piece += '-';
    } else {
      piece += blobs_;
      piece += view(line.digest).substr(0, 2);
      piece += '/';
      piece += view(line.digest);
    }
    piece += '\n';
    if (piece.size() >= k_piece_bytes) {
      take(piece);
      piece.clear();
    }
  }
  if (!piece.empty()) take(piece);
}

}  // namespace cupel::registry
