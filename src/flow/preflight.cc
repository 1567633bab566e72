#include "flow/preflight.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "flow/step_cache.h"
#include "flow/step_inputs.h"
#include "flow/step_start.h"

namespace cupel::flow {

Result<void> check_before_run(const Plan& plan, const RunOptions& options, std::vector<std::string>& warnings) {
  if (options.from) TRY(named_steps(plan, *options.from));
  if (options.until) TRY(named_steps(plan, *options.until));
  for (const Injection& injection : options.injections) {
    ASSIGN_OR_RETURN(const std::vector<std::size_t> all, named_steps(plan, injection.step));
    const Step& step = plan.flow.steps[all[0]];
    if (injection.induced == Induced::hang && step.timeout_seconds == 0) return fail("step '{}' has no timeout: an induced hang would never end", step.name);
    const bool damages = injection.induced == Induced::corrupt_output || injection.induced == Induced::lost_output;
    if (damages && step.outputs.empty()) return fail("step '{}' has no output to lose", step.name);
  }
  TRY(check_place(options.place, step_environment(options.home, options.tools)));
  const std::vector<bool> selected = options.until ? plan.upstream(plan.flow.find_all(*options.until)) : std::vector<bool>(plan.steps.size(), true);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!selected[i]) continue;
    const Step& step = plan.flow.steps[i];
    for (const std::string& secret : step.secrets) {
      if (std::getenv(secret.c_str()) == nullptr) return step.place.fail_here(fmt::format("secret '{}' of step '{}' is not set in the environment", secret, step.name));
    }
    std::error_code error;
    if (!step.environment.empty() && !fs::is_regular_file(plan.flow.folder / step.environment / "Dockerfile", error)) {
      return step.place.fail_here(fmt::format("environment '{}' of step '{}' has no Dockerfile", step.environment, step.name));
    }
    PlannedStep outside;  // inputs that no step makes
    for (const PlannedInput& input : plan.steps[i].inputs) {
      if (input.producers.empty()) outside.inputs.push_back(input);
    }
    const Surroundings where{&plan.flow, &step, {}, {}, 1, {}};
    ASSIGN_OR_RETURN(const auto inputs, find_inputs(outside, where));
    const bool stops = policy_for(step.on, Fault::missing_input).then == Response::stop;
    if (const std::string missing = missing_text(inputs, where); !missing.empty() && stops) {
      return tl::unexpected<Error>(Error{fmt::format("{}: step '{}': {}", step.place.place(), step.name, missing), {}, ErrorKind::not_found});
    }
    for (const std::string& file : undeclared_files(plan.steps[i], where)) {
      warnings.push_back(fmt::format("{}: step '{}' uses '{}' without declaring it in 'in': its changes will go unnoticed", step.place.place(), step.name, file));
    }
  }
  return {};
}

Result<std::vector<DryStep>> dry_run(const Plan& plan, const RunOptions& options) {
  std::vector<DryStep> steps;
  const StepCache cache(options.home);
  Digester digester;
  digester.load(cache.folder() / "tools.json");
  const std::vector<std::string> environment = step_environment(options.home, options.tools);
  Places places(options.place, environment);
  ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::make(options.home, "dry-run"));
  const std::vector<bool> selected = options.until ? plan.upstream(plan.flow.find_all(*options.until)) : std::vector<bool>(plan.steps.size(), true);
  const std::vector<bool> anew = options.from ? plan.downstream(plan.flow.find_all(*options.from)) : std::vector<bool>(plan.steps.size(), false);
  std::vector<bool> known(plan.steps.size(), false);
  for (const std::size_t i : plan.order) {
    if (!selected[i]) continue;
    const Step& step = plan.flow.steps[i];
    DryStep& dry = steps.emplace_back(DryStep{step.name, false, {}});
    const auto& reads = plan.steps[i].reads;
    const auto unmade = std::find_if(reads.begin(), reads.end(), [&](std::size_t need) { return !known[need]; });
    if (unmade != reads.end()) {
      dry.why = fmt::format("its inputs from {} are not made yet", plan.flow.steps[*unmade].name);
      continue;
    }
    const Surroundings where{&plan.flow, &step, scratch.path(), scratch.path() / out_folder(step.name), 1, {}};
    ASSIGN_OR_RETURN(const auto inputs, find_inputs(plan.steps[i], where));
    if (const std::string missing = missing_text(inputs, where); !missing.empty()) {
      dry.why = missing;
      continue;
    }
    ASSIGN_OR_RETURN(const std::string identity, places.identity(step, plan.flow.folder, Build::no));
    ASSIGN_OR_RETURN(const StepKey key, make_key(plan.steps[i], where, inputs, options.tools, environment, identity, digester));
    std::string why_not;
    if (options.caching == Caching::on && step.cache && !anew[i] && cache.take(key.digest(), where.out, digester, why_not)) {
      dry.reused = known[i] = true;
      continue;
    }
    const auto last = cache.last(plan.flow.name, step.name);
    const auto changed = last ? differences(last->key, key) : std::vector<std::string>{"first time"};
    dry.why = changed.empty() ? (why_not.empty() ? "asked to run anew, or no earlier result is kept" : why_not) : join(changed, ", ");
  }
  return steps;
}

}  // namespace cupel::flow
