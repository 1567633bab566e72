#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"run", "run a flow of steps", run_command},
    {"runs", "list, show and explain earlier runs", runs_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-run", cupel::cli::k_commands, argc, argv); }
