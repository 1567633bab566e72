// `cupel models promote`: an alias through gates.

#include "base/text.h"
#include "cli/models_words.h"
#include "registry/gates.h"
#include "registry/listing.h"

namespace cupel::cli {

using registry::GateAnswer;

void declare_promote(CLI::App& app, ModelsWords& options) {
  add_models_id(app, options);
  app.add_option("--to", options.alias, "the alias that is to point at it")->required()->type_name("ALIAS");
  app.add_option("--gates", options.gates, "a file of gates: cupel: 1, gates: {require, at_least, no_worse}")->type_name("FILE");
  app.add_option("--require", options.required, "commands whose verdict must be kept with it and pass: check,validate,ab")->type_name("COMMANDS");
  app.add_option("--at-least", options.at_least, "a metric of held-out rows, with its interval: auc:0.9")->type_name("METRIC:LIMIT");
  app.add_option("--no-worse", options.no_worse, "a metric, by how much it may be worse than that of the present holder: auc:0.005")->type_name("METRIC:MARGIN");
  app.add_flag("--allow-injected", options.allow_injected, "also a model made under an induced fault");
  add_models_because(app, options);
  add_models_json(app, options);
}

Result<int> run_promote(const ModelsWords& options) {
  registry::Gates gates;
  if (!options.gates.empty()) {
    ASSIGN_OR_RETURN(gates, registry::read_gates(options.gates));
  }
  for (const std::string& words : options.required) TRY(registry::add_required(gates, words));
  for (const std::string& words : options.at_least) TRY(registry::add_limit(gates.at_least, words));
  for (const std::string& words : options.no_worse) TRY(registry::add_limit(gates.no_worse, words));
  ASSIGN_OR_RETURN(registry::Registry registry, open_models(registry::Registry::Access::write));
  ASSIGN_OR_RETURN(const registry::Promotion promotion,
                   registry.promote(options.id, options.alias, gates, given(options.because),
                                    options.allow_injected ? registry::Injected::allow : registry::Injected::refuse));
  const std::string alias = fmt::format("{}@{}", promotion.version.name, options.alias);
  if (!options.json.empty()) {
    Json json = models_envelope();
    json["id"] = promotion.version.id();
    json["alias"] = alias;
    json["promoted"] = promotion.allowed;
    if (promotion.holder) json["before"] = promotion.holder->id();
    json["gates"] = Json::array();
    for (const GateAnswer& answer : promotion.answers) json["gates"].push_back({{"gate", answer.gate}, {"answer", answer_word(answer.kind)}, {"found", answer.words}});
    TRY(print_models_json(options.json, json));
  }
  if (options.json != "-") {
    std::vector<std::vector<std::string>> rows;
    for (const GateAnswer& answer : promotion.answers) rows.push_back({std::string(answer_word(answer.kind)), answer.gate, answer.words});
    fmt::print("{}", registry::aligned(rows, ""));
    const std::string before = promotion.holder ? fmt::format(" (before: {})", promotion.holder->id()) : std::string();
    if (promotion.allowed) {
      fmt::print("{} -> {}{}\n", alias, promotion.version.id(), before);
    } else {
      fmt::print("{} was not promoted{}\n", promotion.version.id(), promotion.holder ? fmt::format("; {} stays {}", alias, promotion.holder->id()) : std::string());
    }
  }
  return promotion.allowed ? 0 : 1;
}

}  // namespace cupel::cli
