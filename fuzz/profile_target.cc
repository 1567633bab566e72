// The first byte chooses: 0, the input is a file as it comes; else the rest is a profile's content, to which magic and checksum are added.
#include "base/hash.h"
#include "base/invariant.h"
#include "states/table_profile.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

std::string sealed(std::string content) {
  const auto sum = static_cast<std::uint32_t>(fast_hash(content, fast_hash("profile/1")));
  for (int i = 0; i < 4; ++i) content.push_back(static_cast<char>(sum >> (8 * i)));
  return "cupel profile 1\n" + content;
}

}  // namespace

void fuzz_profile(std::string_view input) {
  if (input.empty() || input.size() > 65536) return;
  const std::string bytes = input[0] == 0 ? std::string(input.substr(1)) : sealed(std::string(input.substr(1)));
  Result<states::Profile> profile = states::Profile::parse(bytes, "x.profile");
  if (!profile) {
    CHECK(profile.error().kind == ErrorKind::corrupt && profile.error().message.find("x.profile") != std::string::npos, "{}",
          profile.error().message);
    return;
  }
  // What was accepted has one form, which reads back as itself, and merges.
  const std::string form = profile->bytes();
  const Result<states::Profile> again = states::Profile::parse(form, "y.profile");
  CHECK(again.has_value(), "{}", again ? "" : again.error().message);
  CHECK(again->bytes() == form);
  (void)profile->schema();
  if (profile->merge(*again)) (void)profile->bytes();
}

}  // namespace cupel::fuzz
