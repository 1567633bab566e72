#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "states/sorted_runs.h"
#include "states/state.h"
#include "states/value_counts.h"

namespace cupel::states {

/// How often each present value of a column of any type occurs, exactly, however many differ: counted in memory (ValueCounts) up to a limit, and
/// while the budget of the process lets it stay (MemoryBudget); beyond it what was counted goes to a temporary file by the digest of the value, counting begins anew, and walks add up what belongs together.
///
/// In the file values are the same if 128 bits of their hash are: among 10 million the chance of any confusion is below 1e-24.
class Tally : public State {
 public:
  /// One value. Those of a spilled tally come in the order of their digests.
  struct Item {
    KeyDigest digest;
    std::int64_t first_row = 0;  ///< position in the whole table, from 0
    std::int64_t count = 0;
    std::uint64_t bits = 0;  ///< of a text: its place; else the value
    std::uint32_t text_size = 0;
    std::uint8_t type = 0;       ///< a table::Type
    bool in_memory = false;      ///< `bits` is a place among the texts in memory
    bool operator<(const Item& other) const { return digest != other.digest ? digest < other.digest : first_row < other.first_row; }
  };

  enum class Texts {
    kept,
    dropped,  ///< beyond the memory: for questions that ask for numbers alone; text values have no name then
  };
  explicit Tally(int slot, std::int64_t limit_bytes = k_state_bytes, Texts texts = Texts::kept)
      : slot_(slot), limit_bytes_(limit_bytes), texts_are_(texts), exact_(slot), items_(limit_bytes / 2), texts_(std::make_shared<SpillFile>()) {}

  /// Present values.
  std::int64_t count() const { return spilled_count_ + exact_.count(); }
  std::int64_t nulls() const { return spilled_nulls_ + exact_.nulls(); }
  bool is_in_memory() const { return items_.empty(); }
  /// CHECKs that it is in memory.
  const ValueCounts& in_memory() const;
  /// How many values differ. Costs a walk where they are not in memory, as the next three do.
  std::int64_t distinct() const;
  /// The most frequent values first; ties by value, or by first row where they are not in memory.
  std::vector<ValueCounts::Entry> by_count(std::int64_t at_most) const;
  /// How often each of these values occurs; numbers and times may be written in any way ("5", "5.0").
  std::vector<std::int64_t> counts_of(std::span<const std::string> values) const;
  /// As table::value_text, of an item of this tally.
  std::string value_text(const Item& item) const;

  /// One way through the values by their digests, each once with its whole count.
  class Cursor {
   public:
    bool next(Item& item) {
      if (!more_) return false;
      item = next_;
      while ((more_ = items_->next(next_)) && next_.digest == item.digest) item.count += next_.count;
      return true;
    }

   private:
    friend class Tally;
    std::shared_ptr<const SortedRuns<Item>> all_;
    std::optional<SortedRuns<Item>::Cursor> items_;
    Item next_;
    bool more_ = false;
  };
  Cursor by_digest() const;
  /// Calls `take(item)` for every value.
  template <typename Take>
  void for_each(Take&& take) const {
    Cursor cursor = by_digest();
    for (Item item; cursor.next(item);) take(std::as_const(item));
  }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "tally/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override;
  std::optional<Error> problem() const override;

 private:
  Tally emptied() const { return Tally(slot_, limit_bytes_, texts_are_); }
  void settle();
  void spill();
  // What is counted in memory, as items that say so.
  template <typename Take>
  void for_each_in_memory(Take&& take) const;
  std::string text_of(const Item& item) const;

  int slot_;
  std::int64_t limit_bytes_;
  Texts texts_are_;
  ValueCounts exact_;
  MemoryShare share_;  // of exact_
  std::int64_t spilled_count_ = 0;
  std::int64_t spilled_nulls_ = 0;
  SortedRuns<Item> items_;
  std::shared_ptr<SpillFile> texts_;
};

}  // namespace cupel::states
