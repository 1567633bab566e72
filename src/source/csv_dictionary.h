#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "table/column.h"

namespace cupel::source {

/// The distinct texts of one column, numbered as they come. Fields are looked up as they are written, so that nulls, quotes and the content
/// are decided once an entry. A field of at most 16 bytes is compared as two words, without a branch that depends on its length.
class CsvDictionary {
 public:
  static constexpr std::int32_t k_null = -1;
  static constexpr std::int32_t k_unknown = -2;

  explicit CsvDictionary(std::size_t most_entries);

  /// The code of a field as written, k_null, or k_unknown. `readable` bytes stand from the field's beginning on.
  std::int32_t find(std::string_view field, std::size_t readable) const {
    const Key key = key_of(field, readable);
    for (std::size_t place = key.hash >> shift_;; place = (place + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[place];
      if (slot.first == key.first && slot.second == key.second && slot.length == field.size()) {
        if (field.size() <= k_short || written_of(slot) == field) return slot.code;
      } else if (slot.code == k_unknown) {
        return k_unknown;
      }
    }
  }
  /// Adds a field that `find` does not know: its content, or null. Answers with the code; k_unknown when there is no more room: the column
  /// has too many different texts to gain from a dictionary.
  std::int32_t add(std::string_view field, std::string_view content);
  bool add_null(std::string_view field);

  /// The entries so far; valid until the next `add`.
  const table::Column& entries();
  /// Never 0, and no other dictionary's.
  std::uint64_t id() const { return id_; }

 private:
  static constexpr std::size_t k_short = 16;
  struct Slot {
    std::uint64_t first = 0;   // the first eight bytes, rest 0; of a longer field its hash
    std::uint64_t second = 0;  // the next eight; of a longer field its hash, too
    std::uint32_t length = 0;
    std::int32_t code = k_unknown;
    std::uint32_t written = 0;  // of a longer field: where its bytes stand
  };
  struct Key {
    std::uint64_t first;
    std::uint64_t second;
    std::uint64_t hash;
  };

  static Key key_of(std::string_view field, std::size_t readable) {
    // All ones for the bytes that belong to the field, read at a distance that depends on its length.
    alignas(32) static constexpr unsigned char k_masks[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    Key key{};
    if (field.size() > k_short) {
      key.first = key.second = hash_of_long(field);
    } else {
      char copy[k_short] = {};
      const char* bytes = field.data();
      if (readable < k_short) {
        if (!field.empty()) std::memcpy(copy, bytes, field.size());
        bytes = copy;
      }
      std::uint64_t mask[2];
      std::memcpy(mask, k_masks + k_short - field.size(), sizeof mask);
      std::memcpy(&key.first, bytes, 8);
      std::memcpy(&key.second, bytes + 8, 8);
      key.first &= mask[0];
      key.second &= mask[1];
    }
    key.hash = (key.first ^ (key.second * 0x9E3779B97F4A7C15ULL) ^ field.size()) * 0xD6E8FEB86659FD93ULL;
    return key;
  }
  static std::uint64_t hash_of_long(std::string_view field);
  std::string_view written_of(const Slot& slot) const { return std::string_view(written_).substr(slot.written, slot.length); }
  bool has_room(std::string_view field) const { return num_slots_used_ < most_entries_ && written_.size() + bytes_.size() + 2 * field.size() <= k_most_bytes; }
  void put(std::string_view field, std::int32_t code);
  void place(const Slot& slot);

  static constexpr std::size_t k_most_bytes = 256 << 10;
  std::size_t most_entries_;
  std::uint64_t id_;
  std::vector<Slot> slots_;
  unsigned shift_;
  std::size_t num_slots_used_ = 0;
  std::string written_;  // long fields as written
  std::string bytes_;    // contents of the entries
  std::vector<std::int32_t> offsets_{0};
  table::Column entries_;
};

}  // namespace cupel::source
