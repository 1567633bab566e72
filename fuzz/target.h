#pragma once

#include <span>
#include <string_view>

namespace cupel::fuzz {

/// One door of Cupel through which somebody else's bytes come in. `run` takes any bytes and aborts (CHECK) when an answer is wrong; it must
/// not depend on anything but its input. The same functions are fuzzed by libFuzzer (`tools/fuzz`) and run over the kept inputs of
/// `fuzz/corpus/<name>/` in every build (`fuzz_replay_test`).
struct Target {
  std::string_view name;
  std::string_view summary;
  void (*run)(std::string_view input);
};

/// Sorted by name.
std::span<const Target> targets();

void fuzz_csv(std::string_view input);
void fuzz_expression(std::string_view input);
void fuzz_flow(std::string_view input);
void fuzz_jsonl(std::string_view input);
void fuzz_like(std::string_view input);
void fuzz_onnx(std::string_view input);
void fuzz_profile(std::string_view input);
void fuzz_registry(std::string_view input);
void fuzz_states(std::string_view input);
void fuzz_suite(std::string_view input);

}  // namespace cupel::fuzz
