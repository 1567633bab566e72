#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cupel::model {

/// Writes an ONNX graph node by node. Values are known by their names, which the calls hand out. The bytes depend on the calls alone.
class GraphBuilder {
 public:
  using Value = std::string;
  struct Attribute {
    std::string_view name;
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, std::vector<std::string>> value;
  };
  enum class Domain { onnx, ml, microsoft };

  GraphBuilder();
  ~GraphBuilder();
  GraphBuilder(const GraphBuilder&) = delete;
  GraphBuilder& operator=(const GraphBuilder&) = delete;

  /// An input of shape [rows, 1]. Inputs come before everything else, so that their names are free.
  Value text_input(std::string_view name);
  Value number_input(std::string_view name);
  /// A node with one output; `label` becomes part of its name, for people who look at the graph.
  Value node(std::string_view op, std::span<const Value> inputs, std::string_view label, std::vector<Attribute> attributes = {}, Domain domain = Domain::onnx);
  Value node(std::string_view op, std::initializer_list<Value> inputs, std::string_view label, std::vector<Attribute> attributes = {}, Domain domain = Domain::onnx) {
    return node(op, std::span<const Value>(inputs.begin(), inputs.size()), label, std::move(attributes), domain);
  }
  /// Constants: of shape [n], or [1, n] with `row`.
  enum class Shape { vector, row };
  Value integers(std::span<const std::int64_t> values, std::string_view label, Shape shape = Shape::vector);
  Value integer(std::int64_t value) { return integers(std::span(&value, 1), "number"); }
  Value numbers(std::span<const double> values, std::string_view label, Shape shape = Shape::vector);
  Value number(double value) { return numbers(std::span(&value, 1), "number"); }
  enum class Element { float_number, double_number, integer, boolean, text };
  Value cast(const Value& value, Element to, std::string_view label);

  /// Makes a value an output under a name. `columns` 0: shape [rows]; -1: [rows, free]; else [rows, columns].
  void output(const Value& value, std::string_view name, Element element, std::int64_t columns);

  /// The file: opset 17 of ai.onnx, 3 of ai.onnx.ml, 1 of com.microsoft, IR version 8.
  std::string bytes(std::span<const std::pair<std::string, std::string>> metadata) const;
  static const std::vector<std::pair<std::string, std::int64_t>>& opsets();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Versions of the libraries that write the file: "1.12.0", "3.21.12".
std::string onnx_version();
std::string protobuf_version();

}  // namespace cupel::model
