// The manual pages of perturbations and model subjects are their test cases. CUPEL_UPDATE_CASES=1 rewrites the expected lines.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/fenced_blocks.h"
#include "base/files.h"
#include "base/text.h"
#include "robustness/synthetic_internal.h"
#include "robustness/validation.h"
#include "suite/suite.h"

namespace cupel::robustness {
namespace {

/// Runs every text block of a page against what `answer` says to the block before it.
template <typename Answer>
void run_page(const fs::path& path, Answer answer) {
  const auto page = read_file(path);
  ASSERT_TRUE(page) << page.error().text();
  const std::vector<FencedBlock> blocks = fenced_blocks(*page);
  std::string updated = *page;
  int cases = 0;
  for (std::size_t i = blocks.size(); i-- > 1;) {
    if (blocks[i].language != "text") continue;
    ++cases;
    const std::string actual = answer(blocks[i - 1]);
    EXPECT_TRUE(blocks[i].text == actual || std::getenv("CUPEL_UPDATE_CASES") != nullptr) << path << "\nexpected:\n"
                                                                                          << blocks[i].text << "actual:\n"
                                                                                          << actual;
    updated.replace(blocks[i].begin, blocks[i].end - blocks[i].begin, actual);
  }
  EXPECT_GT(cases, 0) << path << " has no case";
  if (updated != *page && std::getenv("CUPEL_UPDATE_CASES") != nullptr) {
    ASSERT_TRUE(write_file(path, updated));
  }
}

/// One column: a header, then one value a line, in quotes where it begins with one.
table::ColumnBuilder read_column(const std::string& csv) {
  const std::vector<std::string_view> lines = split(trim(csv), '\n');
  bool numbers = true;
  for (std::size_t i = 1; i < lines.size(); ++i) numbers = numbers && parse_integer(lines[i]).has_value();
  table::ColumnBuilder column(numbers ? table::Type::integer : table::Type::text);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (numbers)
      column.append(*parse_integer(lines[i]));
    else
      column.append(lines[i]);
  }
  return column;
}

TEST(Pages, of_perturbations_show_what_becomes_of_a_column) {
  for (const Perturbation& perturbation : perturbation_table()) {
    const fs::path path = fs::path(CUPEL_SOURCE_DIR) / "tests/perturbations" / (std::string(perturbation.name) + ".md");
    run_page(path, [&](const FencedBlock& block) {
      const table::ColumnBuilder before = read_column(block.text);
      const double severity = perturbation.name == "missing" || perturbation.name == "outliers" ? 0.5 : perturbation.usual;
      const table::ColumnBuilder after = perturbation.apply(before.view(), severity, 3, "column");
      std::string lines;
      for (std::int64_t row = 0; row < after.num_rows(); ++row) {
        const std::string value = table::value_text(after.view(), row);
        lines += fmt::format("{} -> {}\n", table::value_text(before.view(), row),
                             after.view().is_null(row) ? "(null)"
                             : value.empty()           ? "(empty)"
                                                       : value);
      }
      return lines;
    });
    const auto text = read_file(path);
    ASSERT_TRUE(text);
    EXPECT_TRUE(text->starts_with(fmt::format("# {}: {}\n", perturbation.name, perturbation.summary))) << path;
  }
}

TEST(Pages, of_model_subjects_judge_a_model_of_known_truth) {
  TrialOptions options = synthetic::options();
  options.against = synthetic::oracle(false);
  auto trial = Trial::make(synthetic::oracle(), synthetic::reviews({2000}), options);
  ASSERT_TRUE(trial) << trial.error().text();
  for (const ModelSubject& subject : model_subject_table()) {
    const fs::path path = fs::path(CUPEL_SOURCE_DIR) / "tests/model_subjects" / (std::string(subject.name) + ".md");
    run_page(path, [&](const FencedBlock& block) {
      suite::LoadOptions load = load_options();
      load.reasons_required = false;
      const auto suite = suite::parse_suite("cupel: 1\nexpect:\n" + block.text, "case", load);
      if (!suite) return fmt::format("refused: {}\n", suite.error().text());
      const auto validation = Validation::make(*suite);
      if (!validation) return fmt::format("refused: {}\n", validation.error().text());
      std::string lines;
      for (const suite::Outcome& outcome : validation->judge(*trial))
        lines += fmt::format("{}: {}\n", suite::verdict_name(outcome.verdict), outcome.message);
      return lines;
    });
    const auto text = read_file(path);
    ASSERT_TRUE(text);
    EXPECT_TRUE(text->starts_with(fmt::format("# {}: {}\n", subject.name, subject.summary))) << path;
  }
}

}  // namespace
}  // namespace cupel::robustness
