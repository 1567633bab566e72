#include "expectations/row_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"
#include "expectations/formats.h"

namespace cupel::expectations {
namespace {

using states::RowTest;
using states::Selection;
using table::Batch;
using table::Column;
using table::Expression;

std::uint8_t truth_of(bool holds) { return holds ? Expression::k_true : Expression::k_false; }

class NumberTest : public RowTest {
 public:
  explicit NumberTest(suite::Predicate predicate) : predicate_(std::move(predicate)) {
    const std::string_view name = predicate_.name();
    // The common comparisons are one range test; the rest asks the predicate.
    if (name == "between" || name == "at_least" || name == "at_most") {
      ranged_ = true;
      if (name != "at_most") low_ = predicate_.limits.front().number;
      if (name != "at_least") high_ = predicate_.limits.back().number;
    }
  }

  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    if (!table::is_numeric(column.type)) {
      std::fill_n(truth, batch.num_rows, std::uint8_t{Expression::k_unknown});
      return;
    }
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      if (column.is_null(row)) {
        truth[row] = Expression::k_unknown;
        continue;
      }
      const double value = column.as_number(row);
      truth[row] = truth_of(ranged_ ? value >= low_ && value <= high_ : predicate_.accepts(value));
    }
  }

 private:
  suite::Predicate predicate_;
  bool ranged_ = false;
  double low_ = -std::numeric_limits<double>::infinity();
  double high_ = std::numeric_limits<double>::infinity();
};

class TextTest : public RowTest {
 public:
  explicit TextTest(std::function<bool(std::string_view)> question) : question_(std::move(question)) {}

  void test(const Batch& batch, std::span<const int> slots, Selection rows, std::uint8_t* truth) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    if (column.type != table::Type::text) {
      std::fill_n(truth, batch.num_rows, std::uint8_t{Expression::k_unknown});
      return;
    }
    std::vector<std::uint8_t> known;  // by dictionary code: asked once an entry
    if (column.codes != nullptr) known.assign(static_cast<std::size_t>(column.dictionary->num_rows), k_not_asked);
    std::string_view last;
    std::uint8_t last_truth = k_not_asked;
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      if (column.is_null(row) || !rows.contains(row)) {
        truth[row] = Expression::k_unknown;
      } else if (column.codes != nullptr) {
        std::uint8_t& entry = known[static_cast<std::size_t>(column.codes[row])];
        if (entry == k_not_asked) entry = truth_of(question_(column.text(row)));
        truth[row] = entry;
      } else {
        const std::string_view text = column.text(row);
        if (last_truth == k_not_asked || text != last) {
          last = text;
          last_truth = truth_of(question_(text));
        }
        truth[row] = last_truth;
      }
    }
  }

 private:
  static constexpr std::uint8_t k_not_asked = 255;
  std::function<bool(std::string_view)> question_;
};

class ColumnTest : public RowTest {
 public:
  explicit ColumnTest(std::string_view name) : name_(name) {}

  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const Column& left = batch.columns[static_cast<std::size_t>(slots[0])];
    const Column& right = batch.columns[static_cast<std::size_t>(slots[1])];
    const bool text = left.type == table::Type::text && right.type == table::Type::text;
    const bool comparable = text || (left.type != table::Type::text && right.type != table::Type::text);
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      if (!comparable || left.is_null(row) || right.is_null(row)) {
        truth[row] = Expression::k_unknown;
      } else {
        truth[row] = truth_of(text ? holds(left.text(row).compare(right.text(row)), 0) : holds(left.as_number(row), right.as_number(row)));
      }
    }
  }

 private:
  template <typename T>
  bool holds(T left, T right) const {
    if (name_ == "equals") return left == right;
    if (name_ == "not_equals") return left != right;
    if (name_ == "less_than") return left < right;
    if (name_ == "at_most") return left <= right;
    if (name_ == "more_than") return left > right;
    return left >= right;
  }
  std::string name_;
};

class ExpressionTest : public RowTest {
 public:
  explicit ExpressionTest(Expression expression) : expression_(std::move(expression)) {}
  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override { expression_.evaluate(batch, slots, truth); }

 private:
  Expression expression_;
};

/// Bytes of the white-space character at the start of the text, or 0.
std::size_t space_length(std::string_view text) {
  const auto c = static_cast<unsigned char>(text[0]);
  if (c == ' ' || (c >= 0x09 && c <= 0x0D)) return 1;
  if (c < 0xC2) return 0;
  static constexpr std::string_view k_wide[] = {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007",
                                                "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
  for (const std::string_view space : k_wide) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

// What a byte means for words; a wide lead byte may begin a white-space character and is looked at closely.
constexpr std::uint8_t k_letter = 1;
constexpr std::uint8_t k_space = 2;
constexpr std::uint8_t k_wide_lead = 4;
constexpr std::array<std::uint8_t, 256> k_word_bytes = [] {
  std::array<std::uint8_t, 256> bytes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool space = c == ' ' || (c >= 0x09 && c <= 0x0D);
    const bool wide = c == 0xC2 || c == 0xE1 || c == 0xE2 || c == 0xE3;
    bytes[static_cast<std::size_t>(c)] = static_cast<std::uint8_t>((letter ? k_letter : 0) | (space ? k_space : 0) | (wide ? k_wide_lead : 0));
  }
  return bytes;
}();

}  // namespace

// Without a branch for all but the lead bytes of wide spaces: words end at random, which a branch would pay for.
std::int64_t count_words(std::string_view utf8) {
  std::int64_t words = 0;
  unsigned in_word = 0;
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const std::uint8_t kind = k_word_bytes[static_cast<unsigned char>(utf8[at])];
    if ((kind & k_wide_lead) != 0) [[unlikely]] {
      if (const std::size_t space = space_length(utf8.substr(at))) {
        in_word = 0;
        at += space - 1;
        continue;
      }
    }
    const unsigned letter = kind & k_letter;
    words += letter & ~in_word;
    in_word = letter | (in_word & ~(static_cast<unsigned>(kind) >> 1) & 1u);
  }
  return words;
}

std::shared_ptr<const RowTest> number_test(suite::Predicate predicate) { return std::make_shared<NumberTest>(std::move(predicate)); }

std::shared_ptr<const RowTest> text_question(std::function<bool(std::string_view)> question) { return std::make_shared<TextTest>(std::move(question)); }

Result<std::shared_ptr<const RowTest>> text_test(const suite::Predicate& predicate) {
  const std::string_view name = predicate.name();
  if (name == "in" || name == "not_in") {
    auto values = std::make_shared<std::unordered_set<std::string>>();
    for (const suite::Limit& limit : predicate.limits) values->insert(limit.text);
    return text_question([values, wanted = name == "in"](std::string_view text) { return values->contains(std::string(text)) == wanted; });
  }
  if (name == "match" || name == "not_match") {
    RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<RE2>(predicate.limits[0].text, options);
    if (!pattern->ok()) return predicate.node.fail_here(fmt::format("'{}' is not a regular expression: {}", shorten(predicate.limits[0].text, 60), pattern->error()));
    return text_question([pattern, wanted = name == "match"](std::string_view text) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern) == wanted; });
  }
  if (name == "format" || name == "parse_as") {
    ASSIGN_OR_RETURN(auto question, format_question(predicate.limits[0].text, name, predicate.node));
    return text_question(std::move(question));
  }
  return text_question([predicate](std::string_view text) { return predicate.accepts(text); });
}

std::shared_ptr<const RowTest> measure_test(std::int64_t (*measure)(std::string_view), suite::Predicate predicate) {
  return text_question([measure, predicate = std::move(predicate)](std::string_view text) { return predicate.accepts(static_cast<double>(measure(text))); });
}

std::shared_ptr<const RowTest> column_test(std::string_view predicate_name) { return std::make_shared<ColumnTest>(predicate_name); }

std::shared_ptr<const RowTest> expression_test(Expression expression) { return std::make_shared<ExpressionTest>(std::move(expression)); }

}  // namespace cupel::expectations
