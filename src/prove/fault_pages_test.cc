// The manual pages of faults are their test cases: a table, a column and a severity, and what arrives. CUPEL_UPDATE_CASES=1 rewrites what arrives.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "base/fenced_blocks.h"
#include "base/files.h"
#include "base/text.h"
#include "base/yaml.h"
#include "prove/data_fault.h"
#include "source/read.h"
#include "source/write.h"

namespace cupel::prove {
namespace {

Result<table::Table> read_csv(const std::string& text) {
  ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::make(fs::temp_directory_path(), "fault_pages"));
  const std::string path = (folder.path() / "case.csv").string();
  TRY(write_file(path, text));
  source::ReadOptions options;
  options.delimiter = ',';
  return source::read_table(path, options);
}

std::string csv_text(const table::Table& rows) {
  std::string text = join(rows.schema().names(), ",") + "\n";
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    for (int field = 0; field < static_cast<int>(rows.schema().fields.size()); ++field) {
      if (field > 0) text += ',';
      source::append_csv_field(text, table::value_text(rows.column(field), row));
    }
    text += '\n';
  }
  return text;
}

/// What the page's case says.
struct Case {
  std::string csv;
  std::string column;
  std::string severity;
};

Result<std::string> arrives(const Fault& fault, const Case& wanted) {
  ASSIGN_OR_RETURN(const table::Table rows, read_csv(wanted.csv));
  const BaselineFacts facts = baseline_facts(rows);
  const Fault* const faults[] = {&fault};
  for (const FaultCase& each : fault_cases(faults, facts)) {
    if (each.column == wanted.column && each.severity.words == wanted.severity) return csv_text(apply_fault(each, rows, facts, 1, 0));
  }
  return fail("no case '{}' of column '{}'", wanted.severity, wanted.column);
}

class FaultPages : public ::testing::TestWithParam<const Fault*> {};

TEST_P(FaultPages, SayWhatTheFaultIsAndShowWhatArrives) {
  const Fault& fault = *GetParam();
  const fs::path path = fs::path(CUPEL_SOURCE_DIR) / "tests/data_faults" / (std::string(fault.name) + ".md");
  auto page = read_file(path);
  ASSERT_TRUE(page) << page.error().text();
  EXPECT_TRUE(page->starts_with(fmt::format("# {}: {}\n", fault.name, fault.summary))) << path;
  EXPECT_NE(page->find(fmt::format("- Happens to: {}.\n", fault.applies_to)), std::string::npos) << path;
  EXPECT_NE(page->find(fmt::format("Group: `{}`.\n", fault.group)), std::string::npos) << path;
  EXPECT_EQ(page->find("its cases are counted apart") != std::string::npos, fault.keeps != Keeps::nothing) << path;
  std::string severities;
  for (const FaultSeverity& severity : fault.severities) severities += fmt::format("- {}\n", severity.words);
  EXPECT_NE(page->find("## Severities\n\n" + severities + "\n"), std::string::npos) << path << " lists other severities";
  Case wanted;
  for (const FencedBlock& block : fenced_blocks(*page)) {
    if (block.language == "csv") wanted.csv = block.text;
    if (block.language == "yaml") {
      const auto node = yaml::parse(block.text, path.string());
      ASSERT_TRUE(node) << node.error().text();
      if (const auto* column = node->find("column")) wanted.column = column->scalar;
      if (const auto* severity = node->find("severity")) wanted.severity = severity->scalar;
    }
    if (block.language != "text") continue;
    const auto after = arrives(fault, wanted);
    ASSERT_TRUE(after) << path << ": " << after.error().text();
    if (std::getenv("CUPEL_UPDATE_CASES") != nullptr) {
      page->replace(block.begin, block.end - block.begin, *after);
      ASSERT_TRUE(write_file(path, *page));
      return;
    }
    EXPECT_EQ(*after, block.text) << path;
    return;
  }
  ADD_FAILURE() << path << " has no case";
}

INSTANTIATE_TEST_SUITE_P(Manual, FaultPages, ::testing::ValuesIn(fault_table().begin(), fault_table().end()), [](const auto& fault) { return std::string(fault.param->name); });

TEST(FaultPageFiles, AreThoseOfTheTable) {
  std::vector<std::string> there;
  for (const auto& entry : fs::directory_iterator(fs::path(CUPEL_SOURCE_DIR) / "tests/data_faults")) there.push_back(entry.path().stem().string());
  std::ranges::sort(there);
  std::vector<std::string> wanted;
  for (const Fault* fault : fault_table()) wanted.emplace_back(fault->name);
  EXPECT_EQ(there, wanted);
}

}  // namespace
}  // namespace cupel::prove
