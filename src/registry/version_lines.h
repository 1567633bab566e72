#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cupel::registry {

constexpr int k_line_metrics = 2;

/// The table of versions for people: a line each with aliases, day, estimator, the first k_line_metrics metrics of the first part, size and
/// location. Texts stand one after the other in one buffer, so that 10,000 versions cost no 10,000 objects; control characters of names
/// and metadata are made visible. Lines are written in the order in which they were added, or sorted.
class VersionLines {
 public:
  /// `blobs` is what BlobStore::location_of begins with.
  explicit VersionLines(std::string_view blobs);

  struct Facts {
    std::string_view name;
    std::int64_t number = 0;
    std::string_view created;
    std::optional<std::string_view> kind, estimator, injected;
    bool removed = false, purged = false;
  };
  /// Answers with the place of the line, for the following three; what belongs to one line is best added together.
  std::size_t add(const Facts& facts);
  void add_file(std::size_t line, std::string_view role, std::string_view digest, std::uint64_t bytes);
  void add_metric(std::size_t line, std::string_view part, std::string_view name, double value);
  void add_alias(std::size_t line, std::string_view alias);

  bool empty() const { return lines_.empty(); }
  /// By name, then number.
  void sort();
  /// Hands the table out in pieces, heading first.
  void write(const std::function<void(std::string_view)>& take) const;

 private:
  struct Text {
    std::size_t begin = 0;
    std::uint32_t size = 0;
    std::uint32_t points = 0;  ///< characters, for the width
  };
  struct Line {
    Text name, aliases, added, state, metrics, digest;
    std::int64_t number = 0;
    std::uint64_t bytes = 0;
  };
  std::string_view view(const Text& text) const { return std::string_view(texts_).substr(text.begin, text.size); }
  void append(Text& text, std::string_view piece);
  void append_visible(Text& text, std::string_view piece, std::size_t width);

  std::string texts_;
  std::string blobs_;
  std::string last_name_;
  std::vector<Line> lines_;
  std::vector<std::uint32_t> order_;
  std::size_t metric_line_ = SIZE_MAX;  // of the metric that was added last
  int metric_count_ = 0;
  std::string metric_part_;
};

}  // namespace cupel::registry
