#include "table/row_sample.h"

#include <algorithm>
#include <cmath>

#include "base/invariant.h"
#include "base/random.h"
#include "base/text.h"

namespace cupel::table {
namespace {

std::uint64_t number_of(std::uint64_t seed, std::int64_t row) { return Random(seed, "row sample", static_cast<std::uint64_t>(row)).next(); }

/// The rows before each chunk, and in all.
class RowCounter : public ChunkVisitor {
 public:
  struct Part : Chunk {
    explicit Part(std::int64_t number) : index(number) {}
    void visit(const Batch&) override {}
    std::int64_t index;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override { return std::make_unique<Part>(index); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    rows_before.resize(static_cast<std::size_t>(static_cast<const Part&>(*chunk).index) + 1, rows);
    rows += num_rows;
  }
  void restart() override {
    rows_before.clear();
    rows = 0;
  }
  std::vector<std::int64_t> rows_before;
  std::int64_t rows = 0;
};

/// The `wanted`-th smallest of the numbers of all rows; in memory stand only those that share its first 16 bits.
std::uint64_t threshold_of(std::uint64_t seed, std::int64_t rows, std::int64_t wanted) {
  constexpr int k_shift = 48;
  std::vector<std::int64_t> counts(1 << 16, 0);
  for (std::int64_t row = 0; row < rows; ++row) ++counts[number_of(seed, row) >> k_shift];
  std::size_t bin = 0;
  for (; counts[bin] < wanted; ++bin) wanted -= counts[bin];
  std::vector<std::uint64_t> numbers;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (const std::uint64_t number = number_of(seed, row); number >> k_shift == bin) numbers.push_back(number);
  }
  std::nth_element(numbers.begin(), numbers.begin() + (wanted - 1), numbers.end());
  return numbers[static_cast<std::size_t>(wanted - 1)];
}

}  // namespace

Result<SampleSize> SampleSize::parse(std::string_view word) {
  if (word.ends_with('%')) {
    const std::optional<double> percent = parse_number(word.substr(0, word.size() - 1));
    if (percent && *percent > 0 && *percent <= 100) return SampleSize{0, *percent / 100};
  } else if (const std::optional<std::int64_t> rows = parse_integer(word); rows && *rows > 0) {
    return SampleSize{*rows, std::nullopt};
  }
  return fail("sample '{}', expected a number of rows such as 10000, or a share from above 0% to 100%", shorten(word, 40));
}

Result<std::shared_ptr<const RowSample>> RowSample::draw(BatchSource& source, SampleSize size, std::uint64_t seed, const ScanOptions& options) {
  RowCounter counter;
  ASSIGN_OR_RETURN(const std::int64_t rows, source.scan({}, counter, options));
  CHECK(rows == counter.rows, "{} rows, {} counted", rows, counter.rows);
  auto sample = std::make_shared<RowSample>();
  sample->seed_ = seed;
  sample->of_rows_ = rows;
  sample->rows_before_ = std::move(counter.rows_before);
  const auto wanted = size.share ? std::max<std::int64_t>(1, std::llround(*size.share * static_cast<double>(rows))) : size.rows;
  sample->rows_ = std::min(wanted, rows);
  sample->threshold_ = wanted >= rows ? ~std::uint64_t{0} : threshold_of(seed, rows, wanted);
  return sample;
}

void RowSample::mark(std::int64_t chunk, std::int64_t from, std::int64_t num_rows, std::uint8_t* kept) const {
  const std::int64_t first = rows_before_.at(static_cast<std::size_t>(chunk)) + from;
  for (std::int64_t i = 0; i < num_rows; ++i) kept[i] = number_of(seed_, first + i) <= threshold_ ? 1 : 0;
}

}  // namespace cupel::table
