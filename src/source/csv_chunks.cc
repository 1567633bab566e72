#include "source/csv_chunks.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/text.h"
#include "source/csv_stream_chunks.h"

namespace cupel::source {
namespace {

/// Whether a stretch begins inside quotes depends on all quotes before it. Strict: each thread counts the quotes of its stretch, which
/// brings it into the cache, and then waits for the sum of those before. Lenient: one pass over the text in the constructor.
class MemoryChunks : public CsvChunks {
 public:
  MemoryChunks(const CsvBody& body, std::int64_t chunk_bytes)
      : body_(body), chunk_bytes_(static_cast<std::size_t>(std::max<std::int64_t>(1, chunk_bytes))) {
    num_chunks_ = static_cast<std::int64_t>((body.end - body.begin + chunk_bytes_ - 1) / chunk_bytes_);
    if (body_.quotes == CsvStructure::Quotes::lenient) find_lenient_starts();
  }

  std::int64_t num_chunks() const override { return num_chunks_; }
  std::size_t stretch_end(std::int64_t chunk) const override { return std::min(stretch_begin(chunk) + chunk_bytes_, body_.end); }

  Chunk find(std::int64_t chunk) override {
    const std::size_t from = stretch_begin(chunk);
    const std::size_t to = stretch_end(chunk);
    ByteFacts facts = byte_facts(body_.text.substr(from, to - from), body_.dialect.quote);
    Chunk found;
    if (body_.quotes == CsvStructure::Quotes::strict) {
      find_strict(chunk, facts.odd_quotes, found);
    } else {
      find_lenient(chunk, found);
    }
    if (found.end - found.begin >= k_longest) {
      if (found.fault == Fault::none) {
        found.fault = Fault::too_long;
        found.fault_at = found.begin;
      }
      found.end = found.begin;
    }
    found.text = body_.text.substr(found.begin, body_.end - found.begin);
    found.ends_text = found.end == body_.end;
    if (found.end > to) {
      const ByteFacts tail = byte_facts(body_.text.substr(to, found.end - to));
      facts.beyond_ascii |= tail.beyond_ascii;
      facts.nul |= tail.nul;
    }
    check_bytes(facts, found);
    return found;
  }

 private:
  std::size_t stretch_begin(std::int64_t chunk) const { return body_.begin + static_cast<std::size_t>(chunk) * chunk_bytes_; }

  /// Where the first row at or after `from` begins: `from` itself behind a line break. Sets `inside` when the text ends inside quotes.
  std::size_t first_row_start(std::size_t from, bool& inside) const {
    if (from == body_.begin || (!inside && body_.text[from - 1] == '\n')) {
      inside = false;
      return from;
    }
    find_row_start(body_.text.substr(0, body_.end), body_.dialect.quote, from, inside);
    return from;
  }

  /// Waits for its turn: is the beginning of the stretch inside quotes?
  bool enter_inside(std::int64_t chunk, bool odd_quotes) {
    std::unique_lock lock(mutex_);
    entered_.wait(lock, [&] { return next_to_enter_ == chunk; });
    const bool inside = inside_;
    inside_ = inside != odd_quotes;
    ++next_to_enter_;
    lock.unlock();
    entered_.notify_all();
    return inside;
  }

  void find_strict(std::int64_t chunk, bool odd_quotes, Chunk& found) {
    bool inside = enter_inside(chunk, odd_quotes);
    bool inside_after = inside != odd_quotes;
    const std::size_t to = stretch_end(chunk);
    found.begin = found.end = first_row_start(stretch_begin(chunk), inside);
    if (found.begin >= to) return;
    found.end = to == body_.end ? to : first_row_start(to, inside_after);
    if (inside_after) {  // if all quotes before are where they belong, the last of all is the one that never closes
      found.fault = Fault::unclosed_quote;
      found.fault_at = body_.text.substr(0, body_.end).rfind(body_.dialect.quote);
    }
  }

  void find_lenient(std::int64_t chunk, Chunk& found) const {
    found.begin = starts_[static_cast<std::size_t>(chunk)];
    found.end = std::max(found.begin, starts_[static_cast<std::size_t>(chunk) + 1]);
    if (lenient_fault_ == Fault::none || lenient_fault_row_ < found.begin || lenient_fault_row_ >= stretch_end(chunk)) return;
    found.end = std::max(found.begin, lenient_fault_row_);
    found.fault = lenient_fault_;
    found.fault_at = lenient_fault_at_;
  }

  void find_lenient_starts() {
    const std::string_view text = body_.text.substr(0, body_.end);
    starts_.assign(static_cast<std::size_t>(num_chunks_) + 1, body_.end);
    std::size_t chunk = 0;
    for (std::size_t row = body_.begin; row < body_.end;) {
      while (chunk < starts_.size() && stretch_begin(static_cast<std::int64_t>(chunk)) <= row) starts_[chunk++] = row;
      const RecordEnd end = find_record_end(text, row, body_.dialect);
      if (end.trouble != CsvStructure::Trouble::none) {
        lenient_fault_ = end.trouble == CsvStructure::Trouble::unclosed_quote ? Fault::unclosed_quote : Fault::text_after_quote;
        lenient_fault_row_ = row;
        lenient_fault_at_ = end.at;
        return;
      }
      row = end.at + 1;
    }
  }

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

}  // namespace

bool CsvChunks::find_row_start(std::string_view text, char quote, std::size_t& at, bool& inside) {
  for (;;) {
    if (inside) {
      at = std::min(text.find(quote, at), text.size());
      if (at == text.size()) return false;
      inside = false;
      ++at;
    }
    while (at < text.size() && text[at] != quote && text[at] != '\n') ++at;
    if (at == text.size()) return false;
    if (text[at++] == '\n') return true;
    inside = true;
  }
}

void CsvChunks::check_bytes(ByteFacts facts, Chunk& chunk) {
  const auto note = [&](Fault fault, std::size_t at) {
    if (chunk.fault != Fault::none && chunk.fault_at <= chunk.begin + at) return;
    chunk.fault = fault;
    chunk.fault_at = chunk.begin + at;
  };
  const std::string_view rows = chunk.rows();
  if (const std::size_t nul = facts.nul ? rows.find('\0') : std::string_view::npos; nul != std::string_view::npos) note(Fault::nul, nul);
  if (!facts.beyond_ascii) return;
  if (const auto bad = first_invalid_utf8(rows)) note(Fault::not_utf8, *bad);
}

std::unique_ptr<CsvChunks> CsvChunks::make(const CsvBody& body, std::int64_t chunk_bytes) {
  if (body.open_stream) return make_stream_chunks(body, chunk_bytes);
  return std::make_unique<MemoryChunks>(body, chunk_bytes);
}

}  // namespace cupel::source
