#include "model/row_batches.h"

#include <algorithm>

namespace cupel::model {

std::vector<std::size_t> cut_batches(std::size_t num_rows, std::size_t most_rows, const std::function<std::size_t(std::size_t row)>& text_bytes) {
  constexpr std::size_t k_most_bytes = 4u << 20;
  std::vector<std::size_t> ends;
  std::size_t begin = 0, longest = 0;
  for (std::size_t row = 0; row < num_rows; ++row) {
    const std::size_t bytes = text_bytes(row);
    const std::size_t rows = row - begin + 1;
    if (rows > 1 && (rows > most_rows || rows * std::max(longest, bytes) > k_most_bytes)) {
      ends.push_back(row);
      begin = row;
      longest = 0;
    }
    longest = std::max(longest, bytes);
  }
  if (num_rows > 0) ends.push_back(num_rows);
  return ends;
}

}  // namespace cupel::model
