#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"drift", "has the data drifted from a reference?", drift_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-drift", cupel::cli::k_commands, argc, argv); }
