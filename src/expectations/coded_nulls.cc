#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <unordered_set>

#include "base/text.h"
#include "expectations/row_tests.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "states/row_check.h"
#include "states/row_values.h"
#include "states/unordered_rows.h"
#include "stats/ascending.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;

// Words that say "no value", compared without case and outer spaces.
constexpr std::array<std::string_view, 22> k_null_words = {"", "-", "--", "---", ".", "?", "??", "#n/a", "#null!", "<na>", "<null>", "empty", "missing", "n/a", "n.a.", "na", "nan", "nil", "none", "null", "undefined", "unknown"};
// Numbers that often do.
constexpr std::array<double, 16> k_null_numbers = {-99999, -9999, -999, -99, -9, -1, 9, 99, 999, 9999, 99999, 999999, -999999, -32768, 32767, 2147483647};

/// The ends of the finite values: the outermost different ones with their counts, ascending, and how many there are of all.
struct Ends {
  static constexpr std::size_t k_each = 64;  // of each end; codes are few
  std::deque<stats::Ascending::Group> values;
  std::int64_t distinct = 0;
  std::int64_t count = 0;
};

Ends ends_of(const states::RowValues& values) {
  Ends ends;
  std::deque<stats::Ascending::Group> last;
  stats::Ascending::Group* group = nullptr;
  values.records().for_each([&](const states::RowValues::Record& record) {
    if (!std::isfinite(record.value)) return;
    ++ends.count;
    if (group != nullptr && group->value == record.value) {
      ++group->count;
      return;
    }
    ++ends.distinct;
    std::deque<stats::Ascending::Group>& end = ends.values.size() < Ends::k_each ? ends.values : last;
    group = &end.emplace_back(stats::Ascending::Group{record.value, 1});
    if (last.size() > Ends::k_each) last.pop_front();
  });
  ends.values.insert(ends.values.end(), last.begin(), last.end());
  return ends;
}

/// The numbers that stand for a missing value: listed ones at an end of the values and apart from all others, and unlisted ends that stand as
/// far off as all others spread and are heaped.
std::vector<double> suspicious_numbers(Ends ends) {
  std::vector<double> found;
  // Codes may stand behind one another at an end (998, 999): take them off one by one.
  for (bool again = true; again && ends.distinct >= 3;) {
    again = false;
    for (const bool low : {true, false}) {
      if (ends.distinct < 3 || ends.values.size() < 3) break;
      const auto& all = ends.values;
      const stats::Ascending::Group end = low ? all.front() : all.back();
      const double next = low ? all[1].value : all[all.size() - 2].value;
      const double far = low ? all.back().value : all.front().value;
      const double gap = std::abs(end.value - next);
      const double spread = std::abs(far - next);
      const bool listed = std::find(k_null_numbers.begin(), k_null_numbers.end(), end.value) != k_null_numbers.end();
      const bool negative_alone = end.value < 0 && next >= 0;
      const bool heaped = static_cast<double>(end.count) >= std::max(5.0, 3.0 * static_cast<double>(ends.count) / static_cast<double>(ends.distinct));
      if ((listed && (negative_alone || gap > spread / 2)) || (heaped && gap > spread)) {
        found.push_back(end.value);
        low ? ends.values.pop_front() : ends.values.pop_back();
        --ends.distinct;
        again = true;
      }
    }
  }
  return found;
}

/// Rows whose value stands for a missing one.
class CodedNullsCheck : public DataCheck {
 public:
  CodedNullsCheck(const suite::Expectation& expectation, ShareOrCount limits, std::vector<std::string> codes) : expectation_(expectation), limits_(limits), codes_(std::move(codes)) {}

  Result<void> plan(const Planning& planning) override {
    const std::string& name = expectation_.arguments[0];
    ASSIGN_OR_RETURN(const auto text, planning.column(name, expectation_.subject_node, As::text));
    ASSIGN_OR_RETURN(const auto native, planning.column(name, expectation_.subject_node, As::native));
    field_ = native.field;
    auto words = std::make_shared<std::unordered_set<std::string>>();
    auto numbers = std::make_shared<std::vector<double>>();
    std::string key = "row_check coded_nulls";
    for (const std::string& code : codes_) {
      words->insert(to_lower_ascii(trim(code)));
      if (const auto number = parse_number(trim(code))) numbers->push_back(*number);
      key += fmt::format("|{}:{}", code.size(), code);
    }
    for (std::size_t i = 0; codes_.empty() && i < k_null_words.size(); ++i) words->emplace(k_null_words[i]);
    const auto is_value = [words, numbers](std::string_view value) {
      const std::string_view trimmed = trim(value);
      if (words->contains(to_lower_ascii(trimmed))) return false;
      if (numbers->empty()) return true;
      const auto number = parse_number(trimmed);
      return !number || std::find(numbers->begin(), numbers->end(), *number) == numbers->end();
    };
    words_ = planning.current->need(key, {text}, planning.where, [test = text_question(is_value)](std::span<const int> slots) {
      return std::make_unique<states::RowCheck>(test, std::vector<int>(slots.begin(), slots.end()));
    });
    if (codes_.empty()) {
      values_ = planning.current->need("row_values", {native}, planning.where, [limit = planning.state_bytes](std::span<const int> slots) {
        return std::make_unique<states::RowValues>(slots[0], states::RowValues::Read::numbers, limit);
      });
    }
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& words = facts.current->get<states::RowCheck>(words_);
    std::map<std::string, std::int64_t> codes;
    std::vector<suite::Example> examples;
    for (const auto& example : words.examples()) examples.push_back({example.row, example.value});
    outcome.unexpected_rows = words.unexpected_rows();
    if (words.unexpected() > 0) codes["listed codes"] = words.unexpected();
    const auto type = facts.schema->fields[static_cast<std::size_t>(field_)].type;
    if (values_ >= 0 && (type == table::Type::integer || type == table::Type::number)) {
      const auto added = add_numbers(facts.current->get<states::RowValues>(values_), codes, examples, outcome);
      if (!added) return outcome.cannot(added.error().text());
    }
    std::string what = "coded as missing";
    for (const auto& [code, count] : codes) what += fmt::format("{} {} {}", what.ends_with("missing") ? ":" : ",", code, with_thousands(count));
    limits_.judge(*expectation_.predicate, outcome.unexpected_rows.size(), words.tested(), what, outcome);
    if (outcome.unexpected) outcome.unexpected->examples = std::move(examples);
  }

 private:
  static Result<void> add_numbers(const states::RowValues& values, std::map<std::string, std::int64_t>& codes, std::vector<suite::Example>& examples, suite::Outcome& outcome) {
    const std::vector<double> found = suspicious_numbers(ends_of(values));
    if (found.empty()) return {};
    states::UnorderedRows rows;
    std::map<std::int64_t, double> first;  // by row
    values.records().for_each([&](const states::RowValues::Record& record) {
      if (std::find(found.begin(), found.end(), record.value) == found.end()) return;
      rows.add(record.row);
      ++codes[exact_text(record.value)];
      first.emplace(record.row, record.value);
      if (first.size() > 20) first.erase(std::prev(first.end()));
    });
    for (const auto& [row, value] : first) {
      if (examples.size() < 20) examples.push_back({row, exact_text(value)});
    }
    ASSIGN_OR_RETURN(const states::RowList list, rows.list());
    outcome.unexpected_rows = states::RowList::united(outcome.unexpected_rows, list);
    return {};
  }

  suite::Expectation expectation_;
  ShareOrCount limits_;
  std::vector<std::string> codes_;
  int field_ = -1;
  int words_ = -1;
  int values_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_coded_nulls(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  std::vector<std::string> codes;
  if (const yaml::Node* of = expectation.parameter("of")) {
    ASSIGN_OR_RETURN(codes, of->texts("'of'"));
    if (codes.empty()) return of->fail_here("'of' is an empty list, expected at least one code");
  }
  return std::make_unique<CodedNullsCheck>(expectation, limits, std::move(codes));
}

}  // namespace

const DataSubject k_coded_nulls_subject = {{"coded_nulls", "present rows whose value stands for a missing one: unknown, N/A, -999 …", suite::Argument::column, k_number_predicates, {"of"}}, make_coded_nulls};

}  // namespace cupel::expectations
