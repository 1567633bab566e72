#pragma once

#include "states/heavy_hitters.h"

namespace cupel::states {

/// Shapes of the present texts of a column: every upper-case ASCII letter is written A, every lower-case one a, every digit 9, every character
/// above ASCII w; what is left (punctuation, spaces) stays. A run of more than eight of one class is written as one, followed by +. So
/// "AB-1234" has the shape AA-9999 and "unbelievable" a+. The shape is cut after 64 bytes, with … behind. The most frequent ones are kept
/// (HeavyHitters: exact while at most 2,048 differ). Values that are not text are not counted.
class Patterns : public State {
 public:
  explicit Patterns(int slot) : slot_(slot), shapes_(slot) {}
  const HeavyHitters& shapes() const { return shapes_; }
  static std::string shape_of(std::string_view text);
  /// The texts of an exact count, as the next rows.
  void add(const ValueCounts& texts);

  void update(const table::Batch& batch, Selection rows) override;
  void merge(const State& later) override;
  std::string_view format() const override { return "patterns/1"; }
  void write(std::string& out) const override;
  Result<void> read(std::string_view bytes) override;

 private:
  int slot_;
  HeavyHitters shapes_;
};

}  // namespace cupel::states
