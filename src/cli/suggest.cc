// cupel suggest: a suite derived from clean batches.

#include <cstdio>

#include "base/files.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/data_options.h"
#include "prove/suggestion.h"
#include "source/read.h"

namespace cupel::cli {
namespace {

struct Options {
  std::vector<std::string> data;
  DataOptions read;
  std::int64_t batch_rows = 0;
  std::string batches_by;
  std::string false_alarms = "1%";
  std::vector<std::string> faults;
  std::string output = "-";
  std::string date;
  std::uint64_t seed = 1;
  bool all = false;
};

Result<double> share_of(const std::string& word) {
  std::string_view text = word;
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto value = parse_number(trim(text));
  const double share = value ? (percent ? *value / 100 : *value) : -1;
  if (!(share > 0 && share <= 0.5)) return fail("--false-alarms '{}', expected a share above 0 up to 50 %, such as 1%", shorten(word, 40));
  return share;
}

Result<prove::History> read_history(const Options& options) {
  std::vector<table::Table> tables;
  for (const std::string& path : options.data) {
    DataOptions one = options.read;
    one.path = path;
    ASSIGN_OR_RETURN(auto source, open_data(one));
    ASSIGN_OR_RETURN(const auto where, where_option(one));
    if (where) {
      ASSIGN_OR_RETURN(source, source::open_filtered(std::move(source), *where));
    }
    ASSIGN_OR_RETURN(tables.emplace_back(), source::read_table(*source));
  }
  if (tables.size() > 1 && !options.batches_by.empty()) return fail("--batches-by with {} files, expected either: each file is a batch", tables.size());
  if (tables.size() > 1) return prove::make_history(std::move(tables), options.data, options.batch_rows);
  return prove::make_history(std::move(tables.front()), options.batches_by, options.batch_rows);
}

Result<int> suggest(const Options& options) {
  prove::SuggestOptions wanted;
  ASSIGN_OR_RETURN(wanted.false_alarms, share_of(options.false_alarms));
  if (!options.faults.empty()) {
    ASSIGN_OR_RETURN(wanted.faults, prove::select_faults(options.faults));
  }
  wanted.seed = options.seed;
  wanted.threads = options.read.threads;
  wanted.keep_all = options.all;
  wanted.date = options.date.empty() ? utc_now().substr(0, 10) : options.date;
  ASSIGN_OR_RETURN(prove::History history, read_history(options));
  history.source = options.data.size() == 1 ? fs::path(options.data.front()).filename().string() : fmt::format("{} files", options.data.size());

  Progress progress("trying faults", 100);
  wanted.progress = [&progress](std::uint64_t done, std::uint64_t total) { progress.advance_to(total == 0 ? 0 : done * 100 / total); };
  ASSIGN_OR_RETURN(const prove::Suggestion suggestion, prove::suggest(history, wanted));
  progress.finish();
  const prove::BaselineFacts facts = prove::baseline_facts(history.rows);
  const std::string text = prove::suggested_suite(suggestion, {history, facts}, wanted);
  if (options.output == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  TRY(write_file(options.output, text, Durable::no));
  fmt::print("{} expectations of {} considered, in {}\n", suggestion.expectations.size(), suggestion.candidates, options.output);
  fmt::print("for clean batches of {} rows: an alarm in at most {} of them; {} of {} faults tried are caught ({})\n", with_thousands(history.next_rows), percent_text(wanted.false_alarms),
             with_thousands(suggestion.killed), with_thousands(suggestion.cases), percent_text(static_cast<double>(suggestion.killed) / static_cast<double>(std::max<std::int64_t>(1, suggestion.cases))));
  for (const std::string& note : suggestion.notes) fmt::print("note: {}\n", note);
  fmt::print("next: read it, correct the reasons; cupel prove {} --baseline {} shows what it lets through\n", options.output, options.data.front());
  return 0;
}

}  // namespace

Result<int> suggest_command(std::span<const std::string> words) {
  Options options;
  CLI::App app("Derives a suite from clean data: limits that hold on the next clean batch, each with its reason.", "suggest");
  app.add_option("data", options.data, "clean data: one table, or one file a batch, in order")->required()->type_name("D");
  add_data_options(app, options.read, DataRequired::no);
  app.remove_option(app.get_option("--data"));
  app.add_option("--batch-rows", options.batch_rows, "rows of the batch that the limits are for (default: the median batch; a fifth of a single table)")->type_name("N")->check(CLI::PositiveNumber);
  app.add_option("--batches-by", options.batches_by, "column that tells real batches apart, such as a week")->type_name("COLUMN");
  app.add_option("--false-alarms", options.false_alarms, "share of clean batches on which the suite may alarm")->type_name("SHARE")->capture_default_str();
  app.add_option("--faults", options.faults, "faults to be caught, by name, group or catalogue (default: all; see cupel list data_faults)")->delimiter(',')->type_name("NAMES");
  app.add_flag("--all", options.all, "keep also expectations that catch nothing that others do not");
  app.add_option("--date", options.date, "for 'derived' (default: today)")->type_name("DATE");
  app.add_option("--seed", options.seed, "of the faults that are tried")->type_name("N")->capture_default_str();
  app.add_option("-o,--output", options.output, "the suite (default: standard output)")->type_name("SUITE");
  PARSE_OR_RETURN(app, words);
  return suggest(options);
}

}  // namespace cupel::cli
