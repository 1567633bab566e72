#include "cli/models_words.h"

#include <cstdio>

namespace cupel::cli {

std::optional<std::string> given(const std::string& text) { return text.empty() ? std::nullopt : std::optional<std::string>(text); }

Result<registry::Registry> open_models(registry::Registry::Access access) { return registry::Registry::open(registry::home_folder(), access); }

Result<void> print_models_json(const std::string& target, const Json& json) {
  if (target == "-") {
    const std::string text = json_text(json);
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return system_error("write", "standard output");
    return {};
  }
  return write_file(target, json_text(json));
}

Json models_envelope() { return Json{{"format", 1}, {"cupel", CUPEL_VERSION}, {"home", registry::home_folder().string()}}; }

void add_models_id(CLI::App& app, ModelsWords& options) {
  app.add_option("id", options.id, "NAME/3, NAME@ALIAS, NAME (newest) or sha256:DIGITS")->required()->type_name("ID");
}
void add_models_custom(CLI::App& app, ModelsWords& options) {
  app.add_flag("--allow-custom-operators", options.custom_operators, "also a model with operators outside ai.onnx, ai.onnx.ml and com.microsoft");
}
void add_models_json(CLI::App& app, ModelsWords& options) {
  app.add_option("--json", options.json, "the machine form, to FILE or '-' (the default)")->expected(0, 1)->type_name("FILE");
}
void add_models_because(CLI::App& app, ModelsWords& options) {
  app.add_option("--because", options.because, "the reason, kept in the history")->type_name("TEXT");
}

}  // namespace cupel::cli
