#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/model_card.h"
#include "model/onnx_session.h"
#include "table/table.h"

namespace cupel::model {

/// What a model said of some rows, in their order.
struct Scores {
  std::int64_t num_rows = 0;
  std::vector<std::string> classes;     ///< empty for a regressor
  std::vector<float> probabilities;     ///< row-major, num_rows x classes; empty for a regressor
  std::vector<std::uint32_t> labels;    ///< decided class of each row, an index into `classes`; empty for a regressor
  std::vector<double> values;           ///< of a regressor; else empty

  bool is_classifier() const { return !classes.empty(); }
  /// Index of a class, or an error with the nearest.
  Result<std::size_t> class_index(std::string_view name) const;
  float probability(std::int64_t row, std::size_t class_index) const {
    return probabilities[static_cast<std::size_t>(row) * classes.size() + class_index];
  }
};

struct ScoreOptions {
  int threads = 1;                ///< 0: all cores
  std::int64_t batch_rows = 512;  ///< most rows of one call of the model; fewer where texts are long (row_batches.h)
  std::function<void(std::uint64_t done, std::uint64_t total)> progress{};  ///< called from the calling thread
};

/// An ONNX model with one named input a column, ready to score rows.
///
/// A model file is data from somebody else. Before ONNX Runtime sees it, its outline is read here: a file that is cut off or is not ONNX,
/// operators outside ai.onnx, ai.onnx.ml and com.microsoft (unless the caller names a library that holds them), tensors in files that were not
/// given, and what does not add up (outline/onnx_outline.h) are refused; larger files than 2 GiB too. Memory and time are bounded (onnx_session.h).
/// Errors of ONNX Runtime become an Error; none leaves as an exception.
///
/// Inputs take a tensor of shape [rows, 1] or [rows]: of text (a null is ""), float or double (a null is NaN), or whole numbers (a null
/// is an error). A column of numbers where text is wanted is rendered as in `table::value_text`; text where numbers are wanted is an
/// error that names the first such value.
/// Outputs: a classifier has probabilities [rows, classes] and perhaps a label [rows] (else the likeliest class); a regressor one number a
/// row. Names of classes come from the card, the file's own metadata (`cupel.classes`) or its `classlabels_*` attributes, else 0, 1, ….
///
/// Immutable; threads may share it. Scores do not depend on the number of threads.
class Predictor {
 public:
  /// `name` stands for the file in errors.
  static Result<Predictor> load(std::string_view onnx_bytes, std::string_view name, const ModelCard& card = {}, const SessionOptions& options = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  bool is_classifier() const;
  /// Classes in the order of the probabilities; empty for a regressor.
  const std::vector<std::string>& classes() const;
  const ModelCard& card() const;
  /// `{"ai.onnx": 20, …}` as the file says.
  const std::vector<std::pair<std::string, std::int64_t>>& opsets() const;

  /// The table has the columns that the model wants, of types that fit (nearest name in the error).
  Result<void> check_columns(const table::Table& table) const;
  /// Scores every row. Errors: those of check_columns; a value that the model refuses.
  Result<Scores> score(const table::Table& table, const ScoreOptions& options = {}) const;

 private:
  struct State;
  explicit Predictor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cupel::model
