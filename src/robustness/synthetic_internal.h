#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "robustness/trial.h"
#include "table/table.h"

namespace cupel::robustness::synthetic {

/// Reviews with known truth: "good" words raise, "bad" words lower the chance of a recommendation.
struct Options {
  std::int64_t rows = 1000;
  std::uint64_t seed = 1;
  std::int64_t rows_a_product = 1;
  double wrong_in_bad_shop = 0;  ///< chance that the truth is turned over in shop "north", 5 % of the rows
};

inline table::Table reviews(const Options& options) {
  const std::vector<std::string> good = {"lovely", "soft", "perfect", "great"}, bad = {"itchy", "returned", "cheap", "awful"},
                                 plain = {"the", "dress", "color", "size"};
  table::ColumnBuilder text(table::Type::text), shop(table::Type::text), age(table::Type::integer), product(table::Type::integer),
      target(table::Type::integer);
  Random random(options.seed, "synthetic reviews");
  for (std::int64_t row = 0; row < options.rows; ++row) {
    std::string words;
    double tone = 0.8;
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t kind = random.below(4);
      const auto& list = kind == 0 ? good : kind == 1 ? bad : plain;
      words += (i == 0 ? "" : " ") + list[random.below(4)];
      tone += kind == 0 ? 1.2 : kind == 1 ? -1.2 : 0;
    }
    const std::uint64_t place = random.below(20);
    const bool north = place == 0;
    bool recommends = random.uniform() < 1 / (1 + std::exp(-2 * tone));
    if (north && random.uniform() < options.wrong_in_bad_shop) recommends = !recommends;
    text.append(std::string_view(words));
    shop.append(std::string_view(north ? "north" : place < 8 ? "south" : place < 14 ? "east" : "west"));
    age.append(static_cast<std::int64_t>(18 + random.below(60)));
    product.append(row / options.rows_a_product);
    target.append(std::int64_t{recommends});
  }
  std::vector<table::ColumnBuilder> columns;
  for (auto* column : {&text, &shop, &age, &product, &target}) columns.push_back(std::move(*column));
  table::Schema schema;
  using table::Type;
  for (const auto& [name, type] : std::vector<std::pair<std::string, Type>>{{"Text", Type::text},
                                                                            {"Shop", Type::text},
                                                                            {"Age", Type::integer},
                                                                            {"Product", Type::integer},
                                                                            {"Recommended", Type::integer}}) {
    schema.fields.push_back({name, type, {}});
  }
  return table::Table(schema, std::move(columns));
}

/// The model that knows the truth; `knows_capitals` false is the planted bug: words are compared without lowering them first.
inline LoadedModel oracle(bool knows_capitals = true, double sharpness = 2) {
  LoadedModel model{"oracle/1", "", {"Text", "Shop", "Age"}, {}};
  model.score = [=](const table::Table& table, int) -> Result<model::Scores> {
    model::Scores scores;
    scores.num_rows = table.num_rows();
    scores.classes = {"0", "1"};
    const table::Column text = table.column(0);
    for (std::int64_t row = 0; row < table.num_rows(); ++row) {
      double tone = 0.8;
      std::string words = text.is_null(row) ? "" : std::string(text.text(row));
      if (knows_capitals) {
        for (char& byte : words) byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
      }
      for (const char* good : {"lovely", "soft", "perfect", "great"}) {
        for (auto at = words.find(good); at != std::string::npos; at = words.find(good, at + 1)) tone += 1.2;
      }
      for (const char* bad : {"itchy", "returned", "cheap", "awful"}) {
        for (auto at = words.find(bad); at != std::string::npos; at = words.find(bad, at + 1)) tone -= 1.2;
      }
      const auto p = static_cast<float>(1 / (1 + std::exp(-sharpness * tone)));
      scores.probabilities.insert(scores.probabilities.end(), {1 - p, p});
      scores.labels.push_back(p >= 0.5F ? 1 : 0);
    }
    return scores;
  };
  return model;
}

inline TrialOptions options(std::string group = "") {
  TrialOptions out;
  out.target = "Recommended";
  out.positive = "1";
  out.group = std::move(group);
  out.seed = 7;
  out.resamples = 500;
  return out;
}

}  // namespace cupel::robustness::synthetic
