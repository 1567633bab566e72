#include "cli/data_options.h"

#include <algorithm>
#include <charconv>

#include "base/address.h"
#include "base/byte_size.h"
#include "base/memory_budget.h"
#include "base/text.h"
#include "suite/suite.h"

namespace cupel::cli {
namespace {

const std::vector<std::string> k_block_keys = {"bad_rows", "delimiter", "encoding", "header", "names", "nulls", "path",
                                               "query", "quote", "repeated_names", "table", "types", "where"};

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

Result<char> quote_char(const std::string& word) {
  if (word == "none") return '\0';
  if (word.size() == 1 && static_cast<unsigned char>(word[0]) < 0x80 && word[0] != '\n' && word[0] != '\r') return word[0];
  return fail("quote '{}', expected one ASCII character or the word none", shorten(word, 40));
}

Result<int> header_line(const std::string& word) {
  if (word == "no") return 0;
  int line = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), line);
  if (error == std::errc() && end == word.data() + word.size() && line >= 1) return line;
  return fail("header '{}', expected no or the number of a line from 1", shorten(word, 40));
}

/// `NA` for all columns, `Age=-1` for one, `*=a=b` for all.
void add_null(const std::string& word, source::ReadOptions& read) {
  const std::size_t at = word.find('=');
  const std::string column = at == std::string::npos || at == 0 ? std::string() : word.substr(0, at);
  if (column.empty()) {
    read.nulls.push_back(word);
  } else if (column == "*") {
    read.nulls.push_back(word.substr(at + 1));
  } else {
    read.column_nulls[column].push_back(word.substr(at + 1));
  }
}

Result<void> take_nulls(DataOptions& options, const yaml::Node& node) {
  if (!node.is_map()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> words, node.texts("'nulls'"));
    for (const std::string& word : words) options.nulls.push_back("*=" + word);
    return {};
  }
  for (const auto& member : node.members) {
    ASSIGN_OR_RETURN(const std::vector<std::string> words, member.value.texts("the nulls of a column"));
    for (const std::string& word : words) options.nulls.push_back(member.key.scalar + "=" + word);
  }
  return {};
}

}  // namespace

void add_bad_rows_option(CLI::App& app, DataOptions& options) {
  app.add_option("--bad-rows", options.bad_rows, "a row of a CSV file with too many or too few fields, or a value that does not fit a stated type: stop (default), or leave it out, count it and tell it (a check then fails)")
      ->type_name("stop|report");
  options.tells_bad_rows = true;
}

void add_read_options(CLI::App& app, DataOptions& options) {
  app.add_option("--where", options.where, "only rows for which this expression is true")->type_name("EXPR");
  app.add_option("--query", options.query, "of a database (postgresql://…, an SQLite file): the statement that yields the rows")->type_name("SQL");
  app.add_option("--table", options.table, "of a database: the table or view, SCHEMA.TABLE or TABLE")->type_name("TABLE");
  app.add_flag("--offline", options.offline, "of an address: read the copy that is kept, and ask no server");
  app.add_option("--encoding", options.encoding, "of a CSV file: utf-8 (default), latin1, windows-1252, utf-16")->type_name("NAME");
  app.add_option("--delimiter", options.delimiter, "of a CSV file: one character, or tab")->type_name("C");
  app.add_option("--quote", options.quote, "of a CSV file: one character, or none")->type_name("C");
  app.add_option("--header", options.header, "the line of the column names in a CSV file (default: 1), or no")->type_name("N|no");
  app.add_option("--names", options.names, "column names in place of the header's, separated by commas")->type_name("A,B,…")->delimiter(',');
  app.add_option("--repeated-names", options.repeated_names, "two columns of one name: refuse (default), or number the second")->type_name("refuse|number");
  app.add_option("--null", options.nulls, "a field that stands for null, or NAME=TEXT in one column alone; as often as needed (default: the empty field)")->type_name("TEXT")->allow_extra_args(false);
  app.add_option("--type", options.types, "type of a column: NAME=text, integer, number, boolean or timestamp")->type_name("NAME=TYPE")->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--memory",
         [](const std::string& text) {
           const auto bytes = parse_byte_size(text);
           if (!bytes) throw CLI::ValidationError(fmt::format("--memory is '{}', expected a size such as 512M or 2G", shorten(text, 40)));
           MemoryBudget::of_process().limit_to(*bytes);
         },
         "memory for what is gathered from the rows: what does not fit is kept in temporary files (default: two fifths of what is there); the result does not depend on it")
      ->type_name("SIZE");
  app.add_option("--threads", options.threads, "threads to use (default: one a core); the result does not depend on it")->type_name("N")->check(CLI::Range(0, 1024));
}

void add_data_options(CLI::App& app, DataOptions& options, DataRequired required) {
  auto* data = app.add_option("--data", options.path, "the table: CSV, TSV, JSON Lines (also gzip, zstd), Parquet or Arrow IPC, an address (https://, hf://, kaggle://), a database; "
                              "- reads standard input")->type_name("D");
  if (required == DataRequired::yes) data->required();
  add_read_options(app, options);
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
    TRY(take_nulls(options, *node));
  }
  if (const auto* node = block->find("quote"); node != nullptr && !options.quote) {
    ASSIGN_OR_RETURN(options.quote, node->text("'quote'"));
  }
  if (const auto* node = block->find("header"); node != nullptr && !options.header) {
    ASSIGN_OR_RETURN(options.header, node->text("'header'"));
  }
  if (const auto* node = block->find("names"); node != nullptr && options.names.empty()) {
    ASSIGN_OR_RETURN(options.names, node->texts("'names'"));
  }
  if (const auto* node = block->find("repeated_names"); node != nullptr && !options.repeated_names) {
    ASSIGN_OR_RETURN(options.repeated_names, node->text("'repeated_names'"));
  }
  if (const auto* node = block->find("bad_rows"); node != nullptr && !options.bad_rows) {
    ASSIGN_OR_RETURN(options.bad_rows, node->text("'bad_rows'"));
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
  other.tells_bad_rows = false;  // of the data alone
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
  const bool all_columns = std::any_of(options.nulls.begin(), options.nulls.end(), [](const std::string& word) {
    const std::size_t at = word.find('=');
    return at == std::string::npos || at == 0 || word.starts_with("*=");
  });
  if (all_columns) read.nulls.clear();
  for (const std::string& word : options.nulls) add_null(word, read);
  if (options.quote) {
    ASSIGN_OR_RETURN(read.quote, quote_char(*options.quote));
  }
  if (options.header) {
    ASSIGN_OR_RETURN(read.header_line, header_line(*options.header));
  }
  read.names = options.names;
  const std::string repeated = options.repeated_names.value_or("refuse");
  if (repeated != "refuse" && repeated != "number") return fail("repeated names '{}', expected refuse or number", shorten(repeated, 40));
  if (repeated == "number") read.repeated_names = source::ReadOptions::RepeatedNames::number;
  const std::string bad_rows = options.bad_rows.value_or("stop");
  if (bad_rows != "stop" && bad_rows != "report") return fail("bad rows '{}', expected stop or report", shorten(bad_rows, 40));
  if (bad_rows == "report" && options.tells_bad_rows) read.bad_rows = source::ReadOptions::BadRowPolicy::report;
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

std::function<Result<std::unique_ptr<table::BatchSource>>(const yaml::Node& block)> other_tables(const fs::path& suite, int threads) {
  return [folder = suite.parent_path(), threads](const yaml::Node& block) -> Result<std::unique_ptr<table::BatchSource>> {
    DataOptions options;
    options.threads = threads;
    options.digest = source::ReadOptions::Digest::left_out;
    TRY(take_defaults(options, &block));
    if (options.path == "-") return block.fail_here("standard input is the data, expected a file");
    const bool address = !scheme_of(options.path).empty() || options.path.starts_with("sqlite:");
    if (!address && fs::path(options.path).is_relative() && !folder.empty()) options.path = (folder / options.path).string();
    ASSIGN_OR_RETURN(auto source, open_data(options));
    if (options.where.empty()) return source;
    ASSIGN_OR_RETURN(table::Expression where, table::Expression::parse(options.where, block.place()));
    return source::open_filtered(std::move(source), std::move(where));
  };
}

Result<std::optional<table::Expression>> where_option(const DataOptions& options) {
  if (options.where.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(table::Expression where, table::Expression::parse(options.where, "--where"));
  return std::optional(std::move(where));
}

}  // namespace cupel::cli
