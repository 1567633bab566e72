#include "expectations/formats.h"

#include <vector>

#include "base/text.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

bool is_boolean(std::string_view text) { return text == "true" || text == "false"; }
bool is_integer(std::string_view text) { return parse_integer(text).has_value(); }
bool is_number(std::string_view text) { return parse_number(text).has_value(); }

template <Sign sign, Mark mark>
bool is_signed_decimal(std::string_view text) {
  return is_decimal(text, sign, mark);
}
template <Sign sign, Mark mark>
bool is_signed_percentage(std::string_view text) {
  return is_percentage(text, sign, mark);
}
template <Mark mark>
bool is_money_of(std::string_view text) {
  return is_money(text, mark);
}
template <Mark mark>
bool is_grouped(std::string_view text) {
  return is_grouped_decimal(text, mark);
}

constexpr std::string_view k_iban_countries =
    "ADAEALATAZBABEBGBHBIBRBYCHCRCYCZDEDJDKDOEEEGESFIFKFOFRGBGEGIGLGRGTHNHRHUIEILIQISITJOKWKZLBLCLILTLULVLYMCMDMEMKMNMRMTMUNINLNOOMPKPLPSPTQARORSRUSASCSDSESISKSMSOSTSVTLTNTRUAVAVGXKYE";
constexpr std::string_view k_phone_countries = "ATAUBECACHCZDEDKESFRGBIEINITJPLILUNLNOPLPTSEUKUS";
constexpr std::string_view k_postal_countries = "ATAUBEBRCACHCZDEDKESFIFRGBGRHUINITJPLILUMXNLNONZPLPTROSESISKUKUSZA";

using S = Sign;
using M = Mark;

constexpr Format k_formats[] = {
    {"ahv", "ahv", is_ahv},
    {"base64", "base64", is_base64},
    {"base64url", "base64", is_base64url},
    {"bic", "bic", is_bic},
    {"boolean", "boolean", is_boolean, nullptr, {}, true},
    {"coordinates", "coordinates", is_coordinates},
    {"country_alpha2", "country_alpha2", is_country_alpha2},
    {"country_alpha3", "country_alpha2", is_country_alpha3},
    {"credit_card", "credit_card", is_credit_card},
    {"credit_card_number", "credit_card", is_credit_card},
    {"currency_code", "currency_code", is_currency_code},
    {"date", "date", is_date, nullptr, {}, true},
    {"date_eu", "date_us", is_date_eu, nullptr, {}, true},
    {"date_inverse", "date_us", is_date_inverse, nullptr, {}, true},
    {"date_iso_8601", "date_iso_8601", is_date_iso_8601, nullptr, {}, true},
    {"date_us", "date_us", is_date_us, nullptr, {}, true},
    {"datetime", "datetime", is_datetime, nullptr, {}, true},
    {"decimal", "decimal", is_signed_decimal<S::any, M::either>, nullptr, {}, true},
    {"decimal_comma", "decimal", is_signed_decimal<S::any, M::comma>, nullptr, {}, true},
    {"decimal_point", "decimal", is_signed_decimal<S::any, M::point>, nullptr, {}, true},
    {"duration", "duration", is_duration, nullptr, {}, true},
    {"e164", "phone", is_e164},
    {"ean", "ean", is_ean},
    {"ean13", "ean", is_ean13},
    {"ean8", "ean", is_ean8},
    {"email", "email", is_email},
    {"grouped_decimal", "grouped_decimal", is_grouped<M::either>, nullptr, {}, true},
    {"grouped_decimal_comma", "grouped_decimal", is_grouped<M::comma>, nullptr, {}, true},
    {"grouped_decimal_point", "grouped_decimal", is_grouped<M::point>, nullptr, {}, true},
    {"gtin", "ean", is_gtin},
    {"hex", "hex", is_hex},
    {"hex_color", "hex_color", is_hex_color},
    {"hostname", "hostname", is_hostname},
    {"iban", "iban", is_iban, is_iban_of, k_iban_countries},
    {"imei", "imei", is_imei},
    {"integer", "integer", is_integer, nullptr, {}, true},
    {"ip", "ip", is_ip},
    {"ip_address", "ip", is_ip},
    {"ipv4", "ip", is_ipv4},
    {"ipv4_address", "ip", is_ipv4},
    {"ipv6", "ip", is_ipv6},
    {"ipv6_address", "ip", is_ipv6},
    {"isbn", "isbn", is_isbn},
    {"isbn10", "isbn", is_isbn10},
    {"isbn13", "isbn", is_isbn13},
    {"isin", "isin", is_isin},
    {"issn", "issn", is_issn},
    {"json", "json", is_json},
    {"language_code", "language_code", is_language_code},
    {"latitude", "coordinates", is_latitude},
    {"lei", "lei", is_lei},
    {"longitude", "coordinates", is_longitude},
    {"mac", "mac", is_mac},
    {"md5", "hex", is_md5},
    {"money", "money", is_money_of<M::either>},
    {"money_comma", "money", is_money_of<M::comma>},
    {"money_point", "money", is_money_of<M::point>},
    {"negative_decimal", "decimal", is_signed_decimal<S::negative, M::either>, nullptr, {}, true},
    {"negative_decimal_comma", "decimal", is_signed_decimal<S::negative, M::comma>, nullptr, {}, true},
    {"negative_decimal_point", "decimal", is_signed_decimal<S::negative, M::point>, nullptr, {}, true},
    {"negative_integer", "integer", is_negative_integer, nullptr, {}, true},
    {"negative_percentage", "percentage", is_signed_percentage<S::negative, M::either>, nullptr, {}, true},
    {"negative_percentage_comma", "percentage", is_signed_percentage<S::negative, M::comma>, nullptr, {}, true},
    {"negative_percentage_point", "percentage", is_signed_percentage<S::negative, M::point>, nullptr, {}, true},
    {"number", "number", is_number, nullptr, {}, true},
    {"percentage", "percentage", is_signed_percentage<S::any, M::either>, nullptr, {}, true},
    {"percentage_comma", "percentage", is_signed_percentage<S::any, M::comma>, nullptr, {}, true},
    {"percentage_point", "percentage", is_signed_percentage<S::any, M::point>, nullptr, {}, true},
    {"phone", "phone", is_phone, is_phone_of, k_phone_countries},
    {"phone_number", "phone", is_phone, is_phone_of, k_phone_countries},
    {"positive_decimal", "decimal", is_signed_decimal<S::positive, M::either>, nullptr, {}, true},
    {"positive_decimal_comma", "decimal", is_signed_decimal<S::positive, M::comma>, nullptr, {}, true},
    {"positive_decimal_point", "decimal", is_signed_decimal<S::positive, M::point>, nullptr, {}, true},
    {"positive_integer", "integer", is_positive_integer, nullptr, {}, true},
    {"positive_percentage", "percentage", is_signed_percentage<S::positive, M::either>, nullptr, {}, true},
    {"positive_percentage_comma", "percentage", is_signed_percentage<S::positive, M::comma>, nullptr, {}, true},
    {"positive_percentage_point", "percentage", is_signed_percentage<S::positive, M::point>, nullptr, {}, true},
    {"postal_code", "postal_code", nullptr, is_postal_code_of, k_postal_countries},
    {"semver", "semver", is_semver},
    {"sha1", "hex", is_sha1},
    {"sha256", "hex", is_sha256},
    {"sha512", "hex", is_sha512},
    {"slug", "slug", is_slug},
    {"ssn", "ssn", is_ssn},
    {"swift", "bic", is_bic},
    {"time", "time", is_time, nullptr, {}, true},
    {"time_12h", "time_24h", is_time_12h, nullptr, {}, true},
    {"time_12h_nosec", "time_24h", is_time_12h_nosec, nullptr, {}, true},
    {"time_24h", "time_24h", is_time_24h, nullptr, {}, true},
    {"time_24h_nosec", "time_24h", is_time_24h_nosec, nullptr, {}, true},
    {"timestamp_12h", "time_24h", is_timestamp_12h, nullptr, {}, true},
    {"timestamp_24h", "time_24h", is_timestamp_24h, nullptr, {}, true},
    {"upc", "ean", is_upc},
    {"url", "url", is_url},
    {"uuid", "uuid", is_uuid},
    {"vin", "vin", is_vin},
    {"vin_us", "vin", is_vin_us},
};

bool knows_country(const Format& format, std::string_view code) {
  for (std::size_t at = 0; code.size() == 2 && at < format.countries.size(); at += 2) {
    if (format.countries.substr(at, 2) == code) return true;
  }
  return false;
}

std::vector<std::string> names_of(std::string_view packed) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < packed.size(); at += 2) names.emplace_back(packed.substr(at, 2));
  return names;
}

Result<std::function<bool(std::string_view)>> question_within(const Format& format, const yaml::Node& country) {
  if (format.holds_in == nullptr) return country.fail_here(fmt::format("format '{}' is the same in every country, expected no 'country'", format.name));
  ASSIGN_OR_RETURN(const std::vector<std::string> codes, country.texts("'country'"));
  if (codes.empty()) return country.fail_here("'country' is an empty list, expected at least one country");
  for (const std::string& code : codes) {
    if (knows_country(format, code)) continue;
    return country.fail_here(fmt::format("'{}' has no country '{}', expected one of {}", format.name, shorten(code, 20), join(names_of(format.countries), " ")));
  }
  return [&format, codes](std::string_view text) {
    for (const std::string& code : codes) {
      if (format.holds_in(text, code)) return true;
    }
    return false;
  };
}

}  // namespace

std::span<const Format> format_table() { return k_formats; }

const Format* find_format(std::string_view name) {
  std::string wanted(name);
  for (char& c : wanted) {
    if (c == ' ' || c == '-') c = '_';
  }
  for (const Format& format : k_formats) {
    if (format.name == wanted) return &format;
  }
  return nullptr;
}

Result<std::function<bool(std::string_view)>> format_question(std::string_view name, std::string_view predicate, const yaml::Node& node,
                                                              const yaml::Node* country) {
  const bool parse = predicate == "parse_as";
  const Format* const format = find_format(name);
  if (format == nullptr || (parse && !format->can_parse_as)) {
    std::vector<std::string> known;
    for (const Format& other : k_formats) {
      if (!parse || other.can_parse_as) known.emplace_back(other.name);
    }
    return node.fail_here(fmt::format("unknown {} '{}'{}", parse ? "type" : "format", shorten(name, 60), nearest_note(name, known)),
                          parse ? "" : "'cupel list formats' lists them");
  }
  if (country != nullptr) return question_within(*format, *country);
  if (format->holds == nullptr) {
    return node.fail_here(fmt::format("format '{}' without 'country', expected one of {}", format->name, join(names_of(format->countries), " ")));
  }
  return format->holds;
}

}  // namespace cupel::expectations
