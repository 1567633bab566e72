#include "base/files.h"
#include "base/text.h"
#include "source/csv_source.h"
#include "source/file_bytes.h"
#include "source/load_arrow.h"
#include "source/open_elsewhere.h"
#include "source/read.h"

namespace cupel::source {
namespace {

struct Format {
  std::string_view first_bytes;
  std::string_view name;
};

// What is recognized and not read; anything else that is text is taken for CSV.
constexpr Format k_refused[] = {
    {"ARROW1", "an Arrow IPC file"},     {"PK\x03\x04", "a zip archive (or a spreadsheet)"}, {"SQLite format 3", "an SQLite database"},
    {"%PDF", "a PDF document"},          {"\x89PNG", "a picture"},                           {"\x7f" "ELF", "a program"},
    {"BZh", "a bzip2 file"},             {"\xfd" "7zXZ", "an xz file"},                      {"Obj\x01", "an Avro file"},
    {"ORC", "an ORC file"},
};

Result<void> refuse_format(std::string_view bytes, const std::string& path) {
  for (const Format& format : k_refused) {
    if (bytes.starts_with(format.first_bytes) && (format.first_bytes != "ORC" || bytes.ends_with("ORC"))) {
      return fail("'{}' is {}, expected CSV, TSV or Parquet", path, format.name);
    }
  }
  const std::string_view start = trim(bytes.substr(0, 256));
  const bool json = start.starts_with('{') || start.starts_with("[{") || start.starts_with("[\n");
  if (json && start.find('"') != std::string_view::npos) return fail("'{}' is JSON, expected CSV, TSV or Parquet", path);
  return {};
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_source(const std::string& path, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto elsewhere, open_elsewhere(path, options));
  if (elsewhere) return elsewhere;
  ASSIGN_OR_RETURN(FileBytes file, FileBytes::open(path));
  const std::string_view bytes = file.bytes();
  const std::string name = path == "-" ? "standard input" : path;
  if (bytes.empty()) return fail("'{}' is empty, expected a header line", name);
  if (bytes.starts_with("PAR1")) {
    return open_parquet(std::move(file), name, options);
  }
  TRY(refuse_format(bytes, name));
  return open_csv(std::move(file), path, options);
}

Result<table::Type> parse_type(std::string_view word) {
  std::vector<std::string> known;
  for (const table::Type type : {table::Type::boolean, table::Type::integer, table::Type::number, table::Type::text, table::Type::timestamp}) {
    if (word == table::type_name(type)) return type;
    known.emplace_back(table::type_name(type));
  }
  return fail("unknown type '{}'{}", word, nearest_note(word, known));
}

}  // namespace cupel::source
