#include "flow/live.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "base/time.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

constexpr std::size_t k_narrow = 60;
constexpr std::size_t k_shortest_name = 4;

/// Of the terminal, now: it may be resized.
std::size_t columns() {
  winsize size{};
  return ::ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

class LiveView : public Watcher {
 public:
  ~LiveView() override { erase(); }

  void changed(const RunRecord& run, const StepRecord& step, std::string_view note) override {
    std::size_t width = 0;
    for (const StepRecord& other : run.steps) width = std::max(width, other.name.size());
    if (terminal_ && columns() < k_narrow) width = 0;  // no room for a table
    const std::string prefix = fmt::format("[{}/{}] {:<{}}  ", settled(run), run.steps.size(), step.name, width);
    if (step.state == StepState::running) {
      print(prefix + fmt::format("started{}", note.empty() ? "" : fmt::format(" ({})", note)));
    } else if (step.state == StepState::waiting || (!note.empty() && step.state != StepState::faulted)) {
      print(prefix + std::string(note));
    } else {
      const std::string why = step.ran_because == why_text(step) ? "" : why_text(step);
      print(prefix + state_word(step) + (step.seconds > 0 ? ", " + duration_text(step.seconds) : "") + (why.empty() ? "" : ": " + why));
    }
  }

  void tick(const RunRecord& run, const std::vector<Running>& running, const TimeLeft& left) override {
    if (!terminal_ || running.empty()) return;
    const std::string line = status_line(settled(run), run.steps.size(), running, left, columns() - 1);
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    std::fflush(stderr);
    shown_ = true;
  }

 private:
  static std::ptrdiff_t settled(const RunRecord& run) {
    return std::count_if(run.steps.begin(), run.steps.end(), [](const StepRecord& step) { return step.state != StepState::waiting && step.state != StepState::running; });
  }
  void print(const std::string& line) {
    erase();
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  void erase() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
    shown_ = false;
  }
  bool terminal_ = ::isatty(2) == 1;
  bool shown_ = false;
};

}  // namespace

std::string status_line(std::ptrdiff_t settled, std::size_t steps, const std::vector<Watcher::Running>& running, const TimeLeft& left, std::size_t width) {
  std::string line = fmt::format("[{}/{}]", settled, steps);
  if (left.seconds >= 1) line += fmt::format(" {}{} left", left.unknown > 0 ? "over " : "about ", duration_text(std::round(left.seconds)));
  for (std::size_t i = 0; i < running.size(); ++i) {
    const Watcher::Running& each = running[i];
    const std::string more = i + 1 < running.size() ? fmt::format("  +{}", running.size() - i - 1) : "";
    const std::string time = duration_text(each.seconds);
    const std::string brief = fmt::format("  {} {}", each.step, time);
    const std::string whole = each.expected_seconds > 0.5 ? fmt::format("{} of about {}", brief, duration_text(each.expected_seconds)) : brief;
    if (line.size() + whole.size() + more.size() <= width) {
      line += whole;
    } else if (line.size() + brief.size() + more.size() <= width) {
      line += brief;
    } else if (const std::size_t taken = line.size() + more.size() + time.size() + 5; taken + k_shortest_name <= width) {
      line += fmt::format("  {}.. {}", each.step.substr(0, width - taken), time);
    } else {
      line += fmt::format("  +{}", running.size() - i);
      break;
    }
  }
  return line.substr(0, width);
}

std::unique_ptr<Watcher> make_live_view() { return std::make_unique<LiveView>(); }

}  // namespace cupel::flow
