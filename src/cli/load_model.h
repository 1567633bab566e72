#pragma once

#include <string>

#include "base/result.h"
#include "model/predictor.h"
#include "registry/resolve.h"

namespace cupel::cli {

/// A model as a command line named it, ready to score.
struct NamedModel {
  model::Predictor predictor;
  std::string name;                     ///< the id in the registry, else the word
  std::string digest;                   ///< `sha256:…` of the model file
  std::optional<std::string> metadata;  ///< text of model.json when there is one
};

/// A file, a folder or an id of the registry (registry/resolve.h), verified before it is parsed. `custom_operators`: a shared library with
/// operators of other domains, which runs in this process; empty: a model that needs one is refused.
Result<NamedModel> load_named_model(const std::string& word, const std::string& custom_operators = {});

}  // namespace cupel::cli
