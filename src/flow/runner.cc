#include "flow/runner.h"

#include <poll.h>

#include <algorithm>
#include <csignal>

#include "base/json.h"
#include "base/text.h"
#include "flow/recovery.h"
#include "flow/runner_internal.h"
#include "flow/step_outputs.h"

namespace cupel::flow {
namespace {

constexpr double k_tick_seconds = 0.1;

}  // namespace

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
