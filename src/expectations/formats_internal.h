#pragma once

#include <string_view>

// The questions behind the table of formats; each is described on its page under tests/formats.
namespace cupel::expectations {

// format_numbers.cc
bool is_positive_integer(std::string_view text);
bool is_negative_integer(std::string_view text);
enum class Sign { any, positive, negative };
enum class Mark { point, comma, either };  ///< of the decimals
bool is_decimal(std::string_view text, Sign sign, Mark mark);
bool is_percentage(std::string_view text, Sign sign, Mark mark);
bool is_grouped_decimal(std::string_view text, Mark mark);
bool is_money(std::string_view text, Mark mark);
bool is_latitude(std::string_view text);
bool is_longitude(std::string_view text);
bool is_coordinates(std::string_view text);

// format_times.cc
bool is_date(std::string_view text);
bool is_datetime(std::string_view text);
bool is_time(std::string_view text);
bool is_duration(std::string_view text);
bool is_date_us(std::string_view text);
bool is_date_eu(std::string_view text);
bool is_date_inverse(std::string_view text);
bool is_date_iso_8601(std::string_view text);
bool is_time_24h(std::string_view text);
bool is_time_24h_nosec(std::string_view text);
bool is_time_12h(std::string_view text);
bool is_time_12h_nosec(std::string_view text);
bool is_timestamp_24h(std::string_view text);
bool is_timestamp_12h(std::string_view text);

// format_network.cc
bool is_email(std::string_view text);
bool is_url(std::string_view text);
bool is_hostname(std::string_view text);
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_ip(std::string_view text);
bool is_mac(std::string_view text);

// format_checked.cc: numbers with a check digit
bool is_credit_card(std::string_view text);
bool is_ean8(std::string_view text);
bool is_ean13(std::string_view text);
bool is_ean(std::string_view text);
bool is_upc(std::string_view text);
bool is_gtin(std::string_view text);
bool is_imei(std::string_view text);
bool is_isbn10(std::string_view text);
bool is_isbn13(std::string_view text);
bool is_isbn(std::string_view text);
bool is_issn(std::string_view text);
bool is_isin(std::string_view text);
bool is_lei(std::string_view text);
bool is_ahv(std::string_view text);
bool is_vin(std::string_view text);
bool is_vin_us(std::string_view text);

// format_codes.cc: numbers and codes of countries and registries
bool is_country_alpha2(std::string_view text);
bool is_country_alpha3(std::string_view text);
bool is_currency_code(std::string_view text);
bool is_language_code(std::string_view text);
bool is_bic(std::string_view text);
bool is_ssn(std::string_view text);
bool is_iban(std::string_view text);
bool is_iban_of(std::string_view text, std::string_view country);
bool is_postal_code_of(std::string_view text, std::string_view country);

// format_phone.cc
bool is_e164(std::string_view text);
bool is_phone(std::string_view text);
bool is_phone_of(std::string_view text, std::string_view country);

// format_writing.cc: how things are written in computing
bool is_uuid(std::string_view text);
bool is_hex(std::string_view text);
bool is_md5(std::string_view text);
bool is_sha1(std::string_view text);
bool is_sha256(std::string_view text);
bool is_sha512(std::string_view text);
bool is_base64(std::string_view text);
bool is_base64url(std::string_view text);
bool is_hex_color(std::string_view text);
bool is_semver(std::string_view text);
bool is_slug(std::string_view text);
bool is_json(std::string_view text);

}  // namespace cupel::expectations
