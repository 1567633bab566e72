#include "prove/novelty.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "stats/prediction.h"
#include "stats/prediction_batches.h"

namespace cupel::prove {
namespace {

constexpr double k_moves = 0.01;
constexpr double k_clustered = 0.01;
constexpr double k_infinity = std::numeric_limits<double>::infinity();

struct Ends {
  double low = k_infinity;
  double high = -k_infinity;
  void add(const std::vector<double>& sorted) {
    if (sorted.empty()) return;
    low = std::min(low, sorted.front());
    high = std::max(high, sorted.back());
  }
};

std::int64_t outside(const std::vector<double>& sorted, const Ends& ends, const MovingEnds& moving) {
  if (ends.low > ends.high) return 0;
  const auto below = std::ranges::lower_bound(sorted, ends.low) - sorted.begin();
  const auto above = sorted.end() - std::ranges::upper_bound(sorted, ends.high);
  return (moving.lower ? 0 : below) + (moving.upper ? 0 : above);
}

}  // namespace

NoveltyLimit novelty_limit(const Novelty& novelty, double within, std::int64_t next_rows, double alpha) {
  const auto batches = static_cast<std::int64_t>(novelty.tested.size());
  const std::int64_t later = batches / 2;
  const std::int64_t warm = batches / 4;  // before, everything is new
  std::int64_t hit = 0;
  std::int64_t later_hit = 0;
  std::int64_t later_ahead = 0;
  std::int64_t later_tested = 0;
  std::int64_t largest = 0;
  std::vector<std::int64_t> sizes;   // as they came
  std::vector<std::int64_t> scaled;  // to the rows of the next batch
  for (std::int64_t i = 0; i < batches; ++i) {
    const auto b = static_cast<std::size_t>(i);
    hit += novelty.alone[b] > 0 ? 1 : 0;
    if (i >= later) {
      later_hit += novelty.ahead[b] > 0 ? 1 : 0;
      later_ahead += novelty.ahead[b];
      later_tested += novelty.tested[b];
    }
    const std::int64_t rows = std::max(novelty.alone[b], i >= warm ? novelty.ahead[b] : 0);
    if (rows == 0) continue;
    largest = std::max(largest, rows);
    sizes.push_back(rows);
    const double here = static_cast<double>(rows) * static_cast<double>(next_rows) / static_cast<double>(novelty.tested[b]);
    scaled.push_back(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(here))));
  }
  if (sizes.empty()) return {within, "; no batch had any beyond the others"};
  const auto rows = static_cast<double>(std::max<std::int64_t>(1, next_rows));
  // A steady rate of new ones, row by row.
  double share = std::max(within, static_cast<double>(stats::count_prediction_upper(later_ahead, later_tested, next_rows, alpha)) / rows);
  // The second new row falls into the same batch of the `warm` or more with this chance, if rows are alike.
  const double chance_of_another = std::min(0.5, 1 / static_cast<double>(std::max<std::int64_t>(1, warm)));
  const bool clustered = stats::burst_p_value(sizes, chance_of_another) < k_clustered;
  if (clustered) {
    const auto often = [](std::int64_t n, std::int64_t k) { return static_cast<double>(k + 1) / static_cast<double>(n + 2); };
    const bool by_later = often(batches - later, later_hit) > often(batches, hit);
    const std::int64_t most =
        by_later ? stats::burst_prediction(batches - later, later_hit, scaled, next_rows, alpha) : stats::burst_prediction(batches, hit, scaled, next_rows, alpha);
    share = std::max(share, static_cast<double>(most) / rows);
  }
  return {share, fmt::format("; {} of {} batches brought new ones, up to {} rows at once{}", sizes.size(), batches, with_thousands(largest),
                             clustered ? ": they come in bursts of unknown size" : "")};
}

MovingEnds moving_ends(const SeenNumbers& seen) {
  MovingEnds ends;
  Ends so_far;
  std::vector<std::int64_t> sizes;
  for (const auto& batch : seen.batch_sorted) {
    if (batch.empty()) continue;
    if (!sizes.empty()) {
      ends.upper_records += batch.back() > so_far.high ? 1 : 0;
      ends.lower_records += batch.front() < so_far.low ? 1 : 0;
    }
    so_far.add(batch);
    sizes.push_back(static_cast<std::int64_t>(batch.size()));
  }
  ends.batches = static_cast<std::int64_t>(sizes.size());
  ends.upper = ends.batches > 0 && stats::record_p_value(sizes, ends.upper_records) < k_moves;
  ends.lower = ends.batches > 0 && stats::record_p_value(sizes, ends.lower_records) < k_moves;
  return ends;
}

Novelty beyond_range(const SeenNumbers& seen, const MovingEnds& ends) {
  Novelty novelty;
  Ends before;
  std::vector<Ends> after(seen.batch_sorted.size() + 1);
  for (std::size_t b = seen.batch_sorted.size(); b-- > 0;) {
    after[b] = after[b + 1];
    after[b].add(seen.batch_sorted[b]);
  }
  for (std::size_t b = 0; b < seen.batch_sorted.size(); ++b) {
    const auto& batch = seen.batch_sorted[b];
    Ends others = before;
    others.low = std::min(others.low, after[b + 1].low);
    others.high = std::max(others.high, after[b + 1].high);
    novelty.tested.push_back(static_cast<std::int64_t>(batch.size()));
    novelty.alone.push_back(outside(batch, others, ends));
    novelty.ahead.push_back(outside(batch, before, ends));
    before.add(batch);
  }
  return novelty;
}

Novelty new_categories(const History& history, const std::vector<std::int32_t>& category_of_row, std::size_t categories) {
  Novelty novelty;
  std::vector<std::int64_t> first(categories, -1);  // the batch that had it first
  std::vector<bool> shared(categories, false);
  for (std::size_t b = 0; b < history.batches.size(); ++b) {
    std::int64_t tested = 0;
    std::int64_t ahead = 0;
    for (const std::int64_t row : history.batches[b]) {
      const std::int32_t at = category_of_row[static_cast<std::size_t>(row)];
      if (at < 0) continue;
      ++tested;
      auto& owner = first[static_cast<std::size_t>(at)];
      if (owner < 0) owner = static_cast<std::int64_t>(b);
      if (owner == static_cast<std::int64_t>(b)) {
        ahead += b > 0 ? 1 : 0;
      } else {
        shared[static_cast<std::size_t>(at)] = true;
      }
    }
    novelty.tested.push_back(tested);
    novelty.ahead.push_back(ahead);
  }
  for (const auto& batch : history.batches) {
    novelty.alone.push_back(std::ranges::count_if(batch, [&](std::int64_t row) {
      const std::int32_t at = category_of_row[static_cast<std::size_t>(row)];
      return at >= 0 && !shared[static_cast<std::size_t>(at)];
    }));
  }
  return novelty;
}

}  // namespace cupel::prove
