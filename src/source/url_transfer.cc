#include "source/url_transfer.h"

#include <curl/curl.h>

#include <memory>

#include "base/invariant.h"
#include "base/text.h"

namespace cupel::source {
namespace {

struct Transfer {
  CURL* curl = nullptr;
  UrlAnswer answer;
  bool head_is_told = false;
  bool stopped = false;
  const std::function<bool(const UrlAnswer&)>* on_head = nullptr;
  const std::function<bool(std::string_view)>* on_bytes = nullptr;

  bool tell_head() {
    if (head_is_told) return true;
    head_is_told = true;
    ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    stopped = !(*on_head)(answer);
    return !stopped;
  }
};

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
  Transfer& transfer = *static_cast<Transfer*>(to);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) transfer.answer.headers.clear();  // the answer before was a redirect
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) transfer.answer.headers[to_lower_ascii(line.substr(0, colon))] = trim(line.substr(colon + 1));
  return size * count;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  Transfer& transfer = *static_cast<Transfer*>(to);
  if (!transfer.tell_head()) return 0;
  if (!(*transfer.on_bytes)(std::string_view(data, size * count))) {
    transfer.stopped = true;
    return 0;
  }
  return size * count;
}

template <typename Value>
void set(CURL* curl, CURLoption option, Value value) {
  const CURLcode code = ::curl_easy_setopt(curl, option, value);
  CHECK(code == CURLE_OK, "option {}: {}", static_cast<int>(option), ::curl_easy_strerror(code));
}

bool may_help_to_try_again(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
  }
}

std::string lower_first(std::string text) {
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

}  // namespace

std::optional<UrlTrouble> transfer(const UrlRoute& route, const std::vector<std::string>& headers, const FetchOptions& options,
                                   const std::function<bool(const UrlAnswer&)>& on_head,
                                   const std::function<bool(std::string_view)>& on_bytes) {
  static const CURLcode started = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK, "{}", ::curl_easy_strerror(started));
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(::curl_easy_init(), ::curl_easy_cleanup);
  CURL* const curl = handle.get();
  CHECK(curl != nullptr);
  Transfer transfer;
  transfer.curl = curl;
  transfer.on_head = &on_head;
  transfer.on_bytes = &on_bytes;
  char reason[CURL_ERROR_SIZE] = {};

  set(curl, CURLOPT_URL, route.url.c_str());
  set(curl, CURLOPT_ERRORBUFFER, reason);
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_USERAGENT, "cupel/" CUPEL_SOURCE_VERSION);
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_FOLLOWLOCATION, 1L);
  set(curl, CURLOPT_MAXREDIRS, 10L);
  set(curl, CURLOPT_REDIR_PROTOCOLS_STR, to_lower_ascii(route.url).starts_with("https:") ? "https" : "http,https");
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_seconds * 1000));
  set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options.silence_seconds)));
  // A name, password or token goes to the url's own scheme, host and port, never to where it redirects.
  if (!route.bearer.empty()) {
    set(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(curl, CURLOPT_XOAUTH2_BEARER, route.bearer.c_str());
  } else if (!route.user.empty()) {
    set(curl, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(curl, CURLOPT_USERNAME, route.user.c_str());
    set(curl, CURLOPT_PASSWORD, route.password.c_str());
  }
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = ::curl_slist_append(list, header.c_str());
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> owned(list, ::curl_slist_free_all);
  set(curl, CURLOPT_HTTPHEADER, list);
  set(curl, CURLOPT_HEADERFUNCTION, &take_header);
  set(curl, CURLOPT_HEADERDATA, &transfer);
  set(curl, CURLOPT_WRITEFUNCTION, &take_body);
  set(curl, CURLOPT_WRITEDATA, &transfer);

  const CURLcode code = ::curl_easy_perform(curl);
  if (transfer.stopped) return UrlTrouble{UrlTrouble::Kind::stopped, {}};
  if (code == CURLE_OK) {
    if (!transfer.tell_head()) return UrlTrouble{UrlTrouble::Kind::stopped, {}};  // an answer without a body
    return std::nullopt;
  }
  std::string what = lower_first(reason[0] != '\0' ? reason : ::curl_easy_strerror(code));
  return UrlTrouble{may_help_to_try_again(code) ? UrlTrouble::Kind::connection : UrlTrouble::Kind::refused, std::move(what)};
}

}  // namespace cupel::source
