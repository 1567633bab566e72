#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "base/process.h"
#include "base/result.h"
#include "source/fetch.h"
#include "source/url_routes.h"

namespace cupel::source {

/// What a server said that identifies one state of a file.
struct UrlState {
  std::string etag;
  std::string last_modified;
  bool is_known() const { return !etag.empty() || !last_modified.empty(); }
  /// For If-Range: a weak ETag does not say that bytes are the same; empty when there is nothing to rely on.
  std::string strong() const { return !etag.empty() && !etag.starts_with("W/") ? etag : etag.empty() ? last_modified : std::string(); }
};

/// A whole copy.
struct UrlCopy {
  UrlState state;
  std::string digest;
  std::string fetched;  ///< when, UTC
  fs::path file;
};

/// The folder of one address in the cache, held alone by this process while the object lives: `copy.json` and the copy in a folder named by
/// its digest; `partial` and `partial.json` of a download that broke off.
class UrlFolder {
 public:
  /// Waits for another process that holds it.
  static Result<UrlFolder> hold(const UrlRoute& route, const FetchOptions& options);

  /// The copy, its content verified just now; nothing where there is none or it was damaged.
  std::optional<UrlCopy> copy() const;

  fs::path partial() const { return folder_ / "partial"; }
  /// Bytes of the download that broke off and the state of the file that they belong to; 0 when there is nothing to resume.
  std::uint64_t partial_bytes(UrlState& state) const;
  Result<void> begin_partial(const UrlState& state) const;
  void drop_partial() const;
  /// Makes a file within the folder the copy.
  Result<UrlCopy> keep(const fs::path& content, const UrlState& state, const std::string& digest) const;

 private:
  fs::path folder_;
  std::string file_name_;
  FileHandle lock_;
};

}  // namespace cupel::source
