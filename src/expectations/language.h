#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cupel::expectations {

/// Tells the language of a text: CLD2 (Compact Language Detector 2, Debian's libcld2-0: naive Bayes over character n-grams, 83 languages). The
/// library is loaded when the first such expectation is read, so that nobody else waits for it. Threads may share a detector.
class LanguageDetector {
 public:
  /// An error where the library is not installed or is another one.
  static Result<std::shared_ptr<const LanguageDetector>> make();
  /// ISO 639-1 code ("de"; three letters where there is none of two), or empty: it cannot be told (too short, no letters, mixed).
  std::string_view language_of(std::string_view text) const;

 private:
  // CLD2::DetectLanguage and CLD2::LanguageCode, by the names that Debian's compiler gives them.
  using Detect = int (*)(const char* text, int bytes, bool plain_text, bool* reliable);
  using Code = const char* (*)(int language);
  LanguageDetector(Detect detect, Code code) : detect_(detect), code_(code) {}
  Detect detect_;
  Code code_;
};

}  // namespace cupel::expectations
