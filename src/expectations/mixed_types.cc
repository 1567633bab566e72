#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "expectations/row_tests.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/row_check.h"
#include "table/timestamp.h"

namespace cupel::expectations {
namespace {

using states::RowCheck;

bool reads_as_number(std::string_view text) { return parse_number(trim(text)).has_value(); }
bool reads_as_time(std::string_view text) { return table::parse_timestamp(trim(text)).has_value(); }

/// Numbers, times and other texts in one column: rows of all kinds but the most common one.
class MixedTypesCheck : public DataCheck {
 public:
  MixedTypesCheck(const suite::Expectation& expectation, ShareOrCount limits) : expectation_(expectation), limits_(limits) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::text));
    const auto need = [&](std::string_view key, bool (*question)(std::string_view)) {
      return planning.current->need(std::string(key), {column}, planning.where, [test = text_question(question)](std::span<const int> slots) {
        return std::make_unique<RowCheck>(test, std::vector<int>(slots.begin(), slots.end()));
      });
    };
    numbers_ = need("row_check is_number", reads_as_number);
    times_ = need("row_check is_time", reads_as_time);
    others_ = need("row_check is_other", [](std::string_view text) { return !reads_as_number(text) && !reads_as_time(text); });
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    struct Kind {
      std::string_view name;
      const RowCheck* check;
      std::int64_t count = 0;
    };
    const auto kind = [&](std::string_view name, int state) {
      const auto& check = facts.current->get<RowCheck>(state);
      return Kind{name, &check, check.tested() - check.unexpected()};
    };
    const Kind kinds[] = {kind("numbers", numbers_), kind("times", times_), kind("other texts", others_)};
    const auto* most = std::max_element(std::begin(kinds), std::end(kinds), [](const Kind& a, const Kind& b) { return a.count < b.count; });
    std::string what = "of another kind than most (";
    for (const Kind& each : kinds) what += fmt::format("{}{} {}", &each == &kinds[0] ? "" : ", ", with_thousands(each.count), each.name);
    outcome.unexpected_rows = most->check->unexpected_rows();
    limits_.judge(*expectation_.predicate, most->check->unexpected(), most->check->tested(), what + ")", outcome);
    if (!outcome.unexpected) return;
    for (const auto& example : most->check->examples()) outcome.unexpected->examples.push_back({example.row, example.value});
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  int numbers_ = -1;
  int times_ = -1;
  int others_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_mixed_types(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<MixedTypesCheck>(expectation, limits);
}

}  // namespace

const DataSubject k_mixed_types_subject = {{"mixed_types", "present rows of another kind (number, time, other text) than most, as a share or a count", suite::Argument::column, k_number_predicates}, make_mixed_types};

}  // namespace cupel::expectations
