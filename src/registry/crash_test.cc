// A version is there whole or not at all: after a kill at any instant, a failing disk at any step, and with many processes at once.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"
#include "registry/database.h"
#include "registry/registry.h"
#include "registry/sample_version_internal.h"

namespace cupel::registry {
namespace {

constexpr int k_killed = 137;

pid_t start(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Result<Added> add(const Sample& sample, const std::string& folder, StepHook hook = {}) {
  ASSIGN_OR_RETURN(Registry registry, Registry::open(sample.home(), Registry::Access::write, std::move(hook)));
  AddRequest request;
  request.source = sample.path(folder);
  request.alias = "champion";
  return registry.add(request);
}

/// Numbers 1..n without gaps, every file whole, the alias at a version that is there. Answers with n.
std::size_t expect_consistent(const Sample& sample) {
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  EXPECT_TRUE(registry.has_value()) << registry.error().text();
  if (!registry) return 0;
  const auto problems = registry->verify_all();
  EXPECT_TRUE(problems.has_value());
  for (const Problem& problem : *problems) ADD_FAILURE() << problem.id << ": " << problem.text;
  const auto versions = registry->list();
  EXPECT_TRUE(versions.has_value());
  for (std::size_t i = 0; i < versions->size(); ++i) {
    EXPECT_EQ((*versions)[i].number, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ((*versions)[i].files.size(), 1u);
    EXPECT_EQ((*versions)[i].metrics.size(), 2u);
  }
  if (versions->empty()) return 0;
  EXPECT_EQ(registry->find("reviews@champion")->number, static_cast<std::int64_t>(versions->size()));
  return versions->size();
}

/// What a finished command leaves in the registry's folder: nothing but these.
void expect_no_leftovers(const Sample& sample) {
  for (const auto& entry : fs::directory_iterator(sample.home())) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name == "registry.db" || name == "registry.lock" || name == "blobs" || name == "registry.db-wal" ||
                name == "registry.db-shm")
        << name;
  }
  const fs::path incoming = sample.home() / "blobs" / "incoming";
  EXPECT_TRUE(!fs::exists(incoming) || fs::is_empty(incoming));
}

TEST(Crash, ADiskThatFailsAtAnyStepLeavesTheVersionWholeOrAbsent) {
  const Sample sample;
  sample.model("first", "first");
  ASSERT_TRUE(add(sample, "first").has_value());
  int steps = 0;
  for (int failing = 1;; ++failing) {
    const std::size_t before = expect_consistent(sample);
    sample.model("next", fmt::format("model {}", failing));
    int step = 0;
    const auto added = add(sample, "next", [&](std::string_view name) -> Result<void> {
      if (++step == failing) return fail(ErrorKind::io, "no space left (at step '{}')", name);
      return {};
    });
    const std::size_t after = expect_consistent(sample);
    EXPECT_TRUE(after == before || after == before + 1);
    expect_no_leftovers(sample);
    if (step < failing) {
      EXPECT_TRUE(added.has_value());
      break;
    }
    EXPECT_FALSE(added.has_value());
    steps = step;
    // The same again succeeds, and takes the number that the failure did not use up.
    ASSERT_TRUE(add(sample, "next").has_value());
    ASSERT_EQ(expect_consistent(sample), before + 1);
  }
  EXPECT_GE(steps, 8);
}

TEST(Crash, AKillAtAnyStepLeavesTheVersionWholeOrAbsent) {
  for (int killing = 1;; ++killing) {
    const Sample sample;  // so that the registry itself is made under the kill, too
    sample.model("next", "model");
    const int status = wait_for(start([&] {
      int step = 0;
      const auto added = add(sample, "next", [&](std::string_view) -> Result<void> {
        if (++step == killing) ::raise(SIGKILL);
        return {};
      });
      return added ? 0 : 1;
    }));
    ASSERT_TRUE(status == k_killed || status == 0) << status;
    ASSERT_TRUE(add(sample, "next").has_value());
    EXPECT_EQ(expect_consistent(sample), 1u);
    expect_no_leftovers(sample);
    if (status == 0) break;
  }
}

TEST(Crash, KillsAtRandomMomentsNeverLoseOrHalveAVersion) {
  const Sample sample;
  sample.model("model", "x");
  Random random(7, "crash test");
  std::set<std::string> seen;
  constexpr int k_kills = 40;
  for (int kill_number = 0; kill_number < k_kills; ++kill_number) {
    int added[2];
    ASSERT_EQ(::pipe(added), 0);
    const pid_t child = start([&] {
      for (int i = 0; i < 100'000; ++i) {
        sample.model("model", std::string(50'000, 'a') + fmt::format("{} {}", kill_number, i));
        if (!add(sample, "model") || ::write(added[1], "+", 1) != 1) return 1;
      }
      return 0;
    });
    ::close(added[1]);
    // Every second time some version is there before the kill, however busy the machine is; the others are killed while starting.
    char sign = 0;
    ASSERT_TRUE(kill_number % 2 == 0 || ::read(added[0], &sign, 1) == 1);
    ::usleep(static_cast<useconds_t>(random.below(30'000)));
    ::kill(child, SIGKILL);
    ::close(added[0]);
    ASSERT_EQ(wait_for(child), k_killed);
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    ASSERT_TRUE(registry.has_value()) << registry.error().text();
    const auto versions = registry->list();
    ASSERT_TRUE(versions.has_value());
    std::set<std::string> now;
    for (const Version& version : *versions) now.insert(version.id() + " " + version.digest);
    for (const std::string& id : seen) EXPECT_TRUE(now.contains(id)) << id << " was lost";
    seen = std::move(now);
  }
  sample.model("model", "last");
  ASSERT_TRUE(add(sample, "model").has_value());
  const std::size_t count = expect_consistent(sample);
  EXPECT_GT(count, static_cast<std::size_t>(k_kills / 2));
  auto registry = Registry::open(sample.home(), Registry::Access::write);
  ASSERT_TRUE(registry->gc(Registry::Gc::sweep).has_value());
  expect_no_leftovers(sample);
  std::size_t blobs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(sample.home() / "blobs")) blobs += entry.is_regular_file() ? 1u : 0u;
  EXPECT_EQ(blobs, count);
}

TEST(Crash, EightProcessesAddVersionsAndNoneIsLost) {
  const Sample sample;
  constexpr int k_processes = 8;
  constexpr int k_each = 25;
  std::vector<pid_t> children;
  for (int process = 0; process < k_processes; ++process) {
    children.push_back(start([&, process] {
      for (int i = 0; i < k_each; ++i) {
        const std::string folder = fmt::format("model-{}", process);
        sample.model(folder, fmt::format("{} {}", process, i));
        if (!add(sample, folder)) return 1;
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(expect_consistent(sample), static_cast<std::size_t>(k_processes * k_each));
  expect_no_leftovers(sample);
}

TEST(Crash, GarbageIsCollectedWhileOthersAddAndNothingNeededGoes) {
  const Sample sample;
  sample.model("base", "base");
  ASSERT_TRUE(add(sample, "base").has_value());
  std::vector<pid_t> children;
  for (int process = 0; process < 3; ++process) {
    children.push_back(start([&, process] {
      for (int i = 0; i < 15; ++i) {
        const std::string folder = fmt::format("model-{}", process);
        sample.model(folder, fmt::format("{} {}", process, i));
        if (!add(sample, folder)) return 1;
      }
      return 0;
    }));
  }
  for (int i = 0; i < 20; ++i) {
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    ASSERT_TRUE(registry.has_value());
    ASSERT_TRUE(registry->gc(Registry::Gc::sweep).has_value());
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(expect_consistent(sample), 46u);
}

TEST(Crash, APromotionThatIsKilledAtAnyStepIsDecidedAndRecordedOrNeither) {
  for (int killing = 1;; ++killing) {
    const Sample sample;
    sample.model("first", "first");
    sample.model("second", "second");
    ASSERT_TRUE(add(sample, "first").has_value());
    AddRequest request;
    request.source = sample.path("second");
    ASSERT_TRUE(Registry::open(sample.home(), Registry::Access::write)->add(request).has_value());
    const int status = wait_for(start([&] {
      int step = 0;
      auto registry = Registry::open(sample.home(), Registry::Access::write, [&](std::string_view) -> Result<void> {
        if (++step == killing) ::raise(SIGKILL);
        return {};
      });
      return registry && registry->promote("reviews/2", "champion", {}, std::nullopt) ? 0 : 1;
    }));
    ASSERT_TRUE(status == k_killed || status == 0) << status;
    auto registry = Registry::open(sample.home(), Registry::Access::write);
    ASSERT_TRUE(registry.has_value());
    EXPECT_TRUE(registry->verify_all()->empty());
    const auto history = registry->history(*registry->find("reviews/2"));
    const bool recorded = history->back().what == "promoted";
    EXPECT_EQ(registry->find("reviews@champion")->number, recorded ? 2 : 1);
    if (status == 0) {
      EXPECT_TRUE(recorded);
      EXPECT_GE(killing, 4);
      break;
    }
  }
}

TEST(Crash, ReadersDoNotWaitForAWriter) {
  const Sample sample;
  sample.model("model", "x");
  ASSERT_TRUE(add(sample, "model").has_value());
  auto writer = Database::open(sample.home() / "registry.db", Database::Mode::read_write);
  ASSERT_TRUE(writer.has_value());
  auto transaction = Transaction::begin(*writer);
  ASSERT_TRUE(transaction.has_value());
  ASSERT_TRUE(writer->execute("UPDATE model SET next_number = next_number + 1").has_value());
  const Stopwatch watch;
  auto registry = Registry::open(sample.home(), Registry::Access::read);
  ASSERT_TRUE(registry.has_value());
  EXPECT_EQ(registry->list()->size(), 1u);
  EXPECT_EQ(registry->find("reviews/1")->number, 1);
  EXPECT_LT(watch.seconds(), 10.0) << "the writer's lock lasts 30 s";
}

}  // namespace
}  // namespace cupel::registry
