#include "registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "registry/compare.h"
#include "registry/listing.h"
#include "registry/sample_version_internal.h"
#include "registry/show.h"

namespace cupel::registry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Registry writable(const Sample& sample) {
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  CHECK(registry.has_value(), "{}", registry.error().text());
  return std::move(*registry);
}

Version add(Registry& registry, const fs::path& source, const std::string& alias = {}) {
  AddRequest request;
  request.source = source;
  if (!alias.empty()) request.alias = alias;
  auto added = registry.add(request);
  CHECK(added.has_value(), "{}", added.error().text());
  return added->version;
}

TEST(Registry, AVersionKeepsFilesMetadataAndMetrics) {
  const Sample sample;
  Registry registry = writable(sample);
  EXPECT_EQ(add(registry, sample.model("a", "first")).id(), "reviews/1");
  EXPECT_EQ(add(registry, sample.model("b", "second"), "champion").id(), "reviews/2");
  const auto version = registry.find("reviews@champion");
  ASSERT_TRUE(version.has_value()) << version.error().text();
  EXPECT_EQ(version->id(), "reviews/2");
  EXPECT_THAT(version->aliases, ElementsAre("champion"));
  ASSERT_EQ(version->files.size(), 1u);
  EXPECT_EQ(version->files[0].blob.digest, sha256_hex("second"));
  ASSERT_EQ(version->metrics.size(), 2u);
  EXPECT_EQ(version->metrics[0].low, 0.944);
  EXPECT_EQ(version->metadata, *read_file(sample.path("b/model.json")));
  EXPECT_EQ(registry.read(*version, "model"), "second");
  EXPECT_EQ(registry.list()->size(), 2u);
}

TEST(Registry, FindsByNumberNewestAliasAndDigestPrefix) {
  const Sample sample;
  Registry registry = writable(sample);
  const Version first = add(registry, sample.model("a", "first"), "old");
  const Version second = add(registry, sample.model("b", "second"));
  EXPECT_EQ(registry.find("reviews")->id(), "reviews/2");
  EXPECT_EQ(registry.find("reviews/1")->id(), "reviews/1");
  EXPECT_EQ(registry.find("reviews@old")->id(), "reviews/1");
  EXPECT_EQ(registry.find("sha256:" + first.digest.substr(0, 12))->id(), "reviews/1");
  EXPECT_EQ(registry.find("sha256:" + sha256_hex("second").substr(0, 8))->id(), "reviews/2");
  EXPECT_EQ(registry.find("sha256:" + second.digest)->id(), "reviews/2");
}

TEST(Registry, AnUnknownIdNamesTheNearestKnownOne) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first"), "champion");
  EXPECT_THAT(registry.find("reviws").error().message, HasSubstr("(nearest: 'reviews')"));
  EXPECT_THAT(registry.find("reviews@champoin").error().message, HasSubstr("(nearest: 'champion')"));
  EXPECT_EQ(registry.find("reviews/7").error().message, "unknown version reviews/7 (the newest is reviews/1)");
  EXPECT_THAT(registry.find("sha256:00000000").error().message, HasSubstr("no version has the digest"));
  EXPECT_EQ(registry.find("reviews/7").error().kind, ErrorKind::not_found);
}

TEST(Registry, AddingTheSameAgainAnswersWithTheVersionThatIsThere) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "same", R"(, "created": "2026-01-01", "run": "r-1")"));
  AddRequest request;
  request.source = sample.model("b", "same", R"(, "created": "2026-02-02", "run": "r-2")");
  const auto again = registry.add(request);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->version.id(), "reviews/1");
  request.duplicate = Duplicate::make_new;
  EXPECT_EQ(registry.add(request)->version.id(), "reviews/2");
  request.duplicate = Duplicate::reuse;
  request.source = sample.model("c", "same", R"(, "parameters": {"regularization": 2})");
  const auto other = registry.add(request);
  EXPECT_FALSE(other->existed);
  EXPECT_EQ(other->version.id(), "reviews/3");
  EXPECT_EQ(other->same_files_as, "reviews/2");
  EXPECT_EQ(other->version.digest, again->version.digest);
  request.name = "elsewhere";
  EXPECT_EQ(registry.add(request)->version.id(), "elsewhere/1");
}

TEST(Registry, LoadCopiesAVerifiedVersionThatCanBeAddedAgain) {
  const Sample sample;
  Registry registry = writable(sample);
  const Version version = add(registry, sample.model("a", "first"));
  ASSERT_TRUE(registry.load(*registry.find("reviews/1"), sample.path("out/copy")).has_value());
  EXPECT_EQ(read_file(sample.path("out/copy/model.onnx")), "first");
  EXPECT_EQ(*read_file(sample.path("out/copy/model.json")), *read_file(sample.path("a/model.json")));
  AddRequest request;
  request.source = sample.path("out/copy");
  EXPECT_TRUE(registry.add(request)->existed);
  const auto occupied = registry.load(*registry.find("reviews/1"), sample.path("out/copy"));
  ASSERT_FALSE(occupied.has_value());
  EXPECT_THAT(occupied.error().message, HasSubstr("is not empty"));
  fs::create_directories(sample.path("empty"));
  EXPECT_TRUE(registry.load(*registry.find("reviews/1"), sample.path("empty/")).has_value());
}

TEST(Registry, AnAlteredFileIsFoundByLoadAndVerifyAndNothingIsCopied) {
  const Sample sample;
  Registry registry = writable(sample);
  const Version version = add(registry, sample.model("a", "first"));
  add(registry, sample.model("b", "second"));
  const fs::path blob = registry.blob_path(version.files[0].blob.digest);
  fs::remove(blob);
  ASSERT_TRUE(write_file(blob, "fir5t").has_value());
  const auto loaded = registry.load(*registry.find("reviews/1"), sample.path("out"));
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().kind, ErrorKind::corrupt);
  EXPECT_FALSE(fs::exists(sample.path("out")));
  const auto problems = registry.verify_all();
  ASSERT_TRUE(problems.has_value());
  ASSERT_EQ(problems->size(), 1u);
  EXPECT_EQ(problems->at(0).id, "reviews/1");
  fs::remove(blob);
  EXPECT_THAT(registry.read(*registry.find("reviews/1"), "model").error().message, HasSubstr("missing blob"));
}

TEST(Registry, AModelFolderWhoseFileWasTruncatedIsNotAdded) {
  const Sample sample;
  Registry registry = writable(sample);
  AddRequest request;
  request.source = sample.model("a", "whole", fmt::format(R"(, "digests": {{"model": "sha256:{}"}})", sha256_hex("whole")));
  EXPECT_TRUE(registry.add(request).has_value());
  sample.write("a/model.onnx", "whol");
  const auto truncated = registry.add(request);
  ASSERT_FALSE(truncated.has_value());
  EXPECT_THAT(truncated.error().message, HasSubstr("altered or truncated"));
  EXPECT_EQ(registry.list()->size(), 1u);
}

TEST(Registry, AnInjectedVersionIsNeverTakenForARealOne) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first"));
  const Version injected = add(registry, sample.model("b", "second", R"(, "injected": "train=kill@50%")"));
  EXPECT_EQ(registry.find("reviews")->id(), "reviews/1");
  const auto alias = registry.set_alias("reviews@champion", injected.id(), {});
  ASSERT_FALSE(alias.has_value());
  EXPECT_THAT(alias.error().message, HasSubstr("induced fault 'train=kill@50%'"));
  EXPECT_TRUE(registry.set_alias("reviews@champion", injected.id(), {}, Injected::allow).has_value());
  // The same files and metadata from an undisturbed run make another version.
  AddRequest request;
  request.source = sample.model("c", "first");
  request.injected = "train=exit:3";
  const auto marked = registry.add(request);
  EXPECT_FALSE(marked->existed);
  EXPECT_EQ(marked->version.injected, "train=exit:3");
  EXPECT_THAT(version_table(*registry.list(), registry), HasSubstr("induced fault: train=exit:3"));
}

std::string lines_text(Registry& registry, std::string_view name, Removed removed) {
  const auto lines = registry.list_lines(name, removed);
  CHECK(lines.has_value(), "{}", lines.error().text());
  std::string text;
  lines->write([&text](std::string_view piece) { text += piece; });
  return text;
}

TEST(Registry, TheQuickTableIsTheTableOfTheVersions) {
  const Sample sample;
  Registry registry = writable(sample);
  const auto add_as = [&](const fs::path& source, const std::string& name, const std::string& alias, const char* injected) {
    AddRequest request;
    request.source = source;
    request.name = name;
    if (!alias.empty()) request.alias = alias;
    if (injected != nullptr) request.injected = injected;
    ASSERT_TRUE(registry.add(request).has_value());
  };
  // Rows of two models stand mixed in the tables, the later name first in the listing; one line is wider than its heading in each column.
  add_as(sample.model("a", "first"), "reviews", "champion", nullptr);
  add_as(sample.model("b", "second"), "apples", "", nullptr);
  add_as(sample.model("c", std::string(123'456, 'x')), "reviews", "a-long-alias", nullptr);
  add_as(sample.model("d", "fourth"), "apples", "", "train=exit:3");
  add_as(sample.model("e", "fifth"), "reviews", "", nullptr);
  ASSERT_TRUE(registry.set_alias("reviews@second-alias", "reviews/1", {}).has_value());
  ASSERT_TRUE(registry.remove("reviews/3", {}).has_value());
  for (const Removed removed : {Removed::hide, Removed::show}) {
    for (const char* name : {"", "reviews", "apples"}) {
      const std::string text = lines_text(registry, name, removed);
      EXPECT_EQ(text, version_table(*registry.list(name, removed), registry)) << name;
      EXPECT_EQ(std::ranges::count(text, '\n'), 1 + (*name == '\0' ? 4 : 2) + (removed == Removed::show && *name != 'a' ? 1 : 0)) << text;
    }
  }
  EXPECT_THAT(lines_text(registry, "", Removed::show), testing::ContainsRegex("apples/1.*\n.*apples/2.*\n.*reviews/1 +@champion @second-alias.*\n.*reviews/2.*123 kB.*\n.*reviews/3.*removed"));
  EXPECT_THAT(registry.list_lines("appels").error().text(), HasSubstr("unknown model 'appels'"));
}

TEST(Registry, AliasesMoveAndStayWithinTheirModel) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first"), "champion");
  add(registry, sample.model("b", "second"));
  ASSERT_TRUE(registry.set_alias("reviews@champion", "reviews/2", "it won the A/B test").has_value());
  EXPECT_EQ(registry.find("reviews@champion")->id(), "reviews/2");
  AddRequest request;
  request.source = sample.model("c", "third");
  request.name = "hotel";
  ASSERT_TRUE(registry.add(request).has_value());
  EXPECT_THAT(registry.set_alias("reviews@champion", "hotel/1", {}).error().message, HasSubstr("hotel/1 is no version of model 'reviews'"));
  const auto events = registry.history(*registry.find("reviews/2"));
  EXPECT_EQ(events->back().because, "it won the A/B test");
  ASSERT_TRUE(registry.remove_alias("reviews@champion", {}).has_value());
  EXPECT_FALSE(registry.find("reviews@champion").has_value());
}

TEST(Registry, RemovalIsSoftUntilGarbageIsCollected) {
  const Sample sample;
  Registry registry = writable(sample);
  const Version first = add(registry, sample.model("a", "first"));
  add(registry, sample.model("b", "second"), "champion");
  EXPECT_THAT(registry.remove("reviews/2", {}).error().message, HasSubstr("reviews/2 is reviews@champion"));
  ASSERT_TRUE(registry.remove("reviews/1", "superseded").has_value());
  EXPECT_EQ(registry.list()->size(), 1u);
  EXPECT_THAT(registry.find("reviews/1").error().message, HasSubstr("reviews/1 was removed on"));
  ASSERT_TRUE(registry.restore("reviews/1", {}).has_value());
  EXPECT_EQ(registry.read(*registry.find("reviews/1"), "model"), "first");
  ASSERT_TRUE(registry.remove("reviews/1", {}).has_value());
  EXPECT_EQ(registry.gc(Registry::Gc::dry_run)->blobs, 1u);
  EXPECT_TRUE(fs::exists(registry.blob_path(first.files[0].blob.digest)));
  const auto swept = registry.gc(Registry::Gc::sweep);
  EXPECT_EQ(swept->versions, 1u);
  EXPECT_EQ(swept->bytes, 5u);
  EXPECT_FALSE(fs::exists(registry.blob_path(first.files[0].blob.digest)));
  EXPECT_EQ(registry.read(*registry.find("reviews/2"), "model"), "second");
  EXPECT_THAT(registry.restore("reviews/1", {}).error().message, HasSubstr("its files were deleted"));
  EXPECT_TRUE(registry.verify_all()->empty());
  // A number is never given again.
  ASSERT_TRUE(registry.remove_alias("reviews@champion", {}).has_value());
  ASSERT_TRUE(registry.remove("reviews/2", {}).has_value());
  EXPECT_EQ(add(registry, sample.model("c", "third")).id(), "reviews/3");
}

TEST(Registry, AFileWithoutMetadataBecomesAVersionToo) {
  const Sample sample;
  Registry registry = writable(sample);
  AddRequest request;
  request.source = sample.write("other.onnx", "bytes");
  EXPECT_THAT(registry.add(request).error().text(), HasSubstr("states no model name (give one with --name)"));
  request.name = "other";
  EXPECT_EQ(registry.add(request)->version.id(), "other/1");
  ASSERT_TRUE(registry.load(*registry.find("other"), sample.path("out")).has_value());
  EXPECT_EQ(read_file(sample.path("out/other.onnx")), "bytes");
}

TEST(Registry, VerdictsAreKeptWithTheirResultFile) {
  const Sample sample;
  Registry registry = writable(sample);
  AddRequest request;
  request.source = sample.model("a", "first");
  request.verdicts = {
      sample.write("v.json", R"({"suite": "model", "verdict": "pass", "counts": {"pass": 9, "fail": 0, "inconclusive": 1, "error": 0}})")};
  const auto added = registry.add(request);
  ASSERT_TRUE(added.has_value()) << added.error().text();
  ASSERT_EQ(added->version.verdicts.size(), 1u);
  EXPECT_EQ(added->version.verdicts[0].passed, 9);
  EXPECT_TRUE(fs::exists(registry.blob_path(*added->version.verdicts[0].digest)));
  // A command that was killed after its commit and runs again attaches nothing twice.
  const auto again = registry.add(request);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->existed);
  EXPECT_EQ(again->version.verdicts.size(), 1u);
  registry.gc(Registry::Gc::sweep).value();
  EXPECT_TRUE(registry.verify_all()->empty());
  request.verdicts = {sample.write("w.json", R"({"cupel": 1})")};
  EXPECT_FALSE(registry.add(request).has_value());
}

TEST(Registry, ShowsSchemaDependenciesAndIntervals) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first"), "champion");
  const Version version = *registry.find("reviews/1");
  const std::string text = show_text(version, *registry.history(version), registry);
  for (const char* fact : {"reviews/1  @champion", "classifier, linear", "Age              number    nulls allowed  18 to 99",
                           "Bottoms, Tops; others allowed", "rows × 2; 0, 1", "Rating  it restates the target", "0.944 to 0.956 (95 %)",
                           "4,686 rows", "liblinear  2.3.0  training", "data segment  Age >= 18"}) {
    EXPECT_THAT(text, HasSubstr(fact));
  }
  const Json json = show_json(version, {}, registry);
  EXPECT_EQ(json["files"][0]["location"], registry.blob_path(sha256_hex("first")).string());
  EXPECT_EQ(json["model"]["inputs"][0]["name"], "Age");
  EXPECT_EQ(json["metrics"]["held_out"]["auc"]["high"], 0.956);
  EXPECT_FALSE(json.contains("removed"));
}

TEST(Registry, ControlCharactersOfMetadataNeverReachTheTerminal) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first", R"(, "parameters": {"\u001b[2Jx": "\u001b]0;owned\u0007"})"));
  const Version version = *registry.find("reviews/1");
  EXPECT_THAT(show_text(version, {}, registry), Not(HasSubstr("\x1b")));
}

TEST(Registry, DiffMatchesColumnsByNameAndLeavesOutWhatIsEqual) {
  const Sample sample;
  Registry registry = writable(sample);
  add(registry, sample.model("a", "first", R"(, "created": "2026-01-01", "parameters": {"regularization": 1})"));
  add(registry,
      sample.model("b", "second", R"(, "created": "2026-02-02", "parameters": {"regularization": 2}, "opsets": {"ai.onnx": 17})"));
  const auto differences = compare(*registry.find("reviews/1"), *registry.find("reviews/2"));
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_EQ(differences[0].what, "file model");
  EXPECT_EQ(differences[1].what, "parameters regularization");
  EXPECT_EQ(differences[1].before, "1");
  EXPECT_EQ(differences[1].after, "2");
  EXPECT_EQ(differences[2].what, "opsets ai.onnx");
  EXPECT_EQ(differences[2].before, "");
}

}  // namespace
}  // namespace cupel::registry
