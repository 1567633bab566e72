// The manual pages of drift subjects are their test cases: expectations (```yaml, with a drift to induce behind it) and what became of them
// (```text). CUPEL_UPDATE_CASES=1 rewrites the expected lines.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/fenced_blocks.h"
#include "base/files.h"
#include "base/random.h"
#include "base/text.h"
#include "drift/induce.h"
#include "drift/table_drift.h"

namespace cupel::drift {
namespace {

table::Table shop_rows(std::uint64_t stream) {
  table::ColumnBuilder age(table::Type::integer), shop(table::Type::text), text(table::Type::text);
  const std::vector<std::string> words = {"the", "a", "fit", "size", "color", "soft", "love", "bought", "wear", "nice", "dress", "shirt"};
  Random random(11, "case rows", stream);
  for (int row = 0; row < 3000; ++row) {
    if (random.uniform() < 0.05)
      age.append_null();
    else
      age.append(static_cast<std::int64_t>(43 + 12 * random.normal()));
    const std::uint64_t place = random.below(20);
    shop.append(std::string_view(place < 8 ? "south" : place < 14 ? "east" : place < 19 ? "west" : "north"));
    std::string line;
    const std::uint64_t length = 4 + random.below(12);
    for (std::uint64_t i = 0; i < length; ++i) line += (i == 0 ? "" : " ") + words[random.below(words.size())];
    text.append(std::string_view(line));
  }
  std::vector<table::ColumnBuilder> columns;
  for (auto* column : {&age, &shop, &text}) columns.push_back(std::move(*column));
  table::Schema schema;
  schema.fields.push_back({"Age", table::Type::integer, {}});
  schema.fields.push_back({"Shop", table::Type::text, {}});
  schema.fields.push_back({"Text", table::Type::text, {}});
  return table::Table(schema, std::move(columns));
}

std::vector<double> scores(std::uint64_t stream) {
  Random random(11, "case scores", stream);
  std::vector<double> out;
  for (int row = 0; row < 3000; ++row) out.push_back(random.uniform());
  return out;
}

std::string lines_of(const FencedBlock& block) {
  const auto suite = suite::parse_suite("cupel: 1\nexpect:\n" + block.text, "case", [] {
    suite::LoadOptions load = load_options();
    load.reasons_required = false;
    return load;
  }());
  if (!suite) return fmt::format("refused: {}\n", suite.error().text());
  table::Table current = shop_rows(2);
  if (block.language.starts_with("yaml ")) {
    auto induced = induce(current, block.language.substr(5), 3);
    if (!induced) return fmt::format("refused: {}\n", induced.error().text());
    current = std::move(induced->table);
  }
  DriftOptions options;
  options.seed = 7;
  const auto outcomes = drift_of_suite(*suite, shop_rows(1), current, ModelScores{"reviews/3", scores(1), scores(2)}, options);
  if (!outcomes) return fmt::format("refused: {}\n", outcomes.error().text());
  std::string lines;
  for (const suite::Outcome& outcome : *outcomes) lines += fmt::format("{}: {}\n", suite::verdict_name(outcome.verdict), outcome.message);
  return lines;
}

TEST(Pages, of_drift_subjects_say_what_becomes_of_generated_rows) {
  for (const suite::SubjectInfo& subject : subject_table()) {
    const fs::path path = fs::path(CUPEL_SOURCE_DIR) / "tests/drift" / (std::string(subject.name) + ".md");
    const auto page = read_file(path);
    ASSERT_TRUE(page) << page.error().text();
    EXPECT_TRUE(page->starts_with(fmt::format("# {}: {}\n", subject.name, subject.summary))) << path;
    const std::vector<FencedBlock> blocks = fenced_blocks(*page);
    std::string updated = *page;
    int cases = 0;
    for (std::size_t i = blocks.size(); i-- > 1;) {
      if (blocks[i].language != "text") continue;
      ++cases;
      const std::string actual = lines_of(blocks[i - 1]);
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
}

}  // namespace
}  // namespace cupel::drift
