#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/file_handle.h"
#include "base/files.h"
#include "base/result.h"

namespace cupel::source {

class ByteStream;

/// The bytes of an input: a memory map of a regular file. What comes from a pipe, from standard input (`-`) or out of a decompressor is copied to a
/// temporary file (`$TMPDIR`, else /tmp; without a name, so that nothing is left behind) unless it is small. Of a file for which the process may
/// not use enough address space (`ulimit -v`) only the first bytes: it is to be read as a stream.
class FileBytes {
 public:
  /// Errors: missing file, folder, not readable.
  static Result<FileBytes> open(const std::string& path);
  /// All that the stream gives.
  static Result<FileBytes> copy_of(ByteStream& stream);
  std::string_view bytes() const { return mapped_ ? mapped_->bytes() : std::string_view(read_); }
  /// Are `bytes` all of it?
  bool is_whole() const { return is_whole_; }
  const std::string& path() const { return path_; }
  /// Of the whole file.
  std::size_t size() const { return is_whole_ ? bytes().size() : size_; }
  /// Gives the memory of a part that was read back to the system, and of what stands shortly before; it is read again when it is needed again.
  /// Nothing for a pipe.
  void release(std::string_view part) const;
  /// What is smaller may stay in memory.
  static constexpr std::size_t k_release_from_bytes = 64 << 20;

 private:
  static Result<FileBytes> of_regular(std::string path);

  std::shared_ptr<const FileHandle> spooled_;  // of a temporary file: open as long as its content is needed
  std::unique_ptr<MappedFile> mapped_;
  std::string read_;
  std::string path_;
  bool is_whole_ = true;
  std::size_t size_ = 0;
};

/// SHA-256 of a file's bytes, computed on a thread of its own while they are used. Gives back the memory of what it has read.
class BackgroundDigest {
 public:
  /// `file` must outlive this object.
  explicit BackgroundDigest(const FileBytes& file);
  ~BackgroundDigest();  ///< gives up if it is not done
  BackgroundDigest(const BackgroundDigest&) = delete;
  BackgroundDigest& operator=(const BackgroundDigest&) = delete;
  /// Starts if it did not start yet.
  void start();
  /// Waits: 64 lower-case hexadecimal digits.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

enum class Compression { none, gzip, zstd };
/// By the first bytes.
Compression compression_of(std::string_view bytes);
}  // namespace cupel::source
