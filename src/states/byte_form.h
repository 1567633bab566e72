#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::states {

/// Writes the parts of a state's byte form: everything little-endian, whole numbers as LEB128 varints (signed ones zigzag first).
class ByteWriter {
 public:
  void whole(std::uint64_t value);
  void whole_signed(std::int64_t value) { whole((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63)); }
  void fixed(std::uint64_t value);  ///< eight bytes
  void number(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  void text(std::string_view value);  ///< its length, then the bytes
  /// Appends what was written to `out`, followed by four bytes of checksum over the format's name and the content: an altered byte, a
  /// cut and the bytes of another state are all refused by ByteReader::open.
  void seal(std::string_view format, std::string& out) const;

 private:
  std::string bytes_;
};

/// Reads them back from anybody's bytes: never past the end, and no allocation that the bytes do not pay for. The first mistake sticks:
/// later reads give zero, and finish() reports it, so that a state reads all its parts and asks once.
class ByteReader {
 public:
  /// Checks the checksum.
  static Result<ByteReader> open(std::string_view format, std::string_view bytes);
  std::uint64_t whole();
  std::int64_t whole_signed();
  std::int64_t count();                           ///< a whole number below 2^62
  std::int64_t count_of(std::size_t item_bytes);  ///< a count of items of at least that many bytes each that are still to come
  std::uint64_t fixed();
  double number() { return std::bit_cast<double>(fixed()); }
  std::string_view text();
  /// Notes a mistake of the content unless the condition holds.
  void expect(bool holds) { failed_ = failed_ || !holds; }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  /// Everything read, nothing left over, nothing wrong.
  Result<void> finish() const;

 private:
  ByteReader(std::string_view format, std::string_view rest) : format_(format), rest_(rest) {}
  std::string_view format_;
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace cupel::states
