// Codes of countries, currencies, languages and banks, and numbers that a country gives out.

#include "expectations/ascii_internal.h"
#include "expectations/formats_internal.h"

namespace cupel::expectations {
namespace {

using namespace ascii;

// The lists are text without separators, sorted, so that they cost nothing at start-up. Source: Debian's iso-codes.
constexpr std::string_view k_alpha2 =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDM"
    "DODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKN"
    "KPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPM"
    "PNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVI"
    "VNVUWFWSYEYTZAZMZW";
constexpr std::string_view k_alpha3 =
    "ABWAFGAGOAIAALAALBANDAREARGARMASMATAATFATGAUSAUTAZEBDIBELBENBESBFABGDBGRBHRBHSBIHBLMBLRBLZBMUBOLBRABRBBRNBTNBVTBWACAFCAN"
    "CCKCHECHLCHNCIVCMRCODCOGCOKCOLCOMCPVCRICUBCUWCXRCYMCYPCZEDEUDJIDMADNKDOMDZAECUEGYERIESHESPESTETHFINFJIFLKFRAFROFSMGABGBR"
    "GEOGGYGHAGIBGINGLPGMBGNBGNQGRCGRDGRLGTMGUFGUMGUYHKGHMDHNDHRVHTIHUNIDNIMNINDIOTIRLIRNIRQISLISRITAJAMJEYJORJPNKAZKENKGZKHM"
    "KIRKNAKORKWTLAOLBNLBRLBYLCALIELKALSOLTULUXLVAMACMAFMARMCOMDAMDGMDVMEXMHLMKDMLIMLTMMRMNEMNGMNPMOZMRTMSRMTQMUSMWIMYSMYTNAM"
    "NCLNERNFKNGANICNIUNLDNORNPLNRUNZLOMNPAKPANPCNPERPHLPLWPNGPOLPRIPRKPRTPRYPSEPYFQATREUROURUSRWASAUSDNSENSGPSGSSHNSJMSLBSLE"
    "SLVSMRSOMSPMSRBSSDSTPSURSVKSVNSWESWZSXMSYCSYRTCATCDTGOTHATJKTKLTKMTLSTONTTOTUNTURTUVTWNTZAUGAUKRUMIURYUSAUZBVATVCTVENVGB"
    "VIRVNMVUTWLFWSMYEMZAFZMBZWE";
constexpr std::string_view k_currencies =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCLFCLPCNYCOPCOUCRCCUCCUPCVE"
    "CZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHRKHTGHUFIDRILSINRIQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWD"
    "KYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRONRSD"
    "RUBRWFSARSBDSCRSDGSEKSGDSHPSLESLLSOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUSNUYIUYUUYWUZSVEDVESVNDVUVWST"
    "XAFXAGXAUXBAXBBXBCXBDXCDXDRXOFXPDXPFXPTXSUXTSXUAXXXYERZARZMWZWL";
constexpr std::string_view k_languages =
    "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfygagdglgngugvhahehihohr"
    "hthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrmsmtmynanbndnengnlnnnonrnv"
    "nyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotrtstttwtyugukuruzvevivowawoxhyi"
    "yozazhzu";

/// Is `code` one of the codes of its length in the sorted list?
bool is_listed(std::string_view list, std::string_view code) {
  std::size_t low = 0;
  std::size_t high = list.size() / code.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = list.substr(middle * code.size(), code.size()).compare(code);
    if (order == 0) return true;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return false;
}

struct IbanStructure {
  char country[3];
  char bban[10];  ///< "4a14n": four capitals, fourteen digits; c is either
};
// SWIFT's IBAN registry, release 101.
constexpr IbanStructure k_ibans[] = {
    {"AD", "8n12c"}, {"AE", "19n"}, {"AL", "8n16c"}, {"AT", "16n"}, {"AZ", "4a20c"}, {"BA", "16n"}, {"BE", "12n"}, {"BG", "4a6n8c"},
    {"BH", "4a14c"}, {"BI", "23n"}, {"BR", "23n1a1c"}, {"BY", "4c4n16c"}, {"CH", "5n12c"}, {"CR", "18n"}, {"CY", "8n16c"}, {"CZ",
    "20n"}, {"DE", "18n"}, {"DJ", "23n"}, {"DK", "14n"}, {"DO", "4c20n"}, {"EE", "16n"}, {"EG", "25n"}, {"ES", "20n"}, {"FI", "14n"},
    {"FK", "2a12n"}, {"FO", "14n"}, {"FR", "10n11c2n"}, {"GB", "4a14n"}, {"GE", "2a16n"}, {"GI", "4a15c"}, {"GL", "14n"}, {"GR",
    "7n16c"}, {"GT", "24c"}, {"HN", "4a20n"}, {"HR", "17n"}, {"HU", "24n"}, {"IE", "4a14n"}, {"IL", "19n"}, {"IQ", "4a15n"}, {"IS",
    "22n"}, {"IT", "1a10n12c"}, {"JO", "4a4n18c"}, {"KW", "4a22c"}, {"KZ", "3n13c"}, {"LB", "4n20c"}, {"LC", "4a24c"}, {"LI", "5n12c"},
    {"LT", "16n"}, {"LU", "3n13c"}, {"LV", "4a13c"}, {"LY", "21n"}, {"MC", "10n11c2n"}, {"MD", "20c"}, {"ME", "18n"}, {"MK", "3n10c2n"},
    {"MN", "16n"}, {"MR", "23n"}, {"MT", "4a5n18c"}, {"MU", "4a19n3a"}, {"NI", "4a20n"}, {"NL", "4a10n"}, {"NO", "11n"}, {"OM",
    "3n16c"}, {"PK", "4a16c"}, {"PL", "24n"}, {"PS", "4a21c"}, {"PT", "21n"}, {"QA", "4a21c"}, {"RO", "4a16c"}, {"RS", "18n"}, {"RU",
    "14n15c"}, {"SA", "2n18c"}, {"SC", "4a20n3a"}, {"SD", "14n"}, {"SE", "20n"}, {"SI", "15n"}, {"SK", "20n"}, {"SM", "1a10n12c"},
    {"SO", "19n"}, {"ST", "21n"}, {"SV", "4a20n"}, {"TL", "19n"}, {"TN", "20n"}, {"TR", "6n16c"}, {"UA", "6n19c"}, {"VA", "18n"}, {"VG",
    "4a16n"}, {"XK", "16n"}, {"YE", "4a4n18c"},
};

bool fits_structure(std::string_view text, std::string_view structure) {
  while (!structure.empty()) {
    int count = 0;
    if (!take_one_or_two(structure, count)) return false;
    const auto size = static_cast<std::size_t>(count);
    const char kind = structure.front();
    structure.remove_prefix(1);
    if (text.size() < size) return false;
    const bool fits = all(text.substr(0, size), [&](char c) { return (kind != 'a' && is_digit(c)) || (kind != 'n' && is_upper(c)); });
    if (!fits) return false;
    text.remove_prefix(size);
  }
  return text.empty();
}

/// ISO 7064 MOD 97-10 with the first four characters at the end.
bool passes_mod_97(std::string_view iban) {
  int remainder = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    remainder = is_digit(c) ? (remainder * 10 + digit(c)) % 97 : (remainder * 100 + c - 'A' + 10) % 97;
  }
  return remainder == 1;
}

struct PostalCodes {
  char country[3];
  char forms[56];  ///< 0 any digit, 1 a digit from 1, A a letter, else itself; alternatives after |
};
constexpr PostalCodes k_postal_codes[] = {
    {"AT", "1000"},      {"AU", "0000"},   {"BE", "1000"},   {"BR", "00000-000|00000000"},     {"CA", "A0A 0A0|A0A0A0"},
    {"CH", "1000"},      {"CZ", "100 00|10000"}, {"DE", "00000"},  {"DK", "0000"},             {"ES", "00000"},
    {"FI", "00000"},     {"FR", "00000"},  {"GB", "A0 0AA|A00 0AA|AA0 0AA|AA00 0AA|A0A 0AA|AA0A 0AA"},
    {"GR", "100 00|10000"}, {"HU", "1000"}, {"IN", "100000|100 000"}, {"IT", "00000"},          {"JP", "000-0000"},
    {"LI", "0000"},      {"LU", "1000|L-1000"}, {"MX", "00000"}, {"NL", "1000 AA|1000AA"},      {"NO", "0000"},
    {"NZ", "0000"},      {"PL", "00-000"}, {"PT", "1000-000"}, {"RO", "000000"},               {"SE", "100 00|10000"},
    {"SI", "1000"},      {"SK", "000 00|00000"}, {"US", "00000|00000-0000"},                   {"ZA", "0000"},
};

bool fits_form(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char wanted = form[i];
    const bool fits = wanted == '0' ? is_digit(text[i]) : wanted == '1' ? is_digit(text[i]) && text[i] != '0' : wanted == 'A' ? is_upper(text[i]) : text[i] == wanted;
    if (!fits) return false;
  }
  return true;
}

/// What the form alone does not say.
bool is_assigned(std::string_view text, std::string_view country) {
  if (country == "CH") return text <= "9699";
  if (country == "LI") return text >= "9485" && text <= "9498";
  if (country == "DE" || country == "ES" || country == "FR") return text >= "01000" && text <= (country == "ES" ? "52999" : country == "FR" ? "98999" : "99998");
  // Canada Post: no D, F, I, O, Q, U; neither W nor Z first.
  if (country == "CA") return text.find_first_of("DFIOQU") == std::string_view::npos && text[0] != 'W' && text[0] != 'Z';
  // Royal Mail: the inward code has no C, I, K, M, O, V; the area begins with no Q, V, X.
  if (country == "GB") return text.substr(text.size() - 2).find_first_of("CIKMOV") == std::string_view::npos && text.find_first_of("QVX") != 0;
  if (country == "NL") return !text.ends_with("SA") && !text.ends_with("SD") && !text.ends_with("SS");
  return true;
}

}  // namespace

bool is_country_alpha2(std::string_view text) { return text.size() == 2 && is_listed(k_alpha2, text); }
bool is_country_alpha3(std::string_view text) { return text.size() == 3 && is_listed(k_alpha3, text); }
bool is_currency_code(std::string_view text) { return text.size() == 3 && is_listed(k_currencies, text); }
bool is_language_code(std::string_view text) { return text.size() == 2 && is_listed(k_languages, text); }

// ISO 9362: party prefix, country (XK is Kosovo), party suffix, perhaps the branch.
bool is_bic(std::string_view text) {
  if (text.size() != 8 && text.size() != 11) return false;
  if (!all(text, [](char c) { return is_digit(c) || is_upper(c); }) || !all(text.substr(0, 4), is_upper)) return false;
  const std::string_view country = text.substr(4, 2);
  return is_country_alpha2(country) || country == "XK";
}

// Never given: area 000, 666 and from 900, group 00, serial number 0000 (Social Security Administration, 2011).
bool is_ssn(std::string_view text) {
  if (text.size() != 11 || text[3] != '-' || text[6] != '-') return false;
  int area = 0;
  int group = 0;
  int serial = 0;
  return take_digits(text, 3, area) && take(text, '-') && take_digits(text, 2, group) && take(text, '-') && take_digits(text, 4, serial) && area != 0 &&
         area != 666 && area < 900 && group != 0 && serial != 0;
}

bool is_iban_of(std::string_view text, std::string_view country) {
  char compact[34];
  std::size_t size = 0;
  const bool printed = text.find(' ') != std::string_view::npos;  // groups of four, the last may be shorter
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (printed && i % 5 == 4) {
      if (text[i] != ' ' || i + 1 == text.size()) return false;
      continue;
    }
    if (size == sizeof compact || (!is_digit(text[i]) && !is_upper(text[i]))) return false;
    compact[size++] = text[i];
  }
  const std::string_view iban(compact, size);
  if (size < 5 || !all_digits(iban.substr(2, 2)) || (!country.empty() && !iban.starts_with(country))) return false;
  const auto* const found = std::find_if(std::begin(k_ibans), std::end(k_ibans), [&](const IbanStructure& known) { return iban.starts_with(known.country); });
  return found != std::end(k_ibans) && fits_structure(iban.substr(4), found->bban) && passes_mod_97(iban);
}

bool is_iban(std::string_view text) { return is_iban_of(text, {}); }

bool is_postal_code_of(std::string_view text, std::string_view country) {
  if (country == "UK") country = "GB";
  for (const PostalCodes& known : k_postal_codes) {
    if (std::string_view(known.country) != country) continue;
    for (std::string_view forms(known.forms); !forms.empty();) {
      const std::size_t end = std::min(forms.find('|'), forms.size());
      if (fits_form(text, forms.substr(0, end)) && is_assigned(text, country)) return true;
      forms.remove_prefix(std::min(end + 1, forms.size()));
    }
  }
  return false;
}

}  // namespace cupel::expectations
