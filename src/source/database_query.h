#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/text.h"
#include "source/read.h"

// What the modules of the databases share; each compiles its own.
namespace cupel::source {

/// "a" -> "\"a\"", with quotes doubled: the name of SQL as it is.
inline std::string quoted_name(std::string_view name) { return "\"" + replace_all(std::string(name), "\"", "\"\"") + "\""; }

/// What stands after FROM: `(select …) as cupel_rows` or the quoted table, whose name may have a schema in front (`sales.orders`).
inline std::string from_clause(const ReadOptions& options) {
  if (options.table) {
    std::string name;
    for (const std::string_view part : split(*options.table, '.')) name += (name.empty() ? "" : ".") + quoted_name(part);
    return name;
  }
  std::string_view query = trim(*options.query);
  while (query.ends_with(';')) query = trim(query.substr(0, query.size() - 1));
  return "(" + std::string(query) + "\n) as cupel_rows";  // the query may end with a comment
}

/// For Origin::note.
inline std::string query_note(const ReadOptions& options) {
  return options.table ? fmt::format("the table {}", *options.table) : fmt::format("the rows of: {}", shorten(trim(*options.query), 300));
}

inline Result<void> check_names(const table::Schema& schema, const std::string& shown) {
  std::set<std::string_view> seen;
  for (const table::Field& field : schema.fields) {
    if (!seen.insert(field.name).second) {
      return fail_with_hint(fmt::format("{}: two columns are called '{}'", shown, shorten(field.name, 80)),
                            "give one another name: select a as b");
    }
  }
  return {};
}

/// ReadOptions::types: a column may be read as text, integers as numbers.
inline Result<void> state_types(table::Schema& schema, const ReadOptions& options, const std::string& shown) {
  for (const auto& [name, type] : options.types) {
    const std::optional<int> index = schema.find(name);
    if (!index) return table::unknown_column(name, schema);
    table::Field& field = schema.fields[static_cast<std::size_t>(*index)];
    const bool fits =
        type == table::Type::text || type == field.type || (type == table::Type::number && field.type == table::Type::integer);
    if (!fits) {
      return fail("{}: column '{}' is of type {} and cannot be read as {}, expected text{}", shown, name, table::type_name(field.type),
                  table::type_name(type), field.type == table::Type::integer ? " or number" : "");
    }
    field.type = type;
    field.first_text.reset();
  }
  return {};
}

}  // namespace cupel::source
