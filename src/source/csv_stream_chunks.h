#pragma once

#include <cstdint>
#include <memory>

#include "source/csv_chunks.h"

namespace cupel::source {

/// Chunks of a text that comes as a stream: the same rows in each as if the whole were in memory, read one chunk at a time. A chunk keeps
/// its text; a row of more than 1 GiB is refused.
std::unique_ptr<CsvChunks> make_stream_chunks(const CsvBody& body, std::int64_t chunk_bytes);

}  // namespace cupel::source
