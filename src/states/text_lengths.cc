#include "states/text_lengths.h"

#include <algorithm>
#include <cmath>

#include "states/kept_rows.h"

namespace cupel::states {

std::int64_t TextLengths::length_of(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; });
}

std::int64_t TextLengths::empty() const {
  return std::llround(lengths_.share_at_most(0).value * static_cast<double>(lengths_.count()));
}

void TextLengths::add(std::string_view text, std::int64_t count) { lengths_.add(static_cast<double>(length_of(text)), count); }

void TextLengths::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  if (column.type != table::Type::text) return;
  for_each_kept(
      column, batch.num_rows, rows, [&](std::int64_t row) { add(column.text(row)); }, [&](std::int64_t) { lengths_.add_null(); });
}

void TextLengths::merge(const State& later) { lengths_.merge(same_kind<TextLengths>(later).lengths_); }

void TextLengths::write(std::string& out) const {
  ByteWriter bytes;
  lengths_.write_content(bytes);
  bytes.seal(format(), out);
}

Result<void> TextLengths::read(std::string_view bytes) {
  lengths_ = lengths_.emptied();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  Quantiles fresh = lengths_.emptied();
  fresh.read_content(in);
  in.expect(fresh.nans() == 0);
  if (fresh.count() > 0) in.expect(*fresh.min() >= 0);
  if (!in.failed()) {
    for (const Quantiles::Entry& entry : fresh.entries()) in.expect(entry.value == std::floor(entry.value));
  }
  TRY(in.finish());
  lengths_ = std::move(fresh);
  return {};
}

}  // namespace cupel::states
