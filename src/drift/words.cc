#include "drift/words.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/random.h"

namespace cupel::drift {
namespace {

constexpr std::int64_t k_rows_with_word_at_least = 5;
constexpr double k_shrinkage = 5;  // rows' worth of "no difference"
constexpr std::size_t k_shifts = 5;

bool is_word_byte(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code >= 0x80 || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

template <typename Visit>
void visit_words(std::string_view text, std::string& word, Visit visit) {
  word.clear();
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool inside = i < text.size() &&
                        (is_word_byte(text[i]) || (text[i] == '\'' && !word.empty() && i + 1 < text.size() && is_word_byte(text[i + 1])));
    if (inside) {
      word += text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    } else if (!word.empty()) {
      visit(word);
      word.clear();
    }
  }
}

/// Every row's distinct words as numbers.
struct Corpus {
  std::unordered_map<std::string, std::int32_t> number_of;
  std::vector<const std::string*> word;
  std::vector<std::int32_t> words;
  std::vector<std::size_t> first{0};
  std::vector<bool> present;

  void add(const table::Column& column) {
    std::string buffer;
    for (std::int64_t row = 0; row < column.num_rows; ++row) {
      present.push_back(!column.is_null(row));
      if (present.back()) {
        visit_words(column.text(row), buffer, [&](const std::string& found) {
          const auto [entry, fresh] = number_of.try_emplace(found, static_cast<std::int32_t>(word.size()));
          if (fresh) word.push_back(&entry->first);
          words.push_back(entry->second);
        });
      }
      const auto begin = words.begin() + static_cast<std::ptrdiff_t>(first.back());
      std::sort(begin, words.end());
      words.erase(std::unique(begin, words.end()), words.end());
      first.push_back(words.size());
    }
  }
  std::size_t num_rows() const { return present.size(); }
};

/// Rows of one half that hold each word, by side.
struct RowCounts {
  std::vector<std::int64_t> reference, current;
  std::int64_t num_reference = 0, num_current = 0;
};

RowCounts count_rows(const Corpus& corpus, const std::vector<bool>& chosen, std::int64_t num_reference_rows) {
  RowCounts counts;
  counts.reference.assign(corpus.word.size(), 0);
  counts.current.assign(corpus.word.size(), 0);
  for (std::size_t row = 0; row < corpus.num_rows(); ++row) {
    if (!chosen[row] || !corpus.present[row]) continue;
    const bool is_reference = static_cast<std::int64_t>(row) < num_reference_rows;
    ++(is_reference ? counts.num_reference : counts.num_current);
    for (std::size_t i = corpus.first[row]; i < corpus.first[row + 1]; ++i) {
      ++(is_reference ? counts.reference : counts.current)[static_cast<std::size_t>(corpus.words[i])];
    }
  }
  return counts;
}

std::vector<double> fit_weights(const RowCounts& counts, std::int64_t& vocabulary) {
  std::vector<double> weights(counts.reference.size(), 0);
  const auto num_reference = static_cast<double>(counts.num_reference);
  const auto num_current = static_cast<double>(counts.num_current);
  if (counts.num_reference == 0 || counts.num_current == 0) return weights;
  const double share_current = num_current / (num_reference + num_current);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (counts.reference[i] + counts.current[i] < k_rows_with_word_at_least) continue;
    ++vocabulary;
    weights[i] = std::log((static_cast<double>(counts.current[i]) + k_shrinkage * share_current) / num_current) -
                 std::log((static_cast<double>(counts.reference[i]) + k_shrinkage * (1 - share_current)) / num_reference);
  }
  return weights;
}

double score(const Corpus& corpus, std::size_t row, const std::vector<double>& weights) {
  if (!corpus.present[row]) return std::nan("");
  double sum = 0;
  const std::size_t num_words = corpus.first[row + 1] - corpus.first[row];
  for (std::size_t i = corpus.first[row]; i < corpus.first[row + 1]; ++i) sum += weights[static_cast<std::size_t>(corpus.words[i])];
  return num_words == 0 ? 0 : sum / std::sqrt(static_cast<double>(num_words));
}

std::vector<WordShift> largest_shifts(const Corpus& corpus, const RowCounts& tested, const std::vector<double>& weights) {
  std::vector<std::pair<double, std::size_t>> order;
  const auto share = [](std::int64_t rows, std::int64_t all) {
    return all == 0 ? 0.0 : static_cast<double>(rows) / static_cast<double>(all);
  };
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double change = share(tested.current[i], tested.num_current) - share(tested.reference[i], tested.num_reference);
    if (change * weights[i] > 0) order.emplace_back(change * weights[i], i);
  }
  std::ranges::sort(order, [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : *corpus.word[a.second] < *corpus.word[b.second];
  });
  std::vector<WordShift> shifts;
  for (std::size_t k = 0; k < std::min(k_shifts, order.size()); ++k) {
    const std::size_t i = order[k].second;
    shifts.push_back({*corpus.word[i], share(tested.reference[i], tested.num_reference), share(tested.current[i], tested.num_current)});
  }
  return shifts;
}

std::vector<bool> choose_half(const Units& units, std::uint64_t seed) {
  std::vector<bool> unit_chosen;
  for (std::int64_t unit = 0; unit < units.num_units; ++unit) {
    unit_chosen.push_back((Random(seed, "drift/words", static_cast<std::uint64_t>(unit)).next() & 1) != 0);
  }
  if (units.every_row_alone()) return unit_chosen;
  std::vector<bool> chosen;
  for (const std::int32_t unit : units.unit_of_row) chosen.push_back(unit_chosen[static_cast<std::size_t>(unit)]);
  return chosen;
}

/// The units of the rows that are kept, numbered anew.
Units keep_rows(const Units& units, const std::vector<bool>& dropped) {
  std::int64_t kept_reference = 0, kept = 0;
  for (std::size_t row = 0; row < dropped.size(); ++row) {
    if (dropped[row]) continue;
    ++kept;
    kept_reference += static_cast<std::int64_t>(row) < units.num_reference_rows ? 1 : 0;
  }
  Units out = rows_as_units(kept_reference, kept - kept_reference);
  if (units.every_row_alone()) return out;
  std::unordered_map<std::int32_t, std::int32_t> number;
  for (std::size_t row = 0; row < dropped.size(); ++row) {
    if (static_cast<std::int64_t>(row) == units.num_reference_rows) out.num_reference_units = static_cast<std::int64_t>(number.size());
    if (dropped[row]) continue;
    out.unit_of_row.push_back(number.try_emplace(units.unit_of_row[row], static_cast<std::int32_t>(number.size())).first->second);
  }
  out.num_units = static_cast<std::int64_t>(number.size());
  if (kept == kept_reference) out.num_reference_units = out.num_units;
  return out;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string buffer;
  visit_words(text, buffer, [&](const std::string& word) { words.push_back(word); });
  return words;
}

std::vector<double> word_counts(const table::Column& column) {
  std::vector<double> counts;
  std::string buffer;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    double words = 0;
    if (!column.is_null(row)) visit_words(column.text(row), buffer, [&](const std::string&) { ++words; });
    counts.push_back(column.is_null(row) ? std::nan("") : words);
  }
  return counts;
}

WordScores word_scores(const table::Column& reference, const table::Column& current, const Units& units, std::uint64_t seed) {
  Corpus corpus;
  corpus.add(reference);
  corpus.add(current);
  const std::vector<bool> fitted = choose_half(units, seed);
  std::vector<bool> tested = fitted;
  tested.flip();
  WordScores out;
  const std::vector<double> weights = fit_weights(count_rows(corpus, fitted, units.num_reference_rows), out.vocabulary);
  std::vector<double> of_reference, of_current;
  for (std::size_t row = 0; row < corpus.num_rows(); ++row) {
    if (!tested[row]) continue;
    (static_cast<std::int64_t>(row) < units.num_reference_rows ? of_reference : of_current).push_back(score(corpus, row, weights));
  }
  out.levels = ordered_levels(of_reference, of_current);
  out.units = keep_rows(units, fitted);
  out.shifts = largest_shifts(corpus, count_rows(corpus, tested, units.num_reference_rows), weights);
  return out;
}

}  // namespace cupel::drift
