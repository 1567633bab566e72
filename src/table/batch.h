#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/column.h"

namespace cupel::table {

/// One column of a table as its source knows it.
struct Field {
  std::string name;
  Type type = Type::text;
  /// For a column of text whose other values would be numbers: the first value that is not one, for messages.
  struct Example {
    std::int64_t row = 0;
    std::string value;
  };
  std::optional<Example> first_text{};
  /// No row had a value so far: the type says text, but nothing contradicts any other.
  bool no_values = false;
};

struct Schema {
  std::vector<Field> fields;
  /// Index of the field, or nothing.
  std::optional<int> find(std::string_view name) const;
  std::vector<std::string> names() const;
};

/// A column that a scan shall deliver. `native` has the field's type; `text` delivers the source's own bytes (a CSV field as written,
/// otherwise the shortest text that reads back as the value). `written` is for copying rows: of a source of text the field's contents, also
/// where they stand for null (only an empty field is null); of any other source the same as `native`.
struct ColumnRequest {
  enum class As { native, text, written };
  int field = 0;
  As as = As::native;
  bool operator==(const ColumnRequest&) const = default;
};

/// A few thousand consecutive rows: one column for each request of the scan, in the same order. `first_row` counts from the start of
/// the chunk that the batch belongs to.
struct Batch {
  std::int64_t first_row = 0;
  std::int64_t num_rows = 0;
  std::vector<Column> columns;
};

/// What happens to the batches of a scan. The source cuts its rows into chunks by its bytes alone, never by the number of threads, so
/// merging chunks in order gives the same result however many threads run.
class ChunkVisitor {
 public:
  /// What one chunk gathers; used by one thread at a time.
  class Chunk {
   public:
    virtual ~Chunk() = default;
    virtual void visit(const Batch& batch) = 0;
    /// In place of visit: the next rows of the chunk are there, but were not read, as no filter of ScanOptions::pruning is true in them.
    /// Only where that is set; by default our own bug.
    virtual void pass_over(std::int64_t num_rows);
  };
  virtual ~ChunkVisitor() = default;
  /// A fresh, empty chunk. Called from any thread. `index` counts the chunks from 0 in row order, and is the same in every scan of the
  /// source with the same chunk_bytes; the numbers of chunks without rows may be left out.
  virtual std::unique_ptr<Chunk> make_chunk(std::int64_t index) = 0;
  /// Chunks come back in order, one at a time. `num_rows` of the chunk counts all rows, also when nothing was requested.
  virtual void merge(std::unique_ptr<Chunk> chunk, std::int64_t num_rows) = 0;
  /// Forget everything: a column turned out to have a wider type than its first rows showed, and the scan begins anew.
  virtual void restart() = 0;
};

class RowSample;
class Pruning;

struct ScanOptions {
  int threads = 0;  ///< 0: all cores
  /// Target size of a chunk; small values serve the tests.
  std::int64_t chunk_bytes = 1 << 20;
  /// Rows of a batch at most; twice as many where columns have dictionaries, whose entries are looked at once a batch.
  std::int64_t batch_rows = 4096;
  /// Called now and then from the merging thread with the bytes (or rows) done so far and in all.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};
  /// Rows that the states of a scan are about; sources show all rows all the same. Drawn of this source with this chunk_bytes.
  std::shared_ptr<const RowSample> sample{};
  /// Which rows nobody asks about; null pointer: all are wanted. Fields are numbered as the schema of the source has them. A source may take no
  /// notice.
  std::shared_ptr<const Pruning> pruning{};
};

/// A table that can be scanned, again and again: a file, a database, or rows in memory.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Names are known from the beginning; the types of the requested columns are final after a scan.
  virtual const Schema& schema() const = 0;
  /// One pass over all rows. Errors (a ragged row, bytes that are not UTF-8) name the line; the first in row order is reported.
  virtual Result<std::int64_t> scan(std::span<const ColumnRequest> requests, ChunkVisitor& visitor, const ScanOptions& options) = 0;
  /// Where it came from, for the report: path as given; sha256 of the bytes (empty for rows in memory); facts for people such as
  /// "generated with known truth".
  struct Origin {
    std::string path{};
    std::string digest{};
    std::string note{};
  };
  virtual Result<Origin> origin() = 0;
};

}  // namespace cupel::table
