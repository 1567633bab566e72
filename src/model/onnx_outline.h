#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cupel::model {

/// What can be said of an ONNX file without running or trusting it.
struct OnnxOutline {
  std::vector<std::pair<std::string, std::int64_t>> opsets;       ///< domain ("ai.onnx" for the empty one), version
  std::vector<std::pair<std::string, std::string>> metadata;      ///< metadata_props
  std::vector<std::string> class_labels;                          ///< of the last node with a `classlabels_*` attribute
  std::int64_t num_nodes = 0;                                     ///< subgraphs included
};

/// Reads the protobuf wire format of an ONNX ModelProto (onnx/onnx.proto, IR 3 and later) with every length checked. Refuses, with
/// `name` in front of the message: bytes that are cut off or no ONNX model, operators of other domains than ai.onnx, ai.onnx.ml and
/// com.microsoft, functions that the file defines itself, tensors kept in other files, subgraphs nested deeper than 16.
Result<OnnxOutline> read_outline(std::string_view bytes, std::string_view name);

}  // namespace cupel::model
