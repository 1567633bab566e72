#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cupel::registry {

/// One prepared statement. Places are bound from 1, columns read from 0. A NULL column reads as empty text, 0, or nothing.
class Statement {
 public:
  Statement& bind(int place, std::string_view text);
  Statement& bind(int place, std::int64_t number);
  Statement& bind(int place, double number);
  Statement& bind(int place, const std::optional<double>& number);
  Statement& bind(int place, const std::optional<std::int64_t>& number);
  Statement& bind(int place, const std::optional<std::string>& text);

  /// True: a row is there to be read. False: done, and the statement may be bound and stepped again.
  Result<bool> step();
  /// For statements without rows.
  Result<void> run();

  std::string text(int column) const;
  /// The same without a copy, until the next step.
  std::string_view view(int column) const;
  std::optional<std::string_view> optional_view(int column) const;
  std::int64_t integer(int column) const;
  std::optional<double> number(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A connection to one SQLite file, opened defensively: the file may come from somebody else. Waits up to 30 seconds for another
/// writer. Errors: `corrupt` when the bytes are not a sound database, `io` when the system or a lock refuses.
class Database {
 public:
  enum class Mode { read_only, read_write, create };
  /// Read-only also works on a disk or in a folder that cannot be written.
  static Result<Database> open(const fs::path& file, Mode mode);

  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// The single number that a query such as `PRAGMA user_version` answers with.
  Result<std::int64_t> number(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  static Result<Database> open_on_read_only_disk(const fs::path& file);
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Takes the write lock at once; rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace cupel::registry
