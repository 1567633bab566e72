#include "cli/failing_rows.h"

#include <map>

#include "source/read.h"
#include "source/write.h"
#include "table/table.h"

namespace cupel::cli {
namespace {

/// The ids that each failing row breaks, by row.
std::map<std::int64_t, std::string> broken_ids(const suite::Report& report) {
  std::map<std::int64_t, std::string> broken;
  for (const suite::Outcome& outcome : report.results) {
    if (outcome.verdict != suite::Verdict::fail) continue;
    for (const std::int64_t row : outcome.unexpected_rows) {
      std::string& ids = broken[row];
      ids += (ids.empty() ? "" : "; ") + outcome.id;
    }
  }
  return broken;
}

/// Gathers the wanted rows of all chunks; chunks do not know their first row until they are merged, so each keeps its batches' rows apart.
class RowGatherer : public table::ChunkVisitor {
 public:
  explicit RowGatherer(const std::map<std::int64_t, std::string>& wanted) : wanted_(&wanted) {}

  /// Copies a chunk as a whole: only chunks that turn out to hold a wanted row are looked at again.
  class Part : public Chunk {
   public:
    std::vector<table::ColumnBuilder> columns;
    void visit(const table::Batch& batch) override {
      if (columns.empty()) {
        for (const table::Column& column : batch.columns) columns.emplace_back(column.type);
      }
      for (std::size_t c = 0; c < columns.size(); ++c) {
        for (std::int64_t row = 0; row < batch.num_rows; ++row) columns[c].append_from(batch.columns[c], row);
      }
    }
  };

  std::unique_ptr<Chunk> make_chunk() override { return std::make_unique<Part>(); }

  void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) override {
    const auto& part = static_cast<const Part&>(*chunk);
    for (auto at = wanted_->lower_bound(first_row_); at != wanted_->end() && at->first < first_row_ + num_rows; ++at) {
      rows.append(at->first);
      ids.append(std::string_view(at->second));
      if (columns.empty()) {
        for (const auto& column : part.columns) columns.emplace_back(column.type());
      }
      for (std::size_t c = 0; c < columns.size(); ++c) columns[c].append_from(part.columns[c].view(), at->first - first_row_);
    }
    first_row_ += num_rows;
  }

  void restart() override {
    first_row_ = 0;
    rows = table::ColumnBuilder(table::Type::integer);
    ids = table::ColumnBuilder(table::Type::text);
    columns.clear();
  }

  table::ColumnBuilder rows{table::Type::integer};
  table::ColumnBuilder ids{table::Type::text};
  std::vector<table::ColumnBuilder> columns;

 private:
  const std::map<std::int64_t, std::string>* wanted_;
  std::int64_t first_row_ = 0;
};

}  // namespace

Result<void> write_failing_rows(const suite::Report& report, table::BatchSource& source, const std::string& path, const table::ScanOptions& scan) {
  const auto broken = broken_ids(report);
  std::vector<table::ColumnRequest> requests;
  for (std::size_t i = 0; i < source.schema().fields.size(); ++i) requests.push_back({static_cast<int>(i), table::ColumnRequest::As::text});
  RowGatherer gatherer(broken);
  ASSIGN_OR_RETURN(const std::int64_t ignored, source.scan(requests, gatherer, scan));
  (void)ignored;
  table::Schema schema;
  schema.fields.push_back({"row", table::Type::integer});
  schema.fields.push_back({"ids", table::Type::text});
  std::vector<table::ColumnBuilder> columns = {gatherer.rows, gatherer.ids};
  for (std::size_t i = 0; i < requests.size(); ++i) {
    schema.fields.push_back({source.schema().fields[i].name, table::Type::text});
    columns.push_back(gatherer.columns.empty() ? table::ColumnBuilder(table::Type::text) : gatherer.columns[i]);
  }
  return source::write_table(path, table::Table(std::move(schema), std::move(columns)));
}

}  // namespace cupel::cli
