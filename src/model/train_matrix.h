#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cupel::model {

/// A sparse matrix kept by rows and by columns, so that products with it and with its transpose each write every number from one thread
/// alone, in one order: the same bits on any number of threads.
class SparseMatrix {
 public:
  /// `row_starts` has rows + 1 entries; entries of a row at ascending columns.
  SparseMatrix(std::size_t num_columns, std::vector<std::size_t> row_starts, std::vector<std::uint32_t> columns, std::vector<float> values);
  std::size_t num_rows() const { return row_starts_.size() - 1; }
  std::size_t num_columns() const { return column_starts_.size() - 1; }
  std::size_t num_entries() const { return columns_.size(); }

  /// out = matrix times vector (a number a row).
  void multiply(std::span<const double> vector, std::span<double> out, int threads) const;
  /// out = transposed matrix times vector (a number a column).
  void multiply_transposed(std::span<const double> vector, std::span<double> out, int threads) const;
  /// out = for each column the sum over rows of weight times squared value.
  void weighted_squares(std::span<const double> weights, std::span<double> out, int threads) const;
  /// Row times vector, over the columns from `begin` to `end` only.
  double row_product(std::size_t row, std::span<const double> vector, std::size_t begin, std::size_t end) const;

 private:
  std::vector<std::size_t> row_starts_;
  std::vector<std::uint32_t> columns_;
  std::vector<float> row_values_;
  std::vector<std::size_t> column_starts_;
  std::vector<std::uint32_t> rows_;
  std::vector<float> column_values_;
};

/// Calls `work(begin, end)` on pieces of [0, size), shared among threads; returns when all is done.
void in_parallel(std::size_t size, int threads, const std::function<void(std::size_t begin, std::size_t end)>& work);

}  // namespace cupel::model
