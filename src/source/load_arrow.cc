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
  DigestedSource(FileBytes file, std::string fact, std::unique_ptr<table::BatchSource> source, ReadOptions::Digest digest)
      : file_(std::move(file)), fact_(std::move(fact)), source_(std::move(source)), wants_digest_(digest == ReadOptions::Digest::wanted), digest_(file_) {}
  const table::Schema& schema() const override { return source_->schema(); }
  Result<std::int64_t> scan(std::span<const table::ColumnRequest> requests, table::ChunkVisitor& visitor,
                            const table::ScanOptions& options) override {
    if (wants_digest_) digest_.start();
    return source_->scan(requests, visitor, options);
  }
  Result<Origin> origin() override {
    ASSIGN_OR_RETURN(Origin origin, source_->origin());
    if (wants_digest_) origin.digest = digest_.hex();
    origin.note = fact_;
    return origin;
  }

 private:
  FileBytes file_;
  std::string fact_;
  std::unique_ptr<table::BatchSource> source_;
  bool wants_digest_;
  BackgroundDigest digest_;
};

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_arrow(ArrowFormat format, FileBytes file, const std::string& path, const ReadOptions& options) {
  ASSIGN_OR_RETURN(const ArrowModule* const module, loaded());
  const auto open = format == ArrowFormat::parquet ? module->open_parquet : module->open_ipc;
  ASSIGN_OR_RETURN(auto source, open(file.bytes(), path, options));
  ASSIGN_OR_RETURN(std::string fact, fact_beside(path));
  return std::make_unique<DigestedSource>(std::move(file), std::move(fact), std::move(source), options.digest);
}

Result<std::unique_ptr<RowWriter>> write_parquet(const std::string& path, const table::Schema& schema) {
  ASSIGN_OR_RETURN(const ArrowModule* const module, loaded());
  return module->write_parquet(path, schema);
}

}  // namespace cupel::source
