#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/invariant.h"
#include "base/process.h"
#include "base/text.h"

// A small HTTP server of a test: it answers what the test says, byte by byte, so that it can also break off.
namespace cupel::source {

struct TestRequest {
  std::string path;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

class TestServer {
 public:
  /// The whole answer, head and body; the connection is closed behind it.
  using Answer = std::function<std::string(const TestRequest&)>;

  explicit TestServer(Answer answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_.get(), general, sizeof address) == 0);
    CHECK(::listen(listener_.get(), 16) == 0);
    socklen_t size = sizeof address;
    CHECK(::getsockname(listener_.get(), general, &size) == 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TestServer() { stop(); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url(std::string_view path) const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }
  std::vector<TestRequest> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  std::uint64_t body_bytes() const { return body_bytes_; }
  /// From then on nobody listens.
  void stop() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    listener_.close();
  }

 private:
  void serve() {
    for (;;) {
      const FileHandle client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.is_open()) return;
      std::string text;
      char buffer[4096];
      while (text.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::read(client.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
      }
      TestRequest request;
      const std::vector<std::string_view> lines = split(text, '\n');
      if (const std::vector<std::string_view> words = split(lines[0], ' '); words.size() > 1) request.path = words[1];
      for (const std::string_view line : lines) {
        if (const std::size_t colon = line.find(": "); colon != std::string_view::npos) {
          request.headers[to_lower_ascii(line.substr(0, colon))] = trim(line.substr(colon + 2));
        }
      }
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = answer_(request);
      const std::size_t head = answer.find("\r\n\r\n");
      if (head != std::string::npos) body_bytes_ += answer.size() - head - 4;
      std::string_view rest = answer;
      while (!rest.empty()) {
        const ssize_t put = ::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (put <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(put));
      }
      ::shutdown(client.get(), SHUT_WR);
      while (::read(client.get(), buffer, sizeof buffer) > 0) {
      }
    }
  }

  Answer answer_;
  FileHandle listener_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<TestRequest> requests_;
  std::atomic<std::uint64_t> body_bytes_{0};
};

/// An answer with its length.
inline std::string http_answer(std::string_view status, std::string_view body, std::string_view headers = {}) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(), headers, body);
}

}  // namespace cupel::source
