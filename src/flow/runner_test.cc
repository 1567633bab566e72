#include "flow/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "flow/preflight.h"
#include "flow/runner_fixture.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

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
