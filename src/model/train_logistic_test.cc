#include "model/train_logistic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace cupel::model {
namespace {

struct Sample {
  SparseMatrix matrix;
  std::vector<std::uint8_t> labels;
  std::vector<std::vector<double>> dense;
};

Sample sample(std::size_t rows, std::size_t columns) {
  Random random(3, "logistic test");
  std::vector<std::size_t> starts{0};
  std::vector<std::uint32_t> numbers;
  std::vector<float> values;
  std::vector<std::uint8_t> labels;
  std::vector<std::vector<double>> dense(rows, std::vector<double>(columns, 0.0));
  for (std::size_t row = 0; row < rows; ++row) {
    double logit = 0.5;
    for (std::size_t column = 0; column < columns; ++column) {
      if (random.below(4) != 0) continue;
      const auto value = static_cast<float>(random.normal());
      numbers.push_back(static_cast<std::uint32_t>(column));
      values.push_back(value);
      dense[row][column] = static_cast<double>(value);
      logit += static_cast<double>(value) * (column % 3 == 0 ? 1.5 : -0.5);
    }
    starts.push_back(numbers.size());
    labels.push_back(random.uniform() < 1 / (1 + std::exp(-logit)) ? 1 : 0);
  }
  return {SparseMatrix(columns, starts, numbers, values), labels, dense};
}

LogisticProblem problem_of(const Sample& data) {
  LogisticProblem problem;
  problem.matrix = &data.matrix;
  problem.labels = data.labels;
  problem.lambda = 0.7;
  problem.tolerance = 1e-10;
  return problem;
}

/// Largest component of the gradient, from the definition, on the dense rows. The objective is strictly convex, so a gradient of 0 is
/// proof of the minimum, whoever found it.
double largest_slope(const Sample& data, std::span<const double> w, double lambda, std::span<const double> weights) {
  const std::size_t columns = w.size() - 1;
  std::vector<double> gradient(w.size(), 0.0);
  for (std::size_t j = 0; j < columns; ++j) gradient[j] = lambda * w[j];
  for (std::size_t i = 0; i < data.dense.size(); ++i) {
    double z = w[columns];
    for (std::size_t j = 0; j < columns; ++j) z += data.dense[i][j] * w[j];
    const double slope = weights[i] * (1 / (1 + std::exp(-z)) - data.labels[i]);
    for (std::size_t j = 0; j < columns; ++j) gradient[j] += slope * data.dense[i][j];
    gradient[columns] += slope;
  }
  double largest = 0;
  for (const double g : gradient) largest = std::max(largest, std::abs(g));
  return largest;
}

TEST(LogisticSolver, EndsAtTheMinimum) {
  const Sample data = sample(500, 30);
  LogisticSolver solver(problem_of(data));
  while (solver.step()) {}
  EXPECT_LT(solver.steps(), 30);
  EXPECT_LT(largest_slope(data, solver.coefficients(), 0.7, std::vector<double>(500, 1.0)), 1e-5);
}

TEST(LogisticSolver, RowsOfWeightZeroAreNotThere) {
  const Sample data = sample(500, 30);
  LogisticProblem problem = problem_of(data);
  for (std::size_t i = 0; i < 500; ++i) problem.weights.push_back(i % 3 == 0 ? 0.0 : 1.0);
  LogisticSolver solver(problem);
  while (solver.step()) {}
  EXPECT_LT(largest_slope(data, solver.coefficients(), 0.7, problem.weights), 1e-5);
}

TEST(LogisticSolver, SeparableClassesStayFinite) {
  const SparseMatrix matrix(1, {0, 1, 2, 3, 4}, {0, 0, 0, 0}, {-2, -1, 1, 2});
  const std::vector<std::uint8_t> labels{0, 0, 1, 1};
  LogisticProblem problem;
  problem.matrix = &matrix;
  problem.labels = labels;
  problem.lambda = 1e-6;
  LogisticSolver solver(problem);
  while (solver.step()) {}
  EXPECT_TRUE(std::isfinite(solver.coefficients()[0]));
  EXPECT_GT(solver.coefficients()[0], 5);
}

TEST(LogisticSolver, ThreadsDoNotChangeABit) {
  const Sample data = sample(5000, 40);
  LogisticProblem problem = problem_of(data);
  LogisticSolver one(problem);
  problem.threads = 3;
  LogisticSolver three(problem);
  while (one.step()) {}
  while (three.step()) {}
  EXPECT_EQ(std::vector<double>(one.coefficients().begin(), one.coefficients().end()), std::vector<double>(three.coefficients().begin(), three.coefficients().end()));
}

TEST(LogisticSolver, GoesOnFromAnyStepAsIfItHadNeverStopped) {
  const Sample data = sample(800, 30);
  LogisticSolver undisturbed(problem_of(data));
  while (undisturbed.step()) {}
  ASSERT_GE(undisturbed.steps(), 4);
  for (int stop = 0; stop <= undisturbed.steps(); ++stop) {
    LogisticSolver first(problem_of(data));
    for (int i = 0; i < stop; ++i) first.step();
    LogisticSolver second(problem_of(data));
    ASSERT_TRUE(second.restore(first.state()));
    while (second.step()) {}
    EXPECT_EQ(second.state(), undisturbed.state()) << "stopped after step " << stop;
  }
}

TEST(LogisticSolver, RefusesAForeignState) {
  const Sample data = sample(50, 5);
  LogisticSolver solver(problem_of(data));
  EXPECT_FALSE(solver.restore("abc"));
  EXPECT_FALSE(solver.restore(std::string(solver.state().size(), 'x')));
}

}  // namespace
}  // namespace cupel::model
