#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/batch.h"

namespace cupel::table {

struct ColumnBounds;

/// A boolean expression over the rows of a table, SQL-like with SQL's three-valued logic (DESIGN §3):
/// `Rating <= 2 and "Review Text" is not null`, `length(Title) between 1 and 80`, `Division in ('General', 'Petite')`.
/// Parsed once, bound to a schema, then evaluated batch by batch. Immutable after bind: threads may share it.
///
/// - Names: bare (letters, digits, _) or in double quotes, a doubled quote for one. Text: 'it''s'. Keywords and functions in any case.
/// - Comparisons = == != <> < <= > >=, in, between, is [not] null, like (% and _, with case; `escape '!'`), and or not; + - * / %.
/// - Rules: `a implies b` is `not a or b`, `if a then b` the same, `if a then b else c` both of `a implies b` and `a or c`. They bind
///   weaker than `or`; a chain of `implies` is read from the right.
/// - length lower upper trim (Unicode) abs round(x[, digits]) (half away from zero) coalesce regexp_like(text, 'RE2 pattern'[, 'i'])
///   starts_with ends_with contains (of a text and a literal, with case).
/// - Times: date_trunc('second' … 'week' … 'year', timestamp), date_part('year', timestamp) (also 'weekday', 1 for Monday; ISO weeks),
///   date_diff('day', from, to) (second to week; a fraction), date_add('hour', 36, timestamp) (second to week). All in UTC. They also
///   take text, which is read as ISO 8601 and null where it is none. There is no `now`: the same rows give the same answer on every day.
/// - Integers compare exactly, also with numbers; arithmetic is in double, so 5 / 2 = 2.5; a division by zero is null. NaN equals nothing
///   and is neither below nor above anything. Text compares bytewise; text beside a timestamp must be an ISO 8601 date or instant.
/// - Text longer than 64 KiB or nested deeper than 200 levels is refused.
class Expression {
 public:
  /// Parses. `place` ("suite.yaml:14:12") stands in front of errors, which point into the text:
  /// `suite.yaml:14:12: 'Rating <= ' ends after '<=', expected a value`.
  static Result<Expression> parse(std::string_view text, std::string_view place);
  /// `(a) and (b)`.
  static Expression all_of(const Expression& a, const Expression& b);

  Expression(const Expression&);
  Expression(Expression&&) noexcept;
  Expression& operator=(const Expression&);
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  const std::string& text() const;
  /// The columns that it names, in order of appearance, each once.
  const std::vector<std::string>& columns() const;

  /// Checks names and types (unknown column: nearest named; `Title < 3` on text: error) against the schema. Types may widen during a
  /// scan (see Field), so evaluation looks at each batch's column types and bind is called again after a scan.
  Result<void> bind(const Schema& schema) const;

  enum : std::uint8_t { k_false = 0, k_true = 1, k_unknown = 2 };
  /// Truth of every row of the batch into `truth` (batch.num_rows bytes). `slots[i]` is the position in batch.columns of columns()[i].
  /// A type clash that bind would report gives k_unknown.
  void evaluate(const Batch& batch, std::span<const int> slots, std::uint8_t* truth) const;

  /// Whether it can be true for some row of a part of the table of which these bounds of columns() are known; the types are those that it was
  /// bound to. False is certain, true is not. Decided by comparisons of a column with a literal, `in`, `between`, `is null`, `starts_with`
  /// and columns of booleans, below any `and`, `or`, `not` and rule; of everything else any truth is assumed.
  bool can_be_true(std::span<const ColumnBounds> bounds) const;

  struct Node;

 private:
  explicit Expression(std::shared_ptr<const Node> root);
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const std::string> text_;
  std::vector<std::string> columns_;
  std::string place_;
};

}  // namespace cupel::table
