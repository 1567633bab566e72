// cupel profile: saved mergeable summaries of tables.

#include "states/table_profile.h"

#include "base/progress.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "cli/profile_text.h"
#include "cli/readable_rows.h"

namespace cupel::cli {
namespace {

Result<void> write_out(const std::string& target, const std::string& text) {
  if (target != "-") return write_file(target, text);
  fmt::print("{}", text);
  return {};
}

Result<states::Profile> profile_of(DataOptions& data) {
  data.digest = source::ReadOptions::Digest::left_out;
  ASSIGN_OR_RETURN(const auto source, open_data(data));
  states::ProfileOptions options;
  options.scan.threads = data.threads;
  ASSIGN_OR_RETURN(options.where, where_option(data));
  Progress progress("profiling", 100);
  options.scan.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  ASSIGN_OR_RETURN(states::Profile profile, states::make_profile(*source, options));
  progress.finish();
  tell_bad_rows(source::bad_rows_of(*source), profile.rows);
  return profile;
}

Result<int> make(std::span<const std::string> words) {
  DataOptions data;
  std::string out;
  std::string json;
  CLI::App app("Summary of a table: one scan, a small file that can be merged, compared and checked without the rows.", "profile");
  app.footer("Also: cupel profile merge P… -o P, cupel profile show P, cupel profile compare P Q");
  app.add_option("table", data.path, "the table")->required()->type_name("D");
  add_data_options(app, data, DataRequired::no);
  app.remove_option(app.get_option("--data"));
  add_bad_rows_option(app, data);
  app.add_option("-o,--output", out, "write the profile to this file; without, it is shown")->type_name("P");
  app.add_option("--json", json, "write what it says as JSON to a file, or to standard output: -")->type_name("FILE");
  app.add_flag_callback("-q,--quiet", Progress::silence, "no progress");
  PARSE_OR_RETURN(app, words);
  ASSIGN_OR_RETURN(const states::Profile profile, profile_of(data));
  if (!out.empty()) TRY(write_file(out, profile.bytes()));
  if (!json.empty()) TRY(write_out(json, json_text(profile_json(profile))));
  if (out.empty() && json.empty()) fmt::print("{}", profile_text(profile));
  return 0;
}

Result<int> merge(std::span<const std::string> words) {
  std::vector<std::string> paths;
  std::string out;
  CLI::App app("One profile of all rows of several, whose columns are the same.", "profile merge");
  app.add_option("profiles", paths, "the profiles, in the order of their rows")->required()->type_name("P");
  app.add_option("-o,--output", out, "the file to write")->required()->type_name("P");
  PARSE_OR_RETURN(app, words);
  ASSIGN_OR_RETURN(states::Profile all, states::read_profile(paths[0]));
  for (std::size_t i = 1; i < paths.size(); ++i) {
    ASSIGN_OR_RETURN(const states::Profile next, states::read_profile(paths[i]));
    if (const auto done = all.merge(next); !done) return fail("'{}': {}", paths[i], done.error().message);
  }
  TRY(write_file(out, all.bytes()));
  return 0;
}

Result<int> show(std::span<const std::string> words) {
  std::string path;
  std::string json;
  CLI::App app("What a profile says.", "profile show");
  app.add_option("profile", path, "the profile")->required()->type_name("P");
  app.add_option("--json", json, "write it as JSON to a file, or to standard output: -")->type_name("FILE");
  PARSE_OR_RETURN(app, words);
  ASSIGN_OR_RETURN(const states::Profile profile, states::read_profile(path));
  if (!json.empty()) TRY(write_out(json, json_text(profile_json(profile))));
  if (json.empty()) fmt::print("{}", profile_text(profile));
  return 0;
}

Result<int> compare(std::span<const std::string> words) {
  std::string before;
  std::string after;
  std::string json;
  CLI::App app("What changed from one profile to another.", "profile compare");
  app.add_option("before", before, "the first profile")->required()->type_name("P");
  app.add_option("after", after, "the second profile")->required()->type_name("Q");
  app.add_option("--json", json, "write it as JSON to a file, or to standard output: -")->type_name("FILE");
  PARSE_OR_RETURN(app, words);
  ASSIGN_OR_RETURN(const states::Profile first, states::read_profile(before));
  ASSIGN_OR_RETURN(const states::Profile second, states::read_profile(after));
  const Json changes = profile_changes(first, second);
  if (!json.empty()) TRY(write_out(json, json_text(changes)));
  if (json.empty()) fmt::print("{}", changes_text(changes));
  return 0;
}

}  // namespace

Result<int> profile_command(std::span<const std::string> words) {
  if (!words.empty() && words[0] == "merge") return merge(words.subspan(1));
  if (!words.empty() && words[0] == "show") return show(words.subspan(1));
  if (!words.empty() && words[0] == "compare") return compare(words.subspan(1));
  return make(words);
}

}  // namespace cupel::cli
