// `cupel report`: one self-contained HTML page of runs or results.

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/json.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "flow/run_folder.h"
#include "flow/run_record.h"
#include "report/html_page.h"
#include "report/html_proof.h"

namespace cupel::cli {
namespace {

constexpr std::size_t k_most_proof_bytes = std::size_t{256} << 20;

fs::path home_folder() {
  const char* home = std::getenv("CUPEL_HOME");
  return home != nullptr && *home != '\0' ? fs::path(home) : fs::path(".cupel");
}

/// A run's folder, a result file, or the word for a run: its id, its number, `last`.
Result<report::PageRun> read_word(const std::string& word) {
  std::error_code error;
  fs::path folder = word;
  if (!fs::is_directory(folder, error)) {
    if (fs::is_regular_file(folder, error)) return report::read_file_as_run(folder);
    ASSIGN_OR_RETURN(folder, flow::find_run(home_folder(), word));
  } else if (!fs::exists(folder / "run.json", error)) {
    return fail(ErrorKind::not_found, "folder '{}' has no run.json, expected the folder of a run", word);
  }
  ASSIGN_OR_RETURN(const flow::RunRecord run, flow::load_run(folder));
  return report::read_run(folder, flow::run_json(run));
}

/// What `cupel prove --json` wrote; nothing for any other word.
Result<std::optional<Json>> read_proof(const std::string& word) {
  std::error_code error;
  if (!fs::is_regular_file(word, error)) return std::optional<Json>();
  ASSIGN_OR_RETURN(Json json, read_json(word, k_most_proof_bytes));
  const auto kind = json.is_object() ? json.find("kind") : json.end();
  if (!json.is_object() || kind == json.end() || *kind != "proof") return std::optional<Json>();
  if (const auto format = json.find("format"); format == json.end() || *format != 1) return fail("'{}' is a proof of another format, expected 1", word);
  return std::optional<Json>(std::move(json));
}

}  // namespace

Result<int> report_command(std::span<const std::string> words) {
  std::vector<std::string> runs;
  std::vector<std::string> also;
  std::string output;
  CLI::App app("One self-contained HTML page of a run: steps and faults, verdicts with reasons, models, drift, A/B.", "report");
  app.add_option("run", runs, "a run's id, number or folder, 'last', or the JSON result of a suite, several on one page; or the JSON of a proof")->required()->type_name("RUN");
  app.add_option("--also", also, "another run for the same page")->type_name("RUN");
  app.add_option("-o,--output", output, "the page (-: standard output)")->required()->type_name("HTML");
  PARSE_OR_RETURN(app, words);
  runs.insert(runs.end(), also.begin(), also.end());
  std::vector<report::PageRun> pages;
  std::string text;
  for (const std::string& word : runs) {
    ASSIGN_OR_RETURN(const auto proof, read_proof(word));
    if (!proof) continue;
    if (runs.size() > 1) return fail("'{}' is the proof of a suite among {} others, expected alone: its heat map is a page of its own", word, runs.size() - 1);
    text = report::html_proof_page(*proof);
    runs.clear();
    break;
  }
  for (const std::string& word : runs) {
    ASSIGN_OR_RETURN(report::PageRun page, read_word(word));
    pages.push_back(std::move(page));
  }
  if (text.empty()) text = report::html_page(pages);
  if (output == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return system_error("write", "standard output");
    return 0;
  }
  TRY(write_file(output, text));
  fmt::print("{}\n", output);
  return 0;
}

}  // namespace cupel::cli
