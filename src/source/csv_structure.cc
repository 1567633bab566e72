#include "source/csv_structure.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "base/invariant.h"
#include "source/csv_blocks.h"

namespace cupel::source {
namespace {

// Blocks that are masked at once: their masks stay in the first-level cache.
constexpr std::size_t k_panel_blocks = 32;

// What the quotes of one block say beyond being inside or not; a block without quotes after one without needs no look.
struct QuoteEdges {
  std::uint64_t stray;
  std::uint64_t closing;
  std::uint64_t closed_returns;
};

QuoteEdges quote_edges(const BlockMasks& m, std::uint64_t edge, std::uint64_t closed, std::uint64_t closed_return) {
  const std::uint64_t closing = m.quotes & ~m.inside;
  const std::uint64_t opening = m.quotes & m.inside;
  const std::uint64_t after_closing = (closing << 1) | closed;
  const std::uint64_t returns = m.returns & after_closing;
  const std::uint64_t stray = (opening & ~(((m.separators | closing) << 1) | edge)) |
                              (after_closing & ~(m.separators | m.quotes | returns)) |
                              (((returns << 1) | closed_return) & ~m.line_breaks);
  return {stray, closing, returns};
}

}  // namespace

void CsvStructure::start(std::string_view text, Quotes quotes, TextEnd end) {
  CHECK(text.size() < UINT32_MAX, "{} bytes", text.size());
  text_ = text;
  quotes_ = quotes;
  end_is_pending_ = end == TextEnd::record && !text.empty();
  at_ = num_rows_ = num_positions_ = 0;
  inside_ = closed_ = closed_return_ = 0;
  edge_ = 1;
  trouble_ = Trouble::none;
  if (positions_.empty()) positions_.resize(1);
  positions_[0] = UINT32_MAX;
}

void CsvStructure::drop_rows(std::size_t rows) {
  CHECK(rows <= num_rows_, "{} of {} rows", rows, num_rows_);
  const auto taken = static_cast<std::ptrdiff_t>(rows * num_fields_);
  std::copy(positions_.begin() + taken, positions_.begin() + static_cast<std::ptrdiff_t>(num_positions_ + 1), positions_.begin());
  num_positions_ -= rows * num_fields_;
  num_rows_ -= rows;
}

CsvStructure::Trouble CsvStructure::scan(std::size_t wanted_rows, std::size_t wanted_bytes) {
  // Beyond the wanted rows: the positions of the last panel.
  const std::size_t room = 1 + (wanted_rows + 1) * num_fields_ + k_panel_blocks * k_block_bytes + k_positions_beyond;
  if (positions_.size() < room) positions_.resize(room);
  if (trouble_ == Trouble::none && at_ < text_.size()) {
    trouble_ = quotes_ == Quotes::strict ? scan_strict(wanted_rows, wanted_bytes) : scan_lenient(wanted_rows, wanted_bytes);
  }
  if (trouble_ == Trouble::none && num_rows_ < wanted_rows && at_ == text_.size() && end_is_pending_) trouble_ = end_text();
  return trouble_;
}

CsvStructure::Trouble CsvStructure::end_record(std::size_t at) {
  positions_[1 + num_positions_++] = static_cast<std::uint32_t>(at);
  if (num_positions_ != (num_rows_ + 1) * num_fields_) return Trouble::ragged;
  ++num_rows_;
  return Trouble::none;
}

CsvStructure::Trouble CsvStructure::end_text() {
  end_is_pending_ = false;
  if (inside_ != 0) return Trouble::unclosed_quote;
  return end_record(text_.size());
}

/// How many of the blocks have their quotes where they may be; what they mean for the next block is kept.
std::size_t CsvStructure::sound_blocks(const BlockMasks* masks, std::size_t num_blocks, std::size_t num_bytes) {
  std::uint64_t quotes = 0;
  for (std::size_t b = 0; b < num_blocks; ++b) quotes |= masks[b].quotes;
  if ((quotes | closed_ | closed_return_) == 0) {
    edge_ = masks[num_blocks - 1].separators >> 63;
    return num_blocks;
  }
  for (std::size_t b = 0; b < num_blocks; ++b) {
    QuoteEdges edges = quote_edges(masks[b], edge_, closed_, closed_return_);
    const std::size_t length = std::min(k_block_bytes, num_bytes - b * k_block_bytes);
    if (length < k_block_bytes) edges.stray &= (std::uint64_t{1} << length) - 1;
    if (edges.stray != 0) return b;
    closed_ = edges.closing >> 63;
    closed_return_ = edges.closed_returns >> 63;
    edge_ = (masks[b].separators | edges.closing) >> 63;
  }
  return num_blocks;
}

/// Every num_fields-th of the positions is a line break, and there are no other line breaks among them; else rows up to there are held.
bool CsvStructure::rows_are_even(std::size_t num_line_breaks) {
  const std::uint32_t* const ends = positions_.data() + 1;
  const std::size_t rows_before = num_rows_;
  const std::size_t rows = num_positions_ / num_fields_;
  bool even = rows - rows_before == num_line_breaks;
  for (std::size_t row = rows_before; row < rows; ++row) even &= text_[ends[(row + 1) * num_fields_ - 1]] == '\n';
  num_rows_ = rows;
  if (even) return true;
  num_rows_ = rows_before;
  for (std::size_t at = rows_before * num_fields_; at < num_positions_; ++at) {
    if ((text_[ends[at]] == '\n') != (at + 1 == (num_rows_ + 1) * num_fields_)) break;
    if (text_[ends[at]] == '\n') ++num_rows_;
  }
  return false;
}

CsvStructure::Trouble CsvStructure::scan_strict(std::size_t wanted_rows, std::size_t wanted_bytes) {
  BlockMasks masks[k_panel_blocks];
  while (at_ < text_.size() && !holds_enough(wanted_rows, wanted_bytes)) {
    const std::string_view panel = text_.substr(at_, k_panel_blocks * k_block_bytes);
    inside_ = mask_blocks(panel, dialect_, inside_, masks);
    const std::size_t num_blocks = (panel.size() + k_block_bytes - 1) / k_block_bytes;
    const std::size_t num_sound = sound_blocks(masks, num_blocks, panel.size());
    num_positions_ += write_positions(masks, num_sound, static_cast<std::uint32_t>(at_), positions_.data() + 1 + num_positions_);
    std::size_t num_line_breaks = 0;
    for (std::size_t b = 0; b < num_sound; ++b) num_line_breaks += masks[b].num_line_breaks;
    if (!rows_are_even(num_line_breaks)) return Trouble::ragged;
    if (num_sound < num_blocks) return Trouble::stray_quote;
    at_ += panel.size();
  }
  return Trouble::none;
}

CsvStructure::Trouble CsvStructure::scan_lenient(std::size_t wanted_rows, std::size_t wanted_bytes) {
  while (at_ < text_.size() && !holds_enough(wanted_rows, wanted_bytes)) {
    // A field begins at `at_`.
    if (text_[at_] == dialect_.quote) {
      std::size_t quote = at_;
      do {
        quote = text_.find(dialect_.quote, quote + 1);
        if (quote == std::string_view::npos) return Trouble::unclosed_quote;
        ++quote;
      } while (quote < text_.size() && text_[quote] == dialect_.quote);
      at_ = quote;
      if (at_ < text_.size() && text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n')) ++at_;
      if (at_ < text_.size() && text_[at_] != dialect_.delimiter && text_[at_] != '\n') return Trouble::text_after_quote;
    } else {
      while (at_ < text_.size() && text_[at_] != dialect_.delimiter && text_[at_] != '\n') ++at_;
    }
    if (at_ == text_.size()) break;
    if (text_[at_] == '\n') {
      if (const Trouble trouble = end_record(at_); trouble != Trouble::none) return trouble;
    } else {
      positions_[1 + num_positions_++] = static_cast<std::uint32_t>(at_);
      if (num_positions_ >= (num_rows_ + 1) * num_fields_) return Trouble::ragged;
    }
    ++at_;
  }
  return Trouble::none;
}

RecordEnd find_record_end(std::string_view text, std::size_t begin, CsvDialect dialect) {
  RecordEnd end{begin, 1, CsvStructure::Trouble::none};
  std::size_t at = begin;
  const auto stop = [&](std::size_t where, CsvStructure::Trouble trouble) {
    end.at = where;
    end.trouble = trouble;
    return end;
  };
  for (;;) {
    if (at < text.size() && text[at] == dialect.quote) {
      const std::size_t opened = at;
      do {
        at = text.find(dialect.quote, at + 1);
        if (at == std::string_view::npos) return stop(opened, CsvStructure::Trouble::unclosed_quote);
        ++at;
      } while (at < text.size() && text[at] == dialect.quote);
      if (at < text.size() && text[at] == '\r' && (at + 1 == text.size() || text[at + 1] == '\n')) ++at;
      if (at < text.size() && text[at] != dialect.delimiter && text[at] != '\n') return stop(at, CsvStructure::Trouble::text_after_quote);
    } else {
      while (at < text.size() && text[at] != dialect.delimiter && text[at] != '\n') ++at;
    }
    if (at >= text.size() || text[at] == '\n') return stop(at, CsvStructure::Trouble::none);
    ++end.num_fields;
    ++at;
  }
}

std::string_view field_content(std::string_view field, std::string& scratch, char quote) {
  if (field.size() < 2 || field.front() != quote || field.back() != quote) return field;
  field = field.substr(1, field.size() - 2);
  std::size_t at = field.find(quote);
  if (at == std::string_view::npos) return field;
  scratch.clear();
  std::size_t from = 0;
  while (at != std::string_view::npos) {
    scratch.append(field, from, at + 1 - from);
    from = at + 2;  // the second of the pair
    at = from < field.size() ? field.find(quote, from) : std::string_view::npos;
  }
  if (from < field.size()) scratch.append(field, from);
  return scratch;
}

}  // namespace cupel::source
