#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"check", "data tests on a table", check_command},
    {"explain", "the manual page of a word", explain_command},
    {"generate", "made-up reviews with known truth, for trying things out", generate_command},
    {"init", "a ready project for any table", init_command},
    {"list", "the words: subjects, predicates, faults, metrics, …", list_command},
    {"profile", "saved, mergeable summaries of tables", profile_command},
    {"prove", "tests of the tests: false alarms, killed faults, survivors", prove_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-check", cupel::cli::k_commands, argc, argv); }
