// Fetching against a local server that answers as the hub, Kaggle and unreliable servers do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <zip.h>

#include <atomic>
#include <optional>

#include "base/hash.h"
#include "source/fetch.h"
#include "source/read.h"
#include "source/url_test_server_internal.h"

namespace cupel::source {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string k_table = "a,b\n1,x\n2,y\n";

class UrlFetch : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = ScratchFolder::make(fs::temp_directory_path(), "cupel_url");
    ASSERT_TRUE(folder) << folder.error().text();
    folder_.emplace(std::move(*folder));
    options_.cache = folder_->path() / "cache";
    options_.retry_seconds = 0.01;
    options_.connect_seconds = 3;
    options_.silence_seconds = 2;
    set("no_proxy", "127.0.0.1");
    for (const char* name : {"HF_TOKEN", "HF_ENDPOINT", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_ENDPOINT"}) ::unsetenv(name);
    set("KAGGLE_CONFIG_DIR", folder_->path().string());
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  std::string content(const std::string& address) {
    const Result<Fetched> fetched = fetch(address, options_);
    EXPECT_TRUE(fetched) << fetched.error().text();
    if (!fetched) return {};
    note_ = fetched->note;
    const Result<std::string> bytes = read_file(fetched->file);
    EXPECT_TRUE(bytes);
    EXPECT_EQ(fetched->digest, sha256_hex(bytes.value_or("")));
    return bytes.value_or("");
  }
  std::string error(const std::string& address) {
    const Result<Fetched> fetched = fetch(address, options_);
    EXPECT_FALSE(fetched);
    return fetched ? std::string() : fetched.error().text();
  }

  std::optional<ScratchFolder> folder_;
  FetchOptions options_;
  std::string note_;
};

TEST_F(UrlFetch, AFileIsKeptAndAskedForAgainByItsTag) {
  std::string body = k_table;
  std::string tag = "\"one\"";
  TestServer server([&](const TestRequest& request) {
    if (request.header("if-none-match") == tag) return http_answer("304 Not Modified", "");
    return http_answer("200 OK", body, "ETag: " + tag + "\r\n");
  });
  EXPECT_EQ(content(server.url("/data/t.csv?x=1")), k_table);
  EXPECT_EQ(content(server.url("/data/t.csv?x=1")), k_table);
  EXPECT_EQ(server.body_bytes(), k_table.size());  // the second answer had none
  EXPECT_EQ(server.requests().size(), 2u);
  body = "a\n9\n";
  tag = "\"two\"";
  EXPECT_EQ(content(server.url("/data/t.csv?x=1")), "a\n9\n");
  EXPECT_EQ(note_, "");
}

TEST_F(UrlFetch, LastModifiedServesWhereThereIsNoTag) {
  const std::string date = "Tue, 24 Nov 2026 10:00:00 GMT";
  TestServer server([&](const TestRequest& request) {
    if (request.header("if-modified-since") == date) return http_answer("304 Not Modified", "");
    return http_answer("200 OK", k_table, "Last-Modified: " + date + "\r\n");
  });
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
  EXPECT_EQ(server.body_bytes(), k_table.size());
}

TEST_F(UrlFetch, ADamagedCopyIsFetchedAnew) {
  TestServer server([&](const TestRequest& request) {
    return request.header("if-none-match").empty() ? http_answer("200 OK", k_table, "ETag: \"e\"\r\n")
                                                   : http_answer("304 Not Modified", "");
  });
  const Result<Fetched> fetched = fetch(server.url("/t.csv"), options_);
  ASSERT_TRUE(fetched) << fetched.error().text();
  ASSERT_TRUE(write_file(fetched->file, "a,b\n1,x\n2,z\n"));
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
  EXPECT_EQ(server.body_bytes(), 2 * k_table.size());
}

TEST_F(UrlFetch, ADownloadThatBreaksOffIsResumedWhereItEnded) {
  std::string body;
  for (int row = 0; row < 20000; ++row) body += fmt::format("{},text of row {}\n", row, row);
  std::atomic<int> breaks = 3;
  TestServer server([&](const TestRequest& request) {
    std::size_t from = 0;
    std::string head = "HTTP/1.1 200 OK\r\n";
    if (const std::string range = request.header("range"); !range.empty()) {
      EXPECT_EQ(request.header("if-range"), "\"v1\"");
      from = static_cast<std::size_t>(*parse_integer(range.substr(6, range.size() - 7)));
      head = fmt::format("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {}-{}/{}\r\n", from, body.size() - 1, body.size());
    }
    const std::size_t left = body.size() - from;
    const std::size_t served = breaks-- > 0 ? left / 3 : left;
    return head + fmt::format("ETag: \"v1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", left) + body.substr(from, served);
  });
  EXPECT_EQ(content(server.url("/big.csv")), body);
  EXPECT_EQ(server.requests().size(), 4u);
  EXPECT_EQ(server.body_bytes(), body.size());  // no byte twice
}

TEST_F(UrlFetch, TheNextCommandGoesOnWhereThisOneEnded) {
  const std::string body(100'000, 'x');
  std::atomic<bool> breaks = true;
  TestServer server([&](const TestRequest& request) {
    const std::size_t from = request.header("range").empty() ? 0 : 40'000;
    const std::string head =
        from == 0 ? "HTTP/1.1 200 OK\r\n" : fmt::format("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 40000-99999/100000\r\n");
    return head + fmt::format("ETag: \"v1\"\r\nContent-Length: {}\r\n\r\n", body.size() - from) +
           body.substr(from, breaks ? 40'000 : std::string::npos);
  });
  options_.tries = 1;
  EXPECT_THAT(error(server.url("/x.csv")), HasSubstr("(1 tries)"));
  breaks = false;
  EXPECT_EQ(content(server.url("/x.csv")), body);
  EXPECT_EQ(server.requests().back().header("range"), "bytes=40000-");
  EXPECT_EQ(server.body_bytes(), body.size());
}

TEST_F(UrlFetch, AFileThatChangedMeanwhileIsNotPatchedTogether) {
  std::atomic<int> asked = 0;
  TestServer server([&](const TestRequest&) {
    if (asked++ == 0) return std::string("HTTP/1.1 200 OK\r\nETag: \"old\"\r\nContent-Length: 100\r\n\r\nhalf of the old");
    return http_answer("200 OK", k_table, "ETag: \"new\"\r\n");  // If-Range does not hold: all of it
  });
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
}

TEST_F(UrlFetch, APartThatDoesNotFitIsThrownAway) {
  std::atomic<int> asked = 0;
  TestServer server([&](const TestRequest& request) {
    if (asked++ == 0) return std::string("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 100\r\n\r\nfirst part");
    if (!request.header("range").empty())
      return http_answer("206 Partial Content", "wrong", "ETag: \"e\"\r\nContent-Range: bytes 3-7/8\r\n");
    return http_answer("200 OK", k_table, "ETag: \"e\"\r\n");
  });
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
  asked = 0;
  TestServer other([&](const TestRequest& request) {
    if (asked++ == 0) return std::string("HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 100\r\n\r\nfirst part");
    if (!request.header("range").empty()) return http_answer("416 Range Not Satisfiable", "");
    return http_answer("200 OK", k_table);
  });
  EXPECT_EQ(content(other.url("/t.csv")), k_table);
}

TEST_F(UrlFetch, WithoutATagABrokenDownloadBeginsAnew) {
  std::atomic<int> asked = 0;
  TestServer server([&](const TestRequest& request) {
    EXPECT_EQ(request.header("range"), "");
    return asked++ == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf" : http_answer("200 OK", k_table);
  });
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
}

TEST_F(UrlFetch, AServerThatFailsIsAskedAgain) {
  std::atomic<int> asked = 0;
  TestServer server([&](const TestRequest&) {
    const int number = asked++;
    if (number == 0) return http_answer("500 Internal Server Error", "oops");
    if (number == 1) return http_answer("429 Too Many Requests", "slow down", "Retry-After: 0\r\n");
    if (number == 2) return std::string();  // closes without a word
    return http_answer("200 OK", k_table);
  });
  EXPECT_EQ(content(server.url("/t.csv")), k_table);
  EXPECT_EQ(asked, 4);
}

TEST_F(UrlFetch, FailuresNameTheAddressAndWhatWasAnswered) {
  TestServer server([&](const TestRequest& request) {
    if (request.path.starts_with("/gone")) return http_answer("404 Not Found", "no");
    if (request.path.starts_with("/closed")) return http_answer("403 Forbidden", "no");
    if (request.path.starts_with("/short")) return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    return http_answer("503 Service Unavailable", "no");
  });
  options_.tries = 2;
  EXPECT_EQ(error(server.url("/gone.csv?token=s3cret&v=1")),
            "missing file " + server.url("/gone.csv?token=…&v=1") + ": the server answered 404");
  EXPECT_THAT(error(server.url("/closed.csv")), HasSubstr("no access to"));
  EXPECT_THAT(error(server.url("/busy.csv")), HasSubstr("the server answered 503 (2 tries)"));
  EXPECT_THAT(error(server.url("/short.csv")), HasSubstr("(2 tries)"));
  const std::string address = server.url("/x.csv");
  server.stop();
  EXPECT_THAT(error(address), HasSubstr("cannot fetch " + address));
}

TEST_F(UrlFetch, WhenTheServerIsAwayTheCopyServesAndSaysSo) {
  TestServer server([&](const TestRequest&) { return http_answer("200 OK", k_table, "ETag: \"e\"\r\n"); });
  const std::string address = server.url("/t.csv");
  EXPECT_EQ(content(address), k_table);
  server.stop();
  options_.tries = 2;
  EXPECT_EQ(content(address), k_table);
  EXPECT_THAT(note_, HasSubstr("could not be asked for"));
  options_.network = Network::never;
  EXPECT_EQ(content(address), k_table);
  EXPECT_THAT(note_, HasSubstr("offline: the copy of "));
  EXPECT_THAT(error(address + "x"), HasSubstr("no copy of"));
}

TEST_F(UrlFetch, APinIsVerifiedAndNeedsNoServerOnceItIsKept) {
  TestServer server([&](const TestRequest&) { return http_answer("200 OK", k_table); });
  const std::string address = server.url("/t.csv");
  EXPECT_THAT(error(address + "#sha256=" + std::string(64, '0')), HasSubstr("expected the pinned 0000"));
  EXPECT_THAT(error(address + "#sha256=12"), HasSubstr("64 hexadecimal digits"));
  const std::string pinned = address + "#sha256=" + sha256_hex(k_table);
  EXPECT_EQ(content(pinned), k_table);
  const std::size_t asked = server.requests().size();
  EXPECT_EQ(content(pinned), k_table);
  EXPECT_EQ(server.requests().size(), asked);
}

TEST_F(UrlFetch, TheHubsTokenGoesToTheHubAlone) {
  TestServer store([&](const TestRequest& request) {
    EXPECT_EQ(request.header("authorization"), "");
    return http_answer("200 OK", k_table, "ETag: \"e\"\r\n");
  });
  TestServer hub([&](const TestRequest& request) {
    if (request.header("authorization") != "Bearer hub-word") return http_answer("401 Unauthorized", "no");
    return http_answer("302 Found", "", "Location: " + store.url("/blob?X-Amz-Signature=1") + "\r\n");
  });
  set("HF_ENDPOINT", hub.url("/"));
  const std::string address = "hf://datasets/acme/reviews@refs/convert/data 1.csv";
  EXPECT_THAT(error(address), HasSubstr("$HF_TOKEN"));
  set("HF_TOKEN", "hub-word");
  EXPECT_EQ(content("hf://datasets/acme/reviews@v1.0/data/train 1.csv"), k_table);
  EXPECT_EQ(hub.requests().back().path, "/datasets/acme/reviews/resolve/v1.0/data/train%201.csv");
  EXPECT_EQ(content("hf://datasets/acme/reviews/t.csv"), k_table);
  EXPECT_EQ(hub.requests().back().path, "/datasets/acme/reviews/resolve/main/t.csv");
  set("HF_TOKEN", "wrong-word");
  EXPECT_THAT(error("hf://datasets/acme/reviews/t.csv"),
              testing::AllOf(HasSubstr("hf://datasets/acme/reviews/t.csv"), HasSubstr("401"), Not(HasSubstr("wrong-word"))));
  EXPECT_THAT(error("hf://acme/reviews/t.csv"), HasSubstr("hf://datasets/OWNER/NAME"));
  EXPECT_THAT(error("hf://datasets/acme"), HasSubstr("lacks a part"));
}

std::string zip_of(const fs::path& folder, const std::vector<std::string>& names) {
  const fs::path file = folder / "made.zip";
  int code = 0;
  zip_t* const zip = ::zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  for (const std::string& name : names) ::zip_file_add(zip, name.c_str(), ::zip_source_buffer(zip, k_table.data(), k_table.size(), 0), 0);
  EXPECT_EQ(::zip_close(zip), 0);
  return read_file(file).value_or("");
}

TEST_F(UrlFetch, KaggleIsAskedWithTheKeyAndItsArchiveIsOpened) {
  std::string body = zip_of(folder_->path(), {"t.csv"});
  TestServer server([&](const TestRequest& request) {
    if (request.header("authorization") != "Basic bWU6a2V5") return http_answer("401 Unauthorized", "no");  // me:key
    return http_answer("200 OK", body, "Content-Type: application/zip\r\nETag: \"" + sha256_hex(body) + "\"\r\n");
  });
  set("KAGGLE_API_ENDPOINT", server.url(""));
  EXPECT_THAT(error("kaggle://acme/reviews/t.csv"), HasSubstr("$KAGGLE_USERNAME and $KAGGLE_KEY"));
  ASSERT_TRUE(write_file(folder_->path() / "kaggle.json", R"({"username":"me","key":"key"})"));
  EXPECT_EQ(content("kaggle://acme/reviews@3/t.csv"), k_table);
  EXPECT_EQ(server.requests().back().path, "/api/v1/datasets/download/acme/reviews/t.csv?datasetVersionNumber=3");
  set("KAGGLE_USERNAME", "me");
  set("KAGGLE_KEY", "key");
  EXPECT_EQ(content("kaggle://acme/reviews/t.csv"), k_table);
  body = zip_of(folder_->path(), {"t.csv", "u.csv"});
  EXPECT_THAT(error("kaggle://acme/other/t.csv"), HasSubstr("holds 2 files: t.csv, u.csv, expected one"));
  body = body.substr(0, body.size() / 2);
  EXPECT_THAT(error("kaggle://acme/third/t.csv"), HasSubstr("damaged"));
  body = k_table;  // some files come as they are
  EXPECT_EQ(content("kaggle://acme/fourth/t.csv"), k_table);
}

TEST_F(UrlFetch, TwoAtOnceDownloadOnce) {
  std::atomic<int> whole = 0;
  TestServer server([&](const TestRequest& request) {
    if (!request.header("if-none-match").empty()) return http_answer("304 Not Modified", "");
    ++whole;
    return http_answer("200 OK", k_table, "ETag: \"e\"\r\n");
  });
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Result<Fetched> fetched = fetch(server.url("/t.csv"), options_);
      right += fetched && fetched->digest == sha256_hex(k_table) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
  EXPECT_EQ(whole, 1);
}

TEST_F(UrlFetch, AnAddressIsASourceUnderItsOwnName) {
  TestServer server([&](const TestRequest& request) {
    return http_answer("200 OK", request.path == "/bad.csv" ? "a,b\n1\n" : k_table, "ETag: \"e\"\r\n");
  });
  set("CUPEL_CACHE", options_.cache.string());
  const std::string address = server.url("/t.csv?api_key=s3cret");
  auto source = open_source(address);
  ASSERT_TRUE(source) << source.error().text();
  const Result<table::Table> rows = read_table(**source);
  ASSERT_TRUE(rows) << rows.error().text();
  EXPECT_EQ(rows->num_rows(), 2);
  const auto origin = (*source)->origin();
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->path, server.url("/t.csv?api_key=…"));
  EXPECT_EQ(origin->digest, sha256_hex(k_table));
  const auto bad = read_table(server.url("/bad.csv"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, server.url("/bad.csv") + ":2: the row has 1 field, expected 2");
  const auto unknown = open_source("ftp://example.org/x.csv");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("unknown scheme 'ftp'"));
  ReadOptions query;
  query.query = "select 1";
  EXPECT_FALSE(open_source(address, query));
  ::unsetenv("CUPEL_CACHE");
}

TEST_F(UrlFetch, RedirectsEndAndLeadToTheWebAlone) {
  TestServer server([&](const TestRequest& request) {
    if (request.path == "/file") return http_answer("302 Found", "", "Location: file:///etc/passwd\r\n");
    return http_answer("302 Found", "", "Location: /again\r\n");
  });
  EXPECT_THAT(error(server.url("/file")), HasSubstr("cannot fetch"));
  EXPECT_THAT(error(server.url("/loop")), HasSubstr("redirects"));
}

}  // namespace
}  // namespace cupel::source
