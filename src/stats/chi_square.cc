#include "stats/chi_square.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "base/invariant.h"
#include "stats/distributions.h"
#include "stats/random_counts.h"

namespace cupel::stats {
namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr double k_largest_enumeration = 200'000;  // outcomes counted one by one: some milliseconds
constexpr double k_simulation_budget = 3e6;        // category draws: below a second
// Statistics of different outcomes that are equal in exact arithmetic differ by rounding: they must count as equally extreme.
constexpr double k_tie = 1e-9;

double reaches(double statistic, double observed) { return statistic >= observed * (1 - k_tie) - k_tie ? 1 : 0; }

std::int64_t total_of(std::span<const std::int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

int affordable_draws(int wanted, double cost_of_one) {
  const double affordable = std::max(999.0, k_simulation_budget / std::max(1.0, cost_of_one));
  return static_cast<int>(std::min(static_cast<double>(wanted), affordable));
}

double pearson(std::span<const std::int64_t> observed, std::span<const double> expected) {
  double sum = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    const double difference = static_cast<double>(observed[i]) - expected[i];
    sum += difference * difference / expected[i];
  }
  return sum;
}

void judge_expected(std::span<const double> expected, ChiSquareTest& test) {
  test.smallest_expected = *std::min_element(expected.begin(), expected.end());
  const auto small = std::count_if(expected.begin(), expected.end(), [](double e) { return e < 5; });
  test.share_expected_below_5 = static_cast<double>(small) / static_cast<double>(expected.size());
}

bool limit_holds(const ChiSquareTest& test) { return test.smallest_expected >= 1 && test.share_expected_below_5 <= 0.2; }

/// Adds up the probability of all ways to place `left` rows in the categories from `i` on whose statistic reaches `observed`.
struct Enumeration {
  std::span<const double> shares;
  double n;
  double observed;

  double tail(std::size_t i, std::int64_t left, double log_mass, double statistic) const {
    const double expected = n * shares[i];
    const auto term = [&](std::int64_t k) {
      const double difference = static_cast<double>(k) - expected;
      return difference * difference / expected;
    };
    if (i + 1 == shares.size()) {
      const double mass = std::exp(log_mass + static_cast<double>(left) * std::log(shares[i]) - log_factorial(left));
      return mass * reaches(statistic + term(left), observed);
    }
    double sum = 0;
    for (std::int64_t k = 0; k <= left; ++k) {
      sum += tail(i + 1, left - k, log_mass + static_cast<double>(k) * std::log(shares[i]) - log_factorial(k), statistic + term(k));
    }
    return sum;
  }
};

double simulate_shares(std::span<const double> shares, std::span<const double> expected, std::int64_t n, double observed,
                       const Simulation& simulation, int draws) {
  std::vector<std::int64_t> counts(shares.size());
  double reached = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose, static_cast<std::uint64_t>(draw));
    random_multinomial(random, n, shares, counts);
    reached += reaches(pearson(counts, expected), observed);
  }
  return (1 + reached) / (1 + draws);
}

struct Table {
  std::vector<std::int64_t> cells;
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> columns;
  std::int64_t total = 0;
};

Table without_empty(std::span<const std::int64_t> cells, std::size_t rows, std::size_t columns) {
  std::vector<std::int64_t> row_sums(rows);
  std::vector<std::int64_t> column_sums(columns);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      row_sums[r] += cells[r * columns + c];
      column_sums[c] += cells[r * columns + c];
    }
  }
  Table table;
  for (std::size_t r = 0; r < rows; ++r) {
    if (row_sums[r] == 0) continue;
    table.rows.push_back(row_sums[r]);
    for (std::size_t c = 0; c < columns; ++c) {
      if (column_sums[c] > 0) table.cells.push_back(cells[r * columns + c]);
    }
  }
  std::copy_if(column_sums.begin(), column_sums.end(), std::back_inserter(table.columns), [](std::int64_t sum) { return sum > 0; });
  table.total = total_of(table.rows);
  return table;
}

std::vector<double> expected_of(const Table& table) {
  std::vector<double> expected;
  expected.reserve(table.cells.size());
  for (const std::int64_t row : table.rows) {
    for (const std::int64_t column : table.columns) {
      expected.push_back(static_cast<double>(row) * static_cast<double>(column) / static_cast<double>(table.total));
    }
  }
  return expected;
}

double simulate_table(const Table& table, std::span<const double> expected, double observed, const Simulation& simulation, int draws) {
  std::vector<std::int64_t> cells(table.cells.size());
  double reached = 0;
  for (int draw = 0; draw < draws; ++draw) {
    Random random(simulation.seed, simulation.purpose, static_cast<std::uint64_t>(draw));
    random_table(random, table.rows, table.columns, cells);
    reached += reaches(pearson(cells, expected), observed);
  }
  return (1 + reached) / (1 + draws);
}

/// A 2 x 2 table with fixed margins has few outcomes: all are counted.
double exact_two_by_two(const Table& table, std::span<const double> expected, double observed) {
  const std::int64_t drawn = table.rows[0];
  const std::int64_t low = std::max<std::int64_t>(0, drawn - table.columns[1]);
  const std::int64_t high = std::min(drawn, table.columns[0]);
  double p = 0;
  for (std::int64_t k = low; k <= high; ++k) {
    const std::int64_t cells[] = {k, drawn - k, table.columns[0] - k, table.columns[1] - drawn + k};
    p += hypergeometric_mass(k, drawn, table.columns[0], table.columns[1]) * reaches(pearson(cells, expected), observed);
  }
  return std::min(1.0, p);
}

void set_cramers_v(const Table& table, ChiSquareTest& test) {
  const auto n = static_cast<double>(table.total);
  const auto r = static_cast<double>(table.rows.size());
  const auto k = static_cast<double>(table.columns.size());
  const double phi2 = test.statistic / n;
  test.effect = std::sqrt(phi2 / (std::min(r, k) - 1));
  if (n <= 1) return;
  const double corrected = std::max(0.0, phi2 - (k - 1) * (r - 1) / (n - 1));
  const double r_corrected = r - (r - 1) * (r - 1) / (n - 1);
  const double k_corrected = k - (k - 1) * (k - 1) / (n - 1);
  const double smaller = std::min(r_corrected, k_corrected) - 1;
  test.effect_corrected = smaller > 0 ? std::sqrt(corrected / smaller) : 0;
}

std::vector<double> normalized(std::span<const double> shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  CHECK(sum > 0 && std::isfinite(sum), "shares add up to {}", sum);
  std::vector<double> result(shares.begin(), shares.end());
  for (double& share : result) share /= sum;
  return result;
}

std::vector<double> shares_of(std::span<const std::int64_t> counts) {
  return normalized(std::vector<double>(counts.begin(), counts.end()));
}

}  // namespace

Result<ChiSquareTest> chi_square_shares(std::span<const std::int64_t> observed, std::span<const double> shares,
                                        const Simulation& simulation) {
  CHECK(observed.size() == shares.size(), "{} counts, {} shares", observed.size(), shares.size());
  const std::int64_t n = total_of(observed);
  if (n == 0) return fail("no rows to compare with the stated shares, expected at least 1");
  const std::vector<double> all = normalized(shares);
  std::vector<std::int64_t> counts;
  std::vector<double> positive;
  std::vector<double> expected;
  bool impossible = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    impossible |= all[i] == 0 && observed[i] > 0;
    if (all[i] == 0) continue;
    counts.push_back(observed[i]);
    positive.push_back(all[i]);
    expected.push_back(static_cast<double>(n) * all[i]);
  }
  ChiSquareTest test;
  test.degrees_of_freedom = static_cast<double>(positive.size()) - 1;
  judge_expected(expected, test);
  if (impossible) {
    test.statistic = test.effect = test.effect_corrected = k_infinity;
    test.p_value = 0;
    test.method = PValueMethod::exact;
    return test;
  }
  test.statistic = pearson(counts, expected);
  test.effect = std::sqrt(test.statistic / static_cast<double>(n));
  test.effect_corrected = std::sqrt(std::max(0.0, test.statistic - test.degrees_of_freedom) / static_cast<double>(n));
  if (positive.size() < 2) return test;
  if (limit_holds(test)) {
    test.p_value = chi_square_survival(test.statistic, test.degrees_of_freedom);
    return test;
  }
  const auto k = static_cast<std::int64_t>(positive.size());
  if (log_choose(n + k - 1, k - 1) <= std::log(k_largest_enumeration)) {
    test.method = PValueMethod::exact;
    test.p_value = std::min(1.0, Enumeration{positive, static_cast<double>(n), test.statistic}.tail(0, n, log_factorial(n), 0));
    return test;
  }
  test.method = PValueMethod::simulated;
  test.draws = affordable_draws(simulation.draws, static_cast<double>(k));
  test.p_value = simulate_shares(positive, expected, n, test.statistic, simulation, test.draws);
  return test;
}

Result<ChiSquareTest> chi_square_independence(std::span<const std::int64_t> cells, std::size_t rows, std::size_t columns,
                                              const Simulation& simulation) {
  CHECK(cells.size() == rows * columns, "{} cells, {} x {}", cells.size(), rows, columns);
  const Table table = without_empty(cells, rows, columns);
  if (table.total == 0) return fail("no rows in the table, expected at least 1");
  const std::vector<double> expected = expected_of(table);
  ChiSquareTest test;
  judge_expected(expected, test);
  test.degrees_of_freedom = (static_cast<double>(table.rows.size()) - 1) * (static_cast<double>(table.columns.size()) - 1);
  if (test.degrees_of_freedom == 0) return test;
  test.statistic = pearson(table.cells, expected);
  set_cramers_v(table, test);
  if (limit_holds(test)) {
    test.p_value = chi_square_survival(test.statistic, test.degrees_of_freedom);
  } else if (table.cells.size() == 4) {
    test.method = PValueMethod::exact;
    test.p_value = exact_two_by_two(table, expected, test.statistic);
  } else {
    test.method = PValueMethod::simulated;
    // A hypergeometric draw walks about one standard deviation: 10 stands for it.
    test.draws = affordable_draws(simulation.draws, static_cast<double>(table.cells.size()) * 10);
    test.p_value = simulate_table(table, expected, test.statistic, simulation, test.draws);
  }
  return test;
}

Result<ChiSquareTest> chi_square_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                                            const Simulation& simulation) {
  CHECK(a.size() == b.size(), "{} against {} categories", a.size(), b.size());
  if (total_of(a) == 0 || total_of(b) == 0) {
    return fail("{} and {} rows to compare, expected at least 1 in each sample", total_of(a), total_of(b));
  }
  std::vector<std::int64_t> cells(a.begin(), a.end());
  cells.insert(cells.end(), b.begin(), b.end());
  return chi_square_independence(cells, 2, a.size(), simulation);
}

TestResult g_test_shares(std::span<const std::int64_t> observed, std::span<const double> shares) {
  CHECK(observed.size() == shares.size(), "{} counts, {} shares", observed.size(), shares.size());
  const std::vector<double> all = normalized(shares);
  const auto n = static_cast<double>(total_of(observed));
  TestResult test{0, -1, 1};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] > 0) ++test.degrees_of_freedom;
    const auto count = static_cast<double>(observed[i]);
    if (count > 0) test.statistic += 2 * count * std::log(count / (n * all[i]));
  }
  test.statistic = std::max(0.0, test.statistic);
  if (test.degrees_of_freedom > 0) test.p_value = chi_square_survival(test.statistic, test.degrees_of_freedom);
  return test;
}

TestResult g_test_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  CHECK(a.size() == b.size(), "{} against {} categories", a.size(), b.size());
  std::vector<std::int64_t> cells(a.begin(), a.end());
  cells.insert(cells.end(), b.begin(), b.end());
  const Table table = without_empty(cells, 2, a.size());
  const std::vector<double> expected = expected_of(table);
  TestResult test;
  test.degrees_of_freedom = (static_cast<double>(table.rows.size()) - 1) * (static_cast<double>(table.columns.size()) - 1);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto count = static_cast<double>(table.cells[i]);
    if (count > 0) test.statistic += 2 * count * std::log(count / expected[i]);
  }
  test.statistic = std::max(0.0, test.statistic);
  if (test.degrees_of_freedom > 0) test.p_value = chi_square_survival(test.statistic, test.degrees_of_freedom);
  return test;
}

double total_variation(std::span<const double> p, std::span<const double> q) {
  CHECK(p.size() == q.size(), "{} against {} categories", p.size(), q.size());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += std::abs(p[i] - q[i]);
  return std::min(1.0, sum / 2);
}

namespace {

constexpr std::int64_t k_small_sample = 200;

/// Adds p^ - p of one simulated sample of fewer than k_small_sample rows to `noise`.
void add_small_sample_noise(Random& random, std::span<const double> p, std::int64_t n, double sign, std::span<double> noise, std::span<std::int64_t> counts) {
  const auto size = static_cast<double>(n);
  random_multinomial(random, n, p, counts);
  for (std::size_t i = 0; i < p.size(); ++i) noise[i] += sign * (static_cast<double>(counts[i]) / size - p[i]);
}

/// The same of a larger sample, from as many standard normal numbers as there are shares.
void add_large_sample_noise(std::span<const double> normals, std::span<const double> roots, std::span<const double> p, std::int64_t n, double sign, std::span<double> noise) {
  // sqrt(p_i) z_i - p_i sum_j sqrt(p_j) z_j has the covariance of a multinomial.
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += roots[i] * normals[i];
  const double scale = std::sqrt(static_cast<double>(n));
  for (std::size_t i = 0; i < p.size(); ++i) noise[i] += sign * (roots[i] * normals[i] - p[i] * sum) / scale;
}

/// Standard normal numbers of each draw of a simulation, kept by thread: who proves a suite judges the same expectation on thousands of tables, and
/// making these numbers was 28 % of `cupel suggest` on the hotel bookings.
class KeptNormals {
 public:
  /// `count` of them for each of `draws`, one draw after the other; the first numbers of the generator of (seed, purpose, draw). Holds until the next call.
  std::span<const double> get(const Simulation& simulation, const std::string& purpose, int draws, std::size_t count) {
    const Key key{simulation.seed, purpose, draws, count};
    if (const auto at = kept_.find(key); at != kept_.end()) return at->second;
    const std::size_t wanted = static_cast<std::size_t>(draws) * count;
    if (size_ + wanted > k_most_numbers) {
      kept_.clear();
      size_ = 0;
    }
    size_ += wanted;
    std::vector<double>& normals = kept_[key];
    normals.reserve(wanted);
    for (int draw = 0; draw < draws; ++draw) {
      Random random(simulation.seed, purpose, static_cast<std::uint64_t>(draw));
      for (std::size_t i = 0; i < count; ++i) normals.push_back(random.normal());
    }
    return normals;
  }

 private:
  static constexpr std::size_t k_most_numbers = std::size_t{4} << 20;  // 32 MiB a thread
  using Key = std::tuple<std::uint64_t, std::string, int, std::size_t>;
  std::map<Key, std::vector<double>> kept_;
  std::size_t size_ = 0;
};

std::vector<double> smoothed_shares(std::span<const std::int64_t> counts) {
  std::vector<double> shares(counts.begin(), counts.end());
  for (double& share : shares) share += 0.5;  // an unseen category still may vary (Jeffreys' prior)
  return normalized(shares);
}

struct NoiseSource {
  std::vector<double> shares;
  std::int64_t n = 0;
  double sign = 1;
};

/// The `confidence` quantile of half the sum of absolute noises.
double noise_quantile(std::span<const NoiseSource> sources, double confidence, const Simulation& simulation) {
  const std::size_t k = sources[0].shares.size();
  const int draws = affordable_draws(std::min(simulation.draws, 1999), static_cast<double>(k * sources.size()));
  std::vector<double> distances(static_cast<std::size_t>(draws));
  std::vector<double> noise(k);
  std::vector<std::int64_t> counts(k);
  const std::string purpose = simulation.purpose + "/total variation";
  std::vector<std::vector<double>> roots;
  for (const NoiseSource& source : sources) {
    std::vector<double>& of_source = roots.emplace_back(source.shares);
    for (double& share : of_source) share = std::sqrt(share);
  }
  // Multinomial draws take as many random numbers as they need, so what comes after one of them cannot be kept.
  const bool all_large = std::ranges::all_of(sources, [](const NoiseSource& source) { return source.n >= k_small_sample; });
  const std::size_t normals_of_a_draw = all_large ? k * sources.size() : 0;
  static thread_local KeptNormals kept;
  const std::span<const double> normals = all_large ? kept.get(simulation, purpose, draws, normals_of_a_draw) : std::span<const double>();
  std::vector<double> fresh(k);
  for (int draw = 0; draw < draws; ++draw) {
    std::fill(noise.begin(), noise.end(), 0.0);
    if (all_large) {
      for (std::size_t s = 0; s < sources.size(); ++s) {
        const auto own = normals.subspan(static_cast<std::size_t>(draw) * normals_of_a_draw + s * k, k);
        add_large_sample_noise(own, roots[s], sources[s].shares, sources[s].n, sources[s].sign, noise);
      }
    } else {
      Random random(simulation.seed, purpose, static_cast<std::uint64_t>(draw));
      for (std::size_t s = 0; s < sources.size(); ++s) {
        const NoiseSource& source = sources[s];
        if (source.n < k_small_sample) {
          add_small_sample_noise(random, source.shares, source.n, source.sign, noise, counts);
        } else {
          for (double& number : fresh) number = random.normal();
          add_large_sample_noise(fresh, roots[s], source.shares, source.n, source.sign, noise);
        }
      }
    }
    double sum = 0;
    for (const double value : noise) sum += std::abs(value);
    distances[static_cast<std::size_t>(draw)] = sum / 2;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(confidence * (draws + 1)));
  const std::size_t at = std::min(distances.size(), std::max<std::size_t>(rank, 1)) - 1;
  std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(at), distances.end());
  return distances[at];
}

DistanceInterval around(double distance, double half_width, double confidence) {
  return {distance, {std::max(0.0, distance - half_width), std::min(1.0, distance + half_width), confidence}};
}

}  // namespace

Result<DistanceInterval> total_variation_to_shares(std::span<const std::int64_t> observed, std::span<const double> shares,
                                                   double confidence, const Simulation& simulation) {
  CHECK(observed.size() == shares.size(), "{} counts, {} shares", observed.size(), shares.size());
  const std::int64_t n = total_of(observed);
  if (n == 0) return fail("no rows to compare with the stated shares, expected at least 1");
  const NoiseSource sources[] = {{smoothed_shares(observed), n, 1}};
  return around(total_variation(shares_of(observed), normalized(shares)), noise_quantile(sources, confidence, simulation), confidence);
}

Result<DistanceInterval> total_variation_two_sample(std::span<const std::int64_t> a, std::span<const std::int64_t> b, double confidence,
                                                    const Simulation& simulation) {
  CHECK(a.size() == b.size(), "{} against {} categories", a.size(), b.size());
  const std::int64_t n = total_of(a);
  const std::int64_t m = total_of(b);
  if (n == 0 || m == 0) return fail("{} and {} rows to compare, expected at least 1 in each sample", n, m);
  const NoiseSource sources[] = {{smoothed_shares(a), n, 1}, {smoothed_shares(b), m, -1}};
  return around(total_variation(shares_of(a), shares_of(b)), noise_quantile(sources, confidence, simulation), confidence);
}

}  // namespace cupel::stats
