// The first byte chooses chunks and threads; the rest is the file.
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "memory_file.h"
#include "source/jsonl_source.h"
#include "table_cells.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

std::string_view without_space(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t' || line.front() == '\r')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

/// The lines as an independent parser reads them; nothing if one of them is no object.
std::optional<std::vector<Json>> read_slowly(std::string_view text) {
  std::vector<Json> records;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view record = without_space(line);
    if (record.empty()) continue;
    Json parsed = Json::parse(record, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    records.push_back(std::move(parsed));
  }
  return records;
}

/// Plain values of the record's own keys are in the cell as they are.
void compare(const Json& record, const std::vector<std::string>& names, const std::vector<std::string>& cells) {
  for (std::size_t column = 0; column < names.size(); ++column) {
    const auto found = record.find(names[column]);
    const std::string& seen = cells[column];
    if (found == record.end()) continue;  // absent, or of a nested object
    if (found->is_null()) CHECK(seen == "-", "{}: null against {}", names[column], seen);
    if (found->is_string()) CHECK(seen == "t" + found->get<std::string>(), "{}: {}", names[column], seen);
    if (found->is_boolean() && seen[0] == 'b') CHECK(seen == (found->get<bool>() ? "b1" : "b0"), "{}: {}", names[column], seen);
    if (!found->is_number()) continue;
    CHECK(seen != "-", "{}: a number is missing", names[column]);
    if (seen[0] == 'i') CHECK(found->is_number_integer() && seen == fmt::format("i{}", found->get<std::int64_t>()), "{}: {}", names[column], seen);
    if (seen[0] == 'n') CHECK(seen == number_cell(found->get<double>()), "{}: {} against {}", names[column], seen, found->get<double>());
  }
}

}  // namespace

void fuzz_jsonl(std::string_view input) {
  if (input.empty() || input.size() > 4096) return;
  const auto choice = static_cast<unsigned char>(input[0]);
  const std::string_view text = input.substr(1);
  const MemoryFile file(text);
  const std::string path = file.path();
  const auto form = (choice & 1) == 0 ? source::JsonRecords::Form::lines : source::JsonRecords::Form::array;
  std::optional<Scanned> first;
  std::vector<std::string> names;
  for (const std::int64_t chunk_bytes : {std::int64_t{1}, std::int64_t{2} + choice, std::int64_t{1} << 20}) {
    Result<source::FileBytes> bytes = source::FileBytes::open(path);
    CHECK(bytes.has_value());
    auto opened = source::open_jsonl(std::move(*bytes), path, form, {});
    if (!opened) {
      CHECK(opened.error().message.find(path) != std::string::npos, "a fault without its place: {}", opened.error().message);
      CHECK(!first, "refused in one way and read in another");
      if (chunk_bytes > 256) return;
      continue;
    }
    table::ScanOptions scan;
    scan.threads = (choice & 2) != 0 ? 2 : 1;
    scan.chunk_bytes = chunk_bytes;
    scan.batch_rows = 1 + (choice >> 3);
    Scanned scanned = scan_all(**opened, table::ColumnRequest::As::native, scan);
    CHECK(scanned.error.empty(), "what was opened cannot be read: {}", scanned.error);
    if (first) CHECK(scanned == *first, "another cut, other rows");
    names = (*opened)->schema().names();
    first = std::move(scanned);
  }
  if (!first || form != source::JsonRecords::Form::lines) return;
  const auto records = read_slowly(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
  CHECK(records.has_value(), "an independent parser finds a line that is no object");
  CHECK(records->size() == first->rows.size(), "{} against {} records", records->size(), first->rows.size());
  for (std::size_t row = 0; row < records->size(); ++row) compare((*records)[row], names, first->rows[row]);
}

}  // namespace cupel::fuzz
