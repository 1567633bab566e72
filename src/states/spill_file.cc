#include "states/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/files.h"

namespace cupel::states {
namespace {

fs::path folder() {
  std::error_code none;
  const fs::path found = fs::temp_directory_path(none);
  return none ? fs::path("/tmp") : found;
}

}  // namespace

SpillFile::~SpillFile() {
  if (file_ >= 0) ::close(file_);
}

void SpillFile::fail_with(std::string_view doing) {
  if (problem_) return;
  problem_ = system_error(doing, folder() / "cupel.XXXXXX").value();
  problem_->hint = "values that do not fit in memory are kept in a temporary file; $TMPDIR names its folder";
}

bool SpillFile::open() {
  if (file_ >= 0) return true;
  std::string name = (folder() / "cupel.XXXXXX").string();
  file_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (file_ < 0) {
    fail_with("write");
    return false;
  }
  ::unlink(name.c_str());
  return true;
}

std::uint64_t SpillFile::append(std::span<const char> bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t place = size_;
  size_ += bytes.size();
  if (bytes.empty() || problem_ || !open()) return place;
  for (std::uint64_t at = place; !bytes.empty();) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      fail_with("write");
      // What is there is of no use any more: the space is given back at once.
      [[maybe_unused]] const int cut = ::ftruncate(file_, 0);
      break;
    }
    at += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return place;
}

void SpillFile::read(std::uint64_t place, std::span<char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(place));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const std::lock_guard lock(mutex_);
      fail_with("read");
      std::fill(bytes.begin(), bytes.end(), '\0');
      return;
    }
    place += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

std::optional<Error> SpillFile::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

}  // namespace cupel::states
