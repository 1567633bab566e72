#include "expectations/language.h"

#include <dlfcn.h>

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace cupel::expectations {
namespace {

/// Codes that CLD2 still writes as before 1989.
std::string_view modern(std::string_view code) {
  if (code == "iw") return "he";
  if (code == "jw") return "jv";
  if (code == "in") return "id";
  return code.substr(0, code.find('-'));  // zh-Hant is Chinese
}

template <typename Function>
Function find_symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(::dlsym(library, name));
}

}  // namespace

Result<std::shared_ptr<const LanguageDetector>> LanguageDetector::make() {
  static const Result<std::shared_ptr<const LanguageDetector>> k_detector = []() -> Result<std::shared_ptr<const LanguageDetector>> {
    const auto refuse = [](const char* reason) { return fail_with_hint(fmt::format("the library libcld2.so.0 that tells languages cannot be loaded: {}", reason), "Debian's package is libcld2-0"); };
    void* const library = ::dlopen("libcld2.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return refuse(::dlerror());
    const auto detect = find_symbol<Detect>(library, "_ZN4CLD214DetectLanguageEPKcibPb");
    const auto code = find_symbol<Code>(library, "_ZN4CLD212LanguageCodeENS_8LanguageE");
    if (detect == nullptr || code == nullptr) return refuse("it is another one");
    return std::shared_ptr<const LanguageDetector>(new LanguageDetector(detect, code));  // tidy: the constructor is private
  }();
  return k_detector;
}

std::string_view LanguageDetector::language_of(std::string_view text) const {
  // CLD2 must not see ill-formed UTF-8.
  text = text.substr(0, std::min<std::size_t>(first_invalid_utf8(text).value_or(text.size()), std::numeric_limits<int>::max()));
  bool reliable = false;
  const int language = detect_(text.data(), static_cast<int>(text.size()), true, &reliable);
  const std::string_view code = code_(language);
  return !reliable || code == "un" ? std::string_view() : modern(code);
}

}  // namespace cupel::expectations
