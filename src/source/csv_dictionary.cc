#include "source/csv_dictionary.h"

#include <atomic>
#include <utility>

#include "base/invariant.h"

namespace cupel::source {
namespace {

constexpr unsigned k_first_bits = 5;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

CsvDictionary::CsvDictionary(std::size_t most_entries)
    : most_entries_(most_entries), id_(next_id()), slots_(std::size_t{1} << k_first_bits), shift_(64 - k_first_bits) {}

std::uint64_t CsvDictionary::hash_of_long(std::string_view field) {
  std::uint64_t hash = field.size();
  std::uint64_t word = 0;
  std::size_t at = 0;
  for (; at + 8 <= field.size(); at += 8) {
    std::memcpy(&word, field.data() + at, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32;
  }
  std::memcpy(&word, field.data() + field.size() - 8, 8);  // the last bytes, some of them again
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

void CsvDictionary::place(const Slot& slot) {
  const std::uint64_t hash = (slot.first ^ (slot.second * 0x9E3779B97F4A7C15ULL) ^ slot.length) * 0xD6E8FEB86659FD93ULL;
  std::size_t at = hash >> shift_;
  while (slots_[at].code != k_unknown) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = slot;
}

void CsvDictionary::put(std::string_view field, std::int32_t code) {
  if (2 * (num_slots_used_ + 1) > slots_.size()) {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 4));
    shift_ -= 2;
    for (const Slot& slot : before) {
      if (slot.code != k_unknown) place(slot);
    }
  }
  const Key key = key_of(field, field.size());
  Slot slot{key.first, key.second, static_cast<std::uint32_t>(field.size()), code, 0};
  if (field.size() > k_short) {
    slot.written = static_cast<std::uint32_t>(written_.size());
    written_.append(field);
  }
  place(slot);
  ++num_slots_used_;
}

std::int32_t CsvDictionary::add(std::string_view field, std::string_view content) {
  if (!has_room(field)) return k_unknown;
  std::int32_t code = k_unknown;
  // Quoted: the same text may be known without quotes. What begins with a quote itself would mean another text if it were written so.
  if (content.data() != field.data() && content.size() < field.size() && !content.starts_with(field[0])) {
    code = find(content, content.size());
    if (code == k_null) code = k_unknown;
  }
  if (code == k_unknown) {
    code = static_cast<std::int32_t>(offsets_.size()) - 1;
    bytes_.append(content);
    offsets_.push_back(static_cast<std::int32_t>(bytes_.size()));
  }
  put(field, code);
  return code;
}

bool CsvDictionary::add_null(std::string_view field) {
  if (!has_room(field)) return false;
  put(field, k_null);
  return true;
}

const table::Column& CsvDictionary::entries() {
  entries_.type = table::Type::text;
  entries_.num_rows = static_cast<std::int64_t>(offsets_.size()) - 1;
  entries_.offsets = offsets_.data();
  entries_.bytes = bytes_.data();
  return entries_;
}

}  // namespace cupel::source
