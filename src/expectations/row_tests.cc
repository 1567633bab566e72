#include "expectations/row_tests.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "expectations/formats.h"
#include "states/kept_rows.h"

namespace cupel::expectations {
namespace {

using states::RowTest;
using states::Selection;
using table::Batch;
using table::Column;
using table::Expression;

std::uint8_t truth_of(bool holds) { return holds ? Expression::k_true : Expression::k_false; }

/// A number against limits that are numbers, without a branch a row: `fails` of a row that is null or not kept does not matter.
class NumberTest : public RowTest {
 public:
  explicit NumberTest(suite::Predicate predicate) : predicate_(std::move(predicate)) {
    constexpr double k_infinity = std::numeric_limits<double>::infinity();
    const std::string_view name = predicate_.name();
    const double first = predicate_.limits.empty() ? 0 : predicate_.limits.front().number;
    const bool range = name == "between" || name == "at_least" || name == "at_most" || name == "less_than" || name == "more_than" || name == "equals";
    if (range && !predicate_.limits.empty()) {
      kind_ = Kind::range;
      if (name == "between" || name == "at_least" || name == "equals") low_ = first;
      if (name == "more_than") low_ = std::nextafter(first, k_infinity);
      if (name == "between" || name == "at_most" || name == "equals") high_ = predicate_.limits.back().number;
      if (name == "less_than") high_ = std::nextafter(first, -k_infinity);
      if ((name == "more_than" && first == k_infinity) || (name == "less_than" && first == -k_infinity)) kind_ = Kind::asked;
      take_whole_range();
    } else if (name == "in") {
      take_set();
    }
  }

  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    if (!table::is_numeric(column.type)) {
      std::fill_n(truth, batch.num_rows, std::uint8_t{Expression::k_unknown});
      return;
    }
    with_question(column, [&](auto fails) {
      for (std::int64_t row = 0; row < batch.num_rows; ++row) truth[row] = column.is_null(row) ? std::uint8_t{Expression::k_unknown} : truth_of(!fails(row));
    });
  }

  std::optional<AllExpected> all_expected(const Batch& batch, std::span<const int> slots, Selection rows) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    const std::int64_t n = batch.num_rows;
    if (!table::is_numeric(column.type)) return AllExpected{0, states::count_kept(rows, n)};
    int any_fails = 0;
    with_question(column, [&](auto fails) {
      std::int64_t row = 0;
      if (column.validity == nullptr && rows.kept == nullptr) {
        // Four side by side, none of which waits for the one before: the speed does not hang on where the loop happens to lie in memory.
        for (; row + 4 <= n; row += 4) any_fails |= int{fails(row)} | int{fails(row + 1)} | int{fails(row + 2)} | int{fails(row + 3)};
        for (; row < n; ++row) any_fails |= int{fails(row)};
      } else {
        for (; row < n; ++row) any_fails |= int{fails(row) && !column.is_null(row) && rows.contains(row)};
      }
    });
    if (any_fails != 0) return std::nullopt;
    const std::int64_t tested = states::count_present(column, rows, n);
    return AllExpected{tested, states::count_kept(rows, n) - tested};
  }

 private:
  enum class Kind { range, small_set, asked };
  static constexpr double k_countable = 9007199254740992;  // 2^53

  // Up to here a comparison of whole numbers says the same as one of doubles, whatever the other side.
  static bool is_countable(double value) { return std::abs(value) <= k_countable; }

  void take_whole_range() {
    whole_range_ = (is_countable(low_) || std::isinf(low_)) && (is_countable(high_) || std::isinf(high_)) && std::ceil(low_) <= std::floor(high_);
    if (!whole_range_) return;
    whole_low_ = std::isinf(low_) ? std::numeric_limits<std::int64_t>::min() : static_cast<std::int64_t>(std::ceil(low_));
    const std::int64_t whole_high = std::isinf(high_) ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(std::floor(high_));
    width_ = static_cast<std::uint64_t>(whole_high) - static_cast<std::uint64_t>(whole_low_);
  }

  // Whole numbers that lie within 64 of each other, as codes and flags do, are bits of one word.
  void take_set() {
    double least = std::numeric_limits<double>::infinity();
    for (const suite::Limit& limit : predicate_.limits) least = std::min(least, limit.number);
    if (!is_countable(least) || std::floor(least) != least) return;
    for (const suite::Limit& limit : predicate_.limits) {
      const double place = limit.number - least;
      if (!(place < 64) || std::floor(place) != place) return;
      set_ |= std::uint64_t{1} << static_cast<unsigned>(place);
    }
    whole_low_ = static_cast<std::int64_t>(least);
    kind_ = Kind::small_set;
  }

  bool lacks(std::int64_t value) const {
    const std::uint64_t place = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(whole_low_);
    return place >= 64 || ((set_ >> (place & 63)) & 1) == 0;
  }

  template <typename Use>
  void with_question(const Column& column, Use use) const {
    const bool whole = column.type == table::Type::integer;
    if (kind_ == Kind::range && whole && whole_range_) {
      const std::int64_t* const values = column.integers();
      use([values, low = static_cast<std::uint64_t>(whole_low_), width = width_](std::int64_t row) { return static_cast<std::uint64_t>(values[row]) - low > width; });
    } else if (kind_ == Kind::range && column.type == table::Type::number) {
      const double* const values = column.numbers();
      use([values, low = low_, high = high_](std::int64_t row) { return !(values[row] >= low && values[row] <= high); });
    } else if (kind_ == Kind::range) {
      use([&](std::int64_t row) { return !(column.as_number(row) >= low_ && column.as_number(row) <= high_); });
    } else if (kind_ == Kind::small_set && whole) {
      const std::int64_t* const values = column.integers();
      use([this, values](std::int64_t row) { return lacks(values[row]); });
    } else {
      use([&](std::int64_t row) { return !predicate_.accepts(column.as_number(row)); });
    }
  }

  suite::Predicate predicate_;
  Kind kind_ = Kind::asked;
  double low_ = -std::numeric_limits<double>::infinity();
  double high_ = std::numeric_limits<double>::infinity();
  bool whole_range_ = false;
  std::int64_t whole_low_ = 0;
  std::uint64_t width_ = 0;
  std::uint64_t set_ = 0;
};

class NumberQuestion : public RowTest {
 public:
  explicit NumberQuestion(bool (*question)(double)) : question_(question) {}
  void test(const Batch& batch, std::span<const int> slots, Selection, std::uint8_t* truth) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    const bool numeric = column.type != table::Type::text;
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      truth[row] = !numeric || column.is_null(row) ? static_cast<std::uint8_t>(Expression::k_unknown) : truth_of(question_(column.as_number(row)));
    }
  }

 private:
  bool (*question_)(double);
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
    if (column.dictionary_id != 0) {
      const Entries& entries = entries_of(column);
      for (std::int64_t row = 0; row < batch.num_rows; ++row) {
        truth[row] = column.is_null(row) ? std::uint8_t{Expression::k_unknown} : entries.truth[static_cast<std::size_t>(column.codes[row])];
      }
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

  std::optional<AllExpected> all_expected(const Batch& batch, std::span<const int> slots, Selection rows) const override {
    const Column& column = batch.columns[static_cast<std::size_t>(slots[0])];
    const std::int64_t n = batch.num_rows;
    if (column.type != table::Type::text) return AllExpected{0, states::count_kept(rows, n)};
    if (column.dictionary_id == 0) return std::nullopt;
    const Entries& entries = entries_of(column);
    if (entries.num_unexpected > 0) {
      std::int64_t num_failing = 0;
      for (std::int64_t row = 0; row < n; ++row) {
        const bool fails = entries.truth[static_cast<std::size_t>(column.codes[row])] == Expression::k_false;
        num_failing += (fails && !column.is_null(row) && rows.contains(row)) ? 1 : 0;
      }
      if (num_failing > 0) return std::nullopt;
    }
    const std::int64_t tested = states::count_present(column, rows, n);
    return AllExpected{tested, states::count_kept(rows, n) - tested};
  }

 private:
  static constexpr std::uint8_t k_not_asked = 255;

  /// The answers about the entries of one growing dictionary, which one thread at a time shows.
  struct Entries {
    std::vector<std::uint8_t> truth;
    std::int64_t num_unexpected = 0;
  };

  const Entries& entries_of(const Column& column) const {
    Entries* entries = nullptr;
    {
      const std::lock_guard lock(mutex_);
      std::unique_ptr<Entries>& known = entries_[column.dictionary_id];
      if (!known) known = std::make_unique<Entries>();
      entries = known.get();
    }
    const Column& dictionary = *column.dictionary;
    for (auto code = static_cast<std::int64_t>(entries->truth.size()); code < dictionary.num_rows; ++code) {
      const bool holds = question_(dictionary.text(code));
      entries->truth.push_back(truth_of(holds));
      entries->num_unexpected += holds ? 0 : 1;
    }
    return *entries;
  }

  std::function<bool(std::string_view)> question_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::uint64_t, std::unique_ptr<Entries>> entries_;
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

Result<std::shared_ptr<const RE2>> regular_expression(const suite::Predicate& predicate) {
  auto pattern = table::regular_expression(predicate.limits[0].text, table::Case::sensitive);
  if (!pattern) return predicate.node.fail_here(pattern.error().message);
  return pattern;
}

Result<std::shared_ptr<const RowTest>> text_test(const suite::Predicate& predicate) {
  const std::string_view name = predicate.name();
  if (name == "in" || name == "not_in") {
    auto values = std::make_shared<std::unordered_set<std::string>>();
    for (const suite::Limit& limit : predicate.limits) values->insert(limit.text);
    return text_question([values, wanted = name == "in"](std::string_view text) { return values->contains(std::string(text)) == wanted; });
  }
  if (name == "match" || name == "not_match") {
    ASSIGN_OR_RETURN(const auto pattern, regular_expression(predicate));
    return text_question([pattern, wanted = name == "match"](std::string_view text) { return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern) == wanted; });
  }
  if (name == "format" || name == "parse_as") {
    ASSIGN_OR_RETURN(auto question, format_question(predicate.limits[0].text, name, predicate.node));
    return text_question(std::move(question));
  }
  return text_question([predicate](std::string_view text) { return predicate.accepts(text); });
}

std::shared_ptr<const RowTest> number_question(bool (*question)(double)) { return std::make_shared<NumberQuestion>(question); }

std::shared_ptr<const RowTest> measure_test(std::int64_t (*measure)(std::string_view), suite::Predicate predicate) {
  return text_question([measure, predicate = std::move(predicate)](std::string_view text) { return predicate.accepts(static_cast<double>(measure(text))); });
}

std::shared_ptr<const RowTest> column_test(std::string_view predicate_name) { return std::make_shared<ColumnTest>(predicate_name); }

std::shared_ptr<const RowTest> expression_test(Expression expression) { return std::make_shared<ExpressionTest>(std::move(expression)); }

}  // namespace cupel::expectations
