#include "base/fenced_blocks.h"

namespace cupel {

std::vector<FencedBlock> fenced_blocks(std::string_view page) {
  constexpr std::string_view k_fence = "```";
  std::vector<FencedBlock> blocks;
  std::size_t at = page.find(k_fence);
  while (at != std::string_view::npos) {
    const std::size_t line_end = page.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::size_t close = page.find(k_fence, line_end);
    if (close == std::string_view::npos) break;
    const std::size_t name = at + k_fence.size();
    blocks.push_back({std::string(page.substr(name, line_end - name)), std::string(page.substr(line_end + 1, close - line_end - 1)), line_end + 1, close});
    at = page.find(k_fence, close + k_fence.size());
  }
  return blocks;
}

}  // namespace cupel
