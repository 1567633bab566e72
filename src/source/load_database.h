#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"
#include "table/batch.h"

namespace cupel::source {

/// The rows of a query, or of a table, as a source: streamed, never as a whole in memory, and only the columns that a scan wants. Rows
/// count in the order in which the database gives them; state an `order by` where row numbers matter. Every scan of one source sees the
/// same rows. The statement runs read-only. ReadOptions::types may state text for any column and number for integers; encoding and
/// delimiter are errors, and `nulls` are the database's own. The origin has no digest, as there are no bytes to identify; its note names
/// the query. Errors: no query and no table, both, what the database says (a password never appears), an unknown column in the types.

/// `postgresql://[user@]host[:port]/database?…` by libpq, which also takes the password from `$PGPASSWORD` or `~/.pgpass`; for a Unix
/// socket `postgresql://user@/database?host=/run/postgresql`. Streamed by a cursor in one read-only transaction (REPEATABLE READ). int2,
/// int4, int8 and oid are integers; float4, float8 and numeric are numbers (numeric to the nearest double, which the note says); bool is
/// boolean; date, timestamp and timestamptz are timestamps (infinite ones are errors); all other types are text as the server writes them.
Result<std::unique_ptr<table::BatchSource>> open_postgresql(const std::string& address, const ReadOptions& options);

/// An SQLite file, read-only. `shown` is how it was named. SQLite gives a type to each value, not to a column, so types are settled by the
/// values, as for CSV: integers, else numbers, else text; blobs must be UTF-8. A wider value later restarts the scan.
Result<std::unique_ptr<table::BatchSource>> open_sqlite(const std::string& path, const std::string& shown, const ReadOptions& options);

/// What the modules `cupel-postgresql.so` and `cupel-sqlite.so` export under the names `cupel_postgresql_module` and `cupel_sqlite_module`.
struct DatabaseModule {
  const char* version;
  Result<std::unique_ptr<table::BatchSource>> (*open)(const std::string& path, const std::string& shown, const ReadOptions& options);
};

}  // namespace cupel::source
