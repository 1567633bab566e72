#include "expectations/table_limits.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {
namespace {

using suite::Expectation;
using suite::Limit;
using suite::SubjectInfo;

yaml::Node scalar_like(const yaml::Node& at, std::string text) {
  yaml::Node node = at;
  node.kind = yaml::Node::Kind::scalar;
  node.items.clear();
  node.members.clear();
  node.scalar = std::move(text);
  node.quoted = false;
  return node;
}

/// One number about a table: what can be asked for in a limit.
bool is_quantity(const SubjectInfo& subject) {
  const auto takes = [&](std::string_view predicate) { return std::find(subject.predicates.begin(), subject.predicates.end(), predicate) != subject.predicates.end(); };
  return !subject.takes_mostly && takes("at_least") && takes("at_most");
}

/// The subject that a limit names, or none.
Result<const yaml::Node::Member*> named_subject(const yaml::Node& node) {
  const yaml::Node::Member* found = nullptr;
  for (const auto& member : node.members) {
    for (const DataSubject* subject : subject_table()) {
      if (member.key.scalar != subject->name) continue;
      if (!is_quantity(*subject)) return member.key.fail_here(fmt::format("'{}' is not one number, a limit from another table needs such as rows, sum or mean", subject->name));
      if (found != nullptr) return member.key.fail_here(fmt::format("a second quantity '{}' beside '{}', expected one", member.key.scalar, found->key.scalar));
      found = &member;
    }
  }
  return found;
}

/// The entry of an expectation over the other table: subject and parameters of the limit, and a predicate that everything satisfies.
Result<yaml::Node> entry_of(const Expectation& expectation, const yaml::Node& node, std::vector<std::string>& own) {
  ASSIGN_OR_RETURN(const yaml::Node::Member* subject, named_subject(node));
  yaml::Node entry = node;
  entry.members.clear();
  const SubjectInfo* info = expectation.subject;
  if (subject != nullptr) {
    entry.members.push_back(*subject);
    for (const DataSubject* known : subject_table()) info = known->name == subject->key.scalar ? known : info;
  } else {
    if (!is_quantity(*info)) return node.fail_here(fmt::format("'{}' is not one number and cannot be compared with another table's", info->name));
    entry.members.push_back({scalar_like(node, std::string(info->name)), expectation.subject_node});
  }
  own.emplace_back(info->name);
  for (const std::string_view parameter : info->parameters) {
    own.emplace_back(parameter);
    if (const auto* member = node.find_member(parameter)) {
      entry.members.push_back(*member);
    } else if (const auto* stated = subject == nullptr ? expectation.entry.find_member(parameter) : nullptr) {
      entry.members.push_back(*stated);
    }
  }
  entry.members.push_back({scalar_like(node, "at_least"), scalar_like(node, "0")});
  return entry;
}

/// "sum of 'amount' in 'ledger.csv' × 0.9"
std::string origin_words(const Expectation& asked, const std::string& table, double times) {
  std::string words(asked.subject->name);
  if (!asked.arguments.empty()) words += fmt::format(" of '{}'", join(asked.arguments, "', '"));
  words += fmt::format(" in '{}'", table);
  return times == 1 ? words : words + fmt::format(" × {}", number_text(times));
}

}  // namespace

Result<TableLimits::Quantity> TableLimits::read(const Expectation& expectation, std::size_t index) {
  const yaml::Node& node = expectation.predicate->limits[index].node;
  Quantity quantity;
  quantity.limit = index;
  std::vector<std::string> own = {"times", "within"};
  ASSIGN_OR_RETURN(const yaml::Node entry, entry_of(expectation, node, own));
  suite::LoadOptions load = data_subjects();
  load.reasons_required = false;
  ASSIGN_OR_RETURN(quantity.asked, suite::parse_expectation(entry, {}, load));
  ASSIGN_OR_RETURN(quantity.table, OtherTable::read(node, own));
  if (const yaml::Node* times = node.find("times")) {
    ASSIGN_OR_RETURN(quantity.times, times->number("'times'"));
  }
  if (const yaml::Node* within = node.find("within")) {
    const std::string_view name = expectation.predicate->name();
    if (expectation.predicate->limits.size() != 1 || name == "not_equals" || name == "in" || name == "not_in") {
      return within->fail_here(fmt::format("'within' does not go with '{}', only with equals, at_least, at_most, less_than and more_than", name));
    }
    ASSIGN_OR_RETURN(const Limit slack, Limit::parse(*within, "'within'"));
    if ((slack.kind != Limit::Kind::share && slack.kind != Limit::Kind::number) || slack.number < 0) {
      return within->fail_here(fmt::format("'within' is {}, expected a share such as 1% or a number from 0", within->description()));
    }
    (slack.kind == Limit::Kind::share ? quantity.within_share : quantity.within_number) = slack.number;
    quantity.slack = fmt::format(" ± {}", slack.words());
  }
  return quantity;
}

Result<TableLimits> TableLimits::take(Expectation& expectation) {
  TableLimits taken;
  if (!expectation.predicate) return taken;
  for (std::size_t i = 0; i < expectation.predicate->limits.size(); ++i) {
    Limit& limit = expectation.predicate->limits[i];
    if (limit.kind != Limit::Kind::table) continue;
    ASSIGN_OR_RETURN(Quantity quantity, read(expectation, i));
    taken.limits_.push_back(std::move(quantity));
    limit.kind = Limit::Kind::number;
    limit.number = 0;
  }
  return taken;
}

std::string TableLimits::plan(OtherTables& tables) {
  for (Quantity& quantity : limits_) {
    const auto number = tables.want(quantity.table);
    if (!number) return number.error().text();
    quantity.number = *number;
    auto check = static_cast<const DataSubject&>(*quantity.asked.subject).make(quantity.asked);
    if (!check) return check.error().text();
    quantity.check = std::move(*check);
    const auto done = quantity.check->plan(Planning{&tables.plan(*number), nullptr, std::nullopt});
    if (!done) return fmt::format("in '{}': {}", quantity.table.name, done.error().text());
  }
  return {};
}

std::string TableLimits::resolve(const OtherTables& tables, std::uint64_t seed, suite::Predicate& predicate) const {
  for (const Quantity& quantity : limits_) {
    const auto facts = tables.facts(quantity.number, seed);
    if (!facts) return facts.error().text();
    suite::Outcome outcome = quantity.asked.outcome();
    quantity.check->judge(*facts, outcome);
    if (outcome.verdict == suite::Verdict::error) return fmt::format("in '{}': {}", quantity.table.name, outcome.message);
    if (!outcome.observed.is_number()) return fmt::format("in '{}': {} is not one number", quantity.table.name, quantity.asked.subject->name);
    const double value = outcome.observed.get<double>() * quantity.times;
    const double slack = quantity.within_number + std::abs(value) * quantity.within_share;
    Limit& limit = predicate.limits[quantity.limit];
    limit.number = value;
    limit.is_found = true;
    limit.origin = origin_words(quantity.asked, quantity.table.name, quantity.times) + quantity.slack;
    if (slack == 0) continue;
    const std::string_view name = predicate.name();
    if (name == "equals") {
      predicate.info = suite::find_predicate("between");
      predicate.limits = {limit, limit};
      predicate.limits[0].origin.clear();
      predicate.limits[0].number = value - slack;
      predicate.limits[1].number = value + slack;
    } else {
      limit.number += name == "at_most" || name == "less_than" ? slack : -slack;
    }
  }
  return {};
}

}  // namespace cupel::expectations
