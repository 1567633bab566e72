#include "flow/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/json.h"
#include "base/text.h"
#include "flow/preflight.h"
#include "flow/run_folder.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.home = folder_.path() / "home";
    options_.grace_seconds = 0.3;
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(at(name), text)); }
  std::string text(const fs::path& path) const { return read_file(path).value_or("(missing)"); }

  Plan plan(const std::string& steps, const Params& overrides = {}, const std::string& params = "{}") {
    put("f.yaml", "cupel: 1\nflow: demo\nparams: " + params + "\nsteps:\n" + steps);
    auto flow = read_flow(at("f.yaml"), overrides);
    EXPECT_TRUE(flow) << flow.error().message;
    auto made = make_plan(std::move(*flow));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  void inject(const std::string& word) { options_.injections.push_back(*parse_injection(word)); }
  RunRecord run(const Plan& plan) {
    auto record = run_flow(plan, options_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(RunRecord{});
  }
  RunRecord resume(const Plan& plan, const std::string& id = "last") {
    auto record = resume_flow(*find_run(options_.home, id), plan, options_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(RunRecord{});
  }
  fs::path out(const RunRecord& record, const std::string& step) const { return fs::path(record.folder) / "steps" / step / "out"; }
  static StepState state(const RunRecord& record, const std::string& step) { return record.find(step)->state; }
  static Fault fault(const RunRecord& record, const std::string& step) { return record.find(step)->fault; }
  static std::string why(const RunRecord& record, const std::string& step) { return record.find(step)->why; }

  /// Every file of a run that is neither record nor output: scratch that was left.
  std::vector<std::string> scratch(const RunRecord& record) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(record.folder)) {
      const std::string name = entry.path().filename().string();
      if (name.find(".json.") != std::string::npos || (entry.path().parent_path().filename().string().starts_with("attempt-") && name == "out")) found.push_back(entry.path().string());
    }
    return found;
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "runner");
  RunOptions options_;
};

TEST_F(RunnerTest, steps_run_in_order_and_hand_their_outputs_on) {
  put("data.txt", "ok\n");
  const RunRecord record = run(plan(R"(
  use: {run: "cat ${make.out}/m > ${out}/u; echo said; echo warned >&2", in: ["${make.out}/m"], out: [u]}
  make: {run: [/bin/sh, -c, "cat data.txt > \"$1\"", sh, "${out}/m"], in: [data.txt], out: [m]}
)"));
  EXPECT_EQ(record.state, RunState::ok);
  EXPECT_EQ(record.exit_status, 0);
  EXPECT_EQ(record.id, "demo-1");
  EXPECT_EQ(text(out(record, "use") / "u"), "ok\n");
  const fs::path attempt = fs::path(record.folder) / "steps/use/attempt-1";
  EXPECT_EQ(text(attempt / "stdout.log"), "said\n");
  EXPECT_EQ(text(attempt / "stderr.log"), "warned\n");
  const std::string journal = text(fs::path(record.folder) / "journal.jsonl");
  EXPECT_THAT(journal, testing::ContainsRegex("\"event\":\"intent\",\"step\":\"make\",\"key\"(.|\n)*\"event\":\"result\",\"step\":\"make\"(.|\n)*\"event\":\"intent\",\"step\":\"use\""));
  EXPECT_TRUE(journal.ends_with("}\n")) << "its room is given back";
  EXPECT_THAT(scratch(record), IsEmpty());
  const auto loaded = load_run(record.folder);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(json_text(run_json(*loaded)), json_text(run_json(record))) << "the record on disk says the same";
}

TEST_F(RunnerTest, a_failed_gate_stops_what_follows_and_keeps_its_report) {
  const RunRecord record = run(plan(R"(
  check: {run: "echo '1 of 3 failed'; echo x > ${out}/report; exit 1", gate: true, out: [report]}
  train: {run: "touch ${out}/m", after: [check], out: [m]}
  validate: {run: "true", in: ["${train.out}/m"]}
)"));
  EXPECT_EQ(record.state, RunState::gate_failed);
  EXPECT_EQ(record.exit_status, 1);
  EXPECT_EQ(fault(record, "check"), Fault::gate_failed);
  EXPECT_EQ(why(record, "check"), "1 of 3 failed");
  EXPECT_EQ(text(out(record, "check") / "report"), "x\n");
  EXPECT_EQ(state(record, "train"), StepState::not_run);
  EXPECT_EQ(why(record, "train"), "check did not pass");
  EXPECT_EQ(why(record, "validate"), "train was not run");
  EXPECT_THAT(summary_text(record), HasSubstr("next: 'cupel runs logs demo-1 check' shows what did not pass"));
}

TEST_F(RunnerTest, a_failure_leaves_no_output_and_is_told_by_its_last_words) {
  const RunRecord record = run(plan("  a: {run: \"echo half > ${out}/m; echo 'no such column' >&2; exit 3\", out: [m]}\n  b: {run: \"true\", after: [a]}\n  c: {run: \"true\"}\n"));
  EXPECT_EQ(record.state, RunState::failed);
  EXPECT_EQ(record.exit_status, 2);
  EXPECT_EQ(why(record, "a"), "no such column");
  EXPECT_FALSE(fs::exists(out(record, "a")));
  EXPECT_THAT(scratch(record), IsEmpty());
  EXPECT_EQ(state(record, "c"), StepState::not_run) << "nothing starts after a stop";
  options_.on_stop = OnStop::keep_going;
  const RunRecord going = run(plan("  a: {run: exit 3}\n  b: {run: \"true\", after: [a]}\n  c: {run: \"true\"}\n"));
  EXPECT_EQ(state(going, "b"), StepState::not_run);
  EXPECT_EQ(state(going, "c"), StepState::ok);
}

TEST_F(RunnerTest, retries_keep_their_budget_and_their_delay) {
  const std::string steps = R"(
  a:
    run: "echo x >> tries; [ $(wc -l < tries) -ge 3 ]"
    on: {failed: {then: retry, tries: 2, delay: 100ms, backoff: 2}}
)";
  const RunRecord record = run(plan(steps));
  EXPECT_EQ(record.state, RunState::handled);
  EXPECT_EQ(record.exit_status, 0);
  EXPECT_EQ(record.find("a")->attempts.size(), 3u);
  EXPECT_GE(record.seconds, 0.27) << "0.1 s and 0.2 s, less 10 % of jitter";
  const RunRecord spent = run(plan("  a: {run: \"exit 4\", on: {failed: {then: retry, tries: 2}}}\n"));
  EXPECT_EQ(spent.state, RunState::failed);
  EXPECT_EQ(spent.find("a")->attempts.size(), 3u);
  EXPECT_EQ(why(spent, "a"), "exit status 4; 2 tries are used up");
}

TEST_F(RunnerTest, an_interrupted_step_resumes_from_its_checkpoint) {
  const std::string steps = R"(
  train:
    run: |
      c=$CUPEL_CHECKPOINT_DIR/rows
      if [ ! -f $c ]; then echo 40 > $c; kill -KILL $$; fi
      echo "from $(cat $c), attempt $CUPEL_ATTEMPT" > ${out}/m
    out: [m]
    on: {interrupted: {then: resume, tries: 3, because: the machine is preemptible}}
)";
  const RunRecord record = run(plan(steps));
  EXPECT_EQ(record.state, RunState::handled);
  EXPECT_EQ(text(out(record, "train") / "m"), "from 40, attempt 2\n");
  EXPECT_EQ(record.find("train")->attempts[0].fault, Fault::interrupted);
  EXPECT_EQ(record.find("train")->attempts[1].how, "resume");
  EXPECT_THAT(summary_text(record), HasSubstr("ok, resumed"));
  EXPECT_THAT(summary_text(record), HasSubstr("(the machine is preemptible)"));
}

TEST_F(RunnerTest, a_retry_starts_without_the_checkpoint_and_with_other_parameters) {
  const std::string steps = R"(
  train:
    run: "[ -f $CUPEL_CHECKPOINT_DIR/x ] && exit 9; touch $CUPEL_CHECKPOINT_DIR/x; [ ${threads} = 1 ] || { echo 'out of memory' >&2; exit 1; }; echo ${threads} > ${out}/m"
    out: [m]
    on: {out_of_memory: {then: retry, with: {threads: 1}}}
)";
  const RunRecord record = run(plan(steps, {}, "{threads: 8}"));
  EXPECT_EQ(record.state, RunState::handled) << why(record, "train");
  EXPECT_EQ(text(out(record, "train") / "m"), "1\n");
  EXPECT_EQ(record.find("train")->attempts[1].with[0].second, "1");
}

TEST_F(RunnerTest, too_little_data_falls_back_and_the_run_goes_on_with_that) {
  const std::string steps = R"(
  train:
    run: "echo '900 rows, expected at least 1,000' >&2; exit 75"
    out: [model]
    on: {too_little_data: {then: fall_back, to: m@champion, by: "echo ${to} > ${out}/model"}}
  validate: {run: "cat ${train.out}/model > ${out}/v", in: ["${train.out}/model"], out: [v]}
)";
  const RunRecord record = run(plan(steps));
  EXPECT_EQ(record.state, RunState::handled);
  EXPECT_EQ(state(record, "train"), StepState::fell_back);
  EXPECT_EQ(record.find("train")->took, "m@champion");
  EXPECT_EQ(text(out(record, "validate") / "v"), "m@champion\n");
  EXPECT_EQ(record.find("train")->attempts[1].how, "fall_back");

  const RunRecord none = run(plan("  train: {run: exit 75, out: [m], on: {too_little_data: {then: fall_back, to: x, by: \"echo no such model >&2; exit 2\"}}}\n"));
  EXPECT_EQ(none.state, RunState::too_little_data);
  EXPECT_EQ(none.exit_status, 75);
  EXPECT_THAT(why(none, "train"), HasSubstr("the fall back to x failed too: no such model"));
}

TEST_F(RunnerTest, unhandled_too_little_data_is_status_75) {
  const RunRecord record = run(plan("  train: {run: exit 75}\n"));
  EXPECT_EQ(record.state, RunState::too_little_data);
  EXPECT_EQ(record.exit_status, 75);
}

TEST_F(RunnerTest, skip_and_continue_go_on_without_and_with_the_step) {
  const std::string steps = R"(
  skipped: {run: exit 3, out: [m], on: {failed: skip}}
  needs: {run: "true", in: ["${skipped.out}/m"]}
  continued: {run: "echo part > ${out}/m; exit 3", out: [m], on: {failed: continue}}
  takes: {run: "cat ${continued.out}/m > ${out}/t", in: ["${continued.out}/m"], out: [t]}
)";
  const RunRecord record = run(plan(steps));
  EXPECT_EQ(record.exit_status, 0);
  EXPECT_EQ(state(record, "skipped"), StepState::skipped);
  EXPECT_EQ(why(record, "needs"), "skipped was skipped");
  EXPECT_EQ(state(record, "continued"), StepState::continued);
  EXPECT_EQ(text(out(record, "takes") / "t"), "part\n");
}

TEST_F(RunnerTest, a_step_that_takes_too_long_is_terminated_then_killed) {
  const RunRecord record = run(plan("  slow: {run: \"trap '' TERM; while :; do sleep 0.01; done\", timeout: 200ms}\n"));
  EXPECT_EQ(fault(record, "slow"), Fault::timed_out);
  EXPECT_EQ(why(record, "slow"), "longer than its timeout of 200 ms");
  EXPECT_EQ(record.exit_status, 2);
  EXPECT_LT(record.seconds, 3);
}

TEST_F(RunnerTest, an_output_that_is_not_there_is_lost_even_after_exit_0) {
  const RunRecord record = run(plan("  a: {run: \"true\", out: [m], on: {lost_output: stop}}\n"));
  EXPECT_EQ(fault(record, "a"), Fault::lost_output);
  EXPECT_EQ(why(record, "a"), "output 'm' is not there, though the command ended with 0");
  const RunRecord link = run(plan("  a: {run: \"ln -s /etc/passwd ${out}/m\", out: [m], on: {lost_output: stop}}\n"));
  EXPECT_THAT(why(link, "a"), HasSubstr("is a link that leads out of the step's folder"));
}

TEST_F(RunnerTest, missing_inputs_are_named_before_anything_runs) {
  const Plan made = plan("  a: {run: \"true\", in: [nowhere.csv, \"*.none\"]}\n");
  std::vector<std::string> warnings;
  const auto checked = check_before_run(made, options_, warnings);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("f.yaml:5:3: step 'a': input '"));
  EXPECT_THAT(checked.error().message, HasSubstr("nowhere.csv' is not there"));
  const RunRecord record = run(made);
  EXPECT_EQ(fault(record, "a"), Fault::missing_input) << "an input may also vanish later";
}

TEST_F(RunnerTest, files_used_but_not_declared_are_warned_about) {
  put("script.sh", "true\n");
  std::vector<std::string> warnings;
  ASSERT_TRUE(check_before_run(plan("  a: {run: sh script.sh}\n"), options_, warnings));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("step 'a' uses 'script.sh' without declaring it in 'in'"));
}

TEST_F(RunnerTest, an_unchanged_step_is_reused_and_a_changed_one_says_why) {
  put("data.txt", "1\n");
  put("env/Dockerfile", "FROM scratch\n");
  const std::string steps = R"(
  first: {run: "grep -c . data.txt > ${out}/n", in: [data.txt], out: [n], environment: env}
  second: {run: "cat ${first.out}/n > ${out}/s; echo ${word} >> ${out}/s", in: ["${first.out}/n"], out: [s]}
)";
  const Params no_overrides;
  const std::string params = "{word: a}";
  run(plan(steps, {}, params));
  RunRecord again = run(plan(steps, {}, params));
  EXPECT_EQ(state(again, "first"), StepState::reused);
  EXPECT_EQ(state(again, "second"), StepState::reused);
  EXPECT_EQ(again.find("second")->reused_from, "demo-1");
  EXPECT_EQ(text(out(again, "second") / "s"), "1\na\n");

  again = run(plan(steps, {{"word", "b"}}, params));
  EXPECT_EQ(state(again, "first"), StepState::reused);
  EXPECT_EQ(again.find("second")->ran_because, "parameter 'word' changed from a to b");

  put("data.txt", "2\n");  // another input, the same output: what follows need not run
  again = run(plan(steps, {}, params));
  EXPECT_EQ(again.find("first")->ran_because, "input 'data.txt' changed");
  EXPECT_EQ(state(again, "second"), StepState::reused) << "early cut-off";

  put("env/Dockerfile", "FROM other\n");
  again = run(plan(steps, {}, params));
  EXPECT_EQ(again.find("first")->ran_because, "environment file 'Dockerfile' changed");

  options_.caching = Caching::off;
  again = run(plan(steps, {}, params));
  EXPECT_EQ(state(again, "first"), StepState::ok);
  options_.caching = Caching::on;
  options_.from = "second";
  again = run(plan(steps, {}, params));
  EXPECT_EQ(state(again, "first"), StepState::reused);
  EXPECT_EQ(state(again, "second"), StepState::ok);
}

TEST_F(RunnerTest, an_altered_result_is_never_reused) {
  const std::string steps = "  a: {run: \"echo good > ${out}/m\", out: [m]}\n";
  const RunRecord first = run(plan(steps));
  std::FILE* file = std::fopen((out(first, "a") / "m").c_str(), "w");  // in place: the kept copy is the same inode
  std::fputs("evil\n", file);
  std::fclose(file);
  const RunRecord again = run(plan(steps));
  EXPECT_EQ(state(again, "a"), StepState::ok);
  EXPECT_EQ(again.find("a")->ran_because, "earlier output 'm' was altered");
  EXPECT_EQ(text(out(again, "a") / "m"), "good\n");
}

TEST_F(RunnerTest, removing_a_run_takes_nothing_from_later_ones) {
  const std::string steps = "  a: {run: \"echo good > ${out}/m\", out: [m]}\n";
  const RunRecord first = run(plan(steps));
  ASSERT_TRUE(remove_run(first.folder));
  const RunRecord again = run(plan(steps));
  EXPECT_EQ(state(again, "a"), StepState::reused);
  EXPECT_EQ(again.id, "demo-2") << "numbers are not given twice";
  EXPECT_EQ(text(out(again, "a") / "m"), "good\n");
}

TEST_F(RunnerTest, induced_faults_are_marked_and_their_results_never_kept) {
  const std::string steps = R"(
  a: {run: "echo ${word} ${CUPEL} $CUPEL_INJECTED rows=$CUPEL_INJECT_ROWS at=$CUPEL_INJECT_KILL_AT > ${out}/m", out: [m]}
)";
  const Plan made = plan(replace_all(steps, " ${CUPEL}", ""), {}, "{word: w}");
  inject("a=rows:9");
  inject("a=kill@40%");
  const RunRecord record = run(made);
  EXPECT_EQ(text(out(record, "a") / "m"), "w a=rows:9 a=kill@40% rows=9 at=40\n");
  EXPECT_THAT(record.injected, testing::ElementsAre("a=rows:9", "a=kill@40%"));
  EXPECT_THAT(summary_text(record), HasSubstr("[INDUCED FAULT: a=rows:9, a=kill@40%; not a real run]"));
  options_.injections.clear();
  const RunRecord real = run(made);
  EXPECT_EQ(state(real, "a"), StepState::ok) << "not reused from the induced run";
  EXPECT_EQ(text(out(real, "a") / "m"), "w rows= at=\n");
}

TEST_F(RunnerTest, the_runner_induces_exits_kills_hangs_and_losses) {
  const std::string steps = R"(
  a:
    run: "sleep 0.15; echo fine > ${out}/m"
    out: [m]
    timeout: 1s
    on: {failed: retry, timed_out: retry}
  b: {run: "cat ${a.out}/m > ${out}/b", in: ["${a.out}/m"], out: [b]}
)";
  const Plan made = plan(steps);
  struct Case {
    const char* injection;
    Fault fault;
  };
  options_.caching = Caching::off;
  for (const Case& each : {Case{"a=exit:3", Fault::failed}, Case{"a=kill:0.05", Fault::interrupted}, Case{"a=hang", Fault::timed_out}, Case{"a=lost_output", Fault::lost_output},
                           Case{"a=corrupt_output", Fault::lost_output}, Case{"b=corrupt_output", Fault::lost_output}}) {
    options_.injections = {*parse_injection(each.injection)};
    const RunRecord record = run(made);
    const std::string step = options_.injections[0].step;
    EXPECT_EQ(record.state, RunState::handled) << each.injection;
    EXPECT_EQ(fault(record, step), each.fault) << each.injection;
    EXPECT_EQ(text(out(record, "b") / "b"), "fine\n") << each.injection;
    EXPECT_EQ(record.find(step)->attempts.size(), 2u) << each.injection;
    EXPECT_EQ(record.find(step)->attempts[0].injected, options_.injections[0].text);
  }
}

TEST_F(RunnerTest, a_small_memory_and_a_full_disk_are_induced_by_limits) {
  options_.injections = {*parse_injection("a=oom")};
  const RunRecord memory = run(plan("  a: {run: \"dd if=/dev/zero of=/dev/null bs=256M count=1\"}\n"));
  EXPECT_EQ(fault(memory, "a"), Fault::out_of_memory) << why(memory, "a");
  options_.injections = {*parse_injection("a=disk_full")};
  const RunRecord disk = run(plan("  a: {run: \"head -c 100000 /dev/zero > ${out}/m\", out: [m], on: {disk_full: {then: retry}}}\n"));
  EXPECT_EQ(fault(disk, "a"), Fault::disk_full) << why(disk, "a");
  EXPECT_EQ(disk.state, RunState::handled) << "the second attempt has room";
}

TEST_F(RunnerTest, an_induced_hang_needs_a_timeout_and_a_loss_an_output) {
  std::vector<std::string> warnings;
  const Plan made = plan("  a: {run: \"true\"}\n");
  options_.injections = {*parse_injection("a=hang")};
  EXPECT_EQ(check_before_run(made, options_, warnings).error().message, "step 'a' has no timeout: an induced hang would never end");
  options_.injections = {*parse_injection("a=lost_output")};
  EXPECT_EQ(check_before_run(made, options_, warnings).error().message, "step 'a' has no output to lose");
  options_.injections = {*parse_injection("aa=exit:1")};
  EXPECT_EQ(check_before_run(made, options_, warnings).error().message, "f.yaml has no step 'aa' (nearest: 'a')");
}

TEST_F(RunnerTest, independent_steps_run_side_by_side) {
  // Each waits for the other's mark: only possible when both run.
  const std::string steps = R"(
  a: {run: "touch a.mark; i=0; while [ ! -f b.mark ] && [ $i -lt 200 ]; do sleep 0.01; i=$((i+1)); done; [ -f b.mark ]"}
  b: {run: "touch b.mark; i=0; while [ ! -f a.mark ] && [ $i -lt 200 ]; do sleep 0.01; i=$((i+1)); done; [ -f a.mark ]"}
)";
  options_.jobs = 2;
  EXPECT_EQ(run(plan(steps)).state, RunState::ok);
}

TEST_F(RunnerTest, a_clock_that_is_set_back_changes_nothing_but_times) {
  put("data.txt", "1\n");
  const std::string steps = R"(
  a: {run: "cat data.txt > ${out}/m; echo $SOURCE_DATE_EPOCH >&2", in: [data.txt], out: [m]}
  b: {run: "cat ${a.out}/m > ${out}/m", in: ["${a.out}/m"], out: [m]}
)";
  inject("a=clock_jump");
  const RunRecord record = run(plan(steps));
  EXPECT_EQ(record.state, RunState::ok);
  EXPECT_LT(record.find("a")->attempts[0].started, record.started);
  EXPECT_GE(record.find("a")->attempts[0].seconds, 0);
  EXPECT_LT(fs::last_write_time(out(record, "a") / "m"), fs::last_write_time(at("data.txt")));
  EXPECT_THAT(text(fs::path(record.folder) / "steps/a/attempt-1/stderr.log"), testing::MatchesRegex("[0-9]+\n"));
  options_.injections.clear();
  // What is older than what it was made from is stale only if its content says so.
  put("data.txt", "2\n");
  fs::last_write_time(at("data.txt"), fs::last_write_time(at("data.txt")) - std::chrono::hours(2));
  EXPECT_EQ(text(out(run(plan(steps)), "b") / "m"), "2\n");
}

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

TEST_F(RunnerTest, a_dry_run_says_what_would_run_and_leaves_nothing) {
  put("data.txt", "1\n");
  const std::string steps = "  a: {run: \"cp data.txt ${out}/m\", in: [data.txt], out: [m]}\n  b: {run: \"cat ${a.out}/m\"}\n";
  auto dry = dry_run(plan(steps), options_);
  ASSERT_TRUE(dry);
  EXPECT_EQ((*dry)[0].why, "first time");
  EXPECT_EQ((*dry)[1].why, "its inputs from a are not made yet");
  run(plan(steps));
  dry = dry_run(plan(steps), options_);
  EXPECT_TRUE((*dry)[0].reused);
  EXPECT_TRUE((*dry)[1].reused);
  put("data.txt", "2\n");
  dry = dry_run(plan(steps), options_);
  EXPECT_EQ((*dry)[0].why, "input 'data.txt' changed");
  EXPECT_EQ(run_folders(options_.home).size(), 1u);
}

TEST_F(RunnerTest, until_runs_only_what_a_step_needs) {
  options_.until = "b";
  const RunRecord record = run(plan("  a: {run: \"true\"}\n  b: {run: \"true\", after: [a]}\n  c: {run: exit 3}\n"));
  EXPECT_EQ(record.state, RunState::ok);
  EXPECT_EQ(why(record, "c"), "not asked for (--until b)");
}

TEST_F(RunnerTest, a_log_without_end_is_bounded_and_keeps_its_last_words) {
  const RunRecord record = run(plan("  a: {run: \"head -c 30000000 /dev/zero | tr '\\\\0' x; echo; echo the end\"}\n"));
  EXPECT_EQ(record.state, RunState::ok) << why(record, "a");
  const fs::path log = fs::path(record.folder) / "steps/a/attempt-1/stdout.log";
  EXPECT_LT(fs::file_size(log), 10u << 20);
  EXPECT_TRUE(text(log).ends_with("the end\n"));
  EXPECT_THAT(text(log), HasSubstr("bytes left out]"));
}

TEST_F(RunnerTest, secrets_reach_only_their_step_and_stand_in_no_record) {
  const std::string steps = R"(
  with: {run: "echo \"token=$CUPEL_TEST_TOKEN.\"; printf '%s' $CUPEL_TEST_TOKEN | wc -c; echo $CUPEL_TEST_TOKEN is wrong >&2; exit 3", secrets: [CUPEL_TEST_TOKEN], on: {failed: continue}}
  without: {run: "echo \"[$CUPEL_TEST_TOKEN]\""}
)";
  const Plan made = plan(steps);
  std::vector<std::string> warnings;
  ::unsetenv("CUPEL_TEST_TOKEN");
  EXPECT_THAT(check_before_run(made, options_, warnings).error().message, HasSubstr("secret 'CUPEL_TEST_TOKEN' of step 'with' is not set in the environment"));
  ::setenv("CUPEL_TEST_TOKEN", "s3cr3t-value", 1);
  const RunRecord record = run(made);
  ::unsetenv("CUPEL_TEST_TOKEN");
  EXPECT_EQ(text(fs::path(record.folder) / "steps/with/attempt-1/stdout.log"), "token=***.\n12\n");
  EXPECT_EQ(why(record, "with"), "*** is wrong");
  EXPECT_EQ(text(fs::path(record.folder) / "steps/without/attempt-1/stdout.log"), "[]\n");
  for (const auto& entry : fs::recursive_directory_iterator(options_.home)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(text(entry.path()).find("s3cr3t"), std::string::npos) << entry.path();
  }
}

TEST_F(RunnerTest, a_run_whose_records_cannot_be_written_is_an_error_and_never_ok) {
  const Plan made = plan("  a: {run: \"rm -rf \\\"$CUPEL_RUN_DIR\\\"/steps; touch \\\"$CUPEL_RUN_DIR\\\"/steps\"}\n  b: {run: \"true\", after: [a]}\n");
  const auto record = run_flow(made, options_);
  ASSERT_FALSE(record);
  const auto loaded = load_run(*find_run(options_.home, "last"));
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->state, RunState::failed);
  EXPECT_EQ(state(*loaded, "b"), StepState::not_run);
}

TEST_F(RunnerTest, runs_are_found_by_id_number_and_last) {
  run(plan("  a: {run: \"true\"}\n"));
  run(plan("  a: {run: \"true\"}\n"));
  EXPECT_EQ(find_run(options_.home, "last")->filename(), "demo-2");
  EXPECT_EQ(find_run(options_.home, "1")->filename(), "demo-1");
  EXPECT_EQ(find_run(options_.home, "demo-1")->filename(), "demo-1");
  EXPECT_EQ(find_run(options_.home, "dmo-1").error().message, "there is no run 'dmo-1' (nearest: 'demo-1')");
}

TEST_F(RunnerTest, unwritable_homes_are_errors_with_words) {
  options_.home = "/proc/nowhere";
  const auto record = run_flow(plan("  a: {run: \"true\"}\n"), options_);
  ASSERT_FALSE(record);
  EXPECT_THAT(record.error().message, HasSubstr("cannot make folder '/proc/nowhere/runs'"));
}

}  // namespace
}  // namespace cupel::flow
