#include "flow/live.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "base/time.h"
#include "flow/summary.h"

namespace cupel::flow {
namespace {

class LiveView : public Watcher {
 public:
  ~LiveView() override { erase(); }

  void changed(const RunRecord& run, const StepRecord& step, std::string_view note) override {
    std::size_t width = 0;
    for (const StepRecord& other : run.steps) width = std::max(width, other.name.size());
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

  void tick(const RunRecord& run, const std::vector<Running>& running) override {
    if (!terminal_ || running.empty()) return;
    std::string line = fmt::format("[{}/{}]", settled(run), run.steps.size());
    for (const Running& each : running) {
      line += fmt::format("  {} {}", each.step, duration_text(each.seconds));
      if (each.expected_seconds > 0.5) line += fmt::format(" of about {}", duration_text(each.expected_seconds));
    }
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

std::unique_ptr<Watcher> make_live_view() { return std::make_unique<LiveView>(); }

}  // namespace cupel::flow
