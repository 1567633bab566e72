#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/memory_budget.h"
#include "states/spill_file.h"
#include "states/state.h"

namespace cupel::states {

/// Records that are wanted in ascending order, however many there are: in memory up to a limit, and while the budget of the process lets them stay
/// (MemoryBudget); beyond it sorted runs of them go to a file (SpillFile), and a cursor merges the runs while it walks. So the order costs memory up to
/// the limit, and the disk the bytes of the records.
///
/// `Record` is plain data with a total order (`<`); what comes out is a function of the set of records, never of the order of adding. Copies share
/// the file, whose content never changes. Not a state of its own.
template <typename Record>
class SortedRuns {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  explicit SortedRuns(std::int64_t limit_bytes = k_state_bytes) : most_held_(records_in(limit_bytes)) {}
  SortedRuns(const SortedRuns& other) : most_held_(other.most_held_), num_spilled_(other.num_spilled_), file_(other.file_), runs_(other.runs_) {
    const std::lock_guard lock(other.sorting_);
    held_ = other.held_;
    share_ = other.share_;
    is_sorted_ = other.is_sorted_;
  }
  SortedRuns& operator=(const SortedRuns& other) {
    if (this != &other) *this = SortedRuns(other);
    return *this;
  }
  SortedRuns(SortedRuns&& other) noexcept { *this = std::move(other); }
  SortedRuns& operator=(SortedRuns&& other) noexcept {
    most_held_ = other.most_held_;
    num_spilled_ = other.num_spilled_;
    file_ = std::move(other.file_);
    runs_ = std::move(other.runs_);
    held_ = std::move(other.held_);
    share_ = std::move(other.share_);
    is_sorted_ = other.is_sorted_;
    return *this;
  }

  std::int64_t size() const { return num_spilled_ + static_cast<std::int64_t>(held_.size()); }
  bool empty() const { return size() == 0; }
  bool is_spilled() const { return !runs_.empty(); }
  /// After the last record, when others need the memory: all go to the file.
  void put_away() {
    if (!held_.empty()) spill();
  }

  void add(const Record& record) {
    if (held_.size() == held_.capacity()) make_room();
    held_.push_back(record);
    is_sorted_ = false;
  }
  /// Adds every record of `other` as `change` gives it.
  template <typename Change>
  void add_all(const SortedRuns& other, Change&& change) {
    other.for_each_in_any_order([&](const Record& record) { add(change(record)); });
  }

  /// One way through the records, ascending. Several may be under way at a time; the records must not change meanwhile.
  class Cursor {
   public:
    bool next(Record& record) {
      if (heads_.empty()) return false;
      std::pop_heap(heads_.begin(), heads_.end(), later);
      Head& head = heads_.back();
      record = *head.at++;
      if (head.at == head.end) refill(head);
      if (head.at == head.end) {
        heads_.pop_back();
      } else {
        std::push_heap(heads_.begin(), heads_.end(), later);
      }
      return true;
    }

   private:
    friend class SortedRuns;
    struct Head {
      const Record* at = nullptr;
      const Record* end = nullptr;
      std::uint64_t place = 0;     // of what is still in the file
      std::int64_t in_file = 0;    // records there
      std::vector<Record> buffer;
    };
    static bool later(const Head& a, const Head& b) { return *b.at < *a.at; }

    void refill(Head& head) {
      if (head.in_file == 0) return;
      head.buffer.resize(static_cast<std::size_t>(std::min<std::int64_t>(head.in_file, buffered_)));
      file_->read(head.place, std::span(reinterpret_cast<char*>(head.buffer.data()), head.buffer.size() * sizeof(Record)));
      head.place += head.buffer.size() * sizeof(Record);
      head.in_file -= static_cast<std::int64_t>(head.buffer.size());
      head.at = head.buffer.data();
      head.end = head.at + head.buffer.size();
    }

    std::shared_ptr<SpillFile> file_;
    std::int64_t buffered_ = 0;  // records of a run
    std::vector<Head> heads_;
  };

  Cursor ascending() const {
    sort();
    Cursor cursor;
    cursor.file_ = file_;
    constexpr std::int64_t k_buffer_bytes = 128 << 10;
    const std::int64_t most = std::min(most_held_, records_in(MemoryBudget::of_process().limit() / 8));  // of all buffers
    cursor.buffered_ = std::clamp<std::int64_t>(most / static_cast<std::int64_t>(runs_.size() + 1), 1, records_in(k_buffer_bytes));
    if (!held_.empty()) cursor.heads_.push_back({held_.data(), held_.data() + held_.size(), 0, 0, {}});
    for (const Run& run : runs_) {
      cursor.heads_.push_back({nullptr, nullptr, run.place, run.size, {}});
      cursor.refill(cursor.heads_.back());
    }
    std::make_heap(cursor.heads_.begin(), cursor.heads_.end(), Cursor::later);
    return cursor;
  }
  /// Calls `take(record)` for every record, ascending.
  template <typename Take>
  void for_each(Take&& take) const {
    Cursor cursor = ascending();
    for (Record record; cursor.next(record);) take(record);
  }

  /// The same in no particular order, without sorting what is held.
  template <typename Take>
  void for_each_in_any_order(Take&& take) const {
    std::vector<Record> buffer;
    constexpr std::int64_t k_buffer_bytes = 1 << 20;
    for (const Run& run : runs_) {
      for (std::int64_t at = 0; at < run.size; at += static_cast<std::int64_t>(buffer.size())) {
        buffer.resize(static_cast<std::size_t>(std::min(run.size - at, records_in(k_buffer_bytes))));
        file_->read(run.place + static_cast<std::uint64_t>(at) * sizeof(Record), std::span(reinterpret_cast<char*>(buffer.data()), buffer.size() * sizeof(Record)));
        for (const Record& record : buffer) take(record);
      }
    }
    for (const Record& record : held_) take(record);
  }

  /// All of them in memory in another order: for byte forms, which are in memory as a whole.
  template <typename Before>
  std::vector<Record> sorted_by(Before&& before) const {
    std::vector<Record> all;
    all.reserve(static_cast<std::size_t>(size()));
    for_each_in_any_order([&](const Record& record) { all.push_back(record); });
    std::sort(all.begin(), all.end(), before);
    return all;
  }

  /// What the file could not do: the records are then incomplete.
  std::optional<Error> problem() const { return file_ ? file_->problem() : std::nullopt; }

 private:
  struct Run {
    std::uint64_t place = 0;
    std::int64_t size = 0;
  };

  static constexpr std::int64_t records_in(std::int64_t bytes) { return std::max<std::int64_t>(2, bytes / static_cast<std::int64_t>(sizeof(Record))); }

  // Once there are runs, the next ones are smaller: the memory of the first was worth it only while all fitted.
  std::size_t most_held() const { return static_cast<std::size_t>(runs_.empty() ? most_held_ : std::max<std::int64_t>(2, most_held_ / 4)); }

  void make_room() {
    if (held_.size() >= most_held() || !share_.hold(held_bytes())) spill();
    held_.reserve(std::max(held_.size() + 1, std::min(most_held(), std::max<std::size_t>(64, 2 * held_.size()))));
    share_.hold(held_bytes());
  }
  std::int64_t held_bytes() const { return static_cast<std::int64_t>(held_.capacity() * sizeof(Record)); }

  void spill() {
    sort();
    if (!file_) file_ = std::make_shared<SpillFile>();
    const std::uint64_t place = file_->append(std::span(reinterpret_cast<const char*>(held_.data()), held_.size() * sizeof(Record)));
    const auto size = static_cast<std::int64_t>(held_.size());
    runs_.push_back({place, size});
    num_spilled_ += size;
    held_ = {};
    share_.hold(0);
  }

  void sort() const {
    const std::lock_guard lock(sorting_);
    if (!is_sorted_) std::sort(held_.begin(), held_.end());
    is_sorted_ = true;
  }

  std::int64_t most_held_ = 0;
  std::int64_t num_spilled_ = 0;
  std::shared_ptr<SpillFile> file_;
  std::vector<Run> runs_;
  mutable std::vector<Record> held_;
  MemoryShare share_;  // of held_
  mutable bool is_sorted_ = true;
  mutable std::mutex sorting_;  // of held_, by threads that read
};

}  // namespace cupel::states
