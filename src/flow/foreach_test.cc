#include "flow/foreach.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/inject.h"
#include "flow/plan.h"
#include "flow/preflight.h"
#include "flow/run_folder.h"
#include "flow/runner.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Foreach : public testing::Test {
 protected:
  void SetUp() override { options_.home = folder_.path() / "home"; }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(folder_.path() / name, text)); }
  Result<Plan> read(const std::string& steps, const Params& overrides = {}, const std::string& params = "{}") {
    put("f.yaml", "cupel: 1\nflow: fan\nparams: " + params + "\nsteps:\n" + steps);
    ASSIGN_OR_RETURN(Flow flow, read_flow(folder_.path() / "f.yaml", overrides));
    return make_plan(std::move(flow));
  }
  std::string error_of(const std::string& steps, const std::string& params = "{}") {
    const auto plan = read(steps, {}, params);
    if (plan) return "no error";
    const std::size_t at = plan.error().message.find("f.yaml");
    return at == std::string::npos ? plan.error().message : plan.error().message.substr(at);
  }
  static std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> all;
    for (const Step& step : plan.flow.steps) all.push_back(step.name);
    return all;
  }
  /// The instances of `a` that this value of `foreach` makes.
  std::vector<std::string> instances(const std::string& foreach, const std::string& uses, const std::string& params = "{}") {
    const auto plan = read("  a: {foreach: " + foreach + ", run: \"echo " + uses + "\"}\n", {}, params);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? names(*plan) : std::vector<std::string>();
  }
  RunRecord run(const Plan& plan) {
    auto record = run_flow(plan, options_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(RunRecord{});
  }
  std::string text(const RunRecord& record, const std::string& path) const { return read_file(fs::path(record.folder) / path).value_or("(missing)"); }
  static StepState state(const RunRecord& record, const std::string& step) {
    const StepRecord* found = record.find(step);
    return found != nullptr ? found->state : StepState::waiting;
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "foreach");
  RunOptions options_;
};

constexpr const char* k_chain = R"(
  train: {foreach: {seed: "${seeds}"}, run: "echo made ${seed} > ${out}/m", out: [m]}
  validate: {foreach: train, run: "cat ${train.out}/m > ${out}/v", in: ["${train.out}/m"], out: [v]}
  best: {run: "cat ${validate.out}/*/v > ${out}/all", in: ["${validate.out}/*/v"], out: [all]}
)";

TEST_F(Foreach, values_come_from_the_file_a_parameter_a_list_of_lines_or_a_glob) {
  EXPECT_THAT(instances("{s: [1, x y]}", "${s}"), ElementsAre("a[s=1]", "a[s=x y]"));
  EXPECT_THAT(instances("{s: \"${p}\"}", "${s}", "{p: \"1, 2,3\"}"), ElementsAre("a[s=1]", "a[s=2]", "a[s=3]"));
  EXPECT_THAT(instances("{s: \"${p}\"}", "${s}", "{p: [7, 8]}"), ElementsAre("a[s=7]", "a[s=8]"));
  EXPECT_THAT(instances("{s: [\"${p}-1\"]}", "${s}", "{p: q}"), ElementsAre("a[s=q-1]"));
  EXPECT_THAT(instances("{s: {from: -1, to: 1}}", "${s}"), ElementsAre("a[s=-1]", "a[s=0]", "a[s=1]"));
  put("lines.txt", "# shops\nA B\n\n  C  \n");
  EXPECT_THAT(instances("{s: {file: lines.txt}}", "${s}"), ElementsAre("a[s=A B]", "a[s=C]"));
  put("d/b.csv", "1");
  put("d/a.csv", "1");
  EXPECT_THAT(instances("{s: {glob: \"d/*.csv\"}}", "${s}"), ElementsAre("a[s=d/a.csv]", "a[s=d/b.csv]"));
  EXPECT_THAT(instances("{s: [1, 2], t: [x, y]}", "${s} ${t}"), ElementsAre("a[s=1,t=x]", "a[s=1,t=y]", "a[s=2,t=x]", "a[s=2,t=y]"));
}

TEST_F(Foreach, mistakes_are_named_with_their_place) {
  EXPECT_EQ(error_of("  a: {foreach: [1], run: \"echo\"}\n"), "f.yaml:5:16: 'foreach' is a list, expected a name with its values, or a step whose instances it goes with");
  EXPECT_EQ(error_of("  a: {foreach: {s: []}, run: \"echo ${s}\"}\n"), "f.yaml:5:20: the list is empty, expected at least one value");
  EXPECT_EQ(error_of("  a: {foreach: {s: [1, 1]}, run: \"echo ${s}\"}\n"), "f.yaml:5:20: value '1' of 's' stands here a second time");
  EXPECT_EQ(error_of("  a: {foreach: {s: [1]}, run: \"echo\"}\n"), "f.yaml:5:16: 's' of 'foreach' is used nowhere in step 'a', expected ${s} in its command");
  EXPECT_EQ(error_of("  a: {foreach: {s: [1]}, run: \"echo ${s}\"}\n", "{s: 2}"), "f.yaml:5:17: 's' is a parameter of the flow or has a meaning of its own, choose another name");
  EXPECT_THAT(error_of("  a: {foreach: {s: {glob: \"none*\"}}, run: \"echo ${s}\"}\n"), HasSubstr("no file matches 'none*'"));
  EXPECT_THAT(error_of("  a: {foreach: {s: {file: none}}, run: \"echo ${s}\"}\n"), HasSubstr("missing file"));
  EXPECT_THAT(error_of("  a: {foreach: {s: {fiel: none}}, run: \"echo ${s}\"}\n"), HasSubstr("nearest: 'file'"));
  EXPECT_THAT(error_of("  a: {foreach: {s: {from: 1, to: 20000}}, run: \"echo ${s}\"}\n"), HasSubstr("more than 10000 instances"));
  EXPECT_THAT(error_of("  a: {foreach: {s: {from: 1, to: 200}, t: {from: 1, to: 200}}, run: \"echo ${s} ${t}\"}\n"), HasSubstr("40000 instances or more, expected at most 10000"));
  EXPECT_THAT(error_of("  a: {run: \"echo\", out: [l]}\n  b: {foreach: {s: \"${a.out}/l\"}, run: \"echo ${s}\"}\n"), HasSubstr("'foreach' names the output of step 'a', which is not known before the run"));
  EXPECT_THAT(error_of("  a: {run: \"echo\"}\n  b: {foreach: a, run: \"echo\"}\n"), HasSubstr("'foreach' goes with step 'a', which has no 'foreach' itself"));
  EXPECT_THAT(error_of("  a: {foreach: b, run: \"echo\"}\n  b: {foreach: a, run: \"echo\"}\n"), HasSubstr("go in a circle"));
  EXPECT_THAT(error_of("  train: {foreach: {s: [1]}, run: \"echo ${s}\", out: [m]}\n  b: {run: \"echo\", in: [\"${train[s=2].out}/m\"]}\n"), HasSubstr("unknown instance 'train[s=2]'"));
  EXPECT_THAT(error_of("  train: {foreach: {s: [1]}, run: \"echo ${s}\", out: [m]}\n  b: {run: \"echo\", in: [\"${train.out}/s=2/m\"]}\n"), HasSubstr("step 'train' has no instance 's=2'"));
  EXPECT_THAT(error_of("  train: {foreach: {s: [1]}, run: \"echo ${s}\", out: [m]}\n  b: {run: \"echo\", in: [\"${train.out}/*/n\"]}\n"), HasSubstr("step 'train' has no output 'n'"));
  EXPECT_EQ(error_of("  train: {foreach: {s: [1]}, run: \"echo ${s}\", out: [m]}\n  b: {run: \"echo\", in: [\"${train.out}/s=1/m\", \"${train[s=1].out}/m\"], after: [train]}\n"), "no error");
}

TEST_F(Foreach, a_step_that_goes_with_another_needs_its_own_instance_only) {
  const auto plan = read(k_chain, {}, "{seeds: [1, 2]}");
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(names(*plan), ElementsAre("train[seed=1]", "train[seed=2]", "validate[seed=1]", "validate[seed=2]", "best"));
  EXPECT_THAT(plan->steps[2].needs, ElementsAre(0u));
  EXPECT_THAT(plan->steps[3].needs, ElementsAre(1u));
  EXPECT_THAT(plan->steps[4].needs, ElementsAre(2u, 3u));
  EXPECT_THAT(*named_steps(*plan, "train"), ElementsAre(0u, 1u));
  EXPECT_THAT(*named_steps(*plan, "train[seed=2]"), ElementsAre(1u));
  EXPECT_THAT(named_steps(*plan, "train[seed=3]").error().message, HasSubstr("nearest: 'train[seed="));
}

TEST_F(Foreach, instances_have_their_own_folders_attempts_and_cache) {
  const RunRecord first = run(*read(k_chain, {}, "{seeds: [1, 2]}"));
  EXPECT_EQ(first.state, RunState::ok);
  EXPECT_EQ(text(first, "steps/best/out/all"), "made 1\nmade 2\n");
  EXPECT_EQ(text(first, "steps/train/out/seed=2/m"), "made 2\n");
  EXPECT_TRUE(fs::is_directory(fs::path(first.folder) / "steps/train@seed=2/attempt-1"));
  EXPECT_THAT(text(first, "journal.jsonl"), HasSubstr("\"step\":\"train[seed=2]\""));
  const RunRecord second = run(*read(k_chain, {{"seeds", "2,5"}}, "{seeds: [1, 2]}"));
  EXPECT_EQ(state(second, "train[seed=2]"), StepState::reused);
  EXPECT_EQ(state(second, "validate[seed=2]"), StepState::reused);
  EXPECT_EQ(state(second, "train[seed=5]"), StepState::ok);
  EXPECT_EQ(text(second, "steps/best/out/all"), "made 2\nmade 5\n");
}

TEST_F(Foreach, faults_policies_and_choices_are_of_one_instance_or_of_all) {
  const auto plan = read(k_chain, {}, "{seeds: [1, 2]}");
  options_.injections = {*parse_injection("train[seed=2]=exit:3")};
  options_.on_stop = OnStop::keep_going;
  const RunRecord one = run(*plan);
  EXPECT_EQ(state(one, "train[seed=1]"), StepState::ok);
  EXPECT_EQ(state(one, "train[seed=2]"), StepState::faulted);
  EXPECT_EQ(state(one, "validate[seed=1]"), StepState::ok);
  EXPECT_EQ(state(one, "best"), StepState::not_run);
  EXPECT_THAT(one.injected, ElementsAre("train[seed=2]=exit:3"));
  options_.injections = {*parse_injection("train=exit:3")};
  EXPECT_EQ(state(run(*plan), "train[seed=1]"), StepState::faulted);
  options_.injections.clear();
  options_.until = "train[seed=1]";
  const RunRecord until = run(*plan);
  EXPECT_EQ(state(until, "train[seed=1]"), StepState::ok);
  EXPECT_EQ(state(until, "train[seed=2]"), StepState::not_run);
  options_.until.reset();
  (void)run(*plan);
  options_.from = "train";
  const RunRecord anew = run(*plan);
  EXPECT_EQ(state(anew, "train[seed=2]"), StepState::ok);
  EXPECT_EQ(anew.find("train[seed=2]")->ran_because, "asked to run anew");
}

TEST_F(Foreach, a_run_that_goes_on_with_other_values_collects_only_those) {
  const std::string params = "{seeds: [1, 2]}";
  options_.injections = {*parse_injection("best=exit:3")};
  const RunRecord first = run(*read(k_chain, {}, params));
  EXPECT_EQ(first.state, RunState::failed);
  options_.injections.clear();
  const auto resumed = resume_flow(first.folder, *read(k_chain, {{"seeds", "2,3"}}, params), options_);
  ASSERT_TRUE(resumed) << resumed.error().message;
  EXPECT_EQ(state(*resumed, "train[seed=2]"), StepState::kept);
  EXPECT_EQ(text(*resumed, "steps/best/out/all"), "made 2\nmade 3\n");
}

TEST_F(Foreach, hostile_values_stay_within_quotes_and_below_the_run) {
  const auto plan = read("  a: {foreach: {v: [\"../../x\", \"$(touch bad)'\\\"`\", \"ä/b]\"]}, run: \"echo ${v} > ${out}/o\", out: [o]}\n");
  ASSERT_TRUE(plan) << plan.error().message;
  const RunRecord record = run(*plan);
  EXPECT_EQ(record.state, RunState::ok) << summary_text(record);
  EXPECT_EQ(text(record, "steps/a/out/v=..%2F..%2Fx/o"), "../../x\n");
  EXPECT_EQ(text(record, "steps/a/out/v=%24%28touch%20bad%29%27%22%60/o"), "$(touch bad)'\"`\n");
  EXPECT_EQ(text(record, "steps/a/out/v=ä%2Fb%5D/o"), "ä/b]\n");
  EXPECT_FALSE(fs::exists(folder_.path() / "bad"));
  const std::string long_name = instance_name("a", {{"v", std::string(900, 'x')}});
  EXPECT_LE(step_folder(long_name).filename().string().size(), 200u);
}

TEST_F(Foreach, many_instances_are_shown_together_and_their_faults_alone) {
  const auto plan = read("  a: {foreach: {s: {from: 1, to: 20}}, run: \"[ ${s} -ne 7 ]\"}\n");
  options_.on_stop = OnStop::keep_going;
  const std::string summary = summary_text(run(*plan));
  EXPECT_THAT(summary, HasSubstr("a[19 of 20]  ok"));
  EXPECT_THAT(summary, HasSubstr("a[s=7]       failed"));
  EXPECT_THAT(summary, HasSubstr("next: 'cupel runs logs fan-1 \"a[s=7]\"' shows"));
}

TEST_F(Foreach, a_dry_run_tells_of_each_instance) {
  (void)run(*read(k_chain, {}, "{seeds: [1]}"));
  const auto steps = dry_run(*read(k_chain, {{"seeds", "1,2"}}, "{seeds: [1]}"), options_);
  ASSERT_TRUE(steps) << steps.error().message;
  ASSERT_EQ(steps->size(), 5u);
  EXPECT_TRUE((*steps)[0].reused);
  EXPECT_FALSE((*steps)[1].reused);
  EXPECT_TRUE((*steps)[2].reused);
}

}  // namespace
}  // namespace cupel::flow
