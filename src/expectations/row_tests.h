#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "states/row_check.h"
#include "suite/predicate.h"
#include "table/expression.h"
#include "table/regular_expression.h"

namespace cupel::expectations {

/// Tests that say of every row whether it is as expected; null values are skipped (truth unknown). Immutable: threads share them.

/// A number against limits that are numbers. A text column gives unknown for every row; the caller reports it by type.
std::shared_ptr<const states::RowTest> number_test(suite::Predicate predicate);

/// A text against limits that are text: equality, order (bytewise), membership.
Result<std::shared_ptr<const states::RowTest>> text_test(const suite::Predicate& predicate);

/// Any yes-or-no question about the text of a value. Dictionary entries are asked once.
std::shared_ptr<const states::RowTest> text_question(std::function<bool(std::string_view)> question);

/// Any yes-or-no question about a number; text gives unknown.
std::shared_ptr<const states::RowTest> number_question(bool (*question)(double));

/// The pattern of `match` or `not_match`, or an error that names it.
Result<std::shared_ptr<const re2::RE2>> regular_expression(const suite::Predicate& predicate);

/// A measure of the text (characters, words) against limits that are numbers.
std::shared_ptr<const states::RowTest> measure_test(std::int64_t (*measure)(std::string_view), suite::Predicate predicate);

/// The first column against the second in the same row, by one of equals … more_than; numbers as numbers, else as text.
std::shared_ptr<const states::RowTest> column_test(std::string_view predicate_name);

/// A whole expression; slots are those of its columns.
std::shared_ptr<const states::RowTest> expression_test(table::Expression expression);

/// Words of a text: runs of characters other than white space (Unicode's White_Space) that hold a letter, a digit or a character beyond
/// ASCII. "it's 5 - 6" has three.
std::int64_t count_words(std::string_view utf8);

}  // namespace cupel::expectations
