#include "prove/candidate.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace cupel::prove {

namespace {

void add_column_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  if (!seen.history.batch_column.empty() && facts.name == seen.history.batch_column) return;
  add_null_candidates(seen, field, all);
  if (facts.present() == 0) return;  // nothing is known of values that never came
  add_key_candidates(seen, field, all);
  if (facts.is_key) {
    if (facts.type == table::Type::text) add_text_candidates(seen, field, all);
    return;
  }
  if (facts.is_category) add_category_candidates(seen, field, all);
  if (facts.is_number) add_number_candidates(seen, field, all);
  if (facts.type == table::Type::text && !facts.is_category) add_text_candidates(seen, field, all);
}

}  // namespace

std::vector<Candidate> candidates(const Seen& seen) {
  std::vector<Candidate> all;
  add_table_candidates(seen, all);
  for (int field = 0; field < static_cast<int>(seen.facts.columns.size()); ++field) add_column_candidates(seen, field, all);
  add_relation_candidates(seen, all);
  return all;
}

std::vector<Candidate> candidates(const Seen& seen, const std::string& column) {
  std::vector<Candidate> all;
  if (column.empty()) {
    add_table_candidates(seen, all);
    add_relation_candidates(seen, all);
  } else if (const auto field = seen.history.rows.schema().find(column)) {
    add_column_candidates(seen, *field, all);
  }
  return all;
}

std::vector<std::string> coded_nulls(const Seen& seen, int field) {
  static constexpr std::array<std::string_view, 16> k_words = {"-", "-1", "-9", "-99", "-999", "9999", "99999", "999", "?", "N/A", "NA", "NULL", "NaN", "None", "null", "unknown"};
  static constexpr double k_often = 0.002;
  const ColumnFacts& facts = seen.of(field);
  std::vector<std::string> found;
  for (const std::string_view word : k_words) {
    const bool number = word[0] == '-' ? word.size() > 1 : word[0] == '9';
    if (facts.is_number != number) continue;
    // A number is a code only where it stands apart from all other values.
    if (number) {
      const double value = parse_number(word).value_or(0);
      const bool apart = value < 0 ? facts.quantile(0) == value && facts.quantile(100) > 0 : facts.quantile(100) == value && facts.quantile(90) < value / 2;
      if (!apart) continue;
    }
    const table::Column column = seen.column(field);
    std::int64_t count = 0;
    for (std::int64_t row = 0; row < column.num_rows; ++row) count += !column.is_null(row) && table::value_text(column, row) == word ? 1 : 0;
    if (static_cast<double>(count) > k_often * static_cast<double>(facts.rows)) found.emplace_back(word);
  }
  return found;
}

}  // namespace cupel::prove
