#include "flow/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/text.h"
#include "flow/runner_fixture.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(RunnerTest, a_resumed_run_keeps_what_is_done_and_runs_the_rest) {
  const std::string steps = R"(
  a: {run: "echo x >> a.count; echo a > ${out}/m", out: [m]}
  b: {run: "[ -f fixed ] && cat ${a.out}/m > ${out}/m", in: ["${a.out}/m"], out: [m]}
)";
  options_.caching = Caching::off;
  const RunRecord failed = run(plan(steps));
  EXPECT_EQ(failed.state, RunState::failed);
  put("fixed", "");
  const RunRecord record = resume(plan(steps));
  EXPECT_EQ(record.id, failed.id);
  EXPECT_EQ(record.resumed, 1);
  EXPECT_EQ(record.state, RunState::ok);
  EXPECT_EQ(state(record, "a"), StepState::kept);
  EXPECT_EQ(record.find("b")->attempts.size(), 2u);
  EXPECT_EQ(text(at("a.count")), "x\n");
  fs::remove(out(record, "a") / "m");
  const RunRecord lost = resume(plan(steps));
  EXPECT_EQ(state(lost, "a"), StepState::ok) << "an output that is gone is made again";
}

/// Runs the plan in a forked process, as the program would, and gives its number.
template <typename Body>
pid_t fork_runner(const Body& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    body();
    ::_exit(0);
  }
  return pid;
}

bool wait_for_file(const fs::path& path) {
  for (int i = 0; i < 5000; ++i) {
    if (const auto text = read_file(path); text && !text->empty()) return true;
    ::usleep(1000);
  }
  return false;
}

bool alive(const fs::path& pid_file) {
  const auto text = read_file(pid_file);
  if (!text) return false;
  const auto stat = read_file(fmt::format("/proc/{}/stat", trim(*text)));
  return stat && stat->find(") Z ") == std::string::npos;
}

TEST_F(RunnerTest, a_killed_runner_leaves_no_process_and_its_run_resumes_from_the_checkpoint) {
  const std::string steps = R"yaml(
  train:
    run: |
      if [ -f $CUPEL_CHECKPOINT_DIR/at ]; then echo "resumed at $(cat $CUPEL_CHECKPOINT_DIR/at)" > ${out}/m; exit 0; fi
      echo 30 > $CUPEL_CHECKPOINT_DIR/at
      trap '' TERM HUP
      setsid sh -c 'echo $$ > daemon.pid; exec sleep 60' &
      echo half > ${out}/m
      echo $$ > train.pid
      sleep 60
    out: [m]
)yaml";
  const Plan made = plan(steps);
  const pid_t runner = fork_runner([&] { (void)run_flow(made, options_); });
  ASSERT_TRUE(wait_for_file(at("train.pid")));
  ASSERT_TRUE(wait_for_file(at("daemon.pid")));
  const auto going = load_run(*find_run(options_.home, "last"));
  ASSERT_TRUE(going);
  EXPECT_EQ(going->state, RunState::running);
  EXPECT_THAT(resume_flow(*find_run(options_.home, "last"), made, options_).error().message, HasSubstr("is being run by process"));
  ::kill(runner, SIGKILL);
  ::waitpid(runner, nullptr, 0);

  const RunRecord record = resume(made);  // waits until the dead runner's keeper has let go
  EXPECT_FALSE(alive(at("train.pid")));
  EXPECT_FALSE(alive(at("daemon.pid")));
  EXPECT_EQ(text(out(record, "train") / "m"), "resumed at 30\n");
  ASSERT_EQ(record.find("train")->attempts.size(), 2u);
  EXPECT_EQ(record.find("train")->attempts[0].fault, Fault::interrupted);
  EXPECT_EQ(record.find("train")->attempts[0].why, "its runner died");
  EXPECT_THAT(scratch(record), IsEmpty());
}

TEST_F(RunnerTest, a_run_whose_runner_died_is_shown_as_interrupted) {
  const Plan made = plan("  a: {run: \"echo $$ > a.pid; sleep 60\"}\n  b: {run: \"true\", after: [a]}\n");
  const pid_t runner = fork_runner([&] { (void)run_flow(made, options_); });
  ASSERT_TRUE(wait_for_file(at("a.pid")));
  ::kill(runner, SIGKILL);
  ::waitpid(runner, nullptr, 0);
  for (int i = 0; i < 3000 && is_held(*find_run(options_.home, "1")); ++i) ::usleep(1000);
  const auto record = load_run(*find_run(options_.home, "1"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->state, RunState::interrupted);
  EXPECT_EQ(fault(*record, "a"), Fault::interrupted);
  EXPECT_EQ(state(*record, "b"), StepState::waiting);
  EXPECT_EQ(advice(*record).size(), 1u);
}

TEST_F(RunnerTest, a_signal_to_the_runner_stops_the_commands_and_is_recorded) {
  const Plan made = plan("  a: {run: \"trap '' TERM; sleep 60 & echo $! > child.pid; echo $$ > a.pid; wait; sleep 60\"}\n");
  for (const int signal : {SIGINT, SIGTERM}) {
    fs::remove(at("a.pid"));
    fs::remove(at("child.pid"));
    const pid_t runner = fork_runner([&] {
      const auto record = run_flow(made, options_);
      ::_exit(record ? record->exit_status : 99);
    });
    ASSERT_TRUE(wait_for_file(at("a.pid")));
    ::kill(runner, signal);
    int status = 0;
    ::waitpid(runner, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), signal == SIGINT ? 130 : 143);
    EXPECT_FALSE(alive(at("a.pid")));
    EXPECT_FALSE(alive(at("child.pid")));
    const auto record = load_run(*find_run(options_.home, "last"));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, RunState::interrupted);
    EXPECT_EQ(fault(*record, "a"), Fault::cancelled);
  }
}

}  // namespace
}  // namespace cupel::flow
