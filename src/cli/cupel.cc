// The dispatcher: `cupel COMMAND …` runs the executable that holds COMMAND, so that each step loads only what it needs.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/text.h"

namespace cupel::cli {
namespace {

struct Entry {
  const char* command;
  const char* executable;
  const char* summary;
};

constexpr Entry k_commands[] = {
    {"ab", "cupel-ab", "A/B tests: plan, assign, analyze, simulate"},
    {"check", "cupel-check", "data tests on a table"},
    {"drift", "cupel-drift", "has the data drifted from a reference?"},
    {"explain", "cupel-check", "the manual page of a word"},
    {"generate", "cupel-check", "made-up reviews with known truth, for trying things out"},
    {"init", "cupel-check", "a ready project for any table: suites, training, flow, Dockerfiles"},
    {"list", "cupel-check", "the words: subjects, predicates, faults, metrics, …"},
    {"models", "cupel-models", "the model registry"},
    {"predict", "cupel-validate", "score rows with a model"},
    {"profile", "cupel-check", "saved, mergeable summaries of tables"},
    {"prove", "cupel-check", "tests of the tests: false alarms, killed faults, survivors"},
    {"report", "cupel-report", "one self-contained HTML page of a run"},
    {"run", "cupel-run", "run a flow of steps"},
    {"runs", "cupel-run", "list, show and explain earlier runs"},
    {"suggest", "cupel-suggest", "a suite derived from clean data"},
    {"train", "cupel-train", "features and model as one ONNX file"},
    {"validate", "cupel-validate", "robustness expectations on a model"},
};

/// `$CUPEL_LIBEXEC`, or beside this program's folder: bin/../libexec/cupel.
fs::path libexec_folder() {
  if (const char* set = std::getenv("CUPEL_LIBEXEC")) return set;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return self.parent_path().parent_path() / "libexec" / "cupel";
}

int help(std::FILE* out) {
  fmt::print(out, "cupel {}: tests data and models, and the tests themselves\n\nusage: cupel COMMAND [--help]\n\n", CUPEL_VERSION);
  for (const Entry& entry : k_commands) fmt::print(out, "  {:<10} {}\n", entry.command, entry.summary);
  return out == stdout ? 0 : 2;
}

int dispatch(int argc, char** argv) {
  if (argc < 2) return help(stderr);
  const std::string word = argv[1];
  if (word == "--help" || word == "-h" || word == "help") return help(stdout);
  if (word == "--version") {
    fmt::print("cupel {}\n", CUPEL_VERSION);
    return 0;
  }
  std::vector<std::string> names;
  for (const Entry& entry : k_commands) {
    names.emplace_back(entry.command);
    if (word != entry.command) continue;
    const fs::path program = libexec_folder() / entry.executable;
    ::execv(program.c_str(), argv);
    fmt::print(stderr, "cupel: cannot start '{}': {}\n", program.string(), std::strerror(errno));
    return 2;
  }
  fmt::print(stderr, "cupel: unknown command '{}'{}\n", word, nearest_note(word, names));
  return 2;
}

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) {
  try {
    return cupel::cli::dispatch(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("cupel: out of memory\n", stderr);
    return 2;
  }
}
