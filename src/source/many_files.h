#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// A file as a source, and the name of its format, which must be the same for all.
struct OpenedFile {
  std::unique_ptr<table::BatchSource> source;
  std::string format;
};
using OpenFile = std::function<Result<OpenedFile>(const std::string& path, const ReadOptions& options)>;

/// The files of a folder or pattern as one table, see open_source.
Result<std::unique_ptr<table::BatchSource>> open_many_files(const std::string& path, const ReadOptions& options, const OpenFile& open_file);

}  // namespace cupel::source
