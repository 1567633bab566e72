// Runs the cases in the manual pages of data subjects and predicates: a table (```csv), expectations (```yaml) and what became of them
// (```text, a line each: "pass: message", with `by` "pass [group]: message"); a table beside the data stands under its name (```csv products.csv). Every case runs again under a sweep of chunk sizes, batch sizes and threads, from memory and from
// Parquet: nothing of that may change a word. CUPEL_UPDATE_CASES=1 rewrites the expected lines.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/fenced_blocks.h"
#include "base/files.h"
#include "base/text.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "source/read.h"
#include "source/write.h"

namespace cupel {
namespace {

Result<std::vector<suite::Outcome>> judge(const std::string& entries, table::BatchSource& data, table::BatchSource* reference, const fs::path& tables,
                                           const table::ScanOptions& scan, std::int64_t state_bytes = states::k_state_bytes) {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  std::string text = "cupel: 1\nsuite: case\nexpect:\n" + entries;
  ASSIGN_OR_RETURN(const suite::Suite suite, suite::parse_suite(text, "case", load));
  expectations::RunOptions run;
  run.scan = scan;
  run.state_bytes = state_bytes;
  run.open_table = [&tables](const yaml::Node& block) -> Result<std::unique_ptr<table::BatchSource>> {
    ASSIGN_OR_RETURN(auto opened, source::open_source((tables / block.find("path")->scalar).string()));
    const yaml::Node* where = block.find("where");
    if (where == nullptr) return opened;
    ASSIGN_OR_RETURN(table::Expression filter, table::Expression::parse(where->scalar, where->place()));
    return source::open_filtered(std::move(opened), std::move(filter));
  };
  ASSIGN_OR_RETURN(expectations::Judged judged, expectations::judge_all(suite.expectations, data, reference, run));
  return std::move(judged.outcomes);
}

std::string lines_of(const Result<std::vector<suite::Outcome>>& outcomes) {
  if (!outcomes) return "refused: " + outcomes.error().message + "\n";
  std::string lines;
  for (const suite::Outcome& outcome : *outcomes) {
    const std::string group = outcome.group_name.empty() ? "" : " [" + outcome.group_name + "]";
    lines += fmt::format("{}{}: {}\n", suite::verdict_name(outcome.verdict), group, outcome.message);
  }
  return lines;
}

/// The table of a case in all the forms that a source has.
struct Forms {
  ScratchFolder folder;
  std::string csv;
  std::string parquet;

  static Result<Forms> make(const std::string& text, const fs::path& parent) {
    ASSIGN_OR_RETURN(ScratchFolder folder, ScratchFolder::make(parent, "cases"));
    Forms forms{std::move(folder), {}, {}};
    forms.csv = (forms.folder.path() / "case.csv").string();
    forms.parquet = (forms.folder.path() / "case.parquet").string();
    TRY(write_file(forms.csv, text));
    ASSIGN_OR_RETURN(const table::Table table, source::read_table(forms.csv));
    TRY(source::write_table(forms.parquet, table));
    return forms;
  }
};

class PageCases : public ::testing::TestWithParam<std::string> {};

TEST_P(PageCases, HoldUnderEverySweep) {
  const fs::path path = GetParam();
  auto page = read_file(path);
  ASSERT_TRUE(page) << page.error().text();
  const bool update = std::getenv("CUPEL_UPDATE_CASES") != nullptr;
  const fs::path scratch = fs::temp_directory_path();
  std::optional<Forms> data;
  std::optional<Forms> reference;
  auto tables = ScratchFolder::make(scratch, "cases_tables");
  ASSERT_TRUE(tables) << tables.error().text();
  std::string entries;
  std::vector<std::pair<FencedBlock, std::string>> found;
  for (const FencedBlock& block : fenced_blocks(*page)) {
    if (block.language == "csv" || block.language == "csv reference") {
      auto forms = Forms::make(block.text, scratch);
      ASSERT_TRUE(forms) << forms.error().text();
      (block.language == "csv" ? data : reference).emplace(std::move(*forms));
    } else if (block.language.starts_with("csv ")) {
      ASSERT_TRUE(write_file(tables->path() / block.language.substr(4), block.text));
    } else if (block.language == "yaml") {
      entries = block.text;
    } else if (block.language == "text") {
      ASSERT_TRUE(data) << "a case without a table";
      const auto run = [&](const std::string& file, const table::ScanOptions& scan) {
        auto source = source::open_source(file);
        EXPECT_TRUE(source) << source.error().text();
        auto other = source::open_source(reference ? reference->csv : data->csv);
        return lines_of(judge(entries, **source, reference ? other->get() : nullptr, tables->path(), scan));
      };
      const std::string lines = run(data->csv, {});
      found.emplace_back(block, lines);
      if (update) continue;
      EXPECT_EQ(lines, block.text) << entries;
      for (const std::int64_t chunk_bytes : {1, 7, 64}) {
        for (const std::int64_t batch_rows : {1, 3}) {
          for (const int threads : {1, 3}) {
            const table::ScanOptions scan{threads, chunk_bytes, batch_rows, {}};
            EXPECT_EQ(run(data->csv, scan), block.text) << "chunks of " << chunk_bytes << " bytes, batches of " << batch_rows << " rows, " << threads << " threads";
          }
        }
      }
      EXPECT_EQ(run(data->parquet, {}), block.text) << "from Parquet";
      auto table = source::read_table(data->csv);
      ASSERT_TRUE(table) << table.error().text();
      if (!reference) {
        EXPECT_EQ(lines_of(judge(entries, *table, nullptr, tables->path(), {})), block.text) << "from memory";
        EXPECT_EQ(lines_of(judge(entries, *table, nullptr, tables->path(), {}, 1)), block.text) << "without memory for exact states";
      }
    }
  }
  EXPECT_FALSE(found.empty()) << path << " has no case";
  if (update) {
    for (auto at = found.rbegin(); at != found.rend(); ++at) page->replace(at->first.begin, at->first.end - at->first.begin, at->second);
    ASSERT_TRUE(write_file(path, *page));
  }
}

std::vector<std::string> pages() {
  std::vector<std::string> paths;
  for (const char* room : {"subjects", "predicates"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(CUPEL_SOURCE_DIR) / "tests" / room)) {
      if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(Manual, PageCases, ::testing::ValuesIn(pages()), [](const auto& page) {
  const fs::path path = page.param;
  return path.parent_path().filename().string() + "_" + path.stem().string();
});

TEST(PageTables, EverySubjectAndPredicateHasItsPageAndNoPageIsLeftOver) {
  std::vector<std::string> wanted;
  for (const auto* subject : expectations::subject_table()) wanted.push_back("subjects/" + std::string(subject->name));
  for (const auto& predicate : suite::predicate_table()) wanted.push_back("predicates/" + std::string(predicate.name));
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> there;
  for (const std::string& page : pages()) there.push_back(fs::path(page).parent_path().filename().string() + "/" + fs::path(page).stem().string());
  std::sort(there.begin(), there.end());
  EXPECT_EQ(there, wanted);
}

}  // namespace
}  // namespace cupel
