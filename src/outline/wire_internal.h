#pragma once

#include <cstdint>
#include <string_view>

namespace cupel::outline {

/// One field of a protobuf message.
struct WireField {
  enum class Kind { varint, fixed, bytes };  ///< `fixed`: 4 or 8 bytes, passed over
  std::uint32_t number = 0;
  Kind kind = Kind::varint;
  std::uint64_t varint = 0;
  std::string_view bytes;

  bool is_bytes() const { return kind == Kind::bytes; }
};

/// Walks the fields of one message.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  /// False at the end or when the bytes are not a message; `broken` tells them apart.
  bool next(WireField& field) {
    if (rest_.empty()) return false;
    std::uint64_t key = 0;
    if (!varint(key) || (key >> 3) == 0 || (key >> 3) > 0x1FFFFFFF) return give_up();
    field = {static_cast<std::uint32_t>(key >> 3), WireField::Kind::fixed, 0, {}};
    std::uint64_t length = 0;
    switch (key & 7) {
      case 0:
        field.kind = WireField::Kind::varint;
        return varint(field.varint) || give_up();
      case 1: length = 8; break;
      case 5: length = 4; break;
      case 2:
        field.kind = WireField::Kind::bytes;
        if (!varint(length)) return give_up();
        break;
      default: return give_up();
    }
    if (length > rest_.size()) return give_up();
    field.bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(static_cast<std::size_t>(length));
    return true;
  }
  bool broken() const { return broken_; }

 private:
  bool give_up() {
    broken_ = true;
    return false;
  }
  bool varint(std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < 10 && i < rest_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest_[i]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace cupel::outline
