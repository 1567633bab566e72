#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "source/csv_blocks.h"

namespace cupel::source {

/// The one of `,` `;` tab `|` that cuts the first rows (at most 64 KiB) most evenly into more than one field; comma when none does.
char detect_delimiter(std::string_view text, bool prefer_tab, char quote = '"');
/// `'` where the first rows have fields in such quotes, all of them closed, and none in `"`; else `"`.
char detect_quote(std::string_view text, bool prefer_tab);
/// "tab" or the character in quotes, for people.
std::string delimiter_name(char delimiter);

struct CsvHeader {
  std::vector<std::string> names;  ///< `unnamed_<position from 0>` where there is none
  std::size_t body = 0;            ///< where the rows begin
};
/// What ReadOptions says of the names.
struct CsvHeaderOptions {
  int line = 1;                      ///< 0: no header
  std::vector<std::string> names{};  ///< in place of the header's; empty: its own
  bool number_repeated = false;
};
/// Reads the names. `note` gets what was done to them. Errors: an unclosed quote, a name twice, bytes that are not UTF-8, lines that end with
/// CR alone, fewer lines than the header's, names of another number than columns.
Result<CsvHeader> read_csv_header(std::string_view text, std::size_t begin, CsvDialect dialect, const CsvHeaderOptions& options, const std::string& path,
                                  std::string& note);

/// Where the last row ends: blank lines behind it and its own line break are left out.
std::size_t end_of_rows(std::string_view text, std::size_t body);

/// What is wrong with the bytes at some place, without the place.
struct CsvMistake {
  std::string what;
  std::string hint{};
};
CsvMistake not_utf8(char byte, std::size_t offset);
/// `first_bytes` of the text tell of UTF-16.
CsvMistake nul_byte(std::size_t offset, std::string_view first_bytes);
CsvMistake unclosed_quote();
/// `rest` begins behind the closing quote.
CsvMistake text_after_quote(std::string_view rest);

/// `path:17` for the line that holds the byte at `offset`.
std::string line_place(const std::string& path, std::string_view text, std::size_t offset);
tl::unexpected<Error> fail_at(const std::string& place, const CsvMistake& mistake);

}  // namespace cupel::source
