#include "stats/association.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cupel::stats {
namespace {

struct Margins {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> columns;
  std::int64_t total = 0;
};

Margins margins_of(std::span<const ContingencyCell> cells) {
  Margins margins;
  for (const ContingencyCell& cell : cells) {
    if (cell.row >= margins.rows.size()) margins.rows.resize(cell.row + 1, 0);
    if (cell.column >= margins.columns.size()) margins.columns.resize(cell.column + 1, 0);
    margins.rows[cell.row] += cell.count;
    margins.columns[cell.column] += cell.count;
    margins.total += cell.count;
  }
  return margins;
}

double entropy_of(std::span<const std::int64_t> counts, std::int64_t total) {
  double sum = 0;
  for (const std::int64_t count : counts) {
    const double p = static_cast<double>(count) / static_cast<double>(total);
    if (count > 0) sum -= p * std::log(p);
  }
  return sum;
}

/// The two greatest counts: how common the most common value is among the others, with or without the row itself.
struct TopTwo {
  std::int64_t first = 0;
  std::int64_t second = 0;
  void add(std::int64_t count) {
    if (count > first) {
      second = first;
      first = count;
    } else {
      second = std::max(second, count);
    }
  }
  /// Is a value of this count, less the row itself, still above all others?
  bool leads(std::int64_t count) const { return count - 1 > (count == first ? second : first); }
};

}  // namespace

std::optional<double> cramers_v(std::span<const ContingencyCell> cells) {
  const Margins margins = margins_of(cells);
  const auto n = static_cast<double>(margins.total);
  const auto r = static_cast<double>(margins.rows.size());
  const auto k = static_cast<double>(margins.columns.size());
  if (margins.total < 2 || r < 2 || k < 2) return std::nullopt;
  double sum = 0;
  for (const ContingencyCell& cell : cells) {
    const auto count = static_cast<double>(cell.count);
    sum += count * count / (static_cast<double>(margins.rows[cell.row]) * static_cast<double>(margins.columns[cell.column]));
  }
  const double phi2 = std::max(0.0, sum - 1 - (r - 1) * (k - 1) / (n - 1));
  const double rows = r - (r - 1) * (r - 1) / (n - 1);
  const double columns = k - (k - 1) * (k - 1) / (n - 1);
  const double least = std::min(rows, columns) - 1;
  if (least <= 0) return std::nullopt;  // as many categories as rows: nothing is left to associate
  return std::min(1.0, std::sqrt(phi2 / least));
}

std::optional<double> mutual_information(std::span<const ContingencyCell> cells) {
  const Margins margins = margins_of(cells);
  if (margins.total == 0) return std::nullopt;
  const auto n = static_cast<double>(margins.total);
  double sum = 0;
  for (const ContingencyCell& cell : cells) {
    const auto count = static_cast<double>(cell.count);
    sum += count / n * std::log(count * n / (static_cast<double>(margins.rows[cell.row]) * static_cast<double>(margins.columns[cell.column])));
  }
  return std::max(0.0, sum);
}

std::optional<double> theils_u(std::span<const ContingencyCell> cells) {
  const Margins margins = margins_of(cells);
  if (margins.columns.size() < 2) return std::nullopt;
  return std::clamp(*mutual_information(cells) / entropy_of(margins.columns, margins.total), 0.0, 1.0);
}

std::optional<double> predictive_power(std::span<const ContingencyCell> cells) {
  const Margins margins = margins_of(cells);
  if (margins.columns.size() < 2) return std::nullopt;
  std::vector<TopTwo> of_row(margins.rows.size());
  TopTwo of_all;
  for (const ContingencyCell& cell : cells) of_row[cell.row].add(cell.count);
  for (const std::int64_t count : margins.columns) of_all.add(count);
  std::int64_t right = 0;
  for (const ContingencyCell& cell : cells) right += of_row[cell.row].leads(cell.count) ? cell.count : 0;
  std::int64_t guessed = 0;
  for (const std::int64_t count : margins.columns) guessed += of_all.leads(count) ? count : 0;
  if (guessed == margins.total) return std::nullopt;
  return std::max(0.0, static_cast<double>(right - guessed) / static_cast<double>(margins.total - guessed));
}

}  // namespace cupel::stats
