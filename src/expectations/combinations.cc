// Rows across columns: combinations, row_sums, unique_within_row.

#include <cmath>
#include <unordered_set>

#include "base/text.h"
#include "expectations/row_wise.h"
#include "expectations/subjects_internal.h"
#include "states/key_digest.h"
#include "states/moments.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::Selection;
using table::Batch;
using table::Column;
using table::Expression;

std::uint8_t truth_if(bool holds) { return holds ? Expression::k_true : Expression::k_false; }

/// Values as one text: every part with its length before it, so that no two lists are one text.
void append_part(std::string& key, std::string_view part) {
  key += std::to_string(part.size());
  key += ':';
  key += part;
}

class CombinationTest : public states::RowTest {
 public:
  explicit CombinationTest(const suite::Predicate& predicate) : wanted_(predicate.name() == "in") {
    for (const suite::Limit& limit : predicate.limits) {
      std::string key;
      for (const std::string& part : limit.parts) append_part(key, part);
      known_.insert(std::move(key));
    }
  }

  void test(const Batch& batch, std::span<const int> slots, Selection rows, std::uint8_t* truth) const override {
    std::string key;
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      truth[row] = Expression::k_unknown;
      if (!rows.contains(row)) continue;
      key.clear();
      bool present = true;
      for (const int slot : slots) {
        const Column& column = batch.columns[static_cast<std::size_t>(slot)];
        present = present && column.type == table::Type::text && !column.is_null(row);
        if (present) append_part(key, column.text(row));
      }
      if (present) truth[row] = truth_if(known_.contains(key) == wanted_);
    }
  }

 private:
  bool wanted_;
  std::unordered_set<std::string> known_;
};

Result<std::unique_ptr<DataCheck>> make_combinations(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  std::string key(predicate.name());
  for (const suite::Limit& limit : predicate.limits) {
    if (limit.kind != suite::Limit::Kind::tuple || limit.parts.size() != expectation.arguments.size()) {
      return limit.node.fail_here(fmt::format("a combination is {}, expected a list of {} values, one for each column", limit.node.is_list() ? limit.words() : limit.node.description(), expectation.arguments.size()));
    }
    for (const std::string& part : limit.parts) append_part(key, part);
  }
  const auto test = std::make_shared<CombinationTest>(predicate);
  return std::make_unique<RowWiseCheck>(expectation, predicate.words(), [expectation, key, test](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(auto columns, planning.columns(expectation, As::text));
    return RowWisePlan{"combinations " + key, std::move(columns), test};
  });
}

/// The sum over the columns of each row. A row with a null has none and is skipped.
class RowSumTest : public states::RowTest {
 public:
  RowSumTest(const suite::Predicate& predicate, std::optional<double> tolerance) : predicate_(predicate), tolerance_(tolerance) {}

  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      states::DoubleDouble sum;
      double size = 0;
      bool present = true;
      for (const int slot : slots) {
        const Column& column = batch.columns[static_cast<std::size_t>(slot)];
        present = present && table::is_numeric(column.type) && !column.is_null(row);
        if (!present) break;
        sum.add(column.as_number(row));
        size += std::abs(column.as_number(row));
      }
      truth[row] = !present ? static_cast<std::uint8_t>(Expression::k_unknown) : truth_if(accepts(sum.value(), tolerance_.value_or(1e-9 * size)));
    }
  }

 private:
  /// Decimal fractions are not what they look like: a sum that is a limit but for rounding is that limit.
  bool accepts(double sum, double tolerance) const {
    for (const suite::Limit& limit : predicate_.limits) {
      if (std::abs(sum - limit.number) <= tolerance) sum = limit.number;
    }
    return predicate_.accepts(sum);
  }

  suite::Predicate predicate_;
  std::optional<double> tolerance_;
};

/// Text among the columns is told by name.
class RowSumCheck : public RowWiseCheck {
 public:
  RowSumCheck(const suite::Expectation& expectation, std::string expected, MakePlan make_plan) : RowWiseCheck(expectation, std::move(expected), std::move(make_plan)), expectation_(expectation) {}
  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    for (const std::string& name : expectation_.arguments) {
      std::string problem = why_not_numeric(*facts.schema, *facts.schema->find(name), expectation_.subject_node);
      if (!problem.empty()) return outcome.cannot(std::move(problem));
    }
    RowWiseCheck::judge(facts, outcome);
  }

 private:
  suite::Expectation expectation_;
};

Result<std::unique_ptr<DataCheck>> make_row_sums(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  std::string key(predicate.name());
  for (const suite::Limit& limit : predicate.limits) {
    if (limit.kind != suite::Limit::Kind::number) return limit.node.fail_here(fmt::format("the limit is {}, expected a number", limit.node.description()));
    key += "|" + exact_text(limit.number);
  }
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number", predicate.name(), predicate.node.description()));
  std::optional<double> tolerance;
  if (const yaml::Node* node = expectation.parameter("tolerance")) {
    ASSIGN_OR_RETURN(tolerance, node->number("'tolerance'"));
    if (!(*tolerance >= 0)) return node->fail_here(fmt::format("'tolerance' is {}, expected 0 or more", node->description()));
    key += "±" + exact_text(*tolerance);
  }
  const auto test = std::make_shared<RowSumTest>(predicate, tolerance);
  return std::make_unique<RowSumCheck>(expectation, "a sum " + predicate.words(), [expectation, key, test](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(auto columns, planning.columns(expectation, As::native));
    return RowWisePlan{"row_sums " + key, std::move(columns), test};
  });
}

/// No value stands in two of the columns of a row. Nulls are left out; a row with fewer than two values is skipped.
class UniqueWithinRow : public states::RowTest {
 public:
  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const auto n = static_cast<std::size_t>(batch.num_rows);
    std::vector<std::vector<std::uint64_t>> digests(slots.size(), std::vector<std::uint64_t>(n));
    for (std::size_t i = 0; i < slots.size(); ++i) {
      states::digests::of_column(
          batch.columns[static_cast<std::size_t>(slots[i])], batch.num_rows,
          [&](std::int64_t row, states::KeyDigest value) { digests[i][static_cast<std::size_t>(row)] = value.high; }, [](std::int64_t) {});
    }
    for (std::size_t row = 0; row < n; ++row) {
      int present = 0;
      bool repeated = false;
      for (std::size_t i = 0; i < slots.size(); ++i) {
        if (batch.columns[static_cast<std::size_t>(slots[i])].is_null(static_cast<std::int64_t>(row))) continue;
        ++present;
        for (std::size_t j = 0; j < i; ++j) {
          const bool null = batch.columns[static_cast<std::size_t>(slots[j])].is_null(static_cast<std::int64_t>(row));
          repeated = repeated || (!null && digests[i][row] == digests[j][row]);
        }
      }
      truth[row] = present < 2 ? static_cast<std::uint8_t>(Expression::k_unknown) : truth_if(!repeated);
    }
  }
};

Result<std::unique_ptr<DataCheck>> make_unique_within_row(const suite::Expectation& expectation) {
  if (expectation.arguments.size() == 1) return expectation.subject_node.fail_here("'unique_within_row' has one column, expected at least two");
  return std::make_unique<RowWiseCheck>(expectation, "no value twice", [expectation](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(auto columns, planning.columns(expectation, As::native));
    return RowWisePlan{"unique_within_row", std::move(columns), std::make_shared<UniqueWithinRow>()};
  });
}

}  // namespace

const DataSubject k_combinations_subject = {{"combinations", "values of several columns in a row, taken together", suite::Argument::columns, {"in", "not_in"}, {}, false, true, true}, make_combinations};
const DataSubject k_row_sums_subject = {{"row_sums", "sum of several columns in every row", suite::Argument::columns, k_number_predicates, {"tolerance"}, false, true}, make_row_sums};
const DataSubject k_unique_within_row_subject = {{"unique_within_row", "no value stands in two of the columns of a row", suite::Argument::columns, {}, {}, false, true}, make_unique_within_row};

}  // namespace cupel::expectations
