#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prove/column_facts.h"
#include "prove/history.h"

namespace cupel::prove {

/// One entry of a suite, as it would be written.
struct Entry {
  std::vector<std::string> lines{};  ///< "nulls: Age", "at_most: 4.9%": without because and derived
  std::string because{};             ///< why a batch should be so
  std::string from{};                ///< what was seen, and by which method the limit follows
};

/// An expectation that might stand in a suite. What it accepts depends on its share of the false-alarm budget.
struct Candidate {
  std::string column{};  ///< under whose heading it stands; empty: the table's
  std::string what{};    ///< "nulls", "range", "median": one of a kind for each column
  /// Needs no budget: a batch of the same making never breaks it (names and types of columns).
  bool is_certain = false;
  /// The entry at a share of the budget; nothing where the data cannot promise that much.
  std::function<std::optional<Entry>(double alpha)> entry;
};

/// The clean data together with what is known of its columns.
struct Seen {
  const History& history;
  const BaselineFacts& facts;
  table::Column column(int field) const { return history.rows.column(field); }
  const ColumnFacts& of(int field) const { return facts.columns.at(static_cast<std::size_t>(field)); }
};

/// Every expectation that makes sense for the data, in the order of the columns. `seen` must outlive the candidates.
std::vector<Candidate> candidates(const Seen& seen);
/// Those of one column; of the table and its relations where the name is empty.
std::vector<Candidate> candidates(const Seen& seen, const std::string& column);

// One file each.
void add_table_candidates(const Seen& seen, std::vector<Candidate>& all);
void add_null_candidates(const Seen& seen, int field, std::vector<Candidate>& all);
void add_number_candidates(const Seen& seen, int field, std::vector<Candidate>& all);
void add_category_candidates(const Seen& seen, int field, std::vector<Candidate>& all);
void add_text_candidates(const Seen& seen, int field, std::vector<Candidate>& all);
void add_key_candidates(const Seen& seen, int field, std::vector<Candidate>& all);
void add_relation_candidates(const Seen& seen, std::vector<Candidate>& all);

}  // namespace cupel::prove
