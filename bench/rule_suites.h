#pragma once

// What the measurements of suggested suites share: limits as people write them by hand, and how mistakes end a program.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "base/yaml.h"
#include "expectations/data_check.h"
#include "prove/column_facts.h"
#include "suite/suite.h"

namespace cupel::bench {

[[noreturn]] inline void stop(const std::string& why) {
  fmt::print(stderr, "bench: {}\n", why);
  std::exit(2);
}

template <typename T>
T value(Result<T> result) {
  if (!result) stop(result.error().text());
  return std::move(*result);
}

inline suite::Suite parse(const std::string& text) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  return value(suite::parse_suite(text, "suite", load));
}

/// What people do by hand: limits from what was seen. One suite a rule.
enum class Rule { extremes, ten_percent, three_sigma };

inline std::string rule_suite(const prove::BaselineFacts& facts, Rule rule) {
  std::string text = "cupel: 1\nsuite: rule\nexpect:\n";
  for (std::size_t field = 0; field < facts.columns.size(); ++field) {
    const prove::ColumnFacts& column = facts.columns[field];
    const std::string name = yaml::quote(column.name);
    if (column.present() == 0) continue;
    const double nulls = static_cast<double>(column.nulls) / static_cast<double>(column.rows);
    const auto add = [&](const std::string& subject, double low, double high, const std::string& more = "") {
      text += fmt::format("  - {{{}: {}, between: [{}, {}]{}}}\n", subject, name, exact_text(low), exact_text(high), more);
    };
    switch (rule) {
      case Rule::extremes:
        text += fmt::format("  - {{nulls: {}, at_most: {}%}}\n", name, exact_text(nulls * 100));
        if (column.is_number) add("values", column.quantile(0), column.quantile(100));
        if (column.is_category && !column.is_number) {
          std::vector<std::string> words;
          for (const std::string& word : column.categories) words.push_back(yaml::quote(word));
          text += fmt::format("  - {{values: {}, in: [{}]}}\n", name, join(words, ", "));
        }
        break;
      case Rule::ten_percent: {
        text += fmt::format("  - {{nulls: {}, between: [{}%, {}%]}}\n", name, exact_text(nulls * 90), exact_text(std::min(100.0, nulls * 110)));
        if (!column.is_number || column.is_constant()) break;
        const auto around = [&](const std::string& subject, double middle, const std::string& more = "") {
          add(subject, std::min(middle * 0.9, middle * 1.1), std::max(middle * 0.9, middle * 1.1), more);
        };
        around("mean", column.mean);
        around("stddev", column.stddev);
        around("min", column.quantile(0));
        around("max", column.quantile(100));
        around("median", column.quantile(50));
        around("quantile", column.quantile(25), ", at: 0.25");
        around("quantile", column.quantile(75), ", at: 0.75");
        break;
      }
      case Rule::three_sigma:
        if (column.is_number) add("values", column.mean - 3 * column.stddev, column.mean + 3 * column.stddev);
        break;
    }
  }
  return text;
}

}  // namespace cupel::bench
