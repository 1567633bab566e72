#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

#include "source/read.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ReadCsv : public WithFiles {};

TEST_F(ReadCsv, QuotesHideDelimitersAndLineBreaks) {
  EXPECT_EQ(read_shown("a,b\n\"x,y\",\"line\nbreak\"\n\"say \"\"hi\"\"\",z\n"), "[x,y] [line\nbreak]\n[say \"hi\"] [z]\n");
}

TEST_F(ReadCsv, LinesMayEndWithCrlfAndTheLastWithNothing) {
  EXPECT_EQ(read_shown("a,b\r\n1,x\r\n2,\"y\"\r\n"), "[1] [x]\n[2] [y]\n");
  EXPECT_EQ(read_shown("a,b\n1,x\n2,y"), "[1] [x]\n[2] [y]\n");
}

TEST_F(ReadCsv, ACarriageReturnElsewhereIsText) {
  EXPECT_EQ(read_shown("a,b\nx\r,\"y\r\"\n1\r1,z\r\n"), "[x\r] [y\r]\n[1\r1] [z]\n");
}

TEST_F(ReadCsv, AByteOrderMarkIsNotPartOfTheFirstName) {
  const auto table = read_table(write("x.csv", "\xef\xbb\xbf" "a,b\n1,2\n"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->schema().fields[0].name, "a");
}

TEST_F(ReadCsv, BlankLinesAtTheEndDoNotCountAndOthersAreErrors) {
  EXPECT_EQ(read_shown("a,b\n1,2\n\n\r\n\n"), "[1] [2]\n");
  EXPECT_EQ(error_of("a,b\n1,2\n\n3,4\n"), "x.csv:3: the line is blank, expected 2 fields");
  EXPECT_EQ(read_shown("a\n1\n\n2\n"), "[1]\nnull\n[2]\n") << "in one column a blank line is a null";
}

TEST_F(ReadCsv, AQuoteInsideAFieldIsText) {
  EXPECT_EQ(read_shown("size,name\n5\",pipe\n3,\"a \"\"b\"\"\"\n"), "[5\"] [pipe]\n[3] [a \"b\"]\n");
}

TEST_F(ReadCsv, ARaggedRowIsFoundWhereOnlyOtherColumnsAreUsed) {
  const std::string path = write("x.csv", "a,b,c\n1,2,3\n4,5\n");
  const auto table = read_table(path, {}, std::vector<std::string>{"a"});
  ASSERT_FALSE(table);
  EXPECT_EQ(local(table.error().message), "x.csv:3: the row has 2 fields, expected 3");
  EXPECT_EQ(error_of("a,b\n\"x\ny\",1\n1,2,3\n"), "x.csv:4: the row has 3 fields, expected 2");
  EXPECT_EQ(error_of("a,b\n1\n"), "x.csv:2: the row has 1 field, expected 2");
}

TEST_F(ReadCsv, AQuoteThatNeverClosesIsNamedWhereItOpens) {
  EXPECT_EQ(error_of("a,b\n1,x\n2,\"never\n3,y\n"), "x.csv:3: the quote that opens here is never closed");
  EXPECT_EQ(error_of("a,\"b\n1,2\n"), "x.csv:1: the quote that opens here is never closed");
}

TEST_F(ReadCsv, TextAfterAClosingQuoteIsRefused) {
  EXPECT_EQ(error_of("a,b\n1,\"x\"y\n"), "x.csv:2: 'y' after the closing quote of a field, expected a delimiter or the end of the line");
}

TEST_F(ReadCsv, BytesThatAreNotUtf8AreNamedWithLineAndOffset) {
  const std::string latin1 = "name,n\nab,1\ncaf\xe9,2\n";
  EXPECT_EQ(error_of(latin1), "x.csv:3: byte 0xe9 at offset 15 is not UTF-8 (if the file is in another encoding: --encoding latin1)");
  const auto other = read_table(write("x.csv", latin1), {}, std::vector<std::string>{"n"});
  EXPECT_FALSE(other) << "also where only other columns are used";
  ReadOptions options;
  options.encoding = "latin1";
  EXPECT_EQ(read_shown(latin1, options), "[ab] [1]\n[café] [2]\n");
  EXPECT_THAT(error_of("caf\xe9,b\n1,2\n"), HasSubstr("x.csv:1: byte 0xe9 at offset 3 is not UTF-8"));
}

TEST_F(ReadCsv, EncodingsAreConverted) {
  ReadOptions options;
  options.encoding = "cp1252";
  EXPECT_EQ(read_shown("p\n\x80" "5\n", options), "[€5]\n");
  const std::string utf16("\xff\xfe" "a\0\n\0\xe9\0\n\0=\xd8\x00\xde\n\0", 16);
  EXPECT_EQ(read_shown(utf16), "[é]\n[😀]\n") << "by its byte order mark";
  options.encoding = "latin-9";
  EXPECT_THAT(error_of("a\n1\n", options), StartsWith("unknown encoding 'latin-9' (nearest: 'latin1')"));
}

TEST_F(ReadCsv, NulBytesAreRefused) {
  EXPECT_EQ(error_of(std::string("a,b\n1,x\0y\n", 10)), "x.csv:2: NUL byte at offset 7, expected text");
  EXPECT_THAT(error_of(std::string("a\0,\0b\0\n\0", 8)), HasSubstr("--encoding utf-16"));
}

TEST_F(ReadCsv, EmptyMissingAndHeaderOnlyFilesHaveDefinedAnswers) {
  EXPECT_EQ(error_of(""), "'x.csv' is empty, expected a header line");
  const auto missing = read_table(path_of("none.csv"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(local(missing.error().message), "missing file 'none.csv'");
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  for (const char* header : {"a,b", "a,b\n", "a,b\r\n\r\n"}) {
    const auto table = read_table(write("x.csv", header));
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(table->num_rows(), 0);
    EXPECT_EQ(table->schema().names(), (std::vector<std::string>{"a", "b"}));
  }
}

TEST_F(ReadCsv, ColumnsWithoutANameGetOneAndDoubleNamesAreRefused) {
  const auto table = read_table(write("x.csv", ",a,\n1,2,3\n"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->schema().names(), (std::vector<std::string>{"unnamed_0", "a", "unnamed_2"}));
  EXPECT_EQ(error_of("a,b,a\n1,2,3\n"), "x.csv: two columns are called 'a', numbers 1 and 3 (--repeated-names number reads the second as a column of its own)");
}

TEST_F(ReadCsv, DelimitersAreFoundAndTold) {
  for (const auto& [text, note] : {std::pair<std::string, std::string>{"a;b\n1,5;2\n2,5;3\n", "fields end with ';'"},
                                   {"a\tb\n1\t2\n", "fields end with tab"},
                                   {"a|b\n1|2\n", "fields end with '|'"},
                                   {"a,b\n1,2\n", ""}}) {
    const auto source = open_source(write("x.csv", text));
    ASSERT_TRUE(source) << text;
    EXPECT_EQ((*source)->schema().names(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ((*source)->origin()->note, note);
  }
  EXPECT_EQ(read_shown("a,x\tb\n1\t2\n", {}, "x.tsv"), "[1] [2]\n");
  ReadOptions options;
  options.delimiter = ':';
  EXPECT_EQ(read_shown("a:b\n1,1:2\n", options), "[1,1] [2]\n");
}

TEST_F(ReadCsv, TypesComeFromAllValues) {
  const auto table = read_table(write("x.csv", "i,n,b,code,mixed,empty,big,inf\n1,2,true,007,1,,9223372036854775808,1\n-2,2.5,FALSE,1,x,,1,inf\n,,,,,,,\n"));
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(types(table->schema()), "integer number boolean text text text number text");
  EXPECT_EQ(shown(*table), "[1] [2] [true] [007] [1] null [9223372036854775808] [1]\n[-2] [2.5] [false] [1] [x] null [1] [inf]\n"
                           "null null null null null null null null\n");
}

TEST_F(ReadCsv, ATypeThatWidensLateChangesTheWholeColumn) {
  std::string text = "id,v,w,none\n";
  for (int row = 0; row < 200'000; ++row) text += fmt::format("{},1,2,\n", row);
  text += "7,foo,2.5,5\n8,bar,1,\n";
  const auto table = read_table(write("x.csv", text));
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(types(table->schema()), "integer text number integer");
  ASSERT_TRUE(table->schema().fields[1].first_text);
  EXPECT_EQ(table->schema().fields[1].first_text->row, 200'000);
  EXPECT_EQ(table->schema().fields[1].first_text->value, "foo");
  EXPECT_EQ(table->column(1).text(0), "1");
  EXPECT_EQ(table->column(2).numbers()[200'000], 2.5);
  EXPECT_TRUE(table->column(3).is_null(0));
  EXPECT_EQ(table->column(3).integers()[200'000], 5);
}

TEST_F(ReadCsv, TheWordThatMakesAColumnTextIsTold) {
  const auto table = read_table(write("x.csv", "agent,name\n1,Ann\nNULL,Bo\n3,7\n"));
  ASSERT_TRUE(table);
  ASSERT_TRUE(table->schema().fields[0].first_text);
  EXPECT_EQ(table->schema().fields[0].first_text->row, 1);
  EXPECT_EQ(table->schema().fields[0].first_text->value, "NULL");
  EXPECT_FALSE(table->schema().fields[1].first_text) << "names are text by themselves";
}

TEST_F(ReadCsv, NullWordsAreComparedAsWritten) {
  ReadOptions options;
  options.nulls = {"", "NA", "-999"};
  EXPECT_EQ(read_shown("a,b\nNA,-999\n\"NA\",\"\"\nna,5\n", options), "null null\n[NA] null\n[na] [5]\n");
  options.nulls = {};
  EXPECT_EQ(read_shown("a,b\n,\"\"\n", options), "[] []\n") << "without words nothing is null";
}

TEST_F(ReadCsv, StatedTypesHoldOrNameTheLine) {
  ReadOptions options;
  options.types = {{"code", table::Type::text}, {"n", table::Type::number}, {"t", table::Type::timestamp}, {"b", table::Type::boolean}};
  const auto table = read_table(write("x.csv", "code,n,t,b\n12,1,2020-02-29,1\n13,+2.50,2020-01-01T12:00:00Z,false\n,,,\n"), options);
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(types(table->schema()), "text number timestamp boolean");
  EXPECT_EQ(shown(*table), "[12] [1] [2020-02-29] [true]\n[13] [2.5] [2020-01-01T12:00:00Z] [false]\nnull null null null\n");
  options.types = {{"n", table::Type::integer}};
  EXPECT_EQ(error_of("n,m\n1,x\n2.5,y\n", options), "x.csv:3: column 'n' holds '2.5', expected the stated type integer");
  options.types = {{"m", table::Type::integer}};
  EXPECT_EQ(error_of("nn\n1\n", options), "unknown column 'm' (known: nn)");
}

TEST_F(ReadCsv, LongFieldsAndManyColumnsAreRead) {
  const std::string longest(10 << 20, 'x');
  const auto table = read_table(write("x.csv", "a,b\n1,\"" + longest + "\n\"\n2,y\n"));
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(table->column(1).text(0), longest + "\n");
  EXPECT_EQ(table->column(0).integers()[1], 2);

  std::string wide;
  for (int row = 0; row < 40; ++row) {
    for (int c = 0; c < 5000; ++c) wide += row == 0 ? fmt::format("c{},", c) : fmt::format("{},", row * c);
    wide.back() = '\n';
  }
  const auto many = read_table(write("w.csv", wide), {}, std::vector<std::string>{"c4999", "c0"});
  ASSERT_TRUE(many) << many.error().text();
  EXPECT_EQ(many->column(0).integers()[38], 39 * 4999);
  EXPECT_EQ(many->column(1).integers()[38], 0);
}

TEST_F(ReadCsv, UnknownColumnsAreRefusedWithTheNearest) {
  const auto table = read_table(write("x.csv", "Age,Title\n1,x\n"), {}, std::vector<std::string>{"Agee"});
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().message, "unknown column 'Agee' (nearest: 'Age')");
}

TEST_F(ReadCsv, LinesThatEndWithCarriageReturnsAloneAreRefused) {
  EXPECT_THAT(error_of("a,b\r1,2\r3,4\r"), StartsWith("x.csv: lines end with CR alone, expected LF or CRLF"));
}

TEST_F(ReadCsv, StandardInputIsReadAsADash) {
  const std::string path = write("x.csv", "a,b\n1,2\n");
  const int before = ::dup(STDIN_FILENO);
  const int file = ::open(path.c_str(), O_RDONLY);
  ::dup2(file, STDIN_FILENO);
  const auto table = read_table("-");
  ::dup2(before, STDIN_FILENO);
  ::close(before);
  ::close(file);
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(shown(*table), "[1] [2]\n");
  EXPECT_EQ(table->schema().names(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(ReadCsv, APipeIsReadLikeAFile) {
  const std::string path = path_of("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "a,b\n1,2\n3\n"; });
  const auto table = read_table(path);
  writer.join();
  ASSERT_FALSE(table);
  EXPECT_EQ(local(table.error().message), "pipe:3: the row has 1 field, expected 2");
}

TEST_F(ReadCsv, TheOriginNamesPathDigestAndFacts) {
  const std::string path = write("x.csv", "abc\n");
  write("x.csv.origin", "generated with known truth\nmore\n");
  const auto source = open_source(path);
  ASSERT_TRUE(source);
  const auto origin = (*source)->origin();
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->path, path);
  // printf 'abc\n' | sha256sum
  EXPECT_EQ(origin->digest, "edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb");
  EXPECT_EQ(origin->note, "generated with known truth");
}

TEST_F(ReadCsv, AFilteredSourceShowsTheKeptRowsAlone) {
  std::string text = "a,t\n";
  for (int row = 0; row < 10'000; ++row) text += fmt::format("{},{}\n", row, row % 3 == 0 ? "x" : "y");
  auto where = table::Expression::parse("a >= 9000 and t = 'x'", "test");
  ASSERT_TRUE(where) << where.error().text();
  auto source = open_source(write("x.csv", text));
  ASSERT_TRUE(source);
  auto filtered = open_filtered(std::move(*source), *where);
  ASSERT_TRUE(filtered) << filtered.error().text();
  const auto table = read_table(**filtered, std::vector<std::string>{"a"});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->num_rows(), 334);
  EXPECT_EQ(table->column(0).integers()[0], 9000);
  EXPECT_EQ(table->column(0).integers()[333], 9999);
  EXPECT_THAT((*filtered)->origin()->note, HasSubstr("only rows where a >= 9000 and t = 'x'"));
}

}  // namespace
}  // namespace cupel::source
