#pragma once

#include "base/files.h"
#include "base/result.h"

namespace cupel::registry {

/// A lock on `registry.lock` that the system drops when its holder dies. Adding shares it; collecting garbage has it alone, so that
/// it never takes a blob whose version is about to be written.
class FolderLock {
 public:
  /// Shared. When nobody else holds the lock, `alone` is called first: the moment to clear what a killed process left.
  template <typename Alone>
  static Result<FolderLock> shared(const fs::path& home, Alone alone) {
    ASSIGN_OR_RETURN(FolderLock lock, open(home));
    if (lock.try_exclusive()) alone();
    TRY(lock.take_shared());
    return lock;
  }
  static Result<FolderLock> exclusive(const fs::path& home);

  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  static Result<FolderLock> open(const fs::path& home);
  bool try_exclusive();
  Result<void> take_shared();
  int fd_;
};

}  // namespace cupel::registry
