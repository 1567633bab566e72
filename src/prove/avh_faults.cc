// The synthetic faults of Auto-Validate by History: Tu, Song, He, Wang, Cui, Chaudhuri et al., "Auto-Validate by-History: Auto-Program
// Data Quality Constraints to Validate Recurring Data Pipelines", KDD 2023, and its generator gene_sample.py. Names and parameters are its own:
// 27 for a column of numbers (3 schema changes, 6 units, 3 nulls, 4 row counts, 4 biased samples, 3 perturbations, 2 insertions, 2 deletions),
// 33 for a column of text (the same without units, with 6 casings and 6 paddings). Counts are rounded down, as there. A row that a fault adds or
// drops is one of the whole table here, where the generator knows only the column; its four row counts do not depend on the column and stand
// here once for the table.

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"
#include "table/text_changes.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

std::int64_t floor_share(double share, std::int64_t n) { return static_cast<std::int64_t>(share * static_cast<double>(n) + 1e-9); }

std::vector<std::int64_t> hit_rows(FaultInput& input) {
  // The generator draws among all rows; a row without a value stays without one.
  std::vector<std::int64_t> hit = choose(input.random, all_rows(input.rows.num_rows()), floor_share(input.severity.share, input.rows.num_rows()));
  const table::Column column = input.column();
  std::erase_if(hit, [&](std::int64_t row) { return column.is_null(row); });
  return hit;
}

/// Rule 1-2: values of the next column of the same kind, from random rows.
Table change_schema(FaultInput& input) {
  const table::Column column = input.column();
  const table::Column other = input.rows.column(input.target.partner);
  const std::vector<std::int64_t> every = all_rows(input.rows.num_rows());
  const std::int64_t count = floor_share(input.severity.share, input.rows.num_rows());
  const std::vector<std::int64_t> hit = choose(input.random, every, count);
  std::vector<std::int64_t> from = choose(input.random, every, count);
  shuffle(input.random, from);
  std::vector<std::int64_t> source(every.size(), -1);
  for (std::size_t i = 0; i < hit.size(); ++i) source[static_cast<std::size_t>(hit[i])] = from[i];
  if (input.facts().is_number) {
    return with_target(input, change_numbers(column, hit, [&](std::int64_t row) {
      const std::int64_t at = source[static_cast<std::size_t>(row)];
      return other.is_null(at) ? std::nullopt : std::optional(other.as_number(at));
    }));
  }
  return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText {
    const std::int64_t at = source[static_cast<std::size_t>(row)];
    return other.is_null(at) ? NewText() : table::value_text(other, at);
  }));
}

Table change_unit(FaultInput& input) {
  const table::Column column = input.column();
  return with_target(input, change_numbers(column, hit_rows(input), [&](std::int64_t row) -> std::optional<double> { return column.as_number(row) * input.severity.amount; }));
}

Table swap_case(FaultInput& input) {
  const table::Column column = input.column();
  return with_target(input, change_texts(column, hit_rows(input), [&](std::int64_t row) -> NewText {
    return input.severity.amount > 0 ? table::upper_case(column.text(row)) : table::lower_case(column.text(row));
  }));
}

/// Rule 5 appends rows with 0 (numbers) or the word NULL (text) in this column; the other columns repeat the first rows.
Table increase_null(FaultInput& input) {
  const std::int64_t count = input.rows.num_rows();
  const std::int64_t added = floor_share(input.severity.share, count);
  std::vector<std::int64_t> rows = all_rows(count);
  for (std::int64_t row = 0; row < added; ++row) rows.push_back(row);
  const Table longer = input.rows.take(rows);
  std::vector<std::int64_t> hit;
  for (std::int64_t row = count; row < count + added; ++row) hit.push_back(row);
  const table::Column column = longer.column(input.target.field);
  if (input.facts().is_number) {
    return longer.with_column(input.target.field, change_numbers(column, hit, [](std::int64_t) -> std::optional<double> { return 0.0; }));
  }
  return longer.with_column(input.target.field, change_texts(column, hit, [](std::int64_t) -> NewText { return "NULL"; }));
}

/// Rule 6: every row several times, or a random part.
Table change_row_count(FaultInput& input) {
  const std::int64_t count = input.rows.num_rows();
  if (input.severity.share < 1) return input.rows.take(choose(input.random, all_rows(count), floor_share(input.severity.share, count)));
  std::vector<std::int64_t> rows;
  for (int time = 0; time < static_cast<int>(input.severity.share); ++time) {
    for (std::int64_t row = 0; row < count; ++row) rows.push_back(row);
  }
  return input.rows.take(rows);
}

/// Rule 7: the present rows by falling frequency of their value, then by value; the first (amount 1) or the last part.
Table biased_sample(FaultInput& input) {
  const table::Column column = input.column();
  std::vector<std::int64_t> rows = rows_by_value(column);
  std::unordered_map<std::string, std::int64_t> frequency;
  for (const std::int64_t row : rows) ++frequency[table::value_text(column, row)];
  std::vector<std::int64_t> count_of(static_cast<std::size_t>(column.num_rows), 0);
  for (const std::int64_t row : rows) count_of[static_cast<std::size_t>(row)] = frequency[table::value_text(column, row)];
  std::ranges::stable_sort(rows, std::greater<>(), [&](std::int64_t row) { return count_of[static_cast<std::size_t>(row)]; });
  const std::int64_t kept = floor_share(input.severity.share, static_cast<std::int64_t>(rows.size()));
  if (input.severity.amount > 0) {
    rows.resize(static_cast<std::size_t>(kept));
  } else {
    rows.erase(rows.begin(), rows.end() - kept);
  }
  return input.rows.take(rows);
}

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
char random_digit(Random& random) { return static_cast<char>('0' + random.below(10)); }
char random_letter(Random& random) {
  const auto at = random.below(52);
  return static_cast<char>(at < 26 ? 'a' + at : 'A' + at - 26);
}

/// Every present value becomes `change(text)`; numbers are read again, what is no number any more becomes 0, an empty one null, as there.
template <typename Change>
Table rewrite(FaultInput& input, Change change) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = present_rows(column);
  if (input.facts().is_number) {
    return with_target(input, change_numbers(column, hit, [&](std::int64_t row) -> std::optional<double> {
      const std::string text = change(table::value_text(column, row));
      return text.empty() ? std::nullopt : std::optional(read_number(text).value_or(0));
    }));
  }
  return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText { return change(std::string(column.text(row))); }));
}

std::vector<std::string> split_characters(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view character : table::characters(text)) out.emplace_back(character);
  return out;
}

/// Rule 8: floor(share × length) characters of each value. Letters become letters, digits digits; of numbers only digits.
Table perturb(FaultInput& input) {
  const bool number = input.facts().is_number;
  return rewrite(input, [&](const std::string& text) {
    std::vector<std::string> in = split_characters(text);
    const auto size = static_cast<std::int64_t>(in.size());
    for (const std::int64_t at : choose(input.random, all_rows(size), floor_share(input.severity.share, size))) {
      std::string& character = in[static_cast<std::size_t>(at)];
      const bool digit = character.size() == 1 && is_digit(character[0]);
      if (digit) {
        character = number && at == 0 ? static_cast<char>('1' + input.random.below(9)) : random_digit(input.random);
      } else if (!number) {
        character = random_letter(input.random);
      }
    }
    return join(in, "");
  });
}

/// The generator's random.randint(1, 100) < 100 p.
bool happens(FaultInput& input) { return static_cast<double>(1 + input.random.below(100)) < 100 * input.severity.share; }

/// Rule 9: before each character, and at the end, one more with the chance that the share says.
Table insert(FaultInput& input) {
  constexpr std::string_view k_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!\"#$%&'()*+-./:;<=>?@[\\]^_`{|}~";
  const bool number = input.facts().is_number;
  return rewrite(input, [&](const std::string& text) {
    if (number && text.find('e') != std::string::npos) return text;
    const std::vector<std::string> in = split_characters(text);
    std::string out;
    for (std::size_t i = 0; i <= in.size(); ++i) {
      const bool may = !number || !(i == 0 && text.starts_with('-'));
      if (may && happens(input)) {
        const bool leading = number && i == (text.starts_with('-') ? 1u : 0u);
        out += !number ? k_characters[input.random.below(k_characters.size())] : leading ? static_cast<char>('1' + input.random.below(9)) : random_digit(input.random);
      }
      if (i < in.size()) out += in[i];
    }
    return out;
  });
}

/// Rule 10: each character lost with the chance that the share says; of numbers not the first.
Table remove(FaultInput& input) {
  const bool number = input.facts().is_number;
  return rewrite(input, [&](const std::string& text) {
    if (number && text.find('e') != std::string::npos) return text;
    std::string out;
    const std::vector<std::string> in = split_characters(text);
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!happens(input) || (number && i == 0)) out += in[i];
    }
    return out == "-" || out == "." || out == "-." ? "0" : out;
  });
}

Table pad(FaultInput& input) {
  const table::Column column = input.column();
  return with_target(input, change_texts(column, hit_rows(input), [&](std::int64_t row) -> NewText {
    return input.severity.amount > 0 ? fmt::format(" {}", column.text(row)) : fmt::format("{} ", column.text(row));
  }));
}

bool same_kind(const BaselineFacts& baseline, FaultTarget target) {
  const ColumnFacts& a = facts_at(baseline, target);
  const ColumnFacts& b = baseline.columns.at(static_cast<std::size_t>(target.partner));
  return a.present() > 0 && ((a.is_number && b.is_number) || (a.type == Type::text && b.type == Type::text));
}
bool numbers_or_text(const BaselineFacts& baseline, FaultTarget target) { return applies_to_numbers(baseline, target) || applies_to_text(baseline, target); }

constexpr FaultSeverity k_three[] = {{"p 0.1", 0.1}, {"p 0.5", 0.5}, {"p 1.0", 1}};
constexpr FaultSeverity k_two[] = {{"p 0.1", 0.1}, {"p 0.5", 0.5}};
constexpr FaultSeverity k_units[] = {{"×10, p 0.1", 0.1, 10}, {"×100, p 0.1", 0.1, 100}, {"×1,000, p 0.1", 0.1, 1000},
                                     {"×10, p 1.0", 1, 10},   {"×100, p 1.0", 1, 100},   {"×1,000, p 1.0", 1, 1000}};
constexpr FaultSeverity k_casings[] = {{"lower2upper, p 0.1", 0.1, 1}, {"lower2upper, p 0.5", 0.5, 1}, {"lower2upper, p 1.0", 1, 1},
                                       {"upper2lower, p 0.1", 0.1, 0}, {"upper2lower, p 0.5", 0.5, 0}, {"upper2lower, p 1.0", 1, 0}};
constexpr FaultSeverity k_counts[] = {{"×2", 2}, {"×10", 10}, {"×0.5", 0.5}, {"×0.1", 0.1}};
constexpr FaultSeverity k_biased[] = {{"first, p 0.1", 0.1, 1}, {"first, p 0.5", 0.5, 1}, {"last, p 0.1", 0.1, 0}, {"last, p 0.5", 0.5, 0}};
constexpr FaultSeverity k_paddings[] = {{"leading, p 0.1", 0.1, 1}, {"leading, p 0.5", 0.5, 1}, {"leading, p 1.0", 1, 1},
                                        {"trailing, p 0.1", 0.1, 0}, {"trailing, p 0.5", 0.5, 0}, {"trailing, p 1.0", 1, 0}};

}  // namespace

const Fault k_avh_biased_sample_fault = {.name = "avh_biased_sample", .summary = "rows sorted by frequency and value, the first or last part of them", .catalogue = Catalogue::avh,
                                   .group = "rows", .applies_to = "columns of numbers or text", .applies = numbers_or_text, .severities = k_biased, .apply = biased_sample};
const Fault k_avh_casing_fault = {.name = "avh_casing", .summary = "a share of the values in upper or lower case", .catalogue = Catalogue::avh, .group = "text",
                            .applies_to = "columns of text", .applies = applies_to_text, .severities = k_casings, .apply = swap_case};
const Fault k_avh_deletion_fault = {.name = "avh_deletion", .summary = "each character or digit lost with a chance", .catalogue = Catalogue::avh, .group = "characters",
                              .applies_to = "columns of numbers or text", .applies = numbers_or_text, .severities = k_two, .apply = remove};
const Fault k_avh_insertion_fault = {.name = "avh_insertion", .summary = "a character or digit too many at each place with a chance", .catalogue = Catalogue::avh,
                               .group = "characters", .applies_to = "columns of numbers or text", .applies = numbers_or_text, .severities = k_two, .apply = insert};
const Fault k_avh_nulls_fault = {.name = "avh_nulls", .summary = "rows added that hold 0 or the word NULL", .catalogue = Catalogue::avh, .group = "nulls",
                           .applies_to = "columns of numbers or text", .applies = numbers_or_text, .severities = k_three, .apply = increase_null};
const Fault k_avh_padding_fault = {.name = "avh_padding", .summary = "a share of the values with a space before or after", .catalogue = Catalogue::avh, .group = "text",
                             .applies_to = "columns of text", .applies = applies_to_text, .severities = k_paddings, .apply = pad};
const Fault k_avh_perturbation_fault = {.name = "avh_perturbation", .summary = "a share of the characters or digits of every value replaced", .catalogue = Catalogue::avh,
                                  .group = "characters", .applies_to = "columns of numbers or text", .applies = numbers_or_text, .severities = k_three, .apply = perturb};
const Fault k_avh_row_count_fault = {.name = "avh_row_count", .summary = "every row several times, or a random part of the rows", .catalogue = Catalogue::avh, .group = "rows",
                               .applies_to = "the rows of the table", .scope = Scope::table, .keeps = Keeps::distribution, .severities = k_counts,
                               .apply = change_row_count};
const Fault k_avh_schema_change_fault = {.name = "avh_schema_change", .summary = "a share of the values replaced by values of the next column", .catalogue = Catalogue::avh,
                                   .group = "relations", .applies_to = "columns of numbers or text with another of the same kind", .scope = Scope::pair,
                                   .applies = same_kind, .severities = k_three, .apply = change_schema};
const Fault k_avh_unit_change_fault = {.name = "avh_unit_change", .summary = "a share of the values times 10, 100 or 1,000", .catalogue = Catalogue::avh, .group = "units",
                                 .applies_to = "columns of numbers", .applies = applies_to_numbers, .severities = k_units, .apply = change_unit};

}  // namespace cupel::prove
