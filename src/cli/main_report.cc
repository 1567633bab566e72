#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"report", "one self-contained HTML page of a run", report_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-report", cupel::cli::k_commands, argc, argv); }
