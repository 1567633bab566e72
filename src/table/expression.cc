#include "table/expression.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "table/expression_internal.h"
#include "table/table.h"

namespace cupel::table {
namespace {

tl::unexpected<Error> at_place(const std::string& place, Error error) {
  if (!place.empty()) error.message = place + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

bool is_all_null(const Column& column, std::int64_t num_rows) {
  for (std::int64_t row = 0; row < num_rows; ++row) {
    if (!column.is_null(row)) return false;
  }
  return true;
}

// The same tree over columns that are numbered anew.
NodePtr renumbered(const NodePtr& node, std::span<const int> numbers) {
  Node copy = *node;
  if (copy.column >= 0) copy.column = numbers[static_cast<std::size_t>(copy.column)];
  if (copy.only_column >= 0) copy.only_column = numbers[static_cast<std::size_t>(copy.only_column)];
  for (NodePtr& child : copy.children) child = renumbered(child, numbers);
  return std::make_shared<const Node>(std::move(copy));
}

}  // namespace

Expression::Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
Expression::Expression(const Expression&) = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(const Expression&) = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

const std::string& Expression::text() const { return *text_; }
const std::vector<std::string>& Expression::columns() const { return columns_; }

Result<Expression> Expression::parse(std::string_view text, std::string_view place) {
  const std::string where(place);
  auto source = std::make_shared<const std::string>(text);
  Result<Parsed> parsed = parse_expression(source);
  if (!parsed) return at_place(where, std::move(parsed.error()));
  Expression expression(std::move(parsed->root));
  expression.text_ = std::move(source);
  expression.columns_ = std::move(parsed->columns);
  expression.place_ = where;
  return expression;
}

Expression Expression::all_of(const Expression& a, const Expression& b) {
  std::vector<std::string> columns = a.columns_;
  std::vector<int> numbers;
  for (const std::string& name : b.columns_) {
    const auto at = std::find(columns.begin(), columns.end(), name);
    numbers.push_back(static_cast<int>(at - columns.begin()));
    if (at == columns.end()) columns.push_back(name);
  }
  Node both;
  both.op = Op::all;
  both.children = {a.root_, renumbered(b.root_, numbers)};
  both.source = std::make_shared<const std::string>("(" + a.text() + ") and (" + b.text() + ")");
  both.end = both.source->size();
  const int left = both.children[0]->only_column;
  const int right = both.children[1]->only_column;
  both.only_column = left == right || right == Node::k_no_column ? left : left == Node::k_no_column ? right : Node::k_columns;
  Expression expression(nullptr);
  expression.text_ = both.source;
  expression.root_ = std::make_shared<const Node>(std::move(both));
  expression.columns_ = std::move(columns);
  expression.place_ = a.place_.empty() ? b.place_ : a.place_;
  return expression;
}

Result<void> Expression::bind(const Schema& schema) const {
  std::vector<Type> types;
  std::vector<const Field*> fields;
  for (const std::string& name : columns_) {
    const std::optional<int> field = schema.find(name);
    if (!field) return at_place(place_, std::move(unknown_column(name, schema).value()));
    fields.push_back(&schema.fields[static_cast<std::size_t>(*field)]);
    types.push_back(fields.back()->type);
  }
  Result<void> checked = check_condition(*root_, Binding{types, fields});
  if (!checked) return at_place(place_, std::move(checked.error()));
  return {};
}

void Expression::evaluate(const Batch& batch, std::span<const int> slots, std::uint8_t* truth) const {
  CHECK(slots.size() == columns_.size(), "{} slots for {} columns", slots.size(), columns_.size());
  std::vector<Column> columns;
  std::vector<Type> types;
  for (const int slot : slots) {
    columns.push_back(batch.columns[static_cast<std::size_t>(slot)]);
    types.push_back(columns.back().type);
  }
  if (check_condition(*root_, Binding{types})) return truth_of(*root_, Rows{columns, batch.num_rows}, truth);
  // A column that has no value here clashes with nothing: its type may only be a guess.
  std::vector<std::uint8_t> absent;
  for (const Column& column : columns) absent.push_back(is_all_null(column, batch.num_rows) ? 1 : 0);
  if (check_condition(*root_, Binding{types, {}, absent})) return truth_of(*root_, Rows{columns, batch.num_rows, absent}, truth);
  std::fill_n(truth, batch.num_rows, static_cast<std::uint8_t>(k_unknown));
}

}  // namespace cupel::table
