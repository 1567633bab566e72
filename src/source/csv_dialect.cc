#include "source/csv_dialect.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "source/csv_structure.h"

namespace cupel::source {
namespace {

constexpr std::size_t k_sample_bytes = 64 << 10;
constexpr std::size_t k_sample_rows = 200;

// How well a delimiter cuts the sample.
struct Cut {
  std::size_t num_fields = 1;  // of the first record
  double even_share = 0;       // records with as many fields as the first
};

Cut cut_by(std::string_view sample, bool complete, char delimiter) {
  Cut cut;
  std::size_t rows = 0;
  std::size_t even = 0;
  for (std::size_t at = 0; at < sample.size() && rows < k_sample_rows;) {
    const RecordEnd end = find_record_end(sample, at, delimiter);
    if (end.trouble != CsvStructure::Trouble::none || (end.at == sample.size() && !complete && rows > 0)) break;
    if (rows == 0) cut.num_fields = end.num_fields;
    even += end.num_fields == cut.num_fields ? 1 : 0;
    ++rows;
    at = end.at + 1;
  }
  if (rows > 0) cut.even_share = static_cast<double>(even) / static_cast<double>(rows);
  return cut;
}

}  // namespace

char detect_delimiter(std::string_view text, bool prefer_tab) {
  const std::string_view sample = text.substr(0, k_sample_bytes);
  char best = ',';
  Cut best_cut;
  const bool complete = sample.size() == text.size();
  if (prefer_tab && (cut_by(sample, complete, '\t').num_fields > 1 || cut_by(sample, complete, ',').num_fields < 2)) return '\t';
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const Cut cut = cut_by(sample, complete, delimiter);
    if (cut.num_fields < 2) continue;
    const bool better = best_cut.num_fields < 2 || cut.even_share > best_cut.even_share + 0.01 ||
                        (cut.even_share > best_cut.even_share - 0.01 && cut.num_fields > best_cut.num_fields);
    if (!better) continue;
    best = delimiter;
    best_cut = cut;
  }
  return best;
}

std::string delimiter_name(char delimiter) { return delimiter == '\t' ? "tab" : fmt::format("'{}'", delimiter); }

Result<CsvHeader> read_csv_header(std::string_view text, std::size_t begin, char delimiter, const std::string& path) {
  const RecordEnd end = find_record_end(text, begin, delimiter);
  const auto fail_here = [&](std::size_t at, const CsvMistake& mistake) { return fail_at(line_place(path, text, at), mistake); };
  if (end.trouble == CsvStructure::Trouble::unclosed_quote) return fail_here(end.at, unclosed_quote());
  if (end.trouble == CsvStructure::Trouble::text_after_quote) return fail_here(end.at, text_after_quote(text.substr(end.at)));
  const std::string_view record = text.substr(begin, end.at - begin);
  if (const std::size_t nul = record.find('\0'); nul != std::string_view::npos) return fail_here(begin + nul, nul_byte(begin + nul, text));
  if (const auto bad = first_invalid_utf8(record)) return fail_here(begin + *bad, not_utf8(record[*bad], begin + *bad));
  if (end.at == text.size() && record.find('\r') < record.size() - 1) {
    return fail_with_hint(fmt::format("{}: lines end with CR alone, expected LF or CRLF", path), "tr '\\r' '\\n' converts them");
  }

  CsvStructure structure(delimiter, end.num_fields);
  structure.start(record, CsvStructure::Quotes::lenient, CsvStructure::TextEnd::record);
  structure.scan(1);
  CsvHeader header;
  header.body = std::min(end.at + 1, text.size());
  std::map<std::string, std::size_t> positions;
  std::string scratch;
  for (std::size_t i = 0; i < end.num_fields; ++i) {
    const std::size_t from = record.empty() ? 0 : static_cast<std::uint32_t>(structure.ends()[static_cast<std::ptrdiff_t>(i) - 1] + 1U);
    std::string_view field = record.empty() ? record : record.substr(from, structure.ends()[i] - from);
    if (i + 1 == end.num_fields && field.ends_with('\r')) field.remove_suffix(1);
    std::string name(field_content(field, scratch));
    if (name.empty()) name = fmt::format("unnamed_{}", i);
    const auto [first, fresh] = positions.emplace(name, i);
    if (!fresh) return fail("{}: two columns are called '{}', numbers {} and {}", path, shorten(name, 80), first->second + 1, i + 1);
    header.names.push_back(std::move(name));
  }
  return header;
}

std::size_t end_of_rows(std::string_view text, std::size_t body) {
  std::size_t end = text.size();
  while (end > body && text[end - 1] == '\n') {
    --end;
    if (end > body && text[end - 1] == '\r') --end;
  }
  return end;
}

std::string line_place(const std::string& path, std::string_view text, std::size_t offset) {
  const auto breaks = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return fmt::format("{}:{}", path, breaks + 1);
}

tl::unexpected<Error> fail_at(const std::string& place, const CsvMistake& mistake) {
  return fail_with_hint(fmt::format("{}: {}", place, mistake.what), mistake.hint);
}

CsvMistake not_utf8(char byte, std::size_t offset) {
  return {fmt::format("byte 0x{:02x} at offset {} is not UTF-8", static_cast<unsigned char>(byte), offset),
          "if the file is in another encoding: --encoding latin1"};
}

CsvMistake nul_byte(std::size_t offset, std::string_view first_bytes) {
  CsvMistake mistake{fmt::format("NUL byte at offset {}, expected text", offset)};
  const std::string_view text = first_bytes;
  if (text.size() >= 4 && (text[0] == '\0') != (text[1] == '\0') && text[0] == text[2]) mistake.hint = "if the file is UTF-16: --encoding utf-16le or utf-16be";
  if (text.size() >= 4 && text[1] == '\0' && text[3] == '\0') mistake.hint = "if the file is UTF-16: --encoding utf-16";
  return mistake;
}

CsvMistake unclosed_quote() { return {"the quote that opens here is never closed"}; }

CsvMistake text_after_quote(std::string_view rest) {
  std::string shown;
  for (const char c : rest.substr(0, 40)) {
    if (c == '\n' || static_cast<unsigned char>(c) >= 0x7F) break;  // the rest may not be UTF-8
    shown += c;
  }
  return {fmt::format("'{}' after the closing quote of a field, expected a delimiter or the end of the line", shorten(shown, 20))};
}

}  // namespace cupel::source
