#include "suite/predicate.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace cupel::suite {
namespace {

constexpr PredicateInfo k_predicates[] = {
    {"at_least", "the value is the limit or more", Shape::one, "at least"},
    {"at_most", "the value is the limit or less", Shape::one, "at most"},
    {"between", "the value lies between two limits, both included", Shape::two, "between"},
    {"date_format", "the text is a date or time of a pattern: %d.%m.%Y", Shape::pattern, "written as"},
    {"equals", "the value is the limit", Shape::any, "exactly"},
    {"family", "the values follow a family of distributions", Shape::pattern, "family"},
    {"format", "the text has a known format: email, iban, uuid, date, … ('cupel list formats')", Shape::pattern, "format"},
    {"in", "the value is one of a list", Shape::list, "one of"},
    {"include", "the list holds all of these", Shape::list, "including"},
    {"less_than", "the value is less than the limit", Shape::one, "less than"},
    {"like", "the shares of the values are those of a stated table", Shape::any, "like"},
    {"match", "the text matches a regular expression (RE2) somewhere; anchor with ^ and $", Shape::pattern, "matching"},
    {"matches_schema", "the text is JSON that follows a JSON Schema (draft 7), stated here or in a file", Shape::any, "following the schema"},
    {"more_than", "the value is more than the limit", Shape::one, "more than"},
    {"not_equals", "the value is not the limit", Shape::one, "not"},
    {"not_in", "the value is none of a list", Shape::list, "none of"},
    {"not_match", "the text matches a regular expression nowhere", Shape::pattern, "not matching"},
    {"order", "the values stand in order: increasing, strictly_increasing, decreasing, strictly_decreasing", Shape::pattern, "order"},
    {"parse_as", "the text can be read as a number, a date, a time or a boolean", Shape::pattern, "readable as"},
    {"same_as", "the values are distributed as those of the reference", Shape::pattern, "same as"},
};

template <typename T>
bool compare(std::string_view name, const T& value, const T& limit) {
  if (name == "at_least") return value >= limit;
  if (name == "at_most") return value <= limit;
  if (name == "less_than") return value < limit;
  if (name == "more_than") return value > limit;
  if (name == "not_equals") return value != limit;
  return value == limit;
}

template <typename T, typename Get>
bool accepts_value(const Predicate& predicate, const T& value, Get get) {
  const std::string_view name = predicate.name();
  const auto& limits = predicate.limits;
  if (name == "between") return value >= get(limits[0]) && value <= get(limits[1]);
  if (name == "in" || name == "not_in") {
    const bool found = std::any_of(limits.begin(), limits.end(), [&](const Limit& limit) { return value == get(limit); });
    return found == (name == "in");
  }
  return compare<T>(name, value, get(limits[0]));
}

}  // namespace

std::span<const PredicateInfo> predicate_table() { return k_predicates; }

const PredicateInfo* find_predicate(std::string_view name) {
  const auto* found = std::find_if(std::begin(k_predicates), std::end(k_predicates), [&](const PredicateInfo& info) { return info.name == name; });
  return found == std::end(k_predicates) ? nullptr : found;
}

Result<Predicate> Predicate::parse(const PredicateInfo& info, const yaml::Node& node) {
  Predicate predicate{&info, {}, node};
  const std::string what = fmt::format("'{}'", info.name);
  if (info.shape == Shape::one || info.shape == Shape::pattern || (info.shape == Shape::any && node.is_scalar())) {
    ASSIGN_OR_RETURN(predicate.limits.emplace_back(), Limit::parse(node, what));
    if (info.shape == Shape::pattern && !node.is_scalar()) return node.fail_here(fmt::format("{} is {}, expected text", what, node.description()));
    return predicate;
  }
  if (info.shape == Shape::any && node.is_map()) {
    if (info.name == "equals") {
      ASSIGN_OR_RETURN(predicate.limits.emplace_back(), Limit::parse(node, what));
    }
    return predicate;
  }
  if (!node.is_list()) return node.fail_here(fmt::format("{} is {}, expected a list", what, node.description()));
  for (const yaml::Node& item : node.items) {
    ASSIGN_OR_RETURN(predicate.limits.emplace_back(), Limit::parse(item, what));
  }
  if (info.shape == Shape::two) {
    if (predicate.limits.size() != 2) return node.fail_here(fmt::format("{} has {} limits, expected two: [low, high]", what, predicate.limits.size()));
    const Limit& low = predicate.limits[0];
    const Limit& high = predicate.limits[1];
    const bool numbers = predicate.has_only_numbers();
    if ((numbers && low.number > high.number) || (predicate.has_only(Limit::Kind::text) && low.text > high.text)) {
      return node.fail_here(fmt::format("{} has its low limit {} above its high limit {}", what, low.words(), high.words()));
    }
  }
  if (predicate.limits.empty()) return node.fail_here(fmt::format("{} is an empty list, expected at least one value", what));
  return predicate;
}

std::string Predicate::words() const {
  if (name() == "between" && limits.size() == 2) return fmt::format("between {} and {}", limits[0].words(), limits[1].words());
  std::string text(info->words);
  if (limits.empty()) return text;
  if (info->shape == Shape::pattern) return fmt::format("{} {}", text, shorten(limits[0].text, 60));
  constexpr std::size_t k_shown = 8;
  for (std::size_t i = 0; i < limits.size() && i < k_shown; ++i) text += (i == 0 ? " " : ", ") + limits[i].words();
  if (limits.size() > k_shown) text += fmt::format(", … ({} in all)", limits.size());
  return text;
}

Json Predicate::json() const {
  if (limits.empty()) return {};
  if (limits.size() == 1 && !node.is_list()) return info->shape == Shape::pattern ? Json(limits[0].text) : limits[0].json();
  Json list = Json::array();
  for (const Limit& limit : limits) list.push_back(limit.json());
  return list;
}

bool Predicate::accepts(double value) const {
  if (std::isnan(value)) return false;
  return accepts_value<double>(*this, value, [](const Limit& limit) { return limit.number; });
}

bool Predicate::accepts(std::string_view value) const {
  return accepts_value<std::string_view>(*this, value, [](const Limit& limit) { return std::string_view(limit.text); });
}

bool Predicate::has_only(Limit::Kind kind) const {
  return std::all_of(limits.begin(), limits.end(), [&](const Limit& limit) { return limit.kind == kind; });
}

bool Predicate::has_only_numbers() const {
  return std::all_of(limits.begin(), limits.end(), [](const Limit& limit) { return limit.kind == Limit::Kind::number || limit.kind == Limit::Kind::share; });
}

}  // namespace cupel::suite
