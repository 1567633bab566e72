#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "source/byte_stream.h"
#include "source/csv_blocks.h"
#include "source/csv_structure.h"

namespace cupel::source {

/// The rows of a CSV text: where they are and how to tell them apart.
struct CsvBody {
  /// The whole text, so that offsets and lines count from its beginning; of a stream its first part.
  std::string_view text;
  std::size_t begin = 0;  ///< the first row
  std::size_t end = 0;    ///< behind the last row, without its line break; unknown of a stream
  CsvDialect dialect{};
  std::size_t num_fields = 0;
  CsvStructure::Quotes quotes = CsvStructure::Quotes::strict;
  /// Set: the text comes as a stream, from its first byte on.
  std::function<Result<std::unique_ptr<ByteStream>>()> open_stream{};
};

/// Cuts the rows into chunks by bytes: chunk i holds the rows that begin in its stretch of `chunk_bytes`.
class CsvChunks {
 public:
  virtual ~CsvChunks() = default;
  static std::unique_ptr<CsvChunks> make(const CsvBody& body, std::int64_t chunk_bytes);

  enum class Fault { none, not_utf8, nul, unclosed_quote, text_after_quote, too_long, unreadable };
  struct Chunk {
    std::size_t begin = 0;  ///< of its first row
    std::size_t end = 0;    ///< of its last row, line break included; as `begin` when no row begins here
    std::string_view text;  ///< from `begin` on: its rows, and more of what follows where that is at hand
    bool ends_text = false;
    bool is_none = false;       ///< a stream ended before this chunk
    Fault fault = Fault::none;  ///< of the bytes of its rows: the first that is not UTF-8 or NUL, or a quote; or the stream's
    std::size_t fault_at = 0;
    std::optional<Error> error{};         ///< unreadable: why
    std::unique_ptr<char[]> owned{};      ///< holds `text` of a stream
    std::string_view rows() const { return text.substr(0, end - begin); }
  };
  /// Each chunk is found once, by any thread; the call waits for the chunks before, which must have been asked for.
  virtual Chunk find(std::int64_t chunk) = 0;
  /// At most.
  virtual std::int64_t num_chunks() const = 0;
  /// Where the stretch of a chunk ends.
  virtual std::size_t stretch_end(std::int64_t chunk) const = 0;

 protected:
  /// A row start that is looked for from `at` on: behind the next line break outside of quotes. False: the text ends before it; `at` and
  /// `inside` then stand at its end.
  static bool find_row_start(std::string_view text, char quote, std::size_t& at, bool& inside);
  /// Looks for bytes that no row may hold. `facts` may tell of bytes before and behind the rows, too.
  static void check_bytes(ByteFacts facts, Chunk& chunk);
  static constexpr std::size_t k_longest = std::size_t{1} << 31;  // offsets of a batch's text are 32 bits
};

}  // namespace cupel::source
