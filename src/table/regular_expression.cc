#include "table/regular_expression.h"

#include <re2/re2.h>

#include "base/text.h"

namespace cupel::table {
namespace {

// Two thirds of it bound the program, the rest is the cache of its states: when that is full, RE2 forgets and goes on, more slowly.
constexpr std::int64_t k_memory_bytes = 4 << 20;
constexpr std::size_t k_longest = 16 * 1024;

}  // namespace

Result<std::shared_ptr<const re2::RE2>> regular_expression(std::string_view pattern, Case letters) {
  if (pattern.size() > k_longest) return fail("'{}' is a regular expression of {} bytes, at most {} are taken", shorten(pattern, 60), pattern.size(), k_longest);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(k_memory_bytes);
  options.set_case_sensitive(letters == Case::sensitive);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return fail("'{}' is not a regular expression: {}", shorten(pattern, 60), compiled->error());
  return compiled;
}

}  // namespace cupel::table
