#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"
#include "expectations/data_check.h"
#include "states/scan.h"
#include "table/batch.h"

namespace cupel::expectations {

/// A table beside the data, as a suite names it: `{table: products.csv, key: id}`.
struct OtherTable {
  std::string name;              ///< as written, for messages
  yaml::Node block;              ///< `path` and what says how it is read, as in a suite's `data`
  std::vector<std::string> key;  ///< its key columns; empty: those of the data
  std::vector<std::string> columns;  ///< the columns that are compared; empty: those of the data

  /// Reads the mapping at `node`: the words in `own` are taken out, `table` becomes `path`, everything else says how the table is read.
  static Result<OtherTable> read(const yaml::Node& node, std::span<const std::string> own);
};

/// All tables beside the data that a run needs: each is opened once and scanned once, whatever the number of expectations that ask for it.
/// What is wrong with a table is the verdict of the expectations that need it; all others are judged.
class OtherTables {
 public:
  /// Opens the table that a block names: relative paths and the options of reading are the caller's. Empty: no other table can be opened.
  using Open = std::function<Result<std::unique_ptr<table::BatchSource>>(const yaml::Node& block)>;

  explicit OtherTables(Open open) : open_(std::move(open)) {}

  /// The table's number; opened at the first call. Errors: what opening it said.
  Result<int> want(const OtherTable& table);
  /// The plan of its scan.
  states::Plan& plan(int table) { return tables_[static_cast<std::size_t>(table)]->plan; }
  /// One scan of each.
  void scan(const table::ScanOptions& options);
  /// After the scan: states and final types, or what went wrong.
  Result<Facts> facts(int table, std::uint64_t seed) const;

 private:
  struct Opened {
    Opened(std::string of, std::unique_ptr<table::BatchSource> opened) : identity(std::move(of)), source(std::move(opened)), plan(source->schema()) {}
    std::string identity;
    std::unique_ptr<table::BatchSource> source;
    states::Plan plan;
    states::Answers answers;
    std::string problem;
  };
  struct Refused {
    std::string identity;
    Error error;
  };
  Open open_;
  std::vector<std::unique_ptr<Opened>> tables_;
  std::vector<Refused> refused_;
};

}  // namespace cupel::expectations
