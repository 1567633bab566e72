#include <unistd.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "flow/runner_internal.h"
#include "flow/step_outputs.h"

namespace cupel::flow {

/// What earlier steps made must be as they made it. False: it is not, and its maker was dealt with.
bool Runner::inputs_are_whole(std::size_t i, bool& failed_to_record) {
  for (const std::size_t producer : plan_.steps[i].reads) {
    const auto altered = altered_output(folder_.out(step(producer).name), at(producer).outputs, digester_);
    if (!altered) continue;
    failed_to_record = !respond(producer, Fault::lost_output, *altered);
    return false;
  }
  return true;
}

Result<void> Runner::begin(std::size_t i) {
  bool failed_to_record = false;
  if (!inputs_are_whole(i, failed_to_record)) {
    if (failed_to_record) return fail(ErrorKind::io, "cannot record the loss of an output of step '{}'", step(i).name);
    return {};
  }
  Live& live = live_[i];
  ASSIGN_OR_RETURN(const auto inputs, find_inputs(plan_.steps[i], around(i)));
  if (const std::string missing = missing_text(inputs, around(i)); !missing.empty()) return respond(i, Fault::missing_input, missing);
  const auto identity = places_.identity(step(i), plan_.flow.folder, Build::yes);
  if (!identity) return respond(i, identity.error().kind == ErrorKind::interrupted ? Fault::cancelled : Fault::failed, identity.error().text());
  auto key = make_key(plan_.steps[i], around(i), inputs, options_.tools, environment_, *identity, digester_);
  if (!key) return respond(i, Fault::missing_input, key.error().message);
  at(i).key = key->digest();
  at(i).key_parts = *key;
  at(i).inputs = input_records(inputs, *key);
  if (live.own_attempts == 0 && live.how == "run" && keep_earlier(i, *key)) return {};
  std::string why_not;
  if (reuse(i, *key, why_not)) return {};
  const auto last = cache_.last(plan_.flow.name, step(i).name);
  if (last) live.expected_seconds = last->seconds;
  if (live.how == "run") explain_run(i, *key, last, why_not);
  std::vector<fs::path> paths;
  for (const FoundInput& input : inputs) paths.insert(paths.end(), input.paths.begin(), input.paths.end());
  return start(i, paths, nullptr);
}

bool Runner::keep_earlier(std::size_t i, const StepKey& key) {
  Live& live = live_[i];
  if (!live.before || live.uncached) return false;
  const StepRecord before = *live.before;
  if (!before.done() || before.state == StepState::continued || before.key != key.digest()) return false;
  if (altered_output(folder_.out(before.name), before.outputs, digester_)) return false;
  StepRecord& now = at(i);
  now.outputs = before.outputs;
  now.took = before.took;
  now.fault = before.fault;
  now.response = before.response;
  now.because = before.because;
  now.reused_from = before.reused_from;
  now.state = before.state == StepState::fell_back ? StepState::fell_back : StepState::kept;
  now.why = before.state == StepState::fell_back ? before.why : "";
  settled(i);
  return true;
}

bool Runner::reuse(std::size_t i, const StepKey& key, std::string& why_not) {
  if (options_.caching == Caching::off || !step(i).cache || live_[i].uncached || !injections_of(i).empty() || !live_[i].with.empty()) return false;
  auto hit = cache_.take(key.digest(), folder_.out(step(i).name), digester_, why_not);
  if (!hit) return false;
  at(i).outputs = std::move(hit->outputs);
  at(i).reused_from = std::move(hit->run);
  at(i).state = StepState::reused;
  settled(i);
  return true;
}

void Runner::explain_run(std::size_t i, const StepKey& key, const std::optional<StepCache::Last>& last, const std::string& why_not) {
  std::string& why = at(i).ran_because;
  if (!last) {
    why = "first time";
  } else if (const std::string changed = differences_text(last->key, key); !changed.empty()) {
    why = changed;
  } else if (!why_not.empty()) {
    why = why_not;
  } else if (!injections_of(i).empty()) {
    why = "a fault is induced";
  } else if (options_.caching == Caching::off || live_[i].uncached) {
    why = "asked to run anew";
  } else {
    why = step(i).cache ? "no earlier result is kept" : "its results are never reused";
  }
}

Result<void> Runner::start(std::size_t i, const std::vector<fs::path>& inputs, const Policy* fall_back) {
  Live& live = live_[i];
  StartRequest request;
  request.flow = &plan_.flow;
  request.step = &step(i);
  request.run = &folder_;
  request.number = at(i).attempts.empty() ? 1 : at(i).attempts.back().number + 1;
  request.how = fall_back != nullptr ? "fall_back" : live.how;
  request.with = live.with;
  request.fall_back = fall_back;
  request.injections = injections_of(i);
  request.injected_run = join(record_.injected, " ");
  request.own_attempts = live.own_attempts;
  request.home = options_.home;
  request.tools = options_.tools;
  request.places = &places_;
  request.inputs = inputs;
  request.grace_seconds = options_.grace_seconds;
  const bool after_interruption = !at(i).attempts.empty() && (at(i).attempts.back().fault == Fault::interrupted || at(i).attempts.back().fault == Fault::cancelled);
  const bool keeps = live.how == "resume" || (live.how == "run" && after_interruption);
  const std::string checkpoint_of = live.with.empty() ? at(i).key : k_with;
  TRY(prepare_checkpoint(folder_, step(i).name, keeps && checkpoint_of == live.checkpoint_of ? Checkpoints::keep : Checkpoints::clear));
  live.checkpoint_of = checkpoint_of;
  std::error_code ignored;
  fs::remove_all(folder_.out(step(i).name), ignored);
  auto spec = make_attempt(request);
  if (!spec) fs::remove_all(folder_.attempt(step(i).name, request.number), ignored);
  if (!spec) return respond(i, spec.error().kind == ErrorKind::interrupted ? Fault::cancelled : Fault::failed, spec.error().text());
  Json facts = {{"step", step(i).name}, {"key", at(i).key}, {"runner_pid", ::getpid()}, {"command", spec->process.argv}};
  spec->intent_facts = &facts;
  auto attempt = Attempt::start(std::move(*spec), journal_, keepers_);
  if (!attempt) {
    fs::remove_all(folder_.attempt(step(i).name, request.number), ignored);
    return tl::unexpected<Error>(attempt.error());
  }
  live.attempt = std::move(*attempt);
  if (fall_back == nullptr) ++live.own_attempts;
  at(i).state = StepState::running;
  if (options_.watcher != nullptr) options_.watcher->changed(record_, at(i), request.how == "run" ? at(i).ran_because : request.how);
  return {};
}

void Runner::conclude_attempt(std::size_t i, const AttemptRecord& record) {
  std::error_code ignored;
  fs::remove_all(folder_.attempt(step(i).name, record.number) / "out", ignored);
  journal_.result(step(i).name, record);
  at(i).attempts.push_back(record);
  at(i).seconds += record.seconds;
}

Result<void> Runner::finish(std::size_t i) {
  Live& live = live_[i];
  AttemptRecord record = live.attempt->record();
  const bool keeper_lost = live.attempt->keeper_lost();
  live.attempt.reset();
  if (keeper_lost) {
    std::vector<pid_t> keepers = keepers_.idle();
    for (const Live& other : live_) {
      if (other.attempt != nullptr) keepers.push_back(other.attempt->keeper());
    }
    kill_unknown_children(keepers);
  }
  if (record.how == "fall_back") return finish_fall_back(i, std::move(record));
  const Policy policy = policy_for(step(i).on, record.fault);
  const bool takes_parts = record.fault == Fault::gate_failed || policy.then == Response::keep_on;
  at(i).outputs.clear();
  if (record.fault == Fault::none || takes_parts) {
    const fs::path scratch = folder_.attempt(step(i).name, record.number) / "out";
    const auto completeness = record.fault == Fault::none ? Completeness::required : Completeness::as_far_as_there;
    ASSIGN_OR_RETURN(TakenOutputs taken, take_outputs(scratch, folder_.out(step(i).name), step(i).outputs, completeness, digester_));
    at(i).outputs = std::move(taken.outputs);
    if (!taken.missing.empty()) {
      at(i).outputs.clear();
      if (record.fault == Fault::none) {
        record.fault = Fault::lost_output;
        record.why = taken.missing + ", though the command ended with 0";
      }
    }
  }
  if (!step(i).cache) TRY(keep_outputs(i));
  conclude_attempt(i, record);
  if (record.fault != Fault::none) return respond(i, record.fault, record.why);
  succeed(i);
  return {};
}

/// Of what another go may make otherwise (a step that is not to be cached, or a fall back to whatever an alias then names) the outputs are on the disk
/// before the result is.
Result<void> Runner::keep_outputs(std::size_t i) { return at(i).outputs.empty() ? Result<void>{} : folder_.sync(); }

Result<void> Runner::finish_fall_back(std::size_t i, AttemptRecord record) {
  const Policy policy = live_[i].policy;
  if (record.fault == Fault::none) {
    const fs::path scratch = folder_.attempt(step(i).name, record.number) / "out";
    ASSIGN_OR_RETURN(TakenOutputs taken, take_outputs(scratch, folder_.out(step(i).name), step(i).outputs, Completeness::as_far_as_there, digester_));
    if (taken.outputs.empty() && !step(i).outputs.empty()) {
      record.fault = Fault::lost_output;
      record.why = "the fall back made none of the outputs";
    } else {
      at(i).outputs = std::move(taken.outputs);
      TRY(keep_outputs(i));
    }
  }
  conclude_attempt(i, record);
  if (record.fault == Fault::none) {
    at(i).state = StepState::fell_back;
    settled(i);
    return {};
  }
  at(i).why += fmt::format("; the fall back to {} failed too: {}", at(i).took, record.why);
  at(i).state = StepState::faulted;
  stopped_at_ = step(i).name;
  settled(i);
  return {};
}

void Runner::succeed(std::size_t i) {
  StepRecord& done = at(i);
  done.state = StepState::ok;
  if (done.fault == Fault::none) done.response.clear();
  if (record_.injected.empty() && live_[i].with.empty()) {
    // A result is kept for its key only if the inputs are still those of the key.
    const auto inputs = find_inputs(plan_.steps[i], around(i));
    const auto key = inputs ? make_key(plan_.steps[i], around(i), *inputs, options_.tools, environment_, done.key_parts->place, digester_) : Result<StepKey>(StepKey{});
    if (key && key->digest() == done.key) {
      if (step(i).cache) cache_.put(done.key, folder_.out(done.name), folder_.id(), done.outputs);
      cache_.remember(plan_.flow.name, done.name, {*done.key_parts, done.attempts.back().seconds, folder_.id()});
    } else {
      done.ran_because += "; its inputs changed meanwhile, so its result is not kept for other runs";
    }
  }
  if (live_[i].own_attempts == 1) {
    for (const Injection& injection : injections_of(i)) {
      if (is_done_to_outputs(injection.induced)) damage_output(folder_.out(done.name), done.outputs, injection.induced);
    }
  }
  settled(i);
}

/// What the step's policy says about a fault.
Result<void> Runner::respond(std::size_t i, Fault fault, const std::string& why) {
  Live& live = live_[i];
  StepRecord& record = at(i);
  record.fault = fault;
  record.why = why;
  const Policy policy = policy_for(step(i).on, fault);
  record.because = policy.because;
  record.response = name_of(policy.then);
  if (fault == Fault::cancelled || signal_ != 0) {
    record.response = name_of(Response::stop);
    record.state = StepState::faulted;
    settled(i);
    return {};
  }
  switch (policy.then) {
    case Response::retry:
    case Response::resume: {
      const int used = live.tries[fault]++;
      if (used >= policy.tries) {
        record.why += fmt::format("; {} {} used up", policy.tries, policy.tries == 1 ? "try is" : "tries are");
        break;
      }
      const double delay = delay_before(policy, options_.seed, record.name, fault, used);
      live.how = name_of(policy.then);
      live.not_before = watch_.seconds() + delay;
      live.with.clear();
      for (const auto& [name, text] : policy.with) {
        ASSIGN_OR_RETURN(std::string value, text.expand([&](const std::string& wanted) { return value_of(around(i), wanted); }));
        live.with.emplace_back(name, std::move(value));
      }
      record.state = StepState::waiting;
      if (options_.watcher != nullptr) {
        options_.watcher->changed(record_, record, fmt::format("{}: {}; {} {} of {}{}", name_of(fault), why, live.how, used + 1, policy.tries, delay >= 0.1 ? " in " + duration_text(delay) : ""));
      }
      return {};
    }
    case Response::fall_back: {
      live.policy = policy;
      record.took = policy.to ? policy.to->expand([&](const std::string& name) { return value_of(around(i), name); }).value_or(policy.to->text()) : policy.by->text();
      record.state = StepState::waiting;
      if (options_.watcher != nullptr) options_.watcher->changed(record_, record, fmt::format("{}: {}; falling back to {}", name_of(fault), why, record.took));
      return start(i, {}, &live.policy);
    }
    case Response::skip: record.state = StepState::skipped; break;
    case Response::keep_on: record.state = StepState::continued; break;
    case Response::stop: break;
  }
  give_up(i, policy);
  return {};
}

void Runner::give_up(std::size_t i, const Policy& policy) {
  if (policy.then != Response::skip && policy.then != Response::keep_on) {
    at(i).state = StepState::faulted;
    if (stopped_at_.empty()) stopped_at_ = step(i).name;
  }
  settled(i);
}

/// The last look: outputs that nothing read may have been altered too. False: a step goes again.
Result<bool> Runner::check_outputs_at_end() {
  if (signal_ != 0 || (!stopped_at_.empty() && options_.on_stop == OnStop::stop)) return true;
  bool whole = true;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (!at(i).done() || at(i).outputs.empty()) continue;
    const auto altered = altered_output(folder_.out(step(i).name), at(i).outputs, digester_);
    if (!altered) continue;
    TRY(respond(i, Fault::lost_output, *altered));
    whole = whole && at(i).state == StepState::faulted;
  }
  return whole;
}

}  // namespace cupel::flow
