#include "prove/batches.h"

#include <algorithm>
#include <map>

#include "base/random.h"
#include "base/text.h"
#include "prove/column_changes_internal.h"

namespace cupel::prove {
namespace {

using Rows = std::vector<std::int64_t>;

/// The batches of one deal after the other.
std::vector<Rows> deal(std::int64_t num_rows, const BatchPlan& plan) {
  std::vector<Rows> batches;
  const std::int64_t of_a_deal = num_rows / plan.rows;
  for (std::uint64_t round = 0; static_cast<int>(batches.size()) < plan.count; ++round) {
    Rows order = all_rows(num_rows);
    Random random(plan.seed, "clean batches: split", round);
    shuffle(random, order);
    for (std::int64_t i = 0; i < of_a_deal && static_cast<int>(batches.size()) < plan.count; ++i) {
      Rows& rows = batches.emplace_back(order.begin() + i * plan.rows, order.begin() + (i + 1) * plan.rows);
      std::ranges::sort(rows);
    }
  }
  return batches;
}

std::vector<Rows> draw(std::int64_t num_rows, const BatchPlan& plan) {
  std::vector<Rows> batches;
  for (int i = 0; i < plan.count; ++i) {
    Random random(plan.seed, "clean batches: bootstrap", static_cast<std::uint64_t>(i));
    Rows& rows = batches.emplace_back(static_cast<std::size_t>(plan.rows));
    for (std::int64_t& row : rows) row = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(num_rows)));
    std::ranges::sort(rows);
  }
  return batches;
}

}  // namespace

std::string_view batch_method_name(BatchMethod method) {
  switch (method) {
    case BatchMethod::split: return "split";
    case BatchMethod::bootstrap: return "bootstrap";
    case BatchMethod::column: return "column";
  }
  return {};
}

Result<CleanBatches> CleanBatches::make(const table::Table& baseline, const BatchPlan& plan) {
  CleanBatches batches;
  batches.baseline_ = &baseline;
  batches.plan_ = plan;
  const std::int64_t num_rows = baseline.num_rows();
  if (plan.method == BatchMethod::column) {
    ASSIGN_OR_RETURN(const table::Column column, baseline.column(plan.column));
    std::vector<std::string> order;
    std::map<std::string, std::size_t> known;
    for (std::int64_t row = 0; row < num_rows; ++row) {
      if (column.is_null(row)) {
        ++batches.left_out_;
        continue;
      }
      const auto [at, is_new] = known.try_emplace(table::value_text(column, row), batches.rows_.size());
      if (is_new) {
        batches.rows_.emplace_back();
        batches.names_.push_back(at->first);
      }
      batches.rows_[at->second].push_back(row);
    }
    if (batches.rows_.size() < 2) {
      return fail("batch column '{}' has {} in {} rows, expected at least two: one batch says nothing of how batches differ", plan.column,
                  batches.rows_.empty() ? "no value" : fmt::format("the one value '{}'", shorten(batches.names_[0], 40)), with_thousands(num_rows));
    }
    Rows sizes;
    for (const Rows& rows : batches.rows_) sizes.push_back(static_cast<std::int64_t>(rows.size()));
    std::ranges::sort(sizes);
    batches.batch_rows_ = sizes[sizes.size() / 2];
    return batches;
  }
  if (plan.rows < 1) return fail("batches of {} rows, expected at least 1", plan.rows);
  if (plan.count < 1) return fail("{} batches, expected at least 1", plan.count);
  if (num_rows < plan.rows) {
    return fail_with_hint(fmt::format("the baseline has {} rows, fewer than the {} of a batch", with_thousands(num_rows), with_thousands(plan.rows)), "--batch-rows N chooses smaller batches");
  }
  if (plan.method == BatchMethod::split && num_rows < 2 * plan.rows) {
    return fail_with_hint(fmt::format("the baseline has {} rows, expected at least two batches of {}: batches that share most of their rows cannot show how clean batches differ",
                                      with_thousands(num_rows), with_thousands(plan.rows)),
                          "--batch-rows N chooses smaller batches, --batches-from bootstrap draws rows with replacement");
  }
  batches.rows_ = plan.method == BatchMethod::split ? deal(num_rows, plan) : draw(num_rows, plan);
  batches.names_.resize(batches.rows_.size());
  batches.batch_rows_ = plan.rows;
  return batches;
}

double CleanBatches::share_of_baseline() const {
  return baseline_->num_rows() == 0 ? 0 : static_cast<double>(batch_rows_) / static_cast<double>(baseline_->num_rows());
}

std::string CleanBatches::words() const {
  const std::string total = with_thousands(baseline_->num_rows());
  switch (plan_.method) {
    case BatchMethod::split: return fmt::format("{} batches of {} rows, dealt at random from {}", with_thousands(size()), with_thousands(batch_rows_), total);
    case BatchMethod::bootstrap: return fmt::format("{} batches of {} rows, drawn with replacement from {}", with_thousands(size()), with_thousands(batch_rows_), total);
    case BatchMethod::column: break;
  }
  return fmt::format("{} batches by {}, of {} rows (median), from {}", with_thousands(size()), shorten(plan_.column, 40), with_thousands(batch_rows_), total);
}

}  // namespace cupel::prove
