// A real server, started by the test in a folder of its own, reachable by a Unix socket alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "base/files.h"
#include "base/process.h"
#include "source/read.h"

namespace cupel::source {
namespace {

using table::Type;
using testing::HasSubstr;
using testing::Not;

class Postgresql : public testing::Test {
 protected:
  static constexpr const char* k_password = "open-sesame";

  void SetUp() override {
    const fs::path programs = programs_folder();
    if (programs.empty()) GTEST_SKIP() << "NOT TESTED: no PostgreSQL server here; the Debian package 'postgresql' brings it";
    auto folder = ScratchFolder::make("/tmp", "cupel_pg");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    const fs::path data = folder_->path() / "data";
    const fs::path password = folder_->path() / "password";
    ASSERT_TRUE(write_file(password, k_password));
    // The server refuses to run as root.
    if (::geteuid() == 0) {
      const passwd* const account = ::getpwnam("postgres");
      if (account == nullptr) GTEST_SKIP() << "NOT TESTED: running as root and there is no account 'postgres' for the server";
      ASSERT_EQ(::chown(folder_->path().c_str(), account->pw_uid, account->pw_gid), 0);
      ASSERT_EQ(::chown(password.c_str(), account->pw_uid, account->pw_gid), 0);
      as_user_ = {"setpriv", fmt::format("--reuid={}", account->pw_uid), fmt::format("--regid={}", account->pw_gid), "--clear-groups"};
    }
    ProcessSpec init = spec({programs / "initdb", "-D", data.string(), "-U", "tester", "--auth=scram-sha-256",
                             "--pwfile=" + password.string(), "--no-sync", "--encoding=UTF8", "--locale=C"});
    const Result<CapturedRun> made = run_captured(init, 300);
    ASSERT_TRUE(made) << made.error().text();
    ASSERT_EQ(made->outcome.exit_status, 0) << made->output << made->errors;
    Result<Process> server =
        Process::start(spec({programs / "postgres", "-D", data.string(), "-k", folder_->path().string(), "-c", "listen_addresses=", "-c",
                             "fsync=off", "-c", "log_min_messages=panic", "-c", "shared_buffers=16MB"}));
    ASSERT_TRUE(server) << server.error().text();
    server_.emplace(std::move(*server));
    address_ = "postgresql://tester@/postgres?host=" + folder_->path().string();
    ::setenv("PGPASSWORD", k_password, 1);
    for (int i = 0; i < 600 && ::PQping(address_.c_str()) != PQPING_OK; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_EQ(::PQping(address_.c_str()), PQPING_OK);
  }
  void TearDown() override {
    if (!server_) return;
    server_->signal_group(SIGINT);  // a fast end
    server_.reset();
    ::unsetenv("PGPASSWORD");
  }

  static fs::path programs_folder() {
    fs::path newest;
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
      if (fs::exists(entry.path() / "bin" / "initdb") && entry.path() > newest) newest = entry.path();
    }
    return newest.empty() ? newest : newest / "bin";
  }
  ProcessSpec spec(std::vector<std::string> argv) const {
    ProcessSpec process;
    process.argv = as_user_;
    process.argv.insert(process.argv.end(), argv.begin(), argv.end());
    process.environment = current_environment();
    process.folder = folder_->path();
    return process;
  }

  void run(const std::string& sql) const {
    PGconn* const connection = ::PQconnectdb(address_.c_str());
    PGresult* const result = ::PQexec(connection, sql.c_str());
    const ExecStatusType status = ::PQresultStatus(result);
    EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) << ::PQerrorMessage(connection);
    ::PQclear(result);
    ::PQfinish(connection);
  }
  static ReadOptions query(const std::string& text) {
    ReadOptions options;
    options.query = text;
    return options;
  }
  std::string rows_of(const ReadOptions& options) const {
    const Result<table::Table> rows = read_table(address_, options);
    if (!rows) return rows.error().text();
    std::string text;
    for (std::size_t i = 0; i < rows->schema().fields.size(); ++i) {
      const table::Field& field = rows->schema().fields[i];
      text += fmt::format("{}{} {}:", i > 0 ? "; " : "", field.name, table::type_name(field.type));
      const table::Column column = rows->column(static_cast<int>(i));
      for (std::int64_t row = 0; row < rows->num_rows(); ++row) text += " " + (column.is_null(row) ? "-" : table::value_text(column, row));
    }
    return text;
  }
  static std::string error_of(const std::string& address, const ReadOptions& options) {
    const Result<table::Table> rows = read_table(address, options);
    EXPECT_FALSE(rows);
    return rows ? std::string() : rows.error().text();
  }

  std::optional<ScratchFolder> folder_;
  std::vector<std::string> as_user_;
  std::optional<Process> server_;
  std::string address_;
};

// The sum of the first column, without keeping rows.
class Sum : public table::ChunkVisitor {
 public:
  struct Part : Chunk {
    void visit(const table::Batch& batch) override {
      for (std::int64_t row = 0; row < batch.num_rows; ++row) sum += batch.columns[0].integers()[row];
      if (batch.columns.size() > 1) text_bytes += batch.columns[1].offsets[batch.num_rows];
    }
    std::int64_t sum = 0;
    std::int64_t text_bytes = 0;
  };
  std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<Part>(); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    const auto& part = dynamic_cast<Part&>(*chunk);
    sum += part.sum;
    text_bytes += part.text_bytes;
    rows += num_rows;
  }
  void restart() override { FAIL() << "types are known"; }
  std::int64_t sum = 0;
  std::int64_t text_bytes = 0;
  std::int64_t rows = 0;
};

TEST_F(Postgresql, TypesOfTheServerBecomeOurs) {
  EXPECT_EQ(rows_of(query("select 1::int2 as a, -2::int4 as b, 9223372036854775807::int8 as c, true as d, null::bool as e")),
            "a integer: 1; b integer: -2; c integer: 9223372036854775807; d boolean: true; e boolean: -");
  EXPECT_EQ(
      rows_of(query(
          "select 0.1::float8 as a, 1.5::float4 as b, 12345678901234567890.125::numeric as c, 'NaN'::float8 as d, '3.50'::money as e")),
      "a number: 0.1; b number: 1.5; c number: 12345678901234567168; d number: nan; e number: 3.5");
  EXPECT_EQ(
      rows_of(query("select 'é'::text as a, 'b'::varchar as b, 'c'::char(3) as c, '{\"k\": 1}'::jsonb as d, array[1, 2] as e, "
                    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as f, '10.0.0.1'::inet as g, '\\x00ff'::bytea as h, '14:03'::time as i")),
      "a text: é; b text: b; c text: c; d text: {\"k\": 1}; e text: {1,2}; f text: a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11; g text: "
      "10.0.0.1/32; "
      "h text: \\x00ff; i text: 14:03:00");
  EXPECT_EQ(rows_of(query(
                "select '2026-11-24'::date as a, '1969-12-31 23:59:59.999999'::timestamp as b, '2026-11-24 12:00+02'::timestamptz as c")),
            "a timestamp: 2026-11-24; b timestamp: 1969-12-31T23:59:59.999999Z; c timestamp: 2026-11-24T10:00:00Z");
  EXPECT_THAT(rows_of(query("select 'infinity'::timestamp as a")), HasSubstr("row 0, column 'a' is infinite"));
  EXPECT_THAT(rows_of(query("select 1e400::numeric as a")), HasSubstr("out of range for type double precision"));
  ReadOptions stated = query("select 1 as a, 0.10::numeric as b");
  stated.types = {{"a", Type::number}, {"b", Type::text}};
  EXPECT_EQ(rows_of(stated), "a number: 1; b text: 0.10");

  run("create schema sales; create table sales.\"Orders\" (\"Order Id\" int, price numeric); insert into sales.\"Orders\" values (1, "
      "2.50), (null, null)");
  ReadOptions table;
  table.table = "sales.Orders";
  EXPECT_EQ(rows_of(table), "Order Id integer: 1 -; price number: 2.5 -");
  auto source = open_source(address_, table);
  ASSERT_TRUE(source) << source.error().text();
  const auto origin = (*source)->origin();
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->digest, "");
  EXPECT_EQ(origin->note, "the table sales.Orders; decimal numbers read as the nearest double: price");
}

TEST_F(Postgresql, RowsStreamInBoundedMemoryAndEachScanSeesTheSame) {
  run("create table big as select g as id, repeat('x', 100) as filler from generate_series(1, 2000000) g");
  ReadOptions table;
  table.table = "big";
  auto source = open_source(address_, table);
  ASSERT_TRUE(source) << source.error().text();
  const auto peak_kib = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = peak_kib();
  run("insert into big values (-5, 'later')");  // after the source was opened: not seen
  const std::vector<table::ColumnRequest> requests = {{0, table::ColumnRequest::As::native}, {1, table::ColumnRequest::As::native}};
  for (int pass = 0; pass < 2; ++pass) {
    Sum sum;
    const Result<std::int64_t> num_rows = (*source)->scan(requests, sum, {});
    ASSERT_TRUE(num_rows) << num_rows.error().text();
    EXPECT_EQ(*num_rows, 2'000'000);
    EXPECT_EQ(sum.rows, 2'000'000);
    EXPECT_EQ(sum.sum, 2'000'001'000'000);
    EXPECT_EQ(sum.text_bytes, 200'000'000);
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep what is freed, or shadow it
  EXPECT_LT(peak_kib() - before, 48 << 10) << "KiB for 200 MB of rows";
#endif
}

TEST_F(Postgresql, AQueryCanOnlyRead) {
  run("create table t (a int); insert into t values (1)");
  for (const char* const sql : {"delete from t returning a", "select 1) as x; drop table t; --", "select 1; drop table t",
                                "select nextval('s')", "select $1::int as a"}) {
    EXPECT_NE(error_of(address_, query(sql)), "") << sql;
  }
  run("create sequence s");
  EXPECT_THAT(error_of(address_, query("select nextval('s') as n")), HasSubstr("read-only transaction"));
  EXPECT_EQ(rows_of(query("select a from t -- a comment;")), "a integer: 1");
  EXPECT_EQ(rows_of(query("with x as (select a + 1 as b from t) select b from x;")), "b integer: 2");
}

TEST_F(Postgresql, ErrorsSayWhatIsWrongAndNeverThePassword) {
  const std::string host = "?host=" + folder_->path().string();
  const std::vector<std::string> wrong = {"postgresql://tester:wrong-word@/postgres" + host,
                                          "postgresql://tester:wrong-word@/nowhere" + host,
                                          "postgresql://tester:wrong-word@/postgres?host=/nowhere",
                                          "postgresql://tester:wrong-word@[::1/postgres",
                                          "postgresql://tester@/postgres" + host + "&password=wrong-word",
                                          "postgresql://tester:wrong-word@/postgres?nonsense=1",
                                          "postgresql://tester:wrong-word@/postgres" + host + "&passfile=/etc/passwd"};
  for (const std::string& address : wrong) EXPECT_THAT(error_of(address, query("select 1 as a")), Not(HasSubstr("wrong-word"))) << address;
  EXPECT_THAT(error_of(wrong.back(), query("select 1 as a")), HasSubstr("the parameter 'passfile' is not taken from an address"));
  EXPECT_THAT(error_of(address_, {}), HasSubstr("expected a query or a table"));
  EXPECT_THAT(error_of(address_, query("select nothing from nowhere")), HasSubstr("relation \"nowhere\" does not exist"));
  EXPECT_THAT(error_of(address_, query("select 1 as a, 2 as a")), HasSubstr("two columns are called 'a'"));
  EXPECT_THAT(error_of(address_, query("select 1 / (g - 500) as a from generate_series(1, 1000) g")), HasSubstr("division by zero"));
  // With the right one in the address.
  ::setenv("PGPASSWORD", "wrong-word", 1);
  const std::string right = "postgresql://tester:" + std::string(k_password) + "@/postgres" + host;
  auto source = open_source(right, query("select 1 as a"));
  ASSERT_TRUE(source) << source.error().text();
  EXPECT_THAT((*source)->origin()->path, Not(HasSubstr(k_password)));
}

}  // namespace
}  // namespace cupel::source
