#include "prove/detectable_change.h"

#include "base/text.h"
#include "prove/limits_internal.h"
#include "stats/distributions.h"

namespace cupel::prove {
namespace {

using suite::Expectation;

constexpr int k_most_simulated = 200;

/// The p with P(Binomial(n, p) > count) = power; nothing when even p = 1 does not reach it.
std::optional<double> exceeding(std::int64_t n, std::int64_t count, double power) {
  if (count >= n) return std::nullopt;
  if (count < 0) return 0;
  double low = 0;
  double high = 1;
  for (int step = 0; step < 100; ++step) {
    const double middle = (low + high) / 2;
    (stats::binomial_survival(count, n, middle) < power ? low : high) = middle;
  }
  return high;
}
/// The p with P(Binomial(n, p) < count) = power.
std::optional<double> falling_below(std::int64_t n, std::int64_t count, double power) {
  if (count <= 0) return std::nullopt;
  const auto other = exceeding(n, n - count, power);
  return other ? std::optional(1 - *other) : std::nullopt;
}

/// What `power` of the clean batches reach at least (or at most).
double reached_by(const std::vector<double>& ascending, double power, bool at_least) {
  const double at = (at_least ? 1 - power : power) * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  return below + 1 < ascending.size() ? std::lerp(ascending[below], ascending[below + 1], at - static_cast<double>(below)) : ascending.back();
}

const ColumnFacts* column_of(const CleanSide& clean, const Expectation& expectation, int& field) {
  for (std::size_t i = 0; i < clean.facts->columns.size(); ++i) {
    if (!expectation.arguments.empty() && clean.facts->columns[i].name == expectation.arguments[0]) {
      field = static_cast<int>(i);
      return &clean.facts->columns[i];
    }
  }
  return nullptr;
}

std::string either(const std::vector<std::string>& parts) { return join(parts, " or "); }

std::optional<DetectableChange> of_count(const Expectation& expectation, const Range& range, const Observed& observed, int field, double power) {
  if (!range.high) return std::nullopt;
  const auto n = static_cast<std::int64_t>(std::llround(observed.rows_tested));
  const double limit = range.as_share ? *range.high * static_cast<double>(n) : *range.high;
  const auto count = static_cast<std::int64_t>(range.strict_high ? std::ceil(limit - 1e-9) - 1 : std::floor(limit + 1e-9));
  const auto share = exceeding(n, count, power);
  if (!share) return std::nullopt;
  const double base = observed.unexpected / observed.rows_tested;
  const bool nulls = expectation.subject->name == "nulls";
  DetectableChange change{fmt::format("{} in {} of the rows", nulls ? "nulls" : "repeated keys", percent_text(*share)), "binomial", nulls ? "nulls" : "duplicates", field};
  change.amount = std::max(0.0, (*share - base) / (1 - base));
  return change;
}

std::optional<DetectableChange> of_rows_asked(const Expectation& expectation, const Observed& observed, int field, double power) {
  const auto n = static_cast<std::int64_t>(std::llround(observed.rows_tested));
  const double mostly = expectation.mostly.value_or(1);
  const auto allowed = static_cast<std::int64_t>(std::floor((1 - mostly) * static_cast<double>(n) + 1e-9 * static_cast<double>(n)));
  const auto share = exceeding(n, allowed, power);
  if (!share) return std::nullopt;
  const double base = observed.unexpected / observed.rows_tested;
  DetectableChange change{fmt::format("unexpected values in {} of the rows ({} of {})", percent_text(*share), number_text(std::max(1.0, std::round(*share * static_cast<double>(n)))), with_thousands(n)),
                          "binomial", "unexpected", field};
  change.amount = std::max(0.0, (*share - base) / (1 - base));
  return change;
}

std::optional<DetectableChange> of_share(const Range& range, const Observed& observed, int field, double power) {
  const auto n = static_cast<std::int64_t>(std::llround(observed.rows_tested));
  const auto rows = static_cast<double>(n);
  const double base = reached_by(observed.values, 0.5, true);
  std::vector<std::string> parts;
  DetectableChange change{"", "binomial", "moved", field};
  const auto offer = [&](std::optional<double> share, bool up) {
    if (!share) return;
    parts.push_back(fmt::format("{} {}", percent_text(*share), up ? "or more" : "or less"));
    const double amount = up ? (*share - base) / (1 - base) : 1 - *share / base;
    if (parts.size() == 1 || amount < change.amount) {
      change.amount = std::max(0.0, amount);
      change.partner = up ? 1 : 0;
    }
  };
  if (range.high) offer(exceeding(n, static_cast<std::int64_t>(range.strict_high ? std::ceil(*range.high * rows - 1e-9) - 1 : std::floor(*range.high * rows + 1e-9)), power), true);
  if (range.low) offer(falling_below(n, static_cast<std::int64_t>(range.strict_low ? std::floor(*range.low * rows + 1e-9) + 1 : std::ceil(*range.low * rows - 1e-9)), power), false);
  if (parts.empty()) return std::nullopt;
  change.words = "a share of " + either(parts);
  return change;
}

std::optional<DetectableChange> of_quantity(const Expectation& expectation, const Range& range, const Observed& observed, const ColumnFacts& facts, int field, double power) {
  const std::string_view subject = expectation.subject->name;
  const bool total = subject == "sum";
  const bool spread = subject == "stddev";
  const double per_value = total && observed.rows_tested > 0 ? observed.rows_tested : 1;
  // Order statistics of whole numbers move in whole steps.
  const bool whole = facts.is_whole && (subject == "min" || subject == "max" || subject == "median" || subject == "quantile");
  std::vector<std::string> parts;
  DetectableChange change{"", "clean batches moved", spread ? "spread" : "shift", field};
  const auto offer = [&](double limit, bool up) {
    const double from = reached_by(observed.values, power, up);
    if (up ? from > limit : from < limit) return;  // clean batches cross it already
    double step = spread ? (from > 0 ? limit / from : 0) : (limit - from) / per_value;
    if (spread && step <= 0) return;
    if (whole) step = up ? std::floor(step) + 1 : std::ceil(step) - 1;
    parts.push_back(spread ? fmt::format("×{:.3g}", step) : fmt::format("{}{}", step > 0 ? "+" : "−", number_text(std::abs(step))));
    const bool smaller = spread ? std::abs(std::log(step)) < std::abs(std::log(change.amount)) : std::abs(step) < std::abs(change.amount);
    if (parts.size() == 1 || smaller) change.amount = step;
  };
  if (range.high) offer(*range.high, true);
  if (range.low) offer(*range.low, false);
  if (parts.empty()) return std::nullopt;
  if (spread) {
    change.words = "a spread of " + either(parts);
  } else {
    change.words = "a shift of " + either(parts);
    if (facts.stddev > 0) change.words += fmt::format(" ({:.2g} standard deviations)", std::abs(change.amount) / facts.stddev);
  }
  return change;
}

std::optional<DetectableChange> of_table(const Expectation& expectation, const Observed& observed) {
  const std::string_view subject = expectation.subject->name;
  if (subject == "columns") return DetectableChange{expectation.predicate->name() == "equals" ? "one column more, less or renamed" : "one column missing or renamed", "exact", ""};
  const auto range = range_of(expectation);
  if (subject != "rows" || !range || observed.values.empty()) return std::nullopt;
  const double rows = reached_by(observed.values, 0.5, true);
  std::vector<std::string> parts;
  if (range->low) parts.push_back(fmt::format("fewer than {} rows (−{})", number_text(*range->low), percent_text(std::max(0.0, 1 - *range->low / rows))));
  if (range->high) parts.push_back(fmt::format("more than {} rows (+{})", number_text(*range->high), percent_text(std::max(0.0, *range->high / rows - 1))));
  return DetectableChange{either(parts), "exact", ""};
}

/// The value that counts most, but not these.
std::string other_category(const ColumnFacts& facts, std::span<const std::string> but) {
  for (const std::string& category : facts.categories) {
    if (std::ranges::find(but, category) == but.end()) return category;
  }
  return "new value";
}

std::vector<std::string> values_of_share(const Expectation& expectation) {
  const yaml::Node* of = expectation.parameter("of");
  return of == nullptr ? std::vector<std::string>{} : of->texts("'of'").value_or(std::vector<std::string>{});
}

/// A value that breaks a row-wise expectation wherever it stands.
std::optional<std::string> breaking_value(const CleanSide& clean, std::size_t expectation, int field) {
  const ColumnFacts& facts = clean.facts->columns[static_cast<std::size_t>(field)];
  std::vector<std::string> tries;
  if (facts.is_number) {
    tries = {exact_text(std::round(facts.quantile(100) + 1 + 10 * facts.stddev)), exact_text(std::round(facts.quantile(0) - 1 - 10 * facts.stddev)), "1000000000000", "-1000000000000", "0", "1"};
  } else {
    tries = {"\u00A4", "zzzz not a value", std::string(5000, 'x'), "0000", "9999-12-31"};
  }
  const table::Table batch = clean.batches->batch(0);
  for (const std::string& value : tries) {
    const Judgement judgement = clean.evaluator->judge_one(expectation, climb({"unexpected", field, value}, 1, batch, *clean.facts, clean.seed, 0));
    const Judgement& before = clean.judgements[0][expectation];
    if (judgement.verdict == suite::Verdict::fail && judgement.unexpected == judgement.rows_tested && 2 * judgement.rows_tested.value_or(0) >= before.rows_tested.value_or(0)) return value;
  }
  return std::nullopt;
}

/// The ramp on which a subject without a formula is tried.
std::optional<Ramp> simulated_ramp(const CleanSide& clean, const Expectation& expectation, int field) {
  const ColumnFacts& facts = clean.facts->columns[static_cast<std::size_t>(field)];
  const std::string_view subject = expectation.subject->name;
  if (facts.is_constant()) return std::nullopt;
  if (subject == "distinct") return Ramp{"distinct", field, {}, 1};
  if (subject == "correlation" || subject == "association") return Ramp{"unrelated", field};
  if (subject == "skewness" || subject == "kurtosis") return Ramp{"outliers", field, {}, 0.1};  // as many outliers as values are no outliers
  if (facts.is_category && !(subject == "distribution" && facts.is_number && expectation.predicate && expectation.predicate->name() != "like")) {
    return Ramp{"moved", field, subject == "mode" ? facts.categories[1] : facts.categories[0]};
  }
  if (facts.is_number) return Ramp{"shift", field, {}, 4 * facts.stddev};
  return Ramp{"nulls", field};
}

std::string ramp_words(const CleanSide& clean, const Ramp& ramp, double amount) {
  const ColumnFacts& facts = clean.facts->columns[static_cast<std::size_t>(ramp.field)];
  if (ramp.kind == "shift") return fmt::format("a shift of {} ({:.2g} standard deviations)", number_text(amount), facts.stddev > 0 ? amount / facts.stddev : 0);
  if (ramp.kind == "distinct") {
    const double rows = amount * static_cast<double>(clean.batches->batch_rows());
    return fmt::format("values of their own in {} of the rows (about {} of {})", percent_text(amount), number_text(rows < 10 ? std::round(rows * 10) / 10 : std::round(rows)), with_thousands(clean.batches->batch_rows()));
  }
  if (ramp.kind == "outliers") return fmt::format("outliers in {} of the values", percent_text(amount));
  if (ramp.kind == "unrelated") return fmt::format("values of {} in {} of wrong rows", shorten(facts.name, 40), percent_text(amount));
  if (ramp.kind == "nulls") return fmt::format("nulls in {} of the values", percent_text(amount));
  return fmt::format("{} of the values become '{}'", percent_text(amount), shorten(ramp.value, 30));
}

std::optional<DetectableChange> by_simulation(const CleanSide& clean, std::size_t index, int field, double power) {
  const Expectation& expectation = clean.evaluator->expectations()[index];
  const auto ramp = simulated_ramp(clean, expectation, field);
  if (!ramp) return std::nullopt;
  const int all = std::min(clean.batches->size(), k_most_simulated);
  const int few = std::min(all, 40);
  // On a scale of ratios: the first step that is caught (a large change may hide what a small one shows), then closer, then on all batches about
  // the place.
  constexpr int k_steps = 10;
  double low = ramp->most * 1e-4;
  double high = 0;
  for (int step = 1; step <= k_steps && high == 0; ++step) {
    const double amount = ramp->most * std::pow(1e4, static_cast<double>(step) / k_steps - 1);
    if (detection_rate(clean, index, *ramp, amount, few) >= power) {
      high = amount;
    } else {
      low = amount;
    }
  }
  if (high == 0) return DetectableChange{fmt::format("nothing on this path: not even {}", ramp_words(clean, *ramp, ramp->most)), "simulation", ""};
  for (int step = 0; step < 3; ++step) {
    const double middle = std::sqrt(low * high);
    (detection_rate(clean, index, *ramp, middle, few) < power ? low : high) = middle;
  }
  low = std::max(low / 1.25, ramp->most * 1e-5);
  high = std::min(high * 1.25, ramp->most);
  for (int step = 0; step < 6; ++step) {
    const double middle = (low + high) / 2;
    (detection_rate(clean, index, *ramp, middle, all) < power ? low : high) = middle;
  }
  const double amount = (low + high) / 2;
  DetectableChange change{ramp_words(clean, *ramp, amount), "simulation", ramp->kind, field};
  change.amount = amount;
  return change;
}

/// Values more come with rows, each with its own chance, so the share of these rows is stated: whole steps of the count itself jump over the power.
std::optional<DetectableChange> of_distinct(const CleanSide& clean, std::size_t index, const Range& range, const Observed& observed, int field, double power) {
  std::vector<std::string> parts;
  DetectableChange change{"", "clean batches moved", "", field};
  if (range.high && *range.high < observed.rows_tested) {
    if (auto more = by_simulation(clean, index, field, power)) {
      parts.push_back(more->words);
      change = std::move(*more);
    }
  }
  const double most = reached_by(observed.values, power, false);
  if (range.low && !range.as_share && most >= *range.low) {
    const double step = std::floor(most - *range.low) + 1;
    parts.push_back(fmt::format("{} {} fewer", number_text(step), step == 1 ? "value" : "values"));
  }
  if (parts.empty()) return std::nullopt;
  change.words = either(parts);
  return change;
}

}  // namespace

double detection_rate(const CleanSide& clean, std::size_t expectation, const Ramp& ramp, double amount, int count) {
  int caught = 0;
  for (int batch = 0; batch < count; ++batch) {
    const table::Table changed = climb(ramp, amount, clean.batches->batch(batch), *clean.facts, clean.seed, static_cast<std::uint64_t>(batch));
    caught += clean.evaluator->judge_one(expectation, changed).alarms() ? 1 : 0;
  }
  return count == 0 ? 0 : static_cast<double>(caught) / count;
}

std::optional<Ramp> ramp_of(const CleanSide& clean, const DetectableChange& change, std::size_t index) {
  if (change.kind.empty() || change.field < 0) return std::nullopt;
  const Expectation& expectation = clean.evaluator->expectations()[index];
  const ColumnFacts& facts = clean.facts->columns[static_cast<std::size_t>(change.field)];
  Ramp ramp{change.kind, change.field};
  if (change.method == "simulation") return simulated_ramp(clean, expectation, change.field);
  if (change.kind == "moved") {
    const std::vector<std::string> of = values_of_share(expectation);
    if (of.empty()) return std::nullopt;
    ramp.value = change.partner == 1 ? of[0] : other_category(facts, of);
  }
  if (change.kind == "unexpected") {
    const auto value = breaking_value(clean, index, change.field);
    if (!value) return std::nullopt;
    ramp.value = *value;
  }
  return ramp;
}

std::optional<DetectableChange> detectable_change(const CleanSide& clean, std::size_t index, double power) {
  const Expectation& expectation = clean.evaluator->expectations()[index];
  const Observed observed = observed_of(clean, index);
  if (expectation.subject->argument == suite::Argument::table) return of_table(expectation, observed);
  int field = -1;
  const ColumnFacts* facts = column_of(clean, expectation, field);
  const std::string_view subject = expectation.subject->name;
  if (subject == "type" && facts != nullptr) return DetectableChange{fmt::format("one value that is not {}", expectation.predicate->limits.empty() ? "of the type" : expectation.predicate->limits[0].text), "exact", ""};
  if (observed.rows_tested < 1) return std::nullopt;
  if (is_row_wise(expectation)) {
    if (expectation.predicate && expectation.predicate->name() == "order") return std::nullopt;
    const auto& fields = clean.evaluator->fields_of(index);
    return of_rows_asked(expectation, observed, facts != nullptr ? field : fields.size() == 1 ? fields[0] : -1, power);
  }
  const auto range = range_of(expectation);
  if (counts_rows(expectation)) return range ? of_count(expectation, *range, observed, field, power) : std::nullopt;
  if (subject == "share") return range ? of_share(*range, observed, field, power) : std::nullopt;
  if (facts == nullptr) return std::nullopt;
  if (subject == "distinct") return range && !observed.values.empty() ? of_distinct(clean, index, *range, observed, field, power) : std::nullopt;
  constexpr std::string_view k_moving[] = {"max", "mean", "median", "min", "quantile", "stddev", "sum"};
  if (std::ranges::find(k_moving, subject) != std::end(k_moving) && range && !observed.values.empty()) {
    return of_quantity(expectation, *range, observed, *facts, field, power);
  }
  return by_simulation(clean, index, field, power);
}

}  // namespace cupel::prove
