#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cupel::model {

/// What one input or output of a model holds.
enum class Element { number, integer, text };
std::string_view element_name(Element element);

struct Port {
  std::string name;
  Element element = Element::number;
  std::vector<std::int64_t> shape;  ///< -1 where it is free: the rows
};

/// Values for one input; the one vector that its element names is used, the shape's product long.
struct InputTensor {
  std::vector<std::int64_t> shape;
  std::span<const std::string_view> texts;
  std::span<const double> numbers;         ///< rounded to float where the model takes floats
  std::span<const std::int64_t> integers;
};

struct OutputTensor {
  Element element = Element::number;
  std::vector<std::int64_t> shape;
  std::vector<double> numbers;
  std::vector<std::int64_t> integers;
  std::string bytes;                       ///< texts one after the other
  std::vector<std::size_t> offsets;        ///< begin of each text in `bytes`, and the end
  std::string_view text(std::size_t i) const { return std::string_view(bytes).substr(offsets[i], offsets[i + 1] - offsets[i]); }
};

/// A file beside the model that holds tensors; its bytes must live until the session is made.
struct TensorFile {
  std::string location;  ///< as the model names it
  std::string_view bytes;
};

struct SessionOptions {
  std::vector<TensorFile> files;   ///< all that the model names; nothing else is opened
  std::string custom_operators;    ///< a shared library with operators of other domains, which the caller trusts; empty: none
  double seconds_per_call = 600;   ///< a call that takes longer is stopped and is an error
};

/// ONNX Runtime on one model, one thread a call; no exception leaves it. Threads may share it.
///
/// What a model may take is bounded: tensors of all sessions of the process together half of the machine's memory (at least 2, at most 16 GiB), time
/// by `seconds_per_call`, and no constant of more than 64 MiB is computed while it is loaded. Beyond: an error.
class OnnxSession {
 public:
  /// Ports must be dense tensors of numbers, whole numbers (also boolean) or text. `name` stands for the file in errors.
  static Result<OnnxSession> make(std::string_view onnx_bytes, std::string_view name, const SessionOptions& options = {});
  OnnxSession(OnnxSession&&) noexcept;
  OnnxSession& operator=(OnnxSession&&) noexcept;
  ~OnnxSession();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  /// One tensor for each input, in order; answers with the outputs at the positions `wanted`.
  Result<std::vector<OutputTensor>> run(std::span<const InputTensor> inputs, std::span<const std::size_t> wanted) const;

 private:
  struct State;
  explicit OnnxSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Version of the ONNX Runtime library that is loaded: "1.32.0".
std::string onnxruntime_version();

}  // namespace cupel::model
