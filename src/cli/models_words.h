#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/command.h"
#include "registry/registry.h"

namespace cupel::cli {

/// The words of all subcommands of `cupel models`; each uses a part of them.
struct ModelsWords {
  std::string source, name, alias, because, id, other, into, json, filter, sort, gates, license, language;
  std::vector<std::string> verdicts, required, at_least, no_worse;
  bool make_new = false, allow_injected = false, removed = false, restore = false, remove_alias = false, dry_run = false, quiet = false, custom_operators = false;
};

struct ModelsSubcommand {
  const char* name;
  const char* summary;
  void (*declare)(CLI::App&, ModelsWords&);
  Result<int> (*run)(const ModelsWords&);
};

void declare_card(CLI::App& app, ModelsWords& options);
Result<int> run_card(const ModelsWords& options);
void declare_export(CLI::App& app, ModelsWords& options);
Result<int> run_export(const ModelsWords& options);
void declare_import(CLI::App& app, ModelsWords& options);
Result<int> run_import(const ModelsWords& options);
void declare_promote(CLI::App& app, ModelsWords& options);
Result<int> run_promote(const ModelsWords& options);
void declare_provenance(CLI::App& app, ModelsWords& options);
Result<int> run_provenance(const ModelsWords& options);

std::optional<std::string> given(const std::string& text);
/// The registry of `$CUPEL_HOME`.
Result<registry::Registry> open_models(registry::Registry::Access access);
/// `-` is standard output.
Result<void> print_models_json(const std::string& target, const Json& json);
/// What every JSON answer begins with.
Json models_envelope();
void add_models_id(CLI::App& app, ModelsWords& options);
void add_models_custom(CLI::App& app, ModelsWords& options);
void add_models_json(CLI::App& app, ModelsWords& options);
void add_models_because(CLI::App& app, ModelsWords& options);

}  // namespace cupel::cli
