#include "source/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/files.h"

namespace cupel::source {
namespace {

constexpr std::size_t k_step = 256 << 10;

class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(const FileBytes& file) : file_(file) {}

  Result<std::size_t> read(std::span<char> to) override {
    const std::string_view part = file_.bytes().substr(at_, to.size());
    if (!part.empty()) std::memcpy(to.data(), part.data(), part.size());
    at_ += part.size();
    if (file_.bytes().size() >= FileBytes::k_release_from_bytes) file_.release(part);
    return part.size();
  }

 private:
  const FileBytes& file_;
  std::size_t at_ = 0;
};

/// A file that is not mapped, a pipe, or whatever else gives bytes once.
class DescriptorStream : public ByteStream {
 public:
  DescriptorStream(FileHandle file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::size_t> read(std::span<char> to) override { return read_some(file_.get(), to, name_); }

 private:
  FileHandle file_;
  std::string name_;
};

// Input that is taken in steps.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)), buffer_(k_step) {}

  /// Reads on when nothing is left; false at the end.
  Result<bool> refill() {
    if (!left().empty()) return true;
    ASSIGN_OR_RETURN(const std::size_t got, bytes_->read(buffer_));
    passed_ += end_;
    begin_ = 0;
    end_ = got;
    return got > 0;
  }
  std::string_view left() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void take(std::size_t size) { begin_ += size; }
  std::size_t taken() const { return passed_ + begin_; }

 private:
  std::unique_ptr<ByteStream> bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t passed_ = 0;  // bytes of the buffers before this one
};

class GzipStream : public ByteStream {
 public:
  GzipStream(std::unique_ptr<ByteStream> bytes, std::string path) : input_(std::move(bytes)), path_(std::move(path)) {
    constexpr int k_gzip_window = 15 + 16;
    started_ = inflateInit2(&stream_, k_gzip_window) == Z_OK;
  }
  ~GzipStream() override {
    if (started_) inflateEnd(&stream_);
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  Result<std::size_t> read(std::span<char> to) override {
    if (!started_) return fail(ErrorKind::io, "{}: zlib cannot start", path_);
    const auto room = static_cast<uInt>(std::min<std::size_t>(to.size(), 1u << 30));  // zlib counts in 32 bits
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    stream_.avail_out = room;
    while (stream_.avail_out == room) {
      ASSIGN_OR_RETURN(const bool more, input_.refill());
      if (!more && between_members_) return std::size_t{0};
      if (!more) return damaged();
      if (between_members_ && after_first_) {
        // Another member follows; zeros are padding, as gzip itself takes them.
        const std::size_t zeros = std::min(input_.left().find_first_not_of('\0'), input_.left().size());
        input_.take(zeros);
        if (input_.left().empty()) continue;
        if (inflateReset(&stream_) != Z_OK) return fail(ErrorKind::io, "{}: zlib cannot go on", path_);
      }
      between_members_ = false;
      const std::size_t give = input_.left().size();
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.left().data()));
      stream_.avail_in = static_cast<uInt>(give);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      input_.take(give - stream_.avail_in);
      if (status == Z_STREAM_END) {
        between_members_ = after_first_ = true;
      } else if (status != Z_OK) {
        return damaged();
      }
    }
    return std::size_t{room - stream_.avail_out};
  }

 private:
  tl::unexpected<Error> damaged() const {
    return fail(ErrorKind::corrupt, "{}: the gzip data are damaged or cut short at byte {}", path_, input_.taken());
  }

  Input input_;
  std::string path_;
  z_stream stream_{};
  bool started_ = false;
  bool between_members_ = false;
  bool after_first_ = false;
};

class ZstdStream : public ByteStream {
 public:
  ZstdStream(std::unique_ptr<ByteStream> bytes, std::string path)
      : input_(std::move(bytes)), path_(std::move(path)), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {}

  Result<std::size_t> read(std::span<char> to) override {
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    while (out.pos == 0) {
      ASSIGN_OR_RETURN(const bool more, input_.refill());
      if (!more && between_frames_) return std::size_t{0};
      ZSTD_inBuffer in{input_.left().data(), input_.left().size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in);
      input_.take(in.pos);
      if (ZSTD_isError(left) != 0) {
        return fail(ErrorKind::corrupt, "{}: the zstd data are damaged at byte {}: {}", path_, input_.taken(), ZSTD_getErrorName(left));
      }
      between_frames_ = left == 0;
      if (!more && out.pos == 0) return fail(ErrorKind::corrupt, "{}: the zstd data are cut short at byte {}", path_, input_.taken());
    }
    return out.pos;
  }

 private:
  Input input_;
  std::string path_;
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream_;
  bool between_frames_ = false;
};

class RecodedStream : public ByteStream {
 public:
  RecodedStream(std::unique_ptr<ByteStream> bytes, Encoding encoding, std::string path)
      : bytes_(std::move(bytes)), recoder_(encoding, std::move(path)), buffer_(k_step) {}

  Result<std::size_t> read(std::span<char> to) override {
    while (at_ == text_.size()) {
      if (ended_) return std::size_t{0};
      ASSIGN_OR_RETURN(const std::size_t got, bytes_->read(buffer_));
      text_.clear();
      at_ = 0;
      ended_ = got == 0;
      TRY(ended_ ? recoder_.finish() : recoder_.append({buffer_.data(), got}, text_));
    }
    const std::size_t size = std::min(to.size(), text_.size() - at_);
    std::memcpy(to.data(), text_.data() + at_, size);
    at_ += size;
    return size;
  }

 private:
  std::unique_ptr<ByteStream> bytes_;
  Recoder recoder_;
  std::vector<char> buffer_;
  std::string text_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> stream_descriptor(FileHandle file, std::string name) { return std::make_unique<DescriptorStream>(std::move(file), std::move(name)); }

Result<std::unique_ptr<ByteStream>> stream_file(const FileBytes& file) {
  if (file.is_whole()) return std::make_unique<MemoryStream>(file);
  FileHandle opened(::open(file.path().c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) return system_error("read", file.path());
  ::posix_fadvise(opened.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return stream_descriptor(std::move(opened), file.path());
}

std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> bytes, Compression compression, const std::string& path) {
  switch (compression) {
    case Compression::gzip: return std::make_unique<GzipStream>(std::move(bytes), path);
    case Compression::zstd: return std::make_unique<ZstdStream>(std::move(bytes), path);
    case Compression::none: break;
  }
  return bytes;
}

std::unique_ptr<ByteStream> recoded(std::unique_ptr<ByteStream> bytes, Encoding encoding, const std::string& path) {
  if (encoding == Encoding::utf8) return bytes;
  return std::make_unique<RecodedStream>(std::move(bytes), encoding, path);
}

Result<std::string> read_up_to(ByteStream& stream, std::size_t at_most) {
  std::string text;
  while (text.size() < at_most) {
    const std::size_t before = text.size();
    text.resize(std::min(at_most, before + std::max(k_step, before / 2)));
    ASSIGN_OR_RETURN(const std::size_t got, stream.read({text.data() + before, text.size() - before}));
    text.resize(before + got);
    if (got == 0) break;
  }
  return text;
}

}  // namespace cupel::source
