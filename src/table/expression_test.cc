#include "table/expression.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

#include "base/files.h"
#include "base/random.h"
#include "base/text.h"
#include "table/column_bounds.h"
#include "table/like_pattern.h"
#include "table/table.h"
#include "table/timestamp.h"

namespace cupel::table {
namespace {

// A table of text columns whose dictionaries are kept alive beside it.
struct Coded {
  explicit Coded(const Table& table) {
    batch.num_rows = table.num_rows();
    for (std::size_t i = 0; i < table.schema().fields.size(); ++i) {
      batch.columns.push_back(table.column(static_cast<int>(i)));
      if (batch.columns.back().type == Type::text) encode(batch.columns.back());
    }
  }
  void encode(Column& column) {
    auto& entries = *dictionaries.emplace_back(std::make_unique<ColumnBuilder>(Type::text));
    auto& numbers = *codes.emplace_back(std::make_unique<std::vector<std::int32_t>>());
    std::vector<std::string> known;
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      const std::string value = value_text(column, row);
      const auto at = std::find(known.begin(), known.end(), value);
      numbers.push_back(column.is_null(row) ? 12345678 : static_cast<std::int32_t>(at - known.begin()));
      if (at == known.end() && !column.is_null(row)) known.push_back(value);
    }
    for (const std::string& value : known) entries.append(std::string_view(value));
    views.push_back(std::make_unique<Column>(entries.view()));
    column.codes = numbers.data();
    column.dictionary = views.back().get();
    column.offsets = nullptr;
    column.bytes = nullptr;
  }
  Batch batch;
  std::vector<std::unique_ptr<ColumnBuilder>> dictionaries;
  std::vector<std::unique_ptr<std::vector<std::int32_t>>> codes;
  std::vector<std::unique_ptr<Column>> views;
};

Batch plain(const Table& table) {
  Batch batch;
  batch.num_rows = table.num_rows();
  for (std::size_t i = 0; i < table.schema().fields.size(); ++i) batch.columns.push_back(table.column(static_cast<int>(i)));
  return batch;
}

// '1', '0' and '?' for each row.
std::string answers(const Expression& expression, const Schema& schema, const Batch& batch) {
  std::vector<int> slots;
  for (const std::string& name : expression.columns()) slots.push_back(*schema.find(name));
  std::vector<std::uint8_t> truth(static_cast<std::size_t>(batch.num_rows), 77);
  expression.evaluate(batch, slots, truth.data());
  std::string text;
  for (const std::uint8_t value : truth)
    text += value == Expression::k_true ? '1' : value == Expression::k_false ? '0' : value == Expression::k_unknown ? '?' : '!';
  return text;
}

std::string answers(std::string_view text, const Table& table) {
  const Result<Expression> expression = Expression::parse(text, "");
  if (!expression) return expression.error().text();
  const Result<void> bound = expression->bind(table.schema());
  if (!bound) return bound.error().text();
  const std::string answer = answers(*expression, table.schema(), plain(table));
  // A second look: row by row, and over dictionaries, must say the same.
  const Coded coded(table);
  EXPECT_EQ(answers(*expression, table.schema(), coded.batch), answer) << text;
  std::string by_row;
  for (std::int64_t row = 0; row < table.num_rows(); ++row) {
    Batch one = plain(table);
    one.num_rows = 1;
    for (Column& column : one.columns) column = slice(column, row, 1);
    by_row += answers(*expression, table.schema(), one);
  }
  EXPECT_EQ(by_row, answer) << text;
  return answer;
}

Table table_of(std::vector<std::pair<std::string, ColumnBuilder>> columns) {
  Schema schema;
  std::vector<ColumnBuilder> builders;
  for (auto& [name, column] : columns) {
    schema.fields.push_back({name, column.type()});
    builders.push_back(std::move(column));
  }
  return {std::move(schema), std::move(builders)};
}

// Values as text, "-" for null.
ColumnBuilder column_of(Type type, const std::vector<std::string>& values) {
  ColumnBuilder column(type);
  for (const std::string& value : values) {
    if (value == "-") {
      column.append_null();
      continue;
    }
    switch (type) {
      case Type::boolean: column.append(value == "true" ? 1 : 0); break;
      case Type::integer: column.append(*parse_integer(value)); break;
      case Type::number: column.append(value == "nan" ? std::nan("") : *parse_number(value)); break;
      case Type::text: column.append(std::string_view(value)); break;
      case Type::timestamp: column.append(*parse_timestamp(value)); break;
    }
  }
  return column;
}

// The rows of tests/golden/table/make_expressions.py.
Table sqlite_rows() {
  return table_of(
      {{"a", column_of(Type::integer, {"1", "2", "-", "4", "5", "-3", "0", "7", "-", "2", "9007199254740993", "-1"})},
       {"b", column_of(Type::integer, {"5", "-", "3", "4", "-7", "0", "9", "2", "-", "2", "1", "8"})},
       {"x", column_of(Type::number, {"0.5", "-1.25", "-", "4", "1e10", "2.75", "0", "-0.5", "-", "2", "9007199254740992", "100.125"})},
       {"s", column_of(Type::text, {"Tops", "Dresses", "-", "", "Jackets", "café", "日本語", " padded  ", "-", "Trend", "it's", "Tops"})},
       {"t", column_of(Type::text, {"tops", "", "Intimate", "-", "Jackets", "CAFE", "a_b%c", "padded", "-", "Trend", "its", "-"})}});
}

TEST(Expression, AnswersAsSqliteDoes) {
  const Result<std::string> file = read_file(fs::path(CUPEL_SOURCE_DIR) / "tests" / "golden" / "table" / "expressions.tsv");
  ASSERT_TRUE(file);
  const Table table = sqlite_rows();
  int checked = 0;
  for (const std::string_view line : split(*file, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const auto parts = split(line, '\t');
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(answers(parts[0], table), parts[1]) << parts[0];
    ++checked;
  }
  EXPECT_EQ(checked, 600);
}

TEST(Expression, ThreeValuedLogicHasAllNineCases) {
  const Table table = table_of({{"p", column_of(Type::boolean, {"true", "true", "true", "false", "false", "false", "-", "-", "-"})},
                                {"q", column_of(Type::boolean, {"true", "false", "-", "true", "false", "-", "true", "false", "-"})}});
  EXPECT_EQ(answers("p and q", table), "10?000?0?");
  EXPECT_EQ(answers("p or q", table), "11110?1??");
  EXPECT_EQ(answers("not p", table), "000111???");
  EXPECT_EQ(answers("p = q", table), "10?01????");
  EXPECT_EQ(answers("p = true", table), "111000???");
  EXPECT_EQ(answers("(p and q) is null", table), "001000101");
}

TEST(Expression, ComparesIntegersAndNumbersByExactValue) {
  const Table table = table_of({{"i", column_of(Type::integer, {"9007199254740993", "9007199254740992", "-9223372036854775808", "3", "-"})},
                                {"x", column_of(Type::number, {"9007199254740992", "9007199254740992", "-1e30", "3.5", "1"})}});
  EXPECT_EQ(answers("i > x", table), "1010?");
  EXPECT_EQ(answers("x < i", table), "1010?");
  EXPECT_EQ(answers("i = x", table), "0100?");
  EXPECT_EQ(answers("i = 9007199254740992", table), "0100?");
  EXPECT_EQ(answers("i <= 3.5", table), "0011?");
  EXPECT_EQ(answers("x > 9007199254740991", table), "11000");
  EXPECT_EQ(answers("x in (3.5, 1)", table), "00011");
}

TEST(Expression, NanIsAValueThatNothingEquals) {
  const Table table = table_of({{"x", column_of(Type::number, {"nan", "1", "-"})}});
  EXPECT_EQ(answers("x = x", table), "01?");
  EXPECT_EQ(answers("x != 1", table), "10?");
  EXPECT_EQ(answers("x < 1 or x >= 1", table), "01?");
  EXPECT_EQ(answers("x is null", table), "001");
  EXPECT_EQ(answers("x in (1)", table), "01?");
  EXPECT_EQ(answers("x in (1, 2.5)", table), "01?");
}

TEST(Expression, ADivisionByZeroIsUnknown) {
  const Table table = table_of({{"x", column_of(Type::number, {"0", "2"})}});
  EXPECT_EQ(answers("1 / x > 0", table), "?1");
  EXPECT_EQ(answers("7 % x = 1", table), "?1");
  EXPECT_EQ(answers("-7 % 3 = -1", table), "11");
}

TEST(Expression, IntegersDivideToNumbers) {
  const Table table = table_of({{"i", column_of(Type::integer, {"5"})}});
  EXPECT_EQ(answers("i / 2 = 2.5", table), "1");
}

TEST(Expression, TimestampsCompareWithIsoDates) {
  const Table table = table_of({{"at", column_of(Type::timestamp, {"2026-11-20", "2026-11-20T14:03:07.5Z", "1969-12-31T23:59:59Z", "-"})},
                                {"of", column_of(Type::timestamp, {"2026-11-21", "2026-11-20", "-", "-"})}});
  EXPECT_EQ(answers("at = '2026-11-20'", table), "100?");
  EXPECT_EQ(answers("'2026-11-20T12:00' < at", table), "010?");
  EXPECT_EQ(answers("at between '2026-01-01' and '2026-12-31'", table), "110?");
  EXPECT_EQ(answers("at in ('2026-11-20', '2026-11-20T15:03:07.5+01:00')", table), "110?");
  EXPECT_EQ(answers("at <= of", table), "10??");
  EXPECT_EQ(answers("date_trunc('day', at) = '2026-11-20'", table), "110?");
  EXPECT_EQ(answers("date_trunc('MONTH', at) = '2026-11-01'", table), "110?");
  EXPECT_EQ(answers("date_trunc('week', at) = '2026-11-16'", table), "110?");
  EXPECT_EQ(answers("date_trunc('year', at) = '1969-01-01'", table), "001?");
  EXPECT_EQ(answers("coalesce(of, '2000-01-01') < at", table), "010?");
}

// Truth: Python's datetime and date.isocalendar.
TEST(Expression, TimesHavePartsAndDistances) {
  const Table table = table_of({{"at", column_of(Type::timestamp, {"2026-11-20", "2026-11-22T14:03:07.5Z", "1969-12-31T23:59:59Z", "2024-12-30", "-"})},
                                {"said", column_of(Type::text, {"2026-11-21", "soon", "1970-01-01T12:00:00+02:00", "2025-01-01", "2020-01-01"})}});
  EXPECT_EQ(answers("date_part('year', at) = 2026", table), "1100?");
  EXPECT_EQ(answers("date_part('quarter', at) = 4 and date_part('month', at) >= 11", table), "1111?");
  EXPECT_EQ(answers("date_part('day', at) in (20, 31)", table), "1010?");
  EXPECT_EQ(answers("date_part('weekday', at) = 5", table), "1000?");
  EXPECT_EQ(answers("date_part('weekday', at) = 7 or date_part('weekday', at) = 3", table), "0110?");
  EXPECT_EQ(answers("date_part('week', at) = 1", table), "0011?");
  EXPECT_EQ(answers("date_part('hour', at) = 14 and date_part('minute', at) = 3 and date_part('second', at) = 7", table), "0100?");
  EXPECT_EQ(answers("date_diff('day', at, said) = 1", table), "1?00?");
  EXPECT_EQ(answers("date_diff('hour', at, said) between 10 and 48", table), "1?11?");
  EXPECT_EQ(answers("date_diff('week', '2026-11-13', at) = 1", table), "1000?");
  EXPECT_EQ(answers("date_add('day', 2, at) = '2026-11-22'", table), "1000?");
  EXPECT_EQ(answers("date_add('second', 0.5, at) = '1969-12-31T23:59:59.5Z'", table), "0010?");
  EXPECT_EQ(answers("date_trunc('year', said) = '2026-01-01'", table), "1?000");
}

TEST(Expression, RulesAreReadInAndOrAndNot) {
  const Table table = table_of({{"a", column_of(Type::boolean, {"true", "true", "true", "false", "false", "false", "-", "-", "-"})},
                                {"b", column_of(Type::boolean, {"true", "false", "-", "true", "false", "-", "true", "false", "-"})}});
  EXPECT_EQ(answers("not a or b", table), "10?1111??");
  EXPECT_EQ(answers("a implies b", table), "10?1111??");
  EXPECT_EQ(answers("if a then b", table), "10?1111??");
  EXPECT_EQ(answers("(not a or b) and (a or not b)", table), answers("if a then b else not b", table));
  EXPECT_EQ(answers("a implies b implies a", table), answers("not a or (not b or a)", table));
  EXPECT_EQ(answers("not (a implies b)", table), "01?0000??");
  EXPECT_EQ(answers("a or b implies b", table), answers("not (a or b) or b", table));
  EXPECT_EQ(answers("if a", table), "'if a' ends after 'a', expected 'then'");
  const Table named = table_of({{"if", column_of(Type::integer, {"1", "2"})}, {"then", column_of(Type::integer, {"1", "3"})}});
  EXPECT_EQ(answers("if = then", named), "10");
  EXPECT_EQ(answers("if in (2) or then is null", named), "01");
}

TEST(Expression, PartsOfTextAreFoundWithCase) {
  const Table table = table_of({{"s", column_of(Type::text, {"Tops", "tops", "café", "", "-"})}});
  EXPECT_EQ(answers("starts_with(s, 'T')", table), "1000?");
  EXPECT_EQ(answers("ends_with(s, 'ps')", table), "1100?");
  EXPECT_EQ(answers("contains(s, 'fé')", table), "0010?");
  EXPECT_EQ(answers("contains(s, '')", table), "1111?");
}

TEST(Expression, TextFunctionsKnowUnicode) {
  const Table table = table_of({{"s", column_of(Type::text, {"ÉCOLE", "straße", "ΣΟΦΟΣ", "\u00a0x\u3000", "-", "日本"})}});
  EXPECT_EQ(answers("lower(s) = 'école'", table), "1000?0");
  EXPECT_EQ(answers("upper(s) = 'STRASSE'", table), "0100?0");
  EXPECT_EQ(answers("lower(s) = 'σοφος'", table), "0010?0");
  EXPECT_EQ(answers("trim(s) = 'x'", table), "0001?0");
  EXPECT_EQ(answers("length(s) = 2", table), "0000?1");
  EXPECT_EQ(answers("s like '_本'", table), "0000?1");
  EXPECT_EQ(answers("regexp_like(s, '^.本$')", table), "0000?1");
  EXPECT_EQ(answers("regexp_like(s, 'STRA', 'i')", table), "0100?0");
}

TEST(Expression, RoundsHalfAwayFromZero) {
  const Table table = table_of({{"x", column_of(Type::number, {"2.5", "-2.5", "1234.5678", "-"})}});
  EXPECT_EQ(answers("round(x) = 3", table), "100?");
  EXPECT_EQ(answers("round(x) = -3", table), "010?");
  EXPECT_EQ(answers("round(x, 2) = 1234.57", table), "001?");
  EXPECT_EQ(answers("round(x, -2) = 1200", table), "001?");
}

TEST(Expression, KeywordsIgnoreCaseAndQuotedNamesDoNot) {
  const Table table = table_of({{"Review Text", column_of(Type::text, {"a", "-"})},
                                {"not", column_of(Type::integer, {"1", "2"})},
                                {"größe", column_of(Type::integer, {"1", "2"})}});
  EXPECT_EQ(answers("\"Review Text\" IS NOT NULL AND \"not\" In (1, NULL)", table), "10");
  EXPECT_EQ(answers("größe = 2", table), "01");
}

TEST(Expression, NamesItsColumnsInOrderOnce) {
  const auto expression = Expression::parse("b = 1 and a > b or \"c d\" is null", "");
  EXPECT_EQ(expression->columns(), (std::vector<std::string>{"b", "a", "c d"}));
}

TEST(Expression, AllOfJoinsTwoConditions) {
  const Table table = sqlite_rows();
  const auto left = Expression::parse("a > 0 or s = 'Trend'", "");
  const auto right = Expression::parse("t like '%s' and a < 5", "");
  const Expression both = Expression::all_of(*left, *right);
  EXPECT_EQ(both.text(), "(a > 0 or s = 'Trend') and (t like '%s' and a < 5)");
  EXPECT_EQ(both.columns(), (std::vector<std::string>{"a", "s", "t"}));
  EXPECT_EQ(answers(both, table.schema(), plain(table)), answers(both.text(), table));
  EXPECT_EQ(answers(both, table.schema(), Coded(table).batch), answers(both.text(), table));
  const Expression text_only = Expression::all_of(*Expression::parse("s = 'Tops'", ""), *Expression::parse("s is not null", ""));
  EXPECT_EQ(answers(text_only, table.schema(), Coded(table).batch), "100000000001");
}

TEST(Expression, AClashThatAppearsDuringTheScanIsUnknown) {
  const Table numbers = table_of({{"x", column_of(Type::integer, {"1", "2"})}});
  const Table texts = table_of({{"x", column_of(Type::text, {"1", "two"})}});
  const auto expression = Expression::parse("x < 2", "");
  EXPECT_TRUE(expression->bind(numbers.schema()));
  EXPECT_EQ(answers(*expression, texts.schema(), plain(texts)), "??");
}

TEST(Expression, AColumnWithoutValuesIsNullAndClashesWithNothing) {
  Schema schema{{{"a", Type::integer}, {"b", Type::text}}};
  const Table table(schema, {column_of(Type::integer, {"1", "-", "3"}), column_of(Type::text, {"-", "-", "-"})});
  schema.fields[1].no_values = true;
  const std::pair<std::string_view, std::string_view> k_cases[] = {
      {"b < 3", "???"},      {"b < 3 or a > 1", "??1"}, {"b < 3 and a > 1", "0??"},       {"not b = 3 or b is null", "111"},
      {"b + 1 > a", "???"},  {"b in (1, 2)", "???"},    {"coalesce(b, a, 7) = 7", "010"}, {"b > '2020-01-01'", "???"},
      {"b or a = 3", "??1"}, {"abs(b) = a", "???"}};
  for (const auto& [text, truth] : k_cases) {
    const auto expression = Expression::parse(text, "");
    EXPECT_TRUE(expression->bind(schema)) << text;
    EXPECT_EQ(answers(*expression, schema, plain(table)), truth) << text;
    EXPECT_EQ(answers(*expression, schema, Coded(table).batch), truth) << text;
  }
}

std::string error_of(std::string_view text) {
  Schema schema;
  schema.fields = {
      {"Rating", Type::integer}, {"Title", Type::text, Field::Example{3, "Some flaws"}}, {"at", Type::timestamp}, {"x", Type::number}};
  const Result<Expression> expression = Expression::parse(text, "suite.yaml:14:12");
  if (!expression) return expression.error().text();
  const Result<void> bound = expression->bind(schema);
  return bound ? "no error" : bound.error().text();
}

TEST(Expression, MistakesArePointedOutWithPlaceAndFragment) {
  const std::pair<std::string_view, std::string_view> k_cases[] = {
      {"Rating <= ", "'Rating <= ' ends after '<=', expected a value"},
      {"Rating <= 2 and", "'Rating <= 2 and' ends after 'and', expected a value"},
      {"", "the expression is empty, expected a condition such as 'Rating <= 2'"},
      {"Ratng <= 2", "unknown column 'Ratng' (nearest: 'Rating')"},
      {"Title < 3", "'Title < 3' compares text with a number: column 'Title' is text (row 3: 'Some flaws')"},
      {"Rating = '5'", "'Rating = '5'' compares a number with text: column 'Rating' is of type integer (write 5 without quotes)"},
      {"Rating", "column 'Rating' is of type integer, expected a condition such as 'Rating <= 2'"},
      {"Rating + 1", "'Rating + 1' is a number, expected a condition such as 'Rating <= 2'"},
      {"lenght(Title) > 3", "unknown function 'lenght' (nearest: 'length')"},
      {"length(Title, 3) > 3", "'length(Title, 3)' does not fit, expected length(text)"},
      {"1 < Rating < 3",
       "unexpected '<' after '1 < Rating', a comparison cannot be compared again (join two comparisons with 'and', or use 'between')"},
      {"Rating = 1 && x = 1", "unexpected '&' (write 'and')"},
      {"(Rating = 1", "'(Rating = 1' ends after '1', expected ')'"},
      {"Rating in (1, x)", "'x' in a list of 'in', expected a value such as 3 or 'text'"},
      {"Rating in ()", "unexpected ')' after '(' in 'Rating in ()', expected a value"},
      {"at > 'yesterday'", "'yesterday' is not a timestamp, expected one such as '2026-11-20' or '2026-11-20T14:03:07Z'"},
      {"at + 1 > x", "column 'at' is of type timestamp in 'at + 1', expected a number"},
      {"date_diff('month', at, at) > 1", "'date_diff('month', at, at)' does not fit, expected date_diff('day', from, to), a unit from second to week"},
      {"date_part('day', Rating) = 1", "column 'Rating' is of type integer in 'date_part('day', Rating)', expected a timestamp"},
      {"date_diff('day', at, 'soon') > 1", "'soon' is not a timestamp, expected one such as '2026-11-20' or '2026-11-20T14:03:07Z'"},
      {"regexp_like(Title, '(')", "pattern '(' is not a regular expression: missing ): ("},
      {"Title = 'abc", "the quote before 'abc' is never closed"},
      {"Rating = 12abc", "unexpected 'abc' after '12' in 'Rating = 12abc', expected 'and', 'or' or the end"},
      {"Rating is 5", "unexpected '5' after 'is' in 'Rating is 5', expected 'null' or 'not null'"},
      {"not Rating", "column 'Rating' is of type integer in 'not Rating', expected a condition"},
      {"Title like 'a!' escape '!'", "pattern 'a!' ends after its escape character '!'"},
      {"x > 1e999", "number '1e999' is out of range"},
      {"x = 1; drop", "unexpected ';'"},
  };
  for (const auto& [text, message] : k_cases) EXPECT_EQ(error_of(text), "suite.yaml:14:12: " + std::string(message));
}

std::string repeated(std::string_view part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Expression, HostileDepthAndLengthAreRefused) {
  const std::string_view too_deep = "nested deeper than 200 levels";
  EXPECT_NE(error_of(repeated("(", 30000) + "x = 1" + repeated(")", 30000)).find(too_deep), std::string::npos);
  EXPECT_NE(error_of(repeated("not ", 10000) + "x = 1").find(too_deep), std::string::npos);
  EXPECT_NE(error_of("x = " + repeated("- ", 30000) + "x").find(too_deep), std::string::npos);
  EXPECT_NE(error_of("x = 1" + repeated(" + 1", 10000)).find(too_deep), std::string::npos);
  EXPECT_NE(error_of("x = " + repeated("abs(", 10000) + "x" + repeated(")", 10000)).find(too_deep), std::string::npos);
  EXPECT_NE(error_of(repeated("x = 1 and ", 10000) + "x = 1").find("at most 65536 are taken"), std::string::npos);
  EXPECT_NE(error_of("Title = '\xff'").find("not UTF-8"), std::string::npos);
}

TEST(Expression, LongChainsAndListsAreNotDeep) {
  EXPECT_EQ(error_of(repeated("x = 1 or ", 5000) + "x = 1"), "no error");
  EXPECT_EQ(error_of("Rating in (1" + repeated(", 2", 9000) + ")"), "no error");
  EXPECT_EQ(error_of(repeated("(", 80) + "x = 1" + repeated(")", 80)), "no error");
}

TEST(LikePattern, DoesNotExplodeOnHostilePatterns) {
  const auto like = LikePattern::make(repeated("%a_", 300) + "b");
  EXPECT_FALSE(like->matches(repeated("a", 20000)));
}

// Over random parts of a table, with NaN, nulls and integers beyond 2^53: what bounds call impossible is true in no row.
TEST(Expression, BoundsNeverExcludeATruth) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::int64_t huge = (std::int64_t{1} << 53) + 1;
  const Schema schema{{{"i", Type::integer}, {"x", Type::number}, {"t", Type::text}, {"b", Type::boolean}, {"at", Type::timestamp}}};
  int excluded = 0;
  int missed = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    Random random(3, "bounds", round);
    const auto pick = [&](const std::vector<std::string>& words) { return words[random.below(words.size())]; };
    const std::uint64_t kind_of_nulls = random.below(3);
    const std::int64_t base = random.below(8) == 0 ? huge : static_cast<std::int64_t>(random.below(6));
    std::vector<ColumnBuilder> columns;
    std::vector<ColumnBounds> all;
    for (const Field& field : schema.fields) {
      ColumnBuilder column(field.type);
      ColumnBuilder ends(field.type);
      const bool empty = random.below(8) == 0;
      std::vector<std::pair<double, std::int64_t>> order;
      std::vector<std::pair<std::string, std::int64_t>> texts;
      for (std::int64_t row = 0; row < 4; ++row) {
        if (empty || (kind_of_nulls == 0 && random.below(3) == 0)) {
          column.append_null();
          continue;
        }
        const std::int64_t value = base + static_cast<std::int64_t>(random.below(3));
        switch (field.type) {
          case Type::boolean: column.append(value % 2); break;
          case Type::number: column.append(random.below(5) == 0 ? nan : static_cast<double>(value) + 0.5 * static_cast<double>(random.below(2))); break;
          case Type::text: column.append(std::string(1, static_cast<char>('a' + value % 4)) + pick({"", "b"})); break;
          case Type::timestamp: column.append((base == huge ? value - base : value) * 86'400'000'000); break;
          default: column.append(value);
        }
        const Column view = column.view();
        if (field.type == Type::text) {
          texts.emplace_back(view.text(row), row);
        } else if (field.type == Type::number) {
          if (!std::isnan(view.numbers()[row])) order.emplace_back(view.numbers()[row], row);
        } else {
          order.emplace_back(field.type == Type::boolean ? view.booleans()[row] : static_cast<double>(view.integers()[row] - base), row);
        }
      }
      ColumnBounds bounds;
      bounds.may_be_null = false;
      bounds.may_have_value = false;
      const Column view = column.view();
      for (std::int64_t row = 0; row < 4; ++row) (view.is_null(row) ? bounds.may_be_null : bounds.may_have_value) = true;
      if (!order.empty() || !texts.empty()) {
        const bool text = order.empty();
        ends.append_from(view, text ? std::min_element(texts.begin(), texts.end())->second : std::min_element(order.begin(), order.end())->second);
        ends.append_from(view, text ? std::max_element(texts.begin(), texts.end())->second : std::max_element(order.begin(), order.end())->second);
        bounds.range = std::make_shared<const ColumnBuilder>(std::move(ends));
      }
      columns.push_back(std::move(column));
      all.push_back(std::move(bounds));
    }
    const Table part(schema, std::move(columns));
    const std::function<std::string(int)> condition = [&](int depth) -> std::string {
      if (depth > 0 && random.below(3) > 0) {
        const std::string left = condition(depth - 1);
        const std::string right = condition(depth - 1);
        switch (random.below(5)) {
          case 0: return "(" + left + " and " + right + ")";
          case 1: return "(" + left + " or " + right + ")";
          case 2: return "(" + left + " implies " + right + ")";
          default: return "not (" + left + ")";
        }
      }
      const std::string op = pick({"<", "<=", "=", "!=", ">", ">="});
      const std::string number = pick({"0", "1", "2.5", "4", "5.5", "7", "9007199254740992", "9007199254740993", "9007199254740994.0", "null"});
      switch (random.below(9)) {
        case 0: return pick({"i", "x"}) + " " + op + " " + number;
        case 1: return number + " " + op + " " + pick({"i", "x"});
        case 2: return "t " + op + " '" + pick({"", "a", "ab", "b", "c", "zz"}) + "'";
        case 3: return "at " + op + " '" + pick({"1970-01-01", "1970-01-03", "1970-01-06T12:00:00Z"}) + "'";
        case 4: return pick({"i", "x", "t", "b", "at"}) + pick({" is null", " is not null"});
        case 5: return pick({"i", "x"}) + pick({" in (", " not in ("}) + number + ", 3, 9007199254740993)";
        case 6: return pick({"i", "x"}) + pick({" between ", " not between "}) + "2 and 4.5";
        case 7: return "starts_with(t, '" + pick({"", "a", "ab", "c", "z"}) + "')";
        default: return "b";
      }
    };
    const std::string text = condition(3);
    const auto expression = Expression::parse(text, "test");
    if (!expression || !expression->bind(schema)) continue;
    std::vector<ColumnBounds> bounds;
    std::vector<int> slots;
    Batch batch{0, 4, {}};
    for (const std::string& name : expression->columns()) {
      const int field = *schema.find(name);
      slots.push_back(static_cast<int>(slots.size()));
      batch.columns.push_back(part.column(field));
      bounds.push_back(all[static_cast<std::size_t>(field)]);
    }
    std::uint8_t truth[4];
    expression->evaluate(batch, slots, truth);
    const bool is_true = std::find(truth, truth + 4, static_cast<std::uint8_t>(Expression::k_true)) != truth + 4;
    const bool can_be_true = expression->can_be_true(bounds);
    EXPECT_TRUE(can_be_true || !is_true) << text << " in round " << round;
    if (testing::Test::HasFailure()) return;
    excluded += can_be_true ? 0 : 1;
    missed += can_be_true && !is_true ? 1 : 0;
  }
  EXPECT_GT(excluded, 2'000) << "and " << missed << " are true in no row";
}

}  // namespace
}  // namespace cupel::table
