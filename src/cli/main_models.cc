#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"models", "the model registry", models_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-models", cupel::cli::k_commands, argc, argv); }
