#pragma once

#include <string>

#include "base/random.h"
#include "table/table.h"
#include "table/timestamp.h"

namespace cupel::prove {

/// A made-up table with every kind of column that faults know, for tests: a key, numbers, counts, categories (one determined by the
/// other), names with accents, dates in order, instants, booleans, a constant and a column of nulls. Nulls in every seventh name and every eleventh amount.
inline table::Table trial_table(std::int64_t rows = 600, std::uint64_t seed = 5) {
  using table::Type;
  const std::pair<const char*, Type> columns[] = {{"id", Type::integer},   {"amount", Type::number},  {"count", Type::integer},  {"name", Type::text},
                                                  {"team", Type::text},    {"house", Type::text},     {"start", Type::text},     {"end", Type::text},
                                                  {"created", Type::timestamp}, {"active", Type::boolean}, {"constant", Type::integer}, {"empty", Type::text}};
  table::Schema schema;
  std::vector<table::ColumnBuilder> built;
  for (const auto& [name, type] : columns) {
    schema.fields.push_back({name, type});
    built.emplace_back(type);
  }
  constexpr const char* k_names[] = {"Zoë O'Neil", "Mehmet", "ANNA", "Łukasz", "bob", "Chloe \"C\" Day"};
  constexpr const char* k_teams[] = {"Red", "Blue", "Green", "Yellow"};
  for (std::int64_t row = 0; row < rows; ++row) {
    Random random(seed, "trial table", static_cast<std::uint64_t>(row));
    built[0].append(row * 3 + 7);
    if (row % 11 == 5) {
      built[1].append_null();
    } else {
      built[1].append((static_cast<double>(static_cast<std::int64_t>(160 + 60 * random.normal())) + 0.5) / 4);
    }
    built[2].append(static_cast<std::int64_t>(1 + random.below(60)));
    if (row % 7 == 3) {
      built[3].append_null();
    } else {
      built[3].append(std::string_view(fmt::format("{} {}", k_names[random.below(6)], random.below(1000))));
    }
    const std::size_t team = std::min<std::size_t>(3, random.below(5));  // the last one twice as often
    built[4].append(std::string_view(k_teams[team]));
    built[5].append(std::string_view(team < 2 ? "North" : "South"));
    const std::int64_t day = 19000 + static_cast<std::int64_t>(random.below(300));
    const std::int64_t day_us = 86'400'000'000;
    built[6].append(std::string_view(table::timestamp_text(day * day_us)));
    built[7].append(std::string_view(table::timestamp_text((day + static_cast<std::int64_t>(random.below(10))) * day_us)));
    built[8].append(static_cast<std::int64_t>(day * day_us + static_cast<std::int64_t>(random.below(86'400)) * 1'000'000));
    built[9].append(static_cast<std::int64_t>(random.below(4) == 0 ? 1 : 0));
    built[10].append(std::int64_t{42});
    built[11].append_null();
  }
  return table::Table(std::move(schema), std::move(built));
}

}  // namespace cupel::prove
