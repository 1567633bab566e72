#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "source/csv_blocks.h"

namespace cupel::source {

/// Finds where the fields of consecutive CSV records end, a batch of records at a time, without looking at what is in them.
class CsvStructure {
 public:
  enum class Trouble {
    none,
    ragged,            ///< the record has another number of fields
    stray_quote,       ///< strict only: a quote that is neither at a field's edge nor doubled inside quotes
    text_after_quote,  ///< lenient only: something follows the closing quote of a field
    unclosed_quote,    ///< the text ends inside quotes
  };
  enum class Quotes {
    strict,   ///< quotes stand at the edges of fields or doubled inside quotes: 64 bytes at a time
    lenient,  ///< a quote inside a field that does not begin with one is text: byte by byte
  };
  /// Whether the end of the text ends the last record, as at the end of a file; otherwise the text ends with a line break.
  enum class TextEnd { line_break, record };

  CsvStructure(CsvDialect dialect, std::size_t num_fields) : dialect_(dialect), num_fields_(num_fields) {}

  /// Begins with the record at the start of `text` (less than 4 GiB).
  void start(std::string_view text, Quotes quotes, TextEnd end);
  /// Goes on until at least `wanted_rows` records are held (up to 2047 more), or at least one and about `wanted_bytes`, or the text ends, or
  /// there is trouble with the record after those that are held.
  Trouble scan(std::size_t wanted_rows, std::size_t wanted_bytes = SIZE_MAX);
  std::size_t num_rows() const { return num_rows_; }
  /// Field k of held record r ends before ends()[r * num_fields + k] and begins after the position before that one; ends()[-1] + 1
  /// (modulo 2^32) is where the first record begins. A record's last end is its line feed; a carriage return stands before it or not.
  const std::uint32_t* ends() const { return positions_.data() + 1; }
  /// Where the record after the held ones begins.
  std::size_t next_row_begin() const { return static_cast<std::uint32_t>(positions_[num_rows_ * num_fields_] + 1U); }
  /// Forgets the first `rows` records.
  void drop_rows(std::size_t rows);
  std::string_view text() const { return text_; }
  CsvDialect dialect() const { return dialect_; }
  std::size_t num_fields() const { return num_fields_; }

 private:
  Trouble scan_strict(std::size_t wanted_rows, std::size_t wanted_bytes);
  Trouble scan_lenient(std::size_t wanted_rows, std::size_t wanted_bytes);
  std::size_t sound_blocks(const BlockMasks* masks, std::size_t num_blocks, std::size_t num_bytes);
  bool rows_are_even(std::size_t num_line_breaks);
  bool holds_enough(std::size_t wanted_rows, std::size_t wanted_bytes) const {
    return num_rows_ >= wanted_rows || (num_rows_ > 0 && at_ - first_row_begin() >= wanted_bytes);
  }
  std::size_t first_row_begin() const { return static_cast<std::uint32_t>(positions_[0] + 1U); }
  Trouble end_record(std::size_t at);
  Trouble end_text();

  CsvDialect dialect_;
  std::size_t num_fields_;
  std::string_view text_;
  Quotes quotes_ = Quotes::strict;
  bool end_is_pending_ = false;  // the text's end still has to end its last record
  Trouble trouble_ = Trouble::none;  // the scan cannot go on behind it
  std::size_t at_ = 0;
  std::size_t num_rows_ = 0;
  std::size_t num_positions_ = 0;
  std::vector<std::uint32_t> positions_;  // one in front: where the first record begins, less one
  // What the bytes before `at_` mean for the next ones (strict).
  std::uint64_t inside_ = 0;         // all ones: inside quotes
  std::uint64_t edge_ = 1;           // 1: the byte before is a separator or a closing quote, so that a quote may open
  std::uint64_t closed_ = 0;         // 1: the byte before is a closing quote
  std::uint64_t closed_return_ = 0;  // 1: the byte before is a carriage return after a closing quote
};

/// Where the record that begins at `begin` ends: at its line feed or at the text's end. Quotes as in Quotes::lenient.
struct RecordEnd {
  std::size_t at = 0;
  std::size_t num_fields = 0;
  CsvStructure::Trouble trouble = CsvStructure::Trouble::none;
};
RecordEnd find_record_end(std::string_view text, std::size_t begin, CsvDialect dialect);

/// The content of a field as written: without its quotes, doubled quotes halved (then `scratch` holds the bytes).
std::string_view field_content(std::string_view field, std::string& scratch, char quote = '"');

}  // namespace cupel::source
