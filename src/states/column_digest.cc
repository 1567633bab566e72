#include "states/column_digest.h"

#include "states/byte_form.h"
#include "states/key_digest.h"

namespace cupel::states {
namespace {

constexpr std::uint64_t k_prime = (std::uint64_t{1} << 61) - 1;
constexpr std::uint64_t k_high_point = 0x1234567890abcdefu % k_prime;
constexpr std::uint64_t k_low_point = 0x0fedcba987654321u % k_prime;

__extension__ using Wide = unsigned __int128;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  const std::uint64_t sum = static_cast<std::uint64_t>(product & k_prime) + static_cast<std::uint64_t>(product >> 61);
  return sum >= k_prime ? sum - k_prime : sum;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return (a + b) % k_prime; }

std::uint64_t power(std::uint64_t base, std::int64_t exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1, base = times(base, base)) {
    if ((exponent & 1) != 0) result = times(result, base);
  }
  return result;
}

}  // namespace

void ColumnDigest::update(const table::Batch& batch, Selection rows) {
  digests::of_column(
      batch.columns[static_cast<std::size_t>(slot_)], batch.num_rows,
      [&](std::int64_t row, KeyDigest value) {
        if (!rows.contains(row)) return;
        high_ = plus(times(high_, k_high_point), value.high % k_prime);
        low_ = plus(times(low_, k_low_point), value.low % k_prime);
        ++rows_;
      },
      [](std::int64_t) {});
}

void ColumnDigest::merge(const State& later) {
  const auto& other = same_kind<ColumnDigest>(later);
  high_ = plus(times(high_, power(k_high_point, other.rows_)), other.high_);
  low_ = plus(times(low_, power(k_low_point, other.rows_)), other.low_);
  rows_ += other.rows_;
}

void ColumnDigest::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(rows_));
  bytes.fixed(high_);
  bytes.fixed(low_);
  bytes.seal(format(), out);
}

Result<void> ColumnDigest::read(std::string_view bytes) {
  *this = ColumnDigest(slot_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  ColumnDigest fresh(slot_);
  fresh.rows_ = in.count();
  fresh.high_ = in.fixed();
  fresh.low_ = in.fixed();
  in.expect(fresh.high_ < k_prime && fresh.low_ < k_prime && (fresh.rows_ > 0 || (fresh.high_ == 0 && fresh.low_ == 0)));
  TRY(in.finish());
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
