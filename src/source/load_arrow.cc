#include "source/load_arrow.h"

#include "source/load_module.h"
#include "source/origin_note.h"

namespace cupel::source {
namespace {

Result<const ArrowModule*> loaded() {
  return module_of<ArrowModule>("cupel-arrow.so", "cupel_arrow_module", "reads Parquet and Arrow IPC");
}

// A source of the module with the digest of its file.
class DigestedSource : public table::BatchSource {
 public:
  DigestedSource(FileBytes file, std::string fact, std::unique_ptr<table::BatchSource> source)
      : file_(std::move(file)), fact_(std::move(fact)), source_(std::move(source)), digest_(file_) {}
  const table::Schema& schema() const override { return source_->schema(); }
  Result<std::int64_t> scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    digest_.start();
    return source_->scan(requests, visitor, options);
  }
  Result<Origin> origin() override {
    ASSIGN_OR_RETURN(Origin origin, source_->origin());
    origin.digest = digest_.hex();
    origin.note = fact_;
    return origin;
  }

 private:
  FileBytes file_;
  std::string fact_;
  std::unique_ptr<table::BatchSource> source_;
  BackgroundDigest digest_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_parquet(FileBytes file, const std::string& path, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const ArrowModule* const module, loaded());
  ASSIGN_OR_RETURN(auto source, module->open_parquet(file.bytes(), path, options));
  ASSIGN_OR_RETURN(std::string fact, fact_beside(path));
  return std::make_unique<DigestedSource>(std::move(file), std::move(fact), std::move(source));
}

Result<std::unique_ptr<RowWriter>> write_parquet(const std::string& path, const table::Schema& schema) {
  ASSIGN_OR_RETURN(const ArrowModule* const module, loaded());
  return module->write_parquet(path, schema);
}

}  // namespace cupel::source
