#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/moments.h"
#include "states/row_values.h"

namespace cupel::expectations {
namespace {

/// Values outside of [low, high] are outliers.
struct Fences {
  double low = 0;
  double high = 0;
};

double position_of(std::vector<double>& values, double p) {
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto nth = [&](std::size_t index) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
    return values[index];
  };
  const double low = nth(below);
  const double part = at - static_cast<double>(below);
  return part == 0 || below + 1 == values.size() ? low : std::lerp(low, nth(below + 1), part);
}

/// Mean ± factor standard deviations (divisor n - 1).
Fences z_fences(const std::vector<double>& values, double factor) {
  states::DoubleDouble sum;
  for (const double value : values) sum.add(value);
  const double mean = sum.value() / static_cast<double>(values.size());
  states::DoubleDouble squares;
  for (const double value : values) squares.add((value - mean) * (value - mean));
  const double stddev = values.size() < 2 ? 0 : std::sqrt(squares.value() / static_cast<double>(values.size() - 1));
  return {mean - factor * stddev, mean + factor * stddev};
}

/// Quartiles ∓ factor interquartile ranges (Tukey 1977).
Fences iqr_fences(std::vector<double> values, double factor) {
  const double low = position_of(values, 0.25);
  const double high = position_of(values, 0.75);
  return {low - factor * (high - low), high + factor * (high - low)};
}

/// Median ± factor times 1.4826 median absolute deviations (Iglewicz and Hoaglin 1993: 1.4826 makes it a standard deviation for normal data).
Fences mad_fences(std::vector<double> values, double factor) {
  constexpr double k_normal = 1.482602218505602;
  const double median = position_of(values, 0.5);
  for (double& value : values) value = std::abs(value - median);
  const double spread = factor * k_normal * position_of(values, 0.5);
  return {median - spread, median + spread};
}

struct FenceMethod {
  std::string_view name;
  double factor;
  std::string_view words;
  Fences (*fences)(std::vector<double> values, double factor);
};

constexpr FenceMethod k_fence_methods[] = {
    {"iqr", 1.5, "interquartile ranges beyond the quartiles", iqr_fences},
    {"mad", 3.5, "median absolute deviations (scaled by 1.4826) from the median", mad_fences},
    {"z", 3, "standard deviations from the mean", [](std::vector<double> values, double factor) { return z_fences(values, factor); }},
};

class OutliersCheck : public DataCheck {
 public:
  OutliersCheck(const suite::Expectation& expectation, ShareOrCount limits, const FenceMethod& method, double factor)
      : expectation_(expectation), limits_(limits), method_(&method), factor_(factor) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    field_ = column.field;
    state_ = planning.current->need("row_values", {column}, planning.where, [](std::span<const int> slots) { return std::make_unique<states::RowValues>(slots[0]); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    std::string problem = why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    const auto& all = facts.current->get<states::RowValues>(state_);
    outcome.rows_tested = all.count();
    std::vector<double> finite;
    std::copy_if(all.values().begin(), all.values().end(), std::back_inserter(finite), [](double value) { return std::isfinite(value); });
    if (finite.empty()) return outcome.cannot(fmt::format("0 present values{}, nothing to test", where_words(outcome)));
    const Fences fences = method_->fences(std::move(finite), factor_);
    suite::Unexpected unexpected;
    std::size_t at = 0;
    all.rows().for_each([&](std::int64_t row) {
      const double value = all.values()[at++];
      if (value >= fences.low && value <= fences.high) return;
      outcome.unexpected_rows.push_back(row);
      if (unexpected.examples.size() < 20) unexpected.examples.push_back({row, exact_text(value)});
    });
    unexpected.count = static_cast<std::int64_t>(outcome.unexpected_rows.size());
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
