#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "states/state.h"
#include "table/batch.h"
#include "table/expression.h"
#include "table/pruning.h"

namespace cupel::states {

/// What one fused pass shall compute: every (state, columns, filter) once, however many expectations ask for it.
class Plan {
 public:
  /// A state that the plan will make: given the positions of its columns in the batch.
  using Make = std::function<std::unique_ptr<State>(std::span<const int> slots)>;

  explicit Plan(const table::Schema& schema) : schema_(&schema) {}
  const table::Schema& schema() const { return *schema_; }

  /// Asks for a state. `key` names kind and parameters ("moments"); together with columns and filter text it decides identity. Answers
  /// with the number to look it up by after the scan. The filter keeps rows where the expression is true (not unknown).
  int need(std::string key, std::vector<table::ColumnRequest> columns, const std::optional<table::Expression>& where, Make make);

  std::span<const table::ColumnRequest> requests() const { return requests_; }
  /// Nobody asked for anything.
  bool is_empty() const { return needs_.empty(); }
  /// The filters, where every state has one: rows for which none is true need not be read. Otherwise a null pointer.
  std::shared_ptr<const table::Pruning> pruning() const;

 private:
  friend class ScanRun;
  struct Need {
    std::vector<int> slots;
    int filter = -1;
    Make make;
  };
  struct Filter {
    table::Expression expression;
    std::vector<int> slots;
  };
  int slot(table::ColumnRequest request);
  int filter(const table::Expression& where);

  const table::Schema* schema_;
  std::vector<table::ColumnRequest> requests_;
  std::vector<Need> needs_;
  std::vector<Filter> filters_;
  // Where to find what was asked for before: a suite may ask a thousand columns a thousand questions.
  std::unordered_map<std::int64_t, int> slot_of_;
  std::unordered_map<std::string, int> need_of_;
  std::unordered_map<std::string, int> filter_of_;
};

/// The states after a scan.
class Answers {
 public:
  std::int64_t num_rows = 0;
  /// The rows before each chunk, by its number: a later scan with the same chunk_bytes knows its rows from it.
  std::vector<std::int64_t> rows_before;
  /// What made a state incomplete: after the scan, and once more after judging, which may read what does not fit in memory.
  Result<void> complete() const;
  /// The state with the number that Plan::need gave, as its type.
  template <typename S>
  const S& get(int need) const {
    return dynamic_cast<const S&>(*states_.at(static_cast<std::size_t>(need)));
  }

 private:
  friend class ScanRun;
  std::vector<std::unique_ptr<State>> states_;
};

/// One pass over the source: chunks over threads, merged in order. The source may leave out parts in which no state keeps a row
/// (Plan::pruning); their rows count in num_rows and in the numbers of rows all the same. Column names of filters must have been bound before.
Result<Answers> run_scan(table::BatchSource& source, const Plan& plan, const table::ScanOptions& options);

}  // namespace cupel::states
