#include "flow/plan.h"

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace cupel::flow {
namespace {

std::vector<std::string> step_names(const Flow& flow) {
  std::vector<std::string> names;
  for (const Step& step : flow.steps) names.push_back(step.name);
  return names;
}

std::size_t index_in(const Flow& flow, std::string_view name) { return static_cast<std::size_t>(flow.find(name) - flow.steps.data()); }

void add_once(std::vector<std::size_t>& list, std::size_t value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

/// `${train.out}/model/x` of a producer with output `model` is fine; `${train.out}/modle` is not.
Result<void> check_produced(const Template& input, const Step& producer) {
  if (!input.text().starts_with("${")) return input.fail_here(fmt::format("input '{}' names another step's folder in its middle, expected it at the start", input.text()));
  std::string_view below = std::string_view(input.text()).substr(input.text().find('}') + 1);
  if (below.empty() || below == "/") return {};
  if (below.front() != '/') return input.fail_here(fmt::format("input '{}' is not below ${{{}.out}}", input.text(), producer.name));
  below.remove_prefix(1);
  for (const std::string& output : producer.outputs) {
    const bool inside = below.starts_with(output) && (below.size() == output.size() || below[output.size()] == '/');
    const bool holds = output.starts_with(below) && output.size() > below.size() && output[below.size()] == '/';
    if (inside || holds) return {};
  }
  return input.fail_here(fmt::format("step '{}' has no output '{}'{}", producer.name, below, nearest_note(below, producer.outputs)));
}

/// Steps that a text names.
std::vector<std::string> producers_in(const Template& text) {
  std::vector<std::string> names;
  for (const std::string& name : text.names()) {
    const Reference reference = reference_of(name);
    if (reference.kind == Reference::Kind::other_out) names.push_back(reference.name);
  }
  return names;
}

Result<PlannedStep> plan_step(const Flow& flow, const Step& step) {
  PlannedStep planned;
  for (const Template& input : step.inputs) {
    PlannedInput entry{input, std::nullopt};
    for (const std::string& name : producers_in(input)) {
      if (entry.producer) return input.fail_here(fmt::format("input '{}' names two steps, expected one", input.text()));
      entry.producer = index_in(flow, name);
      TRY(check_produced(input, flow.steps[*entry.producer]));
      add_once(planned.reads, *entry.producer);
    }
    planned.inputs.push_back(std::move(entry));
  }
  std::vector<std::string> implied;
  for (const Template& text : step.command) {
    for (std::string& name : producers_in(text)) implied.push_back(std::move(name));
  }
  for (const auto& [variable, text] : step.variables) {
    for (std::string& name : producers_in(text)) implied.push_back(std::move(name));
  }
  for (const std::string& name : implied) {
    const std::size_t producer = index_in(flow, name);
    if (std::find(planned.reads.begin(), planned.reads.end(), producer) != planned.reads.end()) continue;
    ASSIGN_OR_RETURN(Template all, Template::parse("${" + name + ".out}"));
    planned.inputs.push_back({std::move(all), producer});
    planned.reads.push_back(producer);
  }
  planned.needs = planned.reads;
  for (const std::string& name : step.after) add_once(planned.needs, index_in(flow, name));
  std::sort(planned.needs.begin(), planned.needs.end());
  return planned;
}

/// Follows unfinished needs until a step comes a second time.
std::string circle(const Plan& plan, const std::vector<bool>& done) {
  std::size_t at = 0;
  while (done[at]) ++at;
  std::vector<std::size_t> path;
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(plan.steps[at].needs.begin(), plan.steps[at].needs.end(), [&](std::size_t need) { return !done[need]; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  path.push_back(at);
  std::string text;
  for (const std::size_t step : path) text += (text.empty() ? "" : " needs ") + plan.flow.steps[step].name;
  return text;
}

Result<void> put_in_order(Plan& plan) {
  std::vector<bool> done(plan.steps.size(), false);
  while (plan.order.size() < plan.steps.size()) {
    const std::size_t before = plan.order.size();
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      const auto& needs = plan.steps[i].needs;
      if (done[i] || !std::all_of(needs.begin(), needs.end(), [&](std::size_t need) { return done[need]; })) continue;
      done[i] = true;
      plan.order.push_back(i);
    }
    if (plan.order.size() > before) continue;
    std::size_t at = 0;
    while (done[at]) ++at;
    return plan.flow.steps[at].place.fail_here(fmt::format("steps go in a circle: {}", circle(plan, done)));
  }
  return {};
}

std::vector<bool> closure(std::size_t count, std::size_t start, const std::function<std::vector<std::size_t>(std::size_t)>& next) {
  std::vector<bool> in(count, false);
  std::vector<std::size_t> open{start};
  in[start] = true;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::size_t other : next(at)) {
      if (in[other]) continue;
      in[other] = true;
      open.push_back(other);
    }
  }
  return in;
}

}  // namespace

std::optional<std::size_t> Plan::index_of(std::string_view step) const {
  for (std::size_t i = 0; i < flow.steps.size(); ++i) {
    if (flow.steps[i].name == step) return i;
  }
  return std::nullopt;
}

std::vector<bool> Plan::upstream(std::size_t step) const {
  return closure(steps.size(), step, [&](std::size_t i) { return steps[i].needs; });
}

std::vector<bool> Plan::downstream(std::size_t step) const {
  std::vector<std::vector<std::size_t>> after(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::size_t need : steps[i].needs) after[need].push_back(i);
  }
  return closure(steps.size(), step, [&](std::size_t i) { return after[i]; });
}

Result<Plan> make_plan(Flow flow) {
  Plan plan;
  for (const Step& step : flow.steps) {
    ASSIGN_OR_RETURN(plan.steps.emplace_back(), plan_step(flow, step));
  }
  plan.flow = std::move(flow);
  TRY(put_in_order(plan));
  return plan;
}

std::string mermaid(const Plan& plan) {
  std::string text = "flowchart TD\n";
  for (std::size_t i = 0; i < plan.steps.size(); ++i) text += fmt::format("  s{}[\"{}\"]\n", i, plan.flow.steps[i].name);
  for (const std::size_t i : plan.order) {
    for (const std::size_t need : plan.steps[i].needs) {
      const auto& reads = plan.steps[i].reads;
      const bool read = std::find(reads.begin(), reads.end(), need) != reads.end();
      text += fmt::format("  s{} {} s{}\n", need, read ? "-->" : "-.->", i);
    }
  }
  return text;
}

Result<std::size_t> named_step(const Plan& plan, std::string_view step) {
  if (const auto index = plan.index_of(step)) return *index;
  return fail("{} has no step '{}'{}", plan.flow.file.filename().string(), step, nearest_note(step, step_names(plan.flow)));
}

}  // namespace cupel::flow
