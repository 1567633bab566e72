#include "model/onnx_session.h"

#include <onnxruntime_cxx_api.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "base/invariant.h"
#include "base/text.h"

namespace cupel::model {
namespace {

/// Half of the machine's memory, within bounds.
std::size_t memory_limit() {
  constexpr std::size_t k_least = 2ull << 30;
  constexpr std::size_t k_most = 16ull << 30;
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return k_least;
  return std::clamp(static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes) / 2, k_least, k_most);
}

Ort::Env make_environment() {
  Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "cupel");
  const Ort::ArenaCfg arena(memory_limit(), -1, -1, -1);
  env.CreateAndRegisterAllocator(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault), arena);
  return env;
}

/// One for the process; problems come back as errors, so nothing is logged.
const Ort::Env& environment() {
  static const Ort::Env env = make_environment();
  return env;
}

Ort::SessionOptions session_options(const SessionOptions& wanted) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);  // threads take whole batches, so that no sum depends on their number
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.DisableMemPattern();  // the width of a batch of tokens differs from call to call
  options.AddConfigEntry("session.use_env_allocators", "1");  // the bounded one
  options.AddConfigEntry("optimization.constant_folding_max_output_size_in_bytes", "67108864");
  if (!wanted.custom_operators.empty()) options.RegisterCustomOpsLibrary(fs::absolute(wanted.custom_operators).c_str());
  if (!wanted.files.empty()) {
    std::vector<std::string> names;
    std::vector<char*> buffers;
    std::vector<std::size_t> lengths;
    for (const TensorFile& file : wanted.files) {
      names.push_back(file.location);
      buffers.push_back(const_cast<char*>(file.bytes.data()));  // read only, the interface says otherwise
      lengths.push_back(file.bytes.size());
    }
    options.AddExternalInitializersFromFilesInMemory(names, buffers, lengths);
  }
  return options;
}

/// Stops calls that take too long. One thread for the process, which sleeps while nothing runs.
class Watch {
 public:
  static Watch& one() {
    static Watch watch;
    return watch;
  }
  /// A call that is watched as long as this lives.
  class Call {
   public:
    Call(Watch& watch, double seconds) : watch_(watch) {
      const std::scoped_lock lock(watch_.mutex_);
      place_ = watch_.calls_.emplace(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)), this);
      if (place_ == watch_.calls_.begin()) watch_.changed_.notify_one();
    }
    ~Call() {
      const std::scoped_lock lock(watch_.mutex_);
      if (!stopped_) watch_.calls_.erase(place_);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    const Ort::RunOptions& options() const { return options_; }
    bool stopped() const {
      const std::scoped_lock lock(watch_.mutex_);
      return stopped_;
    }

   private:
    friend class Watch;
    Watch& watch_;
    Ort::RunOptions options_;
    bool stopped_ = false;
    std::multimap<std::chrono::steady_clock::time_point, Call*>::iterator place_;
  };

 private:
  using Clock = std::chrono::steady_clock;
  Watch() : thread_([this](const std::stop_token& stop) { watch(stop); }) {}

  void watch(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (calls_.empty()) {
        changed_.wait(lock, stop, [this] { return !calls_.empty(); });
        continue;
      }
      const Clock::time_point first = calls_.begin()->first;
      if (Clock::now() < first) {
        changed_.wait_until(lock, stop, first, [&] { return calls_.empty() || calls_.begin()->first < first; });
        continue;
      }
      Call* call = calls_.begin()->second;
      calls_.erase(calls_.begin());
      call->stopped_ = true;
      call->options_.SetTerminate();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Clock::time_point, Call*> calls_;
  std::jthread thread_;  // last: it uses the others
};

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
  double seconds_per_call = 0;

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

Result<OnnxSession> OnnxSession::make(std::string_view onnx_bytes, std::string_view name, const SessionOptions& options) {
  auto state = std::make_unique<State>();
  state->name = std::string(name);
  try {
    state->session = Ort::Session(environment(), onnx_bytes.data(), onnx_bytes.size(), session_options(options));
    state->seconds_per_call = options.seconds_per_call;
    TRY(state->load_ports());
  } catch (const std::exception& error) {
    return fail(ErrorKind::corrupt, "{}: not a model that can run: {}", name, reason(error));
  }
  return OnnxSession(std::move(state));
}

Result<std::vector<OutputTensor>> OnnxSession::run(std::span<const InputTensor> inputs, std::span<const std::size_t> wanted) const {
  const State& state = *state_;
  CHECK(inputs.size() == state.inputs.size(), "{} tensors for {} inputs", inputs.size(), state.inputs.size());
  Watch::Call call(Watch::one(), state.seconds_per_call);
  try {
    std::vector<const char*> input_names, output_names;
    std::vector<Ort::Value> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      input_names.push_back(state.inputs[i].name.c_str());
      values.push_back(state.make_input(i, inputs[i]));
    }
    for (const std::size_t i : wanted) output_names.push_back(state.outputs[i].name.c_str());
    const std::vector<Ort::Value> results = state.session.Run(call.options(), input_names.data(), values.data(), values.size(),
                                                              output_names.data(), output_names.size());
    std::vector<OutputTensor> outputs;
    for (std::size_t i = 0; i < wanted.size(); ++i) outputs.push_back(state.read_output(wanted[i], results[i]));
    return outputs;
  } catch (const std::exception& error) {
    if (call.stopped()) return fail("{}: the model took more than {} s for one batch of rows and was stopped", state.name, state.seconds_per_call);
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
