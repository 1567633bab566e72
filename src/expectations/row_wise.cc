#include "expectations/row_wise.h"

#include "base/text.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {

Result<table::ColumnRequest> request_column(const table::Schema& schema, const std::string& name, const yaml::Node& node, table::ColumnRequest::As as) {
  if (const auto field = schema.find(name)) return table::ColumnRequest{*field, as};
  // Inside a list of columns, point at the one that is wrong.
  const yaml::Node* place = &node;
  for (const yaml::Node& item : node.items) {
    if (item.scalar == name) place = &item;
  }
  return place->fail_here(fmt::format("unknown column '{}'{}", shorten(name, 80), nearest_note(name, schema.names())));
}

Result<std::vector<table::ColumnRequest>> request_columns(const table::Schema& schema, const suite::Expectation& expectation, table::ColumnRequest::As as) {
  std::vector<table::ColumnRequest> columns;
  const bool all = expectation.arguments.empty();
  for (std::size_t i = 0; all && i < schema.fields.size(); ++i) columns.push_back({static_cast<int>(i), as});
  for (const std::string& name : expectation.arguments) {
    ASSIGN_OR_RETURN(columns.emplace_back(), request_column(schema, name, expectation.subject_node, as));
  }
  return columns;
}

std::string why_not_numeric(const table::Schema& schema, int index, const yaml::Node& node) {
  const table::Field& field = schema.fields[static_cast<std::size_t>(index)];
  if (table::is_numeric(field.type)) return {};
  std::string example;
  if (field.first_text) example = fmt::format(", e.g. '{}' in row {}", shorten(field.first_text->value, 40), field.first_text->row);
  return fmt::format("{}: column '{}' is {}{}, expected numbers", node.place(), field.name, table::type_name(field.type), example);
}

std::string where_words(const suite::Outcome& outcome) { return outcome.where.empty() ? std::string() : fmt::format(" where {}", outcome.where); }

Result<void> RowWiseCheck::plan(const Planning& planning) {
  ASSIGN_OR_RETURN(RowWisePlan wanted, make_plan_(planning));
  if (wanted.needs_numbers) numeric_field_ = wanted.columns[0].field;
  condition_ = wanted.condition;
  state_ = planning.current->need("row_check " + wanted.key, wanted.columns, planning.where, [test = wanted.test](std::span<const int> slots) {
    return std::make_unique<states::RowCheck>(test, std::vector<int>(slots.begin(), slots.end()));
  });
  return {};
}

void RowWiseCheck::judge(const Facts& facts, suite::Outcome& outcome) const {
  if (numeric_field_ >= 0) {
    std::string problem = why_not_numeric(*facts.schema, numeric_field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
  }
  // A condition that was sound for the guessed types may compare text with a number: its rows were unknown then, never as expected.
  if (condition_) {
    if (const auto bound = condition_->bind(*facts.schema); !bound) return outcome.cannot(bound.error().text());
  }
  const auto& state = facts.current->get<states::RowCheck>(state_);
  outcome.rows_tested = state.tested();
  if (state.tested() == 0) {
    const bool nulls_only = state.skipped() > 0;
    return outcome.cannot(fmt::format("0 {}{}, nothing to test", nulls_only ? "present values" : "rows", where_words(outcome)));
  }
  const auto tested = static_cast<double>(state.tested());
  const double share = static_cast<double>(state.unexpected()) / tested;
  suite::Unexpected unexpected{state.unexpected(), share, {}};
  for (const auto& example : state.examples()) unexpected.examples.push_back({example.row, example.value});
  const double mostly = expectation_.mostly.value_or(1.0);
  // Counts are whole: compare them, with room for the rounding of mostly * tested.
  outcome.pass_if(static_cast<double>(state.tested() - state.unexpected()) >= mostly * tested - 1e-9 * tested);
  outcome.observed = 1 - share;
  if (state.unexpected() == 0) {
    outcome.message = fmt::format("all {} tested rows as expected: {}", with_thousands(state.tested()), expected_);
  } else {
    outcome.message = fmt::format("{} of {} tested rows unexpected ({})", with_thousands(state.unexpected()), with_thousands(state.tested()), percent_text(share));
    if (!unexpected.examples.empty()) outcome.message += fmt::format(", first in row {}: '{}'", unexpected.examples[0].row, shorten(unexpected.examples[0].value, 40));
    outcome.message += fmt::format("; expected {}", expected_);
    if (expectation_.mostly) outcome.message += fmt::format(" in at least {} % of rows", number_text(mostly * 100));
  }
  outcome.unexpected = std::move(unexpected);
  outcome.unexpected_rows = state.unexpected_rows();
}

}  // namespace cupel::expectations
