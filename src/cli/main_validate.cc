#include "cli/command_table.h"
#include "cli/commands.h"

namespace cupel::cli {
namespace {

constexpr Command k_commands[] = {
    {"predict", "score rows with a model", predict_command},
    {"validate", "robustness expectations on a model", validate_command},
};

}  // namespace
}  // namespace cupel::cli

int main(int argc, char** argv) { return cupel::cli::run_commands("cupel-validate", cupel::cli::k_commands, argc, argv); }
