#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"
#include "states/row_values.h"
#include "states/unordered_rows.h"

namespace cupel::expectations {
namespace {

/// Values outside of [low, high] are outliers.
struct Fences {
  double low = 0;
  double high = 0;
};

using Records = states::SortedRuns<states::RowValues::Record>;

/// Calls `take(value)` for every finite value, ascending.
template <typename Take>
void for_each_finite(const Records& records, Take&& take) {
  records.for_each([&](const states::RowValues::Record& record) {
    if (std::isfinite(record.value)) take(record.value);
  });
}

/// A quantile of values that come ascending, of which there are `count`: linear interpolation between two neighbours.
class Position {
 public:
  Position(double p, std::int64_t count) : at_(p * static_cast<double>(count - 1)) {}
  void take(double value) {
    const auto below = static_cast<std::int64_t>(at_);
    if (next_ == below) value_ = value;
    if (next_ == below + 1 && at_ != std::floor(at_)) value_ = std::lerp(value_, value, at_ - std::floor(at_));
    ++next_;
  }
  double value() const { return value_; }

 private:
  double at_;
  std::int64_t next_ = 0;
  double value_ = 0;
};

/// Mean ± factor standard deviations (divisor n - 1).
Fences z_fences(const Records& values, std::int64_t count, double factor) {
  states::DoubleDouble sum;
  for_each_finite(values, [&](double value) { sum.add(value); });
  const double mean = sum.value() / static_cast<double>(count);
  states::DoubleDouble squares;
  for_each_finite(values, [&](double value) { squares.add((value - mean) * (value - mean)); });
  const double stddev = count < 2 ? 0 : std::sqrt(squares.value() / static_cast<double>(count - 1));
  return {mean - factor * stddev, mean + factor * stddev};
}

/// Quartiles ∓ factor interquartile ranges (Tukey 1977).
Fences iqr_fences(const Records& values, std::int64_t count, double factor) {
  Position low(0.25, count);
  Position high(0.75, count);
  for_each_finite(values, [&](double value) {
    low.take(value);
    high.take(value);
  });
  const double range = high.value() - low.value();
  return {low.value() - factor * range, high.value() + factor * range};
}

/// Median ± factor times 1.4826 median absolute deviations (Iglewicz and Hoaglin 1993: 1.4826 makes it a standard deviation for normal data).
Fences mad_fences(const Records& values, std::int64_t count, double factor) {
  constexpr double k_normal = 1.482602218505602;
  Position median(0.5, count);
  for_each_finite(values, [&](double value) { median.take(value); });
  states::SortedRuns<double> deviations;
  for_each_finite(values, [&](double value) { deviations.add(std::abs(value - median.value())); });
  Position deviation(0.5, count);
  deviations.for_each([&](double value) { deviation.take(value); });
  const double spread = factor * k_normal * deviation.value();
  return {median.value() - spread, median.value() + spread};
}

struct FenceMethod {
  std::string_view name;
  double factor;
  std::string_view words;
  Fences (*fences)(const Records& values, std::int64_t count, double factor);  ///< `count`: of the finite ones, more than 0
};

constexpr FenceMethod k_fence_methods[] = {
    {"iqr", 1.5, "interquartile ranges beyond the quartiles", iqr_fences},
    {"mad", 3.5, "median absolute deviations (scaled by 1.4826) from the median", mad_fences},
    {"z", 3, "standard deviations from the mean", z_fences},
};

class OutliersCheck : public DataCheck {
 public:
  OutliersCheck(const suite::Expectation& expectation, ShareOrCount limits, const FenceMethod& method, double factor)
      : expectation_(expectation), limits_(limits), method_(&method), factor_(factor) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    field_ = column.field;
    state_ = planning.current->need("row_values", {column}, planning.where, [limit = planning.state_bytes](std::span<const int> slots) {
      return std::make_unique<states::RowValues>(slots[0], states::RowValues::Read::numbers, limit);
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    std::string problem = why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    const auto& all = facts.current->get<states::RowValues>(state_);
    outcome.rows_tested = all.count();
    std::int64_t finite = 0;
    for_each_finite(all.records(), [&](double) { ++finite; });
    if (finite == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to test", where_words(outcome)));
    const Fences fences = method_->fences(all.records(), finite, factor_);
    suite::Unexpected unexpected;
    states::UnorderedRows outside;
    std::map<std::int64_t, double> first;  // by row
    all.records().for_each([&](const states::RowValues::Record& record) {
      if (record.value >= fences.low && record.value <= fences.high) return;
      outside.add(record.row);
      first.emplace(record.row, record.value);
      if (first.size() > 20) first.erase(std::prev(first.end()));
    });
    auto rows = outside.list();
    if (!rows) return outcome.cannot(rows.error().text());
    outcome.unexpected_rows = std::move(*rows);
    for (const auto& [row, value] : first) unexpected.examples.push_back({row, exact_text(value)});
    unexpected.count = outcome.unexpected_rows.size();
    unexpected.share = static_cast<double>(unexpected.count) / static_cast<double>(all.count());
    const std::int64_t count = unexpected.count;
    outcome.unexpected = std::move(unexpected);
    limits_.judge(*expectation_.predicate, count, all.count(),
                  fmt::format("outside of {} to {} ({} {})", number_text(fences.low), number_text(fences.high), number_text(factor_), method_->words), outcome);
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  const FenceMethod* method_;
  double factor_;
  int field_ = -1;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_outliers(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  const FenceMethod* method = &k_fence_methods[0];
  if (const yaml::Node* node = expectation.parameter("method")) {
    ASSIGN_OR_RETURN(const std::string word, node->text("'method'"));
    method = std::find_if(std::begin(k_fence_methods), std::end(k_fence_methods), [&](const FenceMethod& known) { return known.name == word; });
    static const std::vector<std::string> k_known = {"iqr", "mad", "z"};
    if (method == std::end(k_fence_methods)) return node->fail_here(fmt::format("unknown method '{}'{}", shorten(word, 40), nearest_note(word, k_known)));
  }
  double factor = method->factor;
  if (const yaml::Node* node = expectation.parameter("factor")) {
    ASSIGN_OR_RETURN(factor, node->number("'factor'"));
    if (!(factor > 0)) return node->fail_here(fmt::format("'factor' is {}, expected more than 0", node->description()));
  }
  return std::make_unique<OutliersCheck>(expectation, limits, *method, factor);
}

}  // namespace

const DataSubject k_outliers_subject = {{"outliers", "present rows far from the others: by quartiles, median absolute deviation or z-score", suite::Argument::column, k_number_predicates, {"factor", "method"}}, make_outliers};

}  // namespace cupel::expectations
