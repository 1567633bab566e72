// What holds for a column of few values: which, how often each, how far the shares as a whole may move.

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "base/yaml.h"
#include "prove/candidate.h"
#include "prove/forecast.h"
#include "prove/limit_text_internal.h"
#include "prove/novelty.h"
#include "stats/prediction.h"

namespace cupel::prove {
namespace {

constexpr std::size_t k_most_shares = 8;
constexpr std::size_t k_most_listed = 300;

/// Index of each row's category, or -1; counts in all and in each batch.
struct Categories {
  std::vector<std::string> names;
  std::vector<std::int32_t> of_row;
  std::vector<std::int64_t> counts;
};

Categories categories_of(const Seen& seen, int field) {
  Categories all{seen.of(field).categories, {}, {}};
  all.counts.assign(all.names.size(), 0);
  std::unordered_map<std::string, std::int32_t> index;
  for (std::size_t i = 0; i < all.names.size(); ++i) index[all.names[i]] = static_cast<std::int32_t>(i);
  const table::Column column = seen.column(field);
  all.of_row.assign(static_cast<std::size_t>(column.num_rows), -1);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const auto at = index.find(table::value_text(column, row));
    if (at == index.end()) continue;
    all.of_row[static_cast<std::size_t>(row)] = at->second;
    ++all.counts[static_cast<std::size_t>(at->second)];
  }
  return all;
}

/// Text that looks like a number is quoted, so that it stays text; numbers are not.
std::string value_word(const ColumnFacts& facts, const std::string& value) { return facts.type == table::Type::text ? yaml::quote(value) : value; }

Candidate known_values(const Seen& seen, int field, std::shared_ptr<const Categories> categories) {
  const ColumnFacts& facts = seen.of(field);
  return {.column = facts.name, .what = "known values", .entry = [&seen, &facts, categories](double alpha) -> std::optional<Entry> {
    const auto singletons = std::ranges::count(categories->counts, 1);
    const auto doubletons = std::ranges::count(categories->counts, 2);
    const std::int64_t next = next_tested(seen.history, facts.present());
    double unseen = static_cast<double>(stats::unseen_prediction(singletons, doubletons, facts.present(), next, alpha)) / static_cast<double>(next);
    std::string method = fmt::format("{} values in {} rows, {} of them once; Good and Turing's estimate of unseen ones, for batches of {} rows", categories->names.size(),
                                     with_thousands(facts.present()), singletons, with_thousands(seen.history.next_rows));
    if (seen.history.has_batches()) {
      const NoveltyLimit limit = novelty_limit(new_categories(seen.history, categories->of_row, categories->names.size()), unseen, next, alpha);
      unseen = limit.share;
      method += limit.words;
    }
    if (unseen >= 0.5 || categories->names.size() > k_most_listed) return std::nullopt;
    std::vector<std::string> words;
    for (const std::string& name : categories->names) words.push_back(value_word(facts, name));
    std::vector<std::string> lines{"values: " + yaml::quote(facts.name), "in: [" + join(words, ", ") + "]"};
    if (unseen > 0) lines.push_back(mostly_line(unseen));
    return Entry{std::move(lines), "A value that was never seen is a new category or a misspelt one; either way somebody has to look.", std::move(method)};
  }};
}

Candidate share_of(const Seen& seen, int field, std::shared_ptr<const Categories> categories, std::size_t which) {
  const ColumnFacts& facts = seen.of(field);
  const SeenShare share = seen_share(seen.history, [&](std::int64_t row) -> std::optional<bool> {
    const std::int32_t at = categories->of_row[static_cast<std::size_t>(row)];
    return at < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(at) == which);
  });
  return {.column = facts.name, .what = "share of " + categories->names[which], .entry = [&seen, &facts, categories, share, which](double alpha) -> std::optional<Entry> {
    const Forecast forecast = share_forecast(seen.history, share, alpha, 2);
    if (forecast.low <= 0 && forecast.high >= 1) return std::nullopt;
    const std::string limit = forecast.low <= 0    ? "at_most: " + upper_percent(forecast.high)
                              : forecast.high >= 1 ? "at_least: " + lower_percent(forecast.low)
                                                   : fmt::format("between: [{}, {}]", lower_percent(forecast.low), upper_percent(forecast.high));
    return Entry{{"share: " + yaml::quote(facts.name), "of: " + value_word(facts, categories->names[which]), limit},
                 "A category that is lost, merged or swollen shows in its share.", forecast.method};
  }};
}

Candidate all_shares(const Seen& seen, int field, std::shared_ptr<const Categories> categories) {
  const ColumnFacts& facts = seen.of(field);
  return {.column = facts.name, .what = "distribution", .entry = [&seen, &facts, categories](double alpha) -> std::optional<Entry> {
    // The frequent ones by name; what is left out is one more category.
    constexpr double k_rest = 0.021;  // below 2 % the stated shares would count as complete
    const auto total = static_cast<double>(facts.present());
    std::vector<std::int64_t> counts;
    std::vector<std::string> shares;
    std::int64_t listed = 0;
    for (std::size_t i = 0; i < categories->names.size() && i < 30; ++i) {
      const double share = static_cast<double>(categories->counts[i]) / total;
      if (static_cast<double>(facts.present() - listed) / total < 2 * k_rest && i > 1 && categories->names.size() - i > 1) break;
      counts.push_back(categories->counts[i]);
      listed += categories->counts[i];
      shares.push_back(fmt::format("{}: {}%", yaml::quote(categories->names[i]), exact_text(std::round(share * 1e5) / 1e3)));
    }
    if (counts.size() < 2) return std::nullopt;
    if (facts.present() > listed) counts.push_back(facts.present() - listed);
    double margin = stats::total_variation_prediction(counts, next_tested(seen.history, facts.present()), alpha);
    std::string method = fmt::format("shares of {} values; total variation distance of batches of {} rows from them, at most", with_thousands(facts.present()), with_thousands(seen.history.next_rows));
    if (seen.history.has_batches()) {
      std::vector<double> distances;
      for (const auto& batch : seen.history.batches) {
        std::vector<double> here(counts.size(), 0);
        double present = 0;
        for (const std::int64_t row : batch) {
          const std::int32_t at = categories->of_row[static_cast<std::size_t>(row)];
          if (at < 0) continue;
          here[std::min(static_cast<std::size_t>(at), counts.size() - 1)] += 1;
          present += 1;
        }
        double distance = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) distance += std::abs(here[i] / std::max(1.0, present) - static_cast<double>(counts[i]) / total) / 2;
        distances.push_back(distance);
      }
      const auto series = stats::series_prediction(distances, std::min(0.5, 2 * alpha));
      if (!series) return std::nullopt;
      margin = std::max(margin, series->interval.high);
      method += fmt::format("; distances of {} batches", distances.size());
    }
    margin += 0.0005 * static_cast<double>(counts.size()) / 100;  // for the rounding of the shares
    if (margin >= 0.9) return std::nullopt;
    return Entry{{"distribution: " + yaml::quote(facts.name), "like: {" + join(shares, ", ") + "}", fmt::format("within: {{tvd: {}}}", upper_percent(margin))},
                 "The shares as a whole tell of a biased sample when no single one does.", std::move(method)};
  }};
}

Candidate number_of_values(const Seen& seen, int field, std::shared_ptr<const Categories> categories) {
  const ColumnFacts& facts = seen.of(field);
  std::vector<double> of_batches;
  for (const auto& batch : seen.history.batches) {
    std::vector<bool> there(categories->names.size(), false);
    for (const std::int64_t row : batch) {
      const std::int32_t at = categories->of_row[static_cast<std::size_t>(row)];
      if (at >= 0) there[static_cast<std::size_t>(at)] = true;
    }
    of_batches.push_back(static_cast<double>(std::ranges::count(there, true)));
  }
  return {.column = facts.name, .what = "distinct", .entry = [&seen, &facts, categories, of_batches](double alpha) -> std::optional<Entry> {
    const std::int64_t next = next_tested(seen.history, facts.present());
    const stats::Interval limits = stats::distinct_prediction(categories->counts, std::min(next, facts.present()), alpha);
    const Forecast forecast = level_forecast(seen.history, {limits.low, limits.high, fmt::format("{} values in {} rows; rarefied to the next batch, with a bound for every distribution", categories->names.size(), with_thousands(facts.present()))},
                                             of_batches, alpha);
    const double low = std::max(1.0, std::floor(forecast.low));
    const double high = std::ceil(std::min(forecast.high, static_cast<double>(seen.history.next_rows)));
    if (low <= 1 && high >= static_cast<double>(categories->names.size()) * 2) return std::nullopt;
    return Entry{{"distinct: " + yaml::quote(facts.name), fmt::format("between: [{}, {}]", exact_text(low), exact_text(high))},
                 "Categories that are lost or merged leave fewer values, misspelt ones leave more.", forecast.method};
  }};
}

}  // namespace

void add_category_candidates(const Seen& seen, int field, std::vector<Candidate>& all) {
  const auto categories = std::make_shared<const Categories>(categories_of(seen, field));
  all.push_back(known_values(seen, field, categories));
  if (seen.of(field).is_constant()) return;
  for (std::size_t i = 0; i < std::min(k_most_shares, categories->names.size()); ++i) {
    if (i == 1 && categories->names.size() == 2) break;  // the share of the other says the same
    all.push_back(share_of(seen, field, categories, i));
  }
  if (categories->names.size() > 2) all.push_back(all_shares(seen, field, categories));
  if (categories->names.size() > 2) all.push_back(number_of_values(seen, field, categories));
}

}  // namespace cupel::prove
