#include "source/load_arrow.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/files.h"
#include "source/origin_note.h"

namespace cupel::source {
namespace {

constexpr const char* k_module = "cupel-arrow.so";

std::vector<fs::path> module_folders() {
  std::vector<fs::path> folders;
  if (const char* set = std::getenv("CUPEL_LIBEXEC")) folders.emplace_back(set);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) {
    folders.push_back(program);
    folders.push_back(program / "libexec" / "cupel");
    folders.push_back(program.parent_path() / "libexec" / "cupel");
  }
  folders.emplace_back(CUPEL_INSTALLED_LIBEXEC);
  return folders;
}

Result<const ArrowModule*> load() {
  std::string reason = "not found";
  for (const fs::path& folder : module_folders()) {
    const fs::path file = folder / k_module;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) continue;
    void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      reason = ::dlerror();
      continue;
    }
    const auto* const module = static_cast<const ArrowModule*>(::dlsym(library, "cupel_arrow_module"));
    if (module != nullptr && std::strcmp(module->version, CUPEL_SOURCE_VERSION) == 0) return module;
    reason = fmt::format("{} belongs to another version, expected {}", file.string(), CUPEL_SOURCE_VERSION);
    ::dlclose(library);
  }
  return fail_with_hint(fmt::format("the module {} that reads Parquet and Arrow IPC cannot be loaded: {}", k_module, reason),
                        "set CUPEL_LIBEXEC to its folder", ErrorKind::not_found);
}

const Result<const ArrowModule*>& loaded() {
  static const Result<const ArrowModule*> module = load();
  return module;
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
  const Result<const ArrowModule*>& module = loaded();
  if (!module) return tl::unexpected(module.error());
  ASSIGN_OR_RETURN(auto source, (*module)->open_parquet(file.bytes(), path, options));
  ASSIGN_OR_RETURN(std::string fact, fact_beside(path));
  return std::make_unique<DigestedSource>(std::move(file), std::move(fact), std::move(source));
}

Result<std::unique_ptr<RowWriter>> write_parquet(const std::string& path, const table::Schema& schema) {
  const Result<const ArrowModule*>& module = loaded();
  if (!module) return tl::unexpected(module.error());
  return (*module)->write_parquet(path, schema);
}

}  // namespace cupel::source
