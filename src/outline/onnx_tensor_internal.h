#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "outline/onnx_outline.h"
#include "outline/wire_internal.h"

namespace cupel::outline {

constexpr std::int64_t k_most_elements = 1 << 28;  // of a tensor that an operator makes: 1 GiB of floats
constexpr std::int64_t k_most_turns = 1'000'000;   // of a loop

/// What the outline needs of a tensor.
struct TensorFacts {
  std::string_view name;
  std::optional<std::vector<std::int64_t>> integers;  ///< values of one of at most 64 whole numbers: it may be a shape
};

/// Product of the sizes; nothing when one is negative or the product is beyond 2^48.
std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims);
/// "[3, -1, 5]"; long ones are cut.
std::string shape_text(std::span<const std::int64_t> dims);
/// Appends a repeated int64, packed or one by one; false when the bytes are none.
bool read_integers(const WireField& field, std::vector<std::int64_t>& numbers);

/// Reads a TensorProto and holds its shape against the bytes that it brings. One that is kept elsewhere is put into `outside`.
Result<TensorFacts> read_tensor(std::string_view bytes, std::string_view name, std::vector<OutsideTensor>& outside);

}  // namespace cupel::outline
