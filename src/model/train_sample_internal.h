#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "table/table.h"

namespace cupel::model {

/// Made-up reviews with known truth for the tests: the target depends on words, on their order, on a number and on a category.
/// Columns: id (group), Age (number, some null), Size (category, some null), Text (some null), Junk (all null), Happy (yes or no).
inline table::Table sample_reviews(std::int64_t num_rows, std::uint64_t seed) {
  static const std::vector<std::string> k_words{"the", "dress", "is", "Soft", "lovely", "bad", "not", "good", "fits", "cheap", "itchy", "and", "très", "JOLIE", "it's", "42"};
  static const std::vector<std::string> k_sizes{"S", "M", "L", "XL"};
  using table::Type;
  std::vector<table::ColumnBuilder> columns;
  for (const Type type : {Type::integer, Type::number, Type::text, Type::text, Type::text, Type::text}) columns.emplace_back(type);
  for (std::int64_t row = 0; row < num_rows; ++row) {
    Random random(seed, "sample reviews", static_cast<std::uint64_t>(row));
    double logit = 0.3;
    std::string text, last;
    const std::uint64_t length = random.below(14);
    for (std::uint64_t i = 0; i < length; ++i) {
      const std::string& word = k_words[random.below(k_words.size())];
      if (word == "lovely" || word == "JOLIE") logit += 0.8;
      if (word == "bad" || word == "itchy") logit -= 1.0;
      if (word == "good") logit += last == "not" ? -2.0 : 1.0;
      text += (i == 0 ? "" : random.below(9) == 0 ? ", " : " ") + word;
      last = word;
    }
    const double age = 18 + static_cast<double>(random.below(60));
    const std::size_t size = random.below(k_sizes.size());
    logit += (age - 48) / 40 + (size == 3 ? -0.5 : 0.1);
    columns[0].append(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(num_rows / 8 + 2))));
    if (random.below(20) == 0) columns[1].append_null();
    else columns[1].append(age);
    if (random.below(15) == 0) columns[2].append_null();
    else columns[2].append(std::string_view(k_sizes[size]));
    if (random.below(12) == 0) columns[3].append_null();
    else columns[3].append(std::string_view(text));
    columns[4].append_null();
    columns[5].append(std::string_view(random.uniform() < 1 / (1 + std::exp(-logit)) ? "yes" : "no"));
  }
  table::Schema schema;
  for (const auto& [name, type] : {std::pair{"id", Type::integer}, {"Age", Type::number}, {"Size", Type::text}, {"Text", Type::text}, {"Junk", Type::text}, {"Happy", Type::text}}) {
    schema.fields.push_back({name, type, {}});
  }
  return table::Table(std::move(schema), std::move(columns));
}

/// A configuration for them.
inline std::string sample_config(std::string_view estimator, std::string_view further = "") {
  const bool text = estimator != "trees";
  return fmt::format("cupel: 1\ntrain: sample\ntarget: Happy\npositive: yes\nfeatures:\n  numeric: [Age]\n  categorical: [Size]\n{}"
                     "exclude:\n  - {{column: Junk, because: it is empty}}\n{}split: {{group: id, salt: sample, share: 25%}}\nestimator: {}\n{}",
                     text ? "  text: [Text]\n" : "", text ? "" : "  - {column: Text, because: trees read no text}\n", estimator, further);
}

}  // namespace cupel::model
