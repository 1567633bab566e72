#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"

namespace cupel {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Three steps: a test, a training of 40 rounds that keeps checkpoints, a use of the model. The model's bytes depend on every round.
constexpr std::string_view k_flow = R"yaml(cupel: 1
flow: demo
about: shell steps
params: {data: data.txt, word: w}
steps:
  check:
    run: grep -q ok ${data} || { echo "no row is ok"; exit 1; }
    gate: true
    in: ["${data}"]
  train:
    run: |
      state=$CUPEL_CHECKPOINT_DIR/state
      if [ "$CUPEL_INJECT_ROWS" ]; then echo "$CUPEL_INJECT_ROWS rows, expected at least 1,000" >&2; exit 75; fi
      [ -f $state ] || echo 0 start > $state
      read i sum < $state
      while [ $i -lt 40 ]; do
        [ "$CUPEL_INJECT_KILL_AT" ] && [ $((i * 100)) -ge $((CUPEL_INJECT_KILL_AT * 40)) ] && kill -KILL $$
        i=$((i + 1)); sum=$(echo "$sum $i ${word}" | cksum | cut -d' ' -f1)
        echo $i $sum > $state.new; mv $state.new $state
        sleep 0.002
      done
      echo "model $sum" > ${out}/model
    after: [check]
    in: ["${data}"]
    out: [model]
    timeout: 60s
    on:
      too_little_data: {then: fall_back, to: demo@champion, by: "echo model ${to} > ${out}/model", because: an old model is better than none}
      interrupted: {then: resume, tries: 3}
  use:
    run: (sleep 0.02; cat ${train.out}/model) > ${out}/used
    in: ["${train.out}/model"]
    out: [used]
)yaml";

class CupelRun : public testing::Test {
 protected:
  void SetUp() override {
    environment_ = current_environment();
    set_variable(environment_, "CUPEL_HOME", home().string());
    put("f.yaml", std::string(k_flow));
    put("data.txt", "ok\n");
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  fs::path home() const { return folder_.path() / "home"; }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(at(name), text)); }

  ProcessSpec command(std::vector<std::string> words) const {
    words.insert(words.begin(), std::string(CUPEL_BINARY_DIR) + "/bin/cupel");
    return {std::move(words), environment_, folder_.path(), {}, {}};
  }
  struct Said {
    int status = -1;
    std::string output;
    std::string errors;
  };
  Said cupel(std::vector<std::string> words) const {
    const auto run = run_captured(command(std::move(words)), 60);
    EXPECT_TRUE(run);
    return {run->outcome.exit_status, run->output, run->errors};
  }
  Json record(const std::string& run = "last") const {
    const Said said = cupel({"runs", "show", run, "--json", "-"});
    return parse_json(said.output, "record").value_or(Json::object());
  }
  std::string output_of(const std::string& run, const std::string& path) const { return read_file(home() / "runs" / run / "steps" / path).value_or("(missing)"); }

  /// Processes of this test's flows that are still there: they carry its home in their environment.
  std::vector<std::string> orphans() const {
    std::vector<std::string> found;
    const std::string mark = "CUPEL_HOME=" + home().string();
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const auto text = read_file(entry.path() / "environ");
      if (text && text->find(mark) != std::string::npos) found.push_back(entry.path().filename().string());
    }
    return found;
  }
  bool no_orphans_within(double seconds) const {
    const Stopwatch watch;
    while (!orphans().empty()) {
      if (watch.seconds() > seconds) return false;
      ::usleep(5000);
    }
    return true;
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "run");
  std::vector<std::string> environment_;
};

TEST_F(CupelRun, an_undisturbed_run_ends_with_0_and_a_second_reuses_everything) {
  const Said first = cupel({"run", "f.yaml"});
  EXPECT_EQ(first.status, 0) << first.errors;
  EXPECT_THAT(first.output, HasSubstr("all ok"));
  const Said again = cupel({"run", "f.yaml"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.output, HasSubstr("reused        nothing changed since demo-1"));
  EXPECT_EQ(output_of("demo-2", "use/out/used"), output_of("demo-1", "use/out/used"));
  const Said changed = cupel({"run", "f.yaml", "--param", "word=v"});
  EXPECT_THAT(changed.output, HasSubstr("parameter 'word' changed from w to v"));
  EXPECT_THAT(cupel({"runs", "explain", "last", "train"}).output, HasSubstr("it ran because: parameter 'word' changed from w to v"));
  EXPECT_THAT(cupel({"runs", "diff", "1", "last"}).output, HasSubstr("parameter 'word' changed from w to v"));
}

TEST_F(CupelRun, failed_tests_stop_the_training_with_status_1) {
  put("data.txt", "bad\n");
  const Said said = cupel({"run", "f.yaml"});
  EXPECT_EQ(said.status, 1);
  EXPECT_THAT(said.output, HasSubstr("gate failed"));
  EXPECT_THAT(said.output, HasSubstr("no row is ok"));
  EXPECT_THAT(said.output, HasSubstr("check did not pass"));
  EXPECT_EQ(cupel({"runs", "logs", "last", "check"}).output, "no row is ok\n");
}

TEST_F(CupelRun, a_training_killed_in_the_middle_ends_with_the_bytes_of_an_undisturbed_run) {
  ASSERT_EQ(cupel({"run", "f.yaml"}).status, 0);
  const Said said = cupel({"run", "f.yaml", "--inject", "train=kill@50%"});
  EXPECT_EQ(said.status, 0) << said.output;
  EXPECT_THAT(said.output, HasSubstr("ok, resumed"));
  EXPECT_THAT(said.output, HasSubstr("INDUCED FAULT: train=kill@50%"));
  EXPECT_EQ(output_of("demo-2", "train/out/model"), output_of("demo-1", "train/out/model"));
  EXPECT_THAT(output_of("demo-1", "train/out/model"), Not(HasSubstr("missing")));
}

TEST_F(CupelRun, too_few_rows_fall_back_to_the_champion) {
  const Said said = cupel({"run", "f.yaml", "--inject", "train=rows:900", "--json", "record.json"});
  EXPECT_EQ(said.status, 0) << said.output;
  EXPECT_THAT(said.output, HasSubstr("too little data: 900 rows, expected at least 1,000; took demo@champion (an old model is better than none)"));
  EXPECT_EQ(output_of("demo-1", "use/out/used"), "model demo@champion\n");
  const auto json = read_json(at("record.json"));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["state"], "handled");
  EXPECT_EQ((*json)["injected"][0], "train=rows:900");
  EXPECT_EQ((*json)["steps"][1]["took"], "demo@champion");
}

TEST_F(CupelRun, a_step_that_hangs_is_ended_with_all_that_it_started) {
  put("f.yaml", R"yaml(cupel: 1
flow: demo
steps:
  slow: {run: "trap '' TERM; setsid sleep 600 & sleep 600", timeout: 200ms}
)yaml");
  const Said said = cupel({"run", "f.yaml", "--grace", "0.2"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.output, HasSubstr("timed out"));
  EXPECT_THAT(orphans(), IsEmpty());
}

TEST_F(CupelRun, ctrl_c_ends_a_command_that_ignores_it_and_the_run_resumes) {
  put("f.yaml", R"yaml(cupel: 1
flow: demo
steps:
  a: {run: "[ -f go ] && exit 0; trap '' TERM INT; (trap '' TERM; sleep 600) & touch started; sleep 600"}
)yaml");
  auto process = Process::start(command({"run", "f.yaml", "--grace", "0.2", "--quiet"}));
  ASSERT_TRUE(process);
  for (int i = 0; i < 5000 && !fs::exists(at("started")); ++i) ::usleep(1000);
  process->signal_group(SIGINT);
  EXPECT_EQ(process->wait().exit_status, 130);
  EXPECT_THAT(orphans(), IsEmpty());
  EXPECT_EQ(record()["steps"][0]["fault"], "cancelled");
  put("go", "");
  EXPECT_EQ(cupel({"run", "--resume", "last"}).status, 0);
  EXPECT_EQ(record()["state"], "ok");
}

// SIGKILL to the runner or to a command at random moments, then --resume until the run is done: the model is the one of an undisturbed run,
// nothing runs on, nothing half-written stays.
TEST_F(CupelRun, kills_at_random_moments_never_change_the_result) {
  ASSERT_EQ(cupel({"run", "f.yaml", "--no-cache"}).status, 0);
  const std::string model = output_of("demo-1", "train/out/model");
  const std::string used = output_of("demo-1", "use/out/used");
  const char* rounds = std::getenv("CUPEL_KILL_ROUNDS");
  const int num_rounds = rounds != nullptr ? std::atoi(rounds) : 8;
  Random random(20261123, "kill moments");
  for (int round = 0; round < num_rounds; ++round) {
    const double moment = random.uniform() * 0.5;
    const bool the_runner = random.uniform() < 0.6;
    auto process = Process::start(command({"run", "f.yaml", "--no-cache", "--quiet"}));
    ASSERT_TRUE(process);
    ::usleep(static_cast<useconds_t>(moment * 1e6));
    if (the_runner) {
      ::kill(process->pid(), SIGKILL);
    } else {  // any process of the run but the runner: a command, something it started, or a keeper
      const std::vector<std::string> others = orphans();
      if (others.size() > 1) ::kill(static_cast<pid_t>(*parse_integer(others[random.below(others.size())])), SIGKILL);
    }
    process->wait();
    EXPECT_TRUE(no_orphans_within(5)) << "round " << round;
    const std::string id = "demo-" + std::string(trim(*read_file(home() / "runs" / ".last-number")));
    if (!fs::exists(home() / "runs" / id / "run.json")) continue;  // killed before there was a run
    int status = -1;
    for (int tries = 0; tries < 5 && status != 0; ++tries) status = cupel({"run", "--resume", id, "--no-cache", "--quiet"}).status;
    EXPECT_EQ(status, 0) << "round " << round << ": " << cupel({"runs", "show", id}).output;
    EXPECT_EQ(output_of(id, "train/out/model"), model) << "round " << round;
    EXPECT_EQ(output_of(id, "use/out/used"), used) << "round " << round;
    for (const auto& entry : fs::recursive_directory_iterator(home() / "runs" / id)) {
      const std::string name = entry.path().filename().string();
      EXPECT_THAT(name, Not(HasSubstr(".json."))) << entry.path();
      EXPECT_FALSE(name == "out" && entry.path().parent_path().filename().string().starts_with("attempt-")) << entry.path();
    }
    EXPECT_TRUE(!fs::exists(home() / "cache/scratch") || fs::is_empty(home() / "cache/scratch")) << "round " << round;
  }
}

TEST_F(CupelRun, mistakes_end_with_status_2_and_make_no_run) {
  struct Case {
    std::vector<std::string> words;
    std::string said;
  };
  put("bad.yaml", "cupel: 1\nflow: x\nsteps: {a: {rnu: x}}\n");
  put("list.yaml", "- a\n");
  put("missing.yaml", "cupel: 1\nflow: x\nsteps: {a: {run: x, in: [nowhere.csv]}}\n");
  put("nodocker.yaml", "cupel: 1\nflow: x\nsteps: {a: {run: x, environment: here}}\n");
  put("here/readme", "");
  const std::vector<Case> cases = {
      {{"run"}, "no flow file was named"},
      {{"run", "none.yaml"}, "missing file 'none.yaml'"},
      {{"run", "bad.yaml"}, "bad.yaml:3:13: unknown key 'rnu' of step 'a' (nearest: 'run')"},
      {{"run", "list.yaml"}, "list.yaml:1:1: a flow is a list, expected a mapping"},
      {{"run", "missing.yaml"}, "missing.yaml:3:9: step 'a': input '"},
      {{"run", "nodocker.yaml"}, "environment 'here' of step 'a' has no Dockerfile"},
      {{"run", "f.yaml", "--param", "wrod=1"}, "f.yaml has no parameter 'wrod' (nearest: 'word')"},
      {{"run", "f.yaml", "--param", "word"}, "'word' is no parameter, expected NAME=VALUE"},
      {{"run", "f.yaml", "--inject", "trian=hang"}, "f.yaml has no step 'trian' (nearest: 'train')"},
      {{"run", "f.yaml", "--inject", "train=rowz:3"}, "unknown fault 'rowz:3' to inject (nearest: 'rows')"},
      {{"run", "f.yaml", "--until", "usee"}, "f.yaml has no step 'usee' (nearest: 'use')"},
      {{"run", "f.yaml", "--environments", "dokcer"}, "unknown environment 'dokcer' (nearest: 'docker')"},
      {{"run", "--resume", "last"}, "there are no runs in"},
      {{"run", "f.yaml", "--jbos", "2"}, "unknown option '--jbos' (nearest: '--jobs')"},
  };
  for (const Case& each : cases) {
    const Said said = cupel(each.words);
    EXPECT_EQ(said.status, 2) << each.said;
    EXPECT_THAT(said.errors, HasSubstr(each.said));
  }
  EXPECT_FALSE(fs::exists(home() / "runs"));
}

TEST_F(CupelRun, a_flow_that_is_no_flow_or_too_large_is_refused_quickly) {
  put("large.yaml", "cupel: 1\nflow: x\nabout: " + std::string(10u << 20, 'x') + "\nsteps: {a: {run: x}}\n");
  EXPECT_EQ(cupel({"run", "large.yaml"}).status, 2);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "[";
  put("deep.yaml", "cupel: 1\nflow: " + deep);
  EXPECT_EQ(cupel({"run", "deep.yaml"}).status, 2);
  put("twice.yaml", "cupel: 1\nflow: x\nflow: y\n");
  EXPECT_THAT(cupel({"run", "twice.yaml"}).errors, HasSubstr("twice.yaml:3:1: key 'flow' stands here a second time"));
}

// A stand-in for the container program shows what it is asked: build of the step's folder, then a run that sees flow, home and inputs.
TEST_F(CupelRun, a_container_gets_its_image_its_mounts_and_its_command) {
  put("f.yaml", "cupel: 1\nflow: demo\nsteps:\n  a: {run: \"echo $CUPEL_STEP > ${out}/m\", out: [m], environment: env}\n");
  put("env/Dockerfile", "FROM scratch\n");
  put("bin/podman", R"(#!/bin/sh
echo "$@" >> podman.log
[ "$1" = run ] || exit 0
while [ "$1" != --entrypoint ]; do shift; done
program=$2; shift 3; exec "$program" "$@"
)");
  fs::permissions(at("bin/podman"), fs::perms::owner_all);
  std::string path;
  for (const std::string& entry : environment_) {
    if (entry.starts_with("PATH=")) path = entry.substr(5);
  }
  set_variable(environment_, "PATH", at("bin").string() + ":" + path);
  const Said said = cupel({"run", "f.yaml", "--environments", "podman"});
  EXPECT_EQ(said.status, 0) << said.output << said.errors;
  EXPECT_EQ(output_of("demo-1", "a/out/m"), "a\n");
  const std::string log = read_file(at("podman.log")).value_or("");
  EXPECT_THAT(log, HasSubstr("build --quiet --tag cupel-step:"));
  EXPECT_THAT(log, HasSubstr(fmt::format("--volume {0}:{0}:ro", fs::canonical(folder_.path()).string())));
  EXPECT_THAT(log, HasSubstr(fmt::format("--volume {0}:{0}:rw", home().string())));
  EXPECT_THAT(log, HasSubstr("--env CUPEL_STEP"));
}

TEST_F(CupelRun, a_place_whose_program_is_missing_is_a_clear_error) {
  set_variable(environment_, "PATH", "/usr/bin:/bin");
  const Said said = cupel({"run", "f.yaml", "--environments", "podman"});
  if (fs::exists("/usr/bin/podman") || fs::exists("/bin/podman")) GTEST_SKIP() << "podman is installed here";
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.errors, HasSubstr("--environments podman needs the program 'podman', which is not there"));
}

TEST_F(CupelRun, runs_are_listed_shown_and_removed) {
  EXPECT_THAT(cupel({"runs", "list"}).output, HasSubstr("no runs in"));
  ASSERT_EQ(cupel({"run", "f.yaml", "--quiet"}).status, 0);
  EXPECT_THAT(cupel({"runs", "list"}).output, HasSubstr("demo-1  ok"));
  EXPECT_THAT(cupel({"runs", "show", "1"}).output, HasSubstr("output model"));
  EXPECT_EQ(cupel({"runs", "show", "7"}).status, 2);
  EXPECT_THAT(cupel({"runs", "explain", "1", "trian"}).errors, HasSubstr("has no step 'trian' (nearest: 'train')"));
  EXPECT_EQ(cupel({"runs", "rm", "1"}).status, 0);
  EXPECT_FALSE(fs::exists(home() / "runs" / "demo-1"));
  EXPECT_THAT(cupel({"run", "f.yaml", "--graph", "mermaid"}).output, HasSubstr("s0 -.-> s1"));
  EXPECT_THAT(cupel({"run", "f.yaml", "--dry-run"}).output, HasSubstr("train  would be reused"));
}

}  // namespace
}  // namespace cupel
