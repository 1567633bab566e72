// The input is a flow file. What is accepted is planned: every step stands in the order once, behind all that it needs.
#include <algorithm>
#include <array>

#include "base/invariant.h"
#include "flow/plan.h"
#include "target.h"

namespace cupel::fuzz {
namespace {

void check_outputs(const flow::Step& step) {
  for (const std::string& output : step.outputs) {
    const fs::path path = output;
    CHECK(!output.empty() && path.is_relative(), "'{}'", output);
    for (const fs::path& part : path) CHECK(part != ".." && part != ".", "'{}'", output);
  }
}

/// What a template names it asks for when it is expanded, in the same order, and text without names stays what it is but for `$${`.
void check_template(const flow::Template& text) {
  std::vector<std::string> asked;
  const auto lookup = [&](const std::string& name) -> Result<std::string> {
    asked.push_back(name);
    return std::string("'a\"b$(c)`d`");
  };
  CHECK(text.expand(lookup).has_value());
  CHECK(asked == text.names(), "{} of {}", asked.size(), text.names().size());
  CHECK(text.expand(lookup, flow::Template::Quoting::shell).has_value());
}

void check_plan(const flow::Plan& plan) {
  std::vector<std::size_t> place(plan.flow.steps.size(), plan.flow.steps.size());
  CHECK(plan.order.size() == plan.flow.steps.size() && plan.steps.size() == plan.flow.steps.size());
  for (std::size_t i = 0; i < plan.order.size(); ++i) place[plan.order[i]] = i;
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    CHECK(place[step] < plan.order.size());
    for (const std::size_t need : plan.steps[step].needs) CHECK(place[need] < place[step], "{} needs {}", step, need);
    for (const std::size_t read : plan.steps[step].reads) CHECK(std::ranges::count(plan.steps[step].needs, read) == 1);
    const std::array alone{step};
    CHECK(plan.downstream(alone)[step] && plan.upstream(alone)[step]);
  }
}

}  // namespace

void fuzz_flow(std::string_view input) {
  if (input.size() > 8192) return;
  // The values of a `foreach` may come from files: from none but the flow itself, which stands alone in a folder of memory.
  if ((input.find("glob") != std::string_view::npos || input.find("file") != std::string_view::npos) && input.find_first_of("/\\") != std::string_view::npos) return;
  static const ScratchFolder folder = std::move(*ScratchFolder::make(fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(), "cupel-fuzz"));
  const fs::path file = folder.path() / "flow.yaml";
  CHECK(write_file(file, input).has_value());
  const Result<flow::Flow> flow = flow::read_flow(file, {});
  if (!flow) {
    CHECK(!flow.error().message.empty());
    return;
  }
  CHECK(!flow->steps.empty() && !flow->name.empty());
  for (const flow::Step& step : flow->steps) {
    CHECK(flow->find(step.name) == &step, "'{}' is there twice", step.name);
    check_outputs(step);
    for (const flow::Template& word : step.command) check_template(word);
    for (const flow::Template& word : step.inputs) check_template(word);
  }
  if (flow->steps.size() > 60) return;
  const Result<flow::Plan> plan = flow::make_plan(*flow);
  if (!plan) {
    CHECK(!plan.error().message.empty());
    return;
  }
  check_plan(*plan);
}

}  // namespace cupel::fuzz
