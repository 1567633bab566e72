#include "states/patterns.h"

#include "states/kept_rows.h"

namespace cupel::states {
namespace {

constexpr std::size_t k_longest_run = 8;
constexpr std::size_t k_most_bytes = 64;

// The class of the character that begins here, 0 for the rest of one, its own byte for what stays.
char class_of(unsigned char byte) {
  if (byte >= 'A' && byte <= 'Z') return 'A';
  if (byte >= 'a' && byte <= 'z') return 'a';
  if (byte >= '0' && byte <= '9') return '9';
  if (byte < 0x80) return static_cast<char>(byte);
  return (byte & 0xc0) == 0x80 ? '\0' : 'w';
}

}  // namespace

std::string Patterns::shape_of(std::string_view text) {
  std::string shape;
  char last = '\0';
  std::size_t run = 0;
  const auto end_run = [&] {
    if (run > k_longest_run) {
      shape += last;
      shape += '+';
    } else {
      shape.append(run, last);
    }
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char now = class_of(byte);
    if (now == '\0' && byte >= 0x80) continue;
    if (run > 0 && now == last) {
      ++run;
      continue;
    }
    if (run > 0) end_run();
    run = 1;
    last = now;
    if (shape.size() > k_most_bytes) break;
  }
  if (run > 0) end_run();
  if (shape.size() > k_most_bytes) {
    shape.resize(k_most_bytes);
    shape += "…";
  }
  return shape;
}

void Patterns::add(const ValueCounts& texts) {
  std::int64_t rows = 0;
  texts.for_each([&](const Scalar& value, std::int64_t count, std::int64_t) {
    if (value.type == table::Type::text) shapes_.add_text(shape_of(value.text), rows, count);
    rows += count;
  });
  shapes_.add_nulls(texts.nulls());
  shapes_.pass_rows(rows + texts.nulls());
}

void Patterns::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  if (column.type == table::Type::text) {
    for_each_kept(
        column, batch.num_rows, rows, [&](std::int64_t row) { shapes_.add_text(shape_of(column.text(row)), row); },
        [&](std::int64_t) { shapes_.add_nulls(1); });
  }
  shapes_.pass_rows(batch.num_rows);
}

void Patterns::merge(const State& later) { shapes_.merge(same_kind<Patterns>(later).shapes_); }

void Patterns::write(std::string& out) const {
  ByteWriter bytes;
  std::string written;
  shapes_.write(written);
  bytes.text(written);
  bytes.seal(format(), out);
}

Result<void> Patterns::read(std::string_view bytes) {
  shapes_ = HeavyHitters(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  const std::string_view written = in.text();
  TRY(in.finish());
  HeavyHitters fresh(slot_);
  TRY(fresh.read(written));
  shapes_ = std::move(fresh);
  return {};
}

}  // namespace cupel::states
