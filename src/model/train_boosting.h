#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/train_config.h"
#include "model/train_graph.h"

namespace cupel::model {

/// Gradient-boosted trees for two classes by XGBoost (Chen, Guestrin, KDD 2016), one round at a time. One thread and a seed a round: the
/// same trees on any machine size, and a booster that is restored goes on as if it had never stopped.
class Boosting {
 public:
  /// `matrix` is row-major with `num_columns` columns, NaN where a value is missing; labels are 1 or 0.
  static Result<Boosting> make(const TrainConfig& config, std::span<const float> matrix, std::size_t num_columns, std::span<const std::uint8_t> labels,
                               std::uint64_t seed);
  Boosting(Boosting&&) noexcept;
  Boosting& operator=(Boosting&&) noexcept;
  ~Boosting();

  int rounds() const;
  Result<void> round();
  /// The trees so far.
  Result<std::string> state() const;
  Result<void> restore(std::string_view state, int rounds);
  /// XGBoost's own answer for each row of such a matrix, before the logistic function.
  Result<std::vector<float>> margins(std::span<const float> matrix, std::size_t num_columns) const;
  /// Nodes that score a [rows, columns] value: the sum of the trees' answers, a double a row.
  Result<GraphBuilder::Value> add_score(GraphBuilder& graph, const GraphBuilder::Value& columns) const;

 private:
  struct State;
  explicit Boosting(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Version of the XGBoost library that is linked: "1.7.4".
std::string xgboost_version();

}  // namespace cupel::model
