// What holds for the table as a whole, for nulls, keys and pairs of columns.

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/yaml.h"
#include "prove/candidate.h"
#include "prove/forecast.h"
#include "prove/limit_text_internal.h"
#include "stats/prediction.h"

namespace cupel::prove {
namespace {

constexpr double k_ordered_by_accident = 0.05;

/// A column as an expression writes it.
std::string expression_name(const std::string& name) { return '"' + replace_all(name, "\"", "\"\"") + '"'; }

/// How many values of a kind must be so that "never" can be promised, for people.
std::string never_words(const Seen& seen, std::int64_t tested, double alpha) {
  return fmt::format("0 of {}; none in {} next rows with {} chance needs {} rows", with_thousands(tested), with_thousands(seen.history.next_rows), percent_text(1 - alpha),
                     with_thousands(stats::rows_needed_for_none(seen.history.next_rows, alpha)));
}

/// A row-wise expectation that `seen` rows did not meet.
std::optional<Entry> row_wise(const Seen& seen, std::vector<std::string> lines, const SeenShare& unmet, double alpha, std::string because) {
  const Forecast forecast = share_forecast(seen.history, unmet, alpha, 1);
  if (forecast.high >= 1) return std::nullopt;
  if (forecast.high > 0) lines.push_back(mostly_line(forecast.high));
  return Entry{std::move(lines), std::move(because), (unmet.count == 0 ? never_words(seen, unmet.tested, alpha) : forecast.method)};
}

Candidate columns_candidate(const Seen& seen) {
  Candidate candidate{.column = "", .what = "columns", .is_certain = true, .entry = {}};
  candidate.entry = [&seen](double) -> std::optional<Entry> {
    std::vector<std::string> names;
    for (const ColumnFacts& facts : seen.facts.columns) names.push_back(yaml::quote(facts.name));
    return Entry{{"columns: table", "equals: [" + join(names, ", ") + "]", "order: given"},
                 "A column that is missing, new or moved means that the export changed.",
                 fmt::format("the {} columns seen", names.size())};
  };
  return candidate;
}

/// Without real batches nothing is known about their size: the limits are a judgement and say so.
Candidate rows_candidate(const Seen& seen) {
  Candidate candidate{.column = "", .what = "rows", .is_certain = !seen.history.has_batches(), .entry = {}};
  candidate.entry = [&seen](double alpha) -> std::optional<Entry> {
    const History& history = seen.history;
    if (!history.has_batches()) {
      const auto rows = static_cast<double>(history.next_rows);
      return Entry{{"rows: table", fmt::format("between: [{}, {}]", static_cast<std::int64_t>(std::floor(rows * 0.7)), static_cast<std::int64_t>(std::ceil(rows * 1.4)))},
                   "A load that was cut off or came twice has another number of rows.",
                   fmt::format("judgement: batches are stated to have {} rows; one sample cannot tell how much they vary", with_thousands(history.next_rows))};
    }
    std::vector<double> sizes;
    for (const auto& batch : history.batches) sizes.push_back(static_cast<double>(batch.size()));
    const double start = sizes.back();
    const Forecast forecast = level_forecast(history, {start, start, ""}, sizes, alpha);
    if (!std::isfinite(forecast.high)) return std::nullopt;
    return Entry{{"rows: table", fmt::format("between: [{}, {}]", std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(forecast.low))), static_cast<std::int64_t>(std::ceil(forecast.high)))},
                 "A load that was cut off or came twice has another number of rows.", forecast.method};
  };
  return candidate;
}

/// Of the rows that have both values, those that break a relation which held in every row that was seen: none.
SeenShare unmet_share(const Seen& seen, const table::Column& a, const table::Column& b) {
  return seen_share(seen.history, [&](std::int64_t row) -> std::optional<bool> {
    if (a.is_null(row) || b.is_null(row)) return std::nullopt;
    return false;
  });
}

/// Rows that agree in the left column agree in the right one; a value that is new breaks nothing.
void add_determined(const Seen& seen, const Relation& relation, std::vector<Candidate>& all) {
  const ColumnFacts& left = seen.of(relation.left);
  const ColumnFacts& right = seen.of(relation.right);
  const SeenShare unmet = unmet_share(seen, seen.column(relation.left), seen.column(relation.right));
  all.push_back({.column = "", .what = right.name + " by " + left.name, .entry = [&seen, unmet, &left, &right](double alpha) {
    return row_wise(seen, {"determined: " + yaml::quote(right.name), "by: " + yaml::quote(left.name)}, unmet, alpha, "Each value of the one always came with the same value of the other: another one is a wrong join or a renamed category.");
  }});
}

}  // namespace

void add_table_candidates(const Seen& seen, std::vector<Candidate>& all) {
  all.push_back(columns_candidate(seen));
  all.push_back(rows_candidate(seen));
}

void add_null_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  const table::Column column = seen.column(field);
  const SeenShare nulls = seen_share(seen.history, [&](std::int64_t row) -> std::optional<bool> { return column.is_null(row); });
  const std::string name = yaml::quote(facts.name);
  all.push_back({.column = facts.name, .what = "nulls", .entry = [&seen, nulls, name](double alpha) -> std::optional<Entry> {
    if (nulls.count == 0) {
      const Forecast forecast = share_forecast(seen.history, nulls, alpha, 1);
      if (forecast.high >= 1) return std::nullopt;
      const std::string limit = forecast.high == 0 ? "equals: 0" : "at_most: " + upper_percent(forecast.high);
      return Entry{{"nulls: " + name, limit}, "The column was always filled.", never_words(seen, nulls.tested, alpha)};
    }
    const Forecast forecast = share_forecast(seen.history, nulls, alpha, 2);
    if (forecast.high >= 1 && forecast.low <= 0) return std::nullopt;
    if (forecast.low <= 0) return Entry{{"nulls: " + name, "at_most: " + upper_percent(forecast.high)}, "More missing values than before mean that a source dried up.", forecast.method};
    return Entry{{"nulls: " + name, fmt::format("between: [{}, {}]", lower_percent(forecast.low), upper_percent(forecast.high))},
                 "More missing values than before mean that a source dried up; fewer, that something else stands in their place.", forecast.method};
  }});
}

void add_key_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  const std::string name = yaml::quote(facts.name);
  if (facts.is_key && facts.present() >= 20) {
    all.push_back({.column = facts.name, .what = "key", .is_certain = true, .entry = [name, &facts](double) -> std::optional<Entry> {
      return Entry{{"duplicates: " + name, "equals: 0"}, "Every value was seen once: it identifies the row.", fmt::format("{} different values in {} rows", with_thousands(facts.distinct), with_thousands(facts.present()))};
    }});
    return;
  }
  // The order of the rows, where the data have one.
  const table::Column column = seen.column(field);
  if (facts.nulls == 0 && facts.is_number && facts.distinct > 20) {
    const bool rises = [&] {
      for (std::int64_t row = 1; row < column.num_rows; ++row) {
        if (column.as_number(row) < column.as_number(row - 1)) return false;
      }
      return true;
    }();
    if (rises) {
      all.push_back({.column = facts.name, .what = "order", .is_certain = true, .entry = [name, &facts](double) -> std::optional<Entry> {
        return Entry{{"values: " + name, "order: increasing"}, "The rows came in the order of this column.", fmt::format("{} rows in order", with_thousands(facts.rows))};
      }});
    }
  }
}

void add_relation_candidates(const Seen& seen, std::vector<Candidate>& all) {
  for (const Relation& relation : seen.facts.relations) {
    if (relation.kind == Relation::Kind::determined) {
      add_determined(seen, relation, all);
      continue;
    }
    const ColumnFacts& left = seen.of(relation.left);
    const ColumnFacts& right = seen.of(relation.right);
    const table::Column a = seen.column(relation.left);
    const table::Column b = seen.column(relation.right);
    const SeenShare unmet = unmet_share(seen, a, b);
    if (unmet.tested == 0 || (a.type == table::Type::text) != (b.type == table::Type::text)) continue;
    const bool text = a.type == table::Type::text;  // ISO dates, which compare as text
    // A pair whose ranges hardly meet is ordered by accident: rows of other rows' partners would be ordered too.
    std::int64_t strangers = 0;
    for (std::int64_t row = 0; row < a.num_rows; ++row) {
      const std::int64_t other = (row + a.num_rows / 2) % a.num_rows;
      if (a.is_null(row) || b.is_null(other)) continue;
      strangers += (text ? a.text(row) > b.text(other) : a.as_number(row) > b.as_number(other)) ? 1 : 0;
    }
    if (static_cast<double>(strangers) < k_ordered_by_accident * static_cast<double>(unmet.tested)) continue;
    const std::string expression = fmt::format("{} <= {}", expression_name(left.name), expression_name(right.name));
    all.push_back({.column = "", .what = "order of " + left.name + " and " + right.name, .entry = [&seen, unmet, expression](double alpha) {
      return row_wise(seen, {"every_row: " + yaml::quote(expression)}, unmet, alpha, "Held in every row: the one bounds the other.");
    }});
  }
  // Missing together.
  for (int a = 0; a < static_cast<int>(seen.facts.columns.size()); ++a) {
    const ColumnFacts& first = seen.of(a);
    if (first.nulls == 0 || first.nulls == first.rows) continue;
    for (int b = a + 1; b < static_cast<int>(seen.facts.columns.size()); ++b) {
      const ColumnFacts& second = seen.of(b);
      if (first.nulls != second.nulls) continue;
      const table::Column left = seen.column(a);
      const table::Column right = seen.column(b);
      bool together = true;
      for (std::int64_t row = 0; together && row < left.num_rows; ++row) together = left.is_null(row) == right.is_null(row);
      if (!together) continue;
      for (const bool swapped : {false, true}) {
        const std::string asked = swapped ? second.name : first.name;
        const std::string other = swapped ? first.name : second.name;
        const SeenShare unmet{.count = 0, .tested = first.present()};
        all.push_back({.column = "", .what = "nulls of " + asked + " with " + other, .entry = [&seen, unmet, asked, other](double alpha) -> std::optional<Entry> {
          const Forecast forecast = share_forecast(seen.history, unmet, alpha, 1);
          return Entry{{"nulls: " + yaml::quote(asked), forecast.high == 0 ? std::string("equals: 0") : "at_most: " + upper_percent(forecast.high), "where: " + yaml::quote(expression_name(other) + " is not null")},
                       "The two were missing in the same rows and in no others.", never_words(seen, unmet.tested, alpha)};
        }});
      }
    }
  }
}

}  // namespace cupel::prove
