#include "flow/flow_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "flow/plan.h"

namespace cupel::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FlowFile : public testing::Test {
 protected:
  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "flow");
  Result<Flow> read(const std::string& text, const Params& overrides = {}) {
    EXPECT_TRUE(write_file(folder_.path() / "f.yaml", text));
    return read_flow(folder_.path() / "f.yaml", overrides);
  }
  /// The message after the folder's name.
  std::string error_of(const std::string& text, const Params& overrides = {}) {
    const auto flow = read(text, overrides);
    std::string message;
    if (!flow) {
      message = flow.error().message;
    } else if (const auto plan = make_plan(*flow); !plan) {
      message = plan.error().message;
    } else {
      return "no error";
    }
    const std::size_t at = message.find("f.yaml");
    return at == std::string::npos ? message : message.substr(at);
  }
};

constexpr std::string_view k_head = "cupel: 1\nflow: demo\n";
std::string steps(std::string_view text) { return std::string(k_head) + "steps:\n" + std::string(text); }

TEST_F(FlowFile, a_step_is_read_with_all_that_it_may_say) {
  const auto flow = read(std::string(k_head) + R"(about: shows all
params: {data: x.csv, threads: 2}
steps:
  check: {run: "cupel check s.yaml --data ${data}", in: [s.yaml, "${data}"], out: [check.json]}
  train:
    run: [cupel, train, t.yaml, -o, "${out}/model"]
    about: fits
    because: needs a model
    in: [t.yaml]
    out: [model, log.txt]
    after: [check]
    env: {OMP_NUM_THREADS: "${threads}"}
    timeout: 20m
    limits: {memory: 2G, cpu: 10m, file_size: 1M, threads: 3}
    cache: false
    on:
      too_little_data: {then: fall_back, to: m@champion, because: better old than none}
      interrupted: {then: resume, tries: 3}
      failed: {then: retry, tries: 2, delay: 500ms, backoff: 2}
      out_of_memory: {then: retry, with: {threads: 1}}
      timed_out: skip
)");
  ASSERT_TRUE(flow) << flow.error().message;
  ASSERT_EQ(flow->steps.size(), 2u);
  EXPECT_TRUE(flow->steps[0].gate) << "cupel check is a gate";
  const Step& train = flow->steps[1];
  EXPECT_FALSE(train.shell);
  EXPECT_FALSE(train.gate);
  EXPECT_FALSE(train.cache);
  EXPECT_EQ(train.command.size(), 5u);
  EXPECT_THAT(train.outputs, ElementsAre("model", "log.txt"));
  EXPECT_EQ(train.timeout_seconds, 1200);
  EXPECT_EQ(train.limits.memory_bytes, 2ull << 30);
  EXPECT_EQ(train.limits.cpu_seconds, 600u);
  EXPECT_EQ(train.limits.file_bytes, 1u << 20);
  EXPECT_EQ(train.limits.threads, 3u);
  EXPECT_EQ(policy_for(train.on, Fault::interrupted).tries, 3);
  EXPECT_EQ(policy_for(train.on, Fault::timed_out).then, Response::skip);
  EXPECT_EQ(policy_for(train.on, Fault::failed).delay_seconds, 0.5);
  EXPECT_EQ(policy_for(train.on, Fault::out_of_memory).with.size(), 1u);
  EXPECT_EQ(policy_for(train.on, Fault::gate_failed).then, Response::stop);
  EXPECT_EQ(policy_for(flow->steps[0].on, Fault::interrupted).then, Response::resume) << "the default of the class";
}

TEST_F(FlowFile, parameters_come_from_the_environment_the_default_or_the_command_line) {
  const std::string text = std::string(k_head) + "params: {data: \"${CUPEL_TEST_DATA}\", other: \"${CUPEL_TEST_NONE:-a/b}\"}\nsteps: {a: {run: x}}\n";
  ::unsetenv("CUPEL_TEST_DATA");
  EXPECT_THAT(error_of(text), HasSubstr("environment variable 'CUPEL_TEST_DATA' of parameter 'data' is not set"));
  EXPECT_EQ(read(text, {{"data", "given"}})->params.at("data"), "given");
  ::setenv("CUPEL_TEST_DATA", "from env", 1);
  EXPECT_EQ(read(text)->params.at("data"), "from env");
  EXPECT_EQ(read(text)->params.at("other"), "a/b");
  ::unsetenv("CUPEL_TEST_DATA");
  EXPECT_THAT(error_of(text, {{"dta", "x"}, {"data", "y"}}), HasSubstr("has no parameter 'dta' (nearest: 'data')"));
}

TEST_F(FlowFile, mistakes_name_place_finding_and_nearest_word) {
  EXPECT_EQ(error_of("flow: x\nsteps: {a: {run: x}}\n"), "f.yaml:1:1: 'cupel' is missing, expected 'cupel: 1' at the start");
  EXPECT_EQ(error_of("cupel: 2\nflow: x\n"), "f.yaml:1:8: 'cupel' is '2', expected 1");
  EXPECT_EQ(error_of("cupel: 1\nflow: x\nstep: {}\n"), "f.yaml:3:1: unknown key 'step' of a flow (nearest: 'steps')");
  EXPECT_EQ(error_of(steps("  a: {run: x, tmeout: 3s}\n")), "f.yaml:4:15: unknown key 'tmeout' of step 'a' (nearest: 'timeout')");
  EXPECT_EQ(error_of(steps("  a: {run: x, timeout: 3 days}\n")), "f.yaml:4:24: 'timeout' is '3 days', expected a duration such as 500ms, 90s, 20m or 2h");
  EXPECT_EQ(error_of(steps("  a: {in: [x]}\n")), "f.yaml:4:6: step 'a' has no 'run', expected its command");
  EXPECT_EQ(error_of(steps("  a: {run: x, on: {faild: stop}}\n")), "f.yaml:4:20: unknown key 'faild' of 'on' (nearest: 'failed')");
  EXPECT_EQ(error_of(steps("  a: {run: x, on: {failed: resumee}}\n")), "f.yaml:4:28: unknown response 'resumee' (nearest: 'resume')");
  EXPECT_EQ(error_of(steps("  a: {run: x, on: {failed: {then: stop, tries: 2}}}\n")), "f.yaml:4:41: 'tries' belongs to retry and resume, not to stop");
  EXPECT_EQ(error_of(steps("  a: {run: x, on: {failed: {then: fall_back}}}\n")), "f.yaml:4:28: 'fall_back' needs 'to': a model such as reviews@champion");
  EXPECT_EQ(error_of(steps("  train: {run: x, after: [chek]}\n  check: {run: x}\n")), "f.yaml:4:3: step 'train' comes after an unknown step 'chek' (nearest: 'check')");
  EXPECT_EQ(error_of(steps("  a: {run: \"x ${sed}\"}\n")), "f.yaml:4:12: unknown parameter 'sed' (known: out, run, step, attempt)");
  EXPECT_EQ(error_of(steps("  a: {run: x, limits: {threads: 0}}\n")), "f.yaml:4:33: 'threads' is 0, expected at least 1");
  EXPECT_EQ(error_of(steps("  a: {run: x, limits: {memory: lots}}\n")), "f.yaml:4:32: 'memory' is 'lots', expected a size such as 512M or 2G");
  EXPECT_EQ(error_of(std::string(k_head) + "params: {out: 3}\nsteps: {a: {run: x}}\n"), "f.yaml:3:10: 'out' has a meaning of its own, choose another name");
  EXPECT_EQ(error_of(std::string(k_head) + "steps: [a]\n"), "f.yaml:3:8: 'steps' is missing or empty, expected a mapping of steps");
}

TEST_F(FlowFile, outputs_that_leave_the_folder_are_refused) {
  for (const char* output : {"../x", "/etc/passwd", "a/../../x", ".", "./x", ""}) {
    EXPECT_THAT(error_of(steps(fmt::format("  a: {{run: x, out: [\"{}\"]}}\n", output))), HasSubstr("leaves the step's folder")) << output;
  }
  EXPECT_EQ(error_of(steps("  a: {run: x, out: [m, m]}\n")), "f.yaml:4:24: output 'm' stands here a second time");
}

TEST_F(FlowFile, a_circle_names_its_steps) {
  EXPECT_EQ(error_of(steps("  a: {run: x, after: [c]}\n  b: {run: x, after: [a]}\n  c: {run: \"cat ${b.out}/y\", in: [\"${b.out}/y\"]}\n")),
            "f.yaml:6:35: step 'b' has no output 'y'");
  EXPECT_EQ(error_of(steps("  z: {run: x}\n  a: {run: x, after: [c]}\n  b: {run: x, after: [a]}\n  c: {run: \"cat ${b.out}/y\"}\n")),
            "f.yaml:5:3: steps go in a circle: a needs c needs b needs a");
  EXPECT_EQ(error_of(steps("  a: {run: x, after: [a]}\n")), "f.yaml:4:3: steps go in a circle: a needs a");
}

TEST_F(FlowFile, an_undeclared_output_of_another_step_is_refused) {
  EXPECT_EQ(error_of(steps("  train: {run: x, out: [model]}\n  b: {run: x, in: [\"${train.out}/modle\"]}\n")),
            "f.yaml:5:20: step 'train' has no output 'modle' (nearest: 'model')");
  EXPECT_EQ(error_of(steps("  train: {run: x}\n  b: {run: \"cat ${trian.out}/m\"}\n")), "f.yaml:5:12: unknown step 'trian' (nearest: 'train')");
  EXPECT_EQ(error_of(steps("  a: {run: x, in: [\"${out}/m\"]}\n")), "f.yaml:4:20: '${out}' is the step's own output, it cannot be an input");
}

TEST_F(FlowFile, order_follows_inputs_outputs_and_after) {
  const auto flow = read(steps("  report: {run: \"x ${train.out}/model\"}\n  validate: {run: x, in: [\"${steps.train.out}/model/a\"], after: [check]}\n"
                               "  train: {run: x, out: [model]}\n  check: {run: x}\n"));
  ASSERT_TRUE(flow) << flow.error().message;
  const auto plan = make_plan(*flow);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->order, ElementsAre(2, 3, 0, 1));
  EXPECT_THAT(plan->steps[1].needs, ElementsAre(2, 3));
  EXPECT_THAT(plan->steps[1].reads, ElementsAre(2));
  EXPECT_THAT(plan->upstream(std::vector<std::size_t>{1}), ElementsAre(false, true, true, true));
  EXPECT_THAT(plan->downstream(std::vector<std::size_t>{2}), ElementsAre(true, true, true, false));
}

TEST_F(FlowFile, gates_are_known_by_their_command) {
  EXPECT_TRUE(is_gate_command("cupel check s.yaml"));
  EXPECT_TRUE(is_gate_command("cd x && cupel  drift --reference a"));
  EXPECT_TRUE(is_gate_command("/opt/bin/cupel validate"));
  EXPECT_FALSE(is_gate_command("cupel train t.yaml"));
  EXPECT_FALSE(is_gate_command("python check cupel"));
  EXPECT_FALSE(is_gate_command("mycupel check"));
}

TEST(Policy, delays_grow_with_seeded_jitter) {
  Policy policy;
  policy.delay_seconds = 10;
  policy.backoff = 2;
  const double first = delay_before(policy, 7, "train", Fault::failed, 0);
  const double third = delay_before(policy, 7, "train", Fault::failed, 2);
  EXPECT_GE(first, 9);
  EXPECT_LE(first, 11);
  EXPECT_GE(third, 36);
  EXPECT_LE(third, 44);
  EXPECT_EQ(first, delay_before(policy, 7, "train", Fault::failed, 0)) << "the same seed, the same delay";
  EXPECT_NE(first, delay_before(policy, 7, "other", Fault::failed, 0)) << "steps do not come back together";
}

}  // namespace
}  // namespace cupel::flow
