#include "model/train_graph.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx_pb.h>
// after onnx_pb.h, which names the namespace
#include <onnx/common/version.h>

#include <array>
#include <map>
#include <set>

#include "base/invariant.h"

namespace cupel::model {
namespace {

constexpr int k_ir_version = 8;
constexpr std::array<std::string_view, 3> k_domains{"", "ai.onnx.ml", "com.microsoft"};

int element_number(GraphBuilder::Element element) {
  switch (element) {
    case GraphBuilder::Element::float_number: return onnx::TensorProto::FLOAT;
    case GraphBuilder::Element::double_number: return onnx::TensorProto::DOUBLE;
    case GraphBuilder::Element::integer: return onnx::TensorProto::INT64;
    case GraphBuilder::Element::boolean: return onnx::TensorProto::BOOL;
    case GraphBuilder::Element::text: break;
  }
  return onnx::TensorProto::STRING;
}

void set_type(onnx::ValueInfoProto& info, std::string_view name, int element, std::int64_t columns) {
  info.set_name(std::string(name));
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(element);
  tensor->mutable_shape()->add_dim()->set_dim_param("rows");
  if (columns > 0) tensor->mutable_shape()->add_dim()->set_dim_value(columns);
  if (columns < 0) tensor->mutable_shape()->add_dim()->set_dim_param("columns");
}

void set_attribute(onnx::AttributeProto& to, const GraphBuilder::Attribute& from) {
  to.set_name(std::string(from.name));
  const auto put = [&to](const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::int64_t>) {
      to.set_type(onnx::AttributeProto::INT);
      to.set_i(value);
    } else if constexpr (std::is_same_v<T, float>) {
      to.set_type(onnx::AttributeProto::FLOAT);
      to.set_f(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      to.set_type(onnx::AttributeProto::STRING);
      to.set_s(value);
    } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
      to.set_type(onnx::AttributeProto::INTS);
      to.mutable_ints()->Add(value.begin(), value.end());
    } else if constexpr (std::is_same_v<T, std::vector<float>>) {
      to.set_type(onnx::AttributeProto::FLOATS);
      to.mutable_floats()->Add(value.begin(), value.end());
    } else {
      to.set_type(onnx::AttributeProto::STRINGS);
      for (const std::string& text : value) to.add_strings(text);
    }
  };
  std::visit(put, from.value);
}

}  // namespace

struct GraphBuilder::State {
  onnx::ModelProto model;
  std::set<std::string, std::less<>> used;
  std::map<std::string, int, std::less<>> numbers;  // last one given out by label

  onnx::GraphProto& graph() { return *model.mutable_graph(); }
  /// `label`, `label_2`, `label_3`, …
  std::string fresh(std::string_view label) {
    for (int& number = numbers[std::string(label)];;) {
      const int next = ++number;
      std::string name = next == 1 ? std::string(label) : fmt::format("{}_{}", label, next);
      if (used.insert(name).second) return name;
    }
  }
  Value input(std::string_view name, int element) {
    CHECK(used.insert(std::string(name)).second, "input '{}' comes after a value of that name", name);
    set_type(*graph().add_input(), name, element, 1);
    return std::string(name);
  }
};

GraphBuilder::GraphBuilder() : state_(std::make_unique<State>()) { state_->graph().set_name("cupel"); }
GraphBuilder::~GraphBuilder() = default;

GraphBuilder::Value GraphBuilder::text_input(std::string_view name) {
  return state_->input(name, onnx::TensorProto::STRING);
}

GraphBuilder::Value GraphBuilder::number_input(std::string_view name) {
  return state_->input(name, onnx::TensorProto::FLOAT);
}

GraphBuilder::Value GraphBuilder::node(std::string_view op, std::span<const Value> inputs, std::string_view label, std::vector<Attribute> attributes, Domain domain) {
  const Value name = state_->fresh(label);
  onnx::NodeProto& node = *state_->graph().add_node();
  node.set_name(name);
  node.set_op_type(std::string(op));
  node.set_domain(std::string(k_domains[static_cast<std::size_t>(domain)]));
  for (const Value& input : inputs) node.add_input(input);
  node.add_output(name);
  for (const Attribute& attribute : attributes) set_attribute(*node.add_attribute(), attribute);
  return name;
}

GraphBuilder::Value GraphBuilder::integers(std::span<const std::int64_t> values, std::string_view label, Shape shape) {
  onnx::TensorProto& tensor = *state_->graph().add_initializer();
  tensor.set_name(state_->fresh(label));
  tensor.set_data_type(onnx::TensorProto::INT64);
  if (shape == Shape::row) tensor.add_dims(1);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.mutable_int64_data()->Add(values.begin(), values.end());
  return tensor.name();
}

GraphBuilder::Value GraphBuilder::numbers(std::span<const double> values, std::string_view label, Shape shape) {
  onnx::TensorProto& tensor = *state_->graph().add_initializer();
  tensor.set_name(state_->fresh(label));
  tensor.set_data_type(onnx::TensorProto::DOUBLE);
  if (shape == Shape::row) tensor.add_dims(1);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  tensor.mutable_double_data()->Add(values.begin(), values.end());
  return tensor.name();
}

GraphBuilder::Value GraphBuilder::cast(const Value& value, Element to, std::string_view label) {
  return node("Cast", {value}, label, {{"to", std::int64_t{element_number(to)}}});
}

void GraphBuilder::output(const Value& value, std::string_view name, Element element, std::int64_t columns) {
  // An output's name may be an input's too (a column called `label`), which ONNX forbids: then it gets a number.
  const std::string fresh = state_->fresh(name);
  onnx::NodeProto& node = *state_->graph().add_node();
  node.set_name(fresh);
  node.set_op_type("Identity");
  node.add_input(value);
  node.add_output(fresh);
  set_type(*state_->graph().add_output(), fresh, element_number(element), columns);
}

const std::vector<std::pair<std::string, std::int64_t>>& GraphBuilder::opsets() {
  static const std::vector<std::pair<std::string, std::int64_t>> k_opsets{{"ai.onnx", 17}, {"ai.onnx.ml", 3}, {"com.microsoft", 1}};
  return k_opsets;
}

std::string GraphBuilder::bytes(std::span<const std::pair<std::string, std::string>> metadata) const {
  onnx::ModelProto model = state_->model;
  model.set_ir_version(k_ir_version);
  model.set_producer_name("cupel");
  for (const auto& [domain, version] : opsets()) {
    onnx::OperatorSetIdProto& opset = *model.add_opset_import();
    opset.set_domain(domain == "ai.onnx" ? "" : domain);
    opset.set_version(version);
  }
  for (const auto& [key, value] : metadata) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  CHECK(model.SerializeToCodedStream(&coded), "the graph cannot be written");
  coded.Trim();
  return out;
}

std::string onnx_version() { return onnx::LAST_RELEASE_VERSION; }

std::string protobuf_version() {
  const int version = GOOGLE_PROTOBUF_VERSION;  // 3021012
  return fmt::format("{}.{}.{}", version / 1000000, version / 1000 % 1000, version % 1000);
}

}  // namespace cupel::model
