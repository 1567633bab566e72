#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>

#include "base/files.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"

namespace cupel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

/// Runs the real program in a folder of its own: 400 orders, a suite that is sound for them.
class ProveCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "prove_command");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    std::string csv = "order,price,shop,day\n";
    for (std::uint64_t row = 0; row < 400; ++row) {
      Random random(1, "orders", row);
      csv += fmt::format("{},{:.2f},{},{}\n", row, 10 + 30 * random.uniform(), random.below(3) == 0 ? "North" : "South", row / 100);
    }
    write("orders.csv", csv);
    write("suite.yaml", std::string(k_suite));
  }

  static constexpr std::string_view k_suite =
      "cupel: 1\n"
      "suite: orders   # of the shop\n"
      "expect:\n"
      "  - {nulls: price, equals: 0, because: it is billed}\n"
      "  - values: price\n"
      "    between: [5, 50]\n"
      "    because: the price list\n"
      "  - {duplicates: order, equals: 0, because: a key}\n";

  fs::path path(std::string_view name) const { return folder_->path() / name; }
  void write(std::string_view name, std::string_view bytes) { ASSERT_TRUE(write_file(path(name), bytes)); }
  std::string text(std::string_view name) const { return read_file(path(name)).value_or("(missing)"); }

  Ran run(const std::string& words) {
    const std::string command = fmt::format("cd '{}' && {{ '{}/bin/cupel' {}; }} 2>stderr.txt", folder_->path().string(), CUPEL_BINARY_DIR, words);
    Ran ran;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return ran;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, got);
    const int status = ::pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ran.err = text("stderr.txt");
    return ran;
  }
  Ran prove(const std::string& words) { return run("prove suite.yaml --baseline orders.csv --batches 40 --repetitions 3 " + words); }

 private:
  std::optional<ScratchFolder> folder_;
};

TEST_F(ProveCommand, SaysFalseAlarmsScoreAndSurvivors) {
  const Ran ran = prove("--faults units,nulls_mcar");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("40 batches of 40 rows, dealt at random from 400"));
  EXPECT_THAT(ran.out, HasSubstr("0 of 40 clean batches"));
  EXPECT_THAT(ran.out, HasSubstr("units of order"));
  EXPECT_THAT(ran.out, HasSubstr("killed by P"));
  EXPECT_THAT(ran.out, HasSubstr("catches nulls in"));
}

TEST_F(ProveCommand, WritesTheSameJsonForTheSameSeedAndAPageWithoutRequests) {
  ASSERT_EQ(prove("--faults units --json a.json --report a.html -q --threads 1").status, 0);
  ASSERT_EQ(prove("--faults units --json b.json -q --threads 3").status, 0);
  auto a = read_json(path("a.json"));
  auto b = read_json(path("b.json"));
  ASSERT_TRUE(a && b);
  (*a)["seconds"] = (*b)["seconds"] = 0;
  EXPECT_EQ(a->dump(), b->dump());
  EXPECT_EQ((*a)["kind"], "proof");
  EXPECT_EQ((*a)["false_alarms"]["batches"], 40);
  const std::string page = text("a.html");
  EXPECT_THAT(page, HasSubstr("class=\"heat\""));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
}

TEST_F(ProveCommand, ReportMakesThePageOfAProofThatWasKept) {
  ASSERT_EQ(prove("--faults units --json proof.json --report a.html -q").status, 0);
  const Ran report = run("report proof.json -o b.html");
  EXPECT_EQ(report.status, 0) << report.err;
  EXPECT_EQ(text("a.html"), text("b.html"));
  const Ran two = run("report proof.json last -o c.html");
  EXPECT_EQ(two.status, 2);
  EXPECT_THAT(two.err, HasSubstr("'proof.json' is the proof of a suite among 1 others, expected alone"));
  EXPECT_EQ(text("c.html"), "(missing)");
}

TEST_F(ProveCommand, BatchesAreThoseThatTheSuiteWasDerivedForAndTheWholeMayBeLarger) {
  write("suite.yaml", "cupel: 1\nexpect:\n  - {rows: table, between: [90, 110], because: a day, derived: {batch_rows: 100}}\n");
  const Ran ran = prove("--faults truncated_load");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("40 batches of 100 rows"));
  EXPECT_THAT(ran.out, Not(HasSubstr("On its own baseline")));
  EXPECT_THAT(ran.out, HasSubstr("holds in every batch, though not in the whole baseline"));
  EXPECT_THAT(prove("--faults truncated_load --batch-rows 50").out, HasSubstr("On its own baseline the suite does not pass"));
}

TEST_F(ProveCommand, AnInterruptEndsAtOnceAndLeavesNothingBehind) {
  const Ran ran = run("prove suite.yaml --baseline orders.csv --batches 100000 --json proof.json --report proof.html & pid=$!; sleep 0.5; kill -TERM $pid; wait $pid");
  EXPECT_EQ(ran.status, 143);
  EXPECT_EQ(text("proof.json"), "(missing)");
  EXPECT_EQ(text("proof.html"), "(missing)");
  EXPECT_EQ(text("suite.yaml"), std::string(k_suite));
}

TEST_F(ProveCommand, IsAGate) {
  const Ran poor = prove("--faults units,typo --minimum-score 99% -q");
  EXPECT_EQ(poor.status, 1);
  EXPECT_THAT(poor.err, HasSubstr("expected at least 99.00 %"));
  EXPECT_EQ(prove("--faults nulls_mcar --minimum-score 10% -q").status, 0);
  write("suite.yaml", "cupel: 1\nexpect:\n  - {mean: price, between: [24.9, 25.1], because: too narrow}\n");
  const Ran loud = prove("--faults units --maximum-false-alarms 2%");
  EXPECT_EQ(loud.status, 1);
  EXPECT_THAT(loud.err, HasSubstr("expected at most 2.00 %"));
  EXPECT_THAT(loud.out, HasSubstr("Alarm too often"));
  EXPECT_THAT(loud.out, HasSubstr("'between: ["));
}

TEST_F(ProveCommand, WritesBackInPlaceAndCheckShowsIt) {
  ASSERT_EQ(prove("--faults units --write-back --date 2026-11-24 -q").status, 0);
  const std::string once = text("suite.yaml");
  EXPECT_THAT(once, HasSubstr("suite: orders   # of the shop\n"));
  EXPECT_THAT(once, HasSubstr("    because: the price list\n    derived: {false_alarm_rate: 0, "));
  ASSERT_EQ(prove("--faults units --write-back --date 2026-11-24 -q").status, 0);
  EXPECT_EQ(text("suite.yaml"), once);
  const Ran check = run("check suite.yaml --data orders.csv");
  EXPECT_EQ(check.status, 0) << check.err;
  EXPECT_THAT(check.out, HasSubstr("proved   false alarms on 0.00 % of clean batches of 40 rows; catches nulls in"));
}

TEST_F(ProveCommand, NamesFirstWhatFailsOnItsOwnBaseline) {
  write("suite.yaml", "cupel: 1\nexpect:\n  - {nulls: price, equals: 0, because: x}\n  - {values: price, at_most: 11, because: wrong}\n  - {values: prise, at_most: 11, because: wrong}\n");
  const Ran ran = prove("--faults units");
  EXPECT_EQ(ran.status, 2);
  EXPECT_LT(ran.out.find("On its own baseline the suite does not pass"), ran.out.find("false alarms"));
  EXPECT_THAT(ran.out, HasSubstr("values(price)"));
  EXPECT_THAT(ran.err, HasSubstr("unknown column 'prise' (nearest: 'price')"));
  write("suite.yaml", "cupel: 1\nexpect:\n  - {values: price, at_most: 11, because: wrong}\n");
  EXPECT_EQ(prove("--faults units -q").status, 1);
}

TEST_F(ProveCommand, RefusesWithTheReasonAndWritesNothing) {
  const std::pair<std::string, std::string> refused[] = {
      {"--faults unitz", "unknown fault 'unitz' (nearest: 'units')"},
      {"--faults ,", "no fault is named"},
      {"--batch-rows 500", "the baseline has 400 rows, fewer than the 500 of a batch"},
      {"--batch-rows 300", "expected at least two batches of 300"},
      {"--batches-by shopp", "unknown column 'shopp' (nearest: 'shop')"},
      {"--minimum-score 120%", "expected a share such as 80%"},
      {"--write-back --date today --faults sign", "expected YYYY-MM-DD"},
      {"--where 'price > 1000'", "has no rows"},
  };
  for (const auto& [words, message] : refused) {
    const Ran ran = prove(words + " --json out.json --report out.html -q");
    EXPECT_EQ(ran.status, 2) << words;
    EXPECT_THAT(ran.err, HasSubstr(message)) << words;
    EXPECT_EQ(text("suite.yaml"), k_suite) << words;
    EXPECT_FALSE(fs::exists(path("out.json")) || fs::exists(path("out.html"))) << words;
  }
  EXPECT_EQ(run("prove suite.yaml").status, 2);
  EXPECT_EQ(run("prove missing.yaml --baseline orders.csv").status, 2);
}

TEST_F(ProveCommand, TakesRealBatches) {
  const Ran ran = prove("--batches-by day --faults units");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("4 batches by day, of 100 rows (median), from 400"));
}

}  // namespace
}  // namespace cupel
