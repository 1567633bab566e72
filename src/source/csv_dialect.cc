#include "source/csv_dialect.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "source/csv_structure.h"
#include "source/origin_note.h"

namespace cupel::source {
namespace {

constexpr std::size_t k_sample_bytes = 64 << 10;
constexpr std::size_t k_sample_rows = 200;

// How well a delimiter cuts the sample.
struct Cut {
  std::size_t num_fields = 1;  // of the first record
  double even_share = 0;       // records with as many fields as the first
};

Cut cut_by(std::string_view sample, bool complete, CsvDialect dialect) {
  Cut cut;
  std::size_t rows = 0;
  std::size_t even = 0;
  for (std::size_t at = 0; at < sample.size() && rows < k_sample_rows;) {
    const RecordEnd end = find_record_end(sample, at, dialect);
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

char detect_delimiter(std::string_view text, bool prefer_tab, char quote) {
  const std::string_view sample = text.substr(0, k_sample_bytes);
  char best = ',';
  Cut best_cut;
  const bool complete = sample.size() == text.size();
  if (prefer_tab && (cut_by(sample, complete, {'\t', quote}).num_fields > 1 || cut_by(sample, complete, {',', quote}).num_fields < 2)) return '\t';
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const Cut cut = cut_by(sample, complete, {delimiter, quote});
    if (cut.num_fields < 2) continue;
    const bool better = best_cut.num_fields < 2 || cut.even_share > best_cut.even_share + 0.01 ||
                        (cut.even_share > best_cut.even_share - 0.01 && cut.num_fields > best_cut.num_fields);
    if (!better) continue;
    best = delimiter;
    best_cut = cut;
  }
  return best;
}

char detect_quote(std::string_view text, bool prefer_tab) {
  constexpr char k_single = '\'';
  const std::string_view sample = text.substr(0, k_sample_bytes);
  if (sample.find(k_single) == std::string_view::npos) return '"';
  const CsvDialect dialect(detect_delimiter(text, prefer_tab, k_single), k_single);
  std::size_t rows = 0;
  std::size_t quoted = 0;
  for (std::size_t at = 0; at < sample.size() && rows < k_sample_rows; ++rows) {
    const RecordEnd end = find_record_end(sample, at, dialect);
    if (end.at >= sample.size() && text.size() > sample.size()) break;
    if (end.trouble != CsvStructure::Trouble::none) return '"';  // as in 't Hooft
    CsvStructure structure(dialect, end.num_fields);
    structure.start(sample.substr(at, end.at - at), CsvStructure::Quotes::lenient, CsvStructure::TextEnd::record);
    structure.scan(1);
    for (std::size_t i = 0; structure.num_rows() == 1 && i < end.num_fields; ++i) {
      const std::size_t from = static_cast<std::uint32_t>(structure.ends()[static_cast<std::ptrdiff_t>(i) - 1] + 1U);
      const std::string_view field = structure.text().substr(from, structure.ends()[i] - from);
      if (field.starts_with('"')) return '"';
      quoted += field.starts_with(k_single) ? 1 : 0;
    }
    at = end.at + 1;
  }
  return quoted >= 2 && 2 * quoted >= rows ? k_single : '"';
}

std::string delimiter_name(char delimiter) { return delimiter == '\t' ? "tab" : fmt::format("'{}'", delimiter); }

namespace {

/// Where line `line` begins, counted by line breaks.
Result<std::size_t> begin_of_line(std::string_view text, std::size_t begin, int line, const std::string& path) {
  for (int at = 1; at < line; ++at) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos || end + 1 >= text.size()) return fail("{} has {} line{}, expected column names in line {}", path, at, at == 1 ? "" : "s", line);
    begin = end + 1;
  }
  return begin;
}

Result<void> settle_names(std::vector<std::string>& names, const CsvHeaderOptions& options, const std::string& path, std::string& note) {
  if (!options.names.empty()) {
    if (options.names.size() != names.size()) return fail("{} names for the {} columns of {}", options.names.size(), names.size(), path);
    names = options.names;
  }
  std::map<std::string, std::size_t> positions;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto [first, fresh] = positions.emplace(names[i], i);
    if (fresh) continue;
    if (!options.number_repeated) {
      return fail_with_hint(fmt::format("{}: two columns are called '{}', numbers {} and {}", path, shorten(names[i], 80), first->second + 1, i + 1),
                            "--repeated-names number reads the second as a column of its own");
    }
    int number = 2;
    std::string name;
    do {
      name = fmt::format("{}_{}", names[i], number++);
    } while (positions.contains(name) || std::find(names.begin(), names.end(), name) != names.end());
    add_note(note, fmt::format("column {} is another '{}', read as '{}'", i + 1, shorten(names[i], 80), shorten(name, 80)));
    names[i] = name;
    positions.emplace(name, i);
  }
  return {};
}

}  // namespace

Result<CsvHeader> read_csv_header(std::string_view text, std::size_t begin, CsvDialect dialect, const CsvHeaderOptions& options, const std::string& path,
                                  std::string& note) {
  ASSIGN_OR_RETURN(begin, begin_of_line(text, begin, options.line, path));
  const RecordEnd end = find_record_end(text, begin, dialect);
  const auto fail_here = [&](std::size_t at, const CsvMistake& mistake) { return fail_at(line_place(path, text, at), mistake); };
  if (end.trouble == CsvStructure::Trouble::unclosed_quote) return fail_here(end.at, unclosed_quote());
  if (end.trouble == CsvStructure::Trouble::text_after_quote) return fail_here(end.at, text_after_quote(text.substr(end.at)));
  const std::string_view record = text.substr(begin, end.at - begin);
  if (const std::size_t nul = record.find('\0'); nul != std::string_view::npos) return fail_here(begin + nul, nul_byte(begin + nul, text));
  if (const auto bad = first_invalid_utf8(record)) return fail_here(begin + *bad, not_utf8(record[*bad], begin + *bad));
  if (end.at == text.size() && record.find('\r') < record.size() - 1) {
    return fail_with_hint(fmt::format("{}: lines end with CR alone, expected LF or CRLF", path), "tr '\\r' '\\n' converts them");
  }

  CsvStructure structure(dialect, end.num_fields);
  structure.start(record, CsvStructure::Quotes::lenient, CsvStructure::TextEnd::record);
  structure.scan(1);
  CsvHeader header;
  header.body = options.line == 0 ? begin : std::min(end.at + 1, text.size());
  std::string scratch;
  for (std::size_t i = 0; i < end.num_fields; ++i) {
    if (options.line == 0) {
      header.names.push_back(fmt::format("column_{}", i));
      continue;
    }
    const std::size_t from = record.empty() ? 0 : static_cast<std::uint32_t>(structure.ends()[static_cast<std::ptrdiff_t>(i) - 1] + 1U);
    std::string_view field = record.empty() ? record : record.substr(from, structure.ends()[i] - from);
    if (i + 1 == end.num_fields && field.ends_with('\r')) field.remove_suffix(1);
    std::string name(field_content(field, scratch, dialect.quote));
    header.names.push_back(name.empty() ? fmt::format("unnamed_{}", i) : std::move(name));
  }
  TRY(settle_names(header.names, options, path, note));
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
          fmt::format("if the file is in another encoding: --encoding {}", (static_cast<unsigned char>(byte) & 0xE0) == 0x80 ? "windows-1252" : "latin1")};
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
