#pragma once

#include <fmt/format.h>

#include <string>

#include "base/files.h"
#include "base/invariant.h"

namespace cupel::registry {

/// For the room's tests: a private folder, and model folders in it.
class Sample {
 public:
  Sample() : scratch_(std::move(*ScratchFolder::make(fs::temp_directory_path(), "cupel-registry"))) {}

  fs::path path(const std::string& name) const { return scratch_.path() / name; }
  fs::path home() const { return path("home"); }

  fs::path write(const std::string& name, std::string_view bytes) const {
    const fs::path file = path(name);
    const auto written = write_file(file, bytes);
    CHECK(written.has_value(), "{}", written.error().text());
    return file;
  }

  /// A folder whose model file holds `bytes`; `more` is JSON put behind the other keys, with a comma in front.
  fs::path model(const std::string& folder, std::string_view bytes, const std::string& more = {}) const {
    write(folder + "/model.onnx", bytes);
    write(folder + "/model.json", fmt::format(R"({{"format": 1, "name": "reviews", "kind": "classifier", "estimator": "linear",
  "files": {{"model": "model.onnx"}},
  "inputs": [{{"name": "Age", "type": "number", "null_allowed": true, "range": [18, 99]}},
             {{"name": "Department Name", "type": "category", "null_allowed": false, "categories": ["Bottoms", "Tops"], "other_allowed": true}}],
  "outputs": [{{"name": "probabilities", "type": "number", "shape": [-1, 2], "classes": ["0", "1"]}}],
  "exclusions": [{{"column": "Rating", "because": "it restates the target"}}],
  "dependencies": [{{"name": "liblinear", "version": "2.3.0", "role": "training"}}],
  "data": {{"path": "reviews.csv", "digest": "sha256:{}", "rows": 23486, "segment": "Age >= 18"}},
  "metrics": {{"held_out": {{"auc": {{"value": 0.95, "low": 0.944, "high": 0.956, "confidence": 0.95, "rows": 4686}}}}, "training": {{"auc": 0.98}}}},
  "seed": 7{}}}
)",
                                              std::string(64, 'a'), more));
    return path(folder);
  }

 private:
  ScratchFolder scratch_;
};

}  // namespace cupel::registry
