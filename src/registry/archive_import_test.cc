#include "registry/archive_import.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

using testing::HasSubstr;

Registry open(const fs::path& home) {
  auto registry = Registry::open(home, Registry::Access::write);
  CHECK(registry.has_value(), "{}", registry.error().text());
  return std::move(*registry);
}

class Archive : public testing::Test {
 protected:
  Archive() {
    sample_.write("result.json", R"({"kind": "data", "suite": "reviews", "verdict": "pass", "counts": {"pass": 3}})");
    Registry registry = open(sample_.home());
    AddRequest request;
    request.source = sample_.model("model", "the model's bytes");
    request.verdicts = {sample_.path("result.json")};
    request.because = "a reason";
    CHECK(registry.add(request).has_value());
  }
  std::vector<PackageFile> files() {
    Registry registry = open(sample_.home());
    auto packed = package_files(registry, *registry.find("reviews/1"));
    CHECK(packed.has_value(), "{}", packed.error().text());
    return *packed;
  }
  fs::path tar(const std::string& name = "a.tar.gz") {
    const auto written = write_tar(sample_.path(name), files());
    CHECK(written.has_value(), "{}", written.error().text());
    return sample_.path(name);
  }
  Result<Added> import(const fs::path& source, TakeLimits limits = {}) {
    Registry registry = open(sample_.path("other"));
    ImportRequest request;
    request.source = source;
    request.limits = limits;
    return import_version(registry, request);
  }
  std::string refusal(const fs::path& source, TakeLimits limits = {}) {
    const auto added = import(source, limits);
    EXPECT_FALSE(added.has_value());
    EXPECT_TRUE(open(sample_.path("other")).list()->empty()) << "nothing is taken in of what is refused";
    for (const auto& entry : fs::directory_iterator(sample_.path("other"))) EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
    return added ? "" : added.error().text();
  }
  Sample sample_;
};

TEST_F(Archive, AVersionComesBackWithFilesResultsAndWhereItCameFrom) {
  for (const fs::path& source : {tar("a.tar"), tar("a.tar.gz"), sample_.path("folder")}) {
    if (source.filename() == "folder") {
      ASSERT_TRUE(write_package(files(), source).has_value());
    }
    fs::remove_all(sample_.path("other"));
    const auto added = import(source);
    ASSERT_TRUE(added.has_value()) << added.error().text();
    EXPECT_EQ(added->version.id(), "reviews/1");
    EXPECT_EQ(added->version.digest, open(sample_.home()).find("reviews/1")->digest);
    Registry other = open(sample_.path("other"));
    const Version version = *other.find("reviews/1");
    EXPECT_EQ(other.read(version, "model"), "the model's bytes");
    ASSERT_EQ(version.verdicts.size(), 1u);
    EXPECT_EQ(version.verdicts[0].suite, "reviews");
    const auto history = other.history(version);
    EXPECT_EQ(history->front().what, "imported");
    EXPECT_EQ(history->front().detail, "reviews/1 from " + source.filename().string());
    EXPECT_TRUE(other.verify_all()->empty());
    EXPECT_TRUE(import(source)->existed) << "the same again is no new version";
  }
}

TEST_F(Archive, TheSameVersionGivesTheSameBytes) { EXPECT_EQ(*read_file(tar("a.tar.gz")), *read_file(tar("b.tar.gz"))); }

TEST_F(Archive, AFileThatWasAlteredOrIsMissingIsRefused) {
  ASSERT_TRUE(write_package(files(), sample_.path("folder")).has_value());
  sample_.write("folder/model.onnx", "other bytes");
  EXPECT_THAT(refusal(sample_.path("folder")), HasSubstr("file 'model.onnx' has digest"));
  fs::remove(sample_.path("folder/model.onnx"));
  EXPECT_THAT(refusal(sample_.path("folder")), HasSubstr("has no file 'model.onnx', which its version.json names"));
  const std::string bytes = *read_file(tar("cut.tar.gz"));
  sample_.write("cut.tar.gz", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(refusal(sample_.path("cut.tar.gz")), HasSubstr("is no tar archive, or one that is damaged"));
  sample_.write("text.tar", "no archive at all");
  EXPECT_THAT(refusal(sample_.path("text.tar")), HasSubstr("is no tar archive"));
}

TEST_F(Archive, TheMarkOfAnInducedFaultCannotBeLeftBehind) {
  Registry registry = open(sample_.home());
  AddRequest request;
  request.source = sample_.path("model");
  request.injected = "train=rows:9";
  ASSERT_TRUE(registry.add(request).has_value());
  auto packed = package_files(registry, *registry.find("reviews/2"));
  ASSERT_TRUE(write_tar(sample_.path("x.tar"), *packed).has_value());
  EXPECT_EQ(import(sample_.path("x.tar"))->version.injected, "train=rows:9");
}

TEST_F(Archive, AModelWithoutItsDescriptionIsRefusedWithWhatIsMissing) {
  sample_.write("foreign/model.onnx", "bytes");
  EXPECT_THAT(refusal(sample_.path("foreign")), HasSubstr("has no model.json: without 'format' and 'files'"));
  EXPECT_THAT(refusal(sample_.path("foreign/model.onnx")), HasSubstr("is no folder or tar archive"));
}

/// An archive with one entry that its maker chose.
fs::path hostile(const Sample& sample, const std::function<void(archive_entry*)>& shape, std::string_view bytes = "x", int copies = 1) {
  const fs::path file = sample.path("hostile.tar");
  archive* handle = archive_write_new();
  archive_write_set_format_pax(handle);
  archive_write_open_filename(handle, file.c_str());
  for (int i = 0; i < copies; ++i) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, "a");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    shape(entry);
    archive_write_header(handle, entry);
    archive_write_data(handle, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(handle);
  archive_write_free(handle);
  return file;
}

TEST_F(Archive, PathsThatLeaveTheFolderLinksAndDevicesAreRefused) {
  const auto named = [&](const char* name) { return hostile(sample_, [name](archive_entry* entry) { archive_entry_set_pathname(entry, name); }); };
  for (const char* name : {"../escaped", "a/../../escaped", "/tmp/cupel-escaped", "a/./b", "a\\b", "a\nb"}) {
    EXPECT_THAT(refusal(named(name)), HasSubstr("is refused")) << name;
  }
  EXPECT_FALSE(fs::exists("/tmp/cupel-escaped"));
  EXPECT_FALSE(fs::exists(sample_.path("escaped")));
  EXPECT_THAT(refusal(hostile(sample_, [](archive_entry* entry) {
                archive_entry_set_filetype(entry, AE_IFLNK);
                archive_entry_set_symlink(entry, "/etc/passwd");
                archive_entry_set_size(entry, 0);
              }, "")), HasSubstr("is a link or a device"));
  EXPECT_THAT(refusal(hostile(sample_, [](archive_entry* entry) {
                archive_entry_set_hardlink(entry, "/etc/passwd");
                archive_entry_set_size(entry, 0);
              }, "")), HasSubstr("is a link or a device"));
  EXPECT_THAT(refusal(hostile(sample_, [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFIFO); }, "")), HasSubstr("is a link or a device"));
}

TEST_F(Archive, TooMuchAndTooManyAreRefusedBeforeTheDiskIsFull) {
  TakeLimits limits;
  limits.entries = 5;
  int number = 0;
  const auto counted = [&](archive_entry* entry) { archive_entry_set_pathname(entry, fmt::format("f{}", ++number).c_str()); };
  EXPECT_THAT(refusal(hostile(sample_, counted, "x", 6), limits), HasSubstr("more than the 5 entries"));
  limits.all_bytes = 1000;
  EXPECT_THAT(refusal(hostile(sample_, [](archive_entry*) {}, std::string(2000, 'x')), limits), HasSubstr("more than the 1,000 bytes"));
  EXPECT_THAT(refusal(hostile(sample_, [](archive_entry*) {}, "x", 2)), HasSubstr("holds 'a' twice"));
}

TEST_F(Archive, AFolderWithLinksIsRefused) {
  ASSERT_TRUE(write_package(files(), sample_.path("folder")).has_value());
  fs::create_symlink("/etc/passwd", sample_.path("folder/more"));
  EXPECT_THAT(refusal(sample_.path("folder")), HasSubstr("is a link or a device"));
}

TEST_F(Archive, AnImportThatIsKilledAtAnyStepIsWholeOrAbsentAndIsSweptUp) {
  const fs::path source = tar();
  for (int killing = 1;; ++killing) {
    fs::remove_all(sample_.path("other"));
    const pid_t child = ::fork();
    if (child == 0) {
      int step = 0;
      auto registry = Registry::open(sample_.path("other"), Registry::Access::write, [&](std::string_view) -> Result<void> {
        if (++step == killing) ::raise(SIGKILL);
        return {};
      });
      ImportRequest request;
      request.source = source;
      ::_exit(registry && import_version(*registry, request) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    const auto again = import(source);
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->version.number, 1);
    EXPECT_TRUE(open(sample_.path("other")).verify_all()->empty());
    for (const auto& entry : fs::directory_iterator(sample_.path("other"))) EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
    if (WIFEXITED(status)) {
      EXPECT_GE(killing, 10);
      break;
    }
  }
}

}  // namespace
}  // namespace cupel::registry
