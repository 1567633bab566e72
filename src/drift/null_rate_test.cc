// How often does the dataset verdict sound the alarm where nothing has drifted, and how often where something has? `CUPEL_SLOW=1` runs
// enough draws to see it at n = 200 to 5000; without it a short run guards against gross error.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "base/random.h"
#include "drift/finding.h"
#include "drift/table_drift.h"

namespace cupel::drift {
namespace {

using suite::Verdict;
using table::ColumnBuilder;
using table::Type;

/// Twelve columns of the kinds that fool tests: heavy tails, ties, zero inflation, many categories, nulls. `shift` moves the first two.
table::Table mixed_rows(std::int64_t rows, std::uint64_t stream, double shift) {
  Random random(23, "null rate", stream);
  table::Schema schema;
  std::vector<ColumnBuilder> columns;
  for (int kind = 0; kind < 12; ++kind) {
    const Type type = kind < 8 ? Type::number : Type::text;
    ColumnBuilder column(type);
    for (std::int64_t row = 0; row < rows; ++row) {
      const double z = random.normal() + (kind < 2 ? shift : 0);
      if (kind % 4 == 3 && random.uniform() < 0.3)
        column.append_null();
      else if (kind < 2)
        column.append(z);
      else if (kind == 2)
        column.append(std::exp(z));
      else if (kind == 3)
        column.append(z / (std::abs(random.normal()) + 0.05));
      else if (kind == 4)
        column.append(std::floor(std::abs(2 * z)));
      else if (kind == 5)
        column.append(random.uniform() < 0.7 ? 0.0 : std::abs(z));
      else if (kind < 8)
        column.append(std::round(z * 3));
      else
        column.append(std::string_view(fmt::format("v{}", static_cast<int>(std::pow(kind == 8    ? 2.0
                                                                                    : kind == 9  ? 5.0
                                                                                    : kind == 10 ? 20.0
                                                                                                 : 100.0,
                                                                                    random.uniform())))));
    }
    schema.fields.push_back({fmt::format("c{}", kind), type, {}});
    columns.push_back(std::move(column));
  }
  return table::Table(schema, std::move(columns));
}

struct Rates {
  int alarms = 0;    ///< something is there by the corrected test
  int failures = 0;  ///< the dataset verdict
};

Rates simulate(std::int64_t rows, int runs, double shift, double alpha) {
  Rates rates;
  for (int run = 0; run < runs; ++run) {
    DriftOptions options;
    options.seed = static_cast<std::uint64_t>(run);
    options.rule.alpha = alpha;
    const auto outcomes = drift_of_tables(mixed_rows(rows, static_cast<std::uint64_t>(2 * run), 0),
                                          mixed_rows(rows, static_cast<std::uint64_t>(2 * run + 1), shift), std::nullopt, options);
    rates.failures += outcomes->front().verdict == Verdict::fail ? 1 : 0;
    rates.alarms += *outcomes->front().p_value <= alpha ? 1 : 0;
  }
  return rates;
}

TEST(DatasetDrift, sounds_false_alarm_at_most_as_often_as_stated) {
  const bool slow = std::getenv("CUPEL_SLOW") != nullptr;
  const double alpha = 0.05;
  for (const std::int64_t rows : slow ? std::vector<std::int64_t>{200, 1000, 5000} : std::vector<std::int64_t>{200}) {
    const int runs = slow ? 400 : 20;
    const Rates rates = simulate(rows, runs, 0, alpha);
    RecordProperty(fmt::format("alarms_{}", rows), rates.alarms);
    if (slow) fmt::print("no drift, n {}: test {} and verdict fail {} of {}\n", rows, rates.alarms, rates.failures, runs);
    EXPECT_LE(rates.alarms, slow ? 34 : 6) << rows << " rows; 99.9 % bound of 5 %";
    EXPECT_LE(rates.failures, rates.alarms);
  }
}

TEST(DatasetDrift, finds_a_shift_of_half_a_standard_deviation_in_two_of_twelve_columns) {
  const bool slow = std::getenv("CUPEL_SLOW") != nullptr;
  for (const std::int64_t rows : slow ? std::vector<std::int64_t>{200, 500, 1000, 5000} : std::vector<std::int64_t>{500}) {
    const int runs = slow ? 100 : 10;
    const Rates rates = simulate(rows, runs, 0.5, 0.05);
    if (slow) fmt::print("shift of 0.5 sd, n {}: test {} and verdict fail {} of {}\n", rows, rates.alarms, rates.failures, runs);
    if (rows >= 500) {
      EXPECT_GE(rates.failures, runs * 95 / 100) << rows;
    }
  }
}

}  // namespace
}  // namespace cupel::drift
