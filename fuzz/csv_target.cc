// The first byte chooses delimiter and null words, the second chunks and batches; the rest is the file.
#include <array>
#include <cstring>

#include "base/invariant.h"
#include "base/text.h"
#include "csv_reference.h"
#include "memory_file.h"
#include "source/csv_blocks.h"
#include "source/csv_source.h"
#include "table_cells.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

using source::BlockMasks;

void check_masks(std::string_view text, char delimiter) {
  const std::size_t num_blocks = (text.size() + source::k_block_bytes - 1) / source::k_block_bytes;
  for (const std::uint64_t inside : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    std::vector<BlockMasks> fast(num_blocks);
    std::vector<BlockMasks> portable(num_blocks);
    const std::uint64_t after = source::mask_blocks(text, delimiter, inside, fast.data());
    CHECK(after == source::mask_blocks_portable(text, delimiter, inside, portable.data()));
    for (std::size_t i = 0; i < num_blocks; ++i) {
      CHECK(fast[i].separators == portable[i].separators && fast[i].line_breaks == portable[i].line_breaks, "block {}", i);
      CHECK(fast[i].quotes == portable[i].quotes && fast[i].returns == portable[i].returns, "block {}", i);
      CHECK(fast[i].inside == portable[i].inside && fast[i].num_separators == portable[i].num_separators, "block {}", i);
    }
  }
}

/// The line of `path:17: …`, or 0.
long line_of(std::string_view message, std::string_view path) {
  if (!message.starts_with(path)) return 0;
  message.remove_prefix(path.size());
  if (!message.starts_with(':')) return 0;
  message.remove_prefix(1);
  return static_cast<long>(parse_integer(message.substr(0, message.find(':'))).value_or(0));
}

void compare(const CsvReference& expected, const Scanned& found, const std::string& path, table::ColumnRequest::As as) {
  if (expected.bad_row) {
    CHECK(!found.error.empty(), "lines {} to {} are bad", expected.bad_row->first_line, expected.bad_row->last_line);
    const long line = line_of(found.error, path);
    CHECK(line >= expected.bad_row->first_line && line <= expected.bad_row->last_line, "lines {} to {} are bad: {}",
          expected.bad_row->first_line, expected.bad_row->last_line, found.error);
    return;
  }
  CHECK(found.error.empty(), "{}", found.error);
  CHECK(found.rows.size() == expected.rows.size(), "{} against {} rows", found.rows.size(), expected.rows.size());
  for (std::size_t column = 0; column < expected.names.size(); ++column) {
    table::Type type = table::Type::text;
    if (as == table::ColumnRequest::As::native) {
      type = expected.type_of(column);
      CHECK(found.types[column] == type, "column {}: {} against {}", column, table::type_name(found.types[column]), table::type_name(type));
    }
    for (std::size_t row = 0; row < expected.rows.size(); ++row) {
      const std::string cell = expected.cell(row, column, type);
      CHECK(found.rows[row][column] == cell, "row {}, column {}: {} against {}", row, column, found.rows[row][column], cell);
    }
  }
}

}  // namespace

void fuzz_csv(std::string_view input) {
  constexpr std::array k_delimiters = {',', ';', '\t', '|'};
  static const std::array<std::vector<std::string>, 4> k_nulls = {{{""}, {"", "NA"}, {"NA", "-1"}, {"x", "", "0", "\"NA\""}}};
  if (input.size() < 2 || input.size() > 4096) return;
  const auto choice = static_cast<unsigned char>(input[0]);
  const auto cut = static_cast<unsigned char>(input[1]);
  const std::string_view text = input.substr(2);
  source::ReadOptions options;
  options.encoding = "utf-8";
  options.delimiter = k_delimiters[choice & 3];
  options.nulls = k_nulls[(choice >> 2) & 3];
  check_masks(text, *options.delimiter);
  if (text.starts_with("\x1f\x8b") || text.starts_with("\x28\xb5\x2f\xfd")) return;  // compressed: no CSV to compare

  const CsvReference expected = read_csv_slowly(text, *options.delimiter, options.nulls);
  const MemoryFile file(text);
  const std::string path = file.path();
  const std::array<std::int64_t, 3> chunk_bytes = {1, 2 + cut % 80, 1 << 20};
  for (std::size_t way = 0; way < chunk_bytes.size(); ++way) {
    Result<source::FileBytes> bytes = source::FileBytes::open(path);
    CHECK(bytes.has_value());
    auto opened = source::open_csv(std::move(*bytes), path, options);
    CHECK(opened.has_value() == !expected.header_refused, "{}", opened ? "the header is bad" : opened.error().message);
    if (!opened) return;
    CHECK((*opened)->schema().names() == expected.names);
    table::ScanOptions scan;
    scan.threads = way == 1 && (choice & 16) != 0 ? 2 : 1;
    scan.chunk_bytes = chunk_bytes[way];
    scan.batch_rows = way == 2 ? 4096 : 1 + (cut >> 4);
    // Types settle while they are read; text is the same before and after.
    if ((choice & 32) != 0)
      compare(expected, scan_all(**opened, table::ColumnRequest::As::text, scan), path, table::ColumnRequest::As::text);
    compare(expected, scan_all(**opened, table::ColumnRequest::As::native, scan), path, table::ColumnRequest::As::native);
    compare(expected, scan_all(**opened, table::ColumnRequest::As::text, scan), path, table::ColumnRequest::As::text);
  }
}

}  // namespace cupel::fuzz
