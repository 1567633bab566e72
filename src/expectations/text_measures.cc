// Row-wise subjects that measure a text or ask it a question: characters, sentences, words, scripts, phrases.

#include <re2/re2.h>

#include "base/files.h"
#include "base/text.h"
#include "expectations/characters.h"
#include "expectations/row_wise.h"
#include "expectations/subjects_internal.h"
#include "expectations/text_words.h"

namespace cupel::expectations {
namespace {

using suite::Limit;
using TextQuestion = std::function<bool(std::string_view)>;

/// Everything that a text check is told apart by: all keys of the entry but those that do not change the answer.
std::string entry_key(const suite::Expectation& expectation) {
  std::string key(expectation.subject->name);
  const auto add = [&](const auto& self, const yaml::Node& node) -> void {
    key += fmt::format("|{}", node.scalar);
    for (const yaml::Node& item : node.items) self(self, item);
    for (const auto& member : node.members) {
      key += fmt::format("|{}=", member.key.scalar);
      self(self, member.value);
    }
  };
  for (const auto& member : expectation.entry.members) {
    const std::string& name = member.key.scalar;
    if (name == "because" || name == "derived" || name == "id" || name == "severity" || name == "where" || name == "mostly") continue;
    key += fmt::format("|{}=", name);
    add(add, member.value);
  }
  return key;
}

Result<std::unique_ptr<DataCheck>> ask_texts(const suite::Expectation& expectation, std::string expected, TextQuestion question) {
  return std::make_unique<RowWiseCheck>(expectation, std::move(expected), [expectation, test = text_question(std::move(question))](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, table::ColumnRequest::As::text));
    return RowWisePlan{entry_key(expectation), {column}, test};
  });
}

/// Limits that are all numbers or all shares; says which.
Result<bool> limits_are_shares(const suite::Predicate& predicate) {
  if (!predicate.limits.empty() && predicate.has_only(Limit::Kind::share)) return true;
  if (!predicate.limits.empty() && predicate.has_only(Limit::Kind::number)) return false;
  return predicate.node.fail_here(fmt::format("'{}' is {}, expected a number or a share such as 5%", predicate.name(), predicate.node.description()));
}

Result<std::unique_ptr<DataCheck>> measure_texts(const suite::Expectation& expectation, std::string_view unit, std::function<double(std::string_view)> measure) {
  const suite::Predicate predicate = *expectation.predicate;
  ASSIGN_OR_RETURN(const bool shares, limits_are_shares(predicate));
  if (shares) return predicate.node.fail_here(fmt::format("the limit is {}, expected a number of {}", predicate.node.description(), unit));
  return ask_texts(expectation, fmt::format("{} {}", predicate.words(), unit), [predicate, measure](std::string_view text) { return predicate.accepts(measure(text)); });
}

Result<std::unique_ptr<DataCheck>> make_sentences(const suite::Expectation& expectation) { return measure_texts(expectation, "sentences", count_sentences); }

Result<std::unique_ptr<DataCheck>> make_average_word_length(const suite::Expectation& expectation) {
  return measure_texts(expectation, "characters a word", average_word_length);
}

Result<std::string> required_text(const suite::Expectation& expectation, std::string_view key, std::string_view what) {
  const yaml::Node* const node = expectation.parameter(key);
  if (node == nullptr) return expectation.entry.fail_here(fmt::format("'{}' without '{}', {}", expectation.subject->name, key, what));
  return node->text(fmt::format("'{}'", key));
}

Result<std::unique_ptr<DataCheck>> make_characters(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const std::string name, required_text(expectation, "of", "the class of characters that is counted"));
  ASSIGN_OR_RETURN(const CharacterClass of, CharacterClass::make(name, *expectation.parameter("of")));
  const suite::Predicate predicate = *expectation.predicate;
  ASSIGN_OR_RETURN(const bool shares, limits_are_shares(predicate));
  return ask_texts(expectation, fmt::format("{} {}", predicate.words(), name), [predicate, of, shares](std::string_view text) {
    const CharacterCount count = count_characters(text, of);
    const auto found = static_cast<double>(count.found);
    if (!shares) return predicate.accepts(found);
    return predicate.accepts(count.all == 0 ? 0 : found / static_cast<double>(count.all));
  });
}

Result<std::shared_ptr<const RE2>> compile(const std::string& pattern, const yaml::Node& node) {
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<RE2>(pattern, options);
  if (!compiled->ok()) return node.fail_here(fmt::format("'{}' is not a regular expression: {}", shorten(pattern, 60), compiled->error()));
  return std::shared_ptr<const RE2>(std::move(compiled));
}

/// Matches that do not overlap; an empty match counts once at its place, as in other tools.
double count_matches(const RE2& pattern, std::string_view text) {
  const re2::StringPiece all(text.data(), text.size());
  re2::StringPiece match;
  double count = 0;
  for (std::size_t from = 0; from <= text.size() && pattern.Match(all, from, text.size(), RE2::UNANCHORED, &match, 1); ++count) {
    const auto end = static_cast<std::size_t>(match.data() - text.data()) + match.size();
    from = match.empty() ? end + 1 : end;
    while (match.empty() && from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0u) == 0x80u) ++from;
  }
  return count;
}

Result<std::unique_ptr<DataCheck>> make_occurrences(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const std::string text, required_text(expectation, "of", "the regular expression whose matches are counted"));
  ASSIGN_OR_RETURN(const auto pattern, compile(text, *expectation.parameter("of")));
  return measure_texts(expectation, fmt::format("matches of {}", shorten(text, 40)), [pattern](std::string_view value) { return count_matches(*pattern, value); });
}

Result<std::unique_ptr<DataCheck>> make_script(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  std::vector<int> scripts;
  for (const Limit& limit : predicate.limits) {
    ASSIGN_OR_RETURN(scripts.emplace_back(), script_number(limit.text, limit.node));
  }
  const bool all = predicate.name() == "in" || predicate.name() == "equals";
  return ask_texts(expectation, predicate.words(), [scripts, all](std::string_view text) { return all ? is_in_scripts(text, scripts) : !has_script(text, scripts); });
}

/// How the phrases of `contains` are looked for.
struct PhraseRules {
  bool whole_words = false;
  bool ignore_case = false;
  std::string at = "anywhere";
};

Result<PhraseRules> read_rules(const suite::Expectation& expectation) {
  PhraseRules rules;
  if (const auto* node = expectation.parameter("whole_words")) {
    ASSIGN_OR_RETURN(rules.whole_words, node->boolean("'whole_words'"));
  }
  if (const auto* node = expectation.parameter("ignore_case")) {
    ASSIGN_OR_RETURN(rules.ignore_case, node->boolean("'ignore_case'"));
  }
  if (const auto* node = expectation.parameter("at")) {
    ASSIGN_OR_RETURN(rules.at, node->text("'at'"));
    if (rules.at != "start" && rules.at != "end" && rules.at != "anywhere") return node->fail_here(fmt::format("'at' is '{}', expected start, end or anywhere", shorten(rules.at, 20)));
  }
  return rules;
}

std::string phrase_pattern(std::span<const std::string> phrases, const PhraseRules& rules) {
  std::string alternatives;
  for (const std::string& phrase : phrases) alternatives += (alternatives.empty() ? "" : "|") + RE2::QuoteMeta(phrase);
  std::string pattern = rules.ignore_case ? "(?is)" : "(?s)";
  if (rules.at == "start") {
    pattern += R"(\A)";
  } else if (rules.whole_words) {
    pattern += R"((?:\A|[^\pL\pN\pM]))";
  }
  pattern += "(?:" + alternatives + ")";
  if (rules.at == "end") return pattern + R"(\z)";
  return rules.whole_words ? pattern + R"((?:\z|[^\pL\pN\pM]))" : pattern;
}

Result<std::unique_ptr<DataCheck>> make_contains(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const PhraseRules rules, read_rules(expectation));
  const yaml::Node* node = nullptr;
  std::string_view how;
  for (const std::string_view key : {"all_of", "any_of", "none_of"}) {
    const yaml::Node* const here = expectation.parameter(key);
    if (here == nullptr) continue;
    if (node != nullptr) return here->fail_here(fmt::format("'{}' beside '{}', expected one of them", key, how));
    node = here;
    how = key;
  }
  if (node == nullptr) return expectation.entry.fail_here("'contains' without a list, expected one of any_of, all_of and none_of");
  ASSIGN_OR_RETURN(const std::vector<std::string> phrases, node->texts(fmt::format("'{}'", how)));
  std::vector<std::shared_ptr<const RE2>> patterns;
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    if (phrases[i].empty()) return node->fail_here(fmt::format("'{}' holds an empty text", how));
    if (how == "all_of") {
      ASSIGN_OR_RETURN(patterns.emplace_back(), compile(phrase_pattern(std::span(phrases).subspan(i, 1), rules), *node));
    }
  }
  if (phrases.empty()) return node->fail_here(fmt::format("'{}' is an empty list, expected at least one text", how));
  if (how != "all_of") {
    ASSIGN_OR_RETURN(patterns.emplace_back(), compile(phrase_pattern(phrases, rules), *node));
  }
  const std::string_view words = how == "all_of" ? "with all of" : how == "any_of" ? "with one of" : "with none of";
  std::string expected = fmt::format("{} '{}'", words, shorten(join(phrases, "', '"), 80));
  if (rules.at != "anywhere") expected += " at the " + rules.at;
  return ask_texts(expectation, std::move(expected), [patterns, wanted = how != "none_of"](std::string_view text) {
    for (const auto& pattern : patterns) {
      if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern) != wanted) return false;
    }
    return true;
  });
}

}  // namespace

const DataSubject k_average_word_length_subject = {
    {"average_word_length", "letters and digits a word, of every present value", suite::Argument::column, k_number_predicates, {}, false, true}, make_average_word_length};
const DataSubject k_characters_subject = {
    {"characters", "characters of a class (letters, digits, upper case, a script …), as a share or a count of every present value", suite::Argument::column, k_number_predicates, {"of"}, false, true},
    make_characters};
const DataSubject k_contains_subject = {
    {"contains", "every present value holds one, all or none of some texts or words", suite::Argument::column, {}, {"all_of", "any_of", "at", "ignore_case", "none_of", "whole_words"}, false, true},
    make_contains};
const DataSubject k_occurrences_subject = {
    {"occurrences", "matches of a regular expression in every present value", suite::Argument::column, k_number_predicates, {"of"}, false, true}, make_occurrences};
const DataSubject k_script_subject = {
    {"script", "scripts that the characters of every present value belong to", suite::Argument::column, {"equals", "in", "not_equals", "not_in"}, {}, false, true}, make_script};
const DataSubject k_sentences_subject = {{"sentences", "sentences of every present value", suite::Argument::column, k_number_predicates, {}, false, true}, make_sentences};

}  // namespace cupel::expectations
