// Subjects that count the rows in whose text something is found that should not be there: markup, broken characters, personal data.

#include <algorithm>

#include "base/invariant.h"
#include "base/text.h"
#include "expectations/pii.h"
#include "expectations/row_tests.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "expectations/text_flaws.h"
#include "states/row_check.h"

namespace cupel::expectations {
namespace {

/// What is looked for, and how an outcome speaks of it.
struct Finding {
  std::string key;   ///< identity among all tests on the column
  std::string what;  ///< "hold markup of HTML"
  std::function<bool(std::string_view)> found;
  /// What stands in place of a value in the outcome; empty: the value.
  std::function<std::string(std::string_view)> shown{};
};

class FindingCheck : public DataCheck {
 public:
  FindingCheck(const suite::Expectation& expectation, ShareOrCount limits, Finding finding) : expectation_(expectation), limits_(limits), finding_(std::move(finding)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::text));
    const auto test = text_question([found = finding_.found](std::string_view text) { return !found(text); });
    state_ = planning.current->need("row_check found " + finding_.key, {column}, planning.where, [test](std::span<const int> slots) {
      return std::make_unique<states::RowCheck>(test, std::vector<int>(slots.begin(), slots.end()));
    });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::RowCheck>(state_);
    if (state.tested() == 0) {
      outcome.rows_tested = 0;
      return outcome.cannot(fmt::format("0 {}{}, nothing to test", state.skipped() > 0 ? "present values" : "rows", where_words(outcome)));
    }
    limits_.judge(*expectation_.predicate, state.unexpected(), state.tested(), finding_.what, outcome);
    for (const auto& example : state.examples()) {
      outcome.unexpected->examples.push_back({example.row, finding_.shown ? finding_.shown(example.value) : example.value});
    }
    if (!outcome.unexpected->examples.empty()) {
      const suite::Example& first = outcome.unexpected->examples[0];
      outcome.message += fmt::format("; first in row {}: '{}'", first.row, shorten(first.value, 40));
    }
    outcome.unexpected_rows = state.unexpected_rows();
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  Finding finding_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_finding(const suite::Expectation& expectation, Finding finding) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<FindingCheck>(expectation, limits, std::move(finding));
}

struct Flaw {
  std::string_view name;
  std::string_view what;
  bool (*found)(std::string_view text);
};
constexpr Flaw k_flaws[] = {
    {"control_characters", "hold control characters", has_control_characters},
    {"html", "hold HTML", has_html},
    {"invisible_characters", "hold invisible characters", has_invisible_characters},
    {"mojibake", "hold UTF-8 that was read as windows-1252", has_mojibake},
    {"replacement_characters", "hold U+FFFD", has_replacement_characters},
    {"special_characters", "are special characters only", is_special_only},
    {"unnormalized", "are not in normalization form C", is_unnormalized},
    {"untrimmed", "begin or end with white space", is_untrimmed},
    {"unusual_spaces", "hold unusual white space", has_unusual_spaces},
    {"urls", "hold a web address", has_urls},
};

Result<std::unique_ptr<DataCheck>> make_flaw(const suite::Expectation& expectation) {
  for (const Flaw& flaw : k_flaws) {
    if (flaw.name == expectation.subject->name) return make_finding(expectation, {std::string(flaw.name), std::string(flaw.what), flaw.found});
  }
  CHECK(false, "no flaw '{}'", expectation.subject->name);
  return {};
}

Result<std::unique_ptr<DataCheck>> make_pii(const suite::Expectation& expectation) {
  std::vector<PiiKind> wanted;
  std::string names;
  if (const yaml::Node* const node = expectation.parameter("kinds")) {
    ASSIGN_OR_RETURN(const std::vector<std::string> kinds, node->texts("'kinds'"));
    if (kinds.empty()) return node->fail_here("'kinds' is an empty list, expected at least one kind");
    std::vector<std::string> known;
    for (const PiiKind& kind : pii_kinds()) known.emplace_back(kind.name);
    for (const std::string& name : kinds) {
      const auto kind = std::find_if(pii_kinds().begin(), pii_kinds().end(), [&](const PiiKind& other) { return other.name == name; });
      if (kind == pii_kinds().end()) return node->fail_here(fmt::format("unknown kind '{}'{}", shorten(name, 40), nearest_note(name, known)));
      wanted.push_back(*kind);
      names += (names.empty() ? "" : ", ") + name;
    }
  } else {
    wanted = pii_kinds();
    names = "personal data";
  }
  // The value itself stays out of the result: a report must not spread what should not be there.
  return make_finding(expectation, {"pii " + names, "hold " + names, [wanted](std::string_view text) { return has_pii(text, wanted); },
                                    [wanted](std::string_view text) { return pii_in(text, wanted); }});
}

constexpr suite::Argument k_column = suite::Argument::column;

}  // namespace

const DataSubject k_control_characters_subject = {{"control_characters", "rows whose text holds control characters, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_html_subject = {{"html", "rows whose text holds HTML tags or character references, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_invisible_characters_subject = {{"invisible_characters", "rows whose text holds characters without width, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_mojibake_subject = {{"mojibake", "rows whose text is UTF-8 that was read in another encoding, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_pii_subject = {{"pii", "rows whose text holds personal data (e-mail, phone, card, IBAN, SSN, IP), as a share or a count", k_column, k_number_predicates, {"kinds"}}, make_pii};
const DataSubject k_replacement_characters_subject = {{"replacement_characters", "rows whose text holds U+FFFD, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_special_characters_subject = {{"special_characters", "rows whose text has special characters only, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_unnormalized_subject = {{"unnormalized", "rows whose text is not in Unicode's normalization form C, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_untrimmed_subject = {{"untrimmed", "rows whose text begins or ends with white space, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_unusual_spaces_subject = {{"unusual_spaces", "rows whose text holds unusual white space, as a share or a count", k_column, k_number_predicates}, make_flaw};
const DataSubject k_urls_subject = {{"urls", "rows whose text holds a web address, as a share or a count", k_column, k_number_predicates}, make_flaw};

}  // namespace cupel::expectations
