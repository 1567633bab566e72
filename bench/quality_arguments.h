#pragma once

// What the programs that measure suggested and proven suites are told alike.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "rule_suites.h"
#include "source/read.h"
#include "table/table.h"

namespace cupel::bench {

struct QualityArguments {
  std::string file;
  std::vector<std::string> nulls;
  std::int64_t rows = 2000;  ///< of a batch
  std::vector<std::string> faults;
  std::uint64_t seed = 1;
  bool list = false;

  void add_to(CLI::App& app, const std::string& what_is_listed) {
    app.add_option("file", file)->required();
    app.add_option("--null", nulls)->allow_extra_args(false);
    app.add_option("--rows", rows);
    app.add_option("--faults", faults)->delimiter(',');
    app.add_option("--seed", seed);
    app.add_flag("--list", list, what_is_listed);
  }

  table::Table read() const {
    source::ReadOptions options;
    if (!nulls.empty()) options.nulls = nulls;
    return value(source::read_table(file, options));
  }
};

}  // namespace cupel::bench
