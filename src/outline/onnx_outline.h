#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cupel::outline {

/// A tensor whose bytes stand in another file. Nothing has been said of that file yet: `location` may be any text.
struct OutsideTensor {
  std::string name;
  std::string location;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  ///< what its shape needs; where the file states a length, the same
};

/// What can be said of an ONNX file without running or trusting it.
struct OnnxOutline {
  std::vector<std::pair<std::string, std::int64_t>> opsets;       ///< domain ("ai.onnx" for the empty one), version
  std::vector<std::pair<std::string, std::string>> metadata;      ///< metadata_props
  std::vector<std::string> class_labels;                          ///< of the last node with a `classlabels_*` attribute
  std::vector<OutsideTensor> outside;                             ///< in the order of the file
  std::int64_t num_nodes = 0;                                     ///< subgraphs included
  std::int64_t num_custom_operators = 0;                          ///< of other domains; 0 unless they were allowed

  /// Each other file once, in the order of the file.
  std::vector<std::string> locations() const;
};

enum class CustomOperators { refuse, allow };

/// Reads the protobuf wire format of an ONNX ModelProto (onnx/onnx.proto, IR 3 and later) with every length checked, without making more of it
/// than the file is long. Refuses, with `name` in front of the message:
/// - `corrupt`: bytes that are cut off or no ONNX model, a part that may be there once and is there twice;
/// - operators of other domains than ai.onnx, ai.onnx.ml and com.microsoft (unless allowed), functions that the file defines itself;
/// - subgraphs nested deeper than 16;
/// - tensors with a negative size, sizes whose product overflows, more or less bytes than their shape needs, an unknown type, a name twice;
/// - operators that are told by a constant to make a tensor of more than 2^28 elements (ConstantOfShape, Expand, Tile, Resize, …) or a Loop of more
///   than a million turns.
Result<OnnxOutline> read_outline(std::string_view bytes, std::string_view name, CustomOperators custom = CustomOperators::refuse);

/// The bytes of an outside tensor lie inside its file of `file_bytes`; the error names both.
Result<void> check_range(const OutsideTensor& tensor, std::uint64_t file_bytes, std::string_view name);

}  // namespace cupel::outline
