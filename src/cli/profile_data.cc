#include "cli/profile_data.h"

#include "base/files.h"
#include "states/profile_source.h"

namespace cupel::cli {

Result<std::unique_ptr<table::BatchSource>> open_data_or_profile(const DataOptions& options) {
  constexpr std::size_t k_first_bytes = 64;
  std::error_code none;
  if (!fs::is_regular_file(options.path, none)) return open_data(options);
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::open(options.path));
  if (!states::is_profile(file.bytes().substr(0, k_first_bytes))) return open_data(options);
  ASSIGN_OR_RETURN(states::Profile profile, states::Profile::parse(file.bytes(), options.path));
  return std::make_unique<states::ProfileSource>(std::move(profile));
}

}  // namespace cupel::cli
