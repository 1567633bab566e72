#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "source/file_bytes.h"
#include "source/read.h"
#include "source/write.h"

namespace cupel::source {

/// The Arrow library takes longer to load than a small check takes to run, so all that needs it stands in a module of its own,
/// `cupel-arrow.so`, which is loaded when the first such file is opened (see load_module.h).
/// The source's digest is that of the whole file, computed while it is scanned.
enum class ArrowFormat { parquet, ipc };
Result<std::unique_ptr<table::BatchSource>> open_arrow(ArrowFormat format, FileBytes file, const std::string& path, const ReadOptions& options);
Result<std::unique_ptr<RowWriter>> write_parquet(const std::string& path, const table::Schema& schema);

/// What the module exports under the name `cupel_arrow_module`; built from the same sources, so `version` must be equal.
struct ArrowModule {
  const char* version;
  Result<std::unique_ptr<table::BatchSource>> (*open_parquet)(std::string_view bytes, const std::string& path, const ReadOptions& options);
  Result<std::unique_ptr<table::BatchSource>> (*open_ipc)(std::string_view bytes, const std::string& path, const ReadOptions& options);
  Result<std::unique_ptr<RowWriter>> (*write_parquet)(const std::string& path, const table::Schema& schema);
};

}  // namespace cupel::source
