#include "source/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "source/byte_stream.h"

namespace cupel::source {
namespace {

Result<void> add_to_copy(int file, std::string_view bytes) {
  auto written = write_all(file, bytes, nameless_file_place());
  if (!written) written.error().hint = "what is not a plain file is copied there to be read more than once; $TMPDIR names another folder";
  return written;
}

// A map counts as address space: where that is limited, a large file would leave none for the work.
bool may_be_mapped(std::uintmax_t size) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur / 4;
}

constexpr std::size_t k_first_bytes = 1 << 20;
constexpr std::size_t k_kept_bytes = 16 << 20;  // of what is no plain file

}  // namespace

Result<FileBytes> FileBytes::open(const std::string& path) {
  std::error_code ignored;  // what is not a regular file is read, and that tells the reason
  if (path == "-") {
    // A file that was given by `<` and of which nothing was read yet is read where it stands.
    const std::string given = "/proc/self/fd/0";
    if (fs::is_regular_file(given, ignored) && ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0) return of_regular(given);
    return copy_of(*stream_descriptor(FileHandle(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)), "standard input"));
  }
  if (fs::is_regular_file(path, ignored)) return of_regular(path);
  if (!fs::exists(path, ignored) || fs::is_directory(path, ignored)) {
    FileBytes file;
    file.path_ = path;
    ASSIGN_OR_RETURN(file.read_, read_file(path));
    return file;
  }
  FileHandle opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) return system_error("read", path);
  return copy_of(*stream_descriptor(std::move(opened), path));
}

Result<FileBytes> FileBytes::of_regular(std::string path) {
  FileBytes file;
  file.path_ = std::move(path);
  std::error_code ignored;
  if (const std::uintmax_t size = fs::file_size(file.path_, ignored); !may_be_mapped(size)) {
    file.is_whole_ = false;
    file.size_ = size;
    ASSIGN_OR_RETURN(const auto stream, stream_file(file));
    ASSIGN_OR_RETURN(file.read_, read_up_to(*stream, k_first_bytes));
    return file;
  }
  ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::open(file.path_));
  file.mapped_ = std::make_unique<MappedFile>(std::move(mapped));
  const std::string_view bytes = file.bytes();
  if (!bytes.empty()) ::madvise(const_cast<char*>(bytes.data()), bytes.size(), MADV_SEQUENTIAL);
  return file;
}

Result<FileBytes> FileBytes::copy_of(ByteStream& stream) {
  FileBytes small;
  ASSIGN_OR_RETURN(small.read_, read_up_to(stream, k_kept_bytes));
  if (small.read_.size() < k_kept_bytes) return small;
  ASSIGN_OR_RETURN(FileHandle made, nameless_file());
  const auto spooled = std::make_shared<const FileHandle>(std::move(made));
  TRY(add_to_copy(spooled->get(), small.read_));
  std::vector<char> buffer(k_first_bytes);
  for (;;) {
    ASSIGN_OR_RETURN(const std::size_t got, stream.read(buffer));
    if (got == 0) break;
    TRY(add_to_copy(spooled->get(), std::string_view(buffer.data(), got)));
  }
  ASSIGN_OR_RETURN(FileBytes file, of_regular(fmt::format("/proc/self/fd/{}", spooled->get())));
  file.spooled_ = spooled;
  return file;
}

void FileBytes::release(std::string_view part) const {
  if (!mapped_) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  // From the huge page before on: to look at one byte of it, as for the beginning of a line, maps it as a whole again, also what was released.
  constexpr std::uintptr_t k_huge_page = 2 << 20;
  const auto first = reinterpret_cast<std::uintptr_t>(mapped_->bytes().data());
  const auto begin = std::max(first, (reinterpret_cast<std::uintptr_t>(part.data()) / k_huge_page - 1) * k_huge_page);
  const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

struct BackgroundDigest::State {
  const FileBytes* file = nullptr;
  std::thread thread;
  std::atomic<bool> given_up{false};
  std::string hex;
  std::exception_ptr broken;

  void run() {
    try {
      Sha256 hash;
      if (file->is_whole() ? take_memory(hash) : take_stream(hash)) hex = hash.hex_digest();
    } catch (...) {
      broken = std::current_exception();  // out of memory: told by the thread that asks
    }
  }

 private:
  static constexpr std::size_t k_step = 1 << 20;

  bool take_memory(Sha256& hash) const {
    const std::string_view bytes = file->bytes();
    for (std::size_t at = 0; at < bytes.size() && !given_up; at += k_step) {
      const std::string_view part = bytes.substr(at, k_step);
      hash.update(part);
      if (bytes.size() >= FileBytes::k_release_from_bytes) file->release(part);
    }
    return true;
  }

  // A file that cannot be read to its end has no digest; the scan tells why.
  bool take_stream(Sha256& hash) const {
    const auto stream = stream_file(*file);
    std::vector<char> buffer(k_step);
    while (stream && !given_up) {
      const auto got = (*stream)->read(buffer);
      if (!got) return false;
      if (*got == 0) return true;
      hash.update(std::string_view(buffer.data(), *got));
    }
    return false;
  }
};

BackgroundDigest::BackgroundDigest(const FileBytes& file) : state_(std::make_unique<State>()) { state_->file = &file; }

BackgroundDigest::~BackgroundDigest() {
  state_->given_up = true;
  if (state_->thread.joinable()) state_->thread.join();
}

void BackgroundDigest::start() {
  if (state_->thread.joinable() || !state_->hex.empty()) return;
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

std::string BackgroundDigest::hex() {
  start();
  if (state_->thread.joinable()) state_->thread.join();
  if (state_->broken) std::rethrow_exception(state_->broken);
  return state_->hex;
}

Compression compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Compression::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

}  // namespace cupel::source
