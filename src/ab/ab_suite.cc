#include "ab/ab_suite.h"

#include <array>
#include <map>

#include "base/text.h"

namespace cupel::ab {
namespace {

const std::array<suite::SubjectInfo, 4>& table() {
  using suite::Argument;
  static const std::array<suite::SubjectInfo, 4> k_table = {{
      {"difference", measures()[0].summary, Argument::word, {}, {"claim", "confidence", "margin"}, true},
      {"exposures", measures()[1].summary, Argument::word, {}, {}, true},
      {"paired_difference", measures()[2].summary, Argument::word, {}, {"claim", "confidence", "margin"}, true},
      {"sample_ratio", measures()[3].summary, Argument::word, {}, {}, true},
  }};
  return k_table;
}

/// `0.5%`, `1.2`: an amount at least 0.
Result<double> amount_of(const yaml::Node& node, std::string_view key) {
  ASSIGN_OR_RETURN(const std::string text, node.text(key));
  const bool percent = text.ends_with('%');
  const auto number = parse_number(trim(std::string_view(text).substr(0, text.size() - (percent ? 1 : 0))));
  if (!number || !(*number >= 0))
    return node.fail_here(fmt::format("{} is '{}', expected a number or a share such as 5%", key, shorten(text, 40)));
  return percent ? *number / 100 : *number;
}

/// What the suite states wins over what the analysis says of itself.
void take_statement(const suite::Expectation& expectation, std::size_t number, suite::Outcome& outcome) {
  const std::string arms = outcome.id;
  outcome.id = expectation.id;
  if (number > 0) outcome.id += " " + arms;  // one of several treatments
  outcome.severity = expectation.severity;
  if (!expectation.because.empty()) outcome.because = expectation.because;
  outcome.derived = expectation.derived;
}

}  // namespace

std::span<const suite::SubjectInfo> subject_table() { return table(); }

suite::LoadOptions load_options() {
  suite::LoadOptions options;
  for (const suite::SubjectInfo& subject : table()) options.subjects.push_back(&subject);
  options.further_keys = {"experiment"};
  return options;
}

Result<Question> question_of(const suite::Expectation& expectation, const Question& base) {
  Question question = base;
  if (const yaml::Node* node = expectation.parameter("claim")) {
    ASSIGN_OR_RETURN(const std::string name, node->text("'claim'"));
    const auto claim = claim_named(name);
    std::vector<std::string> known;
    for (const ClaimEntry& entry : claims()) known.emplace_back(entry.name);
    if (!claim) return node->fail_here(fmt::format("unknown claim '{}'{}", shorten(name, 40), nearest_note(name, known)));
    question.claim = *claim;
  }
  if (const yaml::Node* node = expectation.parameter("margin")) {
    ASSIGN_OR_RETURN(question.margin, amount_of(*node, "'margin'"));
  }
  if (const yaml::Node* node = expectation.parameter("confidence")) {
    ASSIGN_OR_RETURN(question.confidence, amount_of(*node, "'confidence'"));
    if (!(question.confidence > 0.5 && question.confidence < 1))
      return node->fail_here("'confidence' is out of range, expected more than 50% and less than 100%");
  }
  if (question.claim == Claim::same && question.margin == 0) {
    return expectation.entry.fail_here("claim 'same' without a margin", "two things are never shown to be exactly the same: give 'margin'");
  }
  return question;
}

Result<Analysis> analyze_suite(const suite::Suite& suite, const Question& base, const Analyze& analyze) {
  Analysis whole;
  for (const suite::Expectation& expectation : suite.expectations) {
    if (expectation.where)
      return expectation.entry.fail_here("'where' in an A/B suite", "leave rows out of the data with --where: both arms must be cut alike");
    ASSIGN_OR_RETURN(const Question question, question_of(expectation, base));
    const std::string& argument = expectation.arguments.front();
    ASSIGN_OR_RETURN(Analysis analysis, analyze(argument, question));
    std::size_t found = 0;
    for (suite::Outcome& outcome : analysis.outcomes) {
      if (outcome.subject != expectation.subject->name) continue;
      take_statement(expectation, found++, outcome);
      whole.outcomes.push_back(std::move(outcome));
    }
    if (found == 0) {
      return expectation.subject_node.fail_here(
          fmt::format("'{}' has no meaning for these data", expectation.subject->name),
          "paired_difference needs --a and --b, exposures --unit, difference of two models --split-by");
    }
    whole.facts[expectation.id] = std::move(analysis.facts);
  }
  return whole;
}

}  // namespace cupel::ab
