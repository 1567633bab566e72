// `cupel models`: the model registry.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/progress.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/models_query.h"
#include "cli/models_words.h"
#include "registry/compare.h"
#include "registry/listing.h"
#include "registry/registry.h"
#include "registry/show.h"

namespace cupel::cli {
namespace {

using registry::Registry;
using registry::Version;

void declare_add(CLI::App& app, ModelsWords& options) {
  app.add_option("model", options.source, "a folder with model.json, or a model file")->required()->type_name("DIR");
  app.add_option("--name", options.name, "the model's name (else the one in model.json)")->type_name("NAME");
  app.add_option("--alias", options.alias, "point NAME@ALIAS at the new version")->type_name("ALIAS");
  app.add_option("--verdict", options.verdicts, "keep this JSON result of check or validate with it; may be repeated")->type_name("FILE");
  app.add_flag("--force", options.make_new, "a new version even if the same one is there");
  app.add_flag("--allow-injected", options.allow_injected, "let --alias point at a model made under an induced fault");
  add_models_custom(app, options);
  add_models_because(app, options);
  add_models_json(app, options);
}

Result<int> run_add(const ModelsWords& options) {
  registry::AddRequest request;
  request.source = options.source;
  request.name = options.name;
  request.alias = given(options.alias);
  request.because = given(options.because);
  request.verdicts.assign(options.verdicts.begin(), options.verdicts.end());
  request.duplicate = options.make_new ? registry::Duplicate::make_new : registry::Duplicate::reuse;
  request.alias_to_injected = options.allow_injected ? registry::Injected::allow : registry::Injected::refuse;
  request.custom_operators = options.custom_operators ? registry::CustomOperators::allow : registry::CustomOperators::refuse;
  if (const char* injected = std::getenv("CUPEL_INJECTED"); injected != nullptr && *injected != '\0') request.injected = injected;
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::write));
  ASSIGN_OR_RETURN(const registry::Added added, registry.add(request));
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["existed"] = added.existed;
    json.update(version_json(added.version, registry));
    TRY(print_models_json(options.json, json));
  }
  if (options.json == "-") return 0;
  fmt::print("{}  sha256:{}\n", added.version.id(), added.version.digest);
  if (added.existed) fmt::print("  was there already: the same files and metadata (--force makes a new version)\n");
  if (added.same_files_as) fmt::print("  the same files as {}, other metadata\n", *added.same_files_as);
  if (request.alias) fmt::print("  {}@{} points at it\n", added.version.name, *request.alias);
  if (added.version.injected)
    fmt::print("  made under the induced fault '{}': marked, not for use\n", shorten(*added.version.injected, 100));
  return 0;
}

void declare_list(CLI::App& app, ModelsWords& options) {
  app.add_option("name", options.name, "only versions of this model")->type_name("NAME");
  app.add_option("--filter", options.filter, "an expression over the versions: auc >= 0.9 and verdict = 'pass' and \"@champion\"")->type_name("EXPR");
  app.add_option("--sort", options.sort, "columns in order: 'auc desc, created'")->type_name("KEYS");
  app.add_flag("--removed", options.removed, "also versions that were removed");
  add_models_json(app, options);
}

Result<int> print_lines(Registry& registry, const std::string& name, registry::Removed removed) {
  ASSIGN_OR_RETURN(const registry::VersionLines lines, registry.list_lines(name, removed));
  if (lines.empty()) {
    fmt::print("no versions in '{}'\n", registry.home().string());
  } else {
    lines.write([](std::string_view piece) { std::fwrite(piece.data(), 1, piece.size(), stdout); });
  }
  return 0;
}

Result<int> run_list(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  const auto removed = options.removed ? registry::Removed::show : registry::Removed::hide;
  if (options.json.empty() && options.filter.empty() && options.sort.empty()) return print_lines(registry, options.name, removed);
  ASSIGN_OR_RETURN(std::vector<Version> versions, registry.list(options.name, removed));
  const bool any = !versions.empty();
  ASSIGN_OR_RETURN(versions, query_versions(std::move(versions), options.filter, options.sort));
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["versions"] = Json::array();
    for (const Version& version : versions) json["versions"].push_back(version_json(version, registry));
    TRY(print_models_json(options.json, json));
    if (options.json == "-") return 0;
  }
  if (versions.empty()) {
    fmt::print("no version{} in '{}'\n", any ? " that --filter keeps" : "s", registry.home().string());
    return 0;
  }
  const std::string table = version_table(versions, registry);
  std::fwrite(table.data(), 1, table.size(), stdout);
  return 0;
}

void declare_show(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  add_models_json(app, options);
}

Result<int> run_show(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const Version version, registry.find(options.id, registry::Removed::show));
  ASSIGN_OR_RETURN(const std::vector<registry::Event> history, registry.history(version));
  if (!options.json.empty()) {
    Json json = models_envelope();
    json.update(show_json(version, history, registry));
    TRY(print_models_json(options.json, json));
    if (options.json == "-") return 0;
  }
  fmt::print("{}", show_text(version, history, registry));
  return 0;
}

void declare_load(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_option("-o,--output", options.into, "a new or empty folder for the copy")->required()->type_name("DIR");
}

Result<int> run_load(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const Version version, registry.find(options.id));
  TRY(registry.load(version, options.into));
  fmt::print("{}\n", options.into);
  if (version.injected)
    fmt::print(stderr, "cupel models: {} was made under the induced fault '{}'\n", version.id(), shorten(*version.injected, 100));
  return 0;
}

void declare_path(CLI::App& app, ModelsWords& options) { add_models_id(app, options); }

Result<int> run_path(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const Version version, registry.find(options.id));
  TRY(registry.read(version, "model"));  // a path is only given for what is whole
  for (const registry::StoredFile& file : version.files) {
    if (file.role == "model") fmt::print("{}\n", registry.blob_path(file.blob.digest).string());
  }
  return 0;
}

void declare_verify(CLI::App& app, ModelsWords& options) {
  app.add_option("id", options.id, "only this version; without it all, and the database")->type_name("ID");
  app.add_flag("--quiet", options.quiet, "no progress");
  add_models_json(app, options);
}

Result<int> run_verify(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  std::vector<registry::Problem> problems;
  std::uint64_t checked = 1;
  if (options.id.empty()) {
    if (options.quiet) Progress::silence();
    Progress progress("verifying", 0);
    ASSIGN_OR_RETURN(problems, registry.verify_all([&](std::uint64_t done, std::uint64_t total) {
      checked = total;
      progress.advance_to(done);
    }));
    if (problems.empty()) {
      ASSIGN_OR_RETURN(const std::vector<Version> all, registry.list({}, registry::Removed::show));
      checked = all.size();
    }
  } else {
    ASSIGN_OR_RETURN(const Version version, registry.find(options.id, registry::Removed::show));
    problems = registry.verify(version);
  }
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["verdict"] = problems.empty() ? "pass" : "fail";
    json["versions"] = checked;
    json["problems"] = Json::array();
    for (const registry::Problem& problem : problems) json["problems"].push_back(Json{{"id", problem.id}, {"message", problem.text}});
    TRY(print_models_json(options.json, json));
  }
  if (options.json != "-") {
    for (const registry::Problem& problem : problems) fmt::print("{}{}{}\n", problem.id, problem.id.empty() ? "" : ": ", problem.text);
    fmt::print("{} version{} verified, {} problem{}\n", with_thousands(static_cast<std::int64_t>(checked)), checked == 1 ? "" : "s",
               problems.size(), problems.size() == 1 ? "" : "s");
  }
  return problems.empty() ? 0 : 1;
}

void declare_alias(CLI::App& app, ModelsWords& options) {
  app.add_option("alias", options.alias, "NAME@ALIAS")->required()->type_name("NAME@ALIAS");
  app.add_option("id", options.id, "the version that it points at from now on")->type_name("ID");
  app.add_flag("--remove", options.remove_alias, "remove the alias");
  app.add_flag("--allow-injected", options.allow_injected, "also to a model made under an induced fault");
  add_models_because(app, options);
}

Result<int> run_alias(const ModelsWords& options) {
  if (options.remove_alias == !options.id.empty()) return fail("give either a version or --remove");
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::write));
  if (options.remove_alias) {
    TRY(registry.remove_alias(options.alias, given(options.because)));
    fmt::print("{} removed\n", options.alias);
    return 0;
  }
  ASSIGN_OR_RETURN(const Version version,
                   registry.set_alias(options.alias, options.id, given(options.because),
                                      options.allow_injected ? registry::Injected::allow : registry::Injected::refuse));
  fmt::print("{} -> {}\n", options.alias, version.id());
  return 0;
}

void declare_diff(CLI::App& app, ModelsWords& options) {
  app.add_option("before", options.id, "a version")->required()->type_name("ID");
  app.add_option("after", options.other, "the version to compare it with")->required()->type_name("ID");
  add_models_json(app, options);
}

Result<int> run_diff(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::read));
  ASSIGN_OR_RETURN(const Version before, registry.find(options.id, registry::Removed::show));
  ASSIGN_OR_RETURN(const Version after, registry.find(options.other, registry::Removed::show));
  const std::vector<registry::Difference> differences = compare(before, after);
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["before"] = before.id();
    json["after"] = after.id();
    json["differences"] = Json::array();
    for (const auto& difference : differences) {
      Json entry{{"what", difference.what}};
      if (!difference.before.empty()) entry["before"] = difference.before;
      if (!difference.after.empty()) entry["after"] = difference.after;
      json["differences"].push_back(std::move(entry));
    }
    TRY(print_models_json(options.json, json));
    if (options.json == "-") return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"", before.id(), after.id()}};
  for (const auto& difference : differences) {
    const auto side = [](const std::string& text) { return text.empty() ? std::string("-") : shorten(text, 48); };
    rows.push_back({shorten(difference.what, 60), side(difference.before), side(difference.after)});
  }
  if (differences.empty()) {
    fmt::print("{} and {} are equal\n", before.id(), after.id());
  } else {
    fmt::print("{}", registry::aligned(rows, ""));
  }
  return 0;
}

void declare_rm(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_flag("--restore", options.restore, "take the removal back");
  add_models_because(app, options);
}

Result<int> run_rm(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::write));
  if (options.restore) {
    ASSIGN_OR_RETURN(const Version version, registry.restore(options.id, given(options.because)));
    fmt::print("{} restored\n", version.id());
    return 0;
  }
  ASSIGN_OR_RETURN(const Version version, registry.remove(options.id, given(options.because)));
  fmt::print("{} removed; 'cupel models rm --restore {}' takes it back, 'cupel models gc' deletes its files\n", version.id(), version.id());
  return 0;
}

void declare_gc(CLI::App& app, ModelsWords& options) { app.add_flag("--dry-run", options.dry_run, "only say what would be deleted"); }

Result<int> run_gc(const ModelsWords& options) {
  ASSIGN_OR_RETURN(Registry registry, open_models(Registry::Access::write));
  ASSIGN_OR_RETURN(const registry::Swept swept, registry.gc(options.dry_run ? Registry::Gc::dry_run : Registry::Gc::sweep));
  fmt::print("{} {} file{} of {} removed version{}, {}\n", options.dry_run ? "would delete" : "deleted", swept.blobs,
             swept.blobs == 1 ? "" : "s", swept.versions, swept.versions == 1 ? "" : "s", registry::size_text(swept.bytes));
  return 0;
}

constexpr ModelsSubcommand k_subcommands[] = {
    {"add", "register a model as the next version of its name", declare_add, run_add},
    {"list", "versions with location, metrics and aliases", declare_list, run_list},
    {"show", "location, schemas, dependencies, metrics, verdicts, lineage of a version", declare_show, run_show},
    {"load", "copy a version's files into a folder, each verified first", declare_load, run_load},
    {"path", "where the verified model file of a version stands", declare_path, run_path},
    {"verify", "hash the files of a version, or of all, again", declare_verify, run_verify},
    {"alias", "point NAME@ALIAS at a version", declare_alias, run_alias},
    {"diff", "in what two versions differ", declare_diff, run_diff},
    {"card", "the model card: Markdown with the front matter of the Hugging Face hub", declare_card, run_card},
    {"provenance", "how a version came about: in-toto statement, SLSA provenance", declare_provenance, run_provenance},
    {"export", "a version as a folder or tar archive: with card, provenance, MLmodel, Dockerfile", declare_export, run_export},
    {"import", "take in what export wrote, every digest compared", declare_import, run_import},
    {"promote", "point NAME@ALIAS at a version if gates say yes", declare_promote, run_promote},
    {"rm", "hide a version; gc deletes its files", declare_rm, run_rm},
    {"gc", "delete the files of removed versions", declare_gc, run_gc},
};

}  // namespace

Result<int> models_command(std::span<const std::string> words) {
  CLI::App app("The model registry in $CUPEL_HOME (default .cupel).", "models");
  app.require_subcommand(1);
  ModelsWords options;
  for (const ModelsSubcommand& subcommand : k_subcommands) subcommand.declare(*app.add_subcommand(subcommand.name, subcommand.summary), options);
  if (!words.empty() && !words[0].starts_with('-')) {
    std::vector<std::string> names;
    for (const ModelsSubcommand& subcommand : k_subcommands) names.emplace_back(subcommand.name);
    if (std::find(names.begin(), names.end(), words[0]) == names.end()) {
      return fail("unknown subcommand '{}'{}", shorten(words[0], 60), nearest_note(words[0], names));
    }
  }
  PARSE_OR_RETURN(app, words);
  for (const ModelsSubcommand& subcommand : k_subcommands) {
    if (!app.got_subcommand(subcommand.name)) continue;
    const CLI::Option* json = app.get_subcommand(subcommand.name)->get_option_no_throw("--json");
    if (json != nullptr && json->count() > 0 && options.json.empty()) options.json = "-";
    return subcommand.run(options);
  }
  return fail("give a subcommand, such as list");
}

}  // namespace cupel::cli
