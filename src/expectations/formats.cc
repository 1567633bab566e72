#include "expectations/formats.h"

#include <re2/re2.h>

#include <chrono>
#include <memory>

#include "base/text.h"

namespace cupel::expectations {
namespace {

bool matches(std::string_view text, const RE2& pattern) { return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern); }

bool is_email(std::string_view text) {
  static const RE2 k_pattern(
      R"([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+)");
  return matches(text, k_pattern);
}

bool is_url(std::string_view text) {
  static const RE2 k_pattern(R"((?i)(?:https?|ftp)://[^\s/?#]+(?:[/?#]\S*)?)");
  return matches(text, k_pattern);
}

bool is_uuid(std::string_view text) {
  static const RE2 k_pattern(R"((?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})");
  return matches(text, k_pattern);
}

bool is_ipv4(std::string_view text) {
  static const RE2 k_pattern(R"((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))");
  return matches(text, k_pattern);
}

bool is_date(std::string_view text) {
  static const RE2 k_pattern(R"((\d{4})-(\d{2})-(\d{2}))");
  int year = 0;
  int month = 0;
  int day = 0;
  if (!RE2::FullMatch(re2::StringPiece(text.data(), text.size()), k_pattern, &year, &month, &day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))).ok();
}

bool is_datetime(std::string_view text) {
  static const RE2 k_time(R"([T ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)");
  return text.size() > 10 && is_date(text.substr(0, 10)) && matches(text.substr(10), k_time);
}

bool is_boolean(std::string_view text) { return text == "true" || text == "false"; }
bool is_integer(std::string_view text) { return parse_integer(text).has_value(); }
bool is_number(std::string_view text) { return parse_number(text).has_value(); }

struct Format {
  std::string_view name;
  bool (*holds)(std::string_view);
  bool can_parse_as;
};

constexpr Format k_formats[] = {
    {"boolean", is_boolean, true}, {"date", is_date, true},     {"datetime", is_datetime, true}, {"email", is_email, false}, {"integer", is_integer, true},
    {"ipv4", is_ipv4, false},      {"number", is_number, true}, {"url", is_url, false},          {"uuid", is_uuid, false},
};

}  // namespace

Result<std::function<bool(std::string_view)>> format_question(std::string_view name, std::string_view predicate, const yaml::Node& node) {
  std::vector<std::string> known;
  for (const Format& format : k_formats) {
    if (predicate == "parse_as" && !format.can_parse_as) continue;
    if (format.name == name) return format.holds;
    known.emplace_back(format.name);
  }
  return node.fail_here(fmt::format("unknown {} '{}'{}", predicate == "format" ? "format" : "type", shorten(name, 60), nearest_note(name, known)));
}

}  // namespace cupel::expectations
