#include "source/load_database.h"

#include "base/address.h"
#include "source/load_module.h"

namespace cupel::source {
namespace {

Result<void> check_options(const std::string& shown, const ReadOptions& options) {
  if (options.encoding) return fail("'{}' is a database, an encoding does not go with it", shown);
  if (options.delimiter) return fail("'{}' is a database, a delimiter does not go with it", shown);
  if (options.query && options.table) return fail("a query and a table, expected one of them");
  return {};
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_postgresql(const std::string& address, const ReadOptions& options) {
  const std::string shown = shown_address(address);
  TRY(check_options(shown, options));
  if (!options.query && !options.table) {
    return fail_with_hint(fmt::format("'{}' is a database, expected a query or a table", shown), "--query \"select …\" or --table NAME");
  }
  ASSIGN_OR_RETURN(const DatabaseModule* const module,
                   module_of<DatabaseModule>("cupel-postgresql.so", "cupel_postgresql_module", "reads PostgreSQL"));
  return module->open(address, shown, options);
}

Result<std::unique_ptr<table::BatchSource>> open_sqlite(const std::string& path, const std::string& shown, const ReadOptions& options) {
  TRY(check_options(shown, options));
  ASSIGN_OR_RETURN(const DatabaseModule* const module, module_of<DatabaseModule>("cupel-sqlite.so", "cupel_sqlite_module", "reads SQLite"));
  return module->open(path, shown, options);
}

}  // namespace cupel::source
