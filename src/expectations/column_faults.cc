// Columns that tell nothing or the same twice: constant_columns, duplicate_columns, empty_columns, columns_with_nulls.

#include <algorithm>
#include <map>

#include "base/text.h"
#include "expectations/category_counts.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/column_agreement.h"
#include "states/column_digest.h"
#include "states/extremes.h"
#include "states/null_count.h"
#include "states/row_count.h"
#include "states/tally.h"

namespace cupel::expectations {
namespace {

/// Which columns have the fault: their names, or "'B' (as 'A')".
using FindColumns = std::vector<std::string> (*)(const states::Answers& answers, std::span<const int> states, const std::vector<std::string>& names, std::optional<double> almost);

struct ColumnFault {
  std::string_view name;
  std::string_view what;  ///< "constant"
  FindColumns find;
};

bool is_constant(const states::Extremes& extremes) {
  if (extremes.count() == 0) return true;
  return extremes.nans() == 0 && extremes.min()->value.compare(extremes.max()->value) == 0;
}

std::vector<std::string> find_constant(const states::Answers& answers, std::span<const int> states, const std::vector<std::string>& names, std::optional<double> almost) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    bool constant = false;
    if (almost) {
      const auto& counts = answers.get<states::Tally>(states[i]);
      const auto most = counts.by_count(1);
      constant = most.empty() || static_cast<double>(most[0].count) >= *almost * static_cast<double>(counts.count()) * (1 - 1e-12);
    } else {
      constant = is_constant(answers.get<states::Extremes>(states[i]));
    }
    if (constant) found.push_back(fmt::format("'{}'", names[i]));
  }
  return found;
}

std::vector<std::string> find_duplicates(const states::Answers& answers, std::span<const int> states, const std::vector<std::string>& names, std::optional<double> almost) {
  std::vector<std::string> found;
  std::map<states::ColumnDigest::Digest, std::size_t> first;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::size_t twin = i;
    if (almost) {
      const auto& agreement = answers.get<states::ColumnAgreement>(states[0]);
      const double wanted = *almost * static_cast<double>(agreement.rows()) * (1 - 1e-12);
      for (std::size_t j = 0; j < i && twin == i; ++j) {
        if (static_cast<double>(agreement.same(i, j)) >= wanted) twin = j;
      }
    } else {
      twin = first.emplace(answers.get<states::ColumnDigest>(states[i]).digest(), i).first->second;
    }
    if (twin != i) found.push_back(fmt::format("'{}' (as '{}')", names[i], names[twin]));
  }
  return found;
}

std::vector<std::string> find_empty(const states::Answers& answers, std::span<const int> states, const std::vector<std::string>& names, std::optional<double>) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& nulls = answers.get<states::NullCount>(states[i]);
    if (nulls.nulls() == nulls.rows()) found.push_back(fmt::format("'{}'", names[i]));
  }
  return found;
}

std::vector<std::string> find_with_nulls(const states::Answers& answers, std::span<const int> states, const std::vector<std::string>& names, std::optional<double>) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::int64_t nulls = answers.get<states::NullCount>(states[i]).nulls();
    if (nulls > 0) found.push_back(fmt::format("'{}' ({})", names[i], with_thousands(nulls)));
  }
  return found;
}

constexpr ColumnFault k_faults[] = {
    {"columns_with_nulls", "with nulls", find_with_nulls},
    {"constant_columns", "constant", find_constant},
    {"duplicate_columns", "equal to an earlier one", find_duplicates},
    {"empty_columns", "empty", find_empty},
};

class ColumnFaultCheck : public DataCheck {
 public:
  ColumnFaultCheck(const suite::Expectation& expectation, ShareOrCount limits, const ColumnFault& fault, std::optional<double> almost)
      : expectation_(expectation), limits_(limits), fault_(&fault), almost_(almost) {}

  Result<void> plan(const Planning& planning) override {
    states::Plan& plan = *planning.current;
    rows_ = plan.need("row_count", {}, planning.where, [](std::span<const int>) { return std::make_unique<states::RowCount>(); });
    ASSIGN_OR_RETURN(const auto columns, planning.columns(expectation_, table::ColumnRequest::As::native));
    names_.clear();
    for (const auto& column : columns) names_.push_back(plan.schema().fields[static_cast<std::size_t>(column.field)].name);
    if (fault_->find == find_duplicates && almost_) {
      states_.push_back(plan.need("column_agreement", columns, planning.where, [](std::span<const int> slots) {
        return std::make_unique<states::ColumnAgreement>(std::vector<int>(slots.begin(), slots.end()));
      }));
      return {};
    }
    for (const auto& column : columns) states_.push_back(need(plan, column, planning));
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const std::int64_t rows = facts.current->get<states::RowCount>(rows_).rows();
    outcome.rows_tested = rows;
    if (rows == 0) return outcome.cannot(fmt::format("0 rows{}, nothing to test", where_words(outcome)));
    const std::vector<std::string> found = fault_->find(*facts.current, states_, names_, almost_);
    const auto count = static_cast<double>(found.size());
    const double value = limits_.is_share ? count / static_cast<double>(names_.size()) : count;
    outcome.observed = limits_.is_share ? Json(value) : Json(found.size());
    outcome.pass_if(expectation_.predicate->accepts(value));
    const std::string almost = almost_ ? fmt::format(" in {} of rows", percent_text(*almost_)) : std::string();
    outcome.message = fmt::format("{} of {} columns {}{}", found.size(), names_.size(), fault_->what, almost);
    constexpr std::size_t k_shown = 10;
    for (std::size_t i = 0; i < found.size() && i < k_shown; ++i) outcome.message += (i == 0 ? ": " : ", ") + found[i];
    if (found.size() > k_shown) outcome.message += ", …";
    outcome.message += fmt::format("; expected {}", expectation_.predicate->words());
  }

 private:
  int need(states::Plan& plan, table::ColumnRequest column, const Planning& planning) const {
    const std::optional<table::Expression>& where = planning.where;
    if (fault_->find == find_duplicates) {
      return plan.need("column_digest", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::ColumnDigest>(slots[0]); });
    }
    if (fault_->find == find_constant && almost_) {
      return need_tally(plan, column, planning);
    }
    if (fault_->find == find_constant) {
      return plan.need("extremes", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::Extremes>(slots[0]); });
    }
    return plan.need("null_count", {column}, where, [](std::span<const int> slots) { return std::make_unique<states::NullCount>(slots[0]); });
  }

  suite::Expectation expectation_;
  ShareOrCount limits_;
  const ColumnFault* fault_;
  std::optional<double> almost_;
  std::vector<std::string> names_;
  std::vector<int> states_;
  int rows_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_column_fault(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  std::optional<double> almost;
  if (const yaml::Node* node = expectation.parameter("almost")) {
    ASSIGN_OR_RETURN(almost, node->share("'almost'"));
    if (*almost <= 0) return node->fail_here("'almost' is 0%, expected a share of the rows such as 95%");
  }
  const auto* fault = std::find_if(std::begin(k_faults), std::end(k_faults), [&](const ColumnFault& known) { return known.name == expectation.subject->name; });
  return std::make_unique<ColumnFaultCheck>(expectation, limits, *fault, almost);
}

}  // namespace

const DataSubject k_columns_with_nulls_subject = {{"columns_with_nulls", "number of columns with a null, or their share", suite::Argument::table_or_columns, k_number_predicates}, make_column_fault};
const DataSubject k_constant_columns_subject = {{"constant_columns", "number of columns with at most one value, or almost", suite::Argument::table_or_columns, k_number_predicates, {"almost"}}, make_column_fault};
const DataSubject k_duplicate_columns_subject = {{"duplicate_columns", "number of columns with the values of an earlier one, or almost", suite::Argument::table_or_columns, k_number_predicates, {"almost"}}, make_column_fault};
const DataSubject k_empty_columns_subject = {{"empty_columns", "number of columns without any value, or their share", suite::Argument::table_or_columns, k_number_predicates}, make_column_fault};

}  // namespace cupel::expectations
