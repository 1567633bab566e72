#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "base/random.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;

class ReadJsonl : public WithFiles {
 protected:
  std::string read_json(std::string_view bytes, const ReadOptions& options = {}) const { return read_shown(bytes, options, "x.jsonl"); }
  std::string types_of(std::string_view bytes) const {
    const auto source = open_source(write("x.jsonl", bytes));
    if (!source) return local(source.error().text());
    std::string text;
    for (const table::Field& field : (*source)->schema().fields) text += fmt::format("{}:{} ", field.name, table::type_name(field.type));
    return text;
  }
};

TEST_F(ReadJsonl, ColumnsAreTheKeysInOrderOfFirstAppearanceAndMissingOnesAreNull) {
  const std::string text = "{\"b\": 1, \"a\": \"x\"}\n\n{\"a\": null, \"c\": true}\r\n  {}\n{\"b\": -7}";
  EXPECT_EQ(types_of(text), "b:integer a:text c:boolean ");
  EXPECT_EQ(read_json(text), "[1] [x] null\nnull null [true]\nnull null null\n[-7] null null\n");
}

TEST_F(ReadJsonl, TypesSettleByAllValues) {
  EXPECT_EQ(types_of("{\"a\": 1}\n{\"a\": 2.5}\n{\"a\": 1e3}"), "a:number ");
  EXPECT_EQ(read_json("{\"a\": 1}\n{\"a\": 2.5}\n{\"a\": 1e3}"), "[1]\n[2.5]\n[1000]\n");
  EXPECT_EQ(types_of("{\"a\": 1}\n{\"a\": \"1\"}"), "a:text ") << "a number in quotes is text";
  EXPECT_EQ(read_json("{\"a\": 1.50}\n{\"a\": \"x\"}\n{\"a\": true}"), "[1.50]\n[x]\n[true]\n") << "as written";
  EXPECT_EQ(types_of("{\"a\": null}\n{\"a\": null}"), "a:text ");
  EXPECT_EQ(read_json("{\"a\": 9223372036854775807}\n{\"a\": -9223372036854775808}"), "[9223372036854775807]\n[-9223372036854775808]\n");
  EXPECT_EQ(types_of("{\"a\": 9223372036854775808}"), "a:number ");
  EXPECT_EQ(read_json("{\"a\": 123456789012345678901234567890, \"b\": 18446744073709551616}"),
            "[1.2345678901234568e+29] [18446744073709551616]\n");
  const auto source = open_source(write("x.jsonl", "{\"a\": 1}\n{\"a\": 2}\n{\"a\": \"two\"}"));
  ASSERT_TRUE(source);
  ASSERT_TRUE((*source)->schema().fields[0].first_text);
  EXPECT_EQ((*source)->schema().fields[0].first_text->row, 2);
  EXPECT_EQ((*source)->schema().fields[0].first_text->value, "two");
}

TEST_F(ReadJsonl, ObjectsAreFlattenedAndArraysStayText) {
  EXPECT_EQ(types_of("{\"a\": {\"b\": 1, \"c\": {\"d\": \"x\"}}, \"e\": [1, {\"f\": 2}]}\n{\"a\": 5, \"e\": []}"),
            "a.b:integer a.c.d:text e:text a:integer ");
  EXPECT_EQ(read_json("{\"a\": {\"b\": 1, \"c\": {\"d\": \"x\"}}, \"e\": [1, {\"f\": 2}]}\n{\"a\": 5, \"e\": []}"),
            "[1] [x] [[1, {\"f\": 2}]] null\nnull null [[]] [5]\n");
  EXPECT_EQ(read_json("{\"a\": {}}\n{\"a\": {\"b\": 2}}"), "null\n[2]\n");
}

TEST_F(ReadJsonl, StringsAreUnescaped) {
  EXPECT_EQ(read_json(R"({"a\u00e9": "q\"\\\/\n\t\u00e9 \ud83d\ude00", "b": ""})"), "[q\"\\/\n\té 😀] []\n");
  EXPECT_EQ(types_of(R"({"a\u00e9": 1})"), "aé:integer ");
}

TEST_F(ReadJsonl, BadLinesAreRefusedWithLineAndColumn) {
  EXPECT_EQ(error_of("{\"a\": 1}\n{\"a\": nul}\n", {}, "x.jsonl"), "x.jsonl:2:10: syntax error while parsing value - invalid literal");
  EXPECT_EQ(error_of("{\"a\": 1}\n{\"a\": 1\n", {}, "x.jsonl"),
            "x.jsonl:2:8: syntax error while parsing object - unexpected end of input; expected '}'");
  EXPECT_EQ(error_of("{\"a\": 1}\n\n[1]\n", {}, "x.jsonl"), "x.jsonl:3:1: not an object, expected one");
  EXPECT_EQ(error_of("{\"a\": 1, \"b\": 2, \"a\": 3}\n", {}, "x.jsonl"), "x.jsonl:1:18: the key 'a' stands twice in one object");
  EXPECT_EQ(error_of("{\"a.b\": 1, \"a\": {\"b\": 2}}\n", {}, "x.jsonl"), "x.jsonl:1:18: the key 'a.b' stands twice in one object");
  EXPECT_THAT(error_of("{\"a\": \"\\ud800\"}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:")) << "half a surrogate pair";
  EXPECT_THAT(error_of("{\"a\": \"\xC3\"}\n", {}, "x.jsonl"), HasSubstr("ill-formed UTF-8"));
  EXPECT_THAT(error_of("{\"a\": 01}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:"));
  EXPECT_THAT(error_of("{\"a\": 1e999}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:"));
  EXPECT_THAT(error_of("{\"a\": [1,,2]}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:10: syntax error"));
  EXPECT_THAT(error_of("{\"a\": 1} {\"a\": 2}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:10: syntax error"));
  EXPECT_THAT(error_of("{\"a\": \"x\ny\"}\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:"));
}

TEST_F(ReadJsonl, AnArrayOfObjectsIsReadToo) {
  EXPECT_EQ(read_shown("[\n  {\"a\": 1, \"b\": \"}],[{\"},\n  {\"a\": 2,\n   \"c\": [{}]}\n]\n", {}, "x.json"),
            "[1] [}],[{] null\n[2] null [[{}]]\n");
  EXPECT_EQ(read_shown("[]", {}, "x.json"), "");
  EXPECT_EQ(error_of("[{\"a\": 1}, 2]", {}, "x.json"), "x.json:1:12: an element of the array is no object");
  EXPECT_EQ(error_of("[{\"a\": 1}\n {\"a\": 2}]", {}, "x.json"), "x.json:2:2: expected a comma or ] behind an element of the array");
  EXPECT_EQ(error_of("[{\"a\": 1}", {}, "x.json"), "x.json:1:10: the array is not closed");
  EXPECT_EQ(error_of("[{\"a\": 1},", {}, "x.json"), "x.json:1:11: the array is not closed");
  EXPECT_EQ(error_of("[{\"a\": 1}] x", {}, "x.json"), "x.json:1:12: something follows the array");
  EXPECT_EQ(error_of("[{\"a\": 1", {}, "x.json"), "x.json:1:2: an object is not closed");
}

TEST_F(ReadJsonl, TheFormatIsFoundByTheFirstBytesAndByTheName) {
  EXPECT_EQ(read_shown("{\"a\": 1}\n", {}, "x.csv"), "[1]\n");
  EXPECT_EQ(read_shown("\xEF\xBB\xBF{\"a\": 1}\n", {}, "x"), "[1]\n");
  EXPECT_EQ(read_shown("{a},b\n1,2\n", {}, "x.csv"), "[1] [2]\n") << "no quote: CSV";
  EXPECT_THAT(error_of("a,b\n1,2\n", {}, "x.jsonl"), HasSubstr("x.jsonl:1:1: "));
}

TEST_F(ReadJsonl, StatedTypesAreHeld) {
  ReadOptions options;
  options.types = {{"zip", table::Type::text}, {"n", table::Type::number}};
  EXPECT_EQ(read_json("{\"zip\": 123, \"n\": 1}\n", options), "[123] [1]\n");
  options.types = {{"zip", table::Type::integer}};
  EXPECT_EQ(error_of("{\"zip\": \"01\"}\n", options, "x.jsonl"), "x.jsonl: column 'zip' holds text, not integer");
}

// The generator knows what it writes: objects with some of the keys, in any order, over many chunks.
TEST_F(ReadJsonl, ManyChunksAndThreadsReadTheSame) {
  std::string text;
  std::string expected;
  for (std::uint64_t row = 0; row < 20'000; ++row) {
    Random random(5, "json", row);
    const bool has_n = row == 0 || random.below(5) != 0;
    const bool has_t = row == 0 || random.below(5) != 0;
    const std::string n = has_n ? fmt::format("\"n\": {}", random.below(1000)) : "";
    const std::string t = has_t ? fmt::format("\"t\": \"line\\nbreak {} {}\"", row, std::string(random.below(100), '{')) : "";
    const bool reversed = row > 0 && random.below(2) == 0;
    text += fmt::format("{{{}{}{}}}\n", reversed ? t : n, has_n && has_t ? ", " : "", reversed ? n : t);
    expected += fmt::format("{} {}\n", has_n ? "[" + n.substr(5) + "]" : "null",
                            has_t ? "[line\nbreak " + t.substr(18, t.size() - 19) + "]" : "null");
  }
  const std::string path = write("x.jsonl", text);
  const auto whole = read_table(path);
  ASSERT_TRUE(whole) << whole.error().text();
  EXPECT_TRUE(shown(*whole) == expected);
  const auto source = open_source(path);
  ASSERT_TRUE(source);
  struct Count : table::ChunkVisitor {
    struct One : Chunk {
      void visit(const table::Batch& batch) override {
        for (std::int64_t row = 0; row < batch.num_rows; ++row) {
          if (!batch.columns[0].is_null(row)) sum += batch.columns[0].integers()[row] * (row + batch.first_row + 1);
        }
      }
      std::int64_t sum = 0;
    };
    std::unique_ptr<Chunk> make_chunk(std::int64_t) override { return std::make_unique<One>(); }
    void merge(std::unique_ptr<Chunk> chunk, std::int64_t rows) override { sums.emplace_back(dynamic_cast<One&>(*chunk).sum, rows); }
    void restart() override { sums.clear(); }
    std::vector<std::pair<std::int64_t, std::int64_t>> sums;
  };
  const std::vector<table::ColumnRequest> requests = {{0}};
  std::vector<std::pair<std::int64_t, std::int64_t>> first;
  for (const int threads : {1, 3}) {
    Count count;
    table::ScanOptions options;
    options.threads = threads;
    options.chunk_bytes = 1000;
    options.batch_rows = 7;
    const auto scanned = (*source)->scan(requests, count, options);
    ASSERT_TRUE(scanned) << scanned.error().text();
    EXPECT_EQ(*scanned, 20'000);
    if (threads == 1) first = count.sums;
    EXPECT_EQ(count.sums, first);
  }
}

TEST_F(ReadJsonl, DamageIsAnErrorOrAnotherTableAndNeverACrash) {
  const std::string text =
      "{\"a\": {\"b\": [1, {\"c\": \"\\u00e9\"}]}, \"n\": -1.5e3, \"t\": \"x\\\"y\", \"z\": null}\n{\"a\": 1, \"t\": true}\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    error_of(text.substr(0, size), {}, "x.jsonl");
    error_of("[" + text.substr(0, size), {}, "x.json");
  }
  for (std::uint64_t round = 0; round < 3'000; ++round) {
    Random random(3, "json damage", round);
    std::string damaged = text;
    constexpr std::string_view k_bytes = "{}[]\",:\\u0e-1 \n\xC3tn";
    for (std::size_t n = 1 + random.below(3); n > 0; --n) damaged[random.below(damaged.size())] = k_bytes[random.below(k_bytes.size())];
    error_of(damaged, {}, "x.jsonl");
  }
}

}  // namespace
}  // namespace cupel::source
