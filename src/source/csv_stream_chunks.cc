#include "source/csv_stream_chunks.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <limits>
#include <mutex>
#include <utility>

#include "source/csv_dialect.h"

namespace cupel::source {
namespace {

// What is read behind a stretch: mostly enough for the row that reaches over its end.
constexpr std::size_t k_ahead = 64 << 10;
constexpr std::size_t k_longest_row = std::size_t{1} << 30;
// Quotes that do not stand where they belong make one row of everything up to the next of them. Before that fills the memory, the rows are
// read again byte by byte.
constexpr std::size_t k_longest_strict_row = 64 << 20;

// Grows at its end without clearing what is added.
class TextBuffer {
 public:
  std::string_view text() const { return {bytes_.get(), size_}; }
  std::size_t size() const { return size_; }
  std::span<char> room(std::size_t wanted) {
    if (capacity_ - size_ < wanted) {
      capacity_ = std::max(size_ + wanted, capacity_ + capacity_ / 2);
      auto grown = std::make_unique_for_overwrite<char[]>(capacity_);
      if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
      bytes_ = std::move(grown);
    }
    return {bytes_.get() + size_, capacity_ - size_};
  }
  void add(std::size_t size) { size_ += size; }
  void shrink(std::size_t size) { size_ = size; }
  std::unique_ptr<char[]> take() {
    size_ = capacity_ = 0;
    return std::move(bytes_);
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class StreamChunks : public CsvChunks {
 public:
  StreamChunks(const CsvBody& body, std::int64_t chunk_bytes)
      : body_(body), chunk_bytes_(static_cast<std::size_t>(std::max<std::int64_t>(1, chunk_bytes))), at_(body.begin) {}

  std::int64_t num_chunks() const override { return std::numeric_limits<std::int64_t>::max(); }
  std::size_t stretch_end(std::int64_t chunk) const override { return body_.begin + (static_cast<std::size_t>(chunk) + 1) * chunk_bytes_; }

  Chunk find(std::int64_t chunk) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ == chunk; });
    Chunk found;
    found.begin = found.end = at_;
    const auto pass_on = [&] {
      ++next_;
      lock.unlock();
      changed_.notify_all();
    };
    try {
      read_chunk(stretch_end(chunk), found);
    } catch (...) {  // no memory: the threads that wait must not wait for ever
      over_ = true;
      pass_on();
      throw;
    }
    pass_on();
    if (found.owned) check_bytes(byte_facts(found.rows()), found);
    return found;
  }

 private:
  Result<void> begin() {
    if (stream_) return {};
    ASSIGN_OR_RETURN(stream_, body_.open_stream());
    for (std::size_t skipped = 0; skipped < body_.begin;) {
      const std::span<char> room = buffer_.room(body_.begin);
      ASSIGN_OR_RETURN(const std::size_t got, stream_->read(room.first(std::min(room.size(), body_.begin - skipped))));
      if (got == 0) break;
      skipped += got;
    }
    return {};
  }

  /// Reads until the buffer holds `size` bytes or the stream ends.
  Result<void> fill(std::size_t size) {
    while (!ended_ && buffer_.size() < size) {
      const std::span<char> room = buffer_.room(size - buffer_.size());
      ASSIGN_OR_RETURN(const std::size_t got, stream_->read(room));
      buffer_.add(got);
      ended_ = got == 0;
      if (ended_) buffer_.shrink(end_of_rows(buffer_.text(), 0));
    }
    return {};
  }

  void read_chunk(std::size_t to, Chunk& found) {
    if (over_) {
      found.is_none = true;
    } else if (const auto cut = cut_chunk(to, found); !cut) {
      found.fault = Fault::unreadable;
      found.fault_at = found.begin;
      found.error = cut.error();
      found.end = found.begin;
      over_ = true;
    }
  }

  Result<void> cut_chunk(std::size_t to, Chunk& found) {
    TRY(begin());
    if (at_ >= to) return {};  // a long row passed over this stretch
    const std::size_t wanted = to - at_;
    TRY(fill(wanted + k_ahead));
    if (buffer_.size() == 0) {
      over_ = found.is_none = true;
      return {};
    }
    std::size_t end = 0;
    if (body_.quotes == CsvStructure::Quotes::strict) {
      ASSIGN_OR_RETURN(end, strict_end(wanted, found));
    } else {
      ASSIGN_OR_RETURN(end, lenient_end(wanted, found));
    }
    over_ = found.fault != Fault::none;
    hand_out(end, found);
    return {};
  }

  /// Where the last row ends that begins before `wanted`.
  Result<std::size_t> strict_end(std::size_t wanted, Chunk& found) {
    if (ended_ && buffer_.size() <= wanted) {
      if (byte_facts(buffer_.text(), body_.dialect.quote).odd_quotes) note(Fault::unclosed_quote, buffer_.text().rfind(body_.dialect.quote), found);
      return buffer_.size();
    }
    bool inside = byte_facts(buffer_.text().substr(0, wanted), body_.dialect.quote).odd_quotes;
    std::size_t at = wanted;
    if (!inside && buffer_.text()[at - 1] == '\n') return at;
    while (!find_row_start(buffer_.text(), body_.dialect.quote, at, inside)) {
      if (ended_ && inside) note(Fault::unclosed_quote, buffer_.text().rfind(body_.dialect.quote), found);
      if (ended_) return buffer_.size();
      if (buffer_.size() > wanted + k_longest_strict_row) {
        note(Fault::unclosed_quote, buffer_.text().rfind(body_.dialect.quote), found);
        return std::size_t{0};
      }
      at = std::min(at, buffer_.size());
      TRY(fill(buffer_.size() + std::max(k_ahead, buffer_.size() / 2)));
      at = std::min(at, buffer_.size());  // blank lines at the end fell away
    }
    return at;
  }

  Result<std::size_t> lenient_end(std::size_t wanted, Chunk& found) {
    std::size_t row = 0;
    while (row < std::min(wanted, buffer_.size())) {
      const RecordEnd end = find_record_end(buffer_.text(), row, body_.dialect);
      // Up to the last byte at hand nothing is certain.
      const bool cut_short = !ended_ && (end.trouble == CsvStructure::Trouble::unclosed_quote || end.at + 2 >= buffer_.size());
      if (cut_short) {
        if (buffer_.size() - row > k_longest_row) {
          note(Fault::too_long, row, found);
          return row;
        }
        TRY(fill(buffer_.size() + std::max(k_ahead, buffer_.size() / 2)));
        continue;
      }
      if (end.trouble != CsvStructure::Trouble::none) {
        note(end.trouble == CsvStructure::Trouble::unclosed_quote ? Fault::unclosed_quote : Fault::text_after_quote, end.at, found);
        return row;
      }
      row = end.at + 1;
    }
    return std::min(row, buffer_.size());
  }

  static void note(Fault fault, std::size_t at, Chunk& found) {
    found.fault = fault;
    found.fault_at = found.begin + at;
  }

  /// The rows up to `end` are the chunk's; blank lines at its end wait for what follows, since at the end of the text they are no rows.
  void hand_out(std::size_t end, Chunk& found) {
    const std::string_view text = buffer_.text();
    const bool is_last = ended_ && end == text.size();
    if (!is_last && found.fault == Fault::none) {
      for (;;) {
        const std::size_t before = end >= 2 && text[end - 1] == '\n' ? (text[end - 2] == '\r' ? 2 : 1) : 0;
        if (before == 0 || end <= before || text[end - before - 1] != '\n') break;
        end -= before;
      }
    }
    TextBuffer rest;
    const std::string_view left = text.substr(end);
    if (!left.empty()) {
      std::memcpy(rest.room(left.size() + chunk_bytes_ + k_ahead).data(), left.data(), left.size());
      rest.add(left.size());
    }
    found.end = found.begin + end;
    found.ends_text = is_last;
    found.text = text;
    found.owned = buffer_.take();
    buffer_ = std::move(rest);
    at_ = found.end;
  }

  CsvBody body_;
  std::size_t chunk_bytes_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t next_ = 0;
  std::unique_ptr<ByteStream> stream_;
  TextBuffer buffer_;     // from the row at `at_` on
  std::size_t at_;
  bool ended_ = false;  // the stream
  bool over_ = false;   // no chunk follows
};

}  // namespace

std::unique_ptr<CsvChunks> make_stream_chunks(const CsvBody& body, std::int64_t chunk_bytes) {
  return std::make_unique<StreamChunks>(body, chunk_bytes);
}

}  // namespace cupel::source
