#include "model/onnx_session.h"

#include <onnxruntime_cxx_api.h>

#include <cstring>
#include <exception>

#include "base/invariant.h"
#include "base/text.h"

namespace cupel::model {
namespace {

/// One for the process; problems come back as errors, so nothing is logged.
const Ort::Env& environment() {
  static const Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "cupel");
  return env;
}

Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);  // threads take whole batches, so that no sum depends on their number
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.DisableMemPattern();  // the width of a batch of tokens differs from call to call
  return options;
}

/// First line of ONNX Runtime's message, without its own file names.
std::string reason(const std::exception& error) {
  std::string_view text = error.what();
  text = text.substr(0, text.find('\n'));
  return shorten(text, 300);
}


Result<Port> port_of(std::string name, const Ort::TypeInfo& info, ONNXTensorElementDataType& type, std::string_view file, std::string_view kind) {
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) {
    return fail_with_hint(fmt::format("{}: {} '{}' is not a tensor", file, kind, name),
                          info.GetONNXType() == ONNX_TYPE_SEQUENCE ? "export the model without ZipMap" : "");
  }
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  type = tensor.GetElementType();
  Port port{std::move(name), Element::number, tensor.GetShape()};
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: return port;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: port.element = Element::integer; return port;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING: port.element = Element::text; return port;
    default: return fail("{}: {} '{}' holds elements of a type that is not supported, expected text, float, double, int64, int32 or bool", file, kind, port.name);
  }
}

}  // namespace

struct OnnxSession::State {
  std::string name;
  mutable Ort::Session session{nullptr};  // Run is thread-safe, yet not const in the C++ API
  std::vector<Port> inputs, outputs;
  std::vector<ONNXTensorElementDataType> input_types, output_types;

  Result<void> load_ports();
  Ort::Value make_input(std::size_t index, const InputTensor& tensor) const;
  OutputTensor read_output(std::size_t index, const Ort::Value& value) const;
};

Result<void> OnnxSession::State::load_ports() {
  Ort::AllocatorWithDefaultOptions allocator;
  for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
    ASSIGN_OR_RETURN(inputs.emplace_back(), port_of(session.GetInputNameAllocated(i, allocator).get(), session.GetInputTypeInfo(i),
                                                    input_types.emplace_back(), name, "input"));
  }
  for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
    ASSIGN_OR_RETURN(outputs.emplace_back(), port_of(session.GetOutputNameAllocated(i, allocator).get(), session.GetOutputTypeInfo(i),
                                                     output_types.emplace_back(), name, "output"));
  }
  return {};
}

Ort::Value OnnxSession::State::make_input(std::size_t index, const InputTensor& tensor) const {
  Ort::AllocatorWithDefaultOptions allocator;
  const ONNXTensorElementDataType type = input_types[index];
  Ort::Value value = Ort::Value::CreateTensor(allocator, tensor.shape.data(), tensor.shape.size(), type);
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING:
      for (std::size_t i = 0; i < tensor.texts.size(); ++i) {
        char* buffer = value.GetResizedStringTensorElementBuffer(i, tensor.texts[i].size());
        if (!tensor.texts[i].empty()) std::memcpy(buffer, tensor.texts[i].data(), tensor.texts[i].size());
      }
      break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      for (std::size_t i = 0; i < tensor.numbers.size(); ++i) value.GetTensorMutableData<float>()[i] = static_cast<float>(tensor.numbers[i]);
      break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE:
      for (std::size_t i = 0; i < tensor.numbers.size(); ++i) value.GetTensorMutableData<double>()[i] = tensor.numbers[i];
      break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      for (std::size_t i = 0; i < tensor.integers.size(); ++i) value.GetTensorMutableData<std::int64_t>()[i] = tensor.integers[i];
      break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      for (std::size_t i = 0; i < tensor.integers.size(); ++i) value.GetTensorMutableData<std::int32_t>()[i] = static_cast<std::int32_t>(tensor.integers[i]);
      break;
    default:
      for (std::size_t i = 0; i < tensor.integers.size(); ++i) value.GetTensorMutableData<bool>()[i] = tensor.integers[i] != 0;
  }
  return value;
}

OutputTensor OnnxSession::State::read_output(std::size_t index, const Ort::Value& value) const {
  OutputTensor out;
  const auto info = value.GetTensorTypeAndShapeInfo();
  out.element = outputs[index].element;
  out.shape = info.GetShape();
  const std::size_t count = info.GetElementCount();
  const auto numbers = [&](auto zero) {
    const auto* data = value.GetTensorData<decltype(zero)>();
    out.numbers.assign(data, data + count);
  };
  const auto integers = [&](auto zero) {
    const auto* data = value.GetTensorData<decltype(zero)>();
    out.integers.assign(data, data + count);
  };
  switch (output_types[index]) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: numbers(float{}); break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE: numbers(double{}); break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: integers(std::int64_t{}); break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32: integers(std::int32_t{}); break;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: integers(bool{}); break;
    default:
      out.bytes.resize(value.GetStringTensorDataLength());
      out.offsets.resize(count);
      if (count > 0) value.GetStringTensorContent(out.bytes.data(), out.bytes.size(), out.offsets.data(), count);
      out.offsets.push_back(out.bytes.size());
  }
  return out;
}

OnnxSession::OnnxSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnnxSession::OnnxSession(OnnxSession&&) noexcept = default;
OnnxSession& OnnxSession::operator=(OnnxSession&&) noexcept = default;
OnnxSession::~OnnxSession() = default;
const std::vector<Port>& OnnxSession::inputs() const { return state_->inputs; }
const std::vector<Port>& OnnxSession::outputs() const { return state_->outputs; }

Result<OnnxSession> OnnxSession::make(std::string_view onnx_bytes, std::string_view name) {
  auto state = std::make_unique<State>();
  state->name = std::string(name);
  try {
    state->session = Ort::Session(environment(), onnx_bytes.data(), onnx_bytes.size(), session_options());
    TRY(state->load_ports());
  } catch (const std::exception& error) {
    return fail(ErrorKind::corrupt, "{}: not a model that can run: {}", name, reason(error));
  }
  return OnnxSession(std::move(state));
}

Result<std::vector<OutputTensor>> OnnxSession::run(std::span<const InputTensor> inputs, std::span<const std::size_t> wanted) const {
  const State& state = *state_;
  CHECK(inputs.size() == state.inputs.size(), "{} tensors for {} inputs", inputs.size(), state.inputs.size());
  try {
    std::vector<const char*> input_names, output_names;
    std::vector<Ort::Value> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      input_names.push_back(state.inputs[i].name.c_str());
      values.push_back(state.make_input(i, inputs[i]));
    }
    for (const std::size_t i : wanted) output_names.push_back(state.outputs[i].name.c_str());
    const std::vector<Ort::Value> results = state.session.Run(Ort::RunOptions{nullptr}, input_names.data(), values.data(), values.size(),
                                                              output_names.data(), output_names.size());
    std::vector<OutputTensor> outputs;
    for (std::size_t i = 0; i < wanted.size(); ++i) outputs.push_back(state.read_output(wanted[i], results[i]));
    return outputs;
  } catch (const std::exception& error) {
    return fail("{}: the model failed: {}", state.name, reason(error));
  }
}

std::string_view element_name(Element element) {
  switch (element) {
    case Element::number: return "number";
    case Element::integer: return "whole number";
    case Element::text: break;
  }
  return "text";
}

std::string onnxruntime_version() { return OrtGetApiBase()->GetVersionString(); }

}  // namespace cupel::model
