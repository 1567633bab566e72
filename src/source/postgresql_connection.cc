#include "source/postgresql_connection.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace cupel::source {
namespace {

// What an address may say. The others name files (keys, password files) or programs' settings, and an address may come with somebody else's
// suite; libpq takes them from the environment.
constexpr std::string_view k_parameters[] = {"application_name", "channel_binding",      "connect_timeout",  "dbname", "host",
                                             "hostaddr",         "keepalives",           "password",         "port",   "sslmode",
                                             "sslsni",           "target_session_attrs", "tcp_user_timeout", "user"};

/// libpq's message, which may be several lines, as one.
std::string one_line(std::string_view message) {
  std::string line;
  for (const std::string_view part : split(message, '\n')) {
    if (!trim(part).empty()) line += (line.empty() ? "" : "; ") + std::string(trim(part));
  }
  if (line.starts_with("ERROR:  ")) line.erase(0, 8);
  return line;
}

Result<void> check_address(const std::string& address, const std::string& shown) {
  char* reason = nullptr;
  PQconninfoOption* const options = ::PQconninfoParse(address.c_str(), &reason);
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> owned(options, ::PQconninfoFree);
  const std::unique_ptr<char, void (*)(void*)> owned_reason(reason, ::PQfreemem);
  // The reason may quote the address with its password.
  if (options == nullptr) return fail("'{}' is no address of a database, expected postgresql://user@host/database", shown);
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::find(std::begin(k_parameters), std::end(k_parameters), option->keyword) != std::end(k_parameters))
      continue;
    return fail_with_hint(fmt::format("'{}': the parameter '{}' is not taken from an address", shown, option->keyword),
                          "libpq reads it from the environment, such as $PGSSLROOTCERT or $PGPASSFILE");
  }
  return {};
}

}  // namespace

Result<PostgresqlConnection> PostgresqlConnection::open(const std::string& address, const std::string& shown) {
  TRY(check_address(address, shown));
  // The first is a default, what follows the address wins over it.
  const char* const names[] = {"connect_timeout", "dbname", "client_encoding", "fallback_application_name", nullptr};
  const char* const values[] = {"15", address.c_str(), "UTF8", "cupel", nullptr};
  PostgresqlConnection opened(std::unique_ptr<PGconn, Finish>(::PQconnectdbParams(names, values, 1)), shown);
  PGconn* const connection = opened.connection_.get();
  if (::PQstatus(connection) != CONNECTION_OK) {
    std::string message = opened.without_password(one_line(::PQerrorMessage(connection)));
    const bool needs_password = ::PQconnectionNeedsPassword(connection) != 0;
    return fail_with_hint(fmt::format("cannot connect to '{}': {}", shown, message), needs_password ? "$PGPASSWORD or ~/.pgpass" : "",
                          ErrorKind::not_found);
  }
  ::PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  for (const char* const sql : {
           "begin isolation level repeatable read, read only",
           "set local synchronize_seqscans = off",  // rows in the same order each time
           "set local datestyle = 'ISO'",
           "set local intervalstyle = 'iso_8601'",
           "set local timezone = 'UTC'",
           "set local extra_float_digits = 1",
           "set local bytea_output = 'hex'",
       }) {
    TRY(opened.run(sql));
  }
  return opened;
}

std::string PostgresqlConnection::without_password(std::string message) const {
  const char* const password = ::PQpass(connection_.get());
  if (password != nullptr && std::string_view(password).size() > 2) message = replace_all(std::move(message), password, "…");
  return message;
}

Result<PostgresqlResult> PostgresqlConnection::checked(PostgresqlResult result) const {
  const ExecStatusType status = ::PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
  const char* const primary = result ? ::PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  const std::string message = one_line(primary != nullptr ? primary : ::PQerrorMessage(connection_.get()));
  return fail("{}: {}", shown_, without_password(message));
}

Result<PostgresqlResult> PostgresqlConnection::run(const std::string& sql) {
  // The extended protocol takes one statement and no second one behind a semicolon.
  return checked(PostgresqlResult(::PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1)));
}

Result<void> PostgresqlConnection::send(const std::string& sql) {
  if (::PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) == 1) return {};
  return fail("{}: {}", shown_, without_password(one_line(::PQerrorMessage(connection_.get()))));
}

Result<PostgresqlResult> PostgresqlConnection::receive() {
  PostgresqlResult result(::PQgetResult(connection_.get()));
  while (PGresult* const further = ::PQgetResult(connection_.get())) ::PQclear(further);  // the end
  return checked(std::move(result));
}

Result<PostgresqlResult> PostgresqlConnection::describe(const std::string& sql) {
  TRY(checked(PostgresqlResult(::PQprepare(connection_.get(), "", sql.c_str(), 0, nullptr))));
  ASSIGN_OR_RETURN(PostgresqlResult described, checked(PostgresqlResult(::PQdescribePrepared(connection_.get(), ""))));
  if (::PQnparams(described.get()) > 0) return fail("{}: the query has parameters, expected values", shown_);
  return described;
}

bool PostgresqlConnection::texts_are_utf8() const {
  const char* const encoding = ::PQparameterStatus(connection_.get(), "server_encoding");
  return encoding != nullptr && std::string_view(encoding) != "SQL_ASCII";
}

}  // namespace cupel::source
