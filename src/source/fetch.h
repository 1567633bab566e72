#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/files.h"
#include "base/result.h"
#include "source/read.h"

namespace cupel::source {

/// How a file is fetched from the network. The defaults are those of the commands; tests shorten the waiting.
struct FetchOptions {
  Network network = Network::allowed;
  /// Where copies are kept; empty: `$CUPEL_CACHE`, else `$XDG_CACHE_HOME/cupel`, else `~/.cache/cupel`.
  fs::path cache{};
  double connect_seconds = 15;
  double silence_seconds = 30;  ///< without a byte, after which a connection counts as broken
  int tries = 5;                ///< of a request that fails by the network, by 429 or by 5xx
  double retry_seconds = 0.5;   ///< before the second try; doubled each time, or what `Retry-After` asks for up to a minute
  std::function<void(std::uint64_t done, std::uint64_t total, std::string_view note)> progress{};
};

/// A copy on the disk whose content was just verified.
struct Fetched {
  fs::path file;
  std::string digest;  ///< sha256 of its content
  std::string note;    ///< what people should know: that it is an older copy, because the server could not be reached
};

/// The file at an address:
/// - `https://…`, `http://…`: redirects are followed, from https only to https;
/// - `hf://datasets/OWNER/NAME[@REVISION]/PATH`: by the hub's resolve route at `$HF_ENDPOINT`, with `$HF_TOKEN` where it is set;
/// - `kaggle://OWNER/DATASET[@VERSION]/FILE`: by the download route at `$KAGGLE_API_ENDPOINT`, with `$KAGGLE_USERNAME` and `$KAGGLE_KEY`,
/// else
///   `kaggle.json` in `$KAGGLE_CONFIG_DIR` or `~/.kaggle`; where the answer is a zip archive, the one file in it.
/// A token goes to the host that it is for and to no other that this one redirects to.
/// `#sha256=HEX` at the end is a pin: other content is an error, and a copy with that content needs no server.
///
/// A copy is kept with its digest, ETag and Last-Modified. It is verified each time it is used, and asked for again only when the server
/// says that it changed. When the server cannot be reached or fails, the copy serves, and the note says so; `Network::never` does not ask
/// at all. A download that breaks off is resumed where it ended (Range with If-Range), also by the next command. Two processes that want
/// the same file download it once. Errors name the address without its secrets: 404, 401 and 403 (with the variable that holds the token),
/// what else the server answered, no connection, an answer that ends too early, a digest that is not the pinned one.
Result<Fetched> fetch(const std::string& address, const FetchOptions& options = {});

/// What the module `cupel-url.so` exports under the name `cupel_url_module`.
struct UrlModule {
  const char* version;
  Result<Fetched> (*fetch)(const std::string& address, const FetchOptions& options);
};

}  // namespace cupel::source
