#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "source/read.h"

namespace cupel::source {

/// A test with a scratch folder for small files.
class WithFiles : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "cupel_source");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
  }
  std::string path_of(std::string_view name) const { return (folder_->path() / name).string(); }
  std::string write(std::string_view name, std::string_view bytes) const {
    std::ofstream(path_of(name), std::ios::binary) << bytes;
    return path_of(name);
  }
  /// The message of an error without the folder in it: "x.csv:3: …".
  std::string local(std::string message) const {
    const std::string folder = folder_->path().string() + "/";
    for (std::size_t at = message.find(folder); at != std::string::npos; at = message.find(folder)) message.erase(at, folder.size());
    return message;
  }
  /// What reading these bytes as x.csv answers, as text for comparison.
  std::string error_of(std::string_view bytes, const ReadOptions& options = {}, std::string_view name = "x.csv") const {
    const auto table = read_table(write(name, bytes), options);
    return table ? "no error" : local(table.error().text());
  }
  /// All rows, one line each, fields in brackets; nulls as null.
  static std::string shown(const table::Table& table) {
    std::string text;
    for (std::int64_t row = 0; row < table.num_rows(); ++row) {
      for (std::size_t c = 0; c < table.schema().fields.size(); ++c) {
        const table::Column column = table.column(static_cast<int>(c));
        text += column.is_null(row) ? "null " : "[" + table::value_text(column, row) + "] ";
      }
      text.back() = '\n';
    }
    return text;
  }
  static std::string types(const table::Schema& schema) {
    std::string text;
    for (const table::Field& field : schema.fields) text += fmt::format("{}{}", text.empty() ? "" : " ", table::type_name(field.type));
    return text;
  }
  std::string read_shown(std::string_view bytes, const ReadOptions& options = {}, std::string_view name = "x.csv") const {
    const auto table = read_table(write(name, bytes), options);
    return table ? shown(*table) : "error: " + local(table.error().text());
  }

  std::optional<ScratchFolder> folder_;
};

}  // namespace cupel::source
