#include "flow/plan.h"

#include <fnmatch.h>

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace cupel::flow {
namespace {

/// A value that is known before the run.
Result<std::string> static_value(const Flow& flow, const Step& step, const std::string& name) {
  for (const auto& [bound, value] : step.each) {
    if (bound == name) return value;
  }
  if (const auto found = flow.params.find(name); found != flow.params.end()) return found->second;
  return fail("'${{{}}}' cannot stand in the path of an input from another step", name);
}

/// Whether a path below a step's out folder, which may be a glob, is or holds or stands in one of its outputs.
bool is_produced(const std::string& below, const Step& producer) {
  return std::any_of(producer.outputs.begin(), producer.outputs.end(), [&](const std::string& output) {
    const bool inside = below.starts_with(output) && (below.size() == output.size() || below[output.size()] == '/');
    const bool holds = output.starts_with(below) && output.size() > below.size() && output[below.size()] == '/';
    return inside || holds || ::fnmatch(below.c_str(), output.c_str(), FNM_PATHNAME) == 0 || ::fnmatch((output + "/*").c_str(), below.c_str(), 0) == 0;
  });
}

/// The steps that make a declared input: `${train.out}/model` of a producer with output `model` is fine, `${train.out}/modle` is not. Of a
/// `foreach`, `${train.out}/seed=7/model` is of one instance and `${train.out}/*/model` of all.
Result<std::vector<std::size_t>> producers_of(const Flow& flow, const Step& step, const Template& input, const std::string& name) {
  const std::string meant = flow.referred(step, name);
  const auto all = flow.find_all(meant);
  std::vector<std::size_t> producers(all.begin(), all.end());
  if (!input.text().starts_with("${")) return input.fail_here(fmt::format("input '{}' names another step's folder in its middle, expected it at the start", input.text()));
  ASSIGN_OR_RETURN(const Template rest, Template::parse(std::string_view(input.text()).substr(input.text().find('}') + 1)));
  ASSIGN_OR_RETURN(std::string below, rest.expand([&](const std::string& wanted) { return static_value(flow, step, wanted); }));
  while (below.size() > 1 && below.ends_with('/')) below.pop_back();
  if (below.empty() || below == "/") return producers;
  if (below.front() != '/') return input.fail_here(fmt::format("input '{}' is not below ${{{}.out}}", input.text(), name));
  below.erase(0, 1);
  const bool collected = declared_name(meant) == meant && !flow.steps[producers[0]].each.empty();
  if (collected) {
    const std::string values = below.substr(0, below.find('/'));
    std::vector<std::string> known;
    std::erase_if(producers, [&](std::size_t i) {
      known.push_back(values_folder(flow.steps[i].name));
      return ::fnmatch(values.c_str(), known.back().c_str(), FNM_PATHNAME) != 0 && values != known.back();
    });
    if (producers.empty()) return input.fail_here(fmt::format("step '{}' has no instance '{}'{}", name, values, nearest_note(values, known)));
    below = values.size() == below.size() ? "" : below.substr(values.size() + 1);
    if (below.empty()) return producers;
  }
  const Step& producer = flow.steps[producers[0]];  // all instances have the same outputs
  if (is_produced(below, producer)) return producers;
  return input.fail_here(fmt::format("step '{}' has no output '{}'{}", name, below, nearest_note(below, producer.outputs)));
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
    PlannedInput entry{input, {}};
    for (const std::string& name : producers_in(input)) {
      if (!entry.producers.empty()) return input.fail_here(fmt::format("input '{}' names two steps, expected one", input.text()));
      ASSIGN_OR_RETURN(entry.producers, producers_of(flow, step, input, name));
      planned.reads.insert(planned.reads.end(), entry.producers.begin(), entry.producers.end());
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
    const auto all = flow.find_all(flow.referred(step, name));
    const bool declared = std::any_of(all.begin(), all.end(), [&](std::size_t i) { return std::find(planned.reads.begin(), planned.reads.end(), i) != planned.reads.end(); });
    if (declared) continue;
    ASSIGN_OR_RETURN(Template whole, Template::parse("${" + name + ".out}"));
    planned.inputs.push_back({std::move(whole), {all.begin(), all.end()}});
    planned.reads.insert(planned.reads.end(), all.begin(), all.end());
  }
  planned.needs = planned.reads;
  for (const std::string& name : step.after) {
    const auto all = flow.find_all(flow.referred(step, name));
    planned.needs.insert(planned.needs.end(), all.begin(), all.end());
  }
  for (std::vector<std::size_t>* list : {&planned.reads, &planned.needs}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
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

std::vector<bool> closure(std::size_t count, std::span<const std::size_t> starts, const std::function<std::vector<std::size_t>(std::size_t)>& next) {
  std::vector<bool> in(count, false);
  std::vector<std::size_t> open(starts.begin(), starts.end());
  for (const std::size_t start : starts) in[start] = true;
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

std::vector<bool> Plan::upstream(std::span<const std::size_t> from) const {
  return closure(steps.size(), from, [&](std::size_t i) { return steps[i].needs; });
}

std::vector<bool> Plan::downstream(std::span<const std::size_t> from) const {
  std::vector<std::vector<std::size_t>> after(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::size_t need : steps[i].needs) after[need].push_back(i);
  }
  return closure(steps.size(), from, [&](std::size_t i) { return after[i]; });
}

std::vector<std::string> Plan::names_of(std::span<const std::size_t> indices) const {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < indices.size(); ++at) {
    const std::string& name = flow.steps[indices[at]].name;
    const auto all = flow.find_all(declared_name(name));
    const bool whole = all.size() > 1 && at + all.size() <= indices.size() && std::equal(all.begin(), all.end(), indices.begin() + static_cast<std::ptrdiff_t>(at));
    names.emplace_back(whole ? declared_name(name) : std::string_view(name));
    if (whole) at += all.size() - 1;
  }
  return names;
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

Result<std::vector<std::size_t>> named_steps(const Plan& plan, std::string_view step) {
  const auto all = plan.flow.find_all(step);
  if (!all.empty()) return std::vector<std::size_t>(all.begin(), all.end());
  std::vector<std::string> known = plan.flow.declared();
  for (const std::size_t i : plan.flow.find_all(declared_name(step))) known.push_back(plan.flow.steps[i].name);
  return fail("{} has no step '{}'{}", plan.flow.file.filename().string(), step, nearest_note(step, known));
}

}  // namespace cupel::flow
