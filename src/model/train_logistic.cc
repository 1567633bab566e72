#include "model/train_logistic.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/invariant.h"

namespace cupel::model {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// a += factor b
void add(std::span<double> a, double factor, std::span<const double> b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

/// log(1 + exp(-margin)) without overflow.
double logistic_loss(double margin) { return margin > 0 ? std::log1p(std::exp(-margin)) : std::log1p(std::exp(margin)) - margin; }

double sigmoid(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

/// Length in the norm of the preconditioner.
double norm_by(std::span<const double> v, std::span<const double> diagonal) {
  double sum = 0;
  for (std::size_t i = 0; i < v.size(); ++i) sum += v[i] * v[i] * diagonal[i];
  return std::sqrt(sum);
}

constexpr std::uint32_t k_state_version = 1;

}  // namespace

LogisticSolver::LogisticSolver(LogisticProblem problem) : problem_(std::move(problem)), size_(problem_.matrix->num_columns() + 1) {
  const std::size_t rows = problem_.matrix->num_rows();
  CHECK(problem_.labels.size() == rows, "{} labels of {} rows", problem_.labels.size(), rows);
  if (problem_.weights.empty()) problem_.weights.assign(rows, 1.0);
  CHECK(problem_.weights.size() == rows && problem_.lambda > 0);
  w_.assign(size_, 0.0);
  gradient_.resize(size_);
  diagonal_.resize(size_);
  margin_.resize(rows);
  curvature_.resize(rows);
  scratch_rows_.resize(rows);
  evaluate();
  first_norm_ = gradient_norm();
  radius_ = 0;  // set by the first step
}

double LogisticSolver::gradient_norm() const { return std::sqrt(dot(gradient_, gradient_)); }

double LogisticSolver::progress() const {
  const double norm = gradient_norm();
  if (finished_ || norm <= problem_.tolerance * first_norm_) return 1;
  return std::clamp(std::log(norm / first_norm_) / std::log(problem_.tolerance), 0.0, 1.0);
}

void LogisticSolver::margins(std::span<const double> w, std::span<double> out) const {
  problem_.matrix->multiply(w.first(size_ - 1), out, problem_.threads);
  for (double& margin : out) margin += w[size_ - 1];
}

double LogisticSolver::objective_at(std::span<const double> w) {
  margins(w, scratch_rows_);
  double sum = 0;
  for (std::size_t i = 0; i < scratch_rows_.size(); ++i) {
    sum += problem_.weights[i] * logistic_loss(problem_.labels[i] != 0 ? scratch_rows_[i] : -scratch_rows_[i]);
  }
  return sum + problem_.lambda / 2 * dot(w.first(size_ - 1), w.first(size_ - 1));
}

void LogisticSolver::evaluate() {
  objective_ = objective_at(w_);
  margin_ = scratch_rows_;
  double intercept = 0, intercept_curvature = 0;
  for (std::size_t i = 0; i < margin_.size(); ++i) {
    const double p = sigmoid(margin_[i]);
    const double slope = problem_.weights[i] * (p - problem_.labels[i]);
    curvature_[i] = problem_.weights[i] * p * (1 - p);
    scratch_rows_[i] = slope;
    intercept += slope;
    intercept_curvature += curvature_[i];
  }
  const std::size_t last = size_ - 1;
  problem_.matrix->multiply_transposed(scratch_rows_, std::span(gradient_).first(last), problem_.threads);
  add(std::span(gradient_).first(last), problem_.lambda, std::span<const double>(w_).first(last));
  gradient_[last] = intercept;
  problem_.matrix->weighted_squares(curvature_, std::span(diagonal_).first(last), problem_.threads);
  for (std::size_t i = 0; i < last; ++i) diagonal_[i] += problem_.lambda;
  diagonal_[last] = std::max(intercept_curvature, 1e-12);
}

void LogisticSolver::hessian_times(std::span<const double> v, std::span<double> out) {
  const std::size_t last = size_ - 1;
  margins(v, scratch_rows_);
  double intercept = 0;
  for (std::size_t i = 0; i < scratch_rows_.size(); ++i) {
    scratch_rows_[i] *= curvature_[i];
    intercept += scratch_rows_[i];
  }
  problem_.matrix->multiply_transposed(scratch_rows_, out.first(last), problem_.threads);
  add(out.first(last), problem_.lambda, v.first(last));
  out[last] = intercept;
}

bool LogisticSolver::conjugate_gradients(std::vector<double>& step, std::vector<double>& residual) {
  step.assign(size_, 0.0);
  residual.resize(size_);
  std::vector<double> z(size_), direction(size_), product(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    residual[i] = -gradient_[i];
    z[i] = residual[i] / diagonal_[i];
    direction[i] = z[i];
  }
  double rz = dot(residual, z);
  const double target = 0.1 * std::sqrt(rz);
  for (int i = 0; i < 200 && std::sqrt(rz) > target; ++i) {
    hessian_times(direction, product);
    double alpha = rz / dot(direction, product);
    add(step, alpha, direction);
    if (norm_by(step, diagonal_) > radius_) {
      // Back to the border of the trust region, along the direction.
      add(step, -alpha, direction);
      double sd = 0, dd = 0, ss = 0;
      for (std::size_t k = 0; k < size_; ++k) {
        sd += step[k] * direction[k] * diagonal_[k];
        dd += direction[k] * direction[k] * diagonal_[k];
        ss += step[k] * step[k] * diagonal_[k];
      }
      const double room = radius_ * radius_ - ss;
      const double root = std::sqrt(sd * sd + dd * room);
      alpha = sd >= 0 ? room / (sd + root) : (root - sd) / dd;
      add(step, alpha, direction);
      add(residual, -alpha, product);
      return true;
    }
    add(residual, -alpha, product);
    for (std::size_t k = 0; k < size_; ++k) z[k] = residual[k] / diagonal_[k];
    const double next = dot(residual, z);
    for (std::size_t k = 0; k < size_; ++k) direction[k] = z[k] + next / rz * direction[k];
    rz = next;
  }
  return false;
}

bool LogisticSolver::step() {
  if (finished_ || gradient_norm() <= problem_.tolerance * first_norm_ || steps_ >= problem_.most_steps) {
    finished_ = true;
    return false;
  }
  if (steps_ == 0) {
    std::vector<double> scaled(size_);
    for (std::size_t i = 0; i < size_; ++i) scaled[i] = gradient_[i] / diagonal_[i];
    radius_ = norm_by(scaled, diagonal_);
  }
  std::vector<double> step, residual;
  const bool at_border = conjugate_gradients(step, residual);
  std::vector<double> next(w_);
  add(next, 1.0, step);
  const double next_objective = objective_at(next);

  // Rules and constants of the paper, section 3.
  const double slope = dot(gradient_, step);
  const double predicted = -0.5 * (slope - dot(step, residual));
  const double actual = objective_ - next_objective;
  const double length = norm_by(step, diagonal_);
  if (steps_ == 0) radius_ = std::min(radius_, length);
  const double bend = next_objective - objective_ - slope;
  const double alpha = bend <= 0 ? 4.0 : std::max(0.25, -0.5 * (slope / bend));
  if (actual < 1e-4 * predicted) radius_ = std::min(alpha * length, 0.5 * radius_);
  else if (actual < 0.25 * predicted) radius_ = std::max(0.25 * radius_, std::min(alpha * length, 0.5 * radius_));
  else if (actual < 0.75 * predicted) radius_ = std::max(0.25 * radius_, std::min(alpha * length, 4.0 * radius_));
  else radius_ = at_border ? 4.0 * radius_ : std::max(radius_, std::min(alpha * length, 4.0 * radius_));
  ++steps_;
  if (actual > 1e-4 * predicted) {
    w_ = std::move(next);
    evaluate();
  }
  // Nothing more to gain in double precision.
  if (std::abs(actual) <= 1e-12 * std::abs(objective_) && std::abs(predicted) <= 1e-12 * std::abs(objective_)) finished_ = true;
  return true;
}

std::string LogisticSolver::state() const {
  std::string bytes(sizeof(std::uint32_t) * 3 + sizeof(double) + w_.size() * sizeof(double), '\0');
  char* to = bytes.data();
  const auto put = [&to](const void* from, std::size_t size) {
    std::memcpy(to, from, size);
    to += size;
  };
  const auto steps = static_cast<std::uint32_t>(steps_);
  const std::uint32_t finished = finished_ ? 1 : 0;
  put(&k_state_version, sizeof k_state_version);
  put(&steps, sizeof steps);
  put(&finished, sizeof finished);
  put(&radius_, sizeof radius_);
  put(w_.data(), w_.size() * sizeof(double));
  return bytes;
}

Result<void> LogisticSolver::restore(std::string_view state) {
  const std::size_t expected = sizeof(std::uint32_t) * 3 + sizeof(double) + w_.size() * sizeof(double);
  std::uint32_t head[3] = {};
  if (state.size() == expected) std::memcpy(head, state.data(), sizeof head);
  if (state.size() != expected || head[0] != k_state_version) return fail(ErrorKind::corrupt, "not a state of this training");
  steps_ = static_cast<int>(head[1]);
  finished_ = head[2] != 0;
  std::memcpy(&radius_, state.data() + sizeof head, sizeof radius_);
  std::memcpy(w_.data(), state.data() + sizeof head + sizeof radius_, w_.size() * sizeof(double));
  evaluate();
  return {};
}

}  // namespace cupel::model
