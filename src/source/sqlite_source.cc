#include "source/sqlite_source.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/files.h"
#include "source/database_query.h"
#include "table/row_chunks.h"

namespace cupel::source {
namespace {

using table::ColumnRequest;
using table::Type;

constexpr std::int64_t k_sample_rows = 1000;

/// What values were met, as bits.
enum Kinds : std::uint8_t { k_none = 0, k_integer = 1, k_number = 2, k_text = 4 };

Type type_of(std::uint8_t kinds) {
  if ((kinds & k_text) != 0 || kinds == k_none) return Type::text;
  return kinds == k_integer ? Type::integer : Type::number;
}

struct Close {
  void operator()(sqlite3* database) const { ::sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

/// Reading is allowed, and nothing else: a query may come with somebody else's suite.
int allow_reading(void*, int action, const char*, const char* name, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION: return name != nullptr && ::sqlite3_stricmp(name, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    default: return SQLITE_DENY;
  }
}

class SqliteSource : public table::BatchSource {
 public:
  SqliteSource(Database database, std::string shown, ReadOptions options)
      : database_(std::move(database)), shown_(std::move(shown)), options_(std::move(options)) {}

  Result<void> open() {
    // One transaction for all scans, so that each sees the same rows. (A schema's own functions are not trusted either.)
    TRY(run("pragma trusted_schema = off"));
    TRY(run("begin"));
    ::sqlite3_set_authorizer(database_.get(), &allow_reading, nullptr);
    if (!options_.query && !options_.table) TRY(choose_table());
    from_ = from_clause(options_);
    ASSIGN_OR_RETURN(const Statement rows, prepare("select * from " + from_));
    // The names of the query itself: within another one, SQLite numbers those that are there twice.
    ASSIGN_OR_RETURN(const Statement named, prepare(options_.query ? *options_.query : "select * from " + from_));
    const int num_columns = ::sqlite3_column_count(named.get());
    for (int i = 0; i < num_columns; ++i) {
      const char* const name = ::sqlite3_column_name(named.get(), i);
      schema_.fields.push_back({name == nullptr ? "" : name, Type::text});
    }
    TRY(check_names(schema_, shown_));
    kinds_.assign(schema_.fields.size(), k_none);
    stated_.assign(schema_.fields.size(), false);
    for (std::int64_t row = 0; row < k_sample_rows; ++row) {
      ASSIGN_OR_RETURN(const bool more, step(*rows));
      if (!more) break;
      for (int i = 0; i < num_columns; ++i) note(static_cast<std::size_t>(i), *rows, i, row);
    }
    settle();
    TRY(state_types(schema_, options_, shown_));
    for (const auto& [name, type] : options_.types) stated_[static_cast<std::size_t>(*schema_.find(name))] = true;
    return {};
  }

  const table::Schema& schema() const override { return schema_; }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    const std::vector<int> fields = table::RowChunks::fields_of(requests);
    std::string columns;
    for (const int field : fields)
      columns += (columns.empty() ? "" : ", ") + quoted_name(schema_.fields[static_cast<std::size_t>(field)].name);
    ASSIGN_OR_RETURN(const Statement rows, prepare(fmt::format("select {} from {}", columns.empty() ? "null" : columns, from_)));
    for (;;) {
      ASSIGN_OR_RETURN(const std::optional<std::int64_t> num_rows, pass(*rows, fields, requests, visitor, options));
      if (num_rows) return *num_rows;
      ::sqlite3_reset(rows.get());
      settle();
      visitor.restart();
    }
  }

  Result<Origin> origin() override { return Origin{shown_, {}, query_note(options_)}; }

 private:
  tl::unexpected<Error> database_error() const { return fail("{}: {}", shown_, ::sqlite3_errmsg(database_.get())); }

  Result<void> run(const char* sql) {
    if (::sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return database_error();
    return {};
  }

  Result<Statement> prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    const int code = ::sqlite3_prepare_v2(database_.get(), sql.c_str(), static_cast<int>(sql.size()), &statement, &rest);
    Statement owned(statement);
    if (code == SQLITE_AUTH) return fail("{}: the query does more than to read", shown_);
    if (code != SQLITE_OK) return database_error();
    if (statement == nullptr || !trim(replace_all(rest, ";", " ")).empty()) return fail("{}: the query is not one statement", shown_);
    if (::sqlite3_bind_parameter_count(statement) > 0) return fail("{}: the query has parameters, expected values", shown_);
    return owned;
  }

  Result<bool> step(sqlite3_stmt& statement) {
    const int code = ::sqlite3_step(&statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_error();
  }

  Result<void> choose_table() {
    ASSIGN_OR_RETURN(const Statement tables,
                     prepare("select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite!_%' "
                             "escape '!' order by name"));
    std::vector<std::string> names;
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, step(*tables));
      if (!more) break;
      names.emplace_back(reinterpret_cast<const char*>(::sqlite3_column_text(tables.get(), 0)));
    }
    if (names.size() == 1) {
      options_.table = names[0];
      return {};
    }
    const std::size_t num_tables = names.size();
    if (names.size() > 10) names.resize(10);
    return fail_with_hint(fmt::format("'{}' is an SQLite database with {} tables{}{}, expected a query or a table", shown_, num_tables,
                                      names.empty() ? "" : ": ", join(names, ", ")),
                          "--query \"select …\" or --table NAME");
  }

  void note(std::size_t field, sqlite3_stmt& rows, int column, std::int64_t row) {
    std::uint8_t kind = k_text;
    switch (::sqlite3_column_type(&rows, column)) {
      case SQLITE_NULL: return;
      case SQLITE_INTEGER: kind = k_integer; break;
      case SQLITE_FLOAT: kind = k_number; break;
      default: break;
    }
    if (kind == k_text && (kinds_[field] & k_text) == 0) {
      schema_.fields[field].first_text = table::Field::Example{row, std::string(bytes_of(rows, column))};
    }
    kinds_[field] |= kind;
  }

  // Types by the kinds so far.
  void settle() {
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      table::Field& field = schema_.fields[i];
      if (stated_[i]) continue;
      field.type = type_of(kinds_[i]);
      field.no_values = kinds_[i] == k_none;
      if ((kinds_[i] & (k_integer | k_number)) == 0) field.first_text.reset();  // nothing but text: no surprise
    }
  }

  static std::string_view bytes_of(sqlite3_stmt& rows, int column) {
    const void* const bytes = ::sqlite3_column_blob(&rows, column);
    return {static_cast<const char*>(bytes), bytes == nullptr ? 0 : static_cast<std::size_t>(::sqlite3_column_bytes(&rows, column))};
  }

  // Nothing: a type must widen.
  Result<std::optional<std::int64_t>> pass(sqlite3_stmt& rows, const std::vector<int>& fields, std::span<const ColumnRequest> requests,
                                           table::ChunkVisitor& visitor, const table::ScanOptions& options) {
    std::vector<Type> types;
    for (const int field : fields) types.push_back(schema_.fields[static_cast<std::size_t>(field)].type);
    table::RowChunks chunks(visitor, options, requests, fields, types);
    bool widened = false;
    for (std::int64_t row = 0;; ++row) {
      ASSIGN_OR_RETURN(const bool more, step(rows));
      if (!more) break;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = static_cast<std::size_t>(fields[i]);
        note(field, rows, static_cast<int>(i), row);
        const bool fits = stated_[field] || type_of(kinds_[field]) == types[i];
        widened = widened || !fits;
        if (!widened) TRY(append(rows, static_cast<int>(i), types[i], row, chunks.column(i)));
      }
      if (!widened) chunks.end_row();
      if (options.progress && row % 65536 == 65535) options.progress(static_cast<std::uint64_t>(row), 0);
    }
    if (widened) return std::nullopt;
    return std::optional(chunks.finish());
  }

  Result<void> append(sqlite3_stmt& rows, int column, Type type, std::int64_t row, table::ColumnBuilder& to) {
    const int kind = ::sqlite3_column_type(&rows, column);
    if (kind == SQLITE_NULL) {
      to.append_null();
      return {};
    }
    const bool is_text = kind == SQLITE_TEXT || kind == SQLITE_BLOB;
    if (is_text && type != Type::text) {
      return fail("{}: row {}, column {} holds '{}', expected the stated type {}", shown_, row, column, shorten(bytes_of(rows, column), 60),
                  table::type_name(type));
    }
    if (type == Type::integer) {
      to.append(static_cast<std::int64_t>(::sqlite3_column_int64(&rows, column)));
    } else if (type == Type::number) {
      to.append(::sqlite3_column_double(&rows, column));
    } else if (kind == SQLITE_INTEGER) {
      to.append(std::string_view(fmt::format("{}", ::sqlite3_column_int64(&rows, column))));
    } else if (kind == SQLITE_FLOAT) {
      to.append(std::string_view(exact_text(::sqlite3_column_double(&rows, column))));
    } else {
      const std::string_view text = bytes_of(rows, column);
      if (first_invalid_utf8(text)) return fail("{}: row {}, column {} is not UTF-8, expected text", shown_, row, column);
      to.append(text);
    }
    return {};
  }

  Database database_;
  std::string shown_;
  ReadOptions options_;
  std::string from_;
  table::Schema schema_;
  std::vector<std::uint8_t> kinds_;
  std::vector<bool> stated_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_sqlite_file(const std::string& path, const std::string& shown,
                                                             const ReadOptions& options) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return fail(ErrorKind::not_found, "missing file '{}'", path);
  sqlite3* opened = nullptr;
  const int code = ::sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(opened);
  if (code != SQLITE_OK) return fail("cannot open the database '{}': {}", shown, ::sqlite3_errmsg(opened));
  ::sqlite3_busy_timeout(opened, 5000);
  auto source = std::make_unique<SqliteSource>(std::move(database), shown, options);
  TRY(source->open());
  return source;
}

}  // namespace cupel::source
