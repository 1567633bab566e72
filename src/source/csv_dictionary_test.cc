#include "source/csv_dictionary.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "source/csv_columns.h"

namespace cupel::source {
namespace {

// Texts that differ in their last byte, in their length alone, and in bytes that a word does not hold.
std::string text_of(Random& random) {
  static constexpr std::size_t k_sizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 40};
  std::string text(k_sizes[random.below(std::size(k_sizes))], random.below(4) == 0 ? '\xc3' : 'a');
  if (!text.empty()) text[random.below(text.size())] = static_cast<char>('a' + random.below(3));
  return text;
}

TEST(CsvDictionary, GivesEveryTextItsOwnCodeForEver) {
  for (std::uint64_t round = 0; round < 50; ++round) {
    Random random(4, "csv dictionary", round);
    CsvDictionary dictionary(4096);
    std::map<std::string, std::int32_t> codes;
    for (int i = 0; i < 400; ++i) {
      const std::string text = text_of(random);
      const std::string readable = text + "trailing bytes that do not belong to the field";
      const std::string_view field = std::string_view(readable).substr(0, text.size());
      for (const std::size_t size : {text.size(), readable.size()}) {
        const std::int32_t code = dictionary.find(field, size);
        ASSERT_EQ(code, codes.contains(text) ? codes[text] : CsvDictionary::k_unknown) << text;
      }
      if (!codes.contains(text)) codes[text] = dictionary.add(field, field);
    }
    const table::Column& entries = dictionary.entries();
    ASSERT_EQ(entries.num_rows, static_cast<std::int64_t>(codes.size()));
    for (const auto& [text, code] : codes) EXPECT_EQ(entries.text(code), text);
  }
}

TEST(CsvDictionary, AQuotedTextHasTheCodeOfThePlainOne) {
  CsvDictionary dictionary(16);
  EXPECT_TRUE(dictionary.add_null("NA"));
  EXPECT_EQ(dictionary.add("Tops", "Tops"), 0);
  EXPECT_EQ(dictionary.add("\"Tops\"", "Tops"), 0);
  EXPECT_EQ(dictionary.add("\"NA\"", "NA"), 1) << "a quoted null word is a text";
  EXPECT_EQ(dictionary.find("NA", 2), CsvDictionary::k_null);
  EXPECT_EQ(dictionary.find("\"Tops\"", 6), 0);
  EXPECT_EQ(dictionary.entries().num_rows, 2);
}

TEST(CsvDictionary, ATextOfQuotesIsNotTheFieldThatLooksLikeIt) {
  CsvDictionary dictionary(16);
  EXPECT_EQ(dictionary.add("\"\"", ""), 0);
  EXPECT_EQ(dictionary.add("\"\"\"\"\"\"", "\"\""), 1);
  EXPECT_EQ(dictionary.entries().text(1), "\"\"");
}

TEST(CsvDictionary, TakesNoMoreThanItsRoom) {
  CsvDictionary dictionary(3);
  EXPECT_EQ(dictionary.add("a", "a"), 0);
  EXPECT_EQ(dictionary.add("b", "b"), 1);
  EXPECT_TRUE(dictionary.add_null("-"));
  EXPECT_EQ(dictionary.add("c", "c"), CsvDictionary::k_unknown);
  EXPECT_EQ(dictionary.find("b", 1), 1);
}

// Column readers fall back to plain text when a column has too many texts: the values must not tell.
TEST(CsvDictionary, GivingUpChangesNoValue) {
  std::string text;
  std::vector<std::string> expected;
  for (int row = 0; row < 300; ++row) {
    expected.push_back(row % 7 == 0 ? "" : std::to_string(row % 100) + "th");
    text += expected.back() + "\n";
  }
  const NullWords nulls({""});
  CsvStructure structure(',', 1);
  for (const std::size_t most_entries : {1u, 50u, 1000u}) {
    CsvColumnReader reader(CsvColumn{0, table::Type::text, CsvColumn::Reading::text, &nulls}, most_entries);
    structure.start(text, CsvStructure::Quotes::strict, CsvStructure::TextEnd::line_break);
    Misfits misfits;
    for (std::size_t first = 0; first < expected.size();) {
      structure.scan(20);
      const std::size_t num_rows = std::min<std::size_t>(20, structure.num_rows());
      ASSERT_GT(num_rows, 0u);
      reader.read(CsvRows{&structure, static_cast<std::int64_t>(num_rows), 0}, misfits);
      for (std::size_t row = 0; row < num_rows; ++row) {
        const auto at = static_cast<std::int64_t>(row);
        EXPECT_EQ(reader.view().is_null(at), expected[first + row].empty());
        if (reader.view().is_null(at)) continue;
        EXPECT_EQ(reader.view().text(at), expected[first + row]);
      }
      EXPECT_EQ(reader.view().codes != nullptr, most_entries == 1000 || (most_entries == 50 && first + num_rows <= 58)) << first;
      structure.drop_rows(num_rows);
      first += num_rows;
    }
  }
}

}  // namespace
}  // namespace cupel::source
