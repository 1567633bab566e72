#include "model/train_matrix.h"

#include <algorithm>
#include <thread>

#include "base/invariant.h"

namespace cupel::model {

void in_parallel(std::size_t size, int threads, const std::function<void(std::size_t begin, std::size_t end)>& work) {
  constexpr std::size_t k_least = 1024;  // starting a thread costs about as much as this many rows
  const std::size_t pieces = std::clamp<std::size_t>(size / k_least, 1, static_cast<std::size_t>(std::max(threads, 1)));
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < pieces; ++i) others.emplace_back([&, i] { work(size * i / pieces, size * (i + 1) / pieces); });
  work(0, size / pieces);
}

SparseMatrix::SparseMatrix(std::size_t num_columns, std::vector<std::size_t> row_starts, std::vector<std::uint32_t> columns, std::vector<float> values)
    : row_starts_(std::move(row_starts)), columns_(std::move(columns)), row_values_(std::move(values)), column_starts_(num_columns + 1, 0) {
  CHECK(!row_starts_.empty() && row_starts_.back() == columns_.size() && columns_.size() == row_values_.size());
  for (const std::uint32_t column : columns_) ++column_starts_[column + 1];
  for (std::size_t i = 1; i <= num_columns; ++i) column_starts_[i] += column_starts_[i - 1];
  rows_.resize(columns_.size());
  column_values_.resize(columns_.size());
  std::vector<std::size_t> next(column_starts_.begin(), column_starts_.end() - 1);
  for (std::size_t row = 0; row + 1 < row_starts_.size(); ++row) {
    for (std::size_t i = row_starts_[row]; i < row_starts_[row + 1]; ++i) {
      const std::size_t to = next[columns_[i]]++;
      rows_[to] = static_cast<std::uint32_t>(row);
      column_values_[to] = row_values_[i];
    }
  }
}

void SparseMatrix::multiply(std::span<const double> vector, std::span<double> out, int threads) const {
  in_parallel(num_rows(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      double sum = 0;
      for (std::size_t i = row_starts_[row]; i < row_starts_[row + 1]; ++i) sum += static_cast<double>(row_values_[i]) * vector[columns_[i]];
      out[row] = sum;
    }
  });
}

void SparseMatrix::multiply_transposed(std::span<const double> vector, std::span<double> out, int threads) const {
  in_parallel(num_columns(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t column = begin; column < end; ++column) {
      double sum = 0;
      for (std::size_t i = column_starts_[column]; i < column_starts_[column + 1]; ++i) sum += static_cast<double>(column_values_[i]) * vector[rows_[i]];
      out[column] = sum;
    }
  });
}

void SparseMatrix::weighted_squares(std::span<const double> weights, std::span<double> out, int threads) const {
  in_parallel(num_columns(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t column = begin; column < end; ++column) {
      double sum = 0;
      for (std::size_t i = column_starts_[column]; i < column_starts_[column + 1]; ++i) {
        sum += weights[rows_[i]] * static_cast<double>(column_values_[i]) * static_cast<double>(column_values_[i]);
      }
      out[column] = sum;
    }
  });
}

double SparseMatrix::row_product(std::size_t row, std::span<const double> vector, std::size_t begin, std::size_t end) const {
  double sum = 0;
  for (std::size_t i = row_starts_[row]; i < row_starts_[row + 1]; ++i) {
    if (columns_[i] >= begin && columns_[i] < end) sum += static_cast<double>(row_values_[i]) * vector[columns_[i]];
  }
  return sum;
}

}  // namespace cupel::model
