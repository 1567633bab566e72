// cupel init: a ready project for a table.

#include <array>
#include <ctime>

#include "base/files.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/project_facts.h"
#include "cli/project_files.h"
#include "source/read.h"

namespace cupel::cli {
namespace {

struct InitOptions {
  DataOptions data;
  std::string target;
  std::string output;
  std::uint64_t seed = 1;
};

/// "hotel_bookings.csv.gz" -> "hotel_bookings": letters, digits, _ and -, as a model may be called.
std::string name_of(const std::string& path) {
  std::string stem = fs::path(path).filename().string();
  stem = stem.substr(0, stem.find('.', 1));
  std::string name;
  for (const char c : stem) name += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ? c : '-';
  while (!name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) == 0) name.erase(0, 1);
  return name.empty() ? "project" : name.substr(0, 60);
}

std::string shell_word(const std::string& word) { return "'" + replace_all(word, "'", "'\\''") + "'"; }

/// The options by which the data was read, for the commands of the flow.
std::string read_words(const DataOptions& options) {
  std::string words;
  const auto add = [&](std::string_view option, const std::string& value) { words += fmt::format(" {} {}", option, shell_word(value)); };
  if (options.encoding) add("--encoding", *options.encoding);
  if (options.delimiter) add("--delimiter", *options.delimiter);
  for (const std::string& word : options.nulls) add("--null", word);
  for (const std::string& type : options.types) add("--type", type);
  if (!options.where.empty()) add("--where", options.where);
  return words;
}

/// The path of the data from the project's folder; an address stays what it is.
std::string path_from(const fs::path& folder, const std::string& data) {
  if (data.find("://") != std::string::npos || fs::path(data).is_absolute()) return data;
  std::error_code error;
  const fs::path relative = fs::relative(fs::absolute(data), fs::absolute(folder), error);
  return error || relative.empty() ? fs::absolute(data).string() : relative.string();
}

Result<int> init(InitOptions& options) {
  if (options.data.path == "-") return fail("standard input cannot be read again by the project's flow, expected a file");
  const std::string name = name_of(options.data.path);
  const fs::path folder = options.output.empty() ? fs::path(name) : fs::path(options.output);
  std::error_code error;
  if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))) {
    return fail_with_hint(fmt::format("'{}' is there already, nothing was written", folder.string()), "name a new folder with -o");
  }
  options.data.digest = source::ReadOptions::Digest::left_out;
  ASSIGN_OR_RETURN(auto data, open_data(options.data));
  ASSIGN_OR_RETURN(const auto where, where_option(options.data));
  if (where) {
    ASSIGN_OR_RETURN(data, source::open_filtered(std::move(data), *where));
  }
  table::ScanOptions scan;
  scan.threads = options.data.threads;
  Progress progress("looking at the data", 100);
  scan.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  ASSIGN_OR_RETURN(const ProjectFacts facts, find_project_facts(*data, options.target, options.seed, scan));
  progress.finish();
  const ProjectNames names{name, path_from(folder, options.data.path), fs::path(options.data.path).filename().string(), utc_now().substr(0, 10), read_words(options.data)};
  for (const auto& [path, content] : project_files(facts, names)) TRY(write_file(folder / path, content));
  fmt::print("{}: a project for '{}' ({} rows, {} columns)\n\n", folder.string(), options.data.path, with_thousands(facts.rows), facts.columns.size());
  const std::pair<const char*, Role> kinds[] = {{"numbers", Role::numeric}, {"categories", Role::categorical}, {"texts", Role::text}, {"group", Role::group}};
  fmt::print("  target      {} = {} in {} of {} rows\n", facts.target_column().name, facts.classes[1], with_thousands(facts.class_rows[1]), with_thousands(facts.rows));
  for (const auto& [word, role] : kinds) {
    if (const auto columns = facts.names_of(role); !columns.empty()) fmt::print("  {:<10}  {}\n", word, join(columns, ", "));
  }
  for (const ColumnFacts& column : facts.columns) {
    if (column.role == Role::excluded) fmt::print("  left out    {}: {}\n", column.name, column.because);
  }
  fmt::print("\nnext: cd {} && cupel run flow.yaml\n", folder.string());
  return 0;
}

}  // namespace

Result<int> init_command(std::span<const std::string> words) {
  InitOptions options;
  CLI::App app("A ready project for any table: data tests, training, robustness tests, a flow of them, Dockerfiles.", "init");
  app.add_option("D", options.data.path, "the table: CSV, TSV (also gzip, zstd) or Parquet")->required()->type_name("D");
  app.add_option("--target", options.target, "the column that the model shall predict; it has two classes")->required()->type_name("COLUMN");
  app.add_option("-o,--output", options.output, "the new folder (default: the name of the data); it must not be there, or be empty")->type_name("DIR");
  add_read_options(app, options.data);
  app.add_option("--seed", options.seed, "for the sample of a large table")->type_name("N")->capture_default_str();
  app.add_flag_callback("-q,--quiet", [] { Progress::silence(); }, "no progress");
  PARSE_OR_RETURN(app, words);
  return init(options);
}

}  // namespace cupel::cli
