#include "states/spill_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cupel::states {
void SpillFile::fail_with(std::string_view doing) {
  if (problem_) return;
  problem_ = system_error(doing, nameless_file_place()).value();
  problem_->hint = "values that do not fit in memory are kept in a temporary file; $TMPDIR names its folder";
}

bool SpillFile::open() {
  if (file_.is_open()) return true;
  auto made = nameless_file();
  if (made) file_ = std::move(*made);
  if (!made) fail_with("write");
  return made.has_value();
}

std::uint64_t SpillFile::append(std::span<const char> bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t place = size_;
  size_ += bytes.size();
  if (bytes.empty() || problem_ || !open()) return place;
  for (std::uint64_t at = place; !bytes.empty();) {
    const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      fail_with("write");
      // What is there is of no use any more: the space is given back at once.
      [[maybe_unused]] const int cut = ::ftruncate(file_.get(), 0);
      break;
    }
    at += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return place;
}

void SpillFile::read(std::uint64_t place, std::span<char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(place));
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
