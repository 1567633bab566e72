#include "source/origin_note.h"

#include "base/files.h"
#include "base/text.h"

namespace cupel::source {

void add_note(std::string& note, std::string_view fact) {
  if (fact.empty()) return;
  if (!note.empty()) note += "; ";
  note += fact;
}

Result<std::string> fact_beside(const std::string& path) {
  const std::string name = path + ".origin";
  std::error_code ignored;  // a file that cannot be looked at is as good as none
  if (!fs::is_regular_file(name, ignored)) return std::string();
  constexpr std::uintmax_t k_most_bytes = 4096;
  ASSIGN_OR_RETURN(const std::string text, read_file(name, k_most_bytes));
  const std::string_view line = trim(std::string_view(text).substr(0, text.find('\n')));
  if (first_invalid_utf8(line)) return fail("{}: not UTF-8, expected a line of text about '{}'", name, path);
  return std::string(line);
}

}  // namespace cupel::source
