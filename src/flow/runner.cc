#include "flow/runner.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>

#include "base/json.h"
#include "base/text.h"
#include "flow/attempt.h"
#include "flow/fresh_record.h"
#include "flow/recovery.h"
#include "flow/run_folder.h"
#include "flow/step_cache.h"
#include "flow/step_inputs.h"
#include "flow/step_outputs.h"
#include "flow/step_start.h"
#include "flow/stop_signals.h"

namespace cupel::flow {
namespace {

constexpr double k_tick_seconds = 0.1;
/// In place of a key: checkpoints of attempts with other parameters are of one kind.
constexpr const char* k_with = "with";

/// What the runner remembers of a step beside its record.
struct Live {
  std::unique_ptr<Attempt> attempt;
  double not_before = 0;  ///< on the run's stopwatch
  std::string how = "run";
  std::vector<std::pair<std::string, std::string>> with;
  std::map<Fault, int> tries;
  Policy policy;            ///< of a fall back that runs now
  int own_attempts = 0;     ///< of the step's command in this process
  bool uncached = false;    ///< not taken from the cache
  double expected_seconds = 0;  ///< from its last success; 0: unknown
  bool asked = false;           ///< for that, before it ran
  std::string checkpoint_of;         ///< the key of the last attempt
  std::optional<StepRecord> before;  ///< from the run that is resumed
};

class Runner {
 public:
  Runner(const Plan& plan, const RunOptions& options, RunFolder folder, Journal journal, RunRecord record, const RunRecord* before);
  Result<RunRecord> run();

 private:
  const Step& step(std::size_t i) const { return plan_.flow.steps[i]; }
  StepRecord& at(std::size_t i) { return record_.steps[i]; }
  Surroundings around(std::size_t i) { return {&plan_.flow, &step(i), folder_.path(), folder_.out(step(i).name), 1, live_[i].with}; }
  std::vector<Injection> injections_of(std::size_t i) const;
  bool runs(std::size_t i) const { return live_[i].attempt != nullptr; }

  Result<void> loop(StopSignals& signals);
  Result<bool> start_ready();
  void block_if_needed(std::size_t i);
  Result<void> begin(std::size_t i);
  bool inputs_are_whole(std::size_t i, bool& settled);
  bool keep_earlier(std::size_t i, const StepKey& key);
  bool reuse(std::size_t i, const StepKey& key, std::string& why_not);
  void explain_run(std::size_t i, const StepKey& key, const std::optional<StepCache::Last>& last, const std::string& why_not);
  Result<void> start(std::size_t i, const std::vector<fs::path>& inputs, const Policy* fall_back);
  Result<void> finish(std::size_t i);
  Result<void> finish_fall_back(std::size_t i, AttemptRecord record);
  Result<void> keep_outputs(std::size_t i);
  void conclude_attempt(std::size_t i, const AttemptRecord& record);
  void succeed(std::size_t i);
  Result<void> respond(std::size_t i, Fault fault, const std::string& why);
  void give_up(std::size_t i, const Policy& policy);
  Result<bool> check_outputs_at_end();
  void wait_for_events(StopSignals& signals);
  TimeLeft left();
  void follow_signal(int signal);
  void settled(std::size_t i, std::string_view note = {});
  Result<void> keep_for_good();
  void close_open_steps();
  Result<void> write_record(Durable durable);
  void remember_tools();

  const Plan& plan_;
  const RunOptions& options_;
  RunFolder folder_;
  Journal journal_;
  RunRecord record_;
  StepCache cache_;
  Digester digester_;
  std::vector<std::string> environment_;
  Places places_;
  Keepers keepers_;  // before the attempts that run under them
  std::vector<Live> live_;
  std::vector<bool> selected_;
  Stopwatch watch_;
  double last_tick_ = 0;
  double seconds_before_ = 0;
  int signal_ = 0;
  std::string stopped_at_;  ///< the step whose fault ended the run
};

Runner::Runner(const Plan& plan, const RunOptions& options, RunFolder folder, Journal journal, RunRecord record, const RunRecord* before)
    : plan_(plan), options_(options), folder_(std::move(folder)), journal_(std::move(journal)), record_(std::move(record)), cache_(options.home), environment_(step_environment(options.home, options.tools)),
      places_(options.place, environment_), keepers_({folder_.lock()}), live_(plan.steps.size()), selected_(plan.steps.size(), true), seconds_before_(record_.seconds) {
  if (options.until) selected_ = plan.upstream(plan.flow.find_all(*options.until));
  if (options.from) {
    const std::vector<bool> anew = plan.downstream(plan.flow.find_all(*options.from));
    for (std::size_t i = 0; i < anew.size(); ++i) live_[i].uncached = anew[i];
  }
  for (std::size_t i = 0; i < plan.steps.size() && before != nullptr; ++i) {
    StepRecord& fresh = at(i);
    if (const StepRecord* earlier = before->find(fresh.name)) {
      live_[i].before = *earlier;
      fresh.attempts = earlier->attempts;
      if (!fresh.attempts.empty()) live_[i].checkpoint_of = fresh.attempts.back().with.empty() ? earlier->key : k_with;
    }
  }
}

std::vector<Injection> Runner::injections_of(std::size_t i) const {
  std::vector<Injection> own;
  for (const Injection& injection : options_.injections) {
    if (injection.step == step(i).name || injection.step == declared_name(step(i).name)) own.push_back(injection);
  }
  return own;
}

Result<RunRecord> Runner::run() {
  cache_.clean();
  digester_.load(cache_.folder() / "tools.json");
  for (StepRecord& each : record_.steps) {
    if (record_.resumed > 0) close_open_attempts(folder_, journal_, each);
  }
  TRY(write_record(Durable::yes));
  TRY(sync_folder(folder_.path().parent_path()));
  adopt_orphans();
  StopSignals signals;
  Result<void> went = loop(signals);
  while (const int signal = signals.next()) follow_signal(signal);  // else it would end this process before the record is written
  if (std::all_of(record_.steps.begin(), record_.steps.end(), [](const StepRecord& step) { return step.done(); })) signal_ = 0;  // it came too late
  remember_tools();
  discard_spare_checkpoint(folder_);
  if (const Result<void> kept = keep_for_good(); went) went = kept;
  if (!went) stopped_at_ = fmt::format("{} ({})", stopped_at_.empty() ? "the runner's own records" : stopped_at_, went.error().message);
  close_open_steps();
  record_.state = went ? settle(record_.steps, signal_) : RunState::failed;
  record_.exit_status = went && signal_ == SIGTERM ? 143 : exit_status_of(record_.state);
  record_.ended = utc_now();
  record_.seconds = seconds_before_ + watch_.seconds();
  TRY(write_record(Durable::yes));
  if (!went) return tl::unexpected<Error>(went.error());
  return record_;
}

Result<void> Runner::loop(StopSignals& signals) {
  for (;;) {
    ASSIGN_OR_RETURN(const bool open, start_ready());
    const bool running = std::any_of(live_.begin(), live_.end(), [](const Live& live) { return live.attempt != nullptr; });
    if (!running && !open) {
      ASSIGN_OR_RETURN(const bool all_whole, check_outputs_at_end());
      if (all_whole) return {};
      continue;
    }
    TRY(journal_.sync());  // nothing to do: no command waits for it
    wait_for_events(signals);
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (runs(i) && live_[i].attempt->advance()) TRY(finish(i));
    }
  }
}

/// Starts what can start. True: some step still waits for its time.
Result<bool> Runner::start_ready() {
  bool waits = false;
  bool again = true;
  while (again) {  // a step that is reused makes others ready
    again = false;
    waits = false;
    for (const std::size_t i : plan_.order) {
      if (!selected_[i] || at(i).state != StepState::waiting || runs(i)) continue;
      block_if_needed(i);
      if (at(i).state != StepState::waiting || signal_ != 0 || (!stopped_at_.empty() && options_.on_stop == OnStop::stop)) continue;
      const auto& needs = plan_.steps[i].needs;
      if (!std::all_of(needs.begin(), needs.end(), [&](std::size_t need) { return at(need).done(); })) continue;
      waits = true;
      const auto busy = std::count_if(live_.begin(), live_.end(), [](const Live& live) { return live.attempt != nullptr; });
      if (busy >= options_.jobs || watch_.seconds() < live_[i].not_before) continue;
      TRY(begin(i));
      again = again || !runs(i);
    }
  }
  return waits;
}

/// A step that needs one that will never be done is not run.
void Runner::block_if_needed(std::size_t i) {
  for (const std::size_t need : plan_.steps[i].needs) {
    const StepRecord& other = at(need);
    const bool never = other.state == StepState::faulted || other.state == StepState::skipped || other.state == StepState::not_run;
    if (!never) continue;
    at(i).state = StepState::not_run;
    at(i).why = other.state == StepState::not_run ? fmt::format("{} was not run", other.name)
                                                  : fmt::format("{} {}", other.name, other.state == StepState::skipped ? "was skipped" : name_of(other.fault));
    if (other.fault == Fault::gate_failed) at(i).why = fmt::format("{} did not pass", other.name);
    settled(i);
    return;
  }
}

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

void Runner::wait_for_events(StopSignals& signals) {
  std::vector<pollfd> watched{{signals.descriptor(), POLLIN, 0}};
  double seconds = options_.watcher != nullptr ? k_tick_seconds : 3600;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (runs(i)) {
      live_[i].attempt->add_descriptors(watched);
      if (const auto next = live_[i].attempt->next_event()) seconds = std::min(seconds, *next);
    } else if (const double wait = live_[i].not_before - watch_.seconds(); at(i).state == StepState::waiting && wait > 0) {
      seconds = std::min(seconds, wait);
    }
  }
  ::poll(watched.data(), watched.size(), static_cast<int>(seconds * 1000) + 1);
  while (const int signal = signals.next()) follow_signal(signal);
  if (options_.watcher == nullptr || watch_.seconds() - last_tick_ < k_tick_seconds) return;
  last_tick_ = watch_.seconds();
  std::vector<Watcher::Running> running;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (runs(i)) running.push_back({step(i).name, live_[i].attempt->seconds(), live_[i].expected_seconds});
  }
  options_.watcher->tick(record_, running, left());
}

TimeLeft Runner::left() {
  std::vector<OpenStep> open(live_.size());
  for (std::size_t i = 0; i < live_.size(); ++i) {
    Live& live = live_[i];
    if (live.expected_seconds == 0 && !live.asked) {
      live.asked = true;
      if (const auto last = cache_.last(plan_.flow.name, step(i).name)) live.expected_seconds = last->seconds;
    }
    const bool is_open = selected_[i] && (at(i).state == StepState::waiting || at(i).state == StepState::running);
    open[i] = {plan_.steps[i].needs, std::max(0.0, live.expected_seconds - (runs(i) ? live.attempt->seconds() : 0)), live.expected_seconds > 0, !is_open};
  }
  return time_left(open, plan_.order, options_.jobs);
}

void Runner::follow_signal(int signal) {
  const bool second = signal_ != 0;
  signal_ = signal_ == 0 ? signal : signal_;
  for (Live& live : live_) {
    if (live.attempt == nullptr) continue;
    live.attempt->cancel();
    if (second) live.attempt->kill_now();
  }
}

/// A step has its final state of this run: written down so that a look at the run, or its resumption, sees it.
void Runner::settled(std::size_t i, std::string_view note) {
  journal_.state(at(i));
  if (at(i).done()) discard_checkpoint(folder_, step(i).name);
  if (options_.watcher != nullptr) options_.watcher->changed(record_, at(i), note);
}

/// What the steps made is on the disk before the run's record says so. Until then a crash of the machine costs the work of a cached step, never its
/// truth: outputs are compared with their digests before they are used.
Result<void> Runner::keep_for_good() {
  TRY(journal_.close());
  const bool any = std::any_of(record_.steps.begin(), record_.steps.end(), [](const StepRecord& step) { return !step.outputs.empty(); });
  return any ? folder_.sync() : Result<void>{};
}

void Runner::close_open_steps() {
  for (std::size_t i = 0; i < live_.size(); ++i) {
    StepRecord& record = at(i);
    if (record.state != StepState::waiting && record.state != StepState::running) continue;
    record.state = StepState::not_run;
    if (!selected_[i]) {
      record.why = fmt::format("not asked for (--until {})", *options_.until);
    } else {
      record.why = signal_ != 0 ? "the run was told to stop" : fmt::format("the run stopped at {}", stopped_at_);
    }
  }
}

Result<void> Runner::write_record(Durable durable) {
  return write_file(folder_.path() / "run.json", json_text(run_json(record_)), durable);
}

void Runner::remember_tools() {
  Digester tools;
  tools.load(cache_.folder() / "tools.json");
  bool any = false;
  for (const Step& each : plan_.flow.steps) {
    for (const auto& [name, path] : programs_of(each, options_.tools, environment_)) any = tools.of(path).has_value() || any;
  }
  if (any) cache_.remember_tools(tools);
}

}  // namespace

Result<RunRecord> run_flow(const Plan& plan, const RunOptions& options) {
  ASSIGN_OR_RETURN(RunFolder folder, RunFolder::make(options.home, plan.flow.name));
  RunRecord record = fresh_record(plan, options);
  record.id = folder.id();
  record.folder = folder.path().string();
  ASSIGN_OR_RETURN(Journal journal, Journal::open(folder.path()));
  return Runner(plan, options, std::move(folder), std::move(journal), std::move(record), nullptr).run();
}

Result<RunRecord> resume_flow(const fs::path& run_folder, const Plan& plan, const RunOptions& options) {
  ASSIGN_OR_RETURN(RunFolder folder, RunFolder::take(run_folder));
  ASSIGN_OR_RETURN(const RunRecord before, load_run(run_folder));
  if (before.flow != plan.flow.name) return fail("run '{}' is of flow '{}', not of '{}'", before.id, before.flow, plan.flow.name);
  remove_other_instances(run_folder, plan.flow);
  RunRecord record = fresh_record(plan, options);
  record.id = before.id;
  record.folder = before.folder;
  record.started = before.started;
  record.seconds = before.seconds;
  record.resumed = before.resumed + 1;
  for (const std::string& injected : before.injected) {
    if (std::find(record.injected.begin(), record.injected.end(), injected) == record.injected.end()) record.injected.push_back(injected);
  }
  ASSIGN_OR_RETURN(Journal journal, Journal::open(run_folder));
  return Runner(plan, options, std::move(folder), std::move(journal), std::move(record), &before).run();
}

}  // namespace cupel::flow
