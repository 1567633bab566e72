#include "registry/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "base/invariant.h"
#include "base/text.h"

namespace cupel::registry {
namespace {

constexpr int k_wait_ms = 30'000;

tl::unexpected<Error> database_error(sqlite3* handle, int code) {
  const char* file = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
  const std::string name = file == nullptr ? "the registry" : fmt::format("'{}'", file);
  std::string reason = handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
  const int kind = code & 0xff;
  if (const int system = handle == nullptr ? 0 : sqlite3_system_errno(handle);
      system != 0 && system != ENOENT && (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN)) {
    reason += fmt::format(" ({})", std::strerror(system));
  }
  switch (kind) {
    case SQLITE_NOTADB: return fail(ErrorKind::corrupt, "{} is not a registry: its bytes are no SQLite database", name);
    case SQLITE_CORRUPT: return fail(ErrorKind::corrupt, "{} is damaged: {}", name, reason);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(ErrorKind::io, "{} is locked: another process has been writing for {} s", name, k_wait_ms / 1000);
    case SQLITE_READONLY: return fail(ErrorKind::io, "{} cannot be written: the file or its folder is read-only", name);
    case SQLITE_FULL: return fail(ErrorKind::io, "{} cannot be written: no space left on device", name);
    case SQLITE_CANTOPEN: return fail(ErrorKind::io, "cannot open {}: {}", name, reason);
    case SQLITE_CONSTRAINT: return fail("{} refuses the change: {}", name, reason);
    default: return fail(ErrorKind::io, "{}: {}", name, reason);
  }
}

std::string uri_of(const fs::path& file, std::string_view parameters) {
  std::string escaped;
  for (const char c : fs::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') {
      escaped += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      escaped += c;
    }
  }
  return fmt::format("file:{}?{}", escaped, parameters);
}

sqlite3* open_handle(const fs::path& file, std::string_view parameters, int flags, int* code) {
  sqlite3* handle = nullptr;
  *code = sqlite3_open_v2(uri_of(file, parameters).c_str(), &handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  CHECK(handle != nullptr, "out of memory in sqlite3_open_v2");
  if (*code == SQLITE_OK) {
    sqlite3_busy_timeout(handle, k_wait_ms);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    *code = sqlite3_exec(handle, "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL;", nullptr, nullptr, nullptr);
  }
  // Pragmas are lazy: the first read shows whether this is a database and can be locked.
  if (*code == SQLITE_OK) *code = sqlite3_exec(handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
  return handle;
}

bool has_unfinished_log(const fs::path& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file.string() + "-wal", error);
  return !error && size > 0;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Statement& Statement::bind(int place, std::string_view text) {
  const char* bytes = text.data() == nullptr ? "" : text.data();  // a null pointer would bind NULL
  CHECK(sqlite3_bind_text64(statement_.get(), place, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK, "place {}", place);
  return *this;
}
Statement& Statement::bind(int place, std::int64_t number) {
  CHECK(sqlite3_bind_int64(statement_.get(), place, number) == SQLITE_OK, "place {}", place);
  return *this;
}
Statement& Statement::bind(int place, double number) {
  CHECK(sqlite3_bind_double(statement_.get(), place, number) == SQLITE_OK, "place {}", place);
  return *this;
}
Statement& Statement::bind(int place, const std::optional<double>& number) {
  if (number) return bind(place, *number);
  CHECK(sqlite3_bind_null(statement_.get(), place) == SQLITE_OK, "place {}", place);
  return *this;
}
Statement& Statement::bind(int place, const std::optional<std::int64_t>& number) {
  if (number) return bind(place, *number);
  CHECK(sqlite3_bind_null(statement_.get(), place) == SQLITE_OK, "place {}", place);
  return *this;
}
Statement& Statement::bind(int place, const std::optional<std::string>& text) {
  if (text) return bind(place, std::string_view(*text));
  CHECK(sqlite3_bind_null(statement_.get(), place) == SQLITE_OK, "place {}", place);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  auto error = database_error(sqlite3_db_handle(statement_.get()), code);
  sqlite3_reset(statement_.get());
  return error;
}

Result<void> Statement::run() {
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, step());
    if (!row) return {};
  }
}

std::string_view Statement::view(int column) const {
  const void* bytes = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}
std::optional<std::string_view> Statement::optional_view(int column) const {
  if (is_null(column)) return std::nullopt;
  return view(column);
}
std::string Statement::text(int column) const { return std::string(view(column)); }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
std::optional<double> Statement::number(int column) const {
  if (is_null(column)) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}
std::optional<std::int64_t> Statement::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}
std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

Result<Database> Database::open(const fs::path& file, Mode mode) {
  int code = SQLITE_OK;
  const int flags = SQLITE_OPEN_READWRITE | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
  Database database(open_handle(file, mode == Mode::create ? "mode=rwc" : "mode=rw", flags, &code));
  if (code == SQLITE_OK) {
    // A reader that may write back and remove the log on closing leaves nothing behind; its statements still cannot change anything.
    if (mode == Mode::read_only) TRY(database.execute("PRAGMA query_only=ON"));
    return database;
  }
  const int kind = code & 0xff;
  if (mode != Mode::read_only || (kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY)) return database_error(database.handle_.get(), code);
  return open_on_read_only_disk(file);
}

Result<Database> Database::open_on_read_only_disk(const fs::path& file) {
  int code = SQLITE_OK;
  Database database(open_handle(file, "mode=ro", SQLITE_OPEN_READONLY, &code));
  if (code == SQLITE_OK) return database;
  const int kind = code & 0xff;
  if (kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY) return database_error(database.handle_.get(), code);
  // The folder cannot take the shared-memory file of the write-ahead log. Without a log nothing is missing: read the file as it is.
  if (has_unfinished_log(file)) {
    return fail_with_hint(fmt::format("'{}' stands on a read-only disk with changes that were never written back", file.string()),
                          "copy the folder to a disk that can be written and open it there once", ErrorKind::io);
  }
  Database frozen(open_handle(file, "mode=ro&immutable=1", SQLITE_OPEN_READONLY, &code));
  if (code != SQLITE_OK) return database_error(frozen.handle_.get(), code);
  return frozen;
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return database_error(handle_.get(), code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return database_error(handle_.get(), code);
  return Statement(statement);
}

Result<std::int64_t> Database::number(std::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, prepare(sql));
  ASSIGN_OR_RETURN(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<void> Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

Transaction::~Transaction() {
  // A failed commit may have rolled back already; there is nobody to tell in a destructor.
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

}  // namespace cupel::registry
