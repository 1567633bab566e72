#include "source/file_bytes.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "base/hash.h"

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

}  // namespace

Result<FileBytes> FileBytes::open(const std::string& path) {
  FileBytes file;
  if (path == "-") {
    ASSIGN_OR_RETURN(file.read_, read_descriptor(STDIN_FILENO, "standard input"));
    return file;
  }
  std::error_code ignored;  // what is not a regular file is read, and that tells the reason
  if (fs::is_regular_file(path, ignored)) {
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
};

BackgroundDigest::BackgroundDigest(const FileBytes& file) : state_(std::make_unique<State>()) { state_->file = &file; }

BackgroundDigest::~BackgroundDigest() {
  state_->given_up = true;
  if (state_->thread.joinable()) state_->thread.join();
}

void BackgroundDigest::start() {
  if (state_->thread.joinable() || !state_->hex.empty()) return;
  state_->thread = std::thread([state = state_.get()] {
    constexpr std::size_t k_step = 1 << 20;
    Sha256 hash;
    const std::string_view bytes = state->file->bytes();
    for (std::size_t at = 0; at < bytes.size() && !state->given_up; at += k_step) {
      const std::string_view part = bytes.substr(at, k_step);
      hash.update(part);
      if (bytes.size() >= FileBytes::k_release_from_bytes) state->file->release(part);
    }
    state->hex = hash.hex_digest();
  });
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

namespace {

Result<std::string> gunzip(std::string_view bytes, const std::string& path) {
  z_stream stream{};
  constexpr int k_gzip_window = 15 + 16;
  if (inflateInit2(&stream, k_gzip_window) != Z_OK) return fail(ErrorKind::io, "{}: zlib cannot start", path);
  struct End {
    z_stream* stream;
    ~End() { inflateEnd(stream); }
  } const end{&stream};
  std::string content;
  std::size_t written = 0;
  std::size_t taken = 0;
  int status = Z_OK;
  for (;;) {
    constexpr std::size_t k_most = 1u << 30;  // zlib counts in 32 bits
    if (content.size() - written < (1u << 16)) content.resize(std::max<std::size_t>(content.size() * 2, bytes.size() * 4 + (1u << 16)));
    const std::size_t give = std::min(bytes.size() - taken, k_most);
    const std::size_t room = std::min(content.size() - written, k_most);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + taken));
    stream.avail_in = static_cast<uInt>(give);
    stream.next_out = reinterpret_cast<Bytef*>(content.data() + written);
    stream.avail_out = static_cast<uInt>(room);
    status = inflate(&stream, Z_NO_FLUSH);
    taken += give - stream.avail_in;
    written += room - stream.avail_out;
    if (status == Z_STREAM_END) {
      if (taken == bytes.size()) break;
      // Another member follows; zeros are padding, as gzip itself takes them.
      if (bytes.find_first_not_of('\0', taken) == std::string_view::npos) break;
      if (inflateReset(&stream) != Z_OK) return fail(ErrorKind::io, "{}: zlib cannot go on", path);
    } else if (status != Z_OK || (taken == bytes.size() && stream.avail_out != 0)) {
      return fail(ErrorKind::corrupt, "{}: the gzip data are damaged or cut short at byte {} of {}", path, taken, bytes.size());
    }
  }
  content.resize(written);
  return content;
}

Result<std::string> unzstd(std::string_view bytes, const std::string& path) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  std::string content;
  std::size_t written = 0;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    if (content.size() - written < (1u << 17)) content.resize(std::max<std::size_t>(content.size() * 2, bytes.size() * 4 + (1u << 17)));
    ZSTD_outBuffer out{content.data() + written, content.size() - written, 0};
    const std::size_t left = ZSTD_decompressStream(stream.get(), &out, &in);
    written += out.pos;
    if (ZSTD_isError(left) != 0) {
      return fail(ErrorKind::corrupt, "{}: the zstd data are damaged at byte {} of {}: {}", path, in.pos, bytes.size(), ZSTD_getErrorName(left));
    }
    if (in.pos == in.size && left == 0) break;
    if (in.pos == in.size && out.pos < out.size) return fail(ErrorKind::corrupt, "{}: the zstd data are cut short at byte {}", path, in.pos);
  }
  content.resize(written);
  return content;
}

}  // namespace

Result<std::string> decompress(std::string_view bytes, Compression compression, const std::string& path) {
  switch (compression) {
    case Compression::gzip: return gunzip(bytes, path);
    case Compression::zstd: return unzstd(bytes, path);
    case Compression::none: break;
  }
  return std::string(bytes);
}

}  // namespace cupel::source
