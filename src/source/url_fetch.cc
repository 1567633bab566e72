#include "source/url_fetch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "base/hash.h"
#include "base/text.h"
#include "source/url_cache.h"
#include "source/url_routes.h"
#include "source/url_transfer.h"
#include "source/url_zip.h"

namespace cupel::source {
namespace {

/// The total of `bytes 100-199/5000`, if the part begins at `from`.
std::optional<std::uint64_t> total_of_range(std::string_view header, std::uint64_t from) {
  if (!header.starts_with("bytes ")) return std::nullopt;
  header.remove_prefix(6);
  const std::size_t dash = header.find('-');
  const std::size_t slash = header.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::int64_t> begin = parse_integer(header.substr(0, dash));
  if (!begin || static_cast<std::uint64_t>(*begin) != from) return std::nullopt;
  return static_cast<std::uint64_t>(parse_integer(header.substr(slash + 1)).value_or(0));
}

/// One GET into the folder's partial file.
class Download {
 public:
  Download(const UrlRoute& route, const UrlFolder& folder, const FetchOptions& options)
      : route_(route), folder_(folder), options_(options) {}

  /// Asks for what is missing of the partial file, or for all of it unless it is as in `known`.
  std::optional<UrlTrouble> run(const UrlState& known) {
    UrlState begun;
    resumed_from_ = folder_.partial_bytes(begun);
    std::vector<std::string> headers;
    if (resumed_from_ > 0) {
      headers.push_back(fmt::format("Range: bytes={}-", resumed_from_));
      headers.push_back("If-Range: " + begun.strong());
    } else if (!known.etag.empty()) {
      headers.push_back("If-None-Match: " + known.etag);
    } else if (!known.last_modified.empty()) {
      headers.push_back("If-Modified-Since: " + known.last_modified);
    }
    answer_ = {};
    const std::optional<UrlTrouble> trouble = transfer(
        route_, headers, options_, [&](const UrlAnswer& answer) { return take_head(answer); },
        [&](std::string_view bytes) { return take_bytes(bytes); });
    out_.close();
    return trouble;
  }

  const UrlAnswer& answer() const { return answer_; }
  const Result<void>& outcome() const { return outcome_; }  ///< of writing
  UrlState state() const { return {answer_.header("etag"), answer_.header("last-modified")}; }
  bool was_resumed() const { return resumed_from_ > 0; }

 private:
  bool take_head(const UrlAnswer& answer) {
    answer_ = answer;
    if (answer.status == 206) {
      const std::optional<std::uint64_t> total = total_of_range(answer.header("content-range"), resumed_from_);
      if (!total || resumed_from_ == 0) return false;
      return open_partial(O_APPEND, *total);
    }
    if (answer.status != 200) return true;
    resumed_from_ = 0;
    outcome_ = folder_.begin_partial(state());
    return outcome_.has_value() &&
           open_partial(O_TRUNC, static_cast<std::uint64_t>(parse_integer(answer.header("content-length")).value_or(0)));
  }

  bool open_partial(int how, std::uint64_t total) {
    total_ = total;
    done_ = resumed_from_;
    out_ = FileHandle(::open(folder_.partial().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600));
    if (!out_.is_open()) outcome_ = system_error("write", folder_.partial());
    return outcome_.has_value();
  }

  bool take_bytes(std::string_view bytes) {
    if (!out_.is_open()) return true;  // the page of an error
    done_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t put = ::write(out_.get(), bytes.data(), bytes.size());
      if (put < 0 && errno != EINTR) {
        outcome_ = system_error("write", folder_.partial());
        return false;
      }
      if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (options_.progress) options_.progress(done_, total_, {});
    return true;
  }

  const UrlRoute& route_;
  const UrlFolder& folder_;
  const FetchOptions& options_;
  UrlAnswer answer_;
  Result<void> outcome_;
  FileHandle out_;
  std::uint64_t resumed_from_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

class Fetch {
 public:
  Fetch(UrlRoute route, UrlFolder folder, const FetchOptions& options)
      : route_(std::move(route)), folder_(std::move(folder)), options_(options) {}

  Result<Fetched> run() {
    copy_ = folder_.copy();
    if (!route_.sha256.empty() && copy_ && copy_->digest == route_.sha256) return of_copy({});
    if (options_.network == Network::never) {
      if (!copy_)
        return fail_with_hint(fmt::format("no copy of {} is kept", route_.shown), "without --offline it is fetched", ErrorKind::not_found);
      TRY(check_pin(copy_->digest));
      return of_copy(fmt::format("offline: the copy of {}", copy_->fetched));
    }
    std::string trouble;
    double wait = options_.retry_seconds;
    const int tries = copy_ ? std::min(options_.tries, 2) : options_.tries;  // with a copy at hand nobody needs to wait long
    for (int tried = 1;; ++tried) {
      Download download(route_, folder_, options_);
      const std::optional<UrlTrouble> broken = download.run(copy_ ? copy_->state : UrlState{});
      TRY(download.outcome());
      const long status = download.answer().status;
      if (!broken && (status == 200 || status == 206)) return keep(download);
      if (!broken && status == 304 && copy_) return of_copy({});
      if (broken && broken->kind == UrlTrouble::Kind::refused) return fail("cannot fetch {}: {}", route_.shown, broken->what);
      const bool useless_part = status == 416 || (broken && broken->kind == UrlTrouble::Kind::stopped);
      if (useless_part && download.was_resumed()) {
        folder_.drop_partial();
        if (tried < tries) continue;
      }
      if (!broken && status < 500 && status != 429) return refusal(status);
      trouble = broken ? broken->what : fmt::format("the server answered {}", status);
      if (broken && broken->what.empty()) trouble = fmt::format("the server answered {} with a part that was not asked for", status);
      if (tried >= tries) break;
      pause(download.answer(), wait);
      wait *= 2;
    }
    if (copy_) {
      TRY(check_pin(copy_->digest));
      return of_copy(fmt::format("the copy of {}, as the file could not be asked for: {}", copy_->fetched, trouble));
    }
    return fail_with_hint(fmt::format("cannot fetch {}: {} ({} tries)", route_.shown, trouble, tries),
                          "the next try goes on where this one ended", ErrorKind::not_found);
  }

 private:
  Fetched of_copy(std::string note) const { return {copy_->file, copy_->digest, std::move(note)}; }

  void pause(const UrlAnswer& answer, double seconds) const {
    constexpr double k_most = 60;
    if (const std::optional<std::int64_t> asked = parse_integer(answer.header("retry-after")); asked && *asked >= 0) {
      seconds = std::max(seconds, std::min(static_cast<double>(*asked), k_most));
    }
    if (options_.progress) options_.progress(0, 0, "waiting before another try");
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }

  Result<Fetched> refusal(long status) const {
    if (status == 404 || status == 410) {
      return fail(ErrorKind::not_found, "missing file {}: the server answered {}", route_.shown, status);
    }
    if (status == 401 || status == 403)
      return fail_with_hint(fmt::format("no access to {}: the server answered {}", route_.shown, status), route_.denied_hint);
    return fail("cannot fetch {}: the server answered {}", route_.shown, status);
  }

  Result<void> check_pin(const std::string& digest) const {
    if (route_.sha256.empty() || digest == route_.sha256) return {};
    return fail(ErrorKind::corrupt, "{} has the sha256 {}, expected the pinned {}", route_.shown, digest, route_.sha256);
  }

  Result<Fetched> keep(const Download& download) {
    fs::path content = folder_.partial();
    if (route_.unzip && is_zip(content)) {
      const fs::path unzipped = content.string() + ".unzipped";
      if (Result<void> done = unzip_one(content, unzipped); !done) {
        folder_.drop_partial();
        return fail(done.error().kind, "{}: {}", route_.shown, done.error().message);
      }
      content = unzipped;
    }
    ASSIGN_OR_RETURN(const std::string digest, sha256_file(content));
    if (Result<void> fits = check_pin(digest); !fits) {
      folder_.drop_partial();
      std::error_code ignored;
      fs::remove(content, ignored);
      return tl::unexpected(fits.error());
    }
    ASSIGN_OR_RETURN(copy_, folder_.keep(content, download.state(), digest));
    return of_copy({});
  }

  UrlRoute route_;
  UrlFolder folder_;
  const FetchOptions& options_;
  std::optional<UrlCopy> copy_;
};

}  // namespace

Result<Fetched> fetch_url(const std::string& address, const FetchOptions& options) {
  ASSIGN_OR_RETURN(UrlRoute route, route_of(address));
  ASSIGN_OR_RETURN(UrlFolder folder, UrlFolder::hold(route, options));
  return Fetch(std::move(route), std::move(folder), options).run();
}

}  // namespace cupel::source
