// Values in the wrong row or in the wrong column, and keys that are no longer keys.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;
using table::Type;

/// Rows get the value of the next of them in a random round: none keeps its own row's value.
Table permute(FaultInput& input, std::vector<std::int64_t> hit) {
  shuffle(input.random, hit);
  std::vector<std::int64_t> source = all_rows(input.rows.num_rows());
  for (std::size_t i = 0; i < hit.size(); ++i) source[static_cast<std::size_t>(hit[i])] = hit[(i + 1) % hit.size()];
  return with_target(input, gather(input.column(), source));
}

Table wrong_join(FaultInput& input) {
  std::vector<std::int64_t> hit = choose_share(input.random, all_rows(input.rows.num_rows()), input.severity.share);
  return permute(input, std::move(hit));
}

/// Relation of the target as the right-hand column with its partner as the left-hand one.
const Relation* relation_of(const BaselineFacts& baseline, FaultTarget target) {
  for (const Relation& relation : baseline.relations) {
    if (relation.right == target.field && relation.left == target.partner) return &relation;
  }
  return nullptr;
}

/// Ordered: the two values change places where they differ. Determined: the value becomes that of a row with another one.
Table break_relation(FaultInput& input) {
  const Relation& relation = *relation_of(input.baseline, input.target);
  const table::Column right = input.column();
  const table::Column left = input.rows.column(input.target.partner);
  std::vector<std::int64_t> able;
  for (std::int64_t row = 0; row < input.rows.num_rows(); ++row) {
    if (left.is_null(row) || right.is_null(row)) continue;
    if (relation.kind == Relation::Kind::ordered && table::value_text(left, row) == table::value_text(right, row)) continue;
    able.push_back(row);
  }
  const std::vector<std::int64_t> hit = choose_share(input.random, able, input.severity.share);
  if (relation.kind == Relation::Kind::ordered) {
    std::vector<std::int64_t> source = all_rows(input.rows.num_rows());
    const auto swapped = [&](const table::Column& here, const table::Column& there) {
      if (here.type == Type::text) return change_texts(here, hit, [&](std::int64_t row) -> NewText { return table::value_text(there, row); });
      if (here.type == Type::timestamp) {
        table::ColumnBuilder out(Type::timestamp);
        for (std::int64_t row = 0; row < here.num_rows; ++row) {
          if (std::ranges::binary_search(hit, row)) {
            out.append(instant_of(there, row).value_or(here.integers()[row]));
          } else {
            out.append_from(here, row);
          }
        }
        return out;
      }
      return change_numbers(here, hit, [&](std::int64_t row) -> std::optional<double> { return there.as_number(row); });
    };
    return input.rows.with_column(input.target.field, swapped(right, left)).with_column(input.target.partner, swapped(left, right));
  }
  std::vector<std::int64_t> source = all_rows(input.rows.num_rows());
  for (const std::int64_t row : hit) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      const std::int64_t other = able[input.random.below(able.size())];
      if (table::value_text(right, other) == table::value_text(right, row)) continue;
      source[static_cast<std::size_t>(row)] = other;
      break;
    }
  }
  return with_target(input, gather(right, source));
}

/// The hit rows get the key of a row that is not hit.
Table duplicate_keys(FaultInput& input) {
  const std::vector<std::int64_t> rows = all_rows(input.rows.num_rows());
  if (rows.size() < 2) return input.rows;
  const std::int64_t count = std::min(share_of(input.severity.share, input.rows.num_rows()), input.rows.num_rows() - 1);
  const std::vector<std::int64_t> hit = choose(input.random, rows, count);
  std::vector<std::int64_t> others;
  std::ranges::set_difference(rows, hit, std::back_inserter(others));
  std::vector<std::int64_t> source = rows;
  for (const std::int64_t row : hit) source[static_cast<std::size_t>(row)] = others[input.random.below(others.size())];
  return with_target(input, gather(input.column(), source));
}

bool in_relation(const BaselineFacts& baseline, FaultTarget target) { return relation_of(baseline, target) != nullptr; }
bool is_key(const BaselineFacts& baseline, FaultTarget target) { return facts_at(baseline, target).is_key; }
bool varies(const BaselineFacts& baseline, FaultTarget target) { return !facts_at(baseline, target).is_constant(); }
bool swaps(const BaselineFacts& baseline, FaultTarget target) {
  const ColumnFacts& a = facts_at(baseline, target);
  const ColumnFacts& b = baseline.columns.at(static_cast<std::size_t>(target.partner));
  return a.present() > 0 && b.present() > 0 && (a.type == b.type || (a.is_number && b.is_number));
}

constexpr FaultSeverity k_shares[] = {{"1 % of the rows", 0.01}, {"10 % of the rows", 0.1}, {"every row", 1}};
constexpr FaultSeverity k_few[] = {{"0.1 % of the rows", 0.001}, {"1 % of the rows", 0.01}, {"10 % of the rows", 0.1}};
constexpr FaultSeverity k_joined[] = {{"10 % of the rows", 0.1}, {"every row", 1}};

/// In the hit rows the two columns hold each other's value.
Table swap_columns(FaultInput& input) { return swap_values(input, choose_share(input.random, all_rows(input.rows.num_rows()), input.severity.share)); }

}  // namespace

table::Table swap_values(FaultInput& input, const std::vector<std::int64_t>& hit) {
  const table::Column a = input.column();
  const table::Column b = input.rows.column(input.target.partner);
  const auto with_other = [&](const table::Column& here, const table::Column& there) {
    const auto numeric = [](Type type) { return type == Type::integer || type == Type::number; };
    if (here.type == there.type) {
      table::ColumnBuilder out(here.type);
      std::size_t next = 0;
      for (std::int64_t row = 0; row < here.num_rows; ++row) {
        const bool is_hit = next < hit.size() && hit[next] == row;
        if (is_hit) ++next;
        out.append_from(is_hit ? there : here, row);
      }
      return out;
    }
    if (numeric(here.type) && numeric(there.type)) {
      return change_numbers(here, hit, [&](std::int64_t row) { return there.is_null(row) ? std::nullopt : std::optional(there.as_number(row)); });
    }
    return change_texts(here, hit, [&](std::int64_t row) -> NewText { return there.is_null(row) ? NewText() : table::value_text(there, row); });
  };
  return input.rows.with_column(input.target.field, with_other(a, b)).with_column(input.target.partner, with_other(b, a));
}

const Fault k_broken_relation_fault = {.name = "broken_relation", .summary = "rows that break an order or a dependence between two columns", .group = "relations",
                                 .applies_to = "columns that are never below another one, or that another one determines", .scope = Scope::pair,
                                 .applies = in_relation, .severities = k_shares, .apply = break_relation};
const Fault k_duplicate_keys_fault = {.name = "duplicate_keys", .summary = "keys that occur a second time", .group = "relations", .applies_to = "keys", .applies = is_key,
                                .severities = k_few, .apply = duplicate_keys};
const Fault k_swapped_columns_fault = {.name = "swapped_columns", .summary = "the values of two columns in each other's place", .group = "relations",
                                 .applies_to = "columns with the next one of their type", .scope = Scope::pair, .applies = swaps, .severities = k_shares,
                                 .apply = swap_columns};
const Fault k_wrong_join_fault = {.name = "wrong_join", .summary = "values joined to the wrong rows: permuted", .group = "relations", .applies_to = "columns that vary",
                            .keeps = Keeps::marginals, .applies = varies, .severities = k_joined, .apply = wrong_join};

}  // namespace cupel::prove
