#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "prove/column_facts.h"
#include "table/table.h"

namespace cupel::prove {

/// Whose list a fault stands on.
enum class Catalogue {
  cupel,  ///< our own: what goes wrong with tables
  avh,    ///< the synthetic faults of "Auto-Validate by History" (Tu et al., KDD 2023): 27 of a number column, 33 of a text column
  jenga,  ///< the corruptions of Jenga (Schelter, Rukat, Biessmann, EDBT 2021)
};
std::string_view catalogue_name(Catalogue catalogue);

/// What a case of the fault names.
enum class Scope {
  column,  ///< one column
  pair,    ///< a column and a partner
  table,   ///< the rows as a whole
};

/// What the fault leaves as it was by construction. Cases of a fault that keeps something are counted apart: no statistic of one column
/// can see what is not there.
enum class Keeps {
  nothing,
  marginals,     ///< each column keeps its values; which of them stand in one row changes
  distribution,  ///< rows drawn at random, repeated as a whole or in another order: all statistics but counts keep their expectation
};
std::string_view keeps_name(Keeps keeps);

/// How bad it is. `share` is of the rows that the fault can hit; what `amount` means, the fault says.
struct FaultSeverity {
  std::string_view words;  ///< "×10 in 10 % of the values"
  double share = 1;
  double amount = 0;
};

struct FaultTarget {
  int field = -1;    ///< column or pair: the column, else -1
  int partner = -1;  ///< pair: the other column
  bool operator==(const FaultTarget&) const = default;
};

/// What a fault works on. Everything random comes from `random`.
struct FaultInput {
  const table::Table& rows;  ///< a clean batch, with the schema of the baseline
  const BaselineFacts& baseline;
  FaultTarget target;
  FaultSeverity severity;
  Random random;

  const ColumnFacts& facts() const { return baseline.columns.at(static_cast<std::size_t>(target.field)); }
  table::Column column() const { return rows.column(target.field); }
};

/// One line of the table of faults. A fault takes a clean batch and answers with the batch as it would have arrived: columns that it does not
/// touch are shared with the clean one (Table::shares_column). Of the rows that it can hit (usually those with a value) it hits exactly
/// round(share × rows), at least one, never another one; nulls stay null unless the fault is about them. A text that becomes empty becomes
/// null, as it would in a CSV file.
struct Fault {
  std::string_view name;
  std::string_view summary;
  Catalogue catalogue = Catalogue::cupel;
  std::string_view group;       ///< selects several at once: "nulls", "numbers", "text", "categories", "time", "rows", "relations", "schema"
  std::string_view applies_to;  ///< for people: "columns of numbers"
  Scope scope = Scope::column;
  Keeps keeps = Keeps::nothing;
  /// May it happen to this column (and partner) of the baseline? Not asked for Scope::table.
  bool (*applies)(const BaselineFacts& baseline, FaultTarget target) = nullptr;
  std::span<const FaultSeverity> severities;
  table::Table (*apply)(FaultInput& input) = nullptr;
};

/// All faults, sorted by name.
std::span<const Fault* const> fault_table();

/// The faults that words name: a fault, a group, a catalogue, or `all`. An unknown word is an error with the nearest.
Result<std::vector<const Fault*>> select_faults(std::span<const std::string> words);

/// One fault of one severity in one place: a mutant, in the words of mutation testing.
struct FaultCase {
  const Fault* fault = nullptr;
  FaultSeverity severity;
  FaultTarget target;
  std::string column{};   ///< empty for Scope::table
  std::string partner{};  ///< of a pair
  /// "units of price: ×10 in 10 % of the values"; unique among the cases of a baseline.
  std::string words() const;
};

/// Every case that makes sense for the baseline, in the order of the faults, then of the columns, then of the severities. `columns` (if not
/// empty) restricts Scope::column and Scope::pair to these fields.
std::vector<FaultCase> fault_cases(std::span<const Fault* const> faults, const BaselineFacts& baseline, std::span<const int> columns = {});

/// The batch with the fault in it. Deterministic in (seed, case, index): `index` is the number of the batch.
table::Table apply_fault(const FaultCase& fault_case, const table::Table& batch, const BaselineFacts& baseline, std::uint64_t seed, std::uint64_t index);

/// Do two tables hold the same columns, types, rows and values? Shared columns cost nothing.
bool same_rows(const table::Table& a, const table::Table& b);

}  // namespace cupel::prove
