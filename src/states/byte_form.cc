#include "states/byte_form.h"

#include "base/hash.h"

namespace cupel::states {
namespace {

std::uint32_t checksum(std::string_view format, std::string_view content) {
  return static_cast<std::uint32_t>(fast_hash(content, fast_hash(format)));
}

constexpr std::uint64_t k_largest_count = std::uint64_t{1} << 62;

}  // namespace

void ByteWriter::whole(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes_.push_back(static_cast<char>(value));
}

void ByteWriter::fixed(std::uint64_t value) {
  for (int i = 0; i < 8; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
}

void ByteWriter::text(std::string_view value) {
  whole(value.size());
  bytes_.append(value);
}

void ByteWriter::seal(std::string_view format, std::string& out) const {
  out.append(bytes_);
  const std::uint32_t sum = checksum(format, bytes_);
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(sum >> (8 * i)));
}

Result<ByteReader> ByteReader::open(std::string_view format, std::string_view bytes) {
  if (bytes.size() < 4) return fail(ErrorKind::corrupt, "{} bytes cannot be a state '{}'", bytes.size(), format);
  const std::string_view content = bytes.substr(0, bytes.size() - 4);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    sum |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[content.size() + i])) << (8 * i);
  }
  if (sum != checksum(format, content)) return fail(ErrorKind::corrupt, "the bytes of a state '{}' do not match their checksum", format);
  return ByteReader(format, content);
}

std::uint64_t ByteReader::whole() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (failed_ || rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  failed_ = true;
  return 0;
}

std::int64_t ByteReader::whole_signed() {
  const std::uint64_t value = whole();
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

std::int64_t ByteReader::count() {
  const std::uint64_t value = whole();
  expect(value < k_largest_count);
  return failed_ ? 0 : static_cast<std::int64_t>(value);
}

std::int64_t ByteReader::count_of(std::size_t item_bytes) {
  const std::int64_t value = count();
  expect(static_cast<std::uint64_t>(value) <= rest_.size() / item_bytes);
  return failed_ ? 0 : value;
}

std::uint64_t ByteReader::fixed() {
  expect(rest_.size() >= 8);
  if (failed_) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
  rest_.remove_prefix(8);
  return value;
}

std::string_view ByteReader::text() {
  const auto size = static_cast<std::size_t>(count_of(1));
  if (failed_) return {};
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

Result<void> ByteReader::finish() const {
  if (failed_ || !rest_.empty()) return fail(ErrorKind::corrupt, "the bytes of a state '{}' contradict themselves", format_);
  return {};
}

}  // namespace cupel::states
