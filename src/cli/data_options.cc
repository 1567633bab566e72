#include "cli/data_options.h"

#include "base/text.h"
#include "suite/suite.h"

namespace cupel::cli {
namespace {

const std::vector<std::string> k_block_keys = {"delimiter", "encoding", "nulls", "path", "types", "where"};

Result<char> delimiter_char(const std::string& word) {
  if (word == "tab" || word == "\\t") return '\t';
  if (word.size() == 1 && static_cast<unsigned char>(word[0]) < 0x80 && word[0] != '"' && word[0] != '\n') return word[0];
  return fail("delimiter '{}', expected one ASCII character or the word tab", shorten(word, 40));
}

}  // namespace

void add_data_options(CLI::App& app, DataOptions& options, DataRequired required) {
  auto* data = app.add_option("--data", options.path, "the table: CSV, TSV (also gzip, zstd) or Parquet; - reads standard input")->type_name("D");
  if (required == DataRequired::yes) data->required();
  app.add_option("--where", options.where, "only rows for which this expression is true")->type_name("EXPR");
  app.add_option("--encoding", options.encoding, "of a CSV file: utf-8 (default), latin1, windows-1252, utf-16")->type_name("NAME");
  app.add_option("--delimiter", options.delimiter, "of a CSV file: one character, or tab")->type_name("C");
  app.add_option("--null", options.nulls, "a field that stands for null, as often as needed (default: the empty field)")->type_name("TEXT")->allow_extra_args(false);
  app.add_option("--type", options.types, "type of a column: NAME=text, integer, number, boolean or timestamp")->type_name("NAME=TYPE")->allow_extra_args(false);
  app.add_option("--threads", options.threads, "threads to use (default: one a core); the result does not depend on it")->type_name("N")->check(CLI::Range(0, 1024));
}

Result<void> take_defaults(DataOptions& options, const yaml::Node* block) {
  if (block == nullptr) return {};
  TRY(block->only_keys(k_block_keys, "'data'"));
  if (const auto* node = block->find("path"); node != nullptr && options.path.empty()) {
    ASSIGN_OR_RETURN(options.path, suite::substitute_environment(*node));
  }
  if (const auto* node = block->find("encoding"); node != nullptr && !options.encoding) {
    ASSIGN_OR_RETURN(options.encoding, node->text("'encoding'"));
  }
  if (const auto* node = block->find("delimiter"); node != nullptr && !options.delimiter) {
    ASSIGN_OR_RETURN(options.delimiter, node->text("'delimiter'"));
  }
  if (const auto* node = block->find("nulls"); node != nullptr && options.nulls.empty()) {
    ASSIGN_OR_RETURN(options.nulls, node->texts("'nulls'"));
  }
  if (const auto* node = block->find("where"); node != nullptr && options.where.empty()) {
    ASSIGN_OR_RETURN(options.where, node->text("'where'"));
  }
  if (const auto* node = block->find("types"); node != nullptr && options.types.empty()) {
    if (!node->is_map()) return node->fail_here(fmt::format("'types' is {}, expected a mapping of columns to types", node->description()));
    for (const auto& member : node->members) {
      ASSIGN_OR_RETURN(const std::string type, member.value.text("a type"));
      options.types.push_back(member.key.scalar + "=" + type);
    }
  }
  return {};
}

Result<source::ReadOptions> read_options(const DataOptions& options) {
  source::ReadOptions read;
  read.encoding = options.encoding;
  read.digest = options.digest;
  if (!options.nulls.empty()) read.nulls = options.nulls;
  if (options.delimiter) {
    ASSIGN_OR_RETURN(read.delimiter, delimiter_char(*options.delimiter));
  }
  for (const std::string& word : options.types) {
    const std::size_t at = word.rfind('=');
    if (at == std::string::npos) return fail("type '{}', expected NAME=TYPE such as ZIP=text", shorten(word, 60));
    ASSIGN_OR_RETURN(read.types[word.substr(0, at)], source::parse_type(word.substr(at + 1)));
  }
  return read;
}

Result<std::unique_ptr<table::BatchSource>> open_data(const DataOptions& options) {
  if (options.path.empty()) return fail_with_hint("no data", "give --data, or 'data: {path: …}' in the suite");
  ASSIGN_OR_RETURN(const source::ReadOptions read, read_options(options));
  return source::open_source(options.path, read);
}

Result<std::optional<table::Expression>> where_option(const DataOptions& options) {
  if (options.where.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(table::Expression where, table::Expression::parse(options.where, "--where"));
  return std::optional(std::move(where));
}

}  // namespace cupel::cli
