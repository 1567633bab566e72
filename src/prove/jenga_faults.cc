// The corruptions of Jenga for tables and texts (Schelter, Rukat, Biessmann, "JENGA: a framework to study the impact of data errors on the
// predictions of machine learning models", EDBT 2021), with the shares that its schema stress test draws from. MissingValuesBasedOnEntropy asks a
// model and is none of a table.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"
#include "table/text_changes.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

std::vector<std::int64_t> rows_by_chance(FaultInput& input) {
  const std::int64_t count = input.rows.num_rows();
  return choose(input.random, all_rows(count), static_cast<std::int64_t>(input.severity.share * static_cast<double>(count) + 1e-9));
}

/// MAR and MNAR: a run of rows of the wanted length in the order of a column's values, from a random start.
std::vector<std::int64_t> rows_in_order_of(FaultInput& input, int field) {
  const table::Column column = input.rows.column(field);
  std::vector<std::int64_t> order = rows_by_value(column);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) order.push_back(row);  // nulls last, as pandas sorts
  }
  const auto count = static_cast<std::int64_t>(input.severity.share * static_cast<double>(order.size()) + 1e-9);
  const auto start = static_cast<std::int64_t>(input.random.below(order.size() - static_cast<std::size_t>(count) + 1));
  std::vector<std::int64_t> rows(order.begin() + start, order.begin() + start + count);
  std::ranges::sort(rows);
  return rows;
}

Table lose(FaultInput& input, const std::vector<std::int64_t>& rows) {
  std::vector<std::int64_t> source = all_rows(input.rows.num_rows());
  for (const std::int64_t row : rows) source[static_cast<std::size_t>(row)] = -1;
  return with_target(input, gather(input.column(), source));
}

enum : int { k_mcar = 0, k_mar = 1, k_mnar = 2 };

Table missing(FaultInput& input) {
  if (input.rows.num_rows() == 0) return input.rows;
  switch (static_cast<int>(input.severity.amount)) {
    case k_mar: return lose(input, rows_in_order_of(input, input.target.partner));
    case k_mnar: return lose(input, rows_in_order_of(input, input.target.field));
    default: return lose(input, rows_by_chance(input));
  }
}

Table swap(FaultInput& input) { return swap_values(input, rows_by_chance(input)); }

std::vector<std::int64_t> present_by_chance(FaultInput& input) {
  std::vector<std::int64_t> rows = rows_by_chance(input);
  const table::Column column = input.column();
  std::erase_if(rows, [&](std::int64_t row) { return column.is_null(row); });
  return rows;
}

/// The type stays: integers are cut towards zero, as numpy's astype does.
Table gaussian_noise(FaultInput& input) {
  const table::Column column = input.column();
  const double scale = input.severity.amount * input.facts().stddev;
  return with_target(input, change_numbers(column, present_by_chance(input), [&](std::int64_t row) -> std::optional<double> {
    const double noisy = column.as_number(row) + scale * input.random.normal();
    return column.type == Type::integer ? std::trunc(noisy) : noisy;
  }));
}

Table scaling(FaultInput& input) {
  const table::Column column = input.column();
  return with_target(input, change_numbers(column, present_by_chance(input), [&](std::int64_t row) -> std::optional<double> { return column.as_number(row) * input.severity.amount; }));
}

Table broken_characters(FaultInput& input) {
  const table::Column column = input.column();
  const auto broken = [](char letter) -> std::string_view {
    switch (letter) {
      case 'a': return "á";
      case 'A': return "Á";
      case 'e': return "é";
      case 'E': return "É";
      case 'o': return "ớ";
      case 'O': return "Ớ";
      case 'u': return "ú";
      case 'U': return "Ú";
      default: return {};
    }
  };
  return with_target(input, change_texts(column, present_by_chance(input), [&](std::int64_t row) -> NewText {
    std::string out;
    for (const char letter : column.text(row)) {
      const std::string_view other = broken(letter);
      if (other.empty()) {
        out += letter;
      } else {
        out += other;
      }
    }
    return out;
  }));
}

/// The names of the categories permuted in the hit rows.
Table category_shift(FaultInput& input) {
  const auto& categories = input.facts().categories;
  std::vector<std::int64_t> order = all_rows(static_cast<std::int64_t>(categories.size()));
  shuffle(input.random, order);
  const table::Column column = input.column();
  return with_target(input, change_texts(column, present_by_chance(input), [&](std::int64_t row) -> NewText {
    const auto at = std::ranges::find(categories, column.text(row));
    if (at == categories.end()) return std::string(column.text(row));
    return categories[static_cast<std::size_t>(order[static_cast<std::size_t>(at - categories.begin())])];
  }));
}

bool has_partner(const BaselineFacts& baseline, FaultTarget target) {
  return applies_to_any(baseline, target) && baseline.columns.at(static_cast<std::size_t>(target.partner)).present() > 0;
}
bool is_text_category(const BaselineFacts& baseline, FaultTarget target) { return applies_to_text(baseline, target) && applies_to_categories(baseline, target); }

constexpr FaultSeverity k_missing[] = {{"MCAR, 10 %", 0.1, k_mcar}, {"MCAR, 50 %", 0.5, k_mcar}, {"MCAR, 90 %", 0.9, k_mcar}, {"MAR, 10 %", 0.1, k_mar}, {"MAR, 50 %", 0.5, k_mar},
                                       {"MAR, 90 %", 0.9, k_mar},   {"MNAR, 10 %", 0.1, k_mnar}, {"MNAR, 50 %", 0.5, k_mnar}, {"MNAR, 90 %", 0.9, k_mnar}};
constexpr FaultSeverity k_parts[] = {{"10 %", 0.1}, {"50 %", 0.5}, {"90 %", 0.9}};
constexpr FaultSeverity k_noise[] = {{"2 standard deviations, 10 %", 0.1, 2}, {"2 standard deviations, 50 %", 0.5, 2}, {"5 standard deviations, 10 %", 0.1, 5}, {"5 standard deviations, 50 %", 0.5, 5}};
constexpr FaultSeverity k_scales[] = {{"×10, 10 %", 0.1, 10},   {"×10, 50 %", 0.5, 10},     {"×100, 10 %", 0.1, 100},
                                      {"×100, 50 %", 0.5, 100}, {"×1,000, 10 %", 0.1, 1000}, {"×1,000, 50 %", 0.5, 1000}};

}  // namespace

const Fault k_jenga_broken_characters_fault = {.name = "jenga_broken_characters", .summary = "vowels with accents that they never had", .catalogue = Catalogue::jenga,
                                         .group = "text", .applies_to = "columns of text", .applies = applies_to_text, .severities = k_parts, .apply = broken_characters};
const Fault k_jenga_category_shift_fault = {.name = "jenga_category_shift", .summary = "the names of the categories permuted", .catalogue = Catalogue::jenga,
                                      .group = "categories", .applies_to = "categories of text", .applies = is_text_category, .severities = k_parts,
                                      .apply = category_shift};
const Fault k_jenga_gaussian_noise_fault = {.name = "jenga_gaussian_noise", .summary = "normal noise of several standard deviations", .catalogue = Catalogue::jenga,
                                      .group = "numbers", .applies_to = "columns of numbers", .applies = applies_to_numbers, .severities = k_noise,
                                      .apply = gaussian_noise};
const Fault k_jenga_missing_fault = {.name = "jenga_missing", .summary = "values lost: MCAR, MAR (by another column) or MNAR (by themselves)", .catalogue = Catalogue::jenga,
                               .group = "nulls", .applies_to = "every column with values", .scope = Scope::pair, .applies = has_partner, .severities = k_missing,
                               .apply = missing};
const Fault k_jenga_scaling_fault = {.name = "jenga_scaling", .summary = "a share of the values times 10, 100 or 1,000", .catalogue = Catalogue::jenga, .group = "units",
                               .applies_to = "columns of numbers", .applies = applies_to_numbers, .severities = k_scales, .apply = scaling};
const Fault k_jenga_swapped_values_fault = {.name = "jenga_swapped_values", .summary = "values exchanged with another column of any type", .catalogue = Catalogue::jenga,
                                      .group = "relations", .applies_to = "every column with values", .scope = Scope::pair, .applies = has_partner,
                                      .severities = k_parts, .apply = swap};

}  // namespace cupel::prove
