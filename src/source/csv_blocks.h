#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cupel::source {

/// How the fields of a CSV text are told apart.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';  ///< NUL: none, every byte is as written
  constexpr CsvDialect(char delimiter_byte = ',', char quote_byte = '"') : delimiter(delimiter_byte), quote(quote_byte) {}
};

/// What 64 bytes of CSV hold: one bit a byte, bit 0 for the first.
struct BlockMasks {
  std::uint64_t separators;   ///< delimiters and line breaks outside of quotes
  std::uint64_t line_breaks;  ///< those among them that end records
  std::uint64_t quotes;
  std::uint64_t returns;      ///< carriage returns
  std::uint64_t inside;       ///< inside quotes, the opening quote included and the closing one not
  std::uint32_t num_separators;
  std::uint32_t num_line_breaks;
};

constexpr std::size_t k_block_bytes = 64;

/// Fills one BlockMasks for every 64 bytes of `text`, the last of which may be shorter (its missing bytes have no bits). `inside` is all
/// ones when the text begins inside quotes, else 0. Answers with the same for what follows. The quote bits times all ones, without
/// carries, tell what is inside quotes (Langdale and Lemire, "Parsing gigabytes of JSON per second", VLDB Journal 28, 2019).
/// Uses AVX2 where the processor has it; the result is the same without.
std::uint64_t mask_blocks(std::string_view text, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks);
/// The way for other processors, for tests.
std::uint64_t mask_blocks_portable(std::string_view text, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks);

/// Writes where the separators of consecutive blocks stand, the first block beginning at `base`, and answers with their number. Up to
/// k_positions_beyond places behind them are overwritten.
std::size_t write_positions(const BlockMasks* masks, std::size_t num_blocks, std::uint32_t base, std::uint32_t* out);
/// The way for other processors, for tests.
std::size_t write_positions_portable(const BlockMasks* masks, std::size_t num_blocks, std::uint32_t base, std::uint32_t* out);
constexpr std::size_t k_positions_beyond = 32;

/// What a stretch of bytes holds: all that a scan must know of the bytes before to begin in the middle of a text.
struct ByteFacts {
  bool odd_quotes = false;
  bool beyond_ascii = false;
  bool nul = false;
};
ByteFacts byte_facts(std::string_view bytes, char quote = '"');

}  // namespace cupel::source
