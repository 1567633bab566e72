#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cupel::source {

/// What is wrong with a JSON text, and at which byte.
struct JsonFault {
  std::size_t at = 0;
  std::string what{};
};

/// Where the objects of a text stand: one a line, or the elements of one array. What is between the braces is not looked at.
class JsonRecords {
 public:
  enum class Form { lines, array };

  /// `text` from `begin` on. An array is passed over once, to cut it; a fault of its form is found there.
  JsonRecords(std::string_view text, std::size_t begin, Form form);
  const std::optional<JsonFault>& fault() const { return fault_; }

  /// The part of the text that holds the records that begin in one stretch of about `chunk_bytes` (an array's are about 1 MiB).
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::int64_t num_parts(std::int64_t chunk_bytes) const;
  Part part(std::int64_t index, std::int64_t chunk_bytes) const;

  /// The record at or after `at` within the part, without space around it, and `at` behind it. Nothing: there is none. Blank lines are
  /// passed over. Of an array only what begins with a brace; the constructor has refused others.
  std::optional<std::string_view> next(std::size_t& at, const Part& part) const;

 private:
  std::optional<std::string_view> next_line(std::size_t& at, const Part& part) const;
  std::size_t behind_object(std::size_t at) const;
  void cut_array();

  std::string_view text_;
  std::size_t begin_;
  Form form_;
  std::vector<std::size_t> starts_;  // of the parts of an array, and the end of the last
  std::optional<JsonFault> fault_;
};

}  // namespace cupel::source
