#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace cupel::model {

/// Cuts rows into batches: at most `most_rows` each, and few enough that rows times the longest text stays within 4 MiB (a row with a
/// longer text stands alone), because a model that splits texts into words fills every row of a batch up to the longest one. `text_bytes`
/// tells the longest text of a row. Answers with the end of each batch; depends on the rows alone.
std::vector<std::size_t> cut_batches(std::size_t num_rows, std::size_t most_rows, const std::function<std::size_t(std::size_t row)>& text_bytes);

}  // namespace cupel::model
