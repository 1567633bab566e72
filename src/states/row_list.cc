#include "states/row_list.h"

#include <algorithm>

#include "base/invariant.h"

namespace cupel::states {
namespace {

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

}  // namespace

void RowList::append(std::int64_t row) {
  CHECK(row > last_, "row {} after row {}", row, last_);
  append_varint(gaps_, static_cast<std::uint64_t>(row - last_ - 1));
  last_ = row;
  ++size_;
}

void RowList::append_shifted(const RowList& later, std::int64_t shift) {
  if (later.empty()) return;
  // Only the first gap changes; the others are between later's own rows.
  std::size_t at = 0;
  const std::int64_t first = later.next_gap(at) + shift;
  const std::int64_t size = size_ + later.size_;
  const std::int64_t last = later.last_ + shift;
  append(first);
  gaps_.append(later.gaps_, at);
  size_ = size;
  last_ = last;
}

std::int64_t RowList::first() const {
  CHECK(!empty(), "the first of no rows");
  std::size_t at = 0;
  return next_gap(at);
}

RowList RowList::united(const RowList& a, const RowList& b) {
  RowList all;
  Cursor rows_a(a);
  Cursor rows_b(b);
  std::int64_t in_a = 0;
  std::int64_t in_b = 0;
  bool has_a = rows_a.next(in_a);
  bool has_b = rows_b.next(in_b);
  while (has_a || has_b) {
    const std::int64_t row = !has_b || (has_a && in_a <= in_b) ? in_a : in_b;
    all.append(row);
    if (has_a && in_a == row) has_a = rows_a.next(in_a);
    if (has_b && in_b == row) has_b = rows_b.next(in_b);
  }
  return all;
}

std::vector<std::int64_t> RowList::rows(std::int64_t at_most) const {
  std::vector<std::int64_t> all;
  all.reserve(static_cast<std::size_t>(std::min(at_most, size_)));
  std::int64_t row = -1;
  for (std::size_t at = 0; at < gaps_.size() && static_cast<std::int64_t>(all.size()) < at_most;) {
    row += next_gap(at) + 1;
    all.push_back(row);
  }
  return all;
}

void RowList::write(ByteWriter& out) const {
  out.whole(static_cast<std::uint64_t>(size_));
  for_each([&, before = std::int64_t{-1}](std::int64_t row) mutable {
    out.whole(static_cast<std::uint64_t>(row - before - 1));
    before = row;
  });
}

RowList RowList::read(ByteReader& in, std::int64_t rows_passed) {
  RowList list;
  const std::int64_t size = in.count_of(1);
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::int64_t gap = in.count();
    in.expect(gap < rows_passed - (list.last_ + 1));
    if (!in.failed()) list.append(list.last_ + 1 + gap);
  }
  return list;
}

}  // namespace cupel::states
