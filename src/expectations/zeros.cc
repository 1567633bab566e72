#include <cmath>

#include "expectations/row_tests.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {
namespace {

bool is_not_zero(double value) { return value != 0; }
bool is_finite(double value) { return std::isfinite(value); }

Result<std::unique_ptr<DataCheck>> make_zeros(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  CountCheck::Counting counting = counting_rows("row_check zeros", number_question(is_not_zero), "zero");
  counting.needs_numbers = true;
  return std::make_unique<CountCheck>(expectation, limits, counting);
}

Result<std::unique_ptr<DataCheck>> make_non_finite(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  CountCheck::Counting counting = counting_rows("row_check non_finite", number_question(is_finite), "NaN or infinite");
  counting.needs_numbers = true;
  return std::make_unique<CountCheck>(expectation, limits, counting);
}

}  // namespace

const DataSubject k_non_finite_subject = {{"non_finite", "present rows that hold NaN or an infinity, as a share or a count", suite::Argument::column, k_number_predicates}, make_non_finite};
const DataSubject k_zeros_subject = {{"zeros", "present rows that are zero, as a share or a count", suite::Argument::column, k_number_predicates}, make_zeros};

}  // namespace cupel::expectations
