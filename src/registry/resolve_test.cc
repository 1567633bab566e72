#include "registry/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "registry/registry.h"
#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

using testing::HasSubstr;

TEST(Resolve, AModelIsAFileAFolderOrAnId) {
  const Sample sample;
  const fs::path folder = sample.model("a", "bytes", fmt::format(R"(, "digests": {{"model": "sha256:{}"}})", sha256_hex("bytes")));
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  AddRequest request;
  request.source = folder;
  request.alias = "champion";
  ASSERT_TRUE(registry->add(request).has_value());
  const ResolveOptions options{sample.home(), 1 << 20};
  for (const std::string& word :
       {folder.string(), (folder / "model.onnx").string(), (folder / "model.json").string(), std::string("reviews/1"),
        std::string("reviews@champion"), "sha256:" + sha256_hex("bytes").substr(0, 8)}) {
    const auto model = resolve_model(word, options);
    ASSERT_TRUE(model.has_value()) << word << ": " << model.error().text();
    EXPECT_EQ(model->bytes, "bytes") << word;
    EXPECT_EQ(model->digest, "sha256:" + sha256_hex("bytes"));
    ASSERT_TRUE(model->metadata.has_value()) << word;
  }
  EXPECT_EQ(resolve_model("reviews@champion", options)->id, "reviews/1");
  const fs::path alone = sample.write("alone.onnx", "x");
  EXPECT_FALSE(resolve_model(alone.string(), options)->metadata.has_value());
}

TEST(Resolve, BytesThatDifferFromTheStatedDigestAreRefused) {
  const Sample sample;
  const fs::path folder = sample.model("a", "bytes", fmt::format(R"(, "digests": {{"model": "sha256:{}"}})", sha256_hex("bytes")));
  sample.write("a/model.onnx", "byte5");
  for (const fs::path& path : {folder, folder / "model.onnx"}) {
    const auto model = resolve_model(path.string(), {sample.home(), 1 << 20});
    ASSERT_FALSE(model.has_value());
    EXPECT_EQ(model.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(model.error().message, HasSubstr("altered or truncated"));
  }
}

TEST(Resolve, SaysWhatItLookedFor) {
  const Sample sample;
  const ResolveOptions options{sample.home(), 10};
  EXPECT_THAT(resolve_model("reviews/1", options).error().message,
              HasSubstr("no model 'reviews/1': it is no file or folder, and no model registry in"));
  EXPECT_THAT(resolve_model("no such file.onnx", options).error().message, HasSubstr("nor an id of the registry"));
  fs::create_directories(sample.path("empty"));
  EXPECT_THAT(resolve_model(sample.path("empty").string(), options).error().message, HasSubstr("has no model.json"));
  EXPECT_THAT(resolve_model(sample.write("large.onnx", "more than ten bytes").string(), options).error().message,
              HasSubstr("more than the 10"));
}

}  // namespace
}  // namespace cupel::registry
