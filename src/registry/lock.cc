#include "registry/lock_internal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace cupel::registry {
namespace {

Result<void> wait_for(int fd, int operation, const fs::path& path) {
  while (::flock(fd, operation) != 0) {
    if (errno != EINTR) return system_error("lock", path);
  }
  return {};
}

}  // namespace

Result<FolderLock> FolderLock::open(const fs::path& home) {
  const fs::path path = home / "registry.lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return system_error("lock", path);
  return FolderLock(fd);
}

bool FolderLock::try_exclusive() { return ::flock(fd_, LOCK_EX | LOCK_NB) == 0; }

Result<void> FolderLock::take_shared() { return wait_for(fd_, LOCK_SH, "registry.lock"); }

Result<FolderLock> FolderLock::exclusive(const fs::path& home) {
  ASSIGN_OR_RETURN(FolderLock lock, open(home));
  TRY(wait_for(lock.fd_, LOCK_EX, home / "registry.lock"));
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace cupel::registry
