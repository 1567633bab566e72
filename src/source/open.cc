#include "base/files.h"
#include "base/text.h"
#include "source/byte_stream.h"
#include "source/csv_source.h"
#include "source/file_bytes.h"
#include "source/file_list.h"
#include "source/jsonl_source.h"
#include "source/load_arrow.h"
#include "source/many_files.h"
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
    {"FEA1", "a Feather file of version 1"}, {"PK\x03\x04", "a zip archive (or a spreadsheet)"}, {"SQLite format 3", "an SQLite database"},
    {"%PDF", "a PDF document"},          {"\x89PNG", "a picture"},                           {"\x7f" "ELF", "a program"},
    {"BZh", "a bzip2 file"},             {"\xfd" "7zXZ", "an xz file"},                      {"Obj\x01", "an Avro file"},
    {"ORC", "an ORC file"},
};

Result<void> refuse_format(std::string_view start, std::string_view end, const std::string& path) {
  for (const Format& format : k_refused) {
    if (start.starts_with(format.first_bytes) && (format.first_bytes != "ORC" || end.ends_with("ORC"))) {
      return fail("'{}' is {}, expected CSV, TSV, JSON Lines, Parquet or Arrow IPC", path, format.name);
    }
  }
  return {};
}

// Parquet, or Arrow's IPC: a file, or a stream, which begins with the mark and the length of its first message.
std::optional<ArrowFormat> arrow_format(std::string_view bytes) {
  if (bytes.starts_with("PAR1")) return ArrowFormat::parquet;
  constexpr std::string_view k_continuation = "\xFF\xFF\xFF\xFF";
  if (bytes.starts_with("ARROW1") || (bytes.starts_with(k_continuation) && bytes.size() >= 8 && bytes[7] == 0)) return ArrowFormat::ipc;
  return std::nullopt;
}

// The first bytes of the content. What is damaged ends early: whoever reads on says so.
std::string first_bytes(const FileBytes& file, const std::string& name) {
  constexpr std::size_t k_telling_bytes = 4096;
  const Compression compression = compression_of(file.bytes());
  if (compression == Compression::none) return std::string(file.bytes().substr(0, k_telling_bytes));
  auto stream = stream_file(file);
  if (!stream) return {};
  return read_up_to(*decompressed(std::move(*stream), compression, name), k_telling_bytes).value_or(std::string());
}

Result<void> needs_all(const FileBytes& file, const std::string& name) {
  if (file.is_whole()) return {};
  return fail("'{}' has {} bytes, more than the address space of this process has room for; only CSV is read as a stream", name, file.size());
}

// The name without what tells a compression.
std::string_view plain_name(std::string_view name) {
  for (const std::string_view ending : {".gz", ".zst", ".zstd"}) {
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  return name;
}

// JSON begins with a brace, or with a bracket and one; a CSV header that does so says by its name that it is none.
std::optional<JsonRecords::Form> json_form(std::string_view start, std::string_view name) {
  name = plain_name(name);
  const bool named = name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json");
  if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
  start = trim(start);
  if (start.starts_with('[')) {
    const std::string_view rest = trim(start.substr(1));
    if (named || (rest.starts_with('{') && rest.find('"') != std::string_view::npos)) return JsonRecords::Form::array;
  }
  if (named || (start.starts_with('{') && start.find('"') != std::string_view::npos)) return JsonRecords::Form::lines;
  return std::nullopt;
}

Result<OpenedFile> open_one_file(const std::string& path, const ReadOptions& options) {
  ASSIGN_OR_RETURN(FileBytes file, FileBytes::open(path));
  const std::string_view bytes = file.bytes();
  const std::string name = path == "-" ? "standard input" : path;
  if (bytes.empty()) return fail("'{}' is empty, expected a header line", name);
  if (const auto format = arrow_format(bytes)) {
    TRY(needs_all(file, name));
    ASSIGN_OR_RETURN(auto source, open_arrow(*format, std::move(file), name, options));
    return OpenedFile{std::move(source), *format == ArrowFormat::parquet ? "Parquet" : "Arrow IPC"};
  }
  const std::string start = first_bytes(file, name);
  if (arrow_format(start)) {
    return fail_with_hint(fmt::format("'{}' is a compressed file around Parquet or Arrow IPC, which are not read from front to back", name),
                          "decompress it: these formats are compressed inside");
  }
  TRY(refuse_format(start, bytes, name));
  if (const auto form = json_form(start, path)) {
    TRY(needs_all(file, name));
    ASSIGN_OR_RETURN(auto source, open_jsonl(std::move(file), name, *form, options));
    return OpenedFile{std::move(source), "JSON"};
  }
  ASSIGN_OR_RETURN(auto source, open_csv(std::move(file), path, options));
  return OpenedFile{std::move(source), "CSV"};
}

}  // namespace

Result<std::unique_ptr<table::BatchSource>> open_source(const std::string& path, const ReadOptions& options) {
  ASSIGN_OR_RETURN(auto elsewhere, open_elsewhere(path, options));
  if (elsewhere) return elsewhere;
  if (names_many_files(path)) return open_many_files(path, options, open_one_file);
  ASSIGN_OR_RETURN(OpenedFile file, open_one_file(path, options));
  return std::move(file.source);
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
