// Telephone numbers: E.164 and the national form of some countries.

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

// ITU-T E.164, list of assigned country codes, by their length; 1 and 7 are the two of one digit.
constexpr std::string_view k_codes_of_two = "2027303132333436394041434445464748495152535455565758606162636465668182848690919293949598";
constexpr std::string_view k_codes_of_three =
    "211212213216218220221222223224225226227228229230231232233234235236237238239240241242243244245246247248249250251252253254"
    "255256257258260261262263264265266267268269290291297298299350351352353354355356357358359370371372373374375376377378379380"
    "381382383385386387389420421423500501502503504505506507508509590591592593594595596597598599670672673674675676677678679680"
    "681682683685686687688689690691692800808850852853855856870878880881882883886888960961962963964965966967968970971972973974"
    "975976977979992993994995996998";

bool is_calling_code(std::string_view list, std::string_view code) {
  for (std::size_t at = 0; at < list.size(); at += code.size()) {
    if (list.substr(at, code.size()) == code) return true;
  }
  return false;
}

/// The whole number without "+": at most 15 digits, at least 7, after a country code that is assigned.
bool is_international(std::string_view digits) {
  if (digits.size() < 7 || digits.size() > 15) return false;
  if (digits[0] == '1') return digits.size() == 11 && digits[1] >= '2' && digits[4] >= '2';
  return digits[0] == '7' || is_calling_code(k_codes_of_two, digits.substr(0, 2)) || is_calling_code(k_codes_of_three, digits.substr(0, 3));
}

struct NationalPlan {
  char country[3];
  char code[4];       ///< of the country
  char trunk[2];      ///< dialled before a national number; empty: none
  std::size_t least;  ///< digits of a national number
  std::size_t most;
};
constexpr NationalPlan k_plans[] = {
    {"AT", "43", "0", 4, 13}, {"AU", "61", "0", 9, 9},  {"BE", "32", "0", 8, 9},  {"CA", "1", "", 10, 10},  {"CH", "41", "0", 9, 9},
    {"CZ", "420", "", 9, 9},  {"DE", "49", "0", 6, 13}, {"DK", "45", "", 8, 8},   {"ES", "34", "", 9, 9},   {"FR", "33", "0", 9, 9},
    {"GB", "44", "0", 9, 10}, {"IE", "353", "0", 7, 9}, {"IN", "91", "0", 10, 10}, {"IT", "39", "", 6, 11}, {"JP", "81", "0", 9, 10},
    {"LI", "423", "", 7, 7},  {"LU", "352", "", 5, 11}, {"NL", "31", "0", 9, 9},  {"NO", "47", "", 8, 8},   {"PL", "48", "", 9, 9},
    {"PT", "351", "", 9, 9},  {"SE", "46", "0", 7, 9},  {"US", "1", "", 10, 10},
};

bool fits_plan(const NationalPlan& plan, std::string_view national) {
  if (national.size() < plan.least || national.size() > plan.most) return false;
  if (std::string_view(plan.code) == "1") return national[0] >= '2' && national[3] >= '2';
  return plan.trunk[0] == '\0' || national[0] != '0';
}

/// "+" and digits, or digits, in groups parted by single spaces, hyphens, dots or slashes, one group perhaps in parentheses.
class WrittenNumber {
 public:
  bool read(std::string_view text) {
    international_ = take(text, '+');
    bool may_part = false;
    bool open = false;
    bool parenthesized = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (is_digit(c)) {
        if (size_ == sizeof digits_) return false;
        digits_[size_++] = c;
        may_part = true;
      } else if (c == '(') {
        if (parenthesized) return false;
        open = parenthesized = true;
        may_part = false;
      } else if (c == ')') {
        if (!open || !may_part) return false;
        open = false;
      } else if (c == ' ' && i > 0 && text[i - 1] == ')') {
        may_part = false;
      } else if (c == ' ' || c == '-' || c == '.' || c == '/') {
        if (!may_part) return false;
        may_part = false;
      } else {
        return false;
      }
    }
    return !open && !text.empty() && (is_digit(text.back()) || text.back() == ')');
  }
  bool international() const { return international_; }
  std::string_view digits() const { return {digits_, size_}; }

 private:
  bool international_ = false;
  char digits_[18];
  std::size_t size_ = 0;
};

}  // namespace

bool is_e164(std::string_view text) { return take(text, '+') && all_digits(text) && is_international(text); }

bool is_phone(std::string_view text) {
  WrittenNumber number;
  return number.read(text) && number.international() && is_international(number.digits());
}

bool is_phone_of(std::string_view text, std::string_view country) {
  WrittenNumber number;
  if (!number.read(text)) return false;
  if (country == "UK") country = "GB";
  const auto* const plan = std::find_if(std::begin(k_plans), std::end(k_plans), [&](const NationalPlan& known) { return country == known.country; });
  if (plan == std::end(k_plans)) return false;
  std::string_view digits = number.digits();
  const std::string_view code = plan->code;
  if (number.international()) {
    if (!digits.starts_with(code)) return false;
    digits.remove_prefix(code.size());
    if (plan->trunk[0] != '\0' && text.find("(0)") != std::string_view::npos && digits.starts_with('0')) digits.remove_prefix(1);  // +41 (0)44 …
    return fits_plan(*plan, digits);
  }
  if (plan->trunk[0] != '\0') return digits.starts_with('0') && fits_plan(*plan, digits.substr(1));
  return fits_plan(*plan, digits) || (code == "1" && digits.starts_with('1') && fits_plan(*plan, digits.substr(1)));
}

}  // namespace cupel::expectations
