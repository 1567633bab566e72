#include "states/hll.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "states/byte_form.h"
#include "states/kept_rows.h"
#include "states/key_digest.h"

namespace cupel::states {
namespace {

constexpr int k_rest = 64 - Hll::k_precision;  // Ertl's q
constexpr std::uint8_t k_highest = k_rest + 1;
constexpr auto k_registers = std::int64_t{1} << Hll::k_precision;
constexpr double k_standard_errors = 5.5;

// Ertl's algorithm 5: the power series of empty registers …
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double z = x;
  for (double before = -1; z != before;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

// … and of full ones.
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y /= 2;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

Estimate Hll::distinct() const {
  if (registers_.empty()) return Estimate::exactly(0);
  std::array<std::int64_t, k_highest + 1> histogram{};
  for (const std::uint8_t rank : registers_) ++histogram[rank];
  const auto m = static_cast<double>(k_registers);
  double z = m * tau(1 - static_cast<double>(histogram[k_highest]) / m);
  for (std::size_t k = k_rest; k >= 1; --k) z = (z + static_cast<double>(histogram[k])) / 2;
  z += m * sigma(static_cast<double>(histogram[0]) / m);
  const double value = m / (2 * std::numbers::ln2) * m / z;
  const double error = k_standard_errors * 1.04 / std::sqrt(m) * value;
  return {std::round(value), std::max(static_cast<double>(k_registers - histogram[0]), std::floor(value - error)), std::ceil(value + error), k_confidence};
}

void Hll::update(const table::Batch& batch, Selection rows) {
  const table::Column& column = batch.columns[static_cast<std::size_t>(slot_)];
  const auto each = [&](auto digest_of) {
    for_each_kept(
        column, batch.num_rows, rows, [&](std::int64_t row) { add(digest_of(row)); }, [](std::int64_t) {});
  };
  switch (column.type) {
    case table::Type::boolean: each([&](std::int64_t row) { return digests::of_integer(column.booleans()[row]).high; }); break;
    case table::Type::integer: each([&](std::int64_t row) { return digests::of_integer(column.integers()[row]).high; }); break;
    case table::Type::number: each([&](std::int64_t row) { return digests::of_number(column.numbers()[row]).high; }); break;
    case table::Type::timestamp: each([&](std::int64_t row) { return digests::of_bits(static_cast<std::uint64_t>(column.integers()[row]), 3).high; }); break;
    case table::Type::text: each([&](std::int64_t row) { return digests::of_text(column.text(row)).high; }); break;
  }
}

void Hll::merge(const State& later) {
  const auto& other = same_kind<Hll>(later);
  if (other.registers_.empty()) return;
  if (registers_.empty()) {
    registers_ = other.registers_;
    return;
  }
  for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

// Registers that hold something, by their distance from the one before: two bytes each while they are few.
void Hll::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(static_cast<std::uint64_t>(std::count_if(registers_.begin(), registers_.end(), [](std::uint8_t rank) { return rank > 0; })));
  std::size_t next = 0;
  for (std::size_t i = 0; i < registers_.size(); ++i) {
    if (registers_[i] == 0) continue;
    bytes.whole(i - next);
    bytes.whole(registers_[i]);
    next = i + 1;
  }
  bytes.seal(format(), out);
}

Result<void> Hll::read(std::string_view bytes) {
  registers_.clear();
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  const std::int64_t size = in.count_of(2);
  in.expect(size <= k_registers);
  std::vector<std::uint8_t> registers(size > 0 && !in.failed() ? static_cast<std::size_t>(k_registers) : 0, 0);
  std::uint64_t next = 0;
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    const std::uint64_t gap = in.whole();
    const std::uint64_t rank = in.whole();
    in.expect(gap < static_cast<std::uint64_t>(k_registers) - next && rank >= 1 && rank <= k_highest);
    if (in.failed()) break;
    registers[next + gap] = static_cast<std::uint8_t>(rank);
    next += gap + 1;
    in.expect(next < static_cast<std::uint64_t>(k_registers) || i + 1 == size);
  }
  TRY(in.finish());
  registers_ = std::move(registers);
  return {};
}

}  // namespace cupel::states
