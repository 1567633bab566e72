#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/metrics.h"
#include "model/predictor.h"
#include "robustness/perturbation.h"
#include "table/expression.h"
#include "table/table.h"

namespace cupel::robustness {

/// A model as a trial needs it: which columns it reads, and how it scores rows.
struct LoadedModel {
  std::string name;  ///< as in messages: "reviews/3"
  std::string digest;
  std::vector<std::string> inputs;
  std::function<Result<model::Scores>(const table::Table& table, int threads)> score;

  static LoadedModel of(std::string name, std::string digest, std::shared_ptr<const model::Predictor> predictor);
};

struct TrialOptions {
  std::string target;    ///< column of the truth
  std::string positive;  ///< class; empty: the model's last
  std::string group;     ///< rows of one value come and go together in intervals; empty: rows are independent
  std::uint64_t seed = 0;
  int threads = 1;  ///< 0: all cores
  int resamples = 2000;
  /// Number of each row in the file that it comes from, for messages; empty: its position.
  std::vector<std::int64_t> row_numbers{};
  /// Finds a further model by name, for `gain … over: NAME`.
  std::function<Result<LoadedModel>(const std::string& name)> load{};
  std::optional<LoadedModel> against{};  ///< what `over: against` means
};

/// One perturbation of some columns, as an expectation states it.
struct Change {
  const Perturbation* perturbation = nullptr;
  double severity = 0;
  std::vector<std::string> columns;  ///< empty: all inputs of the model that it is for
  std::string words() const;         ///< "typos 5 % in 'Title'"
};

/// The same rows after a change.
struct Perturbed {
  std::shared_ptr<const model::Evaluation> evaluation;
  std::vector<std::int64_t> exercised;  ///< rows in which the change really changed something
  std::vector<std::string> columns;
};

/// A model on the rows under test, with everything that was scored so far. Not thread-safe.
class Trial {
 public:
  /// Scores the rows. Errors: columns that the model wants, the target, its values.
  static Result<Trial> make(LoadedModel model, table::Table table, TrialOptions options);

  const LoadedModel& model() const { return model_; }
  const table::Table& table() const { return table_; }
  const TrialOptions& options() const { return options_; }
  std::shared_ptr<const model::Evaluation> clean() const { return clean_; }
  std::int64_t row_number(std::int64_t row) const {
    return options_.row_numbers.empty() ? row : options_.row_numbers[static_cast<std::size_t>(row)];
  }
  bool is_grouped() const { return !options_.group.empty(); }

  /// The same rows scored by another model: `against`, or one that TrialOptions::load finds.
  Result<std::shared_ptr<const model::Evaluation>> of_model(const std::string& name);
  /// The same rows after a change; the answer lives as long as the trial. Errors: a column that the model does not read, or of a type
  /// that the change is not for; no input that it is for.
  Result<const Perturbed*> under(const Change& change);
  /// All rows, or those where the expression is true.
  Result<std::vector<std::int64_t>> rows(const std::optional<table::Expression>& where, std::string_view place) const;
  /// The columns of text that hold few different values (at most 50), among the model's inputs.
  std::vector<std::string> category_inputs() const;
  std::vector<std::string> inputs_of(Target target) const;

 private:
  Trial(LoadedModel model, table::Table table, TrialOptions options)
      : model_(std::move(model)), table_(std::move(table)), options_(std::move(options)) {}
  Result<std::shared_ptr<const model::Evaluation>> evaluate(const LoadedModel& model, const table::Table& table) const;

  LoadedModel model_;
  table::Table table_;
  TrialOptions options_;
  std::shared_ptr<const model::Evaluation> clean_;
  std::map<std::string, std::shared_ptr<const model::Evaluation>> others_;
  std::map<std::string, Perturbed> perturbed_;
};

}  // namespace cupel::robustness
