#include "base/invariant.h"
#include "source/origin_note.h"
#include "source/read.h"
#include "table/pruning.h"

namespace cupel::source {
namespace {

using table::Batch;
using table::Column;
using table::ColumnBuilder;
using table::ColumnRequest;
using table::Expression;

// Shows the kept rows of one chunk to the chunk behind it.
class FilteredChunk : public table::ChunkVisitor::Chunk {
 public:
  FilteredChunk(std::unique_ptr<Chunk> chunk, const Expression& where, std::span<const int> slots, std::size_t num_wanted)
      : chunk_(std::move(chunk)), where_(where), slots_(slots), num_wanted_(num_wanted) {}

  void visit(const Batch& batch) override {
    truth_.resize(static_cast<std::size_t>(batch.num_rows));
    where_.evaluate(batch, slots_, truth_.data());
    kept_.clear();
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      if (truth_[static_cast<std::size_t>(row)] == Expression::k_true) kept_.push_back(row);
    }
    if (kept_.empty()) return;
    std::vector<ColumnBuilder> builders;
    Batch kept{num_rows_, static_cast<std::int64_t>(kept_.size()), {}};
    for (std::size_t c = 0; c < num_wanted_; ++c) {
      ColumnBuilder& builder = builders.emplace_back(batch.columns[c].type);
      for (const std::int64_t row : kept_) builder.append_from(batch.columns[c], row);
    }
    for (const ColumnBuilder& builder : builders) kept.columns.push_back(builder.view());
    chunk_->visit(kept);
    num_rows_ += kept.num_rows;
  }
  void pass_over(std::int64_t) override {}  // none of them is kept
  std::unique_ptr<Chunk> take_chunk() { return std::move(chunk_); }
  std::int64_t num_rows() const { return num_rows_; }

 private:
  std::unique_ptr<Chunk> chunk_;
  const Expression& where_;
  std::span<const int> slots_;
  std::size_t num_wanted_;
  std::int64_t num_rows_ = 0;
  std::vector<std::uint8_t> truth_;
  std::vector<std::int64_t> kept_;
};

class FilteredVisitor : public table::ChunkVisitor {
 public:
  FilteredVisitor(table::ChunkVisitor& behind, const Expression& where, std::vector<int> slots, std::size_t num_wanted)
      : behind_(behind), where_(where), slots_(std::move(slots)), num_wanted_(num_wanted) {}

  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override {
    return std::make_unique<FilteredChunk>(behind_.make_chunk(index), where_, slots_, num_wanted_);
  }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t) override {
    auto& filtered = dynamic_cast<FilteredChunk&>(*chunk);
    num_rows_ += filtered.num_rows();
    behind_.merge(filtered.take_chunk(), filtered.num_rows());
  }
  void restart() override {
    num_rows_ = 0;
    behind_.restart();
  }
  std::int64_t num_rows() const { return num_rows_; }

 private:
  table::ChunkVisitor& behind_;
  const Expression& where_;
  std::vector<int> slots_;
  std::size_t num_wanted_;
  std::int64_t num_rows_ = 0;
};

class FilteredSource : public table::BatchSource {
 public:
  FilteredSource(std::unique_ptr<table::BatchSource> source, Expression where) : source_(std::move(source)), where_(std::move(where)) {}

  const table::Schema& schema() const override { return source_->schema(); }

  Result<std::int64_t> scan(std::span<const ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    std::vector<ColumnRequest> all(requests.begin(), requests.end());
    std::vector<int> slots;
    std::vector<table::Pruning::Known> fields;
    for (const std::string& name : where_.columns()) {
      const std::optional<int> field = schema().find(name);
      if (!field) return table::unknown_column(name, schema());
      slots.push_back(static_cast<int>(all.size()));
      fields.emplace_back(*field);
      all.push_back({*field, ColumnRequest::As::native});
    }
    FilteredVisitor filtered(visitor, where_, std::move(slots), requests.size());
    table::ScanOptions own = options;
    own.pruning = std::make_shared<const table::Pruning>(std::vector<table::Pruning::Filter>{{where_, std::move(fields)}});
    TRY(source_->scan(all, filtered, own));
    TRY(where_.bind(schema()));  // a type may have widened
    return filtered.num_rows();
  }

  Result<Origin> origin() override {
    ASSIGN_OR_RETURN(Origin origin, source_->origin());
    add_note(origin.note, fmt::format("only rows where {}", where_.text()));
    return origin;
  }

 private:
  std::unique_ptr<table::BatchSource> source_;
  Expression where_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_filtered(std::unique_ptr<table::BatchSource> source, Expression where) {
  CHECK(source != nullptr);
  TRY(where.bind(source->schema()));
  return std::make_unique<FilteredSource>(std::move(source), std::move(where));
}

}  // namespace cupel::source
