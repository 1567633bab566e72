#include "source/csv_chunks.h"

#include <algorithm>

#include "base/text.h"
#include "source/csv_blocks.h"

namespace cupel::source {
namespace {

constexpr std::size_t k_longest = std::size_t{1} << 31;  // offsets of a batch's text are 32 bits

}  // namespace

CsvChunks::CsvChunks(const CsvBody& body, std::int64_t chunk_bytes)
    : body_(body), chunk_bytes_(static_cast<std::size_t>(std::max<std::int64_t>(1, chunk_bytes))) {
  num_chunks_ = static_cast<std::int64_t>((body.end - body.begin + chunk_bytes_ - 1) / chunk_bytes_);
  if (body_.quotes == CsvStructure::Quotes::lenient) find_lenient_starts();
}

std::size_t CsvChunks::stretch_begin(std::int64_t chunk) const { return body_.begin + static_cast<std::size_t>(chunk) * chunk_bytes_; }

std::size_t CsvChunks::stretch_end(std::int64_t chunk) const { return std::min(stretch_begin(chunk) + chunk_bytes_, body_.end); }

/// Where the first row at or after `from` begins: `from` itself behind a line break.
CsvChunks::RowStart CsvChunks::first_row_start(std::size_t from, bool inside) const {
  const std::string_view text = body_.text.substr(0, body_.end);
  if (from == body_.begin || (!inside && text[from - 1] == '\n')) return {from, false};
  std::size_t at = from;
  for (;;) {
    if (inside) {
      at = text.find('"', at);
      if (at == std::string_view::npos) return {body_.end, true};
      inside = false;
      ++at;
    }
    while (at < text.size() && text[at] != '"' && text[at] != '\n') ++at;
    if (at == text.size()) return {body_.end, false};
    if (text[at++] == '\n') return {at, false};
    inside = true;
  }
}

/// Waits for its turn: is the beginning of the stretch inside quotes?
bool CsvChunks::enter_inside(std::int64_t chunk, bool odd_quotes) {
  std::unique_lock lock(mutex_);
  entered_.wait(lock, [&] { return next_to_enter_ == chunk; });
  const bool inside = inside_;
  inside_ = inside != odd_quotes;
  ++next_to_enter_;
  lock.unlock();
  entered_.notify_all();
  return inside;
}

void CsvChunks::find_lenient_starts() {
  const std::string_view text = body_.text.substr(0, body_.end);
  starts_.assign(static_cast<std::size_t>(num_chunks_) + 1, body_.end);
  std::size_t chunk = 0;
  for (std::size_t row = body_.begin; row < body_.end;) {
    while (chunk < starts_.size() && stretch_begin(static_cast<std::int64_t>(chunk)) <= row) starts_[chunk++] = row;
    const RecordEnd end = find_record_end(text, row, body_.delimiter);
    if (end.trouble != CsvStructure::Trouble::none) {
      lenient_fault_ = end.trouble == CsvStructure::Trouble::unclosed_quote ? Fault::unclosed_quote : Fault::text_after_quote;
      lenient_fault_row_ = row;
      lenient_fault_at_ = end.at;
      return;
    }
    row = end.at + 1;
  }
}

/// `facts` may tell of bytes before and behind the rows, too.
void CsvChunks::check_bytes(ByteFacts facts, Chunk& found) const {
  const std::string_view rows = body_.text.substr(found.begin, found.end - found.begin);
  const auto note = [&](Fault fault, std::size_t at) {
    if (found.fault != Fault::none && found.fault_at <= at) return;
    found.fault = fault;
    found.fault_at = at;
  };
  if (const std::size_t nul = facts.nul ? rows.find('\0') : std::string_view::npos; nul != std::string_view::npos) {
    note(Fault::nul, found.begin + nul);
  }
  if (!facts.beyond_ascii) return;
  if (const auto bad = first_invalid_utf8(rows)) note(Fault::not_utf8, found.begin + *bad);
}

CsvChunks::Chunk CsvChunks::find(std::int64_t chunk) {
  const std::size_t from = stretch_begin(chunk);
  const std::size_t to = stretch_end(chunk);
  ByteFacts facts = byte_facts(body_.text.substr(from, to - from));
  Chunk found;
  if (body_.quotes == CsvStructure::Quotes::strict) {
    const bool inside = enter_inside(chunk, facts.odd_quotes);
    found.begin = found.end = first_row_start(from, inside).at;
    if (found.begin < to) {
      const RowStart end = to == body_.end ? RowStart{to, inside != facts.odd_quotes} : first_row_start(to, inside != facts.odd_quotes);
      found.end = end.at;
      if (end.inside) {  // if all quotes before are where they belong, the last of all is the one that never closes
        found.fault = Fault::unclosed_quote;
        found.fault_at = body_.text.substr(0, body_.end).rfind('"');
      }
    }
  } else {
    found.begin = starts_[static_cast<std::size_t>(chunk)];
    found.end = std::max(found.begin, starts_[static_cast<std::size_t>(chunk) + 1]);
    if (lenient_fault_ != Fault::none && lenient_fault_row_ >= found.begin && lenient_fault_row_ < to) {
      found.end = std::max(found.begin, lenient_fault_row_);
      found.fault = lenient_fault_;
      found.fault_at = lenient_fault_at_;
    }
  }
  if (found.end - found.begin >= k_longest) {
    if (found.fault == Fault::none) {
      found.fault = Fault::too_long;
      found.fault_at = found.begin;
    }
    found.end = found.begin;
  }
  if (found.end > to) {
    const ByteFacts tail = byte_facts(body_.text.substr(to, found.end - to));
    facts.beyond_ascii |= tail.beyond_ascii;
    facts.nul |= tail.nul;
  }
  check_bytes(facts, found);
  return found;
}

}  // namespace cupel::source
