// The input is an ONNX file. The outline that is read before ONNX Runtime sees the file is held against the parser of the Protobuf library, so
// that nothing hides from it: what it lets through has no operator of a foreign domain, no data elsewhere and no deep nesting for that one either.
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>

#include "base/invariant.h"
#include "outline/onnx_outline.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

constexpr int k_deepest = 16;

class Auditor {
 public:
  void graph(const onnx::GraphProto& graph, int depth) {
    CHECK(depth <= k_deepest, "a subgraph at depth {}", depth);
    for (const onnx::NodeProto& node : graph.node()) this->node(node, depth);
    for (const onnx::TensorProto& tensor : graph.initializer()) this->tensor(tensor);
    for (const onnx::SparseTensorProto& tensor : graph.sparse_initializer()) sparse(tensor);
  }
  std::int64_t num_nodes() const { return num_nodes_; }
  std::size_t num_outside() const { return num_outside_; }

 private:
  void node(const onnx::NodeProto& node, int depth) {
    static constexpr std::array<std::string_view, 4> k_domains{"", "ai.onnx", "ai.onnx.ml", "com.microsoft"};
    ++num_nodes_;
    CHECK(std::ranges::find(k_domains, std::string_view(node.domain())) != k_domains.end(), "'{}'", node.domain());
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.has_g()) graph(attribute.g(), depth + 1);
      for (const onnx::GraphProto& inner : attribute.graphs()) graph(inner, depth + 1);
      if (attribute.has_t()) tensor(attribute.t());
      for (const onnx::TensorProto& inner : attribute.tensors()) tensor(inner);
      if (attribute.has_sparse_tensor()) sparse(attribute.sparse_tensor());
      for (const onnx::SparseTensorProto& inner : attribute.sparse_tensors()) sparse(inner);
    }
  }
  void sparse(const onnx::SparseTensorProto& sparse) {
    if (sparse.has_values()) tensor(sparse.values());
    if (sparse.has_indices()) tensor(sparse.indices());
  }
  void tensor(const onnx::TensorProto& tensor) {
    CHECK((tensor.external_data_size() == 0) == (tensor.data_location() == onnx::TensorProto::DEFAULT), "'{}' is there and elsewhere", tensor.name());
    if (tensor.external_data_size() > 0) ++num_outside_;
    for (const std::int64_t size : tensor.dims()) CHECK(size >= 0, "'{}'", tensor.name());
  }
  std::int64_t num_nodes_ = 0;
  std::size_t num_outside_ = 0;
};

}  // namespace

void fuzz_onnx(std::string_view input) {
  if (input.size() > 1u << 20) return;
  const Result<outline::OnnxOutline> outline = outline::read_outline(input, "x.onnx");
  if (!outline) {
    CHECK(outline.error().message.starts_with("x.onnx"), "{}", outline.error().message);
    return;
  }
  onnx::ModelProto model;
  if (!model.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;  // ONNX Runtime, which has the same parser, refuses it
  CHECK(model.functions_size() == 0);
  Auditor auditor;
  auditor.graph(model.graph(), 0);
  for (const onnx::TrainingInfoProto& training : model.training_info()) {
    auditor.graph(training.initialization(), 0);
    auditor.graph(training.algorithm(), 0);
  }
  CHECK(auditor.num_nodes() == outline->num_nodes, "{} of {} nodes", outline->num_nodes, auditor.num_nodes());
  CHECK(auditor.num_outside() == outline->outside.size(), "{} of {} tensors elsewhere", outline->outside.size(), auditor.num_outside());
  CHECK(static_cast<int>(outline->opsets.size()) == model.opset_import_size());
  for (int i = 0; i < model.opset_import_size(); ++i) {
    CHECK(outline->opsets[static_cast<std::size_t>(i)].second == model.opset_import(i).version(), "opset {}", i);
  }
  CHECK(static_cast<int>(outline->metadata.size()) == model.metadata_props_size());
}

}  // namespace cupel::fuzz
