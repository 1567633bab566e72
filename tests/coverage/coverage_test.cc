// Runs every entry of docs/coverage.md: it must be accepted, planned and judged, whatever the verdict but error. A line without an entry must
// say why.

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "source/read.h"

namespace cupel {
namespace {

struct Row {
  std::string theirs;
  std::string ours;
  std::string note;
};

/// The cells of `| a | b | c |`; `\|` is a bar within a cell.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cells.back() += line[++i];
    } else if (line[i] == '|') {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  cells.pop_back();
  for (std::string& cell : cells) cell = std::string(trim(cell));
  return cells;
}

std::vector<Row> rows_of_page() {
  const auto page = read_file(fs::path(CUPEL_SOURCE_DIR) / "docs" / "coverage.md");
  EXPECT_TRUE(page) << page.error().text();
  std::vector<Row> rows;
  for (const std::string_view line : split(*page, '\n')) {
    if (!line.starts_with("| ") || line.starts_with("| theirs |")) continue;
    const std::vector<std::string> cells = cells_of(line);
    EXPECT_EQ(cells.size(), 3u) << line;
    if (cells.size() == 3) rows.push_back({cells[0], cells[1], cells[2]});
  }
  return rows;
}

/// What stands between backquotes.
std::vector<std::string> entries_of(const std::string& cell) {
  std::vector<std::string> entries;
  for (std::size_t at = cell.find('`'); at != std::string::npos;) {
    const std::size_t end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    entries.push_back(cell.substr(at + 1, end - at - 1));
    at = cell.find('`', end + 1);
  }
  return entries;
}

constexpr const char* k_data = R"(id,age,height,country,currency,checkin,checkout,review,rating,a,b,total,label,email
1,34,1.71,FR,EUR,2026-11-10,2026-11-12,fits well,5,30,70,100,1,ann@example.org
2,51,1.8,DE,EUR,2026-11-11,2026-11-12,poor seams,2,40,60,100,0,ben@example.org
3,28,1.65,US,USD,2026-11-11,2026-11-15,,1,50,50,100,0,cid@example.com
4,47,1.77,FR,EUR,2026-11-12,2026-11-13,42,4,10,90,100,1,dee@example.org
5,33,1.69,US,USD,2026-11-13,2026-11-16,n/a,3,20,80,100,1,eva@example.org
6,60,1.9,DE,EUR,2026-11-14,2026-11-15,lovely,5,25,75,100,1,fay@example.org
7,,1.58,FR,EUR,2026-11-15,2026-11-17,too small,2,35,65,100,0,gus@example.com
8,25,1.74,US,USD,2026-11-16,2026-11-18,good,4,45,55,100,1,hal@example.org
9,39,1.82,DE,EUR,2026-11-17,2026-11-19,color faded,1,55,45,100,0,ida@example.org
10,44,1.61,FR,EUR,2026-11-18,2026-11-20,nice,4,65,35,100,1,jon@example.com
11,36,1.75,US,USD,2026-11-19,2026-11-20,returned it,2,15,85,100,0,kim@example.org
12,29,1.68,FR,EUR,2026-11-20,2026-11-22,wonderful,5,75,25,100,1,lea@example.org
)";

constexpr const char* k_reference = R"(id,age,height,country,currency,checkin,checkout,review,rating,a,b,total,label,email
101,31,1.7,FR,EUR,2026-10-10,2026-10-12,fine,5,33,67,100,1,max@example.org
102,55,1.81,DE,EUR,2026-10-11,2026-10-12,poor,2,44,56,100,0,ned@example.org
103,22,1.66,US,USD,2026-10-11,2026-10-15,meh,1,52,48,100,0,ole@example.com
104,41,1.76,FR,EUR,2026-10-12,2026-10-13,good,4,12,88,100,1,pam@example.org
105,37,1.62,US,USD,2026-10-13,2026-10-16,fits,3,21,79,100,1,quy@example.org
106,62,1.88,DE,EUR,2026-10-14,2026-10-15,soft,5,29,71,100,0,rex@example.org
107,48,1.59,FR,EUR,2026-10-15,2026-10-17,small,2,31,69,100,0,sam@example.com
108,27,1.72,US,USD,2026-10-16,2026-10-18,warm,4,47,53,100,1,tea@example.org
)";

class Coverage : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "coverage");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    ASSERT_TRUE(write_file(folder_->path() / "data.csv", k_data));
    ASSERT_TRUE(write_file(folder_->path() / "reference.csv", k_reference));
    ASSERT_TRUE(write_file(folder_->path() / "other.csv", k_data));
  }

  Result<suite::Outcome> judge(const std::string& entry) {
    suite::LoadOptions load = expectations::data_subjects();
    load.reasons_required = false;
    const std::string text = "cupel: 1\nsuite: coverage\nexpect:\n  - " + entry + "\n";
    ASSIGN_OR_RETURN(const suite::Suite suite, suite::parse_suite(text, (folder_->path() / "suite.yaml").string(), load));
    ASSIGN_OR_RETURN(const auto data, source::open_source((folder_->path() / "data.csv").string()));
    ASSIGN_OR_RETURN(const auto reference, source::open_source((folder_->path() / "reference.csv").string()));
    expectations::RunOptions run;
    run.open_table = [this](const yaml::Node& block) { return source::open_source((folder_->path() / block.find("path")->scalar).string()); };
    ASSIGN_OR_RETURN(expectations::Judged judged, expectations::judge_all(suite.expectations, *data, reference.get(), run));
    return std::move(judged.outcomes.front());
  }

  std::optional<ScratchFolder> folder_;
};

TEST_F(Coverage, EveryEntryIsJudgedAndEveryGapSaysWhy) {
  const std::vector<Row> rows = rows_of_page();
  EXPECT_GT(rows.size(), 330u);
  for (const Row& row : rows) {
    SCOPED_TRACE(row.theirs);
    const std::vector<std::string> entries = entries_of(row.ours);
    if (entries.empty()) {
      EXPECT_EQ(row.ours, "—");
      EXPECT_GE(row.note.size(), 5u) << "a gap without a reason";
    }
    for (const std::string& entry : entries) {
      const auto outcome = judge(entry);
      if (!outcome) {
        ADD_FAILURE() << entry << " is refused: " << outcome.error().text();
      } else {
        EXPECT_NE(outcome->verdict, suite::Verdict::error) << entry << ": " << outcome->message;
        if (entry.find("other.csv") != std::string::npos) {
          EXPECT_EQ(outcome->verdict, suite::Verdict::pass) << entry << ": the same rows: " << outcome->message;
        }
      }
    }
  }
}

}  // namespace
}  // namespace cupel
