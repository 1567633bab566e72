#include "source/write_csv.h"

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>

#include "base/invariant.h"
#include "source/scratch_file.h"
#include "table/timestamp.h"

namespace cupel::source {
namespace {

using table::Column;
using table::Type;

constexpr std::size_t k_flush_bytes = 1 << 18;

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_number(std::string& out, double value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

class CsvWriter : public RowWriter {
 public:
  CsvWriter(std::optional<ScratchFile> scratch, std::FILE* file, const table::Schema& schema)
      : scratch_(std::move(scratch)), file_(file), fields_(schema.fields) {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i != 0) out_ += ',';
      if (!fields_[i].name.empty() || fields_.size() == 1) append_csv_field(out_, fields_[i].name);
    }
    out_ += '\n';
  }
  ~CsvWriter() override {
    if (scratch_ && file_ != nullptr) std::fclose(file_);
  }

  Result<void> append(std::span<const Column> columns, std::int64_t num_rows) override {
    for (std::int64_t row = 0; row < num_rows; ++row) TRY(append_row(columns, row));
    return {};
  }
  Result<void> append_rows(std::span<const Column> columns, std::span<const std::int64_t> rows) override {
    for (const std::int64_t row : rows) TRY(append_row(columns, row));
    return {};
  }

  Result<void> finish() override {
    TRY(flush());
    if (!scratch_) return std::fflush(file_) == 0 ? Result<void>() : failed();
    const int status = std::fclose(std::exchange(file_, nullptr));
    if (status != 0) return failed();
    return scratch_->rename();
  }

 private:
  Result<void> append_row(std::span<const Column> columns, std::int64_t row) {
    CHECK(columns.size() == fields_.size(), "{} columns, {} fields", columns.size(), fields_.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c != 0) out_ += ',';
      append_value(columns[c], row);
    }
    out_ += '\n';
    return out_.size() < k_flush_bytes ? Result<void>() : flush();
  }

  void append_value(const Column& column, std::int64_t row) {
    if (column.is_null(row)) {
      if (fields_.size() == 1) out_ += "\"\"";  // a blank line would not count at the end
      return;
    }
    switch (column.type) {
      case Type::boolean: out_ += column.booleans()[row] != 0 ? "true" : "false"; break;
      case Type::integer: append_integer(out_, column.integers()[row]); break;
      case Type::number: append_number(out_, column.numbers()[row]); break;
      case Type::text: append_csv_field(out_, column.text(row)); break;
      case Type::timestamp: out_ += table::timestamp_text(column.integers()[row]); break;
    }
  }

  Result<void> flush() {
    if (std::fwrite(out_.data(), 1, out_.size(), file_) != out_.size()) return failed();
    out_.clear();
    return {};
  }

  tl::unexpected<Error> failed() const { return system_error("write", scratch_ ? scratch_->target() : fs::path("standard output")); }

  std::optional<ScratchFile> scratch_;  // nothing: standard output
  std::FILE* file_;
  std::vector<table::Field> fields_;
  std::string out_;
};

}  // namespace

void append_csv_field(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(",\"\n\r") == std::string_view::npos && text.front() != ' ' && text.back() != ' ';
  if (plain) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

Result<std::unique_ptr<RowWriter>> write_csv(const std::string& path, const table::Schema& schema) {
  if (path == "-") return std::make_unique<CsvWriter>(std::nullopt, stdout, schema);
  ASSIGN_OR_RETURN(ScratchFile scratch, ScratchFile::make(path));
  std::FILE* const file = std::fopen(scratch.path().c_str(), "wbe");
  if (file == nullptr) return system_error("write", path);
  return std::make_unique<CsvWriter>(std::move(scratch), file, schema);
}

}  // namespace cupel::source
