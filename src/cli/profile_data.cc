#include "cli/profile_data.h"

#include <fstream>
#include <string>
#include <string_view>

#include "base/files.h"
#include "states/profile_source.h"

namespace cupel::cli {

Result<std::unique_ptr<table::BatchSource>> open_data_or_profile(const DataOptions& options) {
  constexpr std::size_t k_first_bytes = 64;
  std::error_code none;
  if (!fs::is_regular_file(options.path, none)) return open_data(options);
  // Data may be larger than the address space: only a profile is mapped.
  std::string first(k_first_bytes, '\0');
  std::ifstream in(options.path, std::ios::binary);
  in.read(first.data(), static_cast<std::streamsize>(first.size()));
  if (!states::is_profile(std::string_view(first).substr(0, static_cast<std::size_t>(in.gcount())))) return open_data(options);
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(options.path));
  ASSIGN_OR_RETURN(states::Profile profile, states::Profile::parse(file.bytes(), options.path));
  return std::make_unique<states::ProfileSource>(std::move(profile));
}

}  // namespace cupel::cli
