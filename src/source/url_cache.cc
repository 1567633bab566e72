#include "source/url_cache.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"

namespace cupel::source {
namespace {

Result<fs::path> cache_folder(const FetchOptions& options) {
  if (!options.cache.empty()) return options.cache;
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path own = variable("CUPEL_CACHE"); !own.empty()) return own;
  if (const fs::path shared = variable("XDG_CACHE_HOME"); shared.is_absolute()) return shared / "cupel";
  const fs::path home = variable("HOME");
  if (home.empty()) return fail_with_hint("no folder for downloads: HOME is not set", "set CUPEL_CACHE");
  return home / ".cache" / "cupel";
}

Json json_of(const UrlState& state) {
  Json json;
  if (!state.etag.empty()) json["etag"] = state.etag;
  if (!state.last_modified.empty()) json["last_modified"] = state.last_modified;
  return json;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

UrlState state_of(const Json& json) { return {text_of(json, "etag"), text_of(json, "last_modified")}; }

Result<void> lock(int descriptor, const fs::path& path, const FetchOptions& options) {
  constexpr auto k_step = std::chrono::milliseconds(100);
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error("lock", path);
    if (options.progress) options.progress(0, 0, "waiting for another process that fetches the same");
    std::this_thread::sleep_for(k_step);
  }
  return {};
}

}  // namespace

Result<UrlFolder> UrlFolder::hold(const UrlRoute& route, const FetchOptions& options) {
  UrlFolder held;
  ASSIGN_OR_RETURN(const fs::path cache, cache_folder(options));
  // Whoever is asked with a token may see other bytes than everybody else.
  const std::string identity = route.url + "\n" + route.user + "\n" + (route.bearer.empty() ? "" : sha256_hex(route.bearer));
  held.folder_ = cache / "urls" / sha256_hex(identity).substr(0, 32);
  held.file_name_ = route.file_name;
  std::error_code error;
  fs::create_directories(held.folder_, error);
  if (error) return fail("cannot make the folder '{}' for downloads: {}", held.folder_.string(), error.message());
  const fs::path path = held.folder_ / "lock";
  held.lock_ = FileHandle(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!held.lock_.is_open()) return system_error("open", path);
  TRY(lock(held.lock_.get(), path, options));
  return held;
}

std::optional<UrlCopy> UrlFolder::copy() const {
  const Result<Json> json = read_json(folder_ / "copy.json", 1 << 16);
  if (!json) return std::nullopt;
  UrlCopy copy{state_of(*json), text_of(*json, "sha256"), text_of(*json, "fetched"), {}};
  if (copy.digest.size() != 64) return std::nullopt;
  copy.file = folder_ / copy.digest.substr(0, 16) / file_name_;
  const Result<std::string> digest = sha256_file(copy.file);
  if (!digest || *digest != copy.digest) return std::nullopt;
  return copy;
}

std::uint64_t UrlFolder::partial_bytes(UrlState& state) const {
  const Result<Json> json = read_json(folder_ / "partial.json", 1 << 16);
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(partial(), error);
  if (!json || error) return 0;
  state = state_of(*json);
  return state.strong().empty() ? 0 : bytes;
}

Result<void> UrlFolder::begin_partial(const UrlState& state) const {
  return write_file(folder_ / "partial.json", json_text(json_of(state)));
}

void UrlFolder::drop_partial() const {
  std::error_code ignored;
  fs::remove(folder_ / "partial.json", ignored);
  fs::remove(partial(), ignored);
}

Result<UrlCopy> UrlFolder::keep(const fs::path& content, const UrlState& state, const std::string& digest) const {
  UrlCopy copy{state, digest, utc_now(), folder_ / digest.substr(0, 16) / file_name_};
  // The copy before stays: somebody may be about to open it.
  const std::optional<UrlCopy> before = this->copy();
  std::error_code error;
  fs::create_directories(copy.file.parent_path(), error);
  TRY(rename_durably(content, copy.file));
  Json json = json_of(state);
  json["sha256"] = digest;
  json["fetched"] = copy.fetched;
  TRY(write_file(folder_ / "copy.json", json_text(json), Durable::yes));
  drop_partial();
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    const bool is_used = entry.path() == copy.file.parent_path() || (before && entry.path() == before->file.parent_path());
    if (entry.is_directory(error) && !is_used) fs::remove_all(entry.path(), error);
  }
  return copy;
}

}  // namespace cupel::source
