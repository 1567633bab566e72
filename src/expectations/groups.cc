#include "expectations/groups.h"

#include <cmath>

#include "base/text.h"
#include "expectations/subjects_internal.h"
#include "states/group_counts.h"
#include "states/scan.h"

namespace cupel::expectations {
namespace {

using states::GroupCounts;
using suite::Expectation;
using table::Expression;
using table::Type;

std::string in_quotes(std::string_view text, std::string_view quote) {
  return fmt::format("{}{}{}", quote, replace_all(std::string(text), quote, std::string(quote) + std::string(quote)), quote);
}

/// What is true of exactly the rows that hold this value.
std::string condition(const std::string& column, const std::optional<states::Scalar>& value) {
  const std::string name = in_quotes(column, "\"");
  if (!value) return name + " is null";
  switch (value->type) {
    case Type::text: return fmt::format("{} = {}", name, in_quotes(value->text, "'"));
    case Type::timestamp: return fmt::format("{} = '{}'", name, value->value_text());
    case Type::number:
      if (std::isnan(value->number)) return fmt::format("not ({} = {})", name, name);  // equals nothing, not even itself
      if (std::isinf(value->number)) return fmt::format("{} {} 1.7976931348623157e308", name, value->number > 0 ? ">" : "< -");
      break;
    default: break;
  }
  return fmt::format("{} = {}", name, value->value_text());
}

/// "Department Name = Tops, Size is null"
std::string group_words(std::span<const std::string> columns, const GroupValues& values) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    text += i == 0 ? "" : ", ";
    text += values[i] ? fmt::format("{} = {}", columns[i], shorten(values[i]->value_text(), 60)) : columns[i] + " is null";
  }
  return text;
}

Json json_of(std::span<const std::string> columns, const GroupValues& values) {
  Json json = Json::object();
  for (std::size_t i = 0; i < columns.size(); ++i) json[columns[i]] = values[i] ? Json(values[i]->value_text()) : Json(nullptr);
  return json;
}

Result<std::optional<Expression>> filter_of(const Expectation& expectation, const std::optional<Expression>& where) {
  if (!expectation.where) return where;
  return where ? Expression::all_of(*where, *expectation.where) : *expectation.where;
}

/// The state that finds the groups of one expectation.
Result<int> plan_groups(states::Plan& plan, const Expectation& expectation, const std::optional<Expression>& where) {
  ASSIGN_OR_RETURN(const std::optional<Expression> filter, filter_of(expectation, where));
  if (filter) TRY(filter->bind(plan.schema()));
  std::vector<table::ColumnRequest> columns;
  const yaml::Node* list = expectation.by->node.find("columns");
  for (const std::string& name : expectation.by->columns) {
    ASSIGN_OR_RETURN(columns.emplace_back(), request_column(plan.schema(), name, list != nullptr ? *list : expectation.by->node, table::ColumnRequest::As::native));
  }
  const std::int64_t limit = expectation.by->max_groups;
  return plan.need(fmt::format("group_counts {}", limit), columns, filter, [limit](std::span<const int> slots) {
    return std::make_unique<GroupCounts>(std::vector<int>(slots.begin(), slots.end()), limit);
  });
}

Member member_of(std::size_t of, const Expectation& expectation, const GroupCounts::Group& group) {
  const std::vector<std::string>& columns = expectation.by->columns;
  Member member{of, expectation, {}};
  const std::string name = group_words(columns, group.values);
  member.expectation.id = fmt::format("{} [{}]", expectation.id, name);
  member.expectation.group = suite::Group{expectation.id, name, json_of(columns, group.values)};
  const auto filter = group_filter(columns, group.values);
  if (!filter) {
    member.refusal = fmt::format("the group cannot be filtered: {}", filter.error().text());
  } else {
    member.expectation.where = expectation.where ? Expression::all_of(*expectation.where, *filter) : *filter;
  }
  return member;
}

void add_members(std::size_t of, const Expectation& expectation, const GroupCounts& found, Expanded& expanded) {
  const suite::Grouping& by = *expectation.by;
  const auto refuse = [&](std::string why) { expanded.members.push_back({of, expectation, std::move(why)}); };
  if (found.over_limit()) {
    return refuse(fmt::format("{}: more than {} groups by '{}' (raise 'max_groups', or group by a column with fewer values)", by.node.place(),
                              with_thousands(by.max_groups), by.words()));
  }
  if (found.groups().empty()) return refuse("0 rows, no group to test");
  std::int64_t small = 0;
  std::int64_t small_rows = 0;
  for (const GroupCounts::Group& group : found.sorted()) {
    if (group.rows < by.min_rows) {
      ++small;
      small_rows += group.rows;
      continue;
    }
    expanded.members.push_back(member_of(of, expectation, group));
  }
  if (small == 0) return;
  if (small == static_cast<std::int64_t>(found.groups().size())) {
    return refuse(fmt::format("no group by '{}' has {} rows, nothing to test", by.words(), with_thousands(by.min_rows)));
  }
  expanded.notes.push_back(fmt::format("{}: {} of {} groups by '{}' have fewer than {} rows and were not judged ({} rows)", expectation.id,
                                       with_thousands(small), with_thousands(static_cast<std::int64_t>(found.groups().size())), by.words(),
                                       with_thousands(by.min_rows), with_thousands(small_rows)));
}

}  // namespace

Result<Expression> group_filter(std::span<const std::string> columns, const GroupValues& values) {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : " and ") + condition(columns[i], values[i]);
  return Expression::parse(text, "by");
}

Result<Expanded> expand_groups(std::vector<Expectation> expectations, table::BatchSource& data, const std::optional<Expression>& where,
                               const table::ScanOptions& scan) {
  Expanded expanded;
  states::Plan plan(data.schema());
  struct Found {
    int state = -1;
    std::string refusal;
  };
  std::vector<Found> found(expectations.size());
  bool any = false;
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    if (!expectations[i].by) continue;
    any = true;
    const auto state = plan_groups(plan, expectations[i], where);
    found[i] = state ? Found{*state, {}} : Found{-1, state.error().text()};
  }
  states::Answers answers;
  if (any) {
    ASSIGN_OR_RETURN(answers, states::run_scan(data, plan, scan));
  }
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    if (found[i].state < 0) {
      expanded.members.push_back({i, std::move(expectations[i]), found[i].refusal});
    } else {
      add_members(i, expectations[i], answers.get<GroupCounts>(found[i].state), expanded);
    }
  }
  return expanded;
}

}  // namespace cupel::expectations
