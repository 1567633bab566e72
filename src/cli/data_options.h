#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "base/yaml.h"
#include "source/read.h"
#include "table/batch.h"

namespace cupel::cli {

/// How a command's table is read: options of the command line, which win over a suite's `data` block.
struct DataOptions {
  std::string path;
  std::optional<std::string> encoding;
  std::optional<std::string> delimiter;
  std::optional<std::string> quote;
  std::optional<std::string> header;       ///< "no" or the number of a line
  std::vector<std::string> names;
  std::optional<std::string> repeated_names;
  std::vector<std::string> nulls;  ///< "NA", or "Age=-1" for one column; "*=a=b" for all
  std::optional<std::string> bad_rows;  ///< "stop" or "report"
  bool tells_bad_rows = false;          ///< no option: whether the command tells of them
  std::vector<std::string> types;  ///< "ZIP=text"
  std::optional<std::string> query;
  std::optional<std::string> table;
  bool offline = false;
  std::string where;
  int threads = 0;
  source::ReadOptions::Digest digest = source::ReadOptions::Digest::wanted;  ///< no option: whether the command tells it to anybody
};

enum class DataRequired { no, yes };
void add_data_options(CLI::App& app, DataOptions& options, DataRequired required);
/// All of them but --data.
void add_read_options(CLI::App& app, DataOptions& options);
/// `--bad-rows`, for commands that tell of source::bad_rows_of. For others a suite's `bad_rows: report` is as `stop`.
void add_bad_rows_option(CLI::App& app, DataOptions& options);

/// What a suite states about its data: `data: {path: "${REVIEWS}", nulls: ["", "NA"], encoding: …, delimiter: …, types: {…}}` and the other options by their
/// names fill what the command line left open. Where `path` is an address (`https://…`, `postgresql://…`), a part of it may not come from the environment: a suite is
/// somebody else's, and `https://host/?x=${SECRET}` would tell them. All of it may: `path: "${DATA}"`.
Result<void> take_defaults(DataOptions& options, const yaml::Node* block);

/// The same for reference data: `path` of the command line, or the suite's `reference` block; everything else as for the data.
Result<DataOptions> reference_options(const DataOptions& data, const std::string& path, const yaml::Node* block);

Result<source::ReadOptions> read_options(const DataOptions& options);
/// The table, with `--where` not yet applied.
Result<std::unique_ptr<table::BatchSource>> open_data(const DataOptions& options);
/// Opens the tables beside the data that a suite names: `block` is read like a suite's `data`, `${NAME}` included; a relative path starts at the
/// suite's folder; `where` keeps some of the rows.
std::function<Result<std::unique_ptr<table::BatchSource>>(const yaml::Node& block)> other_tables(const fs::path& suite, int threads);
/// `--where`, parsed.
Result<std::optional<table::Expression>> where_option(const DataOptions& options);

}  // namespace cupel::cli
