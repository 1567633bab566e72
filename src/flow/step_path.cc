#include "flow/step_path.h"

#include "base/hash.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr std::size_t k_longest_name = 120;

std::string as_file_name(std::string_view text) {
  constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.=,-+";
  std::string name;
  for (const char c : text) {
    const bool beyond_ascii = static_cast<unsigned char>(c) >= 0x80;
    if (beyond_ascii || k_plain.find(c) != std::string_view::npos) name += c;
    else name += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  if (name.size() <= k_longest_name) return name;
  constexpr std::size_t k_digits = 16;
  std::size_t cut = k_longest_name - k_digits - 1;
  while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0u) == 0x80u) --cut;  // between two code points
  return name.substr(0, cut) + "~" + sha256_hex(text).substr(0, k_digits);
}

}  // namespace

std::string instance_name(std::string_view declared, const Bindings& bindings) {
  std::string name(declared);
  for (std::size_t i = 0; i < bindings.size(); ++i) name += fmt::format("{}{}={}", i == 0 ? "[" : ",", bindings[i].first, bindings[i].second);
  return bindings.empty() ? name : name + "]";
}

std::string_view declared_name(std::string_view step) { return step.substr(0, step.find('[')); }

std::string values_folder(std::string_view step) {
  const std::size_t open = step.find('[');
  if (open == std::string_view::npos) return {};
  std::string_view values = step.substr(open + 1);
  if (values.ends_with(']')) values.remove_suffix(1);
  return as_file_name(values);
}

fs::path step_folder(std::string_view step) {
  const std::string values = values_folder(step);
  return fs::path("steps") / (values.empty() ? std::string(step) : fmt::format("{}@{}", declared_name(step), values));
}

fs::path out_folder(std::string_view step) {
  const std::string values = values_folder(step);
  return fs::path("steps") / declared_name(step) / "out" / fs::path(values);
}

}  // namespace cupel::flow
