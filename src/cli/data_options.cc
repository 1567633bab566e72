#include "cli/data_options.h"

#include "base/address.h"
#include "base/text.h"
#include "suite/suite.h"

namespace cupel::cli {
namespace {

const std::vector<std::string> k_block_keys = {"delimiter", "encoding", "nulls", "path", "query", "table", "types", "where"};

Result<char> delimiter_char(const std::string& word) {
  if (word == "tab" || word == "\\t") return '\t';
  if (word.size() == 1 && static_cast<unsigned char>(word[0]) < 0x80 && word[0] != '"' && word[0] != '\n') return word[0];
  return fail("delimiter '{}', expected one ASCII character or the word tab", shorten(word, 40));
}

bool is_database(const std::string& path) {
  const std::string scheme = scheme_of(path);
  return scheme == "postgresql" || scheme == "postgres" || path.starts_with("sqlite:");
}

// An address is taken from the environment as a whole or not at all.
Result<std::string> path_of(const yaml::Node& node) {
  const std::string& text = node.scalar;
  const bool whole = text.starts_with("${") && text.find('}') + 1 == text.size();
  if (!whole && text.find("${") != std::string::npos && text.find("://") != std::string::npos) {
    return node.fail_here("an address that takes a part of itself from the environment, which would tell it to its server",
                          "write it in full, take all of it from one variable, or give --data");
  }
  ASSIGN_OR_RETURN(std::string path, suite::substitute_environment(node));
  if (!whole && path != text && !scheme_of(path).empty()) return node.fail_here("an address made of several parts, expected all of it in one variable");
  return path;
}

}  // namespace

void add_data_options(CLI::App& app, DataOptions& options, DataRequired required) {
  auto* data = app.add_option("--data", options.path, "the table: CSV, TSV (also gzip, zstd) or Parquet, an address (https://, hf://, kaggle://), a database; - reads standard input")->type_name("D");
  if (required == DataRequired::yes) data->required();
  app.add_option("--where", options.where, "only rows for which this expression is true")->type_name("EXPR");
  app.add_option("--query", options.query, "of a database (postgresql://…, an SQLite file): the statement that yields the rows")->type_name("SQL");
  app.add_option("--table", options.table, "of a database: the table or view, SCHEMA.TABLE or TABLE")->type_name("TABLE");
  app.add_flag("--offline", options.offline, "of an address: read the copy that is kept, and ask no server");
  app.add_option("--encoding", options.encoding, "of a CSV file: utf-8 (default), latin1, windows-1252, utf-16")->type_name("NAME");
  app.add_option("--delimiter", options.delimiter, "of a CSV file: one character, or tab")->type_name("C");
  app.add_option("--null", options.nulls, "a field that stands for null, as often as needed (default: the empty field)")->type_name("TEXT")->allow_extra_args(false);
  app.add_option("--type", options.types, "type of a column: NAME=text, integer, number, boolean or timestamp")->type_name("NAME=TYPE")->allow_extra_args(false);
  app.add_option("--threads", options.threads, "threads to use (default: one a core); the result does not depend on it")->type_name("N")->check(CLI::Range(0, 1024));
}

Result<void> take_defaults(DataOptions& options, const yaml::Node* block) {
  if (block == nullptr) return {};
  TRY(block->only_keys(k_block_keys, "'data'"));
  // A query belongs to the suite's own path, or to another database that stands for it.
  const bool query_fits = options.path.empty() || is_database(options.path);
  if (const auto* node = block->find("path"); node != nullptr && options.path.empty()) {
    ASSIGN_OR_RETURN(options.path, path_of(*node));
  }
  if (query_fits && !options.query && !options.table) {
    if (const auto* node = block->find("query"); node != nullptr) {
      ASSIGN_OR_RETURN(options.query, node->text("'query'"));
    }
    if (const auto* node = block->find("table"); node != nullptr) {
      ASSIGN_OR_RETURN(options.table, node->text("'table'"));
    }
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

Result<DataOptions> reference_options(const DataOptions& data, const std::string& path, const yaml::Node* block) {
  DataOptions other = data;
  other.path = path;
  other.query.reset();
  other.table.reset();
  TRY(take_defaults(other, block));
  if (!other.query && !other.table && is_database(other.path)) {
    other.query = data.query;
    other.table = data.table;
  }
  return other;
}

Result<source::ReadOptions> read_options(const DataOptions& options) {
  source::ReadOptions read;
  read.encoding = options.encoding;
  read.query = options.query;
  read.table = options.table;
  if (options.offline) read.network = source::Network::never;
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
