#include "drift/finding.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/text.h"
#include "drift/words.h"
#include "stats/chi_square.h"
#include "stats/ks.h"

namespace cupel::drift {
namespace {

constexpr std::size_t k_chart_categories = 20;
constexpr int k_chart_bins = 20;
constexpr std::size_t k_words_shown = 3;

double share(std::int64_t count, std::int64_t total) { return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total); }

double median_of(const std::vector<std::int64_t>& counts, std::int64_t total, std::span<const double> values) {
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (2 * seen >= total) return values[i];
  }
  return 0;
}

double mean_of(const std::vector<std::int64_t>& counts, std::int64_t total, std::span<const double> values) {
  double mean = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) mean += values[i] * share(counts[i], total);
  }
  return mean;
}

std::string ordered_detail(const LevelCounts& counts, std::span<const double> values) {
  const double before = mean_of(counts.reference, counts.num_reference, values);
  const double after = mean_of(counts.current, counts.num_current, values);
  std::string text = fmt::format("median {} -> {}", number_text(median_of(counts.reference, counts.num_reference, values)),
                                 number_text(median_of(counts.current, counts.num_current, values)));
  if (std::isfinite(before) && std::isfinite(after)) text += fmt::format(", mean {} -> {}", number_text(before), number_text(after));
  return text;
}

std::string category_detail(const LevelCounts& counts, std::span<const std::string> names) {
  std::size_t mover = 0;
  double largest = -1;
  std::int64_t unseen = 0, unseen_rows = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double change = std::abs(share(counts.current[i], counts.num_current) - share(counts.reference[i], counts.num_reference));
    if (change > largest) {
      largest = change;
      mover = i;
    }
    if (counts.reference[i] == 0) {
      ++unseen;
      unseen_rows += counts.current[i];
    }
  }
  std::string text =
      fmt::format("'{}' {} -> {}", shorten(names[mover], 40), percent_text(share(counts.reference[mover], counts.num_reference)),
                  percent_text(share(counts.current[mover], counts.num_current)));
  if (unseen > 0)
    text += fmt::format("; {} not in the reference in {} rows", unseen == 1 ? "1 value" : with_thousands(unseen) + " values",
                        with_thousands(unseen_rows));
  return text;
}

Json category_chart(const LevelCounts& counts, std::span<const std::string> names) {
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return counts.reference[a] + counts.current[a] > counts.reference[b] + counts.current[b];
  });
  Json rows = Json::array();
  for (std::size_t k = 0; k < std::min(order.size(), k_chart_categories); ++k) {
    const std::size_t i = order[k];
    rows.push_back({{"value", names[i]},
                    {"reference", share(counts.reference[i], counts.num_reference)},
                    {"current", share(counts.current[i], counts.num_current)}});
  }
  return {{"kind", "categories"}, {"rows", rows}};
}

/// Equal bins between the 0.5 % and 99.5 % quantiles of both; the first and last also take what lies beyond.
Json ordered_chart(const LevelCounts& counts, std::span<const double> values) {
  const std::int64_t total = counts.num_reference + counts.num_current;
  double low = values.front(), high = values.back();
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t before = seen;
    seen += counts.reference[i] + counts.current[i];
    if (before * 200 <= total && seen * 200 > total) low = values[i];
    if (before * 200 < total * 199 && seen * 200 >= total * 199) high = values[i];
  }
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) return nullptr;
  std::vector<std::int64_t> reference(k_chart_bins, 0), current(k_chart_bins, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double place = std::clamp((values[i] - low) / (high - low) * k_chart_bins, 0.0, k_chart_bins - 1.0);
    reference[static_cast<std::size_t>(place)] += counts.reference[i];
    current[static_cast<std::size_t>(place)] += counts.current[i];
  }
  Json rows = Json::array();
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double width = (high - low) / k_chart_bins;
    rows.push_back({{"low", low + width * static_cast<double>(i)},
                    {"high", low + width * static_cast<double>(i + 1)},
                    {"reference", share(reference[i], counts.num_reference)},
                    {"current", share(current[i], counts.num_current)}});
  }
  return {{"kind", "bins"}, {"rows", rows}};
}

/// The exact or limiting distribution, where rows are independent and one is known.
void test_rows(Finding& finding, const LevelCounts& counts, const FindOptions& options) {
  const stats::Simulation simulation{options.seed,
                                     fmt::format("drift/{}/{}", finding.question.column, aspect_name(finding.question.aspect)), 9999};
  if (finding.distance == Distance::ks) {
    if (const auto test = stats::ks_two_sample_counts(counts.reference, counts.current, simulation)) {
      finding.p_value = test->p_value;
      finding.test = fmt::format("Kolmogorov-Smirnov, {}", stats::method_name(test->method));
    }
  } else if (finding.distance == Distance::total_variation) {
    if (const auto test = stats::chi_square_two_sample(counts.reference, counts.current, simulation)) {
      finding.p_value = test->p_value;
      finding.test = fmt::format("chi-square, {}", stats::method_name(test->method));
    }
  }
}

std::int64_t num_units_present(const Levels& levels, const Units& units, std::int64_t first_row, std::int64_t end_row) {
  std::unordered_set<std::int32_t> seen;
  std::int64_t rows = 0;
  for (std::int64_t row = first_row; row < end_row; ++row) {
    if (levels.of_row[static_cast<std::size_t>(row)] == Levels::k_absent) continue;
    ++rows;
    if (!units.every_row_alone()) seen.insert(units.unit_of_row[static_cast<std::size_t>(row)]);
  }
  return units.every_row_alone() ? rows : static_cast<std::int64_t>(seen.size());
}

void compare(Finding& finding, const Levels& levels, const Units& units, const FindOptions& options) {
  const LevelCounts counts = count_levels(levels, units.num_reference_rows);
  finding.rows_reference = counts.num_reference;
  finding.rows_current = counts.num_current;
  finding.units_reference = num_units_present(levels, units, 0, units.num_reference_rows);
  finding.units_current = num_units_present(levels, units, units.num_reference_rows, units.num_rows);
  if (counts.num_reference == 0 && counts.num_current == 0) {
    finding.detail = "no value on either side";
    return;
  }
  if (counts.num_reference == 0 || counts.num_current == 0) {
    finding.cannot = fmt::format("no value in the {} sample, {} in the other", counts.num_reference == 0 ? "reference" : "current",
                                 with_thousands(counts.num_reference + counts.num_current));
    return;
  }
  ResampleOptions redraw{options.seed, fmt::format("drift/{}/{}", finding.question.column, aspect_name(finding.question.aspect)),
                         options.permutations, 400, 0.95};
  const bool has_formula = units.every_row_alone() && (finding.distance == Distance::ks || finding.distance == Distance::total_variation);
  if (has_formula) redraw.permutations = 0;
  finding.sampled = resample(finding.distance, levels, units, redraw);
  finding.p_value = finding.sampled.p_value;
  finding.test = fmt::format("{} relabelings of {}", with_thousands(finding.sampled.draws), units.every_row_alone() ? "rows" : "units");
  if (has_formula) test_rows(finding, counts, options);
}

Finding start(const Question& question, const Units& units) {
  Finding finding;
  finding.question = question;
  const bool ordered = question.aspect == Aspect::lengths || (question.aspect == Aspect::values && question.kind == Kind::ordered);
  finding.distance = question.aspect == Aspect::words ? Distance::auc
                     : ordered                        ? question.distance.value_or(Distance::ks)
                                                      : Distance::total_variation;
  if (units.num_reference_rows == 0)
    finding.cannot = "the reference has no rows";
  else if (units.num_rows == units.num_reference_rows)
    finding.cannot = "the current data has no rows";
  return finding;
}

void compare_ordered(Finding& finding, const Levels& levels, const Units& units, const FindOptions& options) {
  compare(finding, levels, units, options);
  if (finding.rows_reference == 0 || finding.rows_current == 0) return;
  const LevelCounts counts = count_levels(levels, units.num_reference_rows);
  finding.detail = ordered_detail(counts, levels.values);
  finding.chart = ordered_chart(counts, levels.values);
}

void compare_categories(Finding& finding, const Levels& levels, const Units& units, const FindOptions& options) {
  compare(finding, levels, units, options);
  if (finding.rows_reference == 0 || finding.rows_current == 0) return;
  const LevelCounts counts = count_levels(levels, units.num_reference_rows);
  if (finding.question.aspect == Aspect::nulls) {
    finding.detail = fmt::format("{} -> {}", percent_text(share(counts.reference[1], counts.num_reference)),
                                 percent_text(share(counts.current[1], counts.num_current)));
  } else {
    finding.detail = category_detail(counts, levels.names);
  }
  finding.chart = category_chart(counts, levels.names);
}

void compare_words(Finding& finding, const table::Column& reference, const table::Column& current, const Units& units,
                   const FindOptions& options) {
  const WordScores scores = word_scores(reference, current, units, options.seed);
  compare(finding, scores.levels, scores.units, options);
  Json rows = Json::array();
  for (const WordShift& shift : std::span(scores.shifts).first(std::min(k_words_shown, scores.shifts.size()))) {
    finding.detail += fmt::format("{}'{}' {} -> {}", finding.detail.empty() ? "" : ", ", shift.word, percent_text(shift.reference),
                                  percent_text(shift.current));
    rows.push_back({{"value", shift.word}, {"reference", shift.reference}, {"current", shift.current}});
  }
  if (!rows.empty()) finding.chart = {{"kind", "categories"}, {"rows", rows}};
}

bool has_values(const table::Column& column) {
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!is_missing(column, row)) return true;
  }
  return false;
}

/// A column without any value has no type of its own.
bool types_clash(const table::Column& reference, const table::Column& current) {
  const bool text_here = reference.type == table::Type::text, text_there = current.type == table::Type::text;
  const bool time_here = reference.type == table::Type::timestamp, time_there = current.type == table::Type::timestamp;
  return (text_here != text_there || time_here != time_there) && has_values(reference) && has_values(current);
}

}  // namespace

std::string_view aspect_name(Aspect aspect) {
  switch (aspect) {
    case Aspect::values: return "values";
    case Aspect::nulls: return "nulls";
    case Aspect::lengths: return "lengths";
    case Aspect::words: return "words";
  }
  return "values";
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::ordered: return "ordered";
    case Kind::category: return "category";
    case Kind::text: return "text";
  }
  return "ordered";
}

Kind guess_kind(const table::Column& reference, const table::Column& current) {
  const bool any_text =
      (reference.type == table::Type::text && has_values(reference)) || (current.type == table::Type::text && has_values(current));
  if (!any_text) return Kind::ordered;
  std::unordered_set<std::string_view> distinct;
  double words = 0, values = 0;
  for (const table::Column* column : {&reference, &current}) {
    if (column->type != table::Type::text) continue;
    for (const double count : word_counts(*column)) {
      if (!std::isnan(count)) {
        words += count;
        ++values;
      }
    }
    for (std::int64_t row = 0; row < column->num_rows; ++row) {
      if (!column->is_null(row)) distinct.insert(column->text(row));
    }
  }
  return distinct.size() > 50 && words >= 2.5 * values ? Kind::text : Kind::category;
}

Finding find_drift(const Question& question, const table::Column& reference, const table::Column& current, const Units& units,
                   const FindOptions& options) {
  Finding finding = start(question, units);
  if (finding.cannot) return finding;
  if (question.aspect == Aspect::nulls) {
    compare_categories(finding, null_levels(reference, current), units, options);
    return finding;
  }
  if (types_clash(reference, current)) {
    finding.cannot =
        fmt::format("{} in the reference and {} in the current data", table::type_name(reference.type), table::type_name(current.type));
    return finding;
  }
  const bool any_text = reference.type == table::Type::text || current.type == table::Type::text;
  const bool wants_text = question.aspect == Aspect::words || question.aspect == Aspect::lengths;
  const bool wants_order = question.aspect == Aspect::values && question.kind == Kind::ordered;
  if (!has_values(reference) || !has_values(current)) {
    compare_categories(finding, category_levels(reference, current), units, options);
  } else if (wants_text && !any_text) {
    finding.cannot =
        fmt::format("{} of a column of type {}, expected text", aspect_name(question.aspect), table::type_name(reference.type));
  } else if (wants_order && any_text) {
    finding.cannot = "a column of text has no order to compare by, expected numbers or times";
  } else if (wants_order) {
    compare_ordered(finding, ordered_levels(reference, current), units, options);
  } else if (question.aspect == Aspect::lengths) {
    compare_ordered(finding, ordered_levels(word_counts(reference), word_counts(current)), units, options);
  } else if (question.aspect == Aspect::words) {
    compare_words(finding, reference, current, units, options);
  } else {
    compare_categories(finding, category_levels(reference, current), units, options);
  }
  return finding;
}

Finding find_drift(const Question& question, std::span<const double> reference, std::span<const double> current, const Units& units,
                   const FindOptions& options) {
  Finding finding = start(question, units);
  if (!finding.cannot) compare_ordered(finding, ordered_levels(reference, current), units, options);
  return finding;
}

}  // namespace cupel::drift
