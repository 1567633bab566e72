// `cupel models export`, `import`, `card`, `provenance`: versions that leave a registry and come into one.

#include <cstdio>

#include "base/text.h"
#include "cli/models_words.h"
#include "registry/archive_import.h"
#include "registry/archive_tar.h"
#include "registry/package.h"
#include "registry/provenance.h"

namespace cupel::cli {
namespace {

using registry::Registry;

void add_card_options(CLI::App& app, ModelsWords& options) {
  app.add_option("--license", options.license, "of the model card, as the Hugging Face hub names it: mit")->type_name("LICENSE");
  app.add_option("--language", options.language, "of the model card: en")->type_name("LANGUAGE");
}

Result<void> print_text(const std::string& target, std::string_view text) {
  if (!target.empty() && target != "-") return write_file(target, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return system_error("write", "standard output");
  return {};
}

}  // namespace

void declare_export(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_option("-o,--output", options.into, "a new or empty folder, or FILE.tar, FILE.tar.gz")->required()->type_name("TO");
  add_card_options(app, options);
}

Result<int> run_export(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const registry::Version version, registry.find(options.id));
  ASSIGN_OR_RETURN(const std::vector<registry::PackageFile> files, registry::package_files(registry, version, {options.license, options.language}));
  if (registry::is_tar_name(options.into)) {
    TRY(registry::write_tar(options.into, files));
  } else {
    TRY(registry::write_package(files, options.into));
  }
  fmt::print("{}  {} files of {}\n", options.into, files.size(), version.id());
  if (version.injected) fmt::print(stderr, "cupel models: {} was made under the induced fault '{}'\n", version.id(), shorten(*version.injected, 100));
  return 0;
}

void declare_import(CLI::App& app, ModelsWords& options) {
  app.add_option("source", options.source, "a folder or tar archive that export wrote")->required()->type_name("FROM");
  app.add_option("--name", options.name, "the model's name (else the one that it states)")->type_name("NAME");
  app.add_option("--alias", options.alias, "point NAME@ALIAS at it")->type_name("ALIAS");
  app.add_flag("--allow-injected", options.allow_injected, "let --alias point at a model made under an induced fault");
  add_models_custom(app, options);
  add_models_because(app, options);
  add_models_json(app, options);
}

Result<int> run_import(const ModelsWords& options) {
  registry::ImportRequest request;
  request.source = options.source;
  request.name = options.name;
  request.alias = given(options.alias);
  request.because = given(options.because);
  request.alias_to_injected = options.allow_injected ? registry::Injected::allow : registry::Injected::refuse;
  request.custom_operators = options.custom_operators ? registry::CustomOperators::allow : registry::CustomOperators::refuse;
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::write));
  ASSIGN_OR_RETURN(const registry::Added added, registry::import_version(registry, request));
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["existed"] = added.existed;
    json["id"] = added.version.id();
    json["digest"] = "sha256:" + added.version.digest;
    TRY(print_models_json(options.json, json));
  }
  if (options.json == "-") return 0;
  fmt::print("{}  sha256:{}\n", added.version.id(), added.version.digest);
  if (added.existed) fmt::print("  was there already: the same files and metadata\n");
  if (request.alias) fmt::print("  {}@{} points at it\n", added.version.name, *request.alias);
  if (added.version.injected) fmt::print("  made under the induced fault '{}': marked, not for use\n", shorten(*added.version.injected, 100));
  return 0;
}

void declare_card(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_option("-o,--output", options.into, "a file; without it, standard output")->type_name("FILE");
  add_card_options(app, options);
}

Result<int> run_card(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const registry::Version version, registry.find(options.id, registry::Removed::show));
  TRY(print_text(options.into, registry::card_page(version, {options.license, options.language})));
  return 0;
}

void declare_provenance(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_option("-o,--output", options.into, "a file; without it, standard output")->type_name("FILE");
}

Result<int> run_provenance(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const registry::Version version, registry.find(options.id, registry::Removed::show));
  TRY(print_text(options.into, json_text(registry::provenance_statement(version))));
  return 0;
}

}  // namespace cupel::cli
