#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "source/csv_blocks.h"
#include "source/csv_structure.h"

namespace cupel::source {

/// The rows of a CSV text: where they are and how to tell them apart.
struct CsvBody {
  std::string_view text;  ///< the whole text, so that offsets and lines count from its beginning
  std::size_t begin = 0;  ///< the first row
  std::size_t end = 0;    ///< behind the last row, without its line break
  char delimiter = ',';
  std::size_t num_fields = 0;
  CsvStructure::Quotes quotes = CsvStructure::Quotes::strict;
};

/// Cuts the rows into chunks by bytes: chunk i holds the rows that begin in its stretch of `chunk_bytes`.
///
/// Whether a stretch begins inside quotes depends on all quotes before it. Strict: each thread counts the quotes of its stretch, which
/// brings it into the cache, and then waits for the sum of those before. Lenient: one pass over the text in the constructor.
class CsvChunks {
 public:
  CsvChunks(const CsvBody& body, std::int64_t chunk_bytes);

  std::int64_t num_chunks() const { return num_chunks_; }

  enum class Fault { none, not_utf8, nul, unclosed_quote, text_after_quote, too_long };
  struct Chunk {
    std::size_t begin = 0;  ///< of its first row
    std::size_t end = 0;    ///< of its last row, line break included; as `begin` when no row begins here
    Fault fault = Fault::none;  ///< of the bytes of its rows: the first that is not UTF-8 or NUL, or a quote
    std::size_t fault_at = 0;
  };
  /// Each chunk is found once, by any thread; the call waits for the chunks before, which must have been asked for.
  Chunk find(std::int64_t chunk);
  std::size_t stretch_end(std::int64_t chunk) const;

 private:
  struct RowStart {
    std::size_t at = 0;
    bool inside = false;  // the text ended inside quotes
  };
  std::size_t stretch_begin(std::int64_t chunk) const;
  RowStart first_row_start(std::size_t from, bool inside) const;
  bool enter_inside(std::int64_t chunk, bool odd_quotes);
  void find_lenient_starts();
  void check_bytes(ByteFacts facts, Chunk& found) const;

  CsvBody body_;
  std::size_t chunk_bytes_;
  std::int64_t num_chunks_;

  std::mutex mutex_;
  std::condition_variable entered_;
  std::int64_t next_to_enter_ = 0;
  bool inside_ = false;  // at the beginning of the stretch `next_to_enter_`

  std::vector<std::size_t> starts_;  // lenient: the first row at or after each stretch's beginning
  Fault lenient_fault_ = Fault::none;
  std::size_t lenient_fault_row_ = 0;  // where the bad row begins
  std::size_t lenient_fault_at_ = 0;
};

}  // namespace cupel::source
