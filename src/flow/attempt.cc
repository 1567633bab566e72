#include "flow/attempt.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/json.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr std::uint64_t k_log_head = 8u << 20;
constexpr std::size_t k_log_tail = 256u << 10;
constexpr std::size_t k_end_bytes = 4096;

/// How many processes the kernel has killed for want of memory since the boot.
std::uint64_t memory_kills() {
  const auto text = read_file("/proc/vmstat");
  if (!text) return 0;
  const std::size_t at = text->find("\noom_kill ");
  if (at == std::string::npos) return 0;
  return static_cast<std::uint64_t>(parse_integer(split(std::string_view(*text).substr(at + 10), '\n')[0]).value_or(0));
}

/// Reads what is there, a bounded amount: a command that never stops talking must not stop the clocks. False at the end of the stream.
bool pump(int fd, LogFile& log) {
  constexpr int k_reads = 16;
  char buffer[1 << 16];
  for (int i = 0; i < k_reads; ++i) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    log.add({buffer, static_cast<std::size_t>(got)});
  }
  return true;
}

}  // namespace

void LogFile::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!file_.is_open()) file_ = FileHandle(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  while (!bytes.empty() && file_.is_open()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a log that cannot be written must not stop the step
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

LogFile::LogFile(fs::path path, std::vector<std::string> secrets) : path_(std::move(path)), secrets_(std::move(secrets)) {
  for (const std::string& secret : secrets_) longest_secret_ = std::max(longest_secret_, secret.size());
}

void LogFile::add(std::string_view bytes) {
  if (secrets_.empty()) return keep(bytes);
  held_.append(bytes);
  for (const std::string& secret : secrets_) held_ = replace_all(std::move(held_), secret, "***");
  if (held_.size() < longest_secret_) return;
  const std::size_t sure = held_.size() - (longest_secret_ - 1);
  keep(std::string_view(held_).substr(0, sure));
  held_.erase(0, sure);
}

void LogFile::keep(std::string_view bytes) {
  end_.append(bytes);
  if (end_.size() > k_end_bytes) end_.erase(0, end_.size() - k_end_bytes);
  const std::size_t head = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), k_log_head - written_));
  append(bytes.substr(0, head));
  written_ += head;
  tail_.append(bytes.substr(head));
  if (tail_.size() <= 2 * k_log_tail) return;
  const std::size_t cut = tail_.size() - k_log_tail;
  skipped_ += cut;
  tail_.erase(0, cut);
}

void LogFile::finish() {
  if (finished_ || path_.empty()) return;
  finished_ = true;
  keep(held_);
  if (skipped_ > 0) append(fmt::format("\n[{} bytes left out]\n", with_thousands(static_cast<std::int64_t>(skipped_))));
  append(tail_);
  file_.close();
}

Attempt::Attempt(AttemptSpec spec) : spec_(std::move(spec)), output_(spec_.folder / "stdout.log", spec_.secrets), errors_(spec_.folder / "stderr.log", spec_.secrets) {}

Result<std::unique_ptr<Attempt>> Attempt::start(AttemptSpec spec, Journal& journal, Keepers& keepers) {
  std::unique_ptr<Attempt> attempt(new Attempt(std::move(spec)));  // tidy: the constructor is private
  AttemptSpec& own = attempt->spec_;
  journal.intent(own.intent_facts != nullptr ? *own.intent_facts : Json::object(), own.record);
  own.intent_facts = nullptr;
  TRY(journal.sync());
  attempt->memory_kills_before_ = memory_kills();
  attempt->watch_ = Stopwatch();
  ASSIGN_OR_RETURN(attempt->process_, Process::start(own.process, keepers));
  if (own.injection && own.injection->induced == Induced::hang) attempt->process_->signal_group(SIGSTOP);
  return attempt;
}

void Attempt::add_descriptors(std::vector<pollfd>& watched) const {
  if (output_open_) watched.push_back({process_->output(), POLLIN, 0});
  if (errors_open_) watched.push_back({process_->errors(), POLLIN, 0});
  watched.push_back({process_->report(), POLLIN, 0});
}

std::optional<double> Attempt::next_event() const {
  std::optional<double> at = killed_ ? std::nullopt : kill_at_;
  const auto sooner = [&](double seconds) { at = at ? std::min(*at, seconds) : seconds; };
  if (spec_.timeout_seconds > 0 && !timed_out_ && !cancelled_) sooner(spec_.timeout_seconds);
  if (spec_.injection && spec_.injection->induced == Induced::kill_after && !killed_) sooner(spec_.injection->value);
  if (!at) return std::nullopt;
  return std::max(0.0, *at - watch_.seconds());
}

void Attempt::follow_clocks() {
  const double now = watch_.seconds();
  if (spec_.injection && spec_.injection->induced == Induced::kill_after && now >= spec_.injection->value) kill_now();
  if (spec_.timeout_seconds > 0 && now >= spec_.timeout_seconds && !timed_out_ && !cancelled_) {
    timed_out_ = true;
    process_->signal_group(SIGTERM);
    kill_at_ = now + spec_.grace_seconds;
  }
  if (kill_at_ && now >= *kill_at_) kill_now();
}

void Attempt::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  process_->signal_group(SIGTERM);
  kill_at_ = watch_.seconds() + spec_.grace_seconds;
}

void Attempt::kill_now() {
  if (killed_) return;
  killed_ = true;
  process_->kill_tree();
}

bool Attempt::advance() {
  follow_clocks();
  output_open_ = output_open_ && pump(process_->output(), output_);
  errors_open_ = errors_open_ && pump(process_->errors(), errors_);
  const auto outcome = process_->outcome();
  if (!outcome) return false;
  while (output_open_) output_open_ = pump(process_->output(), output_);  // nobody is left to write: the end comes
  while (errors_open_) errors_open_ = pump(process_->errors(), errors_);
  conclude(*outcome);
  return true;
}

void Attempt::conclude(const ProcessOutcome& outcome) {
  output_.finish();
  errors_.finish();
  EndOfCommand end;
  end.outcome = outcome;
  end.last_errors = errors_.end();
  end.last_output = output_.end();
  end.program = spec_.process.argv.empty() ? "" : spec_.process.argv[0];
  end.gate = spec_.gate;
  end.cancelled = cancelled_;
  end.timed_out = timed_out_;
  end.timeout_seconds = spec_.timeout_seconds;
  end.kernel_killed_for_memory = outcome.signal == SIGKILL && !killed_ && memory_kills() > memory_kills_before_;
  diagnosis_ = diagnose(end);
  keeper_lost_ = outcome.keeper_lost;
  AttemptRecord& record = spec_.record;
  record.ended = true;
  record.fault = diagnosis_.fault;
  record.why = diagnosis_.why;
  record.exit_status = outcome.exit_status;
  record.signal = outcome.signal;
  record.seconds = watch_.seconds();
  record.cpu_seconds = outcome.user_seconds + outcome.system_seconds;
  record.peak_memory_bytes = outcome.peak_memory_bytes;
  record.leftovers = outcome.leftovers;
  if (outcome.exit_status != 0 && !spec_.cleanup.empty()) {
    constexpr double k_cleanup_seconds = 30;
    (void)run_captured({spec_.cleanup, spec_.process.environment, {}, {}, {}}, k_cleanup_seconds);  // best effort: the container may be gone
  }
}

}  // namespace cupel::flow
