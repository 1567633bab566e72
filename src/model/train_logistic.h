#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/train_matrix.h"

namespace cupel::model {

/// Logistic regression: the w that minimizes  lambda/2 |w|² + sum over rows of weight · log(1 + exp(-y (x·w + w_last))),  where the last
/// coefficient is the intercept, which is not regularized. The problem is strictly convex in w, so the answer is one and the same whatever
/// the way to it.
struct LogisticProblem {
  const SparseMatrix* matrix = nullptr;
  std::span<const std::uint8_t> labels;  ///< 1 or 0, one a row
  std::vector<double> weights;           ///< one a row; 0 leaves a row out. Empty: all 1
  double lambda = 1;
  double tolerance = 1e-4;  ///< stop when the gradient is this small against the one at w = 0
  int most_steps = 200;
  int threads = 1;
};

/// Trust-region Newton method (Lin, Weng, Keerthi, "Trust region Newton method for large-scale logistic regression", JMLR 9, 2008) with
/// conjugate gradients preconditioned by the diagonal. One call of `step` is one Newton step; between steps the state is a short string of
/// bytes, and a solver that is restored from it goes on bit for bit as if it had never stopped.
class LogisticSolver {
 public:
  explicit LogisticSolver(LogisticProblem problem);

  /// False when the minimum is reached (or `most_steps`).
  bool step();
  int steps() const { return steps_; }
  /// Share of the way done, in (0, 1], by the logarithm of the gradient's length.
  double progress() const;
  /// Coefficients, the intercept last.
  std::span<const double> coefficients() const { return w_; }
  double objective() const { return objective_; }
  double gradient_norm() const;

  std::string state() const;
  /// Error when the bytes are not a state of a problem of this size.
  Result<void> restore(std::string_view state);

 private:
  void evaluate();                     // scores, objective and gradient at w_
  double objective_at(std::span<const double> w);
  void margins(std::span<const double> w, std::span<double> out) const;
  void hessian_times(std::span<const double> v, std::span<double> out);
  /// Steihaug's conjugate gradients: step and residual for the trust region's radius; true when the border was hit.
  bool conjugate_gradients(std::vector<double>& step, std::vector<double>& residual);

  LogisticProblem problem_;
  std::size_t size_;                   // coefficients
  std::vector<double> w_, gradient_, diagonal_;
  std::vector<double> margin_;         // x·w of each row at w_
  std::vector<double> curvature_;      // weight · p (1 - p) of each row at w_
  std::vector<double> scratch_rows_;
  double objective_ = 0;
  double first_norm_ = 0;              // of the gradient at w = 0
  double radius_ = 0;
  int steps_ = 0;
  bool finished_ = false;
};

}  // namespace cupel::model
