#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/text.h"
#include "base/time.h"

namespace cupel {
namespace {

ProcessSpec shell(const std::string& text) { return {{"/bin/sh", "-c", text}, current_environment(), {}, {}, {}}; }

/// The process of that number is there and no zombie.
bool exists(pid_t pid) {
  const auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  return stat && stat->find(") Z ") == std::string::npos;
}

bool gone_within(pid_t pid, double seconds) {
  const Stopwatch watch;
  while (exists(pid)) {
    if (watch.seconds() > seconds) return false;
    ::usleep(2000);
  }
  return true;
}

pid_t pid_in(const fs::path& file) {
  const Stopwatch watch;
  while (watch.seconds() < 5) {
    if (const auto text = read_file(file); text && text->ends_with('\n')) return static_cast<pid_t>(*parse_integer(trim(*text)));
    ::usleep(1000);
  }
  ADD_FAILURE() << "no process number in " << file;
  return 0;
}

class ProcessTest : public testing::Test {
 protected:
  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "process");
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
};

TEST_F(ProcessTest, output_errors_and_exit_status_come_back) {
  const auto run = run_captured(shell("echo out; echo err >&2; exit 7"), 5);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->output, "out\n");
  EXPECT_EQ(run->errors, "err\n");
  EXPECT_EQ(run->outcome.exit_status, 7);
  EXPECT_EQ(run->outcome.signal, 0);
  EXPECT_EQ(run->outcome.leftovers, 0);
  EXPECT_GT(run->outcome.peak_memory_bytes, 100'000u);
}

TEST_F(ProcessTest, a_signal_that_killed_the_command_is_named) {
  EXPECT_EQ(run_captured(shell("kill -SEGV $$"), 5)->outcome.signal, SIGSEGV);
}

TEST_F(ProcessTest, an_unknown_program_and_an_unknown_folder_are_start_errors) {
  EXPECT_EQ(run_captured({{"no-such-program"}, current_environment(), {}, {}, {}}, 5)->outcome.start_error, ENOENT);
  EXPECT_EQ(run_captured({{"/bin/true"}, current_environment(), "/no/such/folder", {}, {}}, 5)->outcome.start_error, ENOENT);
  EXPECT_EQ(run_captured({{"/etc/passwd"}, current_environment(), {}, {}, {}}, 5)->outcome.start_error, EACCES);
}

TEST_F(ProcessTest, nothing_of_the_environment_is_inherited) {
  const auto run = run_captured({{"/usr/bin/env"}, {"ONLY=this"}, "/", {}, {}}, 5);
  EXPECT_EQ(run->output, "ONLY=this\n");
}

TEST_F(ProcessTest, at_the_time_limit_the_whole_tree_is_killed) {
  const Stopwatch watch;
  const auto run = run_captured(shell("trap '' TERM; (echo $$ > " + file("pid") + "; setsid sleep 60) & sleep 60"), 0.3);
  EXPECT_EQ(run->outcome.signal, SIGKILL);
  EXPECT_LT(watch.seconds(), 3);
}

TEST_F(ProcessTest, a_daemon_that_the_command_leaves_behind_is_killed_and_counted) {
  const auto run = run_captured(shell("setsid sh -c 'echo $$ > " + file("pid") + "; sleep 60' > /dev/null 2>&1 & sleep 0.1; exit 0"), 10);
  EXPECT_EQ(run->outcome.exit_status, 0);
  EXPECT_GE(run->outcome.leftovers, 1);
  EXPECT_FALSE(exists(pid_in(file("pid"))));
}

TEST_F(ProcessTest, a_short_lived_leftover_may_end_by_itself) {
  const auto run = run_captured(shell("(sleep 0.03; echo late) & exit 0"), 10);
  EXPECT_EQ(run->output, "late\n");
  EXPECT_EQ(run->outcome.leftovers, 0);
}

TEST_F(ProcessTest, destroying_the_object_kills_the_tree) {
  pid_t daemon = 0;
  {
    auto process = Process::start(shell("setsid sh -c 'echo $$ > " + file("pid") + "; sleep 60' & sleep 60"));
    ASSERT_TRUE(process);
    daemon = pid_in(file("pid"));
    EXPECT_TRUE(exists(daemon));
  }
  EXPECT_FALSE(exists(daemon));
}

// The owner is a forked copy of this process that is killed by SIGKILL, as a crash would.
TEST_F(ProcessTest, no_orphan_outlives_an_owner_that_was_killed) {
  const pid_t owner = ::fork();
  if (owner == 0) {
    auto first = Process::start(shell("trap '' TERM HUP; setsid sh -c 'echo $$ > " + file("a") + "; sleep 60' & sleep 60"));
    auto second = Process::start(shell("sh -c 'echo $$ > " + file("b") + "; sleep 60'; true"));
    ::pause();
    ::_exit(0);
  }
  const pid_t a = pid_in(file("a"));
  const pid_t b = pid_in(file("b"));
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  EXPECT_TRUE(gone_within(a, 3));
  EXPECT_TRUE(gone_within(b, 3));
}

TEST_F(ProcessTest, a_killed_keeper_is_reported_and_its_orphans_fall_to_the_adopting_owner) {
  const pid_t owner = ::fork();
  if (owner == 0) {
    adopt_orphans();
    auto process = Process::start(shell("sh -c 'echo $$ > " + file("pid") + "; sleep 60'; true"));
    const pid_t grandchild = pid_in(file("pid"));
    const auto stat = read_file("/proc/" + std::to_string(process->pid()) + "/stat");
    const pid_t keeper = static_cast<pid_t>(*parse_integer(split(stat->substr(stat->rfind(')') + 2), ' ')[1]));
    ::kill(keeper, SIGKILL);
    const ProcessOutcome outcome = process->wait();
    kill_unknown_children({});
    ::_exit(outcome.keeper_lost && !exists(grandchild) ? 0 : 1);
  }
  int status = -1;
  ::waitpid(owner, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(ProcessTest, a_keeper_takes_one_command_after_the_other_and_counts_each_for_itself) {
  Keepers keepers;
  auto first = Process::start(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 3"), keepers);
  ASSERT_TRUE(first);
  const pid_t keeper = first->keeper();
  EXPECT_TRUE(keepers.idle().empty());
  const ProcessOutcome busy = first->wait();
  EXPECT_EQ(busy.exit_status, 3);
  EXPECT_THAT(keepers.idle(), testing::ElementsAre(keeper));
  auto second = Process::start(shell("exit 4"), keepers);
  auto beside = Process::start(shell("kill -9 $$"), keepers);
  EXPECT_EQ(second->keeper(), keeper);
  EXPECT_NE(beside->keeper(), keeper);
  const ProcessOutcome idle = second->wait();
  EXPECT_EQ(idle.exit_status, 4);
  EXPECT_LT(idle.user_seconds + idle.system_seconds, busy.user_seconds + busy.system_seconds);
  EXPECT_EQ(beside->wait().signal, SIGKILL);
  EXPECT_EQ(keepers.idle().size(), 2u);
  auto nothing = Process::start({{"no-such-program"}, current_environment(), {}, {}, {}}, keepers);
  EXPECT_EQ(nothing->wait().start_error, ENOENT);
}

TEST_F(ProcessTest, a_guard_or_a_keeper_that_was_killed_while_idle_is_replaced) {
  Keepers keepers;
  for (const bool whole : {false, true}) {
    auto process = Process::start(shell("exit 0"), keepers);
    const pid_t guard = process->keeper();
    ASSERT_EQ(process->wait().exit_status, 0);
    ::kill(whole ? -guard : guard, SIGKILL);  // the group has the keeper too
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(guard), &info, WEXITED | WNOWAIT), 0);
    auto next = Process::start(shell("setsid sh -c 'echo $$ > " + file("pid") + "; sleep 60' & sleep 60"), keepers);
    EXPECT_NE(next->keeper(), guard);
    const pid_t daemon = pid_in(file("pid"));
    next->kill_tree();
    EXPECT_EQ(next->wait().signal, SIGKILL);
    EXPECT_FALSE(exists(daemon));
    fs::remove(file("pid"));
  }
}

TEST_F(ProcessTest, long_commands_and_environments_reach_the_command_whole) {
  std::vector<std::string> environment = current_environment();
  for (int i = 0; i < 20; ++i) environment.push_back("LONG" + std::to_string(i) + "=" + std::string(100'000, 'x'));
  Keepers keepers;
  auto process = Process::start({{"/bin/sh", "-c", "test ${#LONG19} = 100000 && test ${#0} = 90000", std::string(90'000, 'y')}, environment, {}, {}, {}}, keepers);
  EXPECT_EQ(process->wait().exit_status, 0);
}

TEST_F(ProcessTest, the_command_inherits_no_descriptor_but_its_three_streams) {
  const auto run = run_captured(shell("ls /proc/self/fd | wc -l"), 5);
  EXPECT_LE(*parse_integer(trim(run->output)), 4) << "the command must see its three streams only (and the folder that ls opens)";
}

TEST_F(ProcessTest, limits_of_memory_processors_and_file_size_hold) {
  ProcessSpec memory = shell("dd if=/dev/zero of=/dev/null bs=256M count=1");
  memory.limits.memory_bytes = 64u << 20;
  const auto exhausted = run_captured(memory, 10);
  EXPECT_NE(exhausted->outcome.exit_status, 0);
  EXPECT_THAT(exhausted->errors, testing::HasSubstr("memory"));

  ProcessSpec one = shell("nproc");
  one.limits.threads = 1;
  EXPECT_EQ(run_captured(one, 10)->output, "1\n");

  ProcessSpec size = shell("head -c 100000 /dev/zero > " + file("big"));
  size.limits.file_bytes = 4096;
  const auto full = run_captured(size, 10);
  EXPECT_NE(full->outcome.exit_status, 0);
  EXPECT_THAT(full->errors, testing::HasSubstr("File too large"));
  EXPECT_EQ(fs::file_size(file("big")), 4096u);
}

TEST_F(ProcessTest, an_identity_is_alive_only_for_that_very_process) {
  ProcessIdentity self = ProcessIdentity::self();
  EXPECT_TRUE(self.alive());
  ++self.start_ticks;
  EXPECT_FALSE(self.alive());
  self = ProcessIdentity::self();
  self.boot_id = "another boot";
  EXPECT_FALSE(self.alive());
}

TEST_F(ProcessTest, variables_are_replaced_or_added) {
  std::vector<std::string> environment = {"A=1", "AB=2"};
  set_variable(environment, "A", "3");
  set_variable(environment, "C", "4");
  EXPECT_THAT(environment, testing::ElementsAre("A=3", "AB=2", "C=4"));
}

}  // namespace
}  // namespace cupel
