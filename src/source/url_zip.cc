#include "source/url_zip.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include <memory>
#include <vector>

#include "base/process.h"
#include "base/text.h"

namespace cupel::source {
namespace {

Result<void> copy_entry(zip_file_t& entry, std::string_view name, const fs::path& to) {
  const FileHandle out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out.is_open()) return system_error("write", to);
  std::string buffer(1 << 18, '\0');
  for (;;) {
    const zip_int64_t got = ::zip_fread(&entry, buffer.data(), buffer.size());
    if (got < 0) return fail(ErrorKind::corrupt, "'{}' in the archive is damaged: {}", name, ::zip_file_strerror(&entry));
    if (got == 0) return {};
    std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
    while (!rest.empty()) {
      const ssize_t put = ::write(out.get(), rest.data(), rest.size());
      if (put < 0 && errno != EINTR) return system_error("write", to);
      if (put > 0) rest.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

}  // namespace

bool is_zip(const fs::path& file) {
  const FileHandle in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  char first[4] = {};
  return in.is_open() && ::read(in.get(), first, 4) == 4 && std::string_view(first, 4) == "PK\x03\x04";
}

Result<void> unzip_one(const fs::path& archive, const fs::path& to) {
  int code = 0;
  const std::unique_ptr<zip_t, void (*)(zip_t*)> zip(::zip_open(archive.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code), ::zip_discard);
  if (!zip) return fail(ErrorKind::corrupt, "the zip archive is damaged (error {})", code);
  std::vector<std::string> names;
  zip_uint64_t index = 0;
  for (zip_int64_t i = 0; i < ::zip_get_num_entries(zip.get(), 0); ++i) {
    const char* const name = ::zip_get_name(zip.get(), static_cast<zip_uint64_t>(i), 0);
    if (name == nullptr || std::string_view(name).ends_with('/')) continue;
    names.emplace_back(name);
    index = static_cast<zip_uint64_t>(i);
  }
  if (names.size() != 1) {
    const std::size_t num_files = names.size();
    if (names.size() > 5) names.resize(5);
    return fail("the zip archive holds {} files{}{}, expected one", num_files, names.empty() ? "" : ": ", join(names, ", "));
  }
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(::zip_fopen_index(zip.get(), index, 0), ::zip_fclose);
  if (!entry) return fail(ErrorKind::corrupt, "'{}' in the archive cannot be read: {}", names[0], ::zip_strerror(zip.get()));
  return copy_entry(*entry, names[0], to);
}

}  // namespace cupel::source
