#include "csv_reference.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "base/text.h"
#include "table_cells.h"

namespace cupel::fuzz {
namespace {

struct Record {
  std::vector<CsvReference::Field> fields;
  std::size_t begin = 0;
  std::size_t end = 0;  // of its bytes, without the line feed
  bool bad_quote = false;
};

class SlowReader {
 public:
  SlowReader(std::string_view text, char delimiter, const std::vector<std::string>& nulls)
      : text_(text), delimiter_(delimiter), nulls_(nulls) {}

  CsvReference read() {
    CsvReference result;
    result.header_refused = true;
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    if (at_ == text_.size()) return result;
    const Record header = record();
    if (is_bad(header)) return result;
    const bool whole_text = header.end == text_.size();
    const std::string_view bytes = text_.substr(header.begin, header.end - header.begin);
    if (whole_text && bytes.find('\r') < bytes.size() - 1) return result;  // lines end with CR alone
    std::set<std::string> seen;
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      std::string name = header.fields[i].content;
      if (name.empty()) name = fmt::format("unnamed_{}", i);
      if (!seen.insert(name).second) return result;
      result.names.push_back(std::move(name));
    }
    result.header_refused = false;
    drop_blank_end();
    while (at_ < text_.size()) {
      Record row = record();
      if (is_bad(row) || row.fields.size() != result.names.size()) {
        result.bad_row = CsvReference::BadRow{line(row.begin), row.bad_quote ? line(text_.size()) : line(row.end)};
        return result;
      }
      result.rows.push_back(std::move(row.fields));
    }
    return result;
  }

 private:
  long line(std::size_t at) const { return std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n') + 1; }

  bool is_bad(const Record& record) const {
    const std::string_view bytes = text_.substr(record.begin, record.end - record.begin);
    return record.bad_quote || bytes.find('\0') != std::string_view::npos || first_invalid_utf8(bytes);
  }

  // Blank lines at the end do not count, nor does the line break before them.
  void drop_blank_end() {
    while (text_.size() > at_ && text_.back() == '\n') {
      text_.remove_suffix(1);
      if (text_.size() > at_ && text_.back() == '\r') text_.remove_suffix(1);
    }
  }

  bool is_null(std::string_view written) const {
    const auto is = [&](std::string_view word) { return std::find(nulls_.begin(), nulls_.end(), word) != nulls_.end(); };
    return is(written) || (written == "\"\"" && is(""));
  }

  Record record() {
    Record result;
    result.begin = at_;
    for (;;) {
      const std::size_t begin = at_;
      std::string content;
      bool quoted = false;
      if (at_ < text_.size() && text_[at_] == '"') {
        quoted = true;
        for (++at_;; ++at_) {
          if (at_ >= text_.size()) {
            result.bad_quote = true;
            break;
          }
          if (text_[at_] != '"') {
            content += text_[at_];
          } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
            content += text_[at_++];
          } else {
            break;
          }
        }
        if (!result.bad_quote) ++at_;
      }
      std::size_t end = at_;
      if (quoted) {
        if (at_ < text_.size() && text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n')) ++at_;
        if (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n') result.bad_quote = true;
      } else {
        while (at_ < text_.size() && text_[at_] != delimiter_ && text_[at_] != '\n') content += text_[at_++];
        end = at_;
      }
      if (result.bad_quote) {
        result.end = text_.size();
        return result;
      }
      const bool ends = at_ >= text_.size() || text_[at_] == '\n';
      if (ends && !quoted && content.ends_with('\r')) {
        content.pop_back();
        --end;
      }
      const bool null = is_null(text_.substr(begin, end - begin));
      result.fields.push_back({std::move(content), null});
      if (ends) {
        result.end = at_;
        if (at_ < text_.size()) ++at_;
        return result;
      }
      ++at_;
    }
  }

  std::string_view text_;
  char delimiter_;
  const std::vector<std::string>& nulls_;
  std::size_t at_ = 0;
};

bool is_integer(const std::string& text) {
  static const RE2 k_form(R"(-?(0|[1-9][0-9]{0,18}))");
  if (!RE2::FullMatch(text, k_form)) return false;
  errno = 0;
  std::strtoll(text.c_str(), nullptr, 10);  // tidy: the reference is to share nothing with what it checks
  return errno == 0;
}

bool is_number(const std::string& text) {
  static const RE2 k_form(R"(-?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?)");
  static const RE2 k_digit(R"(-?\.?[0-9].*)");
  if (!RE2::FullMatch(text, k_form) || !RE2::FullMatch(text, k_digit)) return false;
  return std::isfinite(std::strtod(text.c_str(), nullptr));  // tidy: the reference is to share nothing with what it checks
}

bool is_boolean(const std::string& text) {
  static const RE2 k_form("true|True|TRUE|false|False|FALSE");
  return RE2::FullMatch(text, k_form);
}

}  // namespace

table::Type CsvReference::type_of(std::size_t column) const {
  bool integers = true;
  bool numbers = true;
  bool booleans = true;
  bool any = false;
  for (const std::vector<Field>& row : rows) {
    const Field& field = row[column];
    if (field.null) continue;
    any = true;
    integers = integers && is_integer(field.content);
    numbers = numbers && (is_integer(field.content) || is_number(field.content));
    booleans = booleans && is_boolean(field.content);
  }
  if (!any) return table::Type::text;
  if (booleans) return table::Type::boolean;
  if (integers) return table::Type::integer;
  return numbers ? table::Type::number : table::Type::text;
}

std::string CsvReference::cell(std::size_t row, std::size_t column, table::Type type) const {
  const Field& field = rows[row][column];
  if (field.null) return "-";
  const char* const text = field.content.c_str();
  switch (type) {
    case table::Type::boolean: return (field.content[0] | 0x20) == 't' ? "b1" : "b0";
    case table::Type::integer: return fmt::format("i{}", std::strtoll(text, nullptr, 10));  // tidy: shares nothing with what it checks
    case table::Type::number: return number_cell(std::strtod(text, nullptr));               // tidy: shares nothing with what it checks
    default: return "t" + field.content;
  }
}

CsvReference read_csv_slowly(std::string_view text, char delimiter, const std::vector<std::string>& nulls) {
  return SlowReader(text, delimiter, nulls).read();
}

}  // namespace cupel::fuzz
