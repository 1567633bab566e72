#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <optional>

#include "base/files.h"
#include "source/read.h"

namespace cupel::source {
namespace {

using table::Type;
using testing::HasSubstr;

class Sqlite : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "cupel_sqlite");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    path_ = (folder_->path() / "shop.db").string();
  }
  void run(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(::sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(::sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    ::sqlite3_close(database);
  }
  static ReadOptions query(const std::string& text) {
    ReadOptions options;
    options.query = text;
    return options;
  }
  static ReadOptions table_named(const std::string& name) {
    ReadOptions options;
    options.table = name;
    return options;
  }
  std::string rows_of(const ReadOptions& options) {
    const Result<table::Table> rows = read_table(path_, options);
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
  std::string error_of(const ReadOptions& options) {
    const auto source = open_source(path_, options);
    EXPECT_FALSE(source);
    return source ? std::string() : source.error().text();
  }
  std::optional<ScratchFolder> folder_;
  std::string path_;
};

TEST_F(Sqlite, EachColumnHasTheNarrowestTypeOfItsValues) {
  run("create table t (a integer, b real, c text, d, e, f); insert into t values (1, 2, 'x', 1, 'one', null), (-9223372036854775808, 2.5, "
      "'', 2.5, 2, null), "
      "(null, null, null, null, null, null)");
  EXPECT_EQ(rows_of(table_named("t")),
            "a integer: 1 -9223372036854775808 -; b number: 2 2.5 -; c text: x  -; d number: 1 2.5 -; e text: one 2 -; f text: - - -");
  EXPECT_EQ(rows_of({}), rows_of(table_named("t")));  // the only table needs no name
  EXPECT_EQ(rows_of(query("select sum(a) as s, count(*) from t where a > 0 -- all of them\n;")), "s integer: 1; count(*) integer: 1");
}

TEST_F(Sqlite, AWiderValueAfterTheFirstThousandRowsWidensTheColumn) {
  run("create table t (n, m); with recursive r(i) as (select 1 union all select i + 1 from r where i < 3000) "
      "insert into t select iif(i = 2500, 0.5, i), iif(i = 2900, 'late', i) from r");
  ReadOptions options = table_named("t");
  auto source = open_source(path_, options);
  ASSERT_TRUE(source) << source.error().text();
  EXPECT_EQ((*source)->schema().fields[0].type, Type::integer);
  const Result<table::Table> rows = read_table(**source);
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(rows->num_rows(), 3000);
  EXPECT_EQ(rows->schema().fields[0].type, Type::number);
  EXPECT_EQ(rows->schema().fields[1].type, Type::text);
  EXPECT_EQ(rows->schema().fields[1].first_text->row, 2899);
  EXPECT_EQ(rows->column(0).numbers()[2499], 0.5);
  EXPECT_EQ(rows->column(1).text(0), "1");
  // Only some of the columns.
  const Result<table::Table> one = read_table(**source, std::vector<std::string>{"m"});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->column(0).text(2899), "late");
}

TEST_F(Sqlite, TypesMayBeStated) {
  run("create table t (a, b); insert into t values (1, 'x')");
  ReadOptions options = table_named("t");
  options.types = {{"a", Type::text}};
  EXPECT_EQ(rows_of(options), "a text: 1; b text: x");
  options.types = {{"b", Type::number}};
  EXPECT_THAT(error_of(options), HasSubstr("column 'b' is of type text and cannot be read as number"));
  options.types = {{"bb", Type::text}};
  EXPECT_THAT(error_of(options), HasSubstr("unknown column 'bb'"));
}

TEST_F(Sqlite, WritersWaitUntilTheSourceIsDoneOrAreNotSeen) {
  run("pragma journal_mode = wal; create table t (a); insert into t values (1), (2)");
  auto source = open_source(path_, table_named("t"));
  ASSERT_TRUE(source) << source.error().text();
  run("insert into t values (3)");
  const Result<table::Table> rows = read_table(**source);
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(rows->num_rows(), 2);  // as it was when it was opened
  EXPECT_EQ(rows_of(table_named("t")), "a integer: 1 2 3");
}

TEST_F(Sqlite, AQueryCanOnlyRead) {
  run("create table t (a); insert into t values (1)");
  const std::string other = (folder_->path() / "other.db").string();
  for (const std::string sql : {"delete from t", "select 1) as x; drop table t; --", "insert into t values (2) returning a",
                                "pragma user_version", "select load_extension('x')", "select * from t where a = ?"}) {
    EXPECT_NE(error_of(query(sql)), "") << sql;
  }
  EXPECT_NE(error_of(query("attach '" + other + "' as o")), "");
  EXPECT_FALSE(fs::exists(other));
  EXPECT_EQ(rows_of(table_named("t")), "a integer: 1");
}

TEST_F(Sqlite, ErrorsSayWhatIsThere) {
  run("create table a (x); create table b (x)");
  EXPECT_THAT(error_of({}), HasSubstr("with 2 tables: a, b, expected a query or a table"));
  EXPECT_THAT(error_of(table_named("c")), HasSubstr("no such table: c"));
  EXPECT_THAT(error_of(query("select 1 as x, 2 as x")), HasSubstr("two columns are called 'x'"));
  ReadOptions both = query("select 1");
  both.table = "a";
  EXPECT_THAT(error_of(both), HasSubstr("expected one of them"));
  ReadOptions encoded = query("select 1");
  encoded.encoding = "latin1";
  EXPECT_THAT(error_of(encoded), HasSubstr("an encoding does not go with it"));
  run("insert into a values (x'ff00')");
  EXPECT_THAT(rows_of(table_named("a")), HasSubstr("is not UTF-8"));
  path_ = "sqlite:///nowhere/shop.db";
  EXPECT_THAT(error_of(table_named("a")), HasSubstr("missing file '/nowhere/shop.db'"));
}

TEST_F(Sqlite, TheOriginNamesTheQueryAndHasNoDigest) {
  run("create table t (a); insert into t values (1)");
  auto source = open_source("sqlite://" + path_, query("select a\n from t"));
  ASSERT_TRUE(source) << source.error().text();
  const auto origin = (*source)->origin();
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->path, "sqlite://" + path_);
  EXPECT_EQ(origin->digest, "");
  EXPECT_THAT(origin->note, HasSubstr("the rows of: select a"));
}

}  // namespace
}  // namespace cupel::source
