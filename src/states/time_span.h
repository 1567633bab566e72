#pragma once

#include <optional>
#include <string>

#include "states/state.h"

namespace cupel::states {

/// Earliest and latest instant of a column of timestamps, or of text that is read as ISO 8601 (table::parse_timestamp; a CSV file has its
/// dates as text unless told otherwise). Values that are no instants are counted, the first of them is kept.
class TimeSpan : public State {
 public:
  struct Instant {
    std::int64_t micros = 0;  ///< since 1970-01-01T00:00:00Z
    std::int64_t row = 0;     ///< the first row that holds it, from 0
  };
  struct Unreadable {
    std::int64_t row = 0;
    std::string value;
  };
  explicit TimeSpan(int slot) : slot_(slot) {}
  /// Instants.
  std::int64_t count() const { return count_; }
  std::int64_t nulls() const { return nulls_; }
  std::int64_t unreadable() const { return unreadable_; }
  const std::optional<Unreadable>& first_unreadable() const { return first_unreadable_; }
  /// Empty without instants.
  const std::optional<Instant>& earliest() const { return earliest_; }
  const std::optional<Instant>& latest() const { return latest_; }

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "time_span/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int slot_;
  std::int64_t rows_passed_ = 0;  // all rows, kept or not
  std::int64_t count_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t unreadable_ = 0;
  std::optional<Unreadable> first_unreadable_;
  std::optional<Instant> earliest_;
  std::optional<Instant> latest_;
};

/// The instant of a present row of a column of timestamps or text; nothing if it is none.
std::optional<std::int64_t> instant_of(const table::Column& column, std::int64_t row);

}  // namespace cupel::states
