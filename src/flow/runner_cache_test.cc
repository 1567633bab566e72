#include "flow/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "flow/preflight.h"
#include "flow/runner_fixture.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace cupel::flow
