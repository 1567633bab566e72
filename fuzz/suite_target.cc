// The input is a suite; what is accepted is run over a small table, and over itself as reference, cut in two ways.
#include <cmath>
#include <limits>

#include "base/invariant.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "report/result_json.h"
#include "table/table.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

using table::ColumnBuilder;
using table::Table;
using table::Type;

Table make_table() {
  table::Schema schema;
  schema.fields = {{"i", Type::integer}, {"n", Type::number},    {"t", Type::text},
                   {"b", Type::boolean}, {"u", Type::timestamp}, {"none", Type::text, {}, true}};
  std::vector<ColumnBuilder> columns;
  for (const table::Field& field : schema.fields) columns.emplace_back(field.type);
  const double numbers[] = {0, 1.5, -2.5, std::nan(""), std::numeric_limits<double>::infinity(), 1e300, 1e-300, -1e300};
  constexpr std::string_view k_texts[] = {"", "a", "b@example.org", "é", "2020-01-01", "7", "Tops", "Tops Tops"};
  for (std::int64_t row = 0; row < 24; ++row) {
    const auto r = static_cast<std::size_t>(row);
    r % 7 == 3 ? columns[0].append_null() : columns[0].append(row % 11 == 0 ? std::numeric_limits<std::int64_t>::max() - row : row % 5);
    r % 9 == 5 ? columns[1].append_null() : columns[1].append(numbers[r % std::size(numbers)]);
    r % 8 == 2 ? columns[2].append_null() : columns[2].append(k_texts[r % std::size(k_texts)]);
    columns[3].append(row % 2);
    r % 6 == 1 ? columns[4].append_null() : columns[4].append(1577836800000000 + row * 3600000000);
    columns[5].append_null();
  }
  return {std::move(schema), std::move(columns)};
}

void check_finite(const Json& json) {
  if (json.is_number_float()) CHECK(!std::isnan(json.get<double>()), "a number of the result is not one");
  if (json.is_structured()) {
    for (const auto& member : json) check_finite(member);
  }
}

std::string answer(const suite::Suite& suite, std::int64_t chunk_bytes) {
  static Table data = make_table();
  static Table reference = make_table();
  expectations::RunOptions options;
  options.seed = 1;
  options.scan.threads = 1;
  options.scan.chunk_bytes = chunk_bytes;
  const Result<suite::Report> report = expectations::run_suite(suite, data, &reference, options);
  if (!report) return report.error().text();
  Json json = report::report_json(*report);
  json.erase("seconds");
  json.erase("started");
  check_finite(json);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void fuzz_suite(std::string_view input) {
  if (input.size() > 8192) return;
  suite::LoadOptions options = expectations::data_subjects();
  options.reasons_required = false;
  const Result<suite::Suite> suite = suite::parse_suite(input, "x.yaml", options);
  if (!suite) {
    CHECK(suite.error().message.starts_with("x.yaml"), "{}", suite.error().message);
    return;
  }
  CHECK(!suite->expectations.empty());
  if (suite->expectations.size() > 40) return;
  const std::string whole = answer(*suite, 1 << 20);
  CHECK(answer(*suite, 1 << 20) == whole);
  CHECK(answer(*suite, 64 * 5).size() > 0);
}

}  // namespace cupel::fuzz
