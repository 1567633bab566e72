#include "prove/column_facts.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "states/moments.h"
#include "states/sample.h"
#include "states/value_counts.h"
#include "table/timestamp.h"

namespace cupel::prove {
namespace {

using table::Column;
using table::Type;

constexpr std::int64_t k_most_text_categories = 1000;
constexpr std::int64_t k_most_integer_categories = 50;

table::Batch batch_of(const Column& column) { return {0, column.num_rows, {column}}; }

bool few_enough(std::int64_t distinct, std::int64_t present) { return distinct >= 2 && distinct * (distinct <= 20 ? 4 : 20) <= present; }

void measure_numbers(const Column& column, ColumnFacts& facts) {
  states::Moments moments(0);
  moments.update(batch_of(column), {});
  facts.mean = moments.mean().value_or(0);
  facts.stddev = moments.stddev().value_or(0);
  std::vector<double> finite;
  facts.is_whole = true;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const double value = column.as_number(row);
    if (!std::isfinite(value)) continue;
    finite.push_back(value);
    facts.is_whole = facts.is_whole && value == std::floor(value);
  }
  if (finite.empty()) return;
  std::ranges::sort(finite);
  for (int percent = 0; percent <= 100; ++percent) {
    const double at = percent / 100.0 * static_cast<double>(finite.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    facts.quantiles.push_back(below + 1 < finite.size() ? std::lerp(finite[below], finite[below + 1], at - static_cast<double>(below)) : finite.back());
  }
}

void look_at_texts(const Column& column, ColumnFacts& facts) {
  facts.is_time = facts.present() > 0;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const std::string_view text = column.text(row);
    for (const char byte : text) {
      const auto code = static_cast<unsigned char>(byte);
      if (code >= 0x80) facts.has_non_ascii = true;
      if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || code >= 0xC3) facts.has_letters = true;
    }
    if (facts.is_time && !table::parse_timestamp(text)) facts.is_time = false;
  }
}

ColumnFacts column_facts(const table::Field& field, const Column& column) {
  ColumnFacts facts{.name = field.name, .type = column.type, .rows = column.num_rows};
  states::ValueCounts counts(0);
  counts.update(batch_of(column), {});
  facts.nulls = counts.nulls();
  facts.distinct = counts.distinct();
  facts.is_number = column.type == Type::integer || column.type == Type::number;
  if (facts.is_number) measure_numbers(column, facts);
  if (column.type == Type::timestamp) facts.is_time = facts.present() > 0;
  if (column.type == Type::text) look_at_texts(column, facts);
  const std::int64_t most = column.type == Type::text ? k_most_text_categories : column.type == Type::integer ? k_most_integer_categories : 2;
  const bool may_be_category = column.type == Type::text || column.type == Type::integer || column.type == Type::boolean;
  facts.is_category = may_be_category && !facts.is_time && facts.distinct <= most && few_enough(facts.distinct, facts.present());
  facts.is_key = column.type != Type::number && column.type != Type::boolean && facts.rows >= 2 && facts.distinct == facts.rows;
  if (facts.is_category) {
    for (auto& entry : counts.by_count()) facts.categories.push_back(std::move(entry.value));
  }
  return facts;
}

bool comparable(const ColumnFacts& a, const ColumnFacts& b) { return (a.is_number && b.is_number) || (a.is_time && b.is_time); }

/// left <= right in every row, and not for the trivial reason that all of the left lies below all of the right.
bool is_ordered(const Column& left, const Column& right, bool times) {
  double right_least = std::numeric_limits<double>::infinity();
  double left_greatest = -right_least;
  std::int64_t both = 0;
  std::int64_t below = 0;
  for (std::int64_t row = 0; row < left.num_rows; ++row) {
    if (left.is_null(row) || right.is_null(row)) continue;
    const double a = times ? static_cast<double>(instant_of(left, row).value_or(0)) : left.as_number(row);
    const double b = times ? static_cast<double>(instant_of(right, row).value_or(0)) : right.as_number(row);
    if (!(a <= b)) return false;
    ++both;
    below += a < b ? 1 : 0;
    right_least = std::min(right_least, b);
    left_greatest = std::max(left_greatest, a);
  }
  return both >= 20 && below > 0 && left_greatest > right_least;
}

/// Each value of the left goes with one of the right.
bool is_determined(const Column& left, const Column& right) {
  std::unordered_map<std::string, std::string> right_of;
  for (std::int64_t row = 0; row < left.num_rows; ++row) {
    if (left.is_null(row) || right.is_null(row)) continue;
    const auto [at, is_new] = right_of.try_emplace(table::value_text(left, row), table::value_text(right, row));
    if (!is_new && at->second != table::value_text(right, row)) return false;
  }
  return right_of.size() >= 2;
}

std::vector<Relation> relations_of(const table::Table& baseline, const std::vector<ColumnFacts>& columns) {
  std::vector<Relation> found;
  const auto count = static_cast<int>(columns.size());
  for (int right = 0; right < count; ++right) {
    const ColumnFacts& b = columns[static_cast<std::size_t>(right)];
    if (b.is_constant()) continue;
    const auto first = [&](Relation::Kind kind, auto holds) {
      for (int left = 0; left < count; ++left) {
        const ColumnFacts& a = columns[static_cast<std::size_t>(left)];
        if (left == right || a.is_constant() || !holds(left, a)) continue;
        found.push_back({kind, left, right});
        return;
      }
    };
    first(Relation::Kind::ordered, [&](int left, const ColumnFacts& a) { return comparable(a, b) && is_ordered(baseline.column(left), baseline.column(right), a.is_time); });
    first(Relation::Kind::determined, [&](int left, const ColumnFacts& a) {
      return a.is_category && b.is_category && b.distinct < a.distinct && is_determined(baseline.column(left), baseline.column(right));
    });
  }
  return found;
}

}  // namespace

std::optional<std::int64_t> instant_of(const Column& column, std::int64_t row) {
  if (column.type == Type::timestamp) return column.integers()[row];
  return table::parse_timestamp(column.text(row));
}

BaselineFacts baseline_facts(const table::Table& baseline) {
  BaselineFacts facts;
  facts.rows = baseline.num_rows();
  const auto& fields = baseline.schema().fields;
  for (std::size_t i = 0; i < fields.size(); ++i) facts.columns.push_back(column_facts(fields[i], baseline.column(static_cast<int>(i))));
  facts.relations = relations_of(baseline, facts.columns);
  return facts;
}

}  // namespace cupel::prove
