#include "expectations/expect.h"

#include "base/text.h"
#include "expectations/data_check.h"
#include "expectations/run_suite.h"
#include "states/row_check.h"

namespace cupel::expect {
namespace {

yaml::Node scalar(std::string value, bool quoted) {
  yaml::Node node;
  node.kind = yaml::Node::Kind::scalar;
  node.scalar = std::move(value);
  node.quoted = quoted;
  return node;
}

/// The call's place for every part that has none.
void place(yaml::Node& node, const yaml::Node& at) {
  if (node.line == 0) {
    node.line = at.line;
    node.column = at.column;
    node.file = at.file;
  }
  for (yaml::Node& item : node.items) place(item, at);
  for (auto& member : node.members) {
    place(member.key, at);
    place(member.value, at);
  }
}

}  // namespace

Value::Value(double number) : node_(scalar(exact_text(number), false)) {}
Value::Value(int number) : node_(scalar(std::to_string(number), false)) {}
Value::Value(const char* text) : node_(scalar(text, true)) {}
Value::Value(std::string text) : node_(scalar(std::move(text), true)) {}

Value percent(double percent) {
  Value value;
  value.node_ = scalar(exact_text(percent) + "%", false);
  return value;
}

Value column_value(std::string column) {
  Value value;
  value.node_.kind = yaml::Node::Kind::map;
  value.node_.members.push_back({scalar("column", false), scalar(std::move(column), true)});
  return value;
}

Builder::Builder(std::string_view subject, yaml::Node argument, const std::source_location& at) {
  entry_.kind = yaml::Node::Kind::map;
  entry_.line = static_cast<int>(at.line());
  entry_.column = static_cast<int>(at.column());
  entry_.file = std::make_shared<const std::string>(at.file_name());
  set(subject, std::move(argument));
}

Builder& Builder::set(std::string_view key, yaml::Node value) {
  entry_.members.push_back({scalar(std::string(key), false), std::move(value)});
  place(entry_.members.back().key, entry_);
  place(entry_.members.back().value, entry_);
  return *this;
}

yaml::Node Builder::text(std::string_view value) const { return scalar(std::string(value), false); }

yaml::Node Builder::list_of(std::initializer_list<Value> values) {
  yaml::Node list;
  list.kind = yaml::Node::Kind::list;
  for (const Value& value : values) list.items.push_back(value.node());
  return list;
}

Builder& Builder::like(std::initializer_list<Share> shares) {
  yaml::Node map;
  map.kind = yaml::Node::Kind::map;
  for (const Share& share : shares) map.members.push_back({scalar(std::string(share.value), true), percent(share.percent).node()});
  return set("like", std::move(map));
}

Builder& Builder::at(double position) { return set("at", Value(position).node()); }

Builder& Builder::within(std::string_view distance, double limit) {
  yaml::Node map;
  map.kind = yaml::Node::Kind::map;
  map.members.push_back({scalar(std::string(distance), false), Value(limit).node()});
  return set("within", std::move(map));
}

namespace {
Builder of_column(std::string_view subject, std::string_view column, const std::source_location& at) { return {subject, scalar(std::string(column), true), at}; }
}  // namespace

Builder nulls(std::string_view column, const std::source_location& at) { return of_column("nulls", column, at); }
Builder values(std::string_view column, const std::source_location& at) { return of_column("values", column, at); }
Builder lengths(std::string_view column, const std::source_location& at) { return of_column("lengths", column, at); }
Builder words(std::string_view column, const std::source_location& at) { return of_column("words", column, at); }
Builder distinct(std::string_view column, const std::source_location& at) { return of_column("distinct", column, at); }
Builder type(std::string_view column, const std::source_location& at) { return of_column("type", column, at); }
Builder min(std::string_view column, const std::source_location& at) { return of_column("min", column, at); }
Builder max(std::string_view column, const std::source_location& at) { return of_column("max", column, at); }
Builder sum(std::string_view column, const std::source_location& at) { return of_column("sum", column, at); }
Builder mean(std::string_view column, const std::source_location& at) { return of_column("mean", column, at); }
Builder stddev(std::string_view column, const std::source_location& at) { return of_column("stddev", column, at); }
Builder median(std::string_view column, const std::source_location& at) { return of_column("median", column, at); }
Builder skewness(std::string_view column, const std::source_location& at) { return of_column("skewness", column, at); }
Builder kurtosis(std::string_view column, const std::source_location& at) { return of_column("kurtosis", column, at); }
Builder distribution(std::string_view column, const std::source_location& at) { return of_column("distribution", column, at); }
Builder range(std::string_view column, const std::source_location& at) { return of_column("range", column, at); }
Builder variance(std::string_view column, const std::source_location& at) { return of_column("variance", column, at); }
Builder interquartile_range(std::string_view column, const std::source_location& at) { return of_column("interquartile_range", column, at); }
Builder entropy(std::string_view column, const std::source_location& at) { return of_column("entropy", column, at); }
Builder mode(std::string_view column, const std::source_location& at) { return of_column("mode", column, at); }
Builder mode_share(std::string_view column, const std::source_location& at) { return of_column("mode_share", column, at); }
Builder distinct_values(std::string_view column, const std::source_location& at) { return of_column("distinct_values", column, at); }
Builder outliers(std::string_view column, const std::source_location& at) { return of_column("outliers", column, at); }
Builder zeros(std::string_view column, const std::source_location& at) { return of_column("zeros", column, at); }
Builder coded_nulls(std::string_view column, const std::source_location& at) { return of_column("coded_nulls", column, at); }
Builder mixed_types(std::string_view column, const std::source_location& at) { return of_column("mixed_types", column, at); }
Builder gaps(std::string_view column, const std::source_location& at) { return of_column("gaps", column, at); }
Builder freshness(std::string_view column, const std::source_location& at) { return of_column("freshness", column, at); }
Builder every_row(std::string_view expression, const std::source_location& at) { return of_column("every_row", expression, at); }
Builder rows(const std::source_location& at) { return of_column("rows", "table", at); }
Builder columns(const std::source_location& at) { return of_column("columns", "table", at); }
Builder quantile(std::string_view column, double position, const std::source_location& at) { return std::move(of_column("quantile", column, at).at(position)); }
Builder share(std::string_view column, std::initializer_list<Value> of, const std::source_location& at) { return std::move(of_column("share", column, at).of(of)); }

namespace {
Builder of_columns(std::string_view subject, std::initializer_list<Value> columns, const std::source_location& at) {
  yaml::Node list;
  list.kind = yaml::Node::Kind::list;
  for (const Value& column : columns) list.items.push_back(column.node());
  return {subject, std::move(list), at};
}
Builder of_table(std::string_view subject, const std::source_location& at) { return {subject, scalar("table", false), at}; }
}  // namespace

Builder duplicates(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("duplicates", columns, at); }
Builder primary_key(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("primary_key", columns, at); }
Builder uniqueness(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("uniqueness", columns, at); }
Builder row_sums(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("row_sums", columns, at); }
Builder unique_within_row(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("unique_within_row", columns, at); }
Builder new_values(std::initializer_list<Value> columns, const std::source_location& at) { return of_columns("new_values", columns, at); }
Builder correlation(std::string_view first, std::string_view second, const std::source_location& at) { return of_columns("correlation", {std::string(first), std::string(second)}, at); }
Builder association(std::string_view known, std::string_view told, const std::source_location& at) { return of_columns("association", {std::string(known), std::string(told)}, at); }
Builder determined(std::string_view column, std::initializer_list<Value> by, const std::source_location& at) { return std::move(of_column("determined", column, at).by(by)); }
Builder incomplete_rows(const std::source_location& at) { return of_table("incomplete_rows", at); }
Builder empty_rows(const std::source_location& at) { return of_table("empty_rows", at); }
Builder duplicate_rows(const std::source_location& at) { return of_table("duplicate_rows", at); }
Builder constant_columns(const std::source_location& at) { return of_table("constant_columns", at); }
Builder leakage(const std::source_location& at) { return of_table("leakage", at); }
Builder subject(std::string_view name, const Value& argument, const std::source_location& at) {
  yaml::Node node = argument.node();
  if (node.scalar == "table") node.quoted = false;
  return {name, std::move(node), at};
}
Builder subject(std::string_view name, std::initializer_list<Value> columns, const std::source_location& at) { return of_columns(name, columns, at); }

Result<suite::Outcome> check(const Builder& expectation, table::BatchSource& data, table::BatchSource* reference) {
  ASSIGN_OR_RETURN(suite::Expectation parsed, suite::parse_expectation(expectation.entry(), {}, expectations::data_subjects()));
  parsed.id = parsed.words();
  ASSIGN_OR_RETURN(expectations::Judged judged, expectations::judge_all(std::span(&parsed, 1), data, reference, {}));
  return std::move(judged.outcomes.front());
}

std::string explain(const suite::Outcome& outcome) {
  std::string text = fmt::format("{}: {}\n  {}\n  because {}", suite::verdict_name(outcome.verdict), outcome.id, outcome.message, outcome.because);
  if (outcome.derived.is_string()) text += fmt::format("\n  derived: {}", outcome.derived.get<std::string>());
  return text;
}

}  // namespace cupel::expect
