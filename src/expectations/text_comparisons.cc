// Subjects that compare the texts of a column with each other or with those of another: variants, near-duplicates, unknown words.

#include <algorithm>
#include <unordered_map>

#include "base/files.h"
#include "base/memory_budget.h"
#include "base/text.h"
#include "expectations/near_duplicates.h"
#include "expectations/row_wise.h"
#include "expectations/share_or_count.h"
#include "expectations/subjects_internal.h"
#include "expectations/text_words.h"
#include "states/text_rows.h"

namespace cupel::expectations {
namespace {

using states::TextRows;

/// Empty, or why there are no texts to compare.
std::string beyond_memory(const TextRows& texts, std::int64_t bytes_a_text) {
  const MemoryBudget& budget = MemoryBudget::of_process();
  if (!texts.given_up() && budget.has_room_for(bytes_a_text * static_cast<std::int64_t>(texts.size()))) return {};
  return fmt::format("the different texts of {} rows do not fit the memory budget of {} MiB (--memory SIZE states it, 'where' looks at fewer rows)", with_thousands(texts.present()), budget.limit() >> 20);
}

std::unique_ptr<states::State> make_text_rows(std::span<const int> slots) { return std::make_unique<TextRows>(slots[0]); }

Result<int> need_text_rows(const Planning& planning, const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const auto column, planning.column(expectation.arguments[0], expectation.subject_node, table::ColumnRequest::As::text));
  return planning.current->need("text_rows", {column}, planning.where, make_text_rows);
}

/// A row that is not as it should be, and what an outcome shows of it.
struct OddRow {
  std::int64_t row = 0;
  std::string shown;
};

void note_rows(std::vector<OddRow> odd, suite::Outcome& outcome) {
  std::sort(odd.begin(), odd.end(), [](const OddRow& a, const OddRow& b) { return a.row < b.row; });
  constexpr std::size_t k_examples = 20;
  for (std::size_t i = 0; i < odd.size(); ++i) {
    if (i < k_examples) outcome.unexpected->examples.push_back({odd[i].row, std::move(odd[i].shown)});
    outcome.unexpected_rows.append(odd[i].row);
  }
}

/// Counts the rows that `find` picks out of all texts.
class ComparisonCheck : public DataCheck {
 public:
  using Find = std::function<std::vector<OddRow>(const TextRows& texts)>;
  ComparisonCheck(const suite::Expectation& expectation, ShareOrCount limits, std::string what, Find find)
      : expectation_(expectation), limits_(limits), what_(std::move(what)), find_(std::move(find)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(state_, need_text_rows(planning, expectation_));
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& texts = facts.current->get<TextRows>(state_);
    outcome.rows_tested = texts.present();
    if (texts.present() == 0) return outcome.cannot(fmt::format("0 {}{}, nothing to test", texts.nulls() > 0 ? "present values" : "rows", where_words(outcome)));
    constexpr std::int64_t k_text_bytes = 512 + 256;  // of a signature, with shingles and keys
    std::string problem = beyond_memory(texts, k_text_bytes);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    std::vector<OddRow> odd = find_(texts);
    limits_.judge(*expectation_.predicate, static_cast<std::int64_t>(odd.size()), texts.present(), what_, outcome);
    note_rows(std::move(odd), outcome);
    if (!outcome.unexpected->examples.empty()) {
      const suite::Example& first = outcome.unexpected->examples[0];
      outcome.message += fmt::format("; first in row {}: {}", first.row, shorten(first.value, 80));
    }
  }

 private:
  suite::Expectation expectation_;
  ShareOrCount limits_;
  std::string what_;
  Find find_;
  int state_ = -1;
};

std::vector<OddRow> find_variants(const TextRows& texts) {
  std::unordered_map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string bare = bare_text(texts.text(i));
    if (!bare.empty()) groups[std::move(bare)].push_back(i);
  }
  std::vector<OddRow> odd;
  for (const auto& [bare, members] : groups) {
    // The most frequent form is taken for the right one, the earliest among equals.
    const std::size_t main = *std::max_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) { return texts.rows(a).size() < texts.rows(b).size(); });
    for (const std::size_t member : members) {
      if (member == main) continue;
      const std::string shown = fmt::format("'{}', {} times '{}'", shorten(texts.text(member), 30), with_thousands(texts.rows(main).size()), shorten(texts.text(main), 30));
      texts.rows(member).for_each([&](std::int64_t row) { odd.push_back({row, shown}); });
    }
  }
  return odd;
}

Result<std::unique_ptr<DataCheck>> make_variants(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  return std::make_unique<ComparisonCheck>(expectation, limits, "are written differently from the usual", find_variants);
}

std::vector<OddRow> find_near_duplicates(const TextRows& texts, Shingles shingles, double similarity) {
  const auto found = find_resemblances(texts.size(), [&](std::size_t i) { return texts.text(i); }, shingles, similarity);
  std::vector<OddRow> odd;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::int64_t own_first = texts.rows(i).rows(1)[0];
    texts.rows(i).for_each([&](std::int64_t row) {
      if (found[i]) {
        odd.push_back({row, fmt::format("{} like row {}", percent_text(found[i]->similarity), texts.rows(found[i]->earlier).rows(1)[0])});
      } else if (row != own_first) {
        odd.push_back({row, fmt::format("same as row {}", own_first)});
      }
    });
  }
  return odd;
}

Result<Shingles> read_shingles(const suite::Expectation& expectation) {
  Shingles shingles;
  const yaml::Node* const node = expectation.parameter("shingles");
  if (node == nullptr) return shingles;
  ASSIGN_OR_RETURN(const std::string text, node->text("'shingles'"));
  const auto words = split(text, ' ');
  const auto size = parse_integer(words[0]);
  if (words.size() != 2 || !size || *size < 1 || *size > 50 || (words[1] != "words" && words[1] != "characters")) {
    return node->fail_here(fmt::format("'shingles' is '{}', expected such as '3 words' or '5 characters', 1 to 50", shorten(text, 40)));
  }
  return Shingles{words[1] == "words" ? Shingles::Of::words : Shingles::Of::characters, static_cast<int>(*size)};
}

Result<std::unique_ptr<DataCheck>> make_near_duplicates(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const ShareOrCount limits, ShareOrCount::read(expectation));
  ASSIGN_OR_RETURN(const Shingles shingles, read_shingles(expectation));
  double similarity = 0.8;
  if (const yaml::Node* const node = expectation.parameter("similarity")) {
    ASSIGN_OR_RETURN(similarity, node->share("'similarity'"));
    if (similarity < 0.3) return node->fail_here(fmt::format("'similarity' is {}, expected 30% to 100%", node->description()));
  }
  return std::make_unique<ComparisonCheck>(expectation, limits, fmt::format("are at least {} % like an earlier row", number_text(similarity * 100)),
                                           [shingles, similarity](const TextRows& texts) { return find_near_duplicates(texts, shingles, similarity); });
}

/// Words of every text that are not in a vocabulary, as a share.
class UnknownWordsCheck : public DataCheck {
 public:
  /// Without a vocabulary it is made of the reference's texts.
  UnknownWordsCheck(const suite::Expectation& expectation, std::shared_ptr<const Vocabulary> vocabulary)
      : expectation_(expectation), vocabulary_(std::move(vocabulary)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(state_, need_text_rows(planning, expectation_));
    if (vocabulary_ != nullptr) return {};
    ASSIGN_OR_RETURN(const auto column, planning.reference_column(expectation_.arguments[0], expectation_.subject_node, table::ColumnRequest::As::text));
    reference_ = planning.reference->need("text_rows", {column}, {}, make_text_rows);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& texts = facts.current->get<TextRows>(state_);
    outcome.rows_tested = texts.present();
    if (texts.present() == 0) return outcome.cannot(fmt::format("0 {}{}, nothing to test", texts.nulls() > 0 ? "present values" : "rows", where_words(outcome)));
    std::string problem = beyond_memory(texts, 0);
    if (problem.empty() && vocabulary_ == nullptr) problem = beyond_memory(facts.reference->get<TextRows>(reference_), 0);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    if (vocabulary_ != nullptr) return judge_by(*vocabulary_, texts, outcome);
    Vocabulary words;
    const auto& known = facts.reference->get<TextRows>(reference_);
    for (std::size_t i = 0; i < known.size(); ++i) words.add(known.text(i));
    if (words.size() == 0) return outcome.cannot("0 words in the reference, nothing to compare with");
    judge_by(words, texts, outcome);
  }

 private:
  void judge_by(const Vocabulary& words, const TextRows& texts, suite::Outcome& outcome) const {
    const suite::Predicate& predicate = *expectation_.predicate;
    std::vector<OddRow> odd;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (predicate.accepts(words.unknown_share(texts.text(i)))) continue;
      const std::string shown(texts.text(i));
      texts.rows(i).for_each([&](std::int64_t row) { odd.push_back({row, shown}); });
    }
    const auto tested = static_cast<double>(texts.present());
    const auto unexpected = static_cast<std::int64_t>(odd.size());
    const double share = static_cast<double>(unexpected) / tested;
    const double mostly = expectation_.mostly.value_or(1.0);
    outcome.unexpected = suite::Unexpected{unexpected, share, {}};
    outcome.observed = 1 - share;
    outcome.pass_if(tested - static_cast<double>(unexpected) >= mostly * tested - 1e-9 * tested);
    note_rows(std::move(odd), outcome);
    outcome.message = fmt::format("{} of {} tested rows unexpected ({})", with_thousands(unexpected), with_thousands(texts.present()), percent_text(share));
    if (unexpected > 0) outcome.message += fmt::format(", first in row {}: '{}'", outcome.unexpected_rows.first(), shorten(outcome.unexpected->examples[0].value, 40));
    outcome.message += fmt::format("; expected {} of the words unknown to a vocabulary of {}", predicate.words(), with_thousands(static_cast<std::int64_t>(words.size())));
    if (expectation_.mostly) outcome.message += fmt::format(" in at least {} % of rows", number_text(mostly * 100));
  }

  suite::Expectation expectation_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  int state_ = -1;
  int reference_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_out_of_vocabulary(const suite::Expectation& expectation) {
  TRY(ShareOrCount::read(expectation, ShareOrCount::Allow::share_only));
  const yaml::Node* const node = expectation.parameter("vocabulary");
  if (node == nullptr) return expectation.entry.fail_here("'out_of_vocabulary' without 'vocabulary': reference, a list of words, or {file: PATH}");
  if (node->is_scalar() && node->scalar == "reference") return std::make_unique<UnknownWordsCheck>(expectation, nullptr);
  auto words = std::make_shared<Vocabulary>();
  if (node->is_map()) {
    const std::vector<std::string> known = {"file"};
    TRY(node->only_keys(known, "a vocabulary"));
    const yaml::Node* const file = node->find("file");
    if (file == nullptr) return node->fail_here("a vocabulary without 'file'");
    ASSIGN_OR_RETURN(const std::string path, suite::path_beside(*file));
    const auto content = read_file(path);
    if (!content) return file->fail_here(content.error().message);
    words->add(*content);
  } else if (node->is_list()) {
    ASSIGN_OR_RETURN(const std::vector<std::string> list, node->texts("'vocabulary'"));
    for (const std::string& text : list) words->add(text);
  }
  if (words->size() == 0) return node->fail_here(fmt::format("'vocabulary' is {} without a word, expected reference, a list of words, or {{file: PATH}}", node->description()));
  return std::make_unique<UnknownWordsCheck>(expectation, std::move(words));
}

}  // namespace

const DataSubject k_near_duplicates_subject = {
    {"near_duplicates", "rows whose text resembles that of an earlier row, as a share or a count", suite::Argument::column, k_number_predicates, {"shingles", "similarity"}}, make_near_duplicates};
const DataSubject k_out_of_vocabulary_subject = {
    {"out_of_vocabulary", "share of the words of every present value that a vocabulary lacks", suite::Argument::column, k_number_predicates, {"vocabulary"}, false, true}, make_out_of_vocabulary};
const DataSubject k_variants_subject = {
    {"variants", "rows whose value is written differently from the usual (case, punctuation, white space), as a share or a count", suite::Argument::column, k_number_predicates}, make_variants};

}  // namespace cupel::expectations
