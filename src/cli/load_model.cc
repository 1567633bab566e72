#include "cli/load_model.h"

#include <system_error>

namespace cupel::cli {

Result<NamedModel> load_named_model(const std::string& word, const std::string& custom_operators) {
  ASSIGN_OR_RETURN(const registry::ResolvedModel resolved, registry::resolve_model(word));
  model::ModelCard card;
  if (resolved.metadata) {
    ASSIGN_OR_RETURN(card, model::parse_model_card(*resolved.metadata, word + "'s model.json"));
  }
  std::error_code error;
  if (!custom_operators.empty() && !fs::is_regular_file(custom_operators, error)) {
    return fail(ErrorKind::not_found, "--custom-operators: missing file '{}', expected a shared library with ONNX Runtime operators", custom_operators);
  }
  model::SessionOptions options;
  options.custom_operators = custom_operators;
  for (const registry::ResolvedFile& file : resolved.tensor_files) options.files.push_back({file.location, file.bytes});
  ASSIGN_OR_RETURN(model::Predictor predictor, model::Predictor::load(resolved.bytes, word, card, options));
  return NamedModel{std::move(predictor), resolved.id.empty() ? word : resolved.id, resolved.digest, resolved.metadata};
}

}  // namespace cupel::cli
