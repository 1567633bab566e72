#include "expectations/characters.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>

#include "base/text.h"
#include "expectations/ascii_internal.h"
#include "expectations/code_points_internal.h"

namespace cupel::expectations {
namespace {

constexpr std::uint32_t k_letters = U_GC_L_MASK | U_GC_M_MASK;

bool has_category(std::int32_t c, int mask) { return (U_MASK(u_charType(c)) & static_cast<std::uint32_t>(mask)) != 0; }
bool is_white(std::int32_t c, int) { return is_white_space(static_cast<char32_t>(c)); }
bool is_non_letter(std::int32_t c, int) { return !is_white(c, 0) && !has_category(c, static_cast<int>(k_letters)); }
bool is_non_ascii(std::int32_t c, int) { return c >= 0x80; }
// Digits, # and *, the copyright and the trade mark sign have the property, too, and are no emoji in a text.
bool is_emoji(std::int32_t c, int) { return c >= 0x2190 && u_hasBinaryProperty(c, UCHAR_EMOJI) != 0; }
bool is_of_script(std::int32_t c, int script) { return uscript_hasScript(c, static_cast<UScriptCode>(script)) != 0; }

struct NamedClass {
  std::string_view name;
  bool (*holds)(std::int32_t c, int parameter);
  std::uint32_t mask = 0;
};

constexpr NamedClass k_classes[] = {
    {"control", has_category, U_GC_CC_MASK},
    {"digits", has_category, U_GC_ND_MASK},
    {"emoji", is_emoji},
    {"letters", has_category, k_letters},
    {"lower_case", has_category, U_GC_LL_MASK},
    {"non_ascii", is_non_ascii},
    {"non_letters", is_non_letter},
    {"punctuation", has_category, U_GC_P_MASK},
    {"special", has_category, U_GC_P_MASK | U_GC_S_MASK},
    {"symbols", has_category, U_GC_S_MASK},
    {"upper_case", has_category, U_GC_LU_MASK | U_GC_LT_MASK},
    {"white_space", is_white},
};

/// Common scripts for the did-you-mean.
constexpr std::string_view k_scripts[] = {"Arabic",  "Armenian", "Bengali",   "Common",   "Cyrillic", "Devanagari", "Ethiopic", "Georgian", "Greek",
                                          "Gujarati", "Gurmukhi", "Han",       "Hangul",   "Hebrew",   "Hiragana",   "Inherited", "Kannada", "Katakana",
                                          "Khmer",   "Lao",      "Latin",     "Malayalam", "Myanmar", "Sinhala",    "Tamil",     "Telugu",  "Thai",  "Tibetan"};

int find_script(const std::string& name) {
  // ICU ignores case, spaces and underscores; a name of an unknown script is USCRIPT_INVALID_CODE.
  return u_getPropertyValueEnum(UCHAR_SCRIPT, name.c_str());
}

}  // namespace

CharacterClass::CharacterClass(Question question, int parameter) : holds_(question), parameter_(parameter) {
  for (std::int32_t c = 0; c < 128; ++c) ascii_[c] = question(c, parameter);
}

Result<CharacterClass> CharacterClass::make(const std::string& name, const yaml::Node& node) {
  for (const NamedClass& known : k_classes) {
    if (known.name == name) return CharacterClass(known.holds, static_cast<int>(known.mask));
  }
  if (const int script = find_script(name); script >= 0 && !name.empty() && ascii::is_upper(name[0])) return CharacterClass(is_of_script, script);
  std::vector<std::string> known(std::begin(k_scripts), std::end(k_scripts));
  for (const NamedClass& named : k_classes) known.emplace_back(named.name);
  return node.fail_here(fmt::format("unknown class of characters '{}'{}", shorten(name, 40), nearest_note(name, known)),
                        "control digits emoji letters lower_case non_ascii non_letters punctuation special symbols upper_case white_space, or a script such as Latin");
}

CharacterCount count_characters(std::string_view text, const CharacterClass& of) {
  CharacterCount count;
  every_code_point(text, [&](char32_t c) {
    ++count.all;
    count.found += of.holds(c) ? 1 : 0;
    return true;
  });
  return count;
}

Result<int> script_number(const std::string& name, const yaml::Node& node) {
  const int script = find_script(name);
  if (script >= 0) return script;
  return node.fail_here(fmt::format("unknown script '{}'{}", shorten(name, 40), nearest_note(name, std::vector<std::string>(std::begin(k_scripts), std::end(k_scripts)))),
                        "Unicode's names: Latin, Cyrillic, Han, Common …");
}

bool is_in_scripts(std::string_view text, std::span<const int> scripts) {
  return every_code_point(text, [&](char32_t c) {
    const auto point = static_cast<std::int32_t>(c);
    if (std::any_of(scripts.begin(), scripts.end(), [&](int script) { return is_of_script(point, script); })) return true;
    // Brackets such as 《 are Common by themselves, though their extensions name the scripts that use them.
    UErrorCode error = U_ZERO_ERROR;
    const int own = uscript_getScript(point, &error);
    return own == USCRIPT_INHERITED || std::find(scripts.begin(), scripts.end(), own) != scripts.end();
  });
}

bool has_script(std::string_view text, std::span<const int> scripts) {
  return !every_code_point(text, [&](char32_t c) {
    UErrorCode error = U_ZERO_ERROR;
    const int own = uscript_getScript(static_cast<std::int32_t>(c), &error);
    return std::find(scripts.begin(), scripts.end(), own) == scripts.end();
  });
}

bool is_word_character(char32_t c) {
  if (c < 0x80) return ascii::is_alphanumeric(static_cast<char>(c));
  return has_category(static_cast<std::int32_t>(c), static_cast<int>(k_letters | U_GC_N_MASK));
}

}  // namespace cupel::expectations
