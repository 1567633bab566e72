#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <optional>

#include "base/files.h"
#include "base/json.h"
#include "base/process.h"

namespace cupel {
namespace {

using testing::HasSubstr;
using testing::Not;

class SourcesCommand : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "sources_command");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    sqlite3* database = nullptr;
    ASSERT_EQ(::sqlite3_open((folder_->path() / "shop.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(::sqlite3_exec(database, "create table orders (id, price); insert into orders values (1, 2.5), (2, null), (3, 4)", nullptr,
                             nullptr, nullptr),
              SQLITE_OK);
    ::sqlite3_close(database);
    ASSERT_TRUE(write_file(folder_->path() / "orders.csv", "id,price\n1,2\n"));
  }

  /// A suite about the number of rows, with this `data` block.
  void suite(const std::string& data, int rows) {
    ASSERT_TRUE(write_file(folder_->path() / "s.yaml",
                           fmt::format("cupel: 1\n{}\nexpect:\n  - {{rows: table, equals: {}, because: known}}\n", data, rows)));
  }
  CapturedRun check(std::vector<std::string> words) {
    ProcessSpec spec;
    spec.argv = {CUPEL_BINARY_DIR "/bin/cupel", "check", "s.yaml"};
    spec.argv.insert(spec.argv.end(), words.begin(), words.end());
    spec.environment = current_environment();
    set_variable(spec.environment, "CUPEL_CACHE", (folder_->path() / "cache").string());
    set_variable(spec.environment, "SECRET", "s3cret");
    set_variable(spec.environment, "DATA", "sqlite:shop.db");
    spec.folder = folder_->path();
    Result<CapturedRun> ran = run_captured(spec, 60);
    EXPECT_TRUE(ran) << ran.error().text();
    return ran ? std::move(*ran) : CapturedRun{};
  }
  std::optional<ScratchFolder> folder_;
};

TEST_F(SourcesCommand, ASuiteNamesItsQuery) {
  suite("data: {path: shop.db, query: select id from orders where price is not null}", 2);
  const CapturedRun ran = check({"--json", "out.json"});
  EXPECT_EQ(ran.outcome.exit_status, 0) << ran.output << ran.errors;
  const Result<Json> json = read_json(folder_->path() / "out.json");
  ASSERT_TRUE(json);
  EXPECT_FALSE((*json)["data"].contains("digest"));
  EXPECT_THAT((*json)["data"]["note"].get<std::string>(), HasSubstr("select id from orders"));
}

TEST_F(SourcesCommand, TheCommandLineWinsOverTheSuitesQuery) {
  suite("data: {path: shop.db, query: select id from orders where price is not null}", 3);
  EXPECT_EQ(check({"--table", "orders"}).outcome.exit_status, 0);
  suite("data: {path: shop.db, query: select id from orders}", 1);
  EXPECT_EQ(check({"--data", "orders.csv"}).outcome.exit_status, 0);  // the query belongs to the suite's own path
  EXPECT_THAT(check({"--data", "orders.csv", "--query", "select 1"}).errors, HasSubstr("'orders.csv' is no database"));
}

TEST_F(SourcesCommand, AnAddressIsNotMadeOfTheEnvironment) {
  for (const std::string address :
       {"https://example.invalid/?x=${SECRET}", "https://${SECRET}.example.invalid/", "postgresql://u:${SECRET}@h/d"}) {
    suite("data: {path: \"" + address + "\"}", 1);
    const CapturedRun ran = check({});
    EXPECT_EQ(ran.outcome.exit_status, 2);
    EXPECT_THAT(ran.errors, HasSubstr("s.yaml:2:14: an address that takes a part of itself from the environment"));
    EXPECT_THAT(ran.errors, Not(HasSubstr("s3cret")));
  }
  suite("data: {path: \"${DATA}\"}", 3);
  EXPECT_EQ(check({}).outcome.exit_status, 0);
}

TEST_F(SourcesCommand, OfflineAsksNobody) {
  suite("data: {path: \"https://example.invalid/orders.csv\"}", 1);
  const CapturedRun ran = check({"--offline"});
  EXPECT_EQ(ran.outcome.exit_status, 2);
  EXPECT_THAT(ran.errors, HasSubstr("no copy of https://example.invalid/orders.csv is kept"));
}

}  // namespace
}  // namespace cupel
