#include "source/file_bytes.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "source/byte_stream.h"

namespace cupel::source {
namespace {

Result<std::string> read_descriptor(int descriptor, const std::string& name) {
  std::string bytes;
  for (;;) {
    constexpr std::size_t k_step = 1 << 20;
    const std::size_t before = bytes.size();
    bytes.resize(before + k_step);
    const ssize_t got = ::read(descriptor, bytes.data() + before, k_step);
    bytes.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return bytes;
    if (got < 0 && errno != EINTR) return system_error("read", name);
  }
}

// A map counts as address space: where that is limited, a large file would leave none for the work.
bool may_be_mapped(std::uintmax_t size) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur / 4;
}

constexpr std::size_t k_first_bytes = 1 << 20;

}  // namespace

Result<FileBytes> FileBytes::open(const std::string& path) {
  FileBytes file;
  if (path == "-") {
    ASSIGN_OR_RETURN(file.read_, read_descriptor(STDIN_FILENO, "standard input"));
    return file;
  }
  std::error_code ignored;  // what is not a regular file is read, and that tells the reason
  file.path_ = path;
  const bool regular = fs::is_regular_file(path, ignored);
  if (const std::uintmax_t size = regular ? fs::file_size(path, ignored) : 0; regular && !may_be_mapped(size)) {
    file.is_whole_ = false;
    file.size_ = size;
    ASSIGN_OR_RETURN(const auto stream, stream_file(file));
    ASSIGN_OR_RETURN(file.read_, read_up_to(*stream, k_first_bytes));
    return file;
  }
  if (regular) {
    ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::open(path));
    file.mapped_ = std::make_unique<MappedFile>(std::move(mapped));
    const std::string_view bytes = file.bytes();
    if (!bytes.empty()) ::madvise(const_cast<char*>(bytes.data()), bytes.size(), MADV_SEQUENTIAL);
    return file;
  }
  ASSIGN_OR_RETURN(file.read_, read_file(path));
  return file;
}

void FileBytes::release(std::string_view part) const {
  if (!mapped_) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

struct BackgroundDigest::State {
  const FileBytes* file = nullptr;
  std::thread thread;
  std::atomic<bool> given_up{false};
  std::string hex;

  void run() {
    Sha256 hash;
    if (file->is_whole() ? take_memory(hash) : take_stream(hash)) hex = hash.hex_digest();
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
  return state_->hex;
}

Compression compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Compression::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return Compression::none;
}

}  // namespace cupel::source
