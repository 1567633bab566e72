#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "prove/forecast.h"

namespace cupel::prove {

/// What the real batches brought that was new: rows whose value no other batch has, and rows whose value no batch before had. The first tells how
/// exchangeable batches reach beyond each other; the second, in the order of time, also sees what keeps growing.
struct Novelty {
  std::vector<std::int64_t> tested;  ///< rows with a value, of each batch
  std::vector<std::int64_t> alone;   ///< of them, beyond all other batches
  std::vector<std::int64_t> ahead;   ///< of them, beyond all batches before; 0 for the first
};

/// Share of the next batch's rows that will be new, at most: never less than `within`, which is right if all rows are alike, nor than the rate of rows ahead in the
/// later half of the batches says. Where new rows come together in one batch by more than chance (a group of guests that waits longer than any before; p < 1 %), as
/// many as a burst may have: how often by the batches with news (all, or the later half, whichever says more often), how large by the sizes of those
/// known (stats::burst_prediction). Of the first quarter of the batches only what is beyond all others counts: to them everything is new.
struct NoveltyLimit {
  double share = 0;
  std::string words{};  ///< ", 9 of 52 batches brought new ones, up to 104 rows at once"
};
NoveltyLimit novelty_limit(const Novelty& novelty, double within, std::int64_t next_rows, double alpha);

/// Does an end of a column's range move with time? Counted are batches that hold a new greatest (least) value, against what the order of time would
/// give if it meant nothing (stats::record_p_value, p < 1 %): numbers that are given out in ascending order have no upper end to hold.
struct MovingEnds {
  bool upper = false;
  bool lower = false;
  std::int64_t upper_records = 0;
  std::int64_t lower_records = 0;
  std::int64_t batches = 0;
};
MovingEnds moving_ends(const SeenNumbers& seen);

/// Values below (unless the lower end moves) or above (unless the upper one does) what the other batches held.
Novelty beyond_range(const SeenNumbers& seen, const MovingEnds& ends);
/// Rows of a category (index of each row, -1: no value) that the other batches do not have.
Novelty new_categories(const History& history, const std::vector<std::int32_t>& category_of_row, std::size_t categories);

}  // namespace cupel::prove
