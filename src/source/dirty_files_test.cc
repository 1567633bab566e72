// Files as they come: each is read rightly, or refused with its line and the reason.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

#include "source/bad_rows.h"
#include "source/read.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class DirtyFiles : public WithFiles {
 protected:
  std::string note_of(std::string_view bytes, const ReadOptions& options = {}) const {
    const auto source = open_source(write("x.csv", bytes), options);
    return source ? (*source)->origin()->note : source.error().text();
  }
  /// The rows that are left and the bad ones, by line.
  std::string reported(std::string_view bytes, ReadOptions options) const {
    options.bad_rows = ReadOptions::BadRowPolicy::report;
    const auto source = open_source(write("x.csv", bytes), options);
    if (!source) return local(source.error().text());
    const auto table = read_table(**source);
    if (!table) return local(table.error().text());
    std::string text = shown(*table);
    const BadRows& bad = *bad_rows_of(**source);
    for (const BadRows::Row& row : bad.rows) text += fmt::format("{} after {}: '{}': {}\n", row.line, row.before, row.text, row.reason);
    EXPECT_EQ(bad.count, static_cast<std::int64_t>(bad.rows.size()));
    return text;
  }
};

TEST_F(DirtyFiles, WindowsTextIsRefusedWithTheEncodingThatItMayHave) {
  EXPECT_THAT(error_of("a\ncaf\xe9\n"), HasSubstr("x.csv:2: byte 0xe9 at offset 5 is not UTF-8 (if the file is in another encoding: --encoding latin1)"));
  EXPECT_THAT(error_of("a\n\x93quoted\x94\n"), HasSubstr("--encoding windows-1252"));
  ReadOptions options;
  options.encoding = "windows-1252";
  EXPECT_EQ(read_shown("a\n\x93quoted\x94\n", options), "[\u201cquoted\u201d]\n");
}

TEST_F(DirtyFiles, ALongFieldIsReadAndALongRowInAStream) {
  const std::string field(10 << 20, 'x');
  for (const std::size_t in_memory_bytes : {std::size_t{64} << 20, std::size_t{0}}) {
    ReadOptions options;
    options.in_memory_bytes = in_memory_bytes;
    const auto table = read_table(write("x.csv", "a,b\n1," + field + "\n2,\"" + field + "\"\"\"\n3,y\n"), options);
    ASSERT_TRUE(table) << table.error().text();
    ASSERT_EQ(table->num_rows(), 3);
    EXPECT_EQ(table->column(1).text(0), field);
    EXPECT_EQ(table->column(1).text(1), field + "\"");
    EXPECT_EQ(table->column(0).integers()[2], 3);
  }
}

TEST_F(DirtyFiles, AnUnclosedQuoteAtTheEndNamesItsLineAlsoInAStream) {
  std::string text = "a,b\n";
  for (int row = 0; row < 20'000; ++row) text += fmt::format("{},\"x\ny\"\n", row);
  text += "1,\"never\n2,z\n";
  for (const std::size_t in_memory_bytes : {std::size_t{64} << 20, std::size_t{0}}) {
    ReadOptions options;
    options.in_memory_bytes = in_memory_bytes;
    EXPECT_EQ(error_of(text, options), "x.csv:40002: the quote that opens here is never closed");
  }
}

TEST_F(DirtyFiles, AColumnThatIsTextAfterAMillionRowsIsTextFromTheBeginning) {
  std::string text = "id,code\n";
  for (int row = 0; row < 1'000'000; ++row) text += fmt::format("{},{}\n", row, row % 10);
  text += "x,A7\n";
  const auto table = read_table(write("x.csv", text));
  ASSERT_TRUE(table);
  EXPECT_EQ(types(table->schema()), "text text");
  EXPECT_EQ(table->column(1).text(7), "7");
  EXPECT_EQ(table->column(1).text(1'000'000), "A7");
  ASSERT_TRUE(table->schema().fields[1].first_text.has_value());
  EXPECT_EQ(table->schema().fields[1].first_text->row, 1'000'000);
  ReadOptions options;
  options.types = {{"code", table::Type::integer}};
  EXPECT_EQ(error_of(text, options), "x.csv:1000002: column 'code' holds 'A7', expected the stated type integer");
}

TEST_F(DirtyFiles, FiveThousandColumnsOfText) {
  std::string text;
  for (int row = 0; row < 30; ++row) {
    for (int column = 0; column < 5000; ++column) text += fmt::format("{}{}{}", column == 0 ? "" : ",", row == 0 ? "c" : "w", row == 0 ? column : (column * row) % 97);
    text += "\n";
  }
  const auto table = read_table(write("x.csv", text));
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(table->num_rows(), 29);
  EXPECT_EQ(table->column(4999).text(28), fmt::format("w{}", (4999 * 29) % 97));
}

TEST_F(DirtyFiles, RepeatedNamesAreRefusedOrNumbered) {
  const std::string text = "a,b,a,a_2,a\n1,2,3,4,5\n";
  EXPECT_THAT(error_of(text), StartsWith("x.csv: two columns are called 'a', numbers 1 and 3 (--repeated-names number"));
  ReadOptions options;
  options.repeated_names = ReadOptions::RepeatedNames::number;
  const auto table = read_table(write("x.csv", text), options);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->schema().names(), (std::vector<std::string>{"a", "b", "a_3", "a_2", "a_4"}));
  EXPECT_THAT(note_of(text, options), HasSubstr("column 3 is another 'a', read as 'a_3'"));
  options.names = {"v", "w", "x", "y", "z"};
  options.repeated_names = ReadOptions::RepeatedNames::refuse;
  EXPECT_EQ(read_shown(text, options), "[1] [2] [3] [4] [5]\n");
  options.names = {"v"};
  EXPECT_THAT(error_of(text, options), HasSubstr("1 names for the 5 columns of x.csv"));
}

TEST_F(DirtyFiles, TheHeaderMayBeMissingOrStandLater) {
  ReadOptions options;
  options.header_line = 0;
  const auto bare = read_table(write("x.csv", "1,x\n2,y\n"), options);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->schema().names(), (std::vector<std::string>{"column_0", "column_1"}));
  EXPECT_EQ(shown(*bare), "[1] [x]\n[2] [y]\n");
  options.names = {"n", "t"};
  EXPECT_EQ(read_table(write("x.csv", "1,x\n2,y\n"), options)->schema().names(), options.names);
  options = {};
  options.header_line = 3;
  EXPECT_EQ(read_shown("a report; of 2026\n\na,b\n1,x\n", options), "[1] [x]\n");
  EXPECT_EQ(error_of("a report\n\na,b\n1,x\n2\n", options), "x.csv:5: the row has 1 field, expected 2");
  options.header_line = 9;
  EXPECT_THAT(error_of("a,b\n1,x\n", options), HasSubstr("x.csv has 2 lines, expected column names in line 9"));
}

TEST_F(DirtyFiles, SingleQuotesAreFoundToldAndTakenFromOptions) {
  const std::string text = "'a','b'\n'x,y',1\n'it''s',2\n'say \"hi\"',3\n";
  EXPECT_EQ(read_shown(text), "[x,y] [1]\n[it's] [2]\n[say \"hi\"] [3]\n");
  EXPECT_EQ(note_of(text), "fields are quoted by '");
  const std::string names = "name,n\n't Hooft,1\n'tis,2\nO'Hara,3\n";
  EXPECT_EQ(read_shown(names), "['t Hooft] [1]\n['tis] [2]\n[O'Hara] [3]\n") << "an apostrophe is no quote";
  ReadOptions options;
  options.quote = '\0';
  EXPECT_EQ(read_shown("a,b\n\"x,1\n\"\"y\",2\n", options), "[\"x] [1]\n[\"\"y\"] [2]\n") << "no quotes at all";
  options.quote = '\'';
  options.delimiter = ';';
  EXPECT_EQ(read_shown("a;b\n'x;\ny';''\n", options), "[x;\ny] null\n");
}

TEST_F(DirtyFiles, ColumnsMayHaveNullsOfTheirOwn) {
  ReadOptions options;
  options.nulls = {"", "NA"};
  options.column_nulls = {{"Age", {"-1", "999"}}};
  EXPECT_EQ(read_shown("Age,n\n-1,-1\n999,999\nNA,NA\n5,5\n", options), "null [-1]\nnull [999]\nnull null\n[5] [5]\n");
  options.column_nulls = {{"Agee", {"-1"}}};
  EXPECT_THAT(error_of("Age,n\n1,2\n", options), StartsWith("unknown column 'Agee' (nearest: 'Age')"));
}

TEST_F(DirtyFiles, RaggedRowsAreReportedWithLineTextAndReason) {
  EXPECT_EQ(reported("a,b\n1,2\n3\n\"x\ny\",5\n\n6,7,8\n9,10\n", {}),
            "[1] [2]\n[x\ny] [5]\n[9] [10]\n"
            "3 after 1: '3': the row has 1 field, expected 2\n"
            "6 after 2: '': the line is blank, expected 2 fields\n"
            "7 after 2: '6,7,8': the row has 3 fields, expected 2\n");
  EXPECT_EQ(reported("a,b\n1,2\n3", {}), "[1] [2]\n3 after 1: '3': the row has 1 field, expected 2\n");
  EXPECT_EQ(reported("a,b\n1,2\n", {}), "[1] [2]\n");
  EXPECT_THAT(reported("a,b\n1,2\n3\n4,\"x\n", {}), HasSubstr("x.csv:4: the quote that opens here is never closed"));
}

TEST_F(DirtyFiles, ValuesThatDoNotFitAStatedTypeAreReported) {
  ReadOptions options;
  options.types = {{"n", table::Type::integer}, {"t", table::Type::timestamp}};
  const std::string text = "n,t,x\n1,2026-01-01,a\none,2026-01-02,b\n3,soon,c\n4,2026-01-04,d\ntwo,later,e\n";
  EXPECT_EQ(reported(text, options),
            "[1] [2026-01-01] [a]\n[4] [2026-01-04] [d]\n"
            "3 after 1: 'one,2026-01-02,b': column 'n' holds 'one', expected the stated type integer\n"
            "4 after 1: '3,soon,c': column 't' holds 'soon', expected the stated type timestamp\n"
            "6 after 2: 'two,later,e': column 'n' holds 'two', expected the stated type integer\n");
}

// Also where the column is not wanted, and in every way of cutting the text.
TEST_F(DirtyFiles, BadRowsDependOnNeitherColumnsNorChunks) {
  std::string text = "n,x\n";
  for (int row = 0; row < 3000; ++row) text += row % 7 == 3 ? "bad,y\n" : row % 11 == 5 ? "1,2,3\n" : fmt::format("{},y{}\n", row, row % 5);
  ReadOptions options;
  options.types = {{"n", table::Type::integer}};
  options.bad_rows = ReadOptions::BadRowPolicy::report;
  std::vector<std::int64_t> lines;
  for (const std::size_t in_memory_bytes : {std::size_t{64} << 20, std::size_t{0}}) {
    options.in_memory_bytes = in_memory_bytes;
    const auto source = open_source(write("x.csv", text), options);
    ASSERT_TRUE(source);
    const auto table = read_table(**source, std::vector<std::string>{"x"});
    ASSERT_TRUE(table);
    const BadRows& bad = *bad_rows_of(**source);
    EXPECT_EQ(table->num_rows() + bad.count, 3000);
    std::vector<std::int64_t> now;
    for (const BadRows::Row& row : bad.rows) now.push_back(row.line);
    if (lines.empty()) lines = now;
    EXPECT_EQ(now, lines);
  }
  EXPECT_EQ(lines.front(), 5);
  EXPECT_EQ(lines.size(), 429u + 234u);
}

TEST_F(DirtyFiles, ALargeCompressedFileIsAStreamAndItsDamageIsToldByTheScan) {
  std::string text = "a,b\n";
  for (int row = 0; row < 200'000; ++row) text += fmt::format("{},word {}\n", row, row % 100);
  const std::string path = path_of("x.csv.gz");
  const gzFile file = gzopen(path.c_str(), "wb1");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  ReadOptions options;
  options.in_memory_bytes = 1 << 20;  // above the compressed and below the plain size
  const auto table = read_table(path, options);
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(table->num_rows(), 200'000);
  EXPECT_EQ(table->column(1).text(199'999), "word 99");
  std::string bytes = *read_file(path);
  options.in_memory_bytes = 1 << 10;
  EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - 100'000), options), HasSubstr("the gzip data are damaged or cut short at byte"));
}

}  // namespace
}  // namespace cupel::source
