#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace cupel::source {

struct ClearResult {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using PostgresqlResult = std::unique_ptr<PGresult, ClearResult>;

/// A connection in one read-only transaction, which sees the same rows from beginning to end. Messages begin with the address as people may
/// see it and never hold the password.
class PostgresqlConnection {
 public:
  static Result<PostgresqlConnection> open(const std::string& address, const std::string& shown);

  /// One statement; its rows, if any, in the binary format.
  Result<PostgresqlResult> run(const std::string& sql);
  /// The same in two halves, between which the server works.
  Result<void> send(const std::string& sql);
  Result<PostgresqlResult> receive();
  /// Names and types of what a statement would yield.
  Result<PostgresqlResult> describe(const std::string& sql);
  /// Is the server sure that its texts are UTF-8?
  bool texts_are_utf8() const;

 private:
  struct Finish {
    void operator()(PGconn* connection) const { ::PQfinish(connection); }
  };
  PostgresqlConnection(std::unique_ptr<PGconn, Finish> connection, std::string shown)
      : connection_(std::move(connection)), shown_(std::move(shown)) {}
  Result<PostgresqlResult> checked(PostgresqlResult result) const;
  std::string without_password(std::string message) const;

  std::unique_ptr<PGconn, Finish> connection_;
  std::string shown_;
};

}  // namespace cupel::source
