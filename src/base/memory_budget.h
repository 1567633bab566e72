#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace cupel {

/// The memory that what is gathered from rows (samples, keys, counts, texts) may take in this process, all of it together. Whoever gathers holds a
/// MemoryShare and tells it what it has; once the budget is used up, the larger holders are told to give up what they hold (to a temporary file) and
/// begin anew. So the total stays within the budget, plus one mebibyte a small holder, however many there are; results do not depend on it.
///
/// By default two fifths of what is there: of the machine's memory, of the cgroup's limit, and of the address space (`ulimit -v`) and data (`ulimit -d`)
/// that are still free when it is first asked. The rest is for what grows for a moment, for the batches and for what is not gathered.
class MemoryBudget {
 public:
  static MemoryBudget& of_process();
  /// Two fifths of what is there at this moment.
  static std::int64_t default_limit();
  /// Instead of the default.
  void limit_to(std::int64_t bytes) { limit_.store(bytes, std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  /// What all holders have now.
  std::int64_t used() const { return used_.load(std::memory_order_relaxed); }
  /// More than half is used.
  bool is_tight() const { return used() > limit() / 2; }
  /// May somebody who holds so much keep it? No: the budget is used up, and others hold less; or it is more than a quarter of it, which could not grow.
  bool lets_keep(std::int64_t bytes) const { return used() <= limit() ? bytes <= limit() / 4 : bytes < fair_bytes(); }
  /// For what cannot be given up: would so much more fit?
  bool has_room_for(std::int64_t bytes) const { return used() + bytes <= limit(); }

 private:
  friend class MemoryShare;
  MemoryBudget();
  // Holders of less are not asked for it: a file of crumbs costs more than they do.
  std::int64_t small_bytes() const;
  std::int64_t fair_bytes() const;
  void change(std::int64_t from, std::int64_t to);

  std::atomic<std::int64_t> limit_;
  std::atomic<std::int64_t> used_{0};
  std::atomic<std::int64_t> large_holders_{0};
};

/// One holder's part of the process's budget. A copy holds as much again; what is moved from holds nothing.
class MemoryShare {
 public:
  MemoryShare() = default;
  MemoryShare(const MemoryShare& other) { take(other.held_); }
  MemoryShare& operator=(const MemoryShare& other) {
    if (this != &other) take(other.held_);
    return *this;
  }
  MemoryShare(MemoryShare&& other) noexcept : held_(std::exchange(other.held_, 0)) {}
  MemoryShare& operator=(MemoryShare&& other) noexcept {
    if (this == &other) return *this;
    take(0);
    held_ = std::exchange(other.held_, 0);
    return *this;
  }
  ~MemoryShare() { take(0); }

  /// The holder has so many bytes now. False: it should give them up. Cheap: small changes are not told on.
  bool hold(std::int64_t bytes) {
    constexpr std::int64_t k_step = 32 << 10;
    if (bytes == 0 || bytes - held_ >= k_step || held_ - bytes >= k_step) take(bytes);
    return MemoryBudget::of_process().lets_keep(held_);
  }
  std::int64_t held() const { return held_; }

 private:
  void take(std::int64_t bytes) {
    if (bytes != held_) MemoryBudget::of_process().change(held_, bytes);
    held_ = bytes;
  }
  std::int64_t held_ = 0;
};

}  // namespace cupel
