#include "registry/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "registry/registry.h"
#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

using testing::HasSubstr;

Error open_error(const Sample& sample, Registry::Access access = Registry::Access::read) {
  const auto registry = Registry::open(sample.home(), access);
  CHECK(!registry.has_value(), "it was opened");
  return registry.error();
}

TEST(Format, ANewerRegistryIsRefusedWithWords) {
  const Sample sample;
  ASSERT_TRUE(Registry::open(sample.home(), Registry::Access::write).has_value());
  {
    auto database = Database::open(sample.home() / "registry.db", Database::Mode::read_write);
    ASSERT_TRUE(database->execute("PRAGMA user_version=99").has_value());
  }
  for (const auto access : {Registry::Access::read, Registry::Access::write}) {
    const Error error = open_error(sample, access);
    EXPECT_THAT(error.message, HasSubstr(fmt::format("has registry format 99, this cupel reads up to {}", newest_format())));
    EXPECT_EQ(error.hint, "use a newer cupel");
  }
}

TEST(Format, ARegistryThatIsNotOneIsRefusedWithWords) {
  const Sample sample;
  EXPECT_THAT(open_error(sample).message, HasSubstr("no model registry in"));
  EXPECT_EQ(open_error(sample).kind, ErrorKind::not_found);
  sample.write("home/registry.db", "this is a text file and not a database at all, however long it may be");
  EXPECT_THAT(open_error(sample).message, HasSubstr("is not a registry: its bytes are no SQLite database"));
  EXPECT_THAT(open_error(sample, Registry::Access::write).message, HasSubstr("is not a registry"));
  EXPECT_EQ(read_file(sample.home() / "registry.db")->substr(0, 14), "this is a text");
  sample.write("home/registry.db", "");
  EXPECT_THAT(open_error(sample).message, HasSubstr("is not a registry: it is empty"));
  fs::remove(sample.home() / "registry.db");
  {
    auto database = Database::open(sample.home() / "registry.db", Database::Mode::create);
    ASSERT_TRUE(database->execute("CREATE TABLE version (id INTEGER)").has_value());
  }
  EXPECT_THAT(open_error(sample, Registry::Access::write).message, HasSubstr("a database of another program"));
  EXPECT_EQ(open_error(sample).kind, ErrorKind::corrupt);
  fs::remove_all(sample.home());
  sample.write("home", "a file");
  EXPECT_THAT(open_error(sample, Registry::Access::write).message, HasSubstr("it is a file, expected a folder"));
}

/// Registries as each format's cupel wrote them, kept as bytes: a released format is read for ever.
TEST(Format, ARegistryOfEveryOlderFormatIsReadAndMigrated) {
  for (int format = 1; format <= newest_format(); ++format) {
    const Sample sample;
    const fs::path golden = fs::path(CUPEL_SOURCE_DIR) / fmt::format("tests/golden/registry/format_{}", format);
    ASSERT_TRUE(fs::exists(golden / "registry.db")) << "a new format needs a registry of it in " << golden.parent_path();
    fs::copy(golden, sample.home(), fs::copy_options::recursive);
    // First by a reader, as it is; then by a writer, who brings it to the newest format.
    for (const auto access : {Registry::Access::read, Registry::Access::write}) {
      auto registry = Registry::open(sample.home(), access);
      ASSERT_TRUE(registry.has_value()) << registry.error().text();
      const auto versions = registry->list({}, Removed::show);
      ASSERT_TRUE(versions.has_value());
      std::vector<std::string> ids;
      for (const Version& version : *versions) ids.push_back(version.id() + (version.removed ? " removed" : "") + (version.injected ? " injected" : ""));
      EXPECT_EQ(ids, (std::vector<std::string>{"other/1", "reviews/1", "reviews/2 removed", "reviews/3 injected"}));
      const auto champion = registry->find("reviews@champion");
      ASSERT_TRUE(champion.has_value()) << champion.error().text();
      EXPECT_EQ(champion->id(), "reviews/1");
      EXPECT_EQ(champion->because, "the first");
      EXPECT_EQ(registry->read(*champion, "model"), "the bytes of a");
      ASSERT_EQ(champion->metrics.size(), 2u);
      EXPECT_EQ(champion->metrics[0].high, 0.956);
      ASSERT_EQ(champion->verdicts.size(), 1u);
      EXPECT_EQ(champion->verdicts[0].suite, "golden");
      EXPECT_EQ(registry->history(*champion)->size(), 2u);
      const auto problems = registry->verify_all();
      ASSERT_TRUE(problems.has_value());
      EXPECT_TRUE(problems->empty()) << problems->front().text;
      ASSERT_TRUE(registry->load(*champion, sample.path(access == Registry::Access::read ? "read" : "written")).has_value());
    }
    auto database = Database::open(sample.home() / "registry.db", Database::Mode::read_only);
    EXPECT_EQ(database->number("PRAGMA user_version"), newest_format());
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    AddRequest request;
    request.source = sample.model("new", "newer");
    const auto added = registry->add(request);
    ASSERT_TRUE(added.has_value()) << added.error().text();
    EXPECT_EQ(added->version.id(), "reviews/4");
  }
}

TEST(Format, ADamagedDatabaseIsSaidToBeDamaged) {
  const Sample sample;
  {
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    AddRequest request;
    for (int i = 0; i < 50; ++i) {
      request.source = sample.model("m", fmt::format("bytes {}", i));
      ASSERT_TRUE(registry->add(request).has_value());
    }
  }
  const fs::path file = sample.home() / "registry.db";
  std::string bytes = *read_file(file);
  for (std::size_t i = 4096; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
  ASSERT_TRUE(write_file(file, bytes).has_value());
  auto registry = Registry::open(sample.home(), Registry::Access::read);
  if (registry) {
    const auto problems = registry->verify_all();
    EXPECT_TRUE(!problems.has_value() || !problems->empty());
    const auto list = registry->list();
    EXPECT_TRUE(list.has_value() || list.error().kind == ErrorKind::corrupt) << list.error().text();
  } else {
    EXPECT_EQ(registry.error().kind, ErrorKind::corrupt) << registry.error().text();
  }
}

TEST(Format, AVersionCannotBeChangedEvenByHand) {
  const Sample sample;
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  AddRequest request;
  request.source = sample.model("m", "bytes");
  ASSERT_TRUE(registry->add(request).has_value());
  auto database = Database::open(sample.home() / "registry.db", Database::Mode::read_write);
  EXPECT_THAT(database->execute("UPDATE version SET digest = lower(digest)").error().message, HasSubstr("a version is immutable"));
  EXPECT_FALSE(database->execute("DELETE FROM version").has_value());
  EXPECT_FALSE(database->execute("UPDATE file SET path = 'x'").has_value());
  EXPECT_FALSE(database->execute("UPDATE metric SET value = 1").has_value());
}

TEST(Format, RowsThatSomebodyAlteredAreNotTrusted) {
  const Sample sample;
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  AddRequest request;
  request.source = sample.model("m", "bytes");
  ASSERT_TRUE(registry->add(request).has_value());
  auto database = Database::open(sample.home() / "registry.db", Database::Mode::read_write);
  ASSERT_TRUE(database->execute("DROP TRIGGER file_is_immutable; UPDATE file SET path = '../../escaped'").has_value());
  const auto version = registry->find("reviews/1");
  ASSERT_TRUE(version.has_value());
  const auto loaded = registry->load(*version, sample.path("out"));
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error().message, HasSubstr("inside the model's folder"));
  ASSERT_TRUE(database->execute("UPDATE file SET path = 'other.onnx'").has_value());
  EXPECT_THAT(registry->read(*registry->find("reviews/1"), "model").error().message, HasSubstr("do not add up to its digest"));
}

/// Runs `body` as a user for whom the registry's folder is read-only; tells what it answered.
template <typename Body>
int as_reader(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Format, ARegistryOnAReadOnlyDiskCanBeRead) {
  const Sample sample;
  {
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    AddRequest request;
    request.source = sample.model("m", "bytes");
    ASSERT_TRUE(registry->add(request).has_value());
  }
  fs::permissions(sample.path("."), fs::perms(0755));
  fs::permissions(sample.home(), fs::perms(0555));
  fs::permissions(sample.home() / "registry.db", fs::perms(0444));
  const int status = as_reader([&] {
    auto registry = Registry::open(sample.home(), Registry::Access::read);
    if (!registry) return 1;
    const auto version = registry->find("reviews/1");
    if (!version || registry->read(*version, "model") != "bytes") return 2;
    if (!registry->verify_all() || !registry->verify_all()->empty()) return 3;
    auto writer = Registry::open(sample.home(), Registry::Access::write);
    if (!writer) return writer.error().kind == ErrorKind::io ? 0 : 4;
    AddRequest request;
    request.source = sample.path("m");
    const auto added = writer->add(request);
    return !added && added.error().kind == ErrorKind::io ? 0 : 5;
  });
  fs::permissions(sample.home(), fs::perms(0755));
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace cupel::registry
