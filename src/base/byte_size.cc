#include "base/byte_size.h"

#include "base/text.h"

namespace cupel {

std::optional<std::int64_t> parse_byte_size(std::string_view text) {
  double factor = 1;
  for (const auto& [suffix, of] : {std::pair{'K', 0x1p10}, std::pair{'M', 0x1p20}, std::pair{'G', 0x1p30}}) {
    if (text.ends_with(suffix)) factor = of;
  }
  if (factor > 1) text.remove_suffix(1);
  const auto number = parse_number(trim(text));
  if (!number || !(*number * factor >= 1) || *number * factor > 0x1p50) return std::nullopt;
  return static_cast<std::int64_t>(*number * factor);
}

}  // namespace cupel
