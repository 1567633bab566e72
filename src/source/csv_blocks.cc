#include "source/csv_blocks.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define CUPEL_AVX2 __attribute__((target("avx2,pclmul,bmi,bmi2,popcnt")))
#define CUPEL_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,pclmul,bmi,bmi2,popcnt")))
#endif

namespace cupel::source {
namespace {

static_assert(std::endian::native == std::endian::little, "the portable masks take the first byte for the lowest");

std::uint64_t equal_bytes(std::uint64_t word, char wanted) {
  constexpr std::uint64_t k_low = 0x7F7F7F7F7F7F7F7FULL;
  const std::uint64_t x = word ^ (0x0101010101010101ULL * static_cast<unsigned char>(wanted));
  const std::uint64_t zero = ~(((x & k_low) + k_low) | x | k_low);  // the high bit of each byte that is equal
  return ((zero >> 7) * 0x0102040810204080ULL) >> 56;
}

BlockMasks mask_portable(const char* block, CsvDialect dialect, std::uint64_t inside, std::uint64_t valid) {
  std::uint64_t quotes = 0;
  std::uint64_t delimiters = 0;
  std::uint64_t breaks = 0;
  std::uint64_t returns = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, block + 8 * i, 8);
    quotes |= equal_bytes(word, dialect.quote) << (8 * i);
    delimiters |= equal_bytes(word, dialect.delimiter) << (8 * i);
    breaks |= equal_bytes(word, '\n') << (8 * i);
    returns |= equal_bytes(word, '\r') << (8 * i);
  }
  std::uint64_t prefix = quotes & valid;
  for (int shift = 1; shift < 64; shift *= 2) prefix ^= prefix << shift;
  inside ^= prefix;
  breaks &= ~inside & valid;
  const std::uint64_t separators = breaks | (delimiters & ~inside & valid);
  return {separators, breaks, quotes & valid, returns & valid, inside, static_cast<std::uint32_t>(std::popcount(separators)),
          static_cast<std::uint32_t>(std::popcount(breaks))};
}

std::uint64_t last_bit_spread(std::uint64_t bits) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63); }

ByteFacts facts_portable(std::string_view bytes, char quote) {
  std::size_t quotes = 0;
  ByteFacts facts;
  for (const char c : bytes) {
    quotes += c == quote ? 1 : 0;
    facts.beyond_ascii |= static_cast<unsigned char>(c) >= 0x80;
    facts.nul |= c == '\0';
  }
  facts.odd_quotes = (quotes & 1) != 0;
  return facts;
}

#if defined(__x86_64__)
bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2") &&
                          __builtin_cpu_supports("popcnt");
  return has;
}

CUPEL_AVX2 inline __m256i load_bytes(const char* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(p)));
}

CUPEL_AVX2 inline std::uint64_t equal_mask(__m256i low, __m256i high, __m256i wanted) {
  const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return first | (static_cast<std::uint64_t>(second) << 32);
}

CUPEL_AVX2 std::uint64_t mask_avx2(const char* p, std::size_t num_blocks, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks) {
  const __m256i quote = _mm256_set1_epi8(dialect.quote);
  const __m256i comma = _mm256_set1_epi8(dialect.delimiter);
  const __m256i line_break = _mm256_set1_epi8('\n');
  const __m256i carriage_return = _mm256_set1_epi8('\r');
  const __m128i ones = _mm_set1_epi8(static_cast<char>(0xFF));
  for (std::size_t i = 0; i < num_blocks; ++i, p += k_block_bytes) {
    const __m256i low = load_bytes(p);
    const __m256i high = load_bytes(p + 32);
    const std::uint64_t quotes = equal_mask(low, high, quote);
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(quotes)), ones, 0);
    inside ^= static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
    const std::uint64_t breaks = equal_mask(low, high, line_break) & ~inside;
    const std::uint64_t separators = breaks | (equal_mask(low, high, comma) & ~inside);
    masks[i] = {separators, breaks, quotes, equal_mask(low, high, carriage_return), inside,
                static_cast<std::uint32_t>(_mm_popcnt_u64(separators)), static_cast<std::uint32_t>(_mm_popcnt_u64(breaks))};
    inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
  }
  return inside;
}

bool has_avx512() {
  static const bool has = has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
  return has;
}

CUPEL_AVX512 std::uint64_t mask_avx512(const char* p, std::size_t num_blocks, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks) {
  const __m512i quote = _mm512_set1_epi8(dialect.quote);
  const __m512i comma = _mm512_set1_epi8(dialect.delimiter);
  const __m512i line_break = _mm512_set1_epi8('\n');
  const __m512i carriage_return = _mm512_set1_epi8('\r');
  const __m128i ones = _mm_set1_epi8(static_cast<char>(0xFF));
  for (std::size_t i = 0; i < num_blocks; ++i, p += k_block_bytes) {
    const __m512i block = _mm512_loadu_si512(static_cast<const void*>(p));
    const std::uint64_t quotes = _mm512_cmpeq_epi8_mask(block, quote);
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(quotes)), ones, 0);
    inside ^= static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
    const std::uint64_t breaks = _mm512_cmpeq_epi8_mask(block, line_break) & ~inside;
    const std::uint64_t separators = breaks | (_mm512_cmpeq_epi8_mask(block, comma) & ~inside);
    masks[i] = {separators, breaks, quotes, _mm512_cmpeq_epi8_mask(block, carriage_return), inside,
                static_cast<std::uint32_t>(_mm_popcnt_u64(separators)), static_cast<std::uint32_t>(_mm_popcnt_u64(breaks))};
    inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
  }
  return inside;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // false, from the compiler's own header: GCC bug 105593
#endif
// The numbers of the bits by one compress of the bytes 0 to 63, then sixteen positions at once (measured: 0.4 of the time of the loop below).
CUPEL_AVX512 std::size_t positions_avx512(const BlockMasks* masks, std::size_t num_blocks, std::uint32_t base, std::uint32_t* out) {
  alignas(64) std::uint8_t bytes[k_block_bytes];
  for (std::size_t i = 0; i < k_block_bytes; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const __m512i numbers = _mm512_load_si512(static_cast<const void*>(bytes));
  std::uint32_t* const begin = out;
  for (std::size_t i = 0; i < num_blocks; ++i, base += k_block_bytes) {
    const auto count = static_cast<std::size_t>(masks[i].num_separators);
    const __m512i set = _mm512_maskz_compress_epi8(masks[i].separators, numbers);
    const __m512i first = _mm512_set1_epi32(static_cast<int>(base));
    _mm512_storeu_si512(static_cast<void*>(out), _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set))));
    if (count > 16) [[unlikely]] {
      _mm512_storeu_si512(static_cast<void*>(out + 16), _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 1))));
      if (count > 32) {
        _mm512_storeu_si512(static_cast<void*>(out + 32), _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 2))));
        _mm512_storeu_si512(static_cast<void*>(out + 48), _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(set, 3))));
      }
    }
    out += count;
  }
  return static_cast<std::size_t>(out - begin);
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

CUPEL_AVX2 ByteFacts facts_avx2(const char* p, std::size_t num_blocks, char quote_byte) {
  const __m256i quote = _mm256_set1_epi8(quote_byte);
  __m256i all = _mm256_setzero_si256();
  __m256i least = _mm256_set1_epi8(static_cast<char>(0xFF));
  std::uint32_t quotes = 0;
  for (std::size_t i = 0; i < num_blocks; ++i, p += k_block_bytes) {
    const __m256i low = load_bytes(p);
    const __m256i high = load_bytes(p + 32);
    all = _mm256_or_si256(all, _mm256_or_si256(low, high));
    least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
    // Only the parity is asked for, and xor keeps it.
    quotes ^= static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_xor_si256(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote))));
  }
  ByteFacts facts;
  facts.odd_quotes = (std::popcount(quotes) & 1) != 0;
  facts.beyond_ascii = _mm256_movemask_epi8(all) != 0;
  facts.nul = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, _mm256_setzero_si256())) != 0;
  return facts;
}
#endif

}  // namespace

std::uint64_t mask_blocks_portable(std::string_view text, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks) {
  while (!text.empty()) {
    if (text.size() >= k_block_bytes) {
      *masks = mask_portable(text.data(), dialect, inside, ~std::uint64_t{0});
      inside = last_bit_spread(masks->inside);
      text.remove_prefix(k_block_bytes);
    } else {
      char block[k_block_bytes] = {};
      std::memcpy(block, text.data(), text.size());
      *masks = mask_portable(block, dialect, inside, (std::uint64_t{1} << text.size()) - 1);
      inside = last_bit_spread(masks->inside << (k_block_bytes - text.size()));
      text = {};
    }
    ++masks;
  }
  return inside;
}

std::uint64_t mask_blocks(std::string_view text, CsvDialect dialect, std::uint64_t inside, BlockMasks* masks) {
#if defined(__x86_64__)
  if (has_avx2()) {
    const std::size_t num_blocks = text.size() / k_block_bytes;
    inside = has_avx512() ? mask_avx512(text.data(), num_blocks, dialect, inside, masks)
                          : mask_avx2(text.data(), num_blocks, dialect, inside, masks);
    text.remove_prefix(num_blocks * k_block_bytes);
    masks += num_blocks;
  }
#endif
  return mask_blocks_portable(text, dialect, inside, masks);
}

// Eight positions at once, also where fewer are left: the branch would cost more than the writes.
std::size_t write_positions_portable(const BlockMasks* masks, std::size_t num_blocks, std::uint32_t base, std::uint32_t* out) {
  constexpr std::uint64_t k_last = std::uint64_t{1} << 63;  // keeps the count of zeros defined
  std::uint32_t* const begin = out;
  for (std::size_t i = 0; i < num_blocks; ++i, base += k_block_bytes) {
    std::uint64_t bits = masks[i].separators;
    for (std::uint64_t done = 0; done < masks[i].num_separators; done += 8) {
      for (std::uint64_t j = 0; j < 8; ++j) {
        out[done + j] = base + static_cast<std::uint32_t>(std::countr_zero(bits | k_last));
        bits &= bits - 1;
      }
    }
    out += masks[i].num_separators;
  }
  return static_cast<std::size_t>(out - begin);
}

std::size_t write_positions(const BlockMasks* masks, std::size_t num_blocks, std::uint32_t base, std::uint32_t* out) {
#if defined(__x86_64__)
  if (has_avx512()) return positions_avx512(masks, num_blocks, base, out);
#endif
  return write_positions_portable(masks, num_blocks, base, out);
}

ByteFacts byte_facts(std::string_view bytes, char quote) {
  ByteFacts facts;
#if defined(__x86_64__)
  if (has_avx2()) {
    const std::size_t num_blocks = bytes.size() / k_block_bytes;
    facts = facts_avx2(bytes.data(), num_blocks, quote);
    bytes.remove_prefix(num_blocks * k_block_bytes);
  }
#endif
  const ByteFacts rest = facts_portable(bytes, quote);
  return {facts.odd_quotes != rest.odd_quotes, facts.beyond_ascii || rest.beyond_ascii, facts.nul || rest.nul};
}

}  // namespace cupel::source
