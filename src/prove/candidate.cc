#include "prove/candidate.h"

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

}  // namespace cupel::prove
