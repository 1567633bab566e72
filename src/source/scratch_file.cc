#include "source/scratch_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace cupel::source {

Result<ScratchFile> ScratchFile::make(const fs::path& target) {
  std::error_code ignored;  // what is wrong with the target shows when it is opened
  if (fs::is_directory(target, ignored)) return fail("cannot write '{}': it is a folder", target.string());
  if (fs::exists(target, ignored) && !fs::is_regular_file(target, ignored)) return ScratchFile(target, {});
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), ignored);
  std::string name = target.string() + ".XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return system_error("write", target);
  const bool ok = ::fchmod(file, 0644) == 0;
  ::close(file);
  ScratchFile scratch(target, name);
  if (!ok) return system_error("write", target);
  return scratch;
}

ScratchFile::~ScratchFile() {
  if (!scratch_.empty()) ::unlink(scratch_.c_str());
}

Result<void> ScratchFile::rename() {
  if (scratch_.empty()) return {};
  if (::rename(scratch_.c_str(), target_.c_str()) != 0) return system_error("write", target_);
  scratch_.clear();
  return {};
}

}  // namespace cupel::source
