#include "expectations/near_duplicates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "base/random.h"
#include "expectations/text_words.h"

namespace cupel::expectations {
namespace {

constexpr int k_hashes = 128;

/// Finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// One hash for each run of `size` neighbours.
void append_runs(const std::vector<std::uint64_t>& parts, std::size_t size, std::vector<std::uint64_t>& runs) {
  const std::size_t length = std::min(size, parts.size());
  for (std::size_t begin = 0; length > 0 && begin + length <= parts.size(); ++begin) {
    std::uint64_t hash = length;
    for (std::size_t i = 0; i < length; ++i) hash = mix(hash * 0x9e3779b97f4a7c15u + parts[begin + i]);
    runs.push_back(hash);
  }
}

/// Multiply-shift hash functions of 32 bits (Dietzfelbinger et al. 1997).
struct HashFunctions {
  std::array<std::uint32_t, k_hashes> multiplier;
  std::array<std::uint32_t, k_hashes> addend;
  HashFunctions() {
    Random random(0, "minhash");
    for (std::size_t i = 0; i < k_hashes; ++i) {
      multiplier[i] = static_cast<std::uint32_t>(random.next()) | 1u;
      addend[i] = static_cast<std::uint32_t>(random.next());
    }
  }
};

using Signature = std::array<std::uint32_t, k_hashes>;

Signature signature_of(const std::vector<std::uint64_t>& shingles, const HashFunctions& functions) {
  Signature least;
  least.fill(std::numeric_limits<std::uint32_t>::max());
  for (const std::uint64_t shingle : shingles) {
    const auto low = static_cast<std::uint32_t>(shingle);
    const auto high = static_cast<std::uint32_t>(shingle >> 32);
    for (std::size_t i = 0; i < k_hashes; ++i) {
      // The upper half is mixed in so that a function is not linear in the lower.
      std::uint32_t value = low * functions.multiplier[i] + functions.addend[i];
      value ^= (value >> 15) ^ high;
      value *= functions.multiplier[i];
      least[i] = std::min(least[i], value);
    }
  }
  return least;
}

struct BandKey {
  std::uint64_t key;
  std::size_t text;
  bool operator<(const BandKey& other) const { return key != other.key ? key < other.key : text < other.text; }
};

}  // namespace

std::vector<std::uint64_t> shingles_of(std::string_view text, Shingles shingles) {
  thread_local std::vector<std::uint64_t> parts;
  parts.clear();
  if (shingles.of == Shingles::Of::words) {
    append_word_hashes(text, parts);
  } else {
    append_folded_characters(text, parts);
  }
  std::vector<std::uint64_t> runs;
  append_runs(parts, static_cast<std::size_t>(shingles.size), runs);
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return runs;
}

double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    common += a[i] == b[j] ? 1 : 0;
    const bool left = a[i] <= b[j];
    const bool right = b[j] <= a[i];
    i += left ? 1 : 0;
    j += right ? 1 : 0;
  }
  return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
}

Banding banding_for(double similarity) {
  Banding best;
  for (int rows = 1; rows <= 16; ++rows) {
    const int bands = k_hashes / rows;
    const double recall = 1 - std::pow(1 - std::pow(similarity, rows), bands);
    if (rows == 1 || recall >= 0.999) best = {bands, rows, recall};
  }
  return best;
}

std::vector<std::optional<Resemblance>> find_resemblances(std::size_t count, const std::function<std::string_view(std::size_t)>& text, Shingles shingles,
                                                          double similarity) {
  const Banding banding = banding_for(similarity);
  const HashFunctions functions;
  std::vector<std::vector<std::uint64_t>> sets(count);
  std::vector<Signature> signatures(count);
  for (std::size_t i = 0; i < count; ++i) {
    sets[i] = shingles_of(text(i), shingles);
    signatures[i] = signature_of(sets[i], functions);
  }
  std::vector<std::optional<Resemblance>> found(count);
  std::vector<BandKey> keys(count);
  for (int band = 0; band < banding.bands; ++band) {
    keys.clear();
    const auto first = static_cast<std::size_t>(band * banding.rows);
    for (std::size_t i = 0; i < count; ++i) {
      if (sets[i].empty()) continue;
      std::uint64_t key = 0;
      for (std::size_t row = 0; row < static_cast<std::size_t>(banding.rows); ++row) key = mix(key * 0x9e3779b97f4a7c15u + signatures[i][first + row]);
      keys.push_back({key, i});
    }
    std::sort(keys.begin(), keys.end());
    for (std::size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
      while (end < keys.size() && keys[end].key == keys[begin].key) ++end;
      for (std::size_t later = begin + 1; later < end; ++later) {
        for (std::size_t earlier = begin; earlier < later && !found[keys[later].text]; ++earlier) {
          const double share = jaccard(sets[keys[earlier].text], sets[keys[later].text]);
          if (share >= similarity - 1e-12) found[keys[later].text] = Resemblance{keys[earlier].text, share};
        }
      }
    }
  }
  return found;
}

}  // namespace cupel::expectations
