#include "source/csv_blocks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace cupel::source {
namespace {

std::string random_text(Random& random, std::size_t size) {
  constexpr std::string_view k_bytes = "\"\"\",,\n\r;ab\xc3\xa9";
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += k_bytes[random.below(k_bytes.size())];
  return text;
}

// Byte by byte, as the header says.
std::vector<BlockMasks> slow_masks(std::string_view text, char delimiter, bool inside) {
  std::vector<BlockMasks> masks((text.size() + 63) / 64);
  for (std::size_t i = 0; i < text.size(); ++i) {
    BlockMasks& block = masks[i / 64];
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    if (text[i] == '"') inside = !inside;
    if (text[i] == '"') block.quotes |= bit;
    if (text[i] == '\r') block.returns |= bit;
    if (inside) block.inside |= bit;
    if (!inside && text[i] == '\n') {
      block.line_breaks |= bit;
      ++block.num_line_breaks;
    }
    if (!inside && (text[i] == '\n' || text[i] == delimiter)) {
      block.separators |= bit;
      ++block.num_separators;
    }
  }
  return masks;
}

void expect_equal(const BlockMasks& got, const BlockMasks& expected, std::size_t length) {
  const std::uint64_t valid = length >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << length) - 1;
  EXPECT_EQ(got.separators, expected.separators);
  EXPECT_EQ(got.line_breaks, expected.line_breaks);
  EXPECT_EQ(got.quotes, expected.quotes);
  EXPECT_EQ(got.returns, expected.returns);
  EXPECT_EQ(got.inside & valid, expected.inside);
  EXPECT_EQ(got.num_separators, expected.num_separators);
  EXPECT_EQ(got.num_line_breaks, expected.num_line_breaks);
}

TEST(CsvBlocks, PositionsAreThoseOfTheSeparators) {
  for (std::uint64_t round = 0; round < 300; ++round) {
    Random random(8, "csv positions", round);
    const std::string text = round % 3 == 0 ? std::string(random.below(300), ',') : random_text(random, random.below(300));
    const std::vector<BlockMasks> masks = slow_masks(text, ',', false);
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((masks[i / 64].separators >> (i % 64) & 1) != 0) expected.push_back(static_cast<std::uint32_t>(1000 + i));
    }
    for (auto* const write : {write_positions, write_positions_portable}) {
      std::vector<std::uint32_t> got(text.size() + k_positions_beyond);
      got.resize(write(masks.data(), masks.size(), 1000, got.data()));
      EXPECT_EQ(got, expected) << text;
    }
  }
}

TEST(CsvBlocks, MasksAreThoseOfALoopOverTheBytes) {
  for (std::uint64_t round = 0; round < 300; ++round) {
    Random random(7, "csv blocks", round);
    const std::string text = random_text(random, random.below(300));
    const bool inside = random.below(2) == 1;
    const std::vector<BlockMasks> expected = slow_masks(text, ',', inside);
    for (auto* const mask : {mask_blocks, mask_blocks_portable}) {
      std::vector<BlockMasks> got(expected.size());
      const std::uint64_t after = mask(text, ',', inside ? ~std::uint64_t{0} : 0, got.data());
      const bool odd = byte_facts(text).odd_quotes;
      EXPECT_EQ(after != 0, inside != odd) << text;
      for (std::size_t b = 0; b < got.size(); ++b) expect_equal(got[b], expected[b], text.size() - 64 * b);
    }
  }
}

TEST(CsvBlocks, FactsTellQuotesBytesBeyondAsciiAndNul) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string plain(size, 'x');
    EXPECT_FALSE(byte_facts(plain).odd_quotes || byte_facts(plain).beyond_ascii || byte_facts(plain).nul);
    for (std::size_t at = 0; at < size; at += 7) {
      std::string text = plain;
      text[at] = '"';
      EXPECT_TRUE(byte_facts(text).odd_quotes);
      text[at] = '\x80';
      EXPECT_TRUE(byte_facts(text).beyond_ascii);
      text[at] = '\0';
      EXPECT_TRUE(byte_facts(text).nul);
      EXPECT_FALSE(byte_facts(text).beyond_ascii);
    }
  }
}

}  // namespace
}  // namespace cupel::source
