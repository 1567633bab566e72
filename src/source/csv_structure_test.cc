#include "source/csv_structure.h"

#include <gtest/gtest.h>

#include <string>

namespace cupel::source {
namespace {

using Quotes = CsvStructure::Quotes;
using Trouble = CsvStructure::Trouble;

// What scanning `rows` of two fields says, with a row in front that moves them by `offset` bytes.
Trouble trouble_with(std::string_view rows, std::size_t offset, Quotes quotes) {
  std::string text = std::string(offset, 'p') + ",\n";
  text += rows;
  CsvStructure structure(',', 2);
  const bool unclosed = rows == "a,\"b\n";
  structure.start(text, quotes, text.back() == '\n' && !unclosed ? CsvStructure::TextEnd::line_break : CsvStructure::TextEnd::record);
  return structure.scan(1000);
}

TEST(CsvStructure, QuotesAreJudgedTheSameWhereverBlocksEnd) {
  for (std::size_t offset = 0; offset < 140; ++offset) {
    for (const char* fine : {"\"x\",y\n", "\"x\"\r\n,\"\"\r\n", "a,\"x\"\r\n", "a,\"x\"\"y\"\n", "\"a,b\n\",\"\"\"\"\n", "a,b\r\nc,\"d\""}) {
      const std::string rows = fine[1] == 'x' && fine[3] == '\r' ? "a," + std::string(fine) : fine;
      EXPECT_EQ(trouble_with(rows, offset, Quotes::strict), Trouble::none) << offset << ": " << rows;
      EXPECT_EQ(trouble_with(rows, offset, Quotes::lenient), Trouble::none) << offset << ": " << rows;
    }
    for (const char* stray : {"x\"y,z\n", "a,x\"\n", "\"x\"y,z\n", "\"x\" ,z\n", "a,\"x\"\ry\n"}) {
      EXPECT_EQ(trouble_with(stray, offset, Quotes::strict), Trouble::stray_quote) << offset << ": " << stray;
    }
    EXPECT_EQ(trouble_with("x\"y,z\n", offset, Quotes::lenient), Trouble::none);
    for (const char* after : {"\"x\"y,z\n", "\"x\" ,z\n", "a,\"x\"\ry\n"}) {
      EXPECT_EQ(trouble_with(after, offset, Quotes::lenient), Trouble::text_after_quote) << offset << ": " << after;
    }
    for (const char* ragged : {"a\n", "a,b,c\n", "a,b\n\nc,d\n", "a,b\nc"}) {
      EXPECT_EQ(trouble_with(ragged, offset, Quotes::strict), Trouble::ragged) << offset << ": " << ragged;
      EXPECT_EQ(trouble_with(ragged, offset, Quotes::lenient), Trouble::ragged) << offset << ": " << ragged;
    }
    EXPECT_EQ(trouble_with("a,\"b\n", offset, Quotes::strict), Trouble::unclosed_quote) << offset;
    EXPECT_EQ(trouble_with("a,\"b\n", offset, Quotes::lenient), Trouble::unclosed_quote) << offset;
  }
}

TEST(CsvStructure, ARowOfManyMoreFieldsIsRaggedAndNothingElse) {
  for (const Quotes quotes : {Quotes::strict, Quotes::lenient}) {
    EXPECT_EQ(trouble_with(std::string(1 << 20, ',') + "\n", 5, quotes), Trouble::ragged);
  }
}

TEST(CsvStructure, RowsAreHeldAndDropped) {
  const std::string text = "a,b\nccc,\nd,ee";
  CsvStructure structure(',', 2);
  structure.start(text, Quotes::strict, CsvStructure::TextEnd::record);
  ASSERT_EQ(structure.scan(10), Trouble::none);
  ASSERT_EQ(structure.num_rows(), 3u);
  structure.drop_rows(1);
  EXPECT_EQ(structure.num_rows(), 2u);
  EXPECT_EQ(structure.ends()[-1], 3u);
  EXPECT_EQ(structure.ends()[0], 7u);
  EXPECT_EQ(structure.ends()[1], 8u);
  EXPECT_EQ(structure.ends()[3], 13u);
}

TEST(CsvStructure, ContentsLoseTheirQuotes) {
  std::string scratch;
  EXPECT_EQ(field_content("plain", scratch), "plain");
  EXPECT_EQ(field_content("\"a b\"", scratch), "a b");
  EXPECT_EQ(field_content("\"\"", scratch), "");
  EXPECT_EQ(field_content("\"\"\"\"", scratch), "\"");
  EXPECT_EQ(field_content("\"a\"\"b\"\"\"", scratch), "a\"b\"");
  EXPECT_EQ(field_content("5\"", scratch), "5\"");
  EXPECT_EQ(field_content("\"", scratch), "\"");
}

}  // namespace
}  // namespace cupel::source
