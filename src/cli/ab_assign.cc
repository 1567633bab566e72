// cupel ab assign: each unit into an arm by the hash of its name.

#include <cstdio>

#include "ab/assignment.h"
#include "ab/sample_ratio.h"
#include "base/text.h"
#include "cli/ab_words.h"
#include "cli/command.h"
#include "cli/data_options.h"
#include "source/write.h"

namespace cupel::cli {
namespace {

struct AssignWords {
  DataOptions data;
  std::string unit, salt = "ab", weights = "a:50%,b:50%", hash = "sha256", column = "arm", out;
  bool units_only = false;
  bool quiet = false;
};

/// The table with the arm of each row as a last column.
table::Table with_arms(const table::Table& rows, const AssignWords& words, std::span<const ab::Arm> arms, const ab::Units& units,
                       std::span<const std::uint8_t> arm_of_unit) {
  table::Schema schema = rows.schema();
  std::vector<table::ColumnBuilder> columns;
  for (int field = 0; field < static_cast<int>(schema.fields.size()); ++field) {
    const table::Column from = rows.column(field);
    table::ColumnBuilder& to = columns.emplace_back(from.type);
    for (std::int64_t row = 0; row < from.num_rows; ++row) from.is_null(row) ? to.append_null() : to.append_from(from, row);
  }
  table::ColumnBuilder& arm = columns.emplace_back(table::Type::text);
  for (const std::uint32_t unit : units.of_row) arm.append(std::string_view(arms[arm_of_unit[unit]].name));
  schema.fields.push_back({words.column, table::Type::text});
  return table::Table(std::move(schema), std::move(columns));
}

table::Table units_with_arms(const AssignWords& words, std::span<const ab::Arm> arms, const ab::Units& units,
                             std::span<const std::uint8_t> arm_of_unit) {
  std::vector<table::ColumnBuilder> columns{table::ColumnBuilder(table::Type::text), table::ColumnBuilder(table::Type::text)};
  for (std::size_t unit = 0; unit < units.names.size(); ++unit) {
    columns[0].append(std::string_view(units.names[unit]));
    columns[1].append(std::string_view(arms[arm_of_unit[unit]].name));
  }
  return table::Table({{{words.unit, table::Type::text}, {words.column, table::Type::text}}}, std::move(columns));
}

Result<int> run_assign(const AssignWords& words) {
  ASSIGN_OR_RETURN(const std::vector<ab::Arm> arms, ab::parse_arms(words.weights));
  const auto rule = ab::hash_rule_named(words.hash);
  if (!rule) {
    const std::vector<std::string> known(ab::hash_rule_names().begin(), ab::hash_rule_names().end());
    return fail("unknown hash '{}'{}", shorten(words.hash, 40), nearest_note(words.hash, known));
  }
  ASSIGN_OR_RETURN(auto source, open_data(words.data));
  ASSIGN_OR_RETURN(auto where, where_option(words.data));
  if (where) {
    ASSIGN_OR_RETURN(source, source::open_filtered(std::move(source), std::move(*where)));
  }
  const auto only = words.units_only ? std::optional(std::vector<std::string>{words.unit}) : std::nullopt;
  ASSIGN_OR_RETURN(const table::Table rows, source::read_table(*source, only));
  if (!words.units_only && rows.schema().find(words.column)) {
    return fail_with_hint(fmt::format("the data have a column '{}' already", words.column), "choose another name with --column");
  }
  ASSIGN_OR_RETURN(const table::Column unit_column, rows.column(words.unit));
  ASSIGN_OR_RETURN(const ab::Units units, ab::units_of(unit_column, words.unit));
  const std::vector<std::uint8_t> arm_of_unit = ab::assign(units, arms, *rule, words.salt);
  const table::Table assigned =
      words.units_only ? units_with_arms(words, arms, units, arm_of_unit) : with_arms(rows, words, arms, units, arm_of_unit);
  TRY(source::write_table(words.out, assigned));
  if (!words.quiet && words.out != "-") {
    const suite::Outcome ratio = ab::sample_ratio_outcome(arms, ab::units_per_arm(arm_of_unit, arms.size()), words.unit, 0.001, 0);
    fmt::print("{}: {} rows, arm by {} of '{}' with salt '{}'\n{}\n", words.out, with_thousands(assigned.num_rows()), words.hash,
               words.unit, words.salt, ratio.message);
  }
  return 0;
}

}  // namespace

Result<int> ab_assign(std::span<const std::string> words) {
  AssignWords options;
  CLI::App app(
      "Puts each unit into an arm by the hash of its name: the same unit meets the same arm, whenever and wherever it is computed.",
      "ab assign");
  add_data_options(app, options.data, DataRequired::yes);
  app.add_option("--unit", options.unit, "column that names what is randomized: a user, a product")->type_name("COLUMN")->required();
  app.add_option("-o,--output", options.out, "the data with the arm as a last column (CSV, or Parquet by its ending); - is standard output")
      ->type_name("OUT")
      ->required();
  app.add_option("--weights", options.weights, "arms and their shares of the units")->type_name("ARMS")->capture_default_str();
  app.add_option("--salt", options.salt, "names the experiment: other salts give other, independent assignments")
      ->type_name("TEXT")
      ->capture_default_str();
  app.add_option("--hash", options.hash, "sha256, fnv1a, fnv1a-v1 or murmur3; see 'cupel explain assign'")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--column", options.column, "name of the new column")->type_name("NAME")->capture_default_str();
  app.add_flag("--units-only", options.units_only, "write one line a unit: its name and its arm");
  app.add_flag("-q,--quiet", options.quiet, "no text for people");
  PARSE_OR_RETURN(app, words);
  return run_assign(options);
}

}  // namespace cupel::cli
