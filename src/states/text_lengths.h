#pragma once

#include "states/quantiles.h"
#include "states/value_counts.h"

namespace cupel::states {

/// Lengths of the present texts of a column in Unicode characters: their Quantiles, exact for any ordinary column (a length is one of a few
/// thousand numbers). Values that are not text are not counted.
class TextLengths : public State {
 public:
  explicit TextLengths(int slot) : slot_(slot), lengths_(slot) {}
  const Quantiles& lengths() const { return lengths_; }
  /// Texts without any character.
  std::int64_t empty() const;
  void add(std::string_view text, std::int64_t count = 1);
  /// UTF-8 code points.
  static std::int64_t length_of(std::string_view text);

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "text_lengths/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;
  void put_away() override { lengths_.put_away(); }
  std::optional<Error> problem() const override { return lengths_.problem(); }

 private:
  int slot_;
  Quantiles lengths_;
};

}  // namespace cupel::states
