#include "cli/profile_text.h"

#include <cmath>

#include "base/text.h"
#include "table/timestamp.h"

namespace cupel::cli {
namespace {

using states::ColumnProfile;
using states::Estimate;
using states::Profile;
using table::Type;

constexpr double k_positions[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
constexpr std::int64_t k_top = 10;
constexpr std::int64_t k_masks = 20;
constexpr std::size_t k_compared_values = 5;

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(exact_text(value)); }

Json estimate_json(const Estimate& value) {
  if (value.is_exact()) return number_json(value.value);
  return {{"value", number_json(value.value)}, {"low", number_json(value.low)}, {"high", number_json(value.high)}, {"confidence", value.confidence}};
}

Json scalar_json(const states::Scalar& value) {
  switch (value.type) {
    case Type::integer: return value.integer;
    case Type::number: return number_json(value.number);
    default: return value.value_text();
  }
}

bool is_time(const Profile::ColumnEntry& column) { return column.type == Type::timestamp; }

// A quantile in the column's own terms: times are written as times.
Json quantile_json(const Profile::ColumnEntry& column, const Estimate& value) {
  if (!is_time(column)) return estimate_json(value);
  const auto text = [](double micros) { return table::timestamp_text(std::llround(micros)); };
  if (value.is_exact()) return text(value.value);
  return {{"value", text(value.value)}, {"low", text(value.low)}, {"high", text(value.high)}, {"confidence", value.confidence}};
}

void put(Json& out, const char* key, std::optional<double> value) {
  if (value && std::isfinite(*value)) out[key] = *value;
}

Json column_json(const Profile::ColumnEntry& column) {
  const ColumnProfile& facts = column.facts;
  Json out{{"name", column.name}, {"type", table::type_name(column.type)}, {"nulls", facts.nulls()}, {"present", facts.count()}};
  out["exact"] = facts.is_exact();
  const Estimate distinct = facts.frequencies().distinct();
  out["distinct"] = distinct.is_exact() ? Json(std::llround(distinct.value)) : estimate_json(distinct);
  if (facts.count() == 0) return out;
  if (const auto least = facts.min()) out["min"] = scalar_json(*least);
  if (const auto greatest = facts.max()) out["max"] = scalar_json(*greatest);
  if (column.type != Type::text) {
    const states::Moments moments = facts.moments();
    if (table::is_numeric(column.type)) {
      put(out, "sum", moments.sum());
      put(out, "mean", moments.mean());
      put(out, "stddev", moments.stddev());
      put(out, "skewness", moments.skewness());
      put(out, "kurtosis", moments.kurtosis());
      if (moments.nans() > 0) out["nans"] = moments.nans();
      if (moments.infinities() > 0) out["infinities"] = moments.infinities();
    }
    const states::Quantiles quantiles = facts.quantiles();
    for (const double at : k_positions) {
      if (const auto value = quantiles.quantile(at)) out["quantiles"].push_back({{"at", at}, {"value", quantile_json(column, *value)}});
    }
  } else {
    const states::TextLengths texts = facts.lengths();
    const states::Quantiles& lengths = texts.lengths();
    if (lengths.count() > 0) {
      out["lengths"] = {{"min", *lengths.min()}, {"median", estimate_json(*lengths.quantile(0.5))}, {"max", *lengths.max()}, {"empty", texts.empty()}};
    }
    const states::Patterns patterns = facts.patterns();
    for (const auto& entry : patterns.shapes().by_count(k_top)) out["shapes"].push_back({{"shape", entry.value}, {"count", entry.count}});
    if (patterns.shapes().error() > 0) out["shapes_error"] = patterns.shapes().error();
  }
  for (const auto& entry : facts.frequencies().by_count(k_top)) out["top"].push_back({{"value", entry.value}, {"count", entry.count}});
  if (facts.frequencies().count_error() > 0) out["top_error"] = facts.frequencies().count_error();
  return out;
}

std::string join_sources(const Profile& profile) {
  std::string text = join(profile.sources, ", ");
  return profile.where.empty() ? text : text + " where " + profile.where;
}

// A number, a text, or an estimate as estimate_json writes it.
std::string value_words(const Json& value) {
  if (value.is_object()) {
    const Json& low = value["low"];
    const Json& high = value["high"];
    return fmt::format("about {} ({} to {})", value_words(value["value"]), value_words(low), value_words(high));
  }
  if (value.is_string()) return shorten(value.get<std::string>(), 40);
  if (value.is_number_integer()) return with_thousands(value.get<std::int64_t>());
  if (value.is_number()) return number_text(value.get<double>());
  return value.dump();
}

std::string column_text(const Json& column) {
  const auto nulls = column["nulls"].get<std::int64_t>();
  const auto present = column["present"].get<std::int64_t>();
  std::string text = fmt::format("{}  {}, {} distinct", column["name"].get<std::string>(), column["type"].get<std::string>(), value_words(column["distinct"]));
  if (nulls > 0) text += fmt::format(", {} null", percent_text(static_cast<double>(nulls) / static_cast<double>(nulls + present)));
  text += '\n';
  if (present == 0) return text;
  if (column.contains("quantiles")) {
    std::string line = fmt::format("  {}", value_words(column["min"]));
    for (const Json& quantile : column["quantiles"]) {
      const double at = quantile["at"].get<double>();
      if (at == 0.25 || at == 0.5 || at == 0.75) line += fmt::format(" | {}", value_words(quantile["value"]));
    }
    line += fmt::format(" | {}", value_words(column["max"]));
    if (column.contains("mean")) line += fmt::format("   mean {}", value_words(column["mean"]));
    if (column.contains("stddev")) line += fmt::format(", standard deviation {}", value_words(column["stddev"]));
    text += line + '\n';
  }
  std::vector<std::string> top;
  if (column.contains("top")) {
    for (const Json& entry : column["top"]) {
      if (top.size() == 3) break;
      const double share = entry["count"].get<double>() / static_cast<double>(present);
      top.push_back(fmt::format("'{}' {}", shorten(entry["value"].get<std::string>(), 40), percent_text(share)));
    }
  }
  if (!top.empty()) text += fmt::format("  most frequent: {}\n", join(top, ", "));
  if (column.contains("lengths")) {
    const Json& lengths = column["lengths"];
    text += fmt::format("  length {} to {}, median {}", value_words(lengths["min"]), value_words(lengths["max"]), value_words(lengths["median"]));
    if (column.contains("shapes")) text += fmt::format("; shape '{}'", shorten(column["shapes"][0]["shape"].get<std::string>(), 40));
    text += '\n';
  }
  return text;
}

// Facts that are compared, by name.
Json comparable(const Profile::ColumnEntry& column) {
  const Json all = column_json(column);
  const auto rows = static_cast<double>(column.facts.count() + column.facts.nulls());
  Json facts = Json::object();
  facts["type"] = all["type"];
  if (rows > 0) facts["share of nulls"] = static_cast<double>(column.facts.nulls()) / rows;
  for (const char* key : {"distinct", "min", "max", "mean", "stddev", "skewness", "kurtosis"}) {
    if (all.contains(key)) facts[key] = all[key];
  }
  if (all.contains("quantiles")) {
    for (const Json& quantile : all["quantiles"]) facts[fmt::format("quantile {}", number_text(quantile["at"].get<double>()))] = quantile["value"];
  }
  if (all.contains("lengths")) {
    for (const char* key : {"min", "median", "max"}) facts[fmt::format("{} length", key)] = all["lengths"][key];
  }
  return facts;
}

// Shares of the values that are frequent in either.
void compare_shares(const Profile::ColumnEntry& before, const Profile::ColumnEntry& after, Json& was, Json& is) {
  if (before.facts.count() == 0 || after.facts.count() == 0) return;
  const auto share = [](const Profile::ColumnEntry& column, const std::string& value) {
    const Estimate count = column.facts.frequencies().count_of(value);
    const auto n = static_cast<double>(column.facts.count());
    return estimate_json({count.value / n, count.low / n, count.high / n, count.confidence});
  };
  for (const Profile::ColumnEntry* column : {&before, &after}) {
    for (const auto& entry : column->facts.frequencies().by_count(k_compared_values)) {
      // A value that occurs once in a thousand rows is none that a table is known by.
      if (static_cast<double>(entry.count) < static_cast<double>(column->facts.count()) / 1000) continue;
      const std::string name = fmt::format("share of '{}'", shorten(entry.value, 40));
      was[name] = share(before, entry.value);
      is[name] = share(after, entry.value);
    }
  }
}

bool differ(const Json& a, const Json& b) {
  const auto bound = [](const Json& value, const char* end) { return value.is_object() ? value[end] : value; };
  if ((a.is_object() || b.is_object()) && bound(a, "low").is_number() && bound(b, "low").is_number()) {
    return bound(a, "high").get<double>() < bound(b, "low").get<double>() || bound(b, "high").get<double>() < bound(a, "low").get<double>();
  }
  return a != b;
}

}  // namespace

Json profile_json(const Profile& profile) {
  Json out{{"format", 1}, {"kind", "profile"}, {"sources", profile.sources}, {"rows", profile.rows}, {"complete_rows", profile.null_masks.complete()}};
  if (!profile.where.empty()) out["where"] = profile.where;
  out["columns"] = Json::array();
  for (const Profile::ColumnEntry& column : profile.columns) out["columns"].push_back(column_json(column));
  for (const auto& entry : profile.null_masks.by_count()) {
    if (out.contains("null_together") && static_cast<std::int64_t>(out["null_together"].size()) == k_masks) break;
    Json names = Json::array();
    for (const int column : entry.columns) names.push_back(profile.columns[static_cast<std::size_t>(column)].name);
    out["null_together"].push_back({{"columns", names}, {"rows", entry.count}});
  }
  return out;
}

std::string profile_text(const Profile& profile) {
  std::string text = fmt::format("{} · {} rows × {} columns · {} rows complete\n", join_sources(profile), with_thousands(profile.rows),
                                 profile.columns.size(), with_thousands(profile.null_masks.complete()));
  for (const Profile::ColumnEntry& column : profile.columns) text += "\n" + column_text(column_json(column));
  return text;
}

Json profile_changes(const Profile& before, const Profile& after) {
  Json out{{"format", 1}, {"kind", "profile changes"}, {"before", join_sources(before)}, {"after", join_sources(after)}};
  out["rows"] = {{"before", before.rows}, {"after", after.rows}};
  out["columns"] = Json::array();
  for (const Profile::ColumnEntry& column : before.columns) {
    const Profile::ColumnEntry* other = after.find(column.name);
    if (other == nullptr) {
      out["columns"].push_back({{"name", column.name}, {"what", "removed"}});
      continue;
    }
    Json was = comparable(column);
    Json is = comparable(*other);
    compare_shares(column, *other, was, is);
    Json changes = Json::array();
    for (const auto& [fact, value] : was.items()) {
      if (!is.contains(fact)) {
        changes.push_back({{"fact", fact}, {"before", value}});
      } else if (differ(value, is[fact])) {
        changes.push_back({{"fact", fact}, {"before", value}, {"after", is[fact]}});
      }
    }
    for (const auto& [fact, value] : is.items()) {
      if (!was.contains(fact)) changes.push_back({{"fact", fact}, {"after", value}});
    }
    if (!changes.empty()) out["columns"].push_back({{"name", column.name}, {"what", "changed"}, {"changes", changes}});
  }
  for (const Profile::ColumnEntry& column : after.columns) {
    if (before.find(column.name) == nullptr) out["columns"].push_back({{"name", column.name}, {"what", "added"}});
  }
  return out;
}

std::string changes_text(const Json& changes) {
  const Json& rows = changes["rows"];
  std::string text = fmt::format("{} → {}\nrows: {} → {}\n", changes["before"].get<std::string>(), changes["after"].get<std::string>(),
                                 value_words(rows["before"]), value_words(rows["after"]));
  for (const Json& column : changes["columns"]) {
    const std::string what = column["what"].get<std::string>();
    text += fmt::format("\n{}{}\n", column["name"].get<std::string>(), what == "changed" ? "" : ": " + what);
    if (!column.contains("changes")) continue;
    for (const Json& change : column["changes"]) {
      const auto side = [&](const char* key) { return change.contains(key) ? value_words(change[key]) : std::string("none"); };
      text += fmt::format("  {}: {} → {}\n", change["fact"].get<std::string>(), side("before"), side("after"));
    }
  }
  if (changes["columns"].empty()) text += "\nno column changed\n";
  return text;
}

}  // namespace cupel::cli
