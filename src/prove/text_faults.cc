// Text that is written in another way, and the characters and digits of any value.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"
#include "table/text_changes.h"

namespace cupel::prove {
namespace {

using table::Table;

/// The share of the present values gets `change(text)`.
template <typename Change>
Table change_share(FaultInput& input, Change change) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText { return change(column.text(row)); }));
}

Table casing(FaultInput& input) {
  return change_share(input, [&](std::string_view text) { return input.severity.amount > 0 ? table::upper_case(text) : table::lower_case(text); });
}

Table whitespace(FaultInput& input) {
  return change_share(input, [&](std::string_view text) { return input.severity.amount > 0 ? fmt::format("{} ", text) : fmt::format(" {}", text); });
}

/// One typing mistake in a character that is no space.
Table typo(FaultInput& input) {
  return change_share(input, [&](std::string_view text) {
    const std::vector<std::string_view> in = table::characters(text);
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i] != " " && in[i] != "\n") places.push_back(i);
    }
    // A key for itself, or a letter lost from a double one, is no mistake that anybody could see.
    for (int attempt = 0; attempt < 20 && !places.empty(); ++attempt) {
      const std::size_t at = places[input.random.below(places.size())];
      const auto before = static_cast<std::size_t>(in[at].data() - text.data());
      std::string wrong = std::string(text.substr(0, before)) + table::with_typos(in[at], 1, input.random) + std::string(text.substr(before + in[at].size()));
      if (wrong != text) return wrong;
    }
    return std::string(text);
  });
}

Table mojibake(FaultInput& input) {
  return change_share(input, [](std::string_view text) { return table::mojibake(text); });
}

/// What a decoder makes of bytes that it cannot read.
Table wrong_encoding(FaultInput& input) {
  return change_share(input, [](std::string_view text) {
    std::string out;
    for (const std::string_view character : table::characters(text)) out += character.size() > 1 ? std::string_view("\uFFFD") : character;
    return out;
  });
}

/// To this many characters; 0: to half of them.
Table truncate(FaultInput& input) {
  return change_share(input, [&](std::string_view text) {
    const std::vector<std::string_view> in = table::characters(text);
    const std::size_t most = input.severity.amount > 0 ? static_cast<std::size_t>(input.severity.amount) : (in.size() + 1) / 2;
    return std::string(most >= in.size() ? text : text.substr(0, static_cast<std::size_t>(in[most].data() - text.data())));
  });
}

/// A letter for a letter, a digit for a digit; the first digit of a number is not 0.
char another(char old, bool first, Random& random) {
  const bool is_digit = old >= '0' && old <= '9';
  for (;;) {
    const char fresh = is_digit ? static_cast<char>('0' + random.below(10)) : static_cast<char>('a' + random.below(26));
    if (fresh != old && !(is_digit && first && fresh == '0')) return fresh;
  }
}

enum class Edit { change, insert, remove };

/// One character changed, inserted or removed; of numbers only digits, so that they stay numbers.
std::string edited(std::string_view text, Edit edit, bool number, Random& random) {
  const std::vector<std::string_view> in = table::characters(text);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const bool is_digit = in[i].size() == 1 && in[i][0] >= '0' && in[i][0] <= '9';
    if (number && in[i] == "e") break;  // the exponent stays
    if (!number || is_digit) places.push_back(i);
  }
  if (places.empty()) return std::string(text);
  const std::size_t chosen = random.below(places.size());
  const std::size_t at = static_cast<std::size_t>(in[places[chosen]].data() - text.data());
  const std::string_view old = in[places[chosen]];
  const std::string before(text.substr(0, at));
  const std::string after(text.substr(at + old.size()));
  switch (edit) {
    case Edit::change: return before + another(old.size() == 1 ? old[0] : '?', number && chosen == 0, random) + after;
    case Edit::insert: return before + std::string(old) + another(number ? '0' : 'a', false, random) + after;
    case Edit::remove: break;
  }
  return before + after;
}

template <Edit edit>
Table edit_characters(FaultInput& input) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  if (input.facts().is_number) {
    return with_target(input, change_numbers(column, hit, [&](std::int64_t row) { return read_number(edited(table::value_text(column, row), edit, true, input.random)); }));
  }
  return with_target(input, change_texts(column, hit, [&](std::int64_t row) -> NewText { return edited(column.text(row), edit, false, input.random); }));
}

bool applies_to_written(const BaselineFacts& baseline, FaultTarget target) { return applies_to_text(baseline, target) || applies_to_numbers(baseline, target); }
bool applies_to_letters(const BaselineFacts& baseline, FaultTarget target) { return applies_to_text(baseline, target) && facts_at(baseline, target).has_letters; }
bool applies_to_non_ascii(const BaselineFacts& baseline, FaultTarget target) { return applies_to_text(baseline, target) && facts_at(baseline, target).has_non_ascii; }

constexpr FaultSeverity k_casings[] = {{"lower case in 1 % of the values", 0.01, 0},   {"lower case in 10 % of the values", 0.1, 0}, {"lower case in every value", 1, 0},
                                       {"upper case in 1 % of the values", 0.01, 1},   {"upper case in 10 % of the values", 0.1, 1}, {"upper case in every value", 1, 1}};
constexpr FaultSeverity k_spaces[] = {{"before 1 % of the values", 0.01, 0}, {"before 10 % of the values", 0.1, 0}, {"after 1 % of the values", 0.01, 1},
                                      {"after 10 % of the values", 0.1, 1},  {"after every value", 1, 1}};
constexpr FaultSeverity k_shares[] = {{"1 % of the values", 0.01}, {"10 % of the values", 0.1}, {"every value", 1}};
constexpr FaultSeverity k_cuts[] = {{"to 20 characters", 1, 20}, {"to 100 characters", 1, 100}, {"to half their length in 10 % of the values", 0.1, 0}, {"to half their length", 1, 0}};

}  // namespace

const Fault k_casing_fault = {.name = "casing", .summary = "upper case or lower case throughout", .group = "text", .applies_to = "columns of text with letters",
                        .applies = applies_to_letters, .severities = k_casings, .apply = casing};
const Fault k_character_change_fault = {.name = "character_change", .summary = "one character or digit of a value replaced", .group = "characters",
                                  .applies_to = "columns of text or numbers", .applies = applies_to_written, .severities = k_shares, .apply = edit_characters<Edit::change>};
const Fault k_character_deletion_fault = {.name = "character_deletion", .summary = "one character or digit of a value lost", .group = "characters",
                                    .applies_to = "columns of text or numbers", .applies = applies_to_written, .severities = k_shares, .apply = edit_characters<Edit::remove>};
const Fault k_character_insertion_fault = {.name = "character_insertion", .summary = "one character or digit too many in a value", .group = "characters",
                                     .applies_to = "columns of text or numbers", .applies = applies_to_written, .severities = k_shares, .apply = edit_characters<Edit::insert>};
const Fault k_mojibake_fault = {.name = "mojibake", .summary = "UTF-8 read as Windows-1252: it's becomes itâ€™s", .group = "text", .applies_to = "columns of text",
                          .applies = applies_to_text, .severities = k_shares, .apply = mojibake};
const Fault k_text_truncation_fault = {.name = "text_truncation", .summary = "texts cut off at a length", .group = "text", .applies_to = "columns of text",
                                 .applies = applies_to_text, .severities = k_cuts, .apply = truncate};
const Fault k_typo_fault = {.name = "typo", .summary = "one typing mistake in a value", .group = "text", .applies_to = "columns of text", .applies = applies_to_text,
                      .severities = k_shares, .apply = typo};
const Fault k_whitespace_fault = {.name = "whitespace", .summary = "a space before or after the value", .group = "text", .applies_to = "columns of text",
                            .applies = applies_to_text, .severities = k_spaces, .apply = whitespace};
const Fault k_wrong_encoding_fault = {.name = "wrong_encoding", .summary = "characters beyond ASCII lost to the replacement character", .group = "text",
                                .applies_to = "columns of text with characters beyond ASCII", .applies = applies_to_non_ascii, .severities = k_shares,
                                .apply = wrong_encoding};

}  // namespace cupel::prove
