#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "source/encoding.h"
#include "source/file_bytes.h"

namespace cupel::source {

/// Bytes that come one after the other, in bounded memory. For one thread at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Puts the next bytes at the beginning of `to`, which is not empty, and answers how many: fewer than fit is no sign of the end, 0 is.
  virtual Result<std::size_t> read(std::span<char> to) = 0;
};

/// What an open file, a pipe or a device gives from here on; errors name `name`.
std::unique_ptr<ByteStream> stream_descriptor(FileHandle file, std::string name);

/// The file from its first byte on; `file` must outlive the stream.
Result<std::unique_ptr<ByteStream>> stream_file(const FileBytes& file);

/// The content of compressed bytes, all members or frames of it. Errors name `path`; damaged or cut input is ErrorKind::corrupt.
std::unique_ptr<ByteStream> decompressed(std::unique_ptr<ByteStream> bytes, Compression compression, const std::string& path);

/// Text in UTF-8, as to_utf8 gives it.
std::unique_ptr<ByteStream> recoded(std::unique_ptr<ByteStream> bytes, Encoding encoding, const std::string& path);

/// Reads until `at_most` bytes are there or the stream ends.
Result<std::string> read_up_to(ByteStream& stream, std::size_t at_most);

}  // namespace cupel::source
