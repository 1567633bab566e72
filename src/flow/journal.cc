#include "flow/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "base/json.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr std::uint64_t k_first_room = 64u << 10;
constexpr std::uint64_t k_more_room = 256u << 10;
/// So many bytes that are not written yet are enough; a run that only reuses results never needs to sync.
constexpr std::size_t k_kept_bytes = 64u << 10;

fs::path journal_of(const fs::path& run_folder) { return run_folder / "journal.jsonl"; }

/// Where the lines of a journal end. Behind them is room: line ends, or zeros where a crash came before the room was durable.
std::uint64_t end_of_lines(const std::string& text) {
  const std::size_t last = text.find_last_not_of(std::string_view("\n\0", 2));
  return last == std::string::npos ? 0 : last + 1;
}

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t& offset, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace

Result<Journal> Journal::open(const fs::path& run_folder) {
  const fs::path path = journal_of(run_folder);
  FileHandle file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file.is_open()) return system_error("open", path);
  ASSIGN_OR_RETURN(const std::string before, read_file(path));
  const std::uint64_t end = end_of_lines(before);
  if (end < before.size() && ::ftruncate(file.get(), static_cast<off_t>(end)) != 0) return system_error("write", path);
  Journal journal(std::move(file), path, end);
  if (end > 0) journal.kept_ = "\n";  // ends a torn line, else makes an empty one
  TRY(journal.make_room(k_first_room));
  return journal;
}

Result<void> Journal::make_room(std::uint64_t bytes) {
  std::uint64_t end = room_end_;
  TRY(write_at(file_.get(), std::string(bytes, '\n'), end, path_));
  if (::fsync(file_.get()) != 0) return system_error("sync", path_);
  room_end_ = end;
  return {};
}

void Journal::add(const Json& event) {
  kept_ += event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  if (kept_.size() >= k_kept_bytes) (void)write();  // what fails is kept and tried again by sync
}

void Journal::intent(const Json& facts, const AttemptRecord& attempt) {
  Json event = {{"event", "intent"}};
  event.update(facts);
  event.update(attempt_json(attempt));
  add(event);
}

void Journal::result(const std::string& step, const AttemptRecord& attempt) {
  Json event = {{"event", "result"}, {"step", step}};
  event.update(attempt_json(attempt));
  add(event);
}

void Journal::state(const StepRecord& step) {
  Json event = {{"event", "state"}};
  event.update(step_json(step));
  add(event);
}

Result<void> Journal::write() {
  if (kept_.empty()) return {};
  while (end_ + kept_.size() > room_end_) TRY(make_room(k_more_room));
  std::uint64_t end = end_;
  TRY(write_at(file_.get(), kept_, end, path_));  // again from the same place, if it fails
  end_ = end;
  kept_.clear();
  dirty_ = true;
  return {};
}

Result<void> Journal::sync() {
  TRY(write());
  if (dirty_ && ::fdatasync(file_.get()) != 0) return system_error("sync", path_);
  dirty_ = false;
  return {};
}

Result<void> Journal::close() {
  TRY(sync());
  if (::ftruncate(file_.get(), static_cast<off_t>(end_)) != 0) return system_error("write", path_);
  room_end_ = end_;
  return {};
}

void replay_journal(const fs::path& run_folder, std::vector<StepRecord>& steps) {
  const auto text = read_file(journal_of(run_folder));
  std::unordered_map<std::string, StepRecord*> by_name;
  for (StepRecord& step : steps) {
    step.attempts.clear();
    by_name[step.name] = &step;
  }
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty() || line[0] != '{') continue;
    const auto event = parse_json(line, "journal");
    if (!event || !event->is_object()) continue;
    const auto word = json_string(*event, "event", "journal");
    const auto name = json_string(*event, word && *word == "state" ? "name" : "step", "journal");
    const auto known = name ? by_name.find(*name) : by_name.end();
    if (!word || known == by_name.end()) continue;
    StepRecord& step = *known->second;
    if (*word == "state") {
      step = step_from_json(*event);
      continue;
    }
    auto attempt = attempt_from_json(*event, "journal");
    if (!attempt) continue;
    if (*word == "intent") {
      attempt->ended = false;
      step.state = StepState::running;
      if (const auto key = json_string(*event, "key", "journal")) step.key = *key;
    }
    const auto same = std::find_if(step.attempts.begin(), step.attempts.end(), [&](const AttemptRecord& other) { return other.number == attempt->number; });
    if (same != step.attempts.end()) {
      *same = std::move(*attempt);
    } else {
      step.attempts.push_back(std::move(*attempt));
    }
  }
}

}  // namespace cupel::flow
