#include "base/text.h"
#include "expectations/key_parts.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/value_frequencies.h"

namespace cupel::expectations {
namespace {

class DistinctCheck : public DataCheck {
 public:
  DistinctCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(column_, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    const auto make = [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Frequencies>(slots[0], limit); };
    state_ = planning.current->need("frequencies", {column_}, planning.where, make);
    return {};
  }

  /// What the sketch leaves open is counted exactly, part by part.
  Result<bool> plan_again(const Facts& facts, const Planning& again) override {
    const auto& values = facts.current->get<states::Frequencies>(state_);
    const states::Estimate estimate = values.distinct();
    if (values.is_exact()) return false;
    const double unit = limits_.is_share ? static_cast<double>(values.count()) : 1;
    if (is_decided(*expectation_.predicate, estimate.low / unit, estimate.high / unit)) return false;
    return parts_.plan_next(again, {column_}, estimate.high);
  }

  void learn(const Facts& facts) override { parts_.learn(facts); }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& values = facts.current->get<states::Frequencies>(state_);
    outcome.rows_tested = values.count();
    if (values.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to count", where_words(outcome)));
    const states::Estimate distinct = parts_.done() ? states::Estimate::exactly(static_cast<double>(parts_.distinct())) : values.distinct();
    const auto rows = static_cast<double>(values.count());
    const auto count = static_cast<std::int64_t>(distinct.value);
    const double share = distinct.value / rows;
    outcome.observed = limits_.is_share ? Json(share) : Json(count);
    outcome.pass_if(expectation_.predicate->accepts(limits_.is_share ? share : distinct.value));
    std::string bound;
    if (!distinct.is_exact()) {
      const double unit = limits_.is_share ? rows : 1;
      outcome.interval = suite::Interval{distinct.low / unit, distinct.high / unit, distinct.confidence};
      bound = fmt::format(" (from {} to {})", with_thousands(static_cast<std::int64_t>(distinct.low)), with_thousands(static_cast<std::int64_t>(distinct.high)));
    }
    outcome.message = fmt::format("{}{} distinct values in {} present rows ({}), expected {}", with_thousands(count), bound, with_thousands(values.count()),
                                  percent_text(share), expectation_.predicate->words());
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  table::ColumnRequest column_;
  int state_ = -1;
  KeyParts parts_;
};

Result<std::unique_ptr<DataCheck>> make_distinct(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<DistinctCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_distinct_subject = {{"distinct", "number of different values, or their share of the present rows", suite::Argument::column, k_number_predicates}, make_distinct};

}  // namespace cupel::expectations
