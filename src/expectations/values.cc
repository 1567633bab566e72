// Row-wise subjects: the value itself, its length, its words, and a whole expression.

#include <cmath>

#include "base/text.h"
#include "expectations/date_pattern.h"
#include "expectations/formats.h"
#include "expectations/json_schema.h"
#include "expectations/row_wise.h"
#include "expectations/subjects_internal.h"
#include "states/order_check.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using suite::Limit;
using suite::Predicate;

std::string limits_key(const Predicate& predicate) {
  std::string key(predicate.name());
  for (const Limit& limit : predicate.limits) key += fmt::format("|{}:{}", static_cast<int>(limit.kind), limit.kind == Limit::Kind::number || limit.kind == Limit::Kind::share ? exact_text(limit.number) : limit.text);
  return key;
}

/// `values: A, at_most: {column: B}`
Result<std::unique_ptr<DataCheck>> make_column_comparison(const suite::Expectation& expectation) {
  const Predicate& predicate = *expectation.predicate;
  if (predicate.limits.size() != 1 || predicate.name() == "in" || predicate.name() == "not_in") {
    return predicate.node.fail_here(fmt::format("'{}' cannot compare with a column, expected one of equals, not_equals, less_than, at_most, more_than, at_least", predicate.name()));
  }
  return std::make_unique<RowWiseCheck>(expectation, predicate.words(), [expectation](const Planning& planning) -> Result<RowWisePlan> {
    const Limit& limit = expectation.predicate->limits[0];
    ASSIGN_OR_RETURN(const auto left, planning.column(expectation.arguments[0], expectation.subject_node, As::native));
    ASSIGN_OR_RETURN(const auto right, planning.column(limit.text, limit.node, As::native));
    return RowWisePlan{limits_key(*expectation.predicate), {left, right}, column_test(expectation.predicate->name())};
  });
}

/// Order is about neighbours, not about single rows: a state of its own.
class OrderedCheck : public DataCheck {
 public:
  OrderedCheck(const suite::Expectation& expectation, states::Order order) : expectation_(expectation), order_(order) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    state_ = planning.current->need(fmt::format("order {}", static_cast<int>(order_)), {column}, planning.where,
                                    [order = order_](std::span<const int> slots) { return std::make_unique<states::OrderCheck>(slots[0], order); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::OrderCheck>(state_);
    outcome.rows_tested = state.tested();
    if (state.tested() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to test", where_words(outcome)));
    const double share = static_cast<double>(state.unexpected()) / static_cast<double>(state.tested());
    outcome.unexpected = suite::Unexpected{state.unexpected(), share, {}};
    for (const auto& example : state.examples()) outcome.unexpected->examples.push_back({example.row, example.value});
    outcome.unexpected_rows = state.unexpected_rows();
    outcome.observed = 1 - share;
    outcome.pass_if(1 - share >= expectation_.mostly.value_or(1.0) - 1e-12);
    outcome.message = fmt::format("{} of {} values break the {} order", with_thousands(state.unexpected()), with_thousands(state.tested()), expectation_.predicate->limits[0].text);
    if (!outcome.unexpected_rows.empty()) outcome.message += fmt::format(", first in row {}", outcome.unexpected_rows.first());
  }

 private:
  suite::Expectation expectation_;
  states::Order order_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_ordered(const suite::Expectation& expectation) {
  using Order = states::Order;
  const std::string& word = expectation.predicate->limits[0].text;
  if (word == "increasing") return std::make_unique<OrderedCheck>(expectation, Order::increasing);
  if (word == "strictly_increasing") return std::make_unique<OrderedCheck>(expectation, Order::strictly_increasing);
  if (word == "decreasing") return std::make_unique<OrderedCheck>(expectation, Order::decreasing);
  if (word == "strictly_decreasing") return std::make_unique<OrderedCheck>(expectation, Order::strictly_decreasing);
  const std::vector<std::string> known = {"increasing", "strictly_increasing", "decreasing", "strictly_decreasing"};
  return expectation.predicate->node.fail_here(fmt::format("unknown order '{}'{}", shorten(word, 60), nearest_note(word, known)));
}

/// `date_format: "%d.%m.%Y"`, or a format within a country.
Result<std::unique_ptr<DataCheck>> make_written_form(const suite::Expectation& expectation, const yaml::Node* country) {
  const Predicate& predicate = *expectation.predicate;
  std::string key = "values " + limits_key(predicate);
  std::string expected = predicate.words();
  std::function<bool(std::string_view)> question;
  if (country != nullptr) {
    ASSIGN_OR_RETURN(question, format_question(predicate.limits[0].text, predicate.name(), predicate.node, country));
    ASSIGN_OR_RETURN(const std::vector<std::string> codes, country->texts("'country'"));
    key += "|" + join(codes, ",");
    expected += " of " + join(codes, ", ");
  } else {
    ASSIGN_OR_RETURN(const DatePattern pattern, DatePattern::make(predicate.limits[0].text, predicate.node));
    question = [pattern](std::string_view text) { return pattern.holds(text); };
  }
  return std::make_unique<RowWiseCheck>(expectation, expected, [expectation, key, test = text_question(std::move(question))](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, As::text));
    return RowWisePlan{key, {column}, test};
  });
}

/// `matches_schema: {type: object, …}`, or the path of a file beside the suite that holds the schema.
Result<std::unique_ptr<DataCheck>> make_schema_check(const suite::Expectation& expectation) {
  const yaml::Node& node = expectation.predicate->node;
  Json schema;
  if (node.is_map()) {
    schema = json_of(node);
  } else {
    ASSIGN_OR_RETURN(const std::string path, suite::path_beside(node));
    auto read = read_json(path);
    if (!read) return node.fail_here(read.error().message);
    schema = std::move(*read);
  }
  const std::string key = "values matches_schema " + schema.dump(-1, ' ', false, Json::error_handler_t::replace);
  ASSIGN_OR_RETURN(JsonSchema made, JsonSchema::make(std::move(schema), node));
  const auto compiled = std::make_shared<const JsonSchema>(std::move(made));
  const auto test = text_question([compiled](std::string_view text) { return compiled->accepts(text); });
  const std::string expected = node.is_map() ? "JSON that follows the schema" : "JSON that follows the schema " + shorten(node.scalar, 60);
  return std::make_unique<RowWiseCheck>(expectation, expected, [expectation, key, test](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, As::text));
    return RowWisePlan{key, {column}, test};
  });
}

Result<std::unique_ptr<DataCheck>> make_values(const suite::Expectation& expectation) {
  const Predicate& predicate = *expectation.predicate;
  if (predicate.name() == "order") return make_ordered(expectation);
  if (predicate.name() == "matches_schema") return make_schema_check(expectation);
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a limit", predicate.name(), predicate.node.description()));
  for (const Limit& limit : predicate.limits) {
    if (limit.kind == Limit::Kind::column) return make_column_comparison(expectation);
    if (limit.kind == Limit::Kind::reference) return limit.node.fail_here("'values' are compared row by row, a quantity of the reference goes with mean, min, max …");
    if (limit.kind == Limit::Kind::share) return limit.node.fail_here(fmt::format("the limit is {}, expected a value; a share of rows is said with 'mostly'", limit.node.description()));
  }
  const yaml::Node* const country = expectation.parameter("country");
  if (country != nullptr && predicate.name() != "format") return country->fail_here(fmt::format("'country' does not go with '{}', only with format", predicate.name()));
  if (predicate.name() == "date_format" || country != nullptr) return make_written_form(expectation, country);
  const bool numbers = predicate.has_only(Limit::Kind::number) && predicate.info->shape != suite::Shape::pattern;
  std::shared_ptr<const states::RowTest> test = numbers ? number_test(predicate) : nullptr;
  if (!numbers) {
    ASSIGN_OR_RETURN(test, text_test(predicate));
  }
  return std::make_unique<RowWiseCheck>(expectation, predicate.words(), [expectation, test, numbers](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, numbers ? As::native : As::text));
    return RowWisePlan{"values " + limits_key(*expectation.predicate), {column}, test, numbers};
  });
}

Result<std::unique_ptr<DataCheck>> make_measure(const suite::Expectation& expectation, std::int64_t (*measure)(std::string_view), std::string_view unit) {
  const Predicate& predicate = *expectation.predicate;
  for (const Limit& limit : predicate.limits) {
    if (limit.kind != Limit::Kind::number || limit.number < 0 || limit.number != std::floor(limit.number)) {
      return limit.node.fail_here(fmt::format("the limit is {}, expected a number of {}", limit.node.description(), unit));
    }
  }
  if (predicate.limits.empty()) return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number of {}", predicate.name(), predicate.node.description(), unit));
  const auto test = measure_test(measure, predicate);
  return std::make_unique<RowWiseCheck>(expectation, fmt::format("{} {}", predicate.words(), unit), [expectation, test](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, As::text));
    return RowWisePlan{fmt::format("{} {}", expectation.subject->name, limits_key(*expectation.predicate)), {column}, test};
  });
}

Result<std::unique_ptr<DataCheck>> make_lengths(const suite::Expectation& expectation) { return make_measure(expectation, count_code_points, "characters"); }
Result<std::unique_ptr<DataCheck>> make_words(const suite::Expectation& expectation) { return make_measure(expectation, count_words, "words"); }

Result<std::unique_ptr<DataCheck>> make_every_row(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(table::Expression expression, table::Expression::parse(expectation.arguments[0], expectation.subject_node.place()));
  return std::make_unique<RowWiseCheck>(expectation, expectation.arguments[0], [expression](const Planning& planning) -> Result<RowWisePlan> {
    const table::Schema& schema = planning.current->schema();
    TRY(expression.bind(schema));
    RowWisePlan wanted{"expression " + expression.text(), {}, expression_test(expression), false, expression};
    for (const std::string& name : expression.columns()) wanted.columns.push_back({*schema.find(name), As::native});
    return wanted;
  });
}

const std::vector<std::string_view> k_value_predicates = {"at_least", "at_most", "between", "date_format", "equals", "format", "in", "less_than", "match", "matches_schema",
                                                          "more_than", "not_equals", "not_in", "not_match", "order", "parse_as"};

}  // namespace

const DataSubject k_values_subject = {{"values", "every present value, row by row", suite::Argument::column, k_value_predicates, {"country"}, false, true}, make_values};
const DataSubject k_lengths_subject = {{"lengths", "Unicode characters of every present value", suite::Argument::column, k_number_predicates, {}, false, true}, make_lengths};
const DataSubject k_words_subject = {{"words", "words of every present value", suite::Argument::column, k_number_predicates, {}, false, true}, make_words};
const DataSubject k_every_row_subject = {{"every_row", "an expression that holds in every row where it is known", suite::Argument::expression, {}, {}, false, true}, make_every_row};

}  // namespace cupel::expectations
