// Preloaded into a whole process tree (LD_PRELOAD): counts the calls that change what stands below one folder, fails or kills at the n-th,
// or writes down every one of them with its bytes, so that the disk after a loss of power can be worked out. For tests alone; the programs
// know nothing of it.
//
//   SHIM_BENEATH   the folder; calls elsewhere go through uncounted
//   SHIM_STATE     a file of 4 KiB, shared by the processes: the counter
//   SHIM_AT        fail the call of this number, from 1; 0 or unset: none
//   SHIM_HOW       ENOSPC, EIO, EROFS … : the call fails so (of a write, half of the bytes are written all the same); KILL: the process is
//   killed in it,
//                  of a write after half of the bytes
//   SHIM_STICKY    1: every later write and creation fails too, as on a disk that is full
//   SHIM_LOG       a file for the calls, one record each: "number op path path2 offset size\n" and then `size` bytes
//   SHIM_ALLOCATIONS=1, SHIM_PROGRAM=NAME: counts the allocations of that program instead
//   SHIM_CLOCK     seconds that the wall clock is put forward (or back), from the call of number SHIM_AT on
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace {

constexpr int k_path = 4096;

struct Shared {
  std::atomic<long> calls;
  std::atomic<long> hits;  ///< how often a fault was induced
  char what[200];          ///< the first call that was hit
};

struct Shim {
  Shared* shared = nullptr;
  long at = 0;
  int error = 0;  ///< 0: kill
  bool sticky = false;
  bool allocations = false;
  long clock_seconds = 0;
  int log = -1;
  char beneath[k_path] = "";
  std::size_t beneath_size = 0;
};

Shim shim;
thread_local bool inside = false;

template <typename F>
F* real(F*, const char* name) {
  static_assert(sizeof(F*) == sizeof(void*));
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}
#define REAL(name) static auto* const real_##name = real(&::name, #name)

int error_of(const char* word) {
  const struct {
    const char* name;
    int code;
  } known[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},       {"EROFS", EROFS},   {"EACCES", EACCES},
               {"EDQUOT", EDQUOT}, {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"KILL", 0}};
  for (const auto& entry : known) {
    if (::strcmp(entry.name, word) == 0) return entry.code;
  }
  ::abort();
}

bool is_program(const char* name) {
  char path[k_path];
  const ssize_t size = ::syscall(SYS_readlink, "/proc/self/exe", path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  const char* slash = ::strrchr(path, '/');
  return ::strcmp(slash == nullptr ? path : slash + 1, name) == 0;
}

__attribute__((constructor)) void load() {
  const char* state = ::getenv("SHIM_STATE");
  if (state == nullptr) return;
  const auto fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, state, O_RDWR | O_CLOEXEC, 0));
  if (fd < 0) return;
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::syscall(SYS_close, fd);
  if (memory == MAP_FAILED) return;
  if (const char* text = ::getenv("SHIM_AT")) shim.at = ::atol(text);
  if (const char* text = ::getenv("SHIM_HOW")) shim.error = error_of(text);
  if (const char* text = ::getenv("SHIM_STICKY")) shim.sticky = text[0] == '1';
  if (const char* text = ::getenv("SHIM_CLOCK")) shim.clock_seconds = ::atol(text);
  if (const char* text = ::getenv("SHIM_BENEATH")) {
    ::strncpy(shim.beneath, text, k_path - 1);
    shim.beneath_size = ::strlen(shim.beneath);
  }
  if (const char* text = ::getenv("SHIM_LOG")) {
    const auto log = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_APPEND | O_CLOEXEC, 0));
    // Out of the way of programs that number their descriptors by hand.
    shim.log = static_cast<int>(::syscall(SYS_fcntl, log, F_DUPFD_CLOEXEC, 900));
    ::syscall(SYS_close, log);
  }
  if (const char* text = ::getenv("SHIM_ALLOCATIONS")) {
    const char* program = ::getenv("SHIM_PROGRAM");
    shim.allocations = text[0] == '1' && program != nullptr && is_program(program);
  }
  shim.shared = static_cast<Shared*>(memory);
}

/// The absolute path of a name, lexically; false: not to be had.
bool absolute(int folder, const char* name, char* path) {
  if (name == nullptr) return false;
  std::size_t size = 0;
  if (name[0] != '/') {
    if (folder == AT_FDCWD) {
      const long got = ::syscall(SYS_getcwd, path, k_path);
      if (got <= 0) return false;
      size = static_cast<std::size_t>(got) - 1;
    } else {
      char link[40];
      ::snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      const ssize_t got = ::syscall(SYS_readlink, link, path, k_path - 1);
      if (got <= 0) return false;
      size = static_cast<std::size_t>(got);
    }
    path[size++] = '/';
  }
  if (size + ::strlen(name) >= k_path) return false;
  ::memcpy(path + size, name, ::strlen(name) + 1);
  std::size_t end = ::strlen(path);
  while (end > 1 && path[end - 1] == '/') path[--end] = '\0';
  return true;
}

bool of_descriptor(int fd, char* path) {
  char link[40];
  ::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = ::syscall(SYS_readlink, link, path, k_path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return path[0] == '/';
}

bool is_beneath(const char* path) {
  return ::strncmp(path, shim.beneath, shim.beneath_size) == 0 && (path[shim.beneath_size] == '/' || path[shim.beneath_size] == '\0');
}

/// One counted call: whether it fails, and the record of it while it is carried out.
class Call {
 public:
  Call(const char* name, int folder, const char* file, int folder2 = AT_FDCWD, const char* file2 = nullptr) : name_(name) {
    if (shim.shared == nullptr || shim.allocations || shim.beneath_size == 0 || inside) return;
    inside = true;
    const int before = errno;
    watched_ = absolute(folder, file, path_) &&
               (is_beneath(path_) || (file2 != nullptr && absolute(folder2, file2, path2_) && is_beneath(path2_)));
    if (watched_ && file2 != nullptr) absolute(folder2, file2, path2_);
    begin();
    errno = before;
  }
  Call(const char* name, int fd) : name_(name) {
    if (shim.shared == nullptr || shim.allocations || shim.beneath_size == 0 || inside) return;
    inside = true;
    const int before = errno;
    watched_ = of_descriptor(fd, path_) && is_beneath(path_);
    begin();
    errno = before;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (locked_) ::syscall(SYS_flock, shim.log, LOCK_UN);
    if (began_) inside = false;
  }

  bool fails() const { return fails_; }
  /// After whatever a torn call still does: the end of the process, or errno.
  long fail() const {
    if (shim.error == 0) {
      ::syscall(SYS_kill, ::syscall(SYS_getpid), SIGKILL);
      for (;;) ::syscall(SYS_pause);
    }
    errno = shim.error;
    return -1;
  }
  void record(long offset = 0, const void* bytes = nullptr, std::size_t size = 0) const {
    if (!locked_) return;
    char head[2 * k_path + 100];
    const int length = ::snprintf(head, sizeof head, "%ld\t%s\t%s\t%s\t%ld\t%zu\n", number_, name_, path_, path2_, offset, size);
    iovec parts[] = {{head, static_cast<std::size_t>(length)}, {const_cast<void*>(bytes), size}};
    ::syscall(SYS_writev, shim.log, parts, size > 0 ? 2 : 1);
  }
  bool is_logged() const { return locked_; }

 private:
  void begin() {
    began_ = true;
    if (!watched_) return;
    if (shim.log >= 0) {  // the log holds the calls in the order in which they were carried out
      ::syscall(SYS_flock, shim.log, LOCK_EX);
      locked_ = true;
    }
    number_ = shim.shared->calls.fetch_add(1) + 1;
    if (shim.at == 0 || shim.clock_seconds != 0) return;
    const bool needs_space = ::strcmp(name_, "unlink") != 0 && ::strcmp(name_, "rmdir") != 0;
    fails_ = number_ == shim.at || (shim.sticky && number_ > shim.at && needs_space);
    if (fails_ && shim.shared->hits.fetch_add(1) == 0)
      ::snprintf(shim.shared->what, sizeof shim.shared->what, "%s %s", name_, path_ + shim.beneath_size);
  }

  const char* name_;
  char path_[k_path] = "";
  char path2_[k_path] = "";
  bool began_ = false;
  bool watched_ = false;
  bool locked_ = false;
  bool fails_ = false;
  long number_ = 0;
};

long offset_of(int fd, std::size_t) {
  const long flags = ::syscall(SYS_fcntl, fd, F_GETFL);
  struct stat info {};
  if ((flags & O_APPEND) != 0 && ::fstat(fd, &info) == 0) return info.st_size;
  return ::syscall(SYS_lseek, fd, 0, SEEK_CUR);
}

bool changes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

/// Opens that may create or truncate; the record says which.
template <typename Open>
int open_counted(int folder, const char* name, int flags, Open open) {
  if (!changes(flags)) return open();
  Call call("open", folder, name);
  if (call.fails()) return static_cast<int>(call.fail());
  const int fd = open();
  if (fd >= 0) call.record(flags & (O_CREAT | O_TRUNC | O_EXCL));
  return fd;
}

unsigned mode_in(va_list words, int flags) { return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(words, unsigned) : 0; }

}  // namespace

extern "C" {

#define OPEN_LIKE(name) \
  int name(const char* path, int flags, ...) { \
    REAL(name); \
    va_list words; \
    va_start(words, flags); \
    const unsigned mode = mode_in(words, flags); \
    va_end(words); \
    return open_counted(AT_FDCWD, path, flags, [&] { return real_##name(path, flags, mode); }); \
  }
#define OPENAT_LIKE(name) \
  int name(int folder, const char* path, int flags, ...) { \
    REAL(name); \
    va_list words; \
    va_start(words, flags); \
    const unsigned mode = mode_in(words, flags); \
    va_end(words); \
    return open_counted(folder, path, flags, [&] { return real_##name(folder, path, flags, mode); }); \
  }
OPEN_LIKE(open)
OPEN_LIKE(open64)
OPENAT_LIKE(openat)
OPENAT_LIKE(openat64)

int creat(const char* path, mode_t mode) { return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

#define FOPEN_LIKE(name) \
  FILE* name(const char* path, const char* mode) { \
    REAL(name); \
    if (mode[0] != 'w' && mode[0] != 'a') return real_##name(path, mode); \
    Call call("open", AT_FDCWD, path); \
    if (call.fails()) { \
      call.fail(); \
      return nullptr; \
    } \
    FILE* file = real_##name(path, mode); \
    if (file != nullptr) call.record(mode[0] == 'w' ? O_CREAT | O_TRUNC : O_CREAT); \
    return file; \
  }
FOPEN_LIKE(fopen)
FOPEN_LIKE(fopen64)

// The name is not known before the call: it is counted by the folder.
#define TEMPORARY(name, arguments, call_arguments) \
  int name arguments { \
    REAL(name); \
    Call call("open", AT_FDCWD, pattern); \
    if (call.fails()) return static_cast<int>(call.fail()); \
    const int fd = real_##name call_arguments; \
    if (fd >= 0 && call.is_logged()) { \
      call.record(-1); \
      char line[k_path + 40]; \
      const int size = ::snprintf(line, sizeof line, "0\tcreated\t%s\t\t0\t0\n", pattern); \
      ::syscall(SYS_write, shim.log, line, size); \
    } \
    return fd; \
  }
TEMPORARY(mkstemp, (char* pattern), (pattern))
TEMPORARY(mkstemp64, (char* pattern), (pattern))
TEMPORARY(mkostemp, (char* pattern, int flags), (pattern, flags))
TEMPORARY(mkostemp64, (char* pattern, int flags), (pattern, flags))

char* mkdtemp(char* pattern) {
  REAL(mkdtemp);
  Call call("mkdtemp", AT_FDCWD, pattern);
  if (call.fails()) {
    call.fail();
    return nullptr;
  }
  char* made = real_mkdtemp(pattern);
  if (made != nullptr && call.is_logged()) {
    call.record();
    char line[k_path + 40];
    const int size = ::snprintf(line, sizeof line, "0\tmkdir\t%s\t\t0\t0\n", pattern);
    ::syscall(SYS_write, shim.log, line, size);
  }
  return made;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  REAL(write);
  Call call("write", fd);
  if (call.fails()) {
    if (size > 1) real_write(fd, bytes, size / 2);
    return call.fail();
  }
  const long offset = call.is_logged() ? offset_of(fd, size) : 0;
  const ssize_t written = real_write(fd, bytes, size);
  if (written > 0) call.record(offset, bytes, static_cast<std::size_t>(written));
  return written;
}

ssize_t writev(int fd, const iovec* parts, int count) {
  REAL(writev);
  Call call("write", fd);
  if (call.fails()) {
    if (count > 1) real_writev(fd, parts, count - 1);
    return call.fail();
  }
  const long offset = call.is_logged() ? offset_of(fd, 0) : 0;
  const ssize_t written = real_writev(fd, parts, count);
  long left = written;
  long at = offset;
  for (int i = 0; i < count && left > 0; ++i) {
    const std::size_t size = std::min(parts[i].iov_len, static_cast<std::size_t>(left));
    call.record(at, parts[i].iov_base, size);
    at += static_cast<long>(size);
    left -= static_cast<long>(size);
  }
  return written;
}

#define PWRITE_LIKE(name) \
  ssize_t name(int fd, const void* bytes, size_t size, off_t offset) { \
    REAL(name); \
    Call call("write", fd); \
    if (call.fails()) { \
      if (size > 1) real_##name(fd, bytes, size / 2, offset); \
      return call.fail(); \
    } \
    const ssize_t written = real_##name(fd, bytes, size, offset); \
    if (written > 0) call.record(offset, bytes, static_cast<std::size_t>(written)); \
    return written; \
  }
PWRITE_LIKE(pwrite)
PWRITE_LIKE(pwrite64)

// Copies inside the kernel are made to fail in a way that their callers know, so that they copy by read and write.
ssize_t sendfile(int out, int in, off_t* offset, size_t count) {
  REAL(sendfile);
  char path[k_path];
  if (shim.shared != nullptr && shim.beneath_size > 0 && of_descriptor(out, path) && is_beneath(path)) {
    errno = EINVAL;
    return -1;
  }
  return real_sendfile(out, in, offset, count);
}
ssize_t copy_file_range(int in, off64_t* in_offset, int out, off64_t* out_offset, size_t size, unsigned flags) {
  REAL(copy_file_range);
  char path[k_path];
  if (shim.shared != nullptr && shim.beneath_size > 0 && of_descriptor(out, path) && is_beneath(path)) {
    errno = EXDEV;
    return -1;
  }
  return real_copy_file_range(in, in_offset, out, out_offset, size, flags);
}

#define SYNC_LIKE(name) \
  int name(int fd) { \
    REAL(name); \
    Call call("fsync", fd); \
    if (call.fails()) return static_cast<int>(call.fail()); \
    const int status = real_##name(fd); \
    if (status == 0) call.record(); \
    return status; \
  }
SYNC_LIKE(fsync)
SYNC_LIKE(fdatasync)
int syncfs(int fd) {
  REAL(syncfs);
  Call call("syncfs", fd);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_syncfs(fd);
  if (status == 0) call.record();
  return status;
}

#define TRUNCATE_LIKE(name) \
  int name(int fd, off_t size) { \
    REAL(name); \
    Call call("truncate", fd); \
    if (call.fails()) return static_cast<int>(call.fail()); \
    const int status = real_##name(fd, size); \
    if (status == 0) call.record(size); \
    return status; \
  }
TRUNCATE_LIKE(ftruncate)
TRUNCATE_LIKE(ftruncate64)

#define ALLOCATE_LIKE(name) \
  int name(int fd, off_t from, off_t size) { \
    REAL(name); \
    Call call("allocate", fd); \
    if (call.fails()) { \
      call.fail(); \
      return errno; /* this call answers with the error */ \
    } \
    return real_##name(fd, from, size); \
  }
ALLOCATE_LIKE(posix_fallocate)
ALLOCATE_LIKE(posix_fallocate64)

int rename(const char* from, const char* to) {
  REAL(rename);
  Call call("rename", AT_FDCWD, from, AT_FDCWD, to);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_rename(from, to);
  if (status == 0) call.record();
  return status;
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  REAL(renameat);
  Call call("rename", from_folder, from, to_folder, to);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_renameat(from_folder, from, to_folder, to);
  if (status == 0) call.record();
  return status;
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  REAL(renameat2);
  Call call((flags & RENAME_EXCHANGE) != 0 ? "exchange" : "rename", from_folder, from, to_folder, to);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_renameat2(from_folder, from, to_folder, to, flags);
  if (status == 0) call.record();
  return status;
}
int link(const char* from, const char* to) {
  REAL(link);
  Call call("link", AT_FDCWD, from, AT_FDCWD, to);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_link(from, to);
  if (status == 0) call.record();
  return status;
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  REAL(linkat);
  Call call("link", from_folder, from, to_folder, to);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_linkat(from_folder, from, to_folder, to, flags);
  if (status == 0) call.record();
  return status;
}
int symlink(const char* target, const char* path) {
  REAL(symlink);
  Call call("symlink", AT_FDCWD, path);
  if (call.fails()) return static_cast<int>(call.fail());
  return real_symlink(target, path);
}

int mkdir(const char* path, mode_t mode) {
  REAL(mkdir);
  struct stat info {};
  if (::lstat(path, &info) == 0) return real_mkdir(path, mode);  // changes nothing
  Call call("mkdir", AT_FDCWD, path);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_mkdir(path, mode);
  if (status == 0) call.record();
  return status;
}
int mkdirat(int folder, const char* path, mode_t mode) {
  REAL(mkdirat);
  Call call("mkdir", folder, path);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_mkdirat(folder, path, mode);
  if (status == 0) call.record();
  return status;
}

namespace {
bool is_there(int folder, const char* path) {
  struct stat info {};
  return ::fstatat(folder, path, &info, AT_SYMLINK_NOFOLLOW) == 0;
}
}  // namespace

int unlink(const char* path) {
  REAL(unlink);
  if (!is_there(AT_FDCWD, path)) return real_unlink(path);
  Call call("unlink", AT_FDCWD, path);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_unlink(path);
  if (status == 0) call.record();
  return status;
}
int unlinkat(int folder, const char* path, int flags) {
  REAL(unlinkat);
  if (!is_there(folder, path)) return real_unlinkat(folder, path, flags);
  Call call((flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", folder, path);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_unlinkat(folder, path, flags);
  if (status == 0) call.record();
  return status;
}
int rmdir(const char* path) {
  REAL(rmdir);
  if (!is_there(AT_FDCWD, path)) return real_rmdir(path);
  Call call("rmdir", AT_FDCWD, path);
  if (call.fails()) return static_cast<int>(call.fail());
  const int status = real_rmdir(path);
  if (status == 0) call.record();
  return status;
}
int remove(const char* path) {
  struct stat info {};
  if (::lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) return rmdir(path);
  return unlink(path);
}

int clock_gettime(clockid_t clock, timespec* time) {
  const auto status = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (status == 0 && clock == CLOCK_REALTIME && shim.shared != nullptr && shim.clock_seconds != 0 && shim.shared->calls.load() >= shim.at)
    time->tv_sec += shim.clock_seconds;
  return status;
}
time_t time(time_t* to) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (to != nullptr) *to = now.tv_sec;
  return now.tv_sec;
}

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

namespace {
bool allocation_fails() {
  if (!shim.allocations || inside) return false;
  const long number = shim.shared->calls.fetch_add(1) + 1;
  if (shim.at == 0 || (shim.sticky ? number < shim.at : number != shim.at)) return false;
  shim.shared->hits.fetch_add(1);
  errno = ENOMEM;
  return true;
}
}  // namespace

void* malloc(size_t size) { return allocation_fails() ? nullptr : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return allocation_fails() ? nullptr : __libc_calloc(count, size); }
void* realloc(void* before, size_t size) { return allocation_fails() ? nullptr : __libc_realloc(before, size); }
void* aligned_alloc(size_t alignment, size_t size) { return allocation_fails() ? nullptr : __libc_memalign(alignment, size); }
int posix_memalign(void** to, size_t alignment, size_t size) {
  if (allocation_fails()) return ENOMEM;
  *to = __libc_memalign(alignment, size);
  return *to == nullptr ? ENOMEM : 0;
}

}  // extern "C"
