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
Builder every_row(std::string_view expression, const std::source_location& at) { return of_column("every_row", expression, at); }
Builder rows(const std::source_location& at) { return of_column("rows", "table", at); }
Builder columns(const std::source_location& at) { return of_column("columns", "table", at); }
Builder quantile(std::string_view column, double position, const std::source_location& at) { return std::move(of_column("quantile", column, at).at(position)); }
Builder share(std::string_view column, std::initializer_list<Value> of, const std::source_location& at) { return std::move(of_column("share", column, at).of(of)); }

Builder duplicates(std::initializer_list<Value> columns, const std::source_location& at) {
  yaml::Node list;
  list.kind = yaml::Node::Kind::list;
  for (const Value& column : columns) list.items.push_back(column.node());
  return {"duplicates", std::move(list), at};
}

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
