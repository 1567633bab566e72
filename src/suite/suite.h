#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "base/yaml.h"
#include "suite/grouping.h"
#include "suite/predicate.h"
#include "suite/verdict.h"
#include "table/expression.h"

namespace cupel::suite {

/// What stands after the subject's name.
enum class Argument {
  column,      ///< `nulls: Review Text`
  columns,     ///< one column or a list: `duplicates: [A, B]`
  table,       ///< the word `table`
  table_or_columns,  ///< the word `table` (no arguments: all columns), one column or a list
  expression,  ///< `every_row: "a >= b"`
  word,        ///< read by the subject: `metric: auc`
};

/// One line of a room's table of subjects: all that the suite language has to know of it. Rooms derive from it to add how it is judged.
struct SubjectInfo {
  std::string_view name;
  std::string_view summary;
  Argument argument = Argument::column;
  std::vector<std::string_view> predicates;  ///< names that it accepts; empty: it has none of its own (`every_row`)
  std::vector<std::string_view> parameters{};  ///< further keys that it reads, e.g. `at`, `of`
  bool predicate_optional = false;
  bool takes_mostly = false;  ///< row-wise: `mostly: 99.9%` loosens it
  bool takes_tuples = false;  ///< its limits may be lists: `in: [[FR, EUR], [US, USD]]`
  bool wants_reference = false;  ///< cannot be judged without reference data, whatever its predicate
  bool by_group = true;          ///< a group of rows can be asked; false for what is about the columns
};

/// The group of rows that an expectation with `by` was cut to.
struct Group {
  std::string of;    ///< id of the expectation as the suite states it
  std::string name;  ///< "Department Name = Tops"
  Json values;       ///< by column, as text; null: null
};

/// One entry of a suite, checked against the tables: keys, predicate, parameters. Names of columns are resolved later, against the data.
struct Expectation {
  std::string id;  ///< stated by `id:`, else "nulls(Review Text)", numbered when it is not the only one
  const SubjectInfo* subject = nullptr;
  std::vector<std::string> arguments;      ///< columns, or the word or expression
  yaml::Node subject_node;                 ///< the value of the subject key
  yaml::Node entry;                        ///< the whole entry, for parameters
  std::optional<Predicate> predicate;
  std::optional<double> mostly;            ///< in (0, 1]
  std::optional<table::Expression> where;
  std::string where_name;                  ///< the segment's name, or empty
  std::optional<Grouping> by;              ///< one result for each group of rows
  std::optional<Group> group;              ///< what the runner made of `by`
  Severity severity = Severity::error;
  std::string because;
  Json derived;

  /// The value of a parameter of the subject, or null pointer.
  const yaml::Node* parameter(std::string_view key) const { return entry.find(key); }
  /// "nulls of 'Review Text' at most 5 % where Rating <= 2".
  std::string words() const;
  /// An outcome with everything that the suite states filled in.
  Outcome outcome() const;
};

struct Segment {
  std::string name;
  table::Expression where;
};

struct Suite {
  std::string name;
  std::string about;
  std::string source;  ///< file as given
  yaml::Node root;     ///< for `data`, `reference` and the room's own top-level keys
  std::vector<Segment> segments;
  std::vector<Expectation> expectations;
};

struct LoadOptions {
  std::vector<const SubjectInfo*> subjects;
  bool reasons_required = true;                 ///< `--no-reasons` turns it off
  std::vector<std::string> further_keys{};      ///< of the top level, beyond cupel suite about data reference segments expect
  bool groups = false;                          ///< may expectations have `by`?
  bool tables = false;                          ///< may limits be quantities of another table?
};

Result<Suite> load_suite(const fs::path& path, const LoadOptions& options);
Result<Suite> parse_suite(std::string_view text, std::string_view name, const LoadOptions& options);
/// One entry outside a file (the fluent API); segments may be empty.
Result<Expectation> parse_expectation(const yaml::Node& entry, std::span<const Segment> segments, const LoadOptions& options);

/// `${NAME}` replaced by the environment; an unset name is an error at the node's place.
Result<std::string> substitute_environment(const yaml::Node& node);
/// The path of a file that the suite names: the same, and relative to the suite's own folder.
Result<std::string> path_beside(const yaml::Node& node);

}  // namespace cupel::suite
