#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

namespace cupel {
namespace {

using ::testing::HasSubstr;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs the real program in a folder of its own.
class CheckCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "check_command");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    write("data.csv", "Name,Age,Team\nAnn,31,red\nBob,,blue\nCem,17,red\nDee,45,\n");
    write("ok.yaml", "cupel: 1\nexpect:\n  - {nulls: Name, equals: 0, because: a name is needed}\n");
  }

  fs::path path(std::string_view name) const { return folder_->path() / name; }
  void write(std::string_view name, std::string_view bytes) { ASSERT_TRUE(write_file(path(name), bytes)); }
  void suite(std::string_view entries) { write("suite.yaml", "cupel: 1\nsuite: people\nexpect:\n" + std::string(entries)); }

  Ran check(const std::string& words) {
    const std::string command = fmt::format("cd '{}' && exec '{}/bin/cupel' check {} 2>stderr.txt", folder_->path().string(), CUPEL_BINARY_DIR, words);
    Ran ran;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return ran;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, got);
    const int status = ::pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.err = read_file(path("stderr.txt")).value_or("");
    return ran;
  }

  /// Exit status 2, this message on stderr, and no file but those that were there.
  void expect_refused(const std::string& words, std::string_view message) {
    const Ran ran = check(words);
    EXPECT_EQ(ran.status, 2) << words;
    EXPECT_THAT(ran.err, HasSubstr(message)) << words;
    for (const auto& entry : fs::directory_iterator(folder_->path())) {
      const std::string name = entry.path().filename().string();
      EXPECT_FALSE(name.starts_with("out") || name.find("XXXX") != std::string::npos || name.starts_with(".")) << name << " was left behind";
    }
  }

 private:
  std::optional<ScratchFolder> folder_;
};

TEST_F(CheckCommand, PassesAndSaysSo) {
  const Ran ran = check("ok.yaml --data data.csv");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("nulls(Name)  0 of 4 rows null (0.00 %), expected exactly 0"));
  EXPECT_THAT(ran.out, HasSubstr("1 passed in"));
}

TEST_F(CheckCommand, FailsWithTheReasonAndTheRows) {
  suite("  - {values: Age, between: [18, 99], because: only adults may enter}\n");
  const Ran ran = check("suite.yaml --data data.csv");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("because  only adults may enter"));
  EXPECT_THAT(ran.out, HasSubstr("rows     2 '17'"));
}

TEST_F(CheckCommand, WarningsFailOnlyUnderStrict) {
  suite("  - {nulls: Age, equals: 0, severity: warn, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data data.csv").status, 0);
  EXPECT_EQ(check("suite.yaml --data data.csv --strict").status, 1);
}

TEST_F(CheckCommand, WritesOneJsonThatDoesNotDependOnThreads) {
  suite("  - {values: Age, between: [18, 99], because: x}\n  - {distribution: Team, like: {red: 60%, blue: 40%}, because: y}\n");
  const auto json_of = [&](const char* threads) {
    auto json = parse_json(check(fmt::format("suite.yaml --data data.csv --json - --threads {}", threads)).out, "out").value();
    json.erase("started");
    json.erase("seconds");
    return json.dump();
  };
  const std::string one = json_of("1");
  EXPECT_EQ(one, json_of("2"));
  EXPECT_THAT(one, HasSubstr(R"("counts":{"pass":0,"fail":1,"inconclusive":1,"error":0})"));
  EXPECT_THAT(one, HasSubstr(R"("unexpected":{"count":1,"share":0.3333333333333333,"examples":[{"row":2,"value":"17"}]})"));
  EXPECT_THAT(one, HasSubstr("\"digest\":\"sha256:"));
}

TEST_F(CheckCommand, WritesAllFailingRowsWithTheIdsThatTheyBreak) {
  suite("  - {id: adults, values: Age, at_least: 18, because: x}\n  - {id: aged, nulls: Age, equals: 0, because: x}\n  - {id: teamed, nulls: Team, equals: 0, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data data.csv --rows rows.csv").status, 1);
  EXPECT_EQ(read_file(path("rows.csv")).value(), "row,ids,Name,Age,Team\n1,aged,Bob,,blue\n2,adults,Cem,17,red\n3,teamed,Dee,45,\n");
}

TEST_F(CheckCommand, WritesCleanAndFailingRowsApartAsTheyStandInTheData) {
  write("odd.csv", "Id,Note,Price\n007,\"a, b\",1.50\n8,NA,NA\n9,\"say \"\"x\"\"\",-3\n10,,2e0\n11,\"two\nlines\",5\n");
  suite("  - {values: Price, at_least: 0, because: x}\n  - {nulls: Note, equals: 0, because: x}\n");
  const Ran ran = check("suite.yaml --data odd.csv --null NA --null '' --split clean.csv failing.csv");
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_EQ(read_file(path("clean.csv")).value(), "Id,Note,Price\n007,\"a, b\",1.50\n11,\"two\nlines\",5\n");
  EXPECT_EQ(read_file(path("failing.csv")).value(), "Id,Note,Price\n8,NA,NA\n9,\"say \"\"x\"\"\",-3\n10,,2e0\n");
  EXPECT_THAT(ran.err, HasSubstr("2 clean rows in clean.csv, 3 failing rows in failing.csv"));
}

TEST_F(CheckCommand, SplitsEveryRowOnceWhateverTheThreadsAndKeepsTheTypesInParquet) {
  std::string rows = "Id,Value,Flag\n";
  for (int i = 0; i < 60000; ++i) rows += fmt::format("{},{},{}\n", i, i % 7 == 0 ? "" : fmt::format("{}.5", i % 100), i % 2 == 0 ? "true" : "false");
  rows += "60000,3,true\n";
  write("many.csv", rows);
  suite("  - {values: Value, between: [0, 90], because: x}\n  - {nulls: Value, equals: 0, because: x}\n  - {duplicates: Id, equals: 0, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data many.csv --threads 1 --split clean.csv failing.csv").status, 1);
  const std::string clean = read_file(path("clean.csv")).value();
  const std::string failing = read_file(path("failing.csv")).value();
  EXPECT_EQ(std::count(clean.begin(), clean.end(), '\n') + std::count(failing.begin(), failing.end(), '\n'), 60001 + 2);
  EXPECT_EQ(check("suite.yaml --data many.csv --threads 3 --split clean2.csv failing2.csv").status, 1);
  EXPECT_EQ(read_file(path("clean2.csv")).value(), clean);
  EXPECT_EQ(read_file(path("failing2.csv")).value(), failing);
  // Through Parquet and back: the same verdicts on the parts, and the types of the source.
  EXPECT_EQ(check("suite.yaml --data many.csv --split clean.parquet failing.parquet").status, 1);
  EXPECT_EQ(check("suite.yaml --data clean.parquet").status, 0);
  write("types.yaml", "cupel: 1\nexpect:\n  - {type: Value, equals: number, because: x}\n  - {type: Flag, equals: boolean, because: x}\n  - {type: Id, equals: integer, because: x}\n");
  EXPECT_EQ(check("types.yaml --data clean.parquet").status, 0);
  EXPECT_EQ(check("suite.yaml --data clean.csv").status, 0);
  const std::string failed = check("suite.yaml --data failing.parquet --split none.csv all.csv").err;
  EXPECT_THAT(failed, HasSubstr("0 clean rows in none.csv"));
  EXPECT_EQ(read_file(path("none.csv")).value(), "Id,Value,Flag\n");
  EXPECT_EQ(check("types.yaml --data failing.parquet").status, 0);
}

TEST_F(CheckCommand, WritesOnlyTheRowsThatItWasAbout) {
  suite("  - {values: Age, at_least: 18, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data data.csv --where \"Team = 'red'\" --split clean.csv failing.csv").status, 1);
  EXPECT_EQ(read_file(path("clean.csv")).value(), "Name,Age,Team\nAnn,31,red\n");
  EXPECT_EQ(read_file(path("failing.csv")).value(), "Name,Age,Team\nCem,17,red\n");
  expect_refused("suite.yaml --data data.csv --split out.csv out.csv", "'out.csv' is named for two kinds of rows");
  expect_refused("suite.yaml --data data.csv --split data.csv out.csv", "'data.csv' is the data itself");
}

TEST_F(CheckCommand, NamesRowsByTheirKey) {
  write("twice.csv", "Name,Age,Team\nAnn,31,red\nBob,,blue\nCem,17,red\nAnn,45,\n");
  suite("  - {values: Age, at_least: 18, because: x}\n  - {duplicates: [Name], equals: 0, because: x}\n");
  const Ran ran = check("suite.yaml --data twice.csv --key Name --key Team --rows rows.csv --json result.json");
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("rows     2 (Name Cem, Team red) '17'"));
  EXPECT_THAT(ran.out, HasSubstr("rows     3 (Name Ann) 'Ann'"));
  EXPECT_EQ(read_file(path("rows.csv")).value(), "row,ids,Name,Team,Age\n2,values(Age),Cem,red,17\n3,duplicates(Name),Ann,,45\n");
  const Json json = parse_json(read_file(path("result.json")).value(), "result").value();
  EXPECT_EQ(json["results"][0]["unexpected"]["examples"].dump(), R"([{"row":2,"value":"17","key":{"Name":"Cem","Team":"red"}}])");
  EXPECT_EQ(json["results"][1]["unexpected"]["examples"].dump(), R"([{"row":3,"value":"Ann","key":{"Name":"Ann"}}])");
  write("keyed.yaml", "cupel: 1\nkey: [Name]\nexpect:\n  - {values: Age, at_least: 18, because: x}\n");
  EXPECT_THAT(check("keyed.yaml --data twice.csv").out, HasSubstr("rows     2 (Name Cem) '17'"));
  expect_refused("suite.yaml --data twice.csv --key Nam", "unknown column 'Nam' (nearest: 'Name')");
}

TEST_F(CheckCommand, JudgesASampleAndSaysSoEverywhere) {
  std::string rows = "Id,Half\n";
  for (int i = 0; i < 20000; ++i) rows += fmt::format("{},{}\n", i, i % 2);
  write("many.csv", rows);
  suite("  - {id: half, share: Half, of: 1, between: [45%, 55%], because: x}\n  - {id: low, values: Id, less_than: 19000, because: x}\n");
  const auto json_of = [&](const std::string& words) {
    auto json = parse_json(check("suite.yaml --data many.csv --json - " + words).out, "out").value();
    json.erase("started");
    json.erase("seconds");
    return json;
  };
  const Json sampled = json_of("--sample 2000 --threads 1");
  EXPECT_EQ(sampled, json_of("--sample 2000 --threads 3"));
  EXPECT_EQ(sampled, json_of("--sample 10%"));
  EXPECT_EQ(sampled["sample"].dump(), R"({"rows":2000,"of_rows":20000,"seed":1})");
  EXPECT_EQ(sampled["results"][0]["rows_tested"], 2000);
  EXPECT_THAT(sampled["results"][0]["message"].get<std::string>(), HasSubstr("; of a sample of 2,000 rows"));
  // Rows keep their number: everything unexpected is a row from 19,000 on.
  EXPECT_GT(sampled["results"][1]["unexpected"]["count"], 50);
  EXPECT_LT(sampled["results"][1]["unexpected"]["count"], 150);
  for (const Json& example : sampled["results"][1]["unexpected"]["examples"]) EXPECT_EQ(example["row"].dump(), example["value"].get<std::string>());
  EXPECT_NE(sampled["results"][1], json_of("--sample 2000 --seed 2")["results"][1]);
  EXPECT_EQ(json_of("--sample 50000")["results"][0]["rows_tested"], 20000);
  const Ran ran = check("suite.yaml --data many.csv --sample 2000 --split clean.csv failing.csv");
  EXPECT_THAT(ran.out, HasSubstr("sampled: 2,000 of 20,000 rows (seed 1); every verdict is about these rows alone"));
  const std::string clean = read_file(path("clean.csv")).value();
  const std::string failing = read_file(path("failing.csv")).value();
  EXPECT_EQ(std::count(clean.begin(), clean.end(), '\n') + std::count(failing.begin(), failing.end(), '\n'), 2000 + 2);
  expect_refused("suite.yaml --data many.csv --sample 0", "sample '0', expected a number of rows such as 10000, or a share");
}

TEST_F(CheckCommand, GivesOneResultForEachGroup) {
  std::string rows = "Shop,Price\n";
  for (int i = 0; i < 1000; ++i) rows += fmt::format("{},{}\n", i % 100 == 99 ? "" : fmt::format("s{:02}", i % 50), i % 50 == 7 ? -1 : i);
  rows += "tiny,1\n";
  write("shops.csv", rows);
  suite("  - {values: Price, at_least: 0, because: x}\nby: {columns: Shop, min_rows: 5}\n");
  const Ran ran = check("suite.yaml --data shops.csv --json result.json --junit junit.xml");
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("values(Price) [Shop = s07]"));
  EXPECT_THAT(ran.out, HasSubstr("✓ pass  values(Price)  50 of 51 groups by Shop"));
  EXPECT_THAT(ran.out, HasSubstr("values(Price): 1 of 52 groups by 'Shop' have fewer than 5 rows and were not judged (1 rows)"));
  EXPECT_LT(std::count(ran.out.begin(), ran.out.end(), '\n'), 15);
  const Json json = parse_json(read_file(path("result.json")).value(), "result").value();
  ASSERT_EQ(json["results"].size(), 51U);
  std::int64_t tested = 0;
  for (const Json& result : json["results"]) tested += result["rows_tested"].get<std::int64_t>();
  EXPECT_EQ(tested, 1000);  // every row but the one of the small group, each once
  EXPECT_EQ(json["results"][7]["id"], "values(Price) [Shop = s07]");
  EXPECT_EQ(json["results"][7]["group"].dump(), R"({"Shop":"s07"})");
  EXPECT_EQ(json["results"][7]["group_of"], "values(Price)");
  EXPECT_EQ(json["results"][50]["group"].dump(), R"({"Shop":null})");
  EXPECT_THAT(read_file(path("junit.xml")).value(), HasSubstr("<testcase classname=\"people.values(Price)\" name=\"Shop = s07\">"));
  suite("  - {values: Price, at_least: 0, by: Price, because: x}\n");
  expect_refused("suite.yaml --data shops.csv", "more than 100 groups by 'Price' (raise 'max_groups', or group by a column with fewer values)");
  suite("  - {values: Price, at_least: 0, by: {columns: Shop, least: 3}, because: x}\n");
  expect_refused("suite.yaml --data shops.csv", "unknown key 'least' of 'by'");
}

TEST_F(CheckCommand, LooksIntoOtherTablesFromTheFolderOfTheSuite) {
  fs::create_directory(path("suites"));
  write("suites/teams.csv", "team;head\nred;Zoe\n");
  write("suites/known.yaml", "cupel: 1\nexpect:\n  - {id: known, exists_in: Team, other: {table: teams.csv, key: team, delimiter: ';'}, because: x}\n"
                             "  - {id: env, rows: table, at_least: {table: \"${TEAMS}\", delimiter: ';'}, because: x}\n"
                             "  - {id: gone, exists_in: Team, other: {table: gone.csv}, because: x}\n"
                             "  - {id: named, nulls: Name, equals: 0, because: x}\n");
  ::setenv("TEAMS", path("suites/teams.csv").c_str(), 1);
  const Ran ran = check("suites/known.yaml --data data.csv --rows rows.csv");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, HasSubstr("known  1 of 3 tested rows unexpected (33.33 %), first in row 1: 'blue'; expected a key of\n          'teams.csv'"));
  EXPECT_THAT(ran.out, HasSubstr("env  4 rows, expected at least 1 (rows in '${TEAMS}')"));
  EXPECT_THAT(ran.err, HasSubstr("cupel: gone: missing file 'suites/gone.csv'"));
  EXPECT_THAT(ran.out, HasSubstr("2 passed, 1 failed, 1 could not be evaluated"));
  EXPECT_EQ(read_file(path("rows.csv")).value(), "row,ids,Name,Age,Team\n1,known,Bob,,blue\n");
  suite("  - {exists_in: Team, other: {table: data.csv, nul: [x]}, because: x}\n");
  EXPECT_THAT(check("suite.yaml --data data.csv").err, HasSubstr("unknown key 'nul'"));
}

TEST_F(CheckCommand, SaysHowManyRowsTheReferenceHas) {
  write("reference.csv", "Age\n30\n32\n");
  suite("  - {mean: Age, equals: {reference: mean, within: 1}, because: x}\n");
  const Ran ran = check("suite.yaml --data data.csv --reference reference.csv --json -");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(parse_json(ran.out, "out").value()["reference"]["rows"], 2);
}

TEST_F(CheckCommand, WritesJUnit) {
  suite("  - {values: Name, match: '^<', because: a & b}\n");
  EXPECT_EQ(check("suite.yaml --data data.csv --junit out.xml").status, 1);
  const std::string xml = read_file(path("out.xml")).value();
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"people\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(xml, HasSubstr("expected matching ^&lt;\">because a &amp; b</failure>"));
}

TEST_F(CheckCommand, ReadsStandardInput) { EXPECT_EQ(check("ok.yaml --data - < data.csv").status, 0); }

TEST_F(CheckCommand, KeepsToTheRowsOfWhere) {
  suite("  - {values: Age, at_least: 18, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data data.csv --where \"Team = 'blue' or Age > 18\"").status, 0);
}

TEST_F(CheckCommand, RefusesFilesThatAreNotThereOrHoldNothing) {
  expect_refused("ok.yaml --data gone.csv", "missing file 'gone.csv'");
  expect_refused("gone.yaml --data data.csv", "missing file 'gone.yaml'");
  expect_refused("ok.yaml --data gone-*.csv", "no file matches 'gone-*.csv'");
  write("empty.csv", "");
  expect_refused("ok.yaml --data empty.csv", "'empty.csv' is empty, expected a header line");
  expect_refused("ok.yaml", "no data (give --data");
}

TEST_F(CheckCommand, NeverPassesATableWithoutRows) {
  write("header.csv", "Name,Age,Team\n");
  expect_refused("ok.yaml --data header.csv", "nulls(Name): 0 rows, nothing to test");
}

TEST_F(CheckCommand, FindsARaggedRowAlsoWhereOtherColumnsAreUsed) {
  write("ragged.csv", "Name,Age,Team\nAnn,31,red\nBob,20\n");
  expect_refused("ok.yaml --data ragged.csv", "ragged.csv:3: the row has 2 fields, expected 3");
}

TEST_F(CheckCommand, NamesBytesThatAreNotUtf8AndReadsThemAsToldOtherwise) {
  write("latin.csv", "Name,Age,Team\nAnn,31,red\nJos\xE9,20,red\n");
  const Ran ran = check("ok.yaml --data latin.csv");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("latin.csv:3:"));
  EXPECT_THAT(ran.err, HasSubstr("UTF-8"));
  EXPECT_THAT(ran.err, HasSubstr("--encoding latin1"));
  EXPECT_EQ(check("ok.yaml --data latin.csv --encoding latin1").status, 0);
}

TEST_F(CheckCommand, GoesOnWithTheOthersWhenOneCannotBeEvaluated) {
  suite("  - {nulls: Agee, equals: 0, because: x}\n  - {mean: Team, at_least: 1, because: x}\n  - {nulls: Name, equals: 0, because: x}\n");
  const Ran ran = check("suite.yaml --data data.csv");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("suite.yaml:4:13: unknown column 'Agee' (nearest: 'Age')"));
  EXPECT_THAT(ran.err, HasSubstr("suite.yaml:5:12: column 'Team' is text, expected numbers"));
  EXPECT_THAT(ran.out, HasSubstr("1 passed, 2 could not be evaluated"));
}

TEST_F(CheckCommand, SaysWhichValueMakesAColumnText) {
  write("typo.csv", "Age\n31\n3O\n17\n");
  suite("  - {mean: Age, at_least: 1, because: x}\n");
  expect_refused("suite.yaml --data typo.csv", "column 'Age' is text, e.g. '3O' in row 1, expected numbers");
}

TEST_F(CheckCommand, RefusesAColumnOfNullsWhereValuesAreNeeded) {
  write("nulls.csv", "A,B\n,1\n,2\n");
  suite("  - {mean: A, at_least: 1, because: x}\n");
  expect_refused("suite.yaml --data nulls.csv", "column 'A' is text, expected numbers");
  suite("  - {values: A, in: [x], because: x}\n");
  expect_refused("suite.yaml --data nulls.csv", "0 present values, nothing to test");
}

TEST_F(CheckCommand, RefusesSuitesThatAreNone) {
  write("bad.yaml", "- 1\n- 2\n");
  expect_refused("bad.yaml --data data.csv", "bad.yaml:1:1: a suite is a list, expected a mapping");
  suite("  - {nulls: A, at_most: 150%, because: x}\n");
  expect_refused("suite.yaml --data data.csv", "suite.yaml:4:25: the limit is '150%', expected a share from 0% to 100%");
  suite("  - {nulls: A, at_mots: 5%, because: x}\n");
  expect_refused("suite.yaml --data data.csv", "unknown predicate or parameter 'at_mots' of 'nulls' (nearest: 'at_most')");
  suite("  - {nulls: A, at_most: 5%}\n");
  expect_refused("suite.yaml --data data.csv", "'nulls' has no reason (say why in 'because', or pass --no-reasons)");
  write("bad.yaml", "cupel: 1\nexpect: []\nexpect: []\n");
  expect_refused("bad.yaml --data data.csv", "bad.yaml:3:1: key 'expect' stands here a second time");
  write("bad.yaml", "a: [" + std::string(1000, '[') + "\n");
  expect_refused("bad.yaml --data data.csv", "bad.yaml:1:");
  write("bad.yaml", std::string(10'000'000, 'a'));
  expect_refused("bad.yaml --data data.csv", "has 10000000 bytes, more than the 4194304 that are read");
}

TEST_F(CheckCommand, SaysWhenAResultCannotBeWritten) {
  expect_refused("ok.yaml --data data.csv --json data.csv/out.json", "cannot write 'data.csv/out.json'");
  suite("  - {nulls: Age, equals: 0, because: x}\n");
  expect_refused("suite.yaml --data data.csv --rows data.csv/out.csv", "data.csv/out.csv");
}

TEST_F(CheckCommand, RefusesUnknownOptionsWithTheNearest) {
  expect_refused("ok.yaml --data data.csv --thraeds 2", "unknown option '--thraeds' (nearest: '--threads')");
  expect_refused("--data data.csv", "suite is required");
}

// A row that cannot be read fails the run; the others are judged.
TEST_F(CheckCommand, BadRowsStopOrAreReported) {
  write("data.csv", "Name,Age\nAnn,31\nBob\nCem,x\nDee,45\n");
  expect_refused("ok.yaml --no-reasons --data data.csv", "data.csv:3: the row has 1 field, expected 2");
  const Ran ran = check("ok.yaml --data data.csv --bad-rows report --type Age=integer --json -");
  EXPECT_EQ(ran.status, 1) << ran.err;
  const Json json = Json::parse(ran.out, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ran.out;
  EXPECT_EQ(json["data"]["rows"], 2);
  const Json& bad = json["extra"]["bad_rows"];
  EXPECT_EQ(bad["count"], 2);
  EXPECT_EQ(bad["rows"][0], (Json{{"line", 3}, {"text", "Bob"}, {"reason", "the row has 1 field, expected 2"}}));
  EXPECT_EQ(bad["rows"][1]["line"], 4);
  const Json& outcome = json["results"].back();
  EXPECT_EQ(outcome["id"], "readable rows");
  EXPECT_EQ(outcome["verdict"], "fail");
  EXPECT_EQ(outcome["unexpected"]["count"], 2);
  write("report.yaml", "cupel: 1\ndata: {path: data.csv, bad_rows: report, nulls: {Age: [x], '*': ['']}}\nexpect:\n  - {nulls: Age, equals: 1, because: one}\n");
  EXPECT_EQ(check("report.yaml").status, 1);
  write("data.csv", "Name,Age\nAnn,31\nCem,x\nDee,45\n");
  const Ran good = check("report.yaml");
  EXPECT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("all 3 rows could be read"));
  expect_refused("ok.yaml --data data.csv --bad-rows drop", "bad rows 'drop', expected stop or report");
}

TEST_F(CheckCommand, ListsUnreadableRowsAmongTheFailingOnes) {
  write("data.csv", "Name,Age,text\nBad\nAnn,31,red\nBob,,blue\nx,\"a\nb\",c,d\nCem,17,red\nDee,zz,red\nEve,16,red\nlast,1\n");
  suite("  - {id: adults, values: Age, at_least: 18, because: x}\n  - {id: aged, nulls: Age, equals: 0, because: x}\n");
  const Ran ran = check("suite.yaml --data data.csv --bad-rows report --type Age=integer --rows rows.csv --split clean.csv failing.csv");
  EXPECT_EQ(ran.status, 1) << ran.err;
  // The data has a column 'text' of its own.
  EXPECT_EQ(read_file(path("rows.csv")).value(),
            "row,ids,line,reason,cupel_text,Name,Age,text\n"
            ",readable rows,2,\"the row has 1 field, expected 3\",Bad,,,\n"
            "1,aged,,,,Bob,,blue\n"
            ",readable rows,5,\"the row has 4 fields, expected 3\",\"x,\"\"a\nb\"\",c,d\",,,\n"
            "2,adults,,,,Cem,17,red\n"
            ",readable rows,8,\"column 'Age' holds 'zz', expected the stated type integer\",\"Dee,zz,red\",,,\n"
            "3,adults,,,,Eve,16,red\n"
            ",readable rows,10,\"the row has 2 fields, expected 3\",\"last,1\",,,\n");
  EXPECT_EQ(read_file(path("clean.csv")).value(), "Name,Age,text\nAnn,31,red\n");
  EXPECT_EQ(read_file(path("failing.csv")).value(), "Name,Age,text\nBob,,blue\nCem,17,red\nEve,16,red\n");
  EXPECT_THAT(ran.err, HasSubstr("4 rows that could not be read are in neither, but in rows.csv"));
  EXPECT_THAT(check("suite.yaml --data data.csv --bad-rows report --type Age=integer --split clean.csv failing.csv").err,
              HasSubstr("4 rows that could not be read are in neither (--rows FILE lists them)"));
}

// More than a result lists, over several chunks, one longer than it shows, and a column whose type widens while the rows are written.
TEST_F(CheckCommand, ListsEveryUnreadableRowWhateverTheThreads) {
  std::string rows = "Id,Value,Late\n";
  for (int i = 0; i < 120000; ++i) rows += i % 10 == 3 ? fmt::format("bad {}\n", i) : fmt::format("{},{},{}\n", i, i % 10, i == 90000 ? "word" : "2");
  rows += std::string(5000, 'y') + "\n";
  write("many.csv", rows);
  suite("  - {values: Value, less_than: 9, because: x}\n");
  EXPECT_EQ(check("suite.yaml --data many.csv --bad-rows report --threads 1 --rows rows.csv").status, 1);
  EXPECT_EQ(check("suite.yaml --data many.csv --bad-rows report --threads 3 --rows rows3.csv").status, 1);
  EXPECT_EQ(check("suite.yaml --data many.csv --bad-rows report --rows rows.parquet").status, 1);
  const std::string listed = read_file(path("rows.csv")).value();
  EXPECT_EQ(listed, read_file(path("rows3.csv")).value());
  EXPECT_EQ(std::count(listed.begin(), listed.end(), '\n'), 1 + 12000 + 12000 + 1);
  EXPECT_THAT(listed, HasSubstr(",bad 119993,,,\n107999,values(Value),,,,119999,9,2\n,readable rows,120002,\"the row has 1 field, expected 3\"," + std::string(5000, 'y') + ",,,\n"));
  write("counts.yaml", "cupel: 1\nexpect:\n  - {rows: table, equals: 24001, because: x}\n  - {nulls: row, equals: 12001, because: x}\n"
                       "  - {values: line, order: strictly_increasing, because: x}\n  - {values: row, order: strictly_increasing, because: x}\n");
  EXPECT_EQ(check("counts.yaml --data rows.csv").status, 0) << check("counts.yaml --data rows.csv").out;
  EXPECT_EQ(check("counts.yaml --data rows.parquet").status, 0) << check("counts.yaml --data rows.parquet").out;
}

}  // namespace
}  // namespace cupel
