#include "source/write.h"

#include "base/text.h"
#include "source/load_arrow.h"
#include "source/scratch_file.h"
#include "source/write_csv.h"

namespace cupel::source {
namespace {

// A writer of the Parquet module, whose file gets its name when it is complete.
class ScratchedWriter : public RowWriter {
 public:
  ScratchedWriter(ScratchFile scratch, std::unique_ptr<RowWriter> writer) : scratch_(std::move(scratch)), writer_(std::move(writer)) {}
  Result<void> append(std::span<const table::Column> columns, std::int64_t num_rows) override { return writer_->append(columns, num_rows); }
  Result<void> append_rows(std::span<const table::Column> columns, std::span<const std::int64_t> rows) override {
    return writer_->append_rows(columns, rows);
  }
  Result<void> finish() override {
    TRY(writer_->finish());
    return scratch_.rename();
  }

 private:
  ScratchFile scratch_;
  std::unique_ptr<RowWriter> writer_;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> RowWriter::open(const std::string& path, const table::Schema& schema) {
  const std::string name = to_lower_ascii(path);
  for (const char* compressed : {".gz", ".zst", ".xlsx", ".arrow", ".feather", ".json", ".jsonl"}) {
    if (name.ends_with(compressed)) return fail("cannot write '{}': expected a name that ends in .csv or .parquet", path);
  }
  if (!name.ends_with(".parquet")) return write_csv(path, schema);
  ASSIGN_OR_RETURN(ScratchFile scratch, ScratchFile::make(path));
  ASSIGN_OR_RETURN(auto writer, write_parquet(scratch.path().string(), schema));
  return std::make_unique<ScratchedWriter>(std::move(scratch), std::move(writer));
}

Result<void> write_table(const std::string& path, const table::Table& table) {
  ASSIGN_OR_RETURN(const auto writer, RowWriter::open(path, table.schema()));
  std::vector<table::Column> columns;
  for (std::size_t i = 0; i < table.schema().fields.size(); ++i) columns.push_back(table.column(static_cast<int>(i)));
  TRY(writer->append(columns, table.num_rows()));
  return writer->finish();
}

}  // namespace cupel::source
