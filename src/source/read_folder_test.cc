#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/read.h"
#include "source/write.h"
#include "source/written_file_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;

class ReadFolder : public WithFiles {
 protected:
  std::string put(std::string_view name, std::string_view bytes) const {
    fs::create_directories(fs::path(path_of(name)).parent_path());
    return write(name, bytes);
  }
  void put_parquet(std::string_view name, std::string_view csv) const {
    const auto rows = read_table(write("scratch.csv", csv));
    ASSERT_TRUE(rows) << rows.error().text();
    fs::create_directories(fs::path(path_of(name)).parent_path());
    ASSERT_TRUE(write_table(path_of(name), *rows));
    fs::remove(path_of("scratch.csv"));
  }
  std::string read(std::string_view name, const ReadOptions& options = {}) const {
    const auto table = read_table(path_of(name), options);
    if (!table) return local(table.error().text());
    std::string names;
    for (const table::Field& field : table->schema().fields) names += fmt::format("{}:{} ", field.name, table::type_name(field.type));
    return names + "\n" + shown(*table);
  }
};

TEST_F(ReadFolder, FilesAreReadInTheOrderOfTheirNamesAndMissingColumnsAreNulls) {
  put("d/b.csv", "n,t\n3,x\n");
  put("d/a.csv", "n,u\n1,true\n2,false\n");
  put("d/_SUCCESS", "");
  put("d/.hidden.csv", "z\n1\n");
  put("d/a.csv.origin", "generated\n");
  const std::string expected = "n:integer u:boolean t:text \n[1] [true] null\n[2] [false] null\n[3] null [x]\n";
  EXPECT_EQ(read("d"), expected);
  EXPECT_EQ(read("d/*.csv"), expected);
  EXPECT_EQ(read("d/[b].csv"), "n:integer t:text \n[3] [x]\n");
}

TEST_F(ReadFolder, TypesOfTextFilesWidenTogetherAlsoBehindTheirFirstRows) {
  put("d/1.csv", "a,b,c\n1,1,\n2,2,\n");
  put("d/2.csv", "a,b,c\n0.5,x,7\n");
  EXPECT_EQ(read("d"), "a:number b:text c:integer \n[1] [1] null\n[2] [2] null\n[0.5] [x] [7]\n");
  std::string late = "a\n";
  for (int row = 0; row < 3000; ++row) late += "1\n";
  put("e/1.csv", late);
  put("e/2.csv", late + "x\n");
  const auto table = read_table(path_of("e"));
  ASSERT_TRUE(table) << table.error().text();
  EXPECT_EQ(table->num_rows(), 6001);
  EXPECT_EQ(table->schema().fields[0].type, table::Type::text);
  EXPECT_EQ(table->column(0).text(0), "1");
  EXPECT_EQ(table->column(0).text(6000), "x");
}

TEST_F(ReadFolder, PartitionsBecomeTypedColumns) {
  put("d/year=2017/city=S%C3%A3o%20Paulo/part-0.csv", "n\n1\n");
  put("d/year=2018/city=__HIVE_DEFAULT_PARTITION__/part-0.csv", "n\n2\n3\n");
  EXPECT_EQ(read("d"), "n:integer year:integer city:text \n[1] [2017] [São Paulo]\n[2] [2018] null\n[3] [2018] null\n");
  EXPECT_EQ(read("d/year=2018/*/*.csv"), "n:integer year:integer city:text \n[2] [2018] null\n[3] [2018] null\n");
  ReadOptions options;
  options.types = {{"year", table::Type::text}, {"n", table::Type::number}};
  EXPECT_EQ(read("d", options), "n:number year:text city:text \n[1] [2017] [São Paulo]\n[2] [2018] null\n[3] [2018] null\n");
  options.types = {{"yaer", table::Type::text}};
  EXPECT_THAT(read("d", options), HasSubstr("unknown column 'yaer' (nearest: 'year')"));
  put("d/other.csv", "n\n4\n");
  EXPECT_EQ(read("d"), "'d/other.csv' stands below the partition keys none, but 'd/year=2017/city=S%C3%A3o%20Paulo/part-0.csv' below 'year', 'city'");
}

TEST_F(ReadFolder, ParquetFilesJoinButDoNotChangeTheirTypes) {
  put_parquet("p/k=1/x.parquet", "a,b\n1,x\n");
  put_parquet("p/k=2/x.parquet", "a,b\n1.5,y\n2.5,\n");
  EXPECT_EQ(read("p"), "a:number b:text k:integer \n[1] [x] [1]\n[1.5] [y] [2]\n[2.5] null [2]\n");
  put_parquet("q/1.parquet", "a\n1\n");
  put_parquet("q/2.parquet", "a\nx\n");
  EXPECT_EQ(read("q"), "column 'a' is integer in 'q/1.parquet' and text in 'q/2.parquet', expected one type");
}

TEST_F(ReadFolder, WhatCannotBeReadAsOneTableIsSaid) {
  put("d/1.csv", "a\n1\n");
  put("d/2.jsonl", "{\"a\": 1}\n");
  EXPECT_EQ(read("d"), "'d/1.csv' is CSV and 'd/2.jsonl' is JSON, expected files of one format");
  fs::create_directories(path_of("empty"));
  EXPECT_EQ(read("empty"), "the folder 'empty' holds no data files");
  EXPECT_EQ(read("*.parquet"), "no file matches '*.parquet'");
  put("f[1].csv", "a\n5\n");
  EXPECT_EQ(read("f[1].csv"), "a:integer \n[5]\n") << "a file of that very name";
}

TEST_F(ReadFolder, TheDigestIsOfTheListOfFiles) {
  put("d/1.csv", "a\n1\n");
  put("d/2.csv", "a\n2\n");
  const auto digest = [&] {
    auto table = read_table(path_of("d"));
    EXPECT_TRUE(table);
    return table->origin()->digest;
  };
  const std::string first = digest();
  EXPECT_EQ(first.size(), 64u);
  EXPECT_EQ(digest(), first);
  fs::rename(path_of("d/2.csv"), path_of("d/3.csv"));
  EXPECT_NE(digest(), first);
}

}  // namespace
}  // namespace cupel::source
