// What holds for free text and codes: shape, length, words, kinds of characters, repetition.

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "base/yaml.h"
#include "prove/candidate.h"
#include "prove/forecast.h"
#include "prove/limit_text_internal.h"
#include "prove/value_pattern.h"
#include "stats/prediction.h"
#include "stats/sample_moments.h"

namespace cupel::prove {
namespace {

/// A question about a text that errors of writing, casing and encoding change the answer of.
struct Trait {
  std::string_view what;
  std::string_view pattern;  ///< RE2
  bool (*shows)(std::string_view text);
  std::string_view because;
};

bool any(std::string_view text, bool (*is)(unsigned char)) {
  return std::ranges::any_of(text, [is](char c) { return is(static_cast<unsigned char>(c)); });
}
bool is_small(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_wide(unsigned char c) { return c >= 0x80; }
bool is_space(unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); }
bool is_sign(unsigned char c) { return c > ' ' && c < 0x7f && !is_small(c) && !is_capital(c) && !is_digit(c); }

bool small_capital(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (is_small(static_cast<unsigned char>(text[i - 1])) && is_capital(static_cast<unsigned char>(text[i]))) return true;
  }
  return false;
}
bool letter_digit_letter(std::string_view text) {
  const auto letter = [](char c) { return is_small(static_cast<unsigned char>(c)) || is_capital(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (is_digit(static_cast<unsigned char>(text[i])) && letter(text[i - 1]) && letter(text[i + 1])) return true;
  }
  return false;
}
bool sign_in_word(std::string_view text) {
  const auto letter = [](char c) { return is_small(static_cast<unsigned char>(c)) || is_capital(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_sign(c) && c != '\'' && c != '-' && letter(text[i - 1]) && letter(text[i + 1])) return true;
  }
  return false;
}

const Trait k_traits[] = {
    {"small letters", "[a-z]", [](std::string_view t) { return any(t, is_small); }, "Text in capitals alone comes from another system."},
    {"capitals", "[A-Z]", [](std::string_view t) { return any(t, is_capital); }, "Text without capitals comes from another system."},
    {"begins with a capital", "^[A-Z]", [](std::string_view t) { return !t.empty() && is_capital(static_cast<unsigned char>(t[0])); }, "How texts begin tells who writes them, and whether they are cut."},
    {"digits", "[0-9]", [](std::string_view t) { return any(t, is_digit); }, "Digits that come or go are another content."},
    {"beyond ASCII", "[^\\x00-\\x7F]", [](std::string_view t) { return any(t, is_wide); }, "Letters beyond ASCII come and go with the encoding."},
    {"blank at an edge", "^\\s|\\s$", [](std::string_view t) { return !t.empty() && (is_space(static_cast<unsigned char>(t.front())) || is_space(static_cast<unsigned char>(t.back()))); },
     "White space at the edges breaks joins and counts as a value of its own."},
    {"ends a sentence", "[.!?]$", [](std::string_view t) { return !t.empty() && (t.back() == '.' || t.back() == '!' || t.back() == '?'); }, "Texts that no longer end as sentences do are cut."},
    {"spaces", "\\s", [](std::string_view t) { return any(t, is_space); }, "Words that run together or codes that fall apart are read otherwise."},
    {"punctuation", "[!-/:-@\\[-`{-~]", [](std::string_view t) { return any(t, is_sign); }, "Punctuation that comes or goes is another way of writing or of cleaning."},
    {"capital within a word", "[a-z][A-Z]", small_capital, "Capitals within words are typing errors or lost spaces."},
    {"digit within a word", "[A-Za-z][0-9][A-Za-z]", letter_digit_letter, "Digits within words are errors of recognition or damage."},
    {"sign within a word", "[A-Za-z][!-&(-,./:-@\\[-`{-~][A-Za-z]", sign_in_word, "Signs within words are damage."},
};

/// The two expectations that hold a share within limits: of rows that match, and of rows that do not.
void add_share(const Seen& seen, int field, const std::string& what, const SeenShare& share, std::vector<std::string> holds, std::vector<std::string> fails, std::string because,
               std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  SeenShare without = share;
  without.count = share.tested - share.count;
  for (std::size_t i = 0; i < without.batch_counts.size(); ++i) without.batch_counts[i] = without.batch_tested[i] - without.batch_counts[i];
  const auto add = [&](const SeenShare& unmet, std::vector<std::string> lines, const std::string& name) {
    if (unmet.share() > 0.97) return;  // says next to nothing
    all.push_back({.column = facts.name, .what = name, .entry = [&seen, unmet, lines = std::move(lines), because](double alpha) -> std::optional<Entry> {
      const Forecast forecast = share_forecast(seen.history, unmet, alpha, 1);
      if (forecast.high >= 1) return std::nullopt;
      std::vector<std::string> written = lines;
      if (forecast.high > 0) written.push_back(mostly_line(forecast.high));
      return Entry{std::move(written), because, "unmet by " + forecast.method};
    }});
  };
  add(without, std::move(holds), what);
  add(share, std::move(fails), "no " + what);
}

void add_lengths(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  const table::Column column = seen.column(field);
  const std::string name = yaml::quote(facts.name);
  const auto length = [&](std::int64_t row) -> std::optional<double> {
    if (column.is_null(row)) return std::nullopt;
    return static_cast<double>(count_code_points(column.text(row)));
  };
  const SeenNumbers lengths = seen_numbers(seen.history, length);
  if (lengths.sorted.front() == lengths.sorted.back()) {
    add_share(seen, field, "length", seen_share(seen.history, [&](std::int64_t row) { return column.is_null(row) ? std::nullopt : std::optional(true); }),
              {"lengths: " + name, "equals: " + exact_text(lengths.sorted.front())}, {"lengths: " + name, "not_equals: " + exact_text(lengths.sorted.front())}, "All texts had this length.", all);
    return;
  }
  double before = -1;
  for (const double p : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99}) {
    const double split = std::floor(stats::sorted_quantile(lengths.sorted, p));
    if (split == before || split <= 0) continue;
    before = split;
    const SeenShare longer = seen_share(seen.history, [&](std::int64_t row) -> std::optional<bool> {
      const auto here = length(row);
      return here ? std::optional(*here > split) : std::nullopt;
    });
    add_share(seen, field, fmt::format("longer than {}", number_text(split)), longer, {"lengths: " + name, "more_than: " + exact_text(split)}, {"lengths: " + name, "at_most: " + exact_text(split)},
              "Texts that are cut, padded or joined change their lengths.", all);
  }
  const auto n = static_cast<std::int64_t>(lengths.sorted.size());
  all.push_back({.column = facts.name, .what = "length range", .entry = [&seen, name, n, low = lengths.sorted.front(), high = lengths.sorted.back()](double alpha) -> std::optional<Entry> {
    if (seen.history.has_batches()) return std::nullopt;  // the splits above are predicted from the batches
    const std::int64_t next = next_tested(seen.history, n);
    const std::int64_t most = stats::outside_prediction(n, 0, next, alpha);
    const double outside = static_cast<double>(most) / static_cast<double>(next);
    if (outside >= 0.5) return std::nullopt;
    std::vector<std::string> lines{"lengths: " + name, fmt::format("between: [{}, {}]", exact_text(low), exact_text(high))};
    if (most > 0) lines.push_back(mostly_line(outside));
    return Entry{std::move(lines), "No text was shorter or longer.", fmt::format("{} texts; at most {} of {} next ones outside, for every distribution", with_thousands(n), most, with_thousands(next))};
  }});
}

void add_repetition(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  const table::Column column = seen.column(field);
  std::unordered_map<std::string_view, std::int64_t> counts;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row)) ++counts[column.text(row)];
  }
  std::vector<std::int64_t> frequencies;
  for (const auto& [text, count] : counts) frequencies.push_back(count);
  std::ranges::sort(frequencies);
  std::vector<double> of_batches;
  for (const auto& batch : seen.history.batches) {
    std::unordered_map<std::string_view, int> here;
    for (const std::int64_t row : batch) {
      if (!column.is_null(row)) here[column.text(row)] = 1;
    }
    of_batches.push_back(static_cast<double>(here.size()));
  }
  all.push_back({.column = facts.name, .what = "distinct", .entry = [&seen, &facts, frequencies, of_batches](double alpha) -> std::optional<Entry> {
    const std::int64_t next = std::min(next_tested(seen.history, facts.present()), facts.present());
    const stats::Interval limits = stats::distinct_prediction(frequencies, next, alpha);
    const Forecast forecast = level_forecast(seen.history, {limits.low, limits.high, fmt::format("{} different among {} texts; rarefied to the next batch, with a bound for every distribution", with_thousands(facts.distinct), with_thousands(facts.present()))},
                                             of_batches, alpha);
    const double low = std::max(1.0, std::floor(forecast.low));
    const double high = std::ceil(std::min(forecast.high, static_cast<double>(seen.history.next_rows)));
    if (low <= 1 && high >= static_cast<double>(seen.history.next_rows)) return std::nullopt;
    return Entry{{"distinct: " + yaml::quote(facts.name), fmt::format("between: [{}, {}]", exact_text(low), exact_text(high))}, "Texts that repeat more than before are copies or defaults.", forecast.method};
  }});
}

}  // namespace

void add_text_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const ColumnFacts& facts = seen.of(field);
  const table::Column column = seen.column(field);
  const std::string name = yaml::quote(facts.name);
  std::vector<std::string_view> texts;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row)) texts.push_back(column.text(row));
  }
  if (texts.size() < 20) return;
  if (const auto pattern = induced_pattern(texts)) {
    const SeenShare always = seen_share(seen.history, [&](std::int64_t row) { return column.is_null(row) ? std::nullopt : std::optional(true); });
    add_share(seen, field, "shape", always, {"values: " + name, "match: " + yaml::quote(*pattern)}, {"values: " + name, "not_match: " + yaml::quote(*pattern)}, "Codes of one shape: another shape is another code.", all);
  }
  for (const Trait& trait : k_traits) {
    const SeenShare share = seen_share(seen.history, [&](std::int64_t row) { return column.is_null(row) ? std::nullopt : std::optional(trait.shows(column.text(row))); });
    const std::string pattern = yaml::quote(std::string(trait.pattern));
    add_share(seen, field, std::string(trait.what), share, {"values: " + name, "match: " + pattern}, {"values: " + name, "not_match: " + pattern}, std::string(trait.because), all);
  }
  add_lengths(seen, field, all);
  if (!facts.is_key) add_repetition(seen, field, all);
}

}  // namespace cupel::prove
