// Subjects about the table itself: its rows, its columns, the type of a column.

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/row_tests.h"
#include "expectations/number_check.h"
#include "expectations/subjects_internal.h"
#include "states/row_count.h"

namespace cupel::expectations {
namespace {

class RowsCheck : public DataCheck {
 public:
  explicit RowsCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    const auto make = [](std::span<const int>) { return std::make_unique<states::RowCount>(); };
    state_ = planning.current->need("row_count", {}, planning.where, make);
    if (!refers_to_reference(*expectation_.predicate)) return {};
    if (planning.reference == nullptr) return expectation_.predicate->node.fail_here("no reference data", "give --reference, or 'reference' in the suite");
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    reference_ = planning.reference->need("row_count", {}, planning.where, make);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const std::int64_t rows = facts.current->get<states::RowCount>(state_).rows();
    outcome.rows_tested = rows;
    outcome.observed = rows;
    suite::Predicate predicate = *expectation_.predicate;
    std::string note;
    if (reference_ >= 0) {
      const std::int64_t other = facts.reference->get<states::RowCount>(reference_).rows();
      resolve_reference(predicate, static_cast<double>(other));
      outcome.limit = predicate.json();
      note = fmt::format(" (the reference has {})", with_thousands(other));
    }
    outcome.pass_if(predicate.accepts(static_cast<double>(rows)));
    outcome.message = fmt::format("{} rows{}, expected {}{}", with_thousands(rows), where_words(outcome), predicate.words(), note);
  }

 private:
  suite::Expectation expectation_;
  int state_ = -1;
  int reference_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_rows(const suite::Expectation& expectation) {
  static const std::vector<std::string> k_known = {"rows"};
  for (const suite::Limit& limit : expectation.predicate->limits) {
    if (limit.kind == suite::Limit::Kind::reference) {
      TRY(check_reference_limit(*expectation.predicate, limit, k_known));
      continue;
    }
    if (limit.kind != suite::Limit::Kind::number || limit.number < 0 || (!limit.is_found && limit.number != std::floor(limit.number))) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a number of rows", limit.node.description()));
    }
  }
  return std::make_unique<RowsCheck>(expectation);
}

class ColumnsCheck : public DataCheck {
 public:
  ColumnsCheck(const suite::Expectation& expectation, bool in_order, std::shared_ptr<const RE2> pattern)
      : expectation_(expectation), in_order_(in_order), pattern_(std::move(pattern)) {}

  Result<void> plan(const Planning& planning) override {
    const auto make = [](std::span<const int>) { return std::make_unique<states::RowCount>(); };
    if (expectation_.predicate->name() != "same_as") {
      rows_ = planning.current->need("row_count", {}, planning.where, make);
      return {};
    }
    // Columns must be read for their types to be final.
    if (planning.reference == nullptr) return expectation_.predicate->node.fail_here("no reference data", "give --reference, or 'reference' in the suite");
    ASSIGN_OR_RETURN(const auto columns, planning.columns(expectation_, table::ColumnRequest::As::native));
    ASSIGN_OR_RETURN(const auto others, request_columns(planning.reference->schema(), expectation_, table::ColumnRequest::As::native));
    rows_ = planning.current->need("row_count", columns, planning.where, make);
    planning.reference->need("row_count", others, std::nullopt, make);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const std::vector<std::string> found = facts.schema->names();
    const suite::Predicate& predicate = *expectation_.predicate;
    outcome.rows_tested = facts.current->get<states::RowCount>(rows_).rows();
    if (predicate.name() == "same_as") return judge_schema(facts, outcome);
    if (pattern_) return judge_names(found, outcome);
    if (predicate.has_only_numbers()) {
      outcome.observed = found.size();
      outcome.pass_if(predicate.accepts(static_cast<double>(found.size())));
      outcome.message = fmt::format("{} columns, expected {}", found.size(), predicate.words());
      return;
    }
    outcome.observed = found;
    std::vector<std::string> wanted;
    for (const suite::Limit& limit : predicate.limits) wanted.push_back(limit.text);
    outcome.message = difference(found, wanted, predicate.name() == "equals");
    outcome.pass_if(outcome.message.empty());
    if (outcome.message.empty()) outcome.message = fmt::format("{} columns as expected", wanted.size());
  }

 private:
  /// Names, types and (with `order: given`) order against the reference.
  void judge_schema(const Facts& facts, suite::Outcome& outcome) const {
    const std::vector<std::string> found = facts.schema->names();
    const std::vector<std::string> wanted = facts.reference_schema->names();
    outcome.observed = found;
    outcome.message = difference(found, wanted, true);
    for (const table::Field& field : facts.schema->fields) {
      const auto other = facts.reference_schema->find(field.name);
      if (!other) continue;
      const table::Field& reference = facts.reference_schema->fields[static_cast<std::size_t>(*other)];
      if (reference.type == field.type || reference.no_values || field.no_values) continue;
      if (!outcome.message.empty()) outcome.message += "; ";
      outcome.message += fmt::format("column '{}' is {} here and {} in the reference", field.name, table::type_name(field.type), table::type_name(reference.type));
    }
    outcome.pass_if(outcome.message.empty());
    if (outcome.message.empty()) outcome.message = fmt::format("{} columns as in the reference", found.size());
  }

  void judge_names(const std::vector<std::string>& found, suite::Outcome& outcome) const {
    const bool wanted = expectation_.predicate->name() == "match";
    std::vector<std::string> wrong;
    for (const std::string& name : found) {
      if (RE2::PartialMatch(name, *pattern_) != wanted) wrong.push_back(fmt::format("'{}'", shorten(name, 60)));
    }
    outcome.observed = found.size() - wrong.size();
    outcome.pass_if(wrong.empty());
    outcome.message = fmt::format("{} of {} column names {} '{}'", found.size() - wrong.size(), found.size(), wanted ? "match" : "do not match", shorten(pattern_->pattern(), 60));
    if (!wrong.empty()) outcome.message += fmt::format("; not so: {}", shorten(join(wrong, ", "), 200));
  }

  /// What is missing, unexpected or out of order; empty when nothing is.
  std::string difference(const std::vector<std::string>& found, const std::vector<std::string>& wanted, bool exactly) const {
    std::vector<std::string> problems;
    for (const std::string& name : wanted) {
      if (std::find(found.begin(), found.end(), name) == found.end()) problems.push_back(fmt::format("missing column '{}'{}", name, nearest_note(name, found)));
    }
    for (const std::string& name : found) {
      if (exactly && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) problems.push_back(fmt::format("unexpected column '{}'", shorten(name, 60)));
    }
    if (problems.empty() && in_order_) {
      std::vector<std::string> present;
      for (const std::string& name : found) {
        if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) present.push_back(name);
      }
      const auto [a, b] = std::mismatch(wanted.begin(), wanted.end(), present.begin(), present.end());
      if (a != wanted.end() && b != present.end()) problems.push_back(fmt::format("column '{}' stands where '{}' was expected", *b, *a));
    }
    return join(problems, "; ");
  }

  suite::Expectation expectation_;
  bool in_order_;
  std::shared_ptr<const RE2> pattern_;
  int rows_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_columns(const suite::Expectation& expectation) {
  bool in_order = false;
  if (const yaml::Node* order = expectation.parameter("order")) {
    if (!order->is_scalar() || (order->scalar != "given" && order->scalar != "any")) {
      return order->fail_here(fmt::format("'order' is {}, expected given or any", order->description()));
    }
    in_order = order->scalar == "given";
  }
  const std::string_view name = expectation.predicate->name();
  if (name == "match" || name == "not_match") {
    ASSIGN_OR_RETURN(auto pattern, regular_expression(*expectation.predicate));
    return std::make_unique<ColumnsCheck>(expectation, in_order, std::move(pattern));
  }
  if (name == "same_as") {
    if (expectation.predicate->node.scalar != "reference") return expectation.predicate->node.fail_here(fmt::format("'same_as' is {}, expected reference", expectation.predicate->node.description()));
    return std::make_unique<ColumnsCheck>(expectation, in_order, nullptr);
  }
  const bool names_columns = name == "equals" || name == "include";
  const bool numbers = expectation.predicate->has_only_numbers() && !expectation.predicate->limits.empty();
  if (!names_columns && !numbers) return expectation.predicate->node.fail_here(fmt::format("'{}' of columns is not a number", name));
  if (names_columns && !numbers && !expectation.predicate->node.is_list()) {
    return expectation.predicate->node.fail_here(fmt::format("'{}' is {}, expected a list of column names", name, expectation.predicate->node.description()));
  }
  return std::make_unique<ColumnsCheck>(expectation, in_order, nullptr);
}

class TypeCheck : public DataCheck {
 public:
  explicit TypeCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::native));
    field_ = column.field;
    // The column must be read for its type to be final.
    rows_ = planning.current->need("row_count", {column}, planning.where, [](std::span<const int>) { return std::make_unique<states::RowCount>(); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const table::Field& field = facts.schema->fields[static_cast<std::size_t>(field_)];
    const std::string found(table::type_name(field.type));
    outcome.rows_tested = facts.current->get<states::RowCount>(rows_).rows();
    if (*outcome.rows_tested == 0) return outcome.cannot("0 rows, the type cannot be seen");
    outcome.observed = found;
    outcome.pass_if(accepts(field.type));
    outcome.message = fmt::format("type {}, expected {}", found, expectation_.predicate->words());
    if (outcome.verdict == suite::Verdict::fail && field.first_text) {
      outcome.message += fmt::format(" (row {} holds '{}')", field.first_text->row, shorten(field.first_text->value, 40));
    }
  }

 private:
  /// Every whole number is a number, so `number` accepts an integer column.
  bool accepts(table::Type type) const {
    const suite::Predicate& predicate = *expectation_.predicate;
    const bool negative = predicate.name() == "not_in" || predicate.name() == "not_equals";
    const auto names = [&](std::string_view name) {
      return std::any_of(predicate.limits.begin(), predicate.limits.end(), [&](const suite::Limit& limit) { return limit.text == name; });
    };
    const bool named = names(table::type_name(type)) || (!negative && type == table::Type::integer && names("number"));
    return named != negative;
  }

  suite::Expectation expectation_;
  int field_ = -1;
  int rows_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_type(const suite::Expectation& expectation) {
  std::vector<std::string> known;
  for (const auto type : {table::Type::boolean, table::Type::integer, table::Type::number, table::Type::text, table::Type::timestamp}) known.emplace_back(table::type_name(type));
  for (const suite::Limit& limit : expectation.predicate->limits) {
    if (std::find(known.begin(), known.end(), limit.text) == known.end()) {
      return limit.node.fail_here(fmt::format("unknown type {}{}", limit.node.description(), nearest_note(limit.text, known)));
    }
  }
  if (expectation.predicate->limits.empty()) return expectation.predicate->node.fail_here("'type' needs the name of a type");
  return std::make_unique<TypeCheck>(expectation);
}

}  // namespace

const DataSubject k_rows_subject = {{"rows", "number of rows", suite::Argument::table, k_number_predicates}, make_rows};
const DataSubject k_columns_subject = {{"columns", "names or number of the columns", suite::Argument::table,
                                        {"at_least", "at_most", "between", "equals", "include", "match", "not_match", "same_as"}, {"order"}, false, false, false, false, false}, make_columns};
const DataSubject k_type_subject = {{"type", "type of a column: boolean, integer, number, text or timestamp", suite::Argument::column, {"equals", "in", "not_equals", "not_in"}}, make_type};

}  // namespace cupel::expectations
