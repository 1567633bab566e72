#include "registry/leaving.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

namespace cupel::registry {
namespace {

/// The lock of a folder that is still under its name; nothing when it is another's or gone.
std::shared_ptr<const FileHandle> lock_folder(const fs::path& folder) {
  auto lock = std::make_shared<const FileHandle>(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock->is_open() || ::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) return nullptr;
  struct stat held {};
  struct stat named {};
  if (::fstat(lock->get(), &held) != 0 || ::lstat(folder.c_str(), &named) != 0 || held.st_ino != named.st_ino || held.st_dev != named.st_dev) return nullptr;
  return lock;
}

void sweep(const fs::path& parent, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    if (entry.path().filename().string().starts_with("." + prefix + ".")) found.push_back(entry.path());
  }
  for (const fs::path& folder : found) {
    if (const auto lock = lock_folder(folder)) fs::remove_all(folder, error);  // what cannot go now goes the next time
  }
}

}  // namespace

Result<Leaving> Leaving::make(const fs::path& target) {
  const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const std::string prefix = "leaving-" + target.filename().string().substr(0, 100);
  sweep(parent, prefix);
  for (int attempt = 0; attempt < 10; ++attempt) {
    ASSIGN_OR_RETURN(ScratchFolder scratch, ScratchFolder::make(parent, prefix));
    // Between its making and its lock a sweep of another process may have taken it for left over.
    if (auto lock = lock_folder(scratch.path())) return Leaving(target, std::move(scratch), std::move(lock));
  }
  return fail(ErrorKind::io, "cannot write '{}': other processes are writing it all the time", target.string());
}

Result<void> Leaving::finish_folder() {
  std::error_code error;
  fs::permissions(scratch_.path(), fs::perms(0755), error);
  if (!error) fs::rename(scratch_.path(), target_, error);
  if (error) return fail(ErrorKind::io, "cannot write '{}': {}", target_.string(), error.message());
  scratch_.keep();
  return {};
}

Result<void> Leaving::finish_file(const std::string& name) { return rename_durably(scratch_.path() / name, target_); }

Result<PieceFile> PieceFile::create(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.is_open()) return system_error("write", path);
  return PieceFile(path, std::move(file));
}

Result<void> PieceFile::finish(Durable durable) {
  if (durable == Durable::yes && ::fsync(file_.get()) != 0) return system_error("write", path_);
  if (::close(file_.release()) != 0) return system_error("write", path_);
  return {};
}

}  // namespace cupel::registry
