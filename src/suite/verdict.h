#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "states/row_list.h"

namespace cupel::suite {

enum class Verdict {
  pass,
  fail,
  inconclusive,  ///< the interval straddles the limit: more rows would decide
  error,         ///< could not be evaluated: zero rows, a text column where numbers are needed
};
std::string_view verdict_name(Verdict verdict);

/// What a failed expectation means for the exit status: `error` fails the run, `warn` only under `--strict`.
enum class Severity { error, warn };
std::string_view severity_name(Severity severity);

/// A row that an expectation did not expect; rows count from 0, the header is not a row.
struct Example {
  std::int64_t row = 0;
  std::string value;
  Json key{};  ///< values of the key columns by name, as text; a null is left out; null: no key was asked for
};

struct Unexpected {
  std::int64_t count = 0;
  double share = 0;               ///< of rows_tested
  std::vector<Example> examples;  ///< the first few, in row order
};

/// Two-sided unless an end is infinite; `confidence` in (0, 1).
struct Interval {
  double low = 0;
  double high = 0;
  double confidence = 0.95;
};

/// How much it matters: a named effect size against the margin that was stated.
struct Effect {
  std::string name;
  double value = 0;
  std::optional<double> margin;
};

/// What became of one expectation. Absent facts are left out of every printed form, never null-filled or invented.
struct Outcome {
  std::string id;
  std::string subject;
  std::vector<std::string> columns;
  std::string predicate;  ///< "at_most"; empty when the subject needs none
  std::string where;      ///< expression text; empty: all rows
  std::string group_of{};    ///< with `by`: id of the expectation as stated; empty: not one of several groups
  std::string group_name{};  ///< "Department Name = Tops"
  Json group{};              ///< values by column, as text; null: absent
  Severity severity = Severity::error;
  Verdict verdict = Verdict::error;
  Json observed;          ///< a number, text or list; null: absent
  Json limit;             ///< as resolved: shares in [0, 1]; null: absent
  std::optional<std::int64_t> rows_tested;
  std::optional<Unexpected> unexpected;
  std::optional<Interval> interval;
  std::optional<double> p_value;
  std::optional<Effect> effect;
  std::optional<double> false_alarm_rate;
  std::optional<std::string> detectable;
  std::string because;
  Json derived;           ///< as the suite states it; null: absent
  std::string message;    ///< one line for people: what was seen against what was expected
  Json chart;             ///< facts for a picture, see docs/formats.md; null: absent

  /// All unexpected rows, ascending: for `--rows`, never printed as a whole.
  states::RowList unexpected_rows;

  void pass_if(bool holds) { verdict = holds ? Verdict::pass : Verdict::fail; }
  /// Verdict error with this message.
  void cannot(std::string why);
};

struct Counts {
  int pass = 0;
  int fail = 0;
  int inconclusive = 0;
  int error = 0;
  int warned = 0;  ///< of the failed ones: severity warn
};

/// The result of a suite: the record behind terminal, JSON, JUnit and HTML.
struct Report {
  std::string kind = "data";  ///< "data", "model", "drift" or "ab"
  std::string suite;
  std::string about;
  struct Data {
    std::string path;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::string digest;  ///< sha256, hexadecimal
    std::string note;    ///< e.g. that the rows were generated; empty: absent
  };
  Data data;
  std::optional<Data> reference;
  /// Rows that were drawn: every verdict is about them alone.
  struct Sample {
    std::int64_t rows = 0;
    std::int64_t of_rows = 0;
    std::uint64_t seed = 0;
  };
  std::optional<Sample> sample;
  std::vector<std::string> notes;  ///< what else the reader should know, a sentence each
  Json extra;  ///< further facts of the kind of suite (model id, unit, split …); an object or null
  std::uint64_t seed = 0;
  std::string started;
  double seconds = 0;
  std::vector<Outcome> results;

  /// Rows before each chunk of the scan: for a later scan of the same source, never printed.
  std::vector<std::int64_t> rows_before;

  Counts counts() const;
  /// fail before error before inconclusive before pass; warnings do not fail a suite.
  Verdict verdict() const;
  /// DESIGN §2: 2 if some expectation is `error`, else 1 if one of severity error failed (strict: or warned, or is inconclusive).
  enum class Strict { no, yes };
  int exit_status(Strict strict) const;
};

}  // namespace cupel::suite
