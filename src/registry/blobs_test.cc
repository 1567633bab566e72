#include "registry/blobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

using testing::HasSubstr;

/// SHA-256 of "abc": FIPS 180-4, example.
constexpr const char* k_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Blobs, KeepBytesUnderTheirDigest) {
  const Sample sample;
  sample.write("m/weights/abc", "abc");
  BlobStore store(sample.path("blobs"));
  const auto blob = store.put(sample.path("m"), "weights/abc", 100);
  ASSERT_TRUE(blob.has_value()) << blob.error().text();
  EXPECT_EQ(blob->digest, k_abc);
  EXPECT_EQ(blob->bytes, 3u);
  EXPECT_EQ(store.path_of(k_abc), sample.path("blobs") / "sha256" / "ba" / k_abc);
  EXPECT_EQ(store.read(*blob), "abc");
  EXPECT_EQ(store.list()->size(), 1u);
  EXPECT_TRUE(fs::is_empty(sample.path("blobs/incoming")));
}

TEST(Blobs, AFileOfMoreThanOnePieceIsKeptWhole) {
  const Sample sample;
  std::string bytes(1'000'003, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  sample.write("m/large", bytes);
  BlobStore store(sample.path("blobs"));
  const auto blob = store.put(sample.path("m"), "large", 2'000'000);
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(*store.read(*blob), bytes);
}

TEST(Blobs, EveryChangedByteIsFound) {
  const Sample sample;
  BlobStore store(sample.path("blobs"));
  const auto blob = store.put_bytes("abc");
  ASSERT_TRUE(blob.has_value());
  const fs::path path = store.path_of(blob->digest);
  for (const char* altered : {"abd", "ab", "abcd", ""}) {
    fs::remove(path);
    ASSERT_TRUE(write_file(path, altered).has_value());
    EXPECT_FALSE(store.verify(*blob).has_value()) << altered;
    const auto bytes = store.read(*blob);
    ASSERT_FALSE(bytes.has_value()) << altered;
    EXPECT_EQ(bytes.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(bytes.error().message, HasSubstr("altered after it was stored"));
  }
}

TEST(Blobs, PuttingTheSameBytesAgainHealsADamagedBlob) {
  const Sample sample;
  BlobStore store(sample.path("blobs"));
  const auto blob = store.put_bytes("abc");
  fs::remove(store.path_of(blob->digest));
  ASSERT_TRUE(write_file(store.path_of(blob->digest), "rot").has_value());
  ASSERT_TRUE(store.put_bytes("abc").has_value());
  EXPECT_EQ(store.read(*blob), "abc");
}

TEST(Blobs, SymbolicLinksAndOtherThingsThanFilesAreRefused) {
  const Sample sample;
  sample.write("secret", "secret");
  fs::create_directories(sample.path("m/folder"));
  fs::create_symlink(sample.path("secret"), sample.path("m/link"));
  fs::create_directory_symlink(sample.path(""), sample.path("m/up"));
  ASSERT_EQ(::mkfifo(sample.path("m/pipe").c_str(), 0600), 0);
  BlobStore store(sample.path("blobs"));
  EXPECT_THAT(store.put(sample.path("m"), "link", 100).error().message, HasSubstr("symbolic link"));
  EXPECT_THAT(store.put(sample.path("m"), "up/secret", 100).error().message, HasSubstr("symbolic link"));
  EXPECT_THAT(store.put(sample.path("m"), "pipe", 100).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(store.put(sample.path("m"), "folder", 100).error().message, HasSubstr("not a regular file"));
  EXPECT_THAT(store.put(sample.path("m"), "../secret", 100).error().message, HasSubstr("inside the model's folder"));
  EXPECT_THAT(store.put(sample.path("m"), "absent", 100).error().message, HasSubstr("missing file"));
  EXPECT_TRUE(store.list()->empty());
}

TEST(Blobs, LargerFilesThanTheLimitAreRefused) {
  const Sample sample;
  sample.write("m/abc", "abc");
  BlobStore store(sample.path("blobs"));
  EXPECT_TRUE(store.put(sample.path("m"), "abc", 3).has_value());
  EXPECT_THAT(store.put(sample.path("m"), "abc", 2).error().message, HasSubstr("more than the 2 bytes"));
}

}  // namespace
}  // namespace cupel::registry
