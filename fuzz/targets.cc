#include <array>

#include "target.h"

namespace cupel::fuzz {

std::span<const Target> targets() {
  static constexpr std::array k_targets = {
      Target{"csv", "the CSV reader against a slow one, cut into chunks of any size; AVX2 against the portable way", fuzz_csv},
      Target{"expression", "expressions against a row-wise evaluator, however the rows are cut and encoded", fuzz_expression},
      Target{"flow", "flow files, their templates and their plan", fuzz_flow},
      Target{"jsonl", "JSON Lines against an independent parser, cut into chunks of any size", fuzz_jsonl},
      Target{"like", "LIKE patterns against a dynamic program", fuzz_like},
      Target{"onnx", "the outline of ONNX files against the Protobuf library's parser", fuzz_onnx},
      Target{"profile", "files of profiles, with a checksum that fits", fuzz_profile},
      Target{"registry", "model.json, identifiers, verdicts, and databases of a registry that somebody altered", fuzz_registry},
      Target{"states", "the byte form of every state, with a checksum that fits", fuzz_states},
      Target{"suite", "suites, and what they answer about a small table", fuzz_suite},
  };
  return k_targets;
}

}  // namespace cupel::fuzz
