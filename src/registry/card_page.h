#pragma once

#include <string>

#include "registry/version.h"

namespace cupel::registry {

/// What a model card states and model.json may not: `license` and `language` of the Hugging Face hub ("mit", "en"). Empty: as model.json says, and without
/// a word there `license: unknown` and no language.
struct CardOptions {
  std::string license;
  std::string language;
};

/// The model card of a version: Markdown with the front matter of the Hugging Face hub (language, license, library_name, pipeline_tag, tags, datasets,
/// metrics, model-index with results), then what it is, what it reads and answers, how good it is with intervals, what was tested, what it was
/// trained on and by what. Only facts that are known; `version` comes from `find`.
std::string card_page(const Version& version, const CardOptions& options = {});

}  // namespace cupel::registry
