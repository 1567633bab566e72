#pragma once

#include <initializer_list>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"
#include "suite/verdict.h"
#include "table/batch.h"

/// Expectations in C++, the same words as in a suite file, checked by the same code:
///
///   namespace expect = cupel::expect;
///   expect::nulls("Review Text").at_most(expect::percent(5)).where("Rating <= 2").because("the model reads the text")
///
/// Mistakes carry the place of the C++ call.
namespace cupel::expect {

/// A limit: a number, text, a share (percent), or another column (column_value).
class Value {
 public:
  Value(double number);               // NOLINT(google-explicit-constructor): a limit is written as a plain number
  Value(int number);                  // NOLINT(google-explicit-constructor)
  Value(const char* text);            // NOLINT(google-explicit-constructor)
  Value(std::string text);            // NOLINT(google-explicit-constructor)
  const yaml::Node& node() const { return node_; }

 private:
  friend Value percent(double);
  friend Value column_value(std::string);
  Value() = default;
  yaml::Node node_;
};
Value percent(double percent);
Value column_value(std::string column);

/// One expectation under construction.
class Builder {
 public:
  Builder(std::string_view subject, yaml::Node argument, const std::source_location& at);

  Builder& equals(const Value& limit) { return set("equals", limit.node()); }
  Builder& equals(std::initializer_list<Value> list) { return set("equals", list_of(list)); }
  Builder& not_equals(const Value& limit) { return set("not_equals", limit.node()); }
  Builder& less_than(const Value& limit) { return set("less_than", limit.node()); }
  Builder& at_most(const Value& limit) { return set("at_most", limit.node()); }
  Builder& more_than(const Value& limit) { return set("more_than", limit.node()); }
  Builder& at_least(const Value& limit) { return set("at_least", limit.node()); }
  Builder& between(const Value& low, const Value& high) { return set("between", list_of({low, high})); }
  Builder& in(std::initializer_list<Value> list) { return set("in", list_of(list)); }
  Builder& not_in(std::initializer_list<Value> list) { return set("not_in", list_of(list)); }
  Builder& include(std::initializer_list<Value> list) { return set("include", list_of(list)); }
  Builder& match(std::string_view pattern) { return set("match", text(pattern)); }
  Builder& not_match(std::string_view pattern) { return set("not_match", text(pattern)); }
  Builder& parse_as(std::string_view type) { return set("parse_as", text(type)); }
  Builder& format(std::string_view name) { return set("format", text(name)); }
  Builder& order(std::string_view word) { return set("order", text(word)); }
  struct Share {
    std::string_view value;
    double percent;
  };
  Builder& like(std::initializer_list<Share> shares);
  Builder& same_as_reference() { return set("same_as", text("reference")); }
  Builder& family(std::string_view name) { return set("family", text(name)); }

  Builder& at(double position);
  Builder& of(std::initializer_list<Value> values) { return set("of", list_of(values)); }
  /// Of `determined`: the columns that decide.
  Builder& by(std::initializer_list<Value> columns) { return set("by", list_of(columns)); }
  Builder& method(std::string_view name) { return set("method", text(name)); }
  Builder& within(std::string_view distance, double limit);
  Builder& where(std::string_view expression) { return set("where", text(expression)); }
  Builder& mostly(const Value& share) { return set("mostly", share.node()); }
  Builder& warn() { return set("severity", text("warn")); }
  Builder& because(std::string_view reason) { return set("because", text(reason)); }
  Builder& derived(std::string_view how) { return set("derived", text(how)); }
  /// Any other key of the suite language.
  Builder& with(std::string_view key, const Value& value) { return set(key, value.node()); }

  const yaml::Node& entry() const { return entry_; }

 private:
  Builder& set(std::string_view key, yaml::Node value);
  yaml::Node text(std::string_view value) const;
  static yaml::Node list_of(std::initializer_list<Value> values);
  yaml::Node entry_;
};

#define CUPEL_HERE const std::source_location& at = std::source_location::current()
Builder nulls(std::string_view column, CUPEL_HERE);
Builder values(std::string_view column, CUPEL_HERE);
Builder lengths(std::string_view column, CUPEL_HERE);
Builder words(std::string_view column, CUPEL_HERE);
Builder duplicates(std::initializer_list<Value> columns, CUPEL_HERE);
Builder distinct(std::string_view column, CUPEL_HERE);
Builder type(std::string_view column, CUPEL_HERE);
Builder min(std::string_view column, CUPEL_HERE);
Builder max(std::string_view column, CUPEL_HERE);
Builder sum(std::string_view column, CUPEL_HERE);
Builder mean(std::string_view column, CUPEL_HERE);
Builder stddev(std::string_view column, CUPEL_HERE);
Builder median(std::string_view column, CUPEL_HERE);
Builder quantile(std::string_view column, double position, CUPEL_HERE);
Builder skewness(std::string_view column, CUPEL_HERE);
Builder kurtosis(std::string_view column, CUPEL_HERE);
Builder share(std::string_view column, std::initializer_list<Value> of, CUPEL_HERE);
Builder distribution(std::string_view column, CUPEL_HERE);
Builder range(std::string_view column, CUPEL_HERE);
Builder variance(std::string_view column, CUPEL_HERE);
Builder interquartile_range(std::string_view column, CUPEL_HERE);
Builder entropy(std::string_view column, CUPEL_HERE);
Builder mode(std::string_view column, CUPEL_HERE);
Builder mode_share(std::string_view column, CUPEL_HERE);
Builder distinct_values(std::string_view column, CUPEL_HERE);
Builder outliers(std::string_view column, CUPEL_HERE);
Builder zeros(std::string_view column, CUPEL_HERE);
Builder coded_nulls(std::string_view column, CUPEL_HERE);
Builder mixed_types(std::string_view column, CUPEL_HERE);
Builder gaps(std::string_view column, CUPEL_HERE);
Builder freshness(std::string_view column, CUPEL_HERE);
Builder primary_key(std::initializer_list<Value> columns, CUPEL_HERE);
Builder uniqueness(std::initializer_list<Value> columns, CUPEL_HERE);
Builder row_sums(std::initializer_list<Value> columns, CUPEL_HERE);
Builder unique_within_row(std::initializer_list<Value> columns, CUPEL_HERE);
Builder new_values(std::initializer_list<Value> columns, CUPEL_HERE);
Builder determined(std::string_view column, std::initializer_list<Value> by, CUPEL_HERE);
Builder correlation(std::string_view first, std::string_view second, CUPEL_HERE);
Builder association(std::string_view known, std::string_view told, CUPEL_HERE);
Builder incomplete_rows(CUPEL_HERE);
Builder empty_rows(CUPEL_HERE);
Builder duplicate_rows(CUPEL_HERE);
Builder constant_columns(CUPEL_HERE);
Builder leakage(CUPEL_HERE);
/// Any subject of the suite language, about columns or (with the word "table") the whole table.
Builder subject(std::string_view name, const Value& argument, CUPEL_HERE);
Builder subject(std::string_view name, std::initializer_list<Value> columns, CUPEL_HERE);
Builder rows(CUPEL_HERE);
Builder columns(CUPEL_HERE);
Builder every_row(std::string_view expression, CUPEL_HERE);
#undef CUPEL_HERE

/// Judges one expectation over a source. A mistake in the expectation or unreadable data is an Error.
Result<suite::Outcome> check(const Builder& expectation, table::BatchSource& data, table::BatchSource* reference = nullptr);

/// What a failed test prints: verdict and message, the reason, where the limit is derived from.
std::string explain(const suite::Outcome& outcome);

}  // namespace cupel::expect
