#include "ab/prediction_pair.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/text.h"

namespace cupel::ab {
namespace {

constexpr std::array<MetricEntry, 4> k_metrics = {{
    {Metric::accuracy, "accuracy", true, false},
    {Metric::auc, "auc", true, true},
    {Metric::brier, "brier", false, true},
    {Metric::log_loss, "log_loss", false, true},
}};

Result<table::Column> column_of(const table::Table& table, const std::string& name, std::string_view file) {
  auto column = table.column(name);
  if (!column)
    return fail_with_hint(fmt::format("file {}: {}", file, column.error().message), "'cupel predict --keep COLUMN' keeps further columns");
  return *column;
}

Result<std::unordered_map<std::int64_t, std::int64_t>> rows_by_number(const table::Table& table, std::string_view file) {
  ASSIGN_OR_RETURN(const table::Column numbers, column_of(table, "row", file));
  if (numbers.type != table::Type::integer)
    return fail("file {}: column 'row' holds {}, expected row numbers", file, table::type_name(numbers.type));
  std::unordered_map<std::int64_t, std::int64_t> rows;
  for (std::int64_t at = 0; at < table.num_rows(); ++at) {
    if (numbers.is_null(at)) return fail("file {}: line {} has no row number", file, at + 2);
    if (!rows.emplace(numbers.integers()[at], at).second) return fail("file {}: row {} is there twice", file, numbers.integers()[at]);
  }
  return rows;
}

bool means_positive(std::string_view text, const std::string& positive) {
  if (!positive.empty()) return text == positive;
  const std::string lower = to_lower_ascii(text);
  return lower == "1" || lower == "true" || lower == "yes";
}

/// The columns of one file, at hand.
struct Predictions {
  table::Column label;
  table::Column prediction;
  std::optional<table::Column> probability;
};

Result<Predictions> predictions_of(const table::Table& table, const PairColumns& columns, std::string_view file) {
  Predictions found;
  ASSIGN_OR_RETURN(found.label, column_of(table, columns.label, file));
  ASSIGN_OR_RETURN(found.prediction, column_of(table, "prediction", file));
  if (const auto field = table.schema().find("probability")) {
    found.probability = table.column(*field);
    if (!table::is_numeric(found.probability->type)) {
      return fail("file {}: column 'probability' holds {}, expected numbers in [0, 1]", file, table::type_name(found.probability->type));
    }
  }
  return found;
}

Result<double> probability_at(const table::Column& column, std::int64_t row, std::string_view file) {
  const double value = column.is_null(row) ? -1 : column.as_number(row);
  if (!(value >= 0 && value <= 1)) {
    return fail("file {}: probability '{}' in line {}, expected a number in [0, 1]", file, table::value_text(column, row), row + 2);
  }
  return value;
}

/// Positive or not for each label; known only if all labels are one of two values and one of them is the positive class.
void judge_labels(const std::vector<std::string>& labels, const std::string& positive, PredictionPair& pair) {
  std::vector<std::string> seen;
  for (const std::string& label : labels) {
    pair.positive.push_back(means_positive(label, positive));
    if (seen.size() < 3 && std::ranges::find(seen, label) == seen.end()) seen.push_back(label);
  }
  pair.binary = seen.size() <= 2 && std::ranges::any_of(pair.positive, [](std::uint8_t p) { return p != 0; });
}

Result<std::optional<Units>> units_at(const table::Table& table, const std::string& name, const std::vector<std::int64_t>& rows) {
  if (name.empty()) return std::optional<Units>();
  ASSIGN_OR_RETURN(const table::Column column, column_of(table, name, "A"));
  table::ColumnBuilder kept(column.type);
  for (const std::int64_t row : rows) column.is_null(row) ? kept.append_null() : kept.append_from(column, row);
  ASSIGN_OR_RETURN(Units units, units_of(kept.view(), name));
  return std::optional(std::move(units));
}

}  // namespace

std::span<const MetricEntry> metric_table() { return k_metrics; }

const MetricEntry* find_metric(std::string_view name) {
  const auto at = std::ranges::find(k_metrics, name, &MetricEntry::name);
  return at == k_metrics.end() ? nullptr : &*at;
}

Result<PredictionPair> pair_predictions(const table::Table& a, const table::Table& b, const PairColumns& columns) {
  // A file without rows has no types either: nothing better can be said of it.
  if (a.num_rows() == 0 || b.num_rows() == 0) return fail("no row with a label in both files, so there is nothing to compare");
  ASSIGN_OR_RETURN(const auto rows_a, rows_by_number(a, "A"));
  ASSIGN_OR_RETURN(const auto rows_b, rows_by_number(b, "B"));
  ASSIGN_OR_RETURN(const Predictions in_a, predictions_of(a, columns, "A"));
  ASSIGN_OR_RETURN(const Predictions in_b, predictions_of(b, columns, "B"));
  for (const auto& [number, at] : rows_b) {
    if (!rows_a.contains(number))
      return fail_with_hint(fmt::format("row {} is in file B and not in file A", number), "score the same rows with both models");
  }
  ASSIGN_OR_RETURN(const table::Column numbers, column_of(a, "row", "A"));
  PredictionPair pair;
  std::vector<std::string> labels;
  std::vector<std::int64_t> kept;
  for (std::int64_t at_a = 0; at_a < a.num_rows(); ++at_a) {
    const std::int64_t number = numbers.integers()[at_a];
    const auto found = rows_b.find(number);
    if (found == rows_b.end())
      return fail_with_hint(fmt::format("row {} is in file A and not in file B", number), "score the same rows with both models");
    const std::int64_t at_b = found->second;
    const std::string label = table::value_text(in_a.label, at_a);
    if (label != table::value_text(in_b.label, at_b)) {
      return fail("row {} has label '{}' in file A and '{}' in file B, expected the same", number, shorten(label, 40),
                  shorten(table::value_text(in_b.label, at_b), 40));
    }
    if (in_a.label.is_null(at_a)) {
      ++pair.without_label;
      continue;
    }
    labels.push_back(label);
    kept.push_back(at_a);
    pair.correct[0].push_back(table::value_text(in_a.prediction, at_a) == label);
    pair.correct[1].push_back(table::value_text(in_b.prediction, at_b) == label);
    if (in_a.probability && in_b.probability) {
      ASSIGN_OR_RETURN(const double of_a, probability_at(*in_a.probability, at_a, "A"));
      ASSIGN_OR_RETURN(const double of_b, probability_at(*in_b.probability, at_b, "B"));
      pair.probability[0].push_back(of_a);
      pair.probability[1].push_back(of_b);
    }
  }
  pair.num_rows = static_cast<std::int64_t>(labels.size());
  if (pair.num_rows == 0) return fail("no row with a label in both files, so there is nothing to compare");
  judge_labels(labels, columns.positive, pair);
  ASSIGN_OR_RETURN(pair.units, units_at(a, columns.unit, kept));
  ASSIGN_OR_RETURN(const std::optional<Units> clusters, units_at(a, columns.cluster.empty() ? columns.unit : columns.cluster, kept));
  if (clusters) {
    pair.clusters = clusters->of_row;
    pair.num_clusters = static_cast<std::int64_t>(clusters->names.size());
  }
  return pair;
}

}  // namespace cupel::ab
