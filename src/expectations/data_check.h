#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "states/scan.h"
#include "suite/suite.h"
#include "table/batch.h"

namespace cupel::expectations {

struct Facts;
struct OtherTable;

/// Where a check says which states it needs. Columns are resolved against the schema; errors become the expectation's verdict `error`.
struct Planning {
  states::Plan* current = nullptr;
  states::Plan* reference = nullptr;           ///< null: no reference was given
  std::optional<table::Expression> where;      ///< rows that the expectation is about, already bound
  std::int64_t state_bytes = states::k_state_bytes;  ///< limit of states that are exact up to a limit
  const Facts* other = nullptr;                ///< of the table that the check asked for by other(): scanned before

  /// The field of a column named at `node`, in the data or in the reference.
  Result<table::ColumnRequest> column(const std::string& name, const yaml::Node& node, table::ColumnRequest::As as) const;
  /// The columns that an expectation names; all of the table where it says `table`.
  Result<std::vector<table::ColumnRequest>> columns(const suite::Expectation& expectation, table::ColumnRequest::As as) const;
  Result<table::ColumnRequest> reference_column(const std::string& name, const yaml::Node& node, table::ColumnRequest::As as) const;
};

/// What a check judges by, after the scan: types in the schemas are final.
struct Facts {
  const states::Answers* current = nullptr;
  const table::Schema* schema = nullptr;
  const states::Answers* reference = nullptr;         ///< null: no reference
  const table::Schema* reference_schema = nullptr;
  std::uint64_t seed = 0;
  std::int64_t now_micros = 0;                        ///< the instant that ages are counted to, since 1970-01-01T00:00:00Z
  const Facts* other = nullptr;                       ///< of the check's other table, see DataCheck::other
};

/// A predicate whose limits are numbers, asked of a value known to lie in [low, high]: can its answer differ within?
bool is_decided(const suite::Predicate& predicate, double low, double high);

/// One data expectation, ready to be planned and judged. Lives for one run of a suite.
class DataCheck {
 public:
  virtual ~DataCheck() = default;
  virtual Result<void> plan(const Planning& planning) = 0;
  /// The table beside the data that the check looks into, or null pointer. It is scanned before the data: plan_other says which of its columns
  /// and states are needed (`planning.current` is its plan), then plan and judge get what was found.
  virtual const OtherTable* other() const { return nullptr; }
  virtual Result<void> plan_other(const Planning& planning);
  /// After the scan, with its facts: when its states are approximate and cannot decide the verdict, the check asks `again` for states of a further
  /// fused scan and answers yes. What that scan found comes to learn(), and then plan_again() is called once more, until nobody asks.
  virtual Result<bool> plan_again(const Facts& facts, const Planning& again);
  /// The answers of the scan that plan_again asked for; judge() gets those of the first.
  virtual void learn(const Facts& facts);
  /// Sets verdict, observed, message and whatever else is known. Zero rows: `outcome.cannot(…)`.
  virtual void judge(const Facts& facts, suite::Outcome& outcome) const = 0;
};

/// One line of the table of data subjects.
struct DataSubject : suite::SubjectInfo {
  /// Reads predicate and parameters. An error is a mistake in the suite: nothing runs.
  Result<std::unique_ptr<DataCheck>> (*make)(const suite::Expectation& expectation) = nullptr;
};

/// All data subjects, sorted by name.
std::span<const DataSubject* const> subject_table();
/// Load options with the data subjects in them.
suite::LoadOptions data_subjects();

}  // namespace cupel::expectations
