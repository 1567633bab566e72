#include "table/ordered_chunks.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace cupel::table {
namespace {

// The chunks between the last merged and the last begun; every member is guarded by the mutex.
class Window {
 public:
  Window(std::int64_t num_chunks, int threads) : end_(num_chunks), done_(static_cast<std::size_t>(2 * threads + 2), 0) {}

  // The next chunk to work on; waits while the window is full. Nothing: there is none left.
  std::optional<std::int64_t> begin_chunk() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ >= end_ || has_space(); });
    return begin_locked();
  }

  void finish_chunk(std::int64_t chunk) {
    {
      const std::lock_guard lock(mutex_);
      done_[index(chunk)] = 1;
    }
    changed_.notify_all();
  }

  struct Task {
    bool merge = false;
    std::int64_t chunk = 0;
  };
  // What the merging thread shall do next: merge in order if it can, else work, else wait. Nothing: all is merged.
  std::optional<Task> next_task() {
    std::unique_lock lock(mutex_);
    if (merged_ == end_) return std::nullopt;
    changed_.wait(lock, [&] { return merged_ == end_ || done_[index(merged_)] != 0 || (next_ < end_ && has_space()); });
    if (merged_ == end_) return std::nullopt;
    if (done_[index(merged_)] != 0) return Task{true, merged_};
    return Task{false, *begin_locked()};
  }

  void finish_merge(bool go_on) {
    {
      const std::lock_guard lock(mutex_);
      done_[index(merged_)] = 0;
      ++merged_;
      if (!go_on || broken_) end_ = next_ = merged_;
    }
    changed_.notify_all();
  }

  // A chunk was not done: nobody begins another, nothing more is merged.
  void break_off(std::exception_ptr why) {
    {
      const std::lock_guard lock(mutex_);
      if (!broken_) broken_ = std::move(why);
      end_ = next_ = merged_;
    }
    changed_.notify_all();
  }
  std::exception_ptr broken() {
    const std::lock_guard lock(mutex_);
    return broken_;
  }

 private:
  std::size_t index(std::int64_t chunk) const { return static_cast<std::size_t>(chunk) % done_.size(); }
  bool has_space() const { return next_ - merged_ < static_cast<std::int64_t>(done_.size()); }
  std::optional<std::int64_t> begin_locked() {
    if (next_ >= end_) return std::nullopt;
    return next_++;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t end_;
  std::int64_t next_ = 0;
  std::int64_t merged_ = 0;
  std::vector<char> done_;
  std::exception_ptr broken_;
};

}  // namespace

int thread_count(int threads) {
  if (threads > 0) return threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void ordered_chunks(std::int64_t num_chunks, int threads, const std::function<void(std::int64_t)>& work,
                    const std::function<bool(std::int64_t)>& merge) {
  const int used = static_cast<int>(std::min<std::int64_t>(thread_count(threads), num_chunks));
  if (used <= 1) {
    for (std::int64_t i = 0; i < num_chunks; ++i) {
      work(i);
      if (!merge(i)) return;
    }
    return;
  }
  Window window(num_chunks, used);
  std::vector<std::thread> workers;
  const auto guarded = [&](const auto& go) {
    try {
      go();
    } catch (...) {
      window.break_off(std::current_exception());
    }
  };
  guarded([&] {
    workers.reserve(static_cast<std::size_t>(used));
    for (int i = 1; i < used; ++i) {
      workers.emplace_back([&] {
        guarded([&] {
          while (const auto chunk = window.begin_chunk()) {
            work(*chunk);
            window.finish_chunk(*chunk);
          }
        });
      });
    }
    while (const auto task = window.next_task()) {
      if (task->merge) {
        window.finish_merge(merge(task->chunk));
      } else {
        work(task->chunk);
        window.finish_chunk(task->chunk);
      }
    }
  });
  for (std::thread& worker : workers) worker.join();
  if (const std::exception_ptr why = window.broken()) std::rethrow_exception(why);
}

}  // namespace cupel::table
