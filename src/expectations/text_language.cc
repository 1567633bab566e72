// The subject `language`.

#include <algorithm>

#include "base/text.h"
#include "expectations/formats.h"
#include "expectations/language.h"
#include "expectations/row_wise.h"
#include "expectations/subjects_internal.h"

namespace cupel::expectations {
namespace {

/// Is the language of a text among some? A text whose language cannot be told, or that is short, is skipped.
class LanguageTest : public states::RowTest {
 public:
  LanguageTest(std::shared_ptr<const LanguageDetector> detector, std::vector<std::string> languages, bool wanted, std::int64_t least)
      : detector_(std::move(detector)), languages_(std::move(languages)), wanted_(wanted), least_(least) {}

  void test(const table::Batch& batch, std::span<const int> slots, states::Selection rows, std::uint8_t* truth) const override {
    const table::Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    std::string_view last;
    std::uint8_t last_truth = table::Expression::k_unknown;
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      truth[row] = table::Expression::k_unknown;
      if (column.type != table::Type::text || column.is_null(row) || !rows.contains(row)) continue;
      const std::string_view text = column.text(row);
      if (text != last) {
        last = text;
        last_truth = ask(text);
      }
      truth[row] = last_truth;
    }
  }

 private:
  std::uint8_t ask(std::string_view text) const {
    if (count_code_points(text) < least_) return table::Expression::k_unknown;
    const std::string_view language = detector_->language_of(text);
    if (language.empty()) return table::Expression::k_unknown;
    const bool found = std::find(languages_.begin(), languages_.end(), language) != languages_.end();
    return found == wanted_ ? table::Expression::k_true : table::Expression::k_false;
  }

  std::shared_ptr<const LanguageDetector> detector_;
  std::vector<std::string> languages_;
  bool wanted_;
  std::int64_t least_;
};

Result<std::unique_ptr<DataCheck>> make_language(const suite::Expectation& expectation) {
  const suite::Predicate& predicate = *expectation.predicate;
  std::vector<std::string> languages;
  for (const suite::Limit& limit : predicate.limits) {
    const Format* const codes = find_format("language_code");
    if (!codes->holds(limit.text)) return limit.node.fail_here(fmt::format("the language is {}, expected a code of ISO 639-1 such as en or de", limit.node.description()));
    languages.push_back(limit.text);
  }
  std::int64_t least = 30;
  if (const yaml::Node* const node = expectation.parameter("min_characters")) {
    ASSIGN_OR_RETURN(least, node->integer("'min_characters'"));
    if (least < 0) return node->fail_here(fmt::format("'min_characters' is {}, expected 0 or more", least));
  }
  ASSIGN_OR_RETURN(const auto detector, LanguageDetector::make());
  const bool wanted = predicate.name() == "in" || predicate.name() == "equals";
  const auto test = std::make_shared<const LanguageTest>(detector, languages, wanted, least);
  const std::string key = fmt::format("language {} {} {}", predicate.name(), join(languages, ","), least);
  return std::make_unique<RowWiseCheck>(expectation, predicate.words(), [expectation, test, key](const Planning& planning) -> Result<RowWisePlan> {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, table::ColumnRequest::As::text));
    return RowWisePlan{key, {column}, test};
  });
}

}  // namespace

const DataSubject k_language_subject = {
    {"language", "language that every present value is written in", suite::Argument::column, {"equals", "in", "not_equals", "not_in"}, {"min_characters"}, false, true}, make_language};

}  // namespace cupel::expectations
