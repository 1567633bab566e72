#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "expectations/other_table.h"
#include "suite/suite.h"

namespace cupel::expectations {

/// Limits that are quantities of another table: `rows: table, equals: {table: orders.csv}`; `sum: paid, equals: {table: ledger.csv, sum: amount,
/// within: 0.1%}`; `distinct: id, at_least: {table: last.csv, times: 0.9}`. The quantity is any subject that is one number, by default that of the
/// expectation itself, with its own parameters and `where`; it is multiplied by `times`, and `within` loosens the comparison.
///
/// Each is an expectation over the other table: planned with the others, judged after the scan, and what it observed becomes the limit.
class TableLimits {
 public:
  /// Takes the limits of an expectation that stand for another table; their places hold the number 0 until `resolve`. Errors are mistakes in the
  /// suite.
  static Result<TableLimits> take(suite::Expectation& expectation);
  bool empty() const { return limits_.empty(); }

  /// Opens and plans; empty, or what went wrong.
  std::string plan(OtherTables& tables);
  /// After the scans of `tables`: puts the numbers into the expectation's predicate; empty, or what went wrong.
  std::string resolve(const OtherTables& tables, std::uint64_t seed, suite::Predicate& predicate) const;

 private:
  struct Quantity {
    std::size_t limit = 0;  ///< of the predicate
    OtherTable table;
    suite::Expectation asked;  ///< over the other table
    std::shared_ptr<DataCheck> check;
    int number = -1;  ///< of the table
    double times = 1;
    double within_share = 0;
    double within_number = 0;
    std::string slack;  ///< " ± 1 %"
  };
  static Result<Quantity> read(const suite::Expectation& expectation, std::size_t limit);
  std::vector<Quantity> limits_;
};

}  // namespace cupel::expectations
