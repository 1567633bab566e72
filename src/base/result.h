#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace cupel {

/// Whose turn it is after an error; decides the exit status at the frontier (DESIGN §2).
enum class ErrorKind {
  invalid,          ///< a usage, file, suite or data mistake: exit status 2
  not_found,        ///< a named thing (file, model, run) is not there: exit status 2
  corrupt,          ///< bytes do not match their digest or format: exit status 2
  io,               ///< the system refused (permission, no space): exit status 2
  too_little_data,  ///< fewer records than configured: exit status 75
  interrupted,      ///< SIGINT or SIGTERM: exit status 130 or 143
};

/// A user's mistake or the world's failure, never our own bug (that is CHECK).
/// Message grammar: lower case, fact first, then value, then what was expected, no full stop.
struct [[nodiscard]] Error {
  std::string message;               ///< complete, with place in front: `suite.yaml:14:7: unknown column 'Agee'`
  std::string hint;                  ///< what to do, one line; empty when unknown
  ErrorKind kind = ErrorKind::invalid;

  /// The message, then the hint in parentheses.
  std::string text() const { return hint.empty() ? message : message + " (" + hint + ")"; }
};

/// What a function that can fail returns.
template <typename T = void>
using Result = tl::expected<T, Error>;

/// `return fail("row {} has {} fields", r, n);`
template <typename... Args>
tl::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...), {}, ErrorKind::invalid});
}
template <typename... Args>
tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(format, std::forward<Args>(args)...), {}, kind});
}
/// The same with a hint.
inline tl::unexpected<Error> fail_with_hint(std::string message, std::string hint, ErrorKind kind = ErrorKind::invalid) {
  return tl::unexpected<Error>(Error{std::move(message), std::move(hint), kind});
}

/// Exit status of an error of this kind (DESIGN §2).
int exit_status(ErrorKind kind);

}  // namespace cupel

#define CUPEL_CONCAT_(a, b) a##b
#define CUPEL_CONCAT(a, b) CUPEL_CONCAT_(a, b)

/// Passes an error on: `TRY(write_file(...));`
#define TRY(expression)                                                       \
  do {                                                                        \
    auto cupel_result_ = (expression);                                        \
    if (!cupel_result_) return tl::unexpected<::cupel::Error>(std::move(cupel_result_.error())); \
  } while (false)

/// Takes the value or passes the error on: `ASSIGN_OR_RETURN(auto text, read_file(path));`
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_(CUPEL_CONCAT(cupel_result_, __COUNTER__), declaration, expression)
#define ASSIGN_OR_RETURN_(result, declaration, expression)                              \
  auto result = (expression);                                                           \
  if (!result) return tl::unexpected<::cupel::Error>(std::move(result.error()));        \
  declaration = std::move(*result)
