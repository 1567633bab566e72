// Numbers that change: units, signs, shifts, cuts, outliers.

#include <algorithm>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

using table::Table;

/// The share of the present values gets `change(value)`.
template <typename Change>
Table change_share(FaultInput& input, Change change) {
  const table::Column column = input.column();
  const std::vector<std::int64_t> hit = choose_share(input.random, present_rows(column), input.severity.share);
  return with_target(input, change_numbers(column, hit, [&](std::int64_t row) -> std::optional<double> { return change(column.as_number(row)); }));
}

Table multiply(FaultInput& input) {
  return change_share(input, [&](double value) { return value * input.severity.amount; });
}
Table divide(FaultInput& input) {
  return change_share(input, [&](double value) { return value / input.severity.amount; });
}
Table to_fahrenheit(FaultInput& input) {
  return change_share(input, [](double value) { return value * 9 / 5 + 32; });
}
Table to_celsius(FaultInput& input) {
  return change_share(input, [](double value) { return (value - 32) * 5 / 9; });
}
Table negate(FaultInput& input) {
  return change_share(input, [](double value) { return value == 0 ? 0.0 : -value; });
}

/// In whole columns a change is whole, too, and not nothing.
double whole_step(const ColumnFacts& facts, double step) {
  if (!facts.is_whole || step == 0) return step;
  return std::copysign(std::max(1.0, std::round(std::abs(step))), step);
}

Table shift(FaultInput& input) {
  const double step = whole_step(input.facts(), input.severity.amount * input.facts().stddev);
  return change_share(input, [&](double value) { return value + step; });
}

Table add_noise(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  return change_share(input, [&](double value) {
    const double noisy = value + input.severity.amount * facts.stddev * input.random.normal();
    return facts.is_whole ? std::round(noisy) : noisy;
  });
}

Table spread(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  const double middle = facts.is_whole ? std::round(facts.mean) : facts.mean;
  return change_share(input, [&](double value) {
    const double moved = middle + (value - middle) * input.severity.amount;
    return facts.is_whole ? std::round(moved) : moved;
  });
}

/// Beyond the percentile of the baseline, a value becomes the percentile: from above, or (negative amount) from below.
Table clip(FaultInput& input) {
  const bool above = input.severity.amount > 0;
  double limit = input.facts().quantile(static_cast<int>(std::abs(input.severity.amount)));
  if (input.facts().is_whole) limit = above ? std::floor(limit) : std::ceil(limit);
  return change_share(input, [&](double value) { return above ? std::min(value, limit) : std::max(value, limit); });
}

Table round_digits(FaultInput& input) {
  const int digits = static_cast<int>(input.severity.amount);
  return change_share(input, [&](double value) {
    if (digits == 0) return std::round(value);
    if (value == 0 || !std::isfinite(value)) return value;
    return read_number(fmt::format("{:.{}e}", value, digits - 1)).value_or(value);
  });
}

Table outliers(FaultInput& input) {
  const ColumnFacts& facts = input.facts();
  const double width = facts.quantile(75) - facts.quantile(25);
  const double step = whole_step(facts, 10 * (width > 0 ? width : std::max(1.0, facts.stddev)));
  const double far = facts.quantile(100) + step;
  return change_share(input, [&](double) { return far; });
}

bool varies(const BaselineFacts& baseline, FaultTarget target) { return applies_to_numbers(baseline, target) && !facts_at(baseline, target).is_constant(); }

constexpr FaultSeverity k_units[] = {{"×10 in 10 % of the values", 0.1, 10},   {"×100 in 10 % of the values", 0.1, 100}, {"×1,000 in 10 % of the values", 0.1, 1000},
                                     {"×10 in every value", 1, 10},           {"×100 in every value", 1, 100},          {"×1,000 in every value", 1, 1000}};
constexpr FaultSeverity k_cents[] = {{"÷100 in 10 % of the values", 0.1, 100}, {"÷100 in every value", 1, 100}};
constexpr FaultSeverity k_ten_or_all[] = {{"10 % of the values", 0.1}, {"every value", 1}};
constexpr FaultSeverity k_signs[] = {{"1 % of the values", 0.01}, {"10 % of the values", 0.1}, {"every value", 1}};
constexpr FaultSeverity k_shifts[] = {{"+0.1 standard deviations", 1, 0.1}, {"+0.25 standard deviations", 1, 0.25}, {"+0.5 standard deviations", 1, 0.5},
                                      {"+1 standard deviation", 1, 1},      {"−0.5 standard deviations", 1, -0.5}};
constexpr FaultSeverity k_noises[] = {{"0.5 standard deviations in every value", 1, 0.5}, {"2 standard deviations in 10 % of the values", 0.1, 2}, {"2 standard deviations in every value", 1, 2}};
constexpr FaultSeverity k_spreads[] = {{"×0.5", 1, 0.5}, {"×1.25", 1, 1.25}, {"×1.5", 1, 1.5}};
constexpr FaultSeverity k_clips[] = {{"above the 75th percentile", 1, 75}, {"above the 90th percentile", 1, 90}, {"above the 99th percentile", 1, 99}, {"below the 10th percentile", 1, -10}};
constexpr FaultSeverity k_roundings[] = {{"to one digit", 1, 1}, {"to two digits", 1, 2}, {"to whole numbers", 1, 0}};
constexpr FaultSeverity k_outlier_shares[] = {{"0.1 % of the values", 0.001}, {"1 % of the values", 0.01}, {"5 % of the values", 0.05}};

}  // namespace

const Fault k_celsius_fault = {.name = "celsius", .summary = "degrees Fahrenheit sent as Celsius", .group = "units", .applies_to = "columns of numbers",
                         .applies = applies_to_numbers, .severities = k_ten_or_all, .apply = to_celsius};
const Fault k_cents_fault = {.name = "cents", .summary = "euros where cents are expected: values divided by 100", .group = "units", .applies_to = "columns of numbers",
                       .applies = applies_to_numbers, .severities = k_cents, .apply = divide};
const Fault k_clipping_fault = {.name = "clipping", .summary = "values beyond a percentile cut to it", .group = "numbers", .applies_to = "columns of numbers that vary",
                          .applies = varies, .severities = k_clips, .apply = clip};
const Fault k_fahrenheit_fault = {.name = "fahrenheit", .summary = "degrees Celsius sent as Fahrenheit", .group = "units", .applies_to = "columns of numbers",
                            .applies = applies_to_numbers, .severities = k_ten_or_all, .apply = to_fahrenheit};
const Fault k_noise_fault = {.name = "noise", .summary = "normal noise added", .group = "numbers", .applies_to = "columns of numbers that vary", .applies = varies,
                       .severities = k_noises, .apply = add_noise};
const Fault k_outliers_fault = {.name = "outliers", .summary = "values far beyond the greatest", .group = "numbers", .applies_to = "columns of numbers",
                          .applies = applies_to_numbers, .severities = k_outlier_shares, .apply = outliers};
const Fault k_rounding_fault = {.name = "rounding", .summary = "digits lost", .group = "numbers", .applies_to = "columns of numbers", .applies = applies_to_numbers,
                          .severities = k_roundings, .apply = round_digits};
const Fault k_shift_fault = {.name = "shift", .summary = "every value moved by the same amount", .group = "numbers", .applies_to = "columns of numbers that vary",
                       .applies = varies, .severities = k_shifts, .apply = shift};
const Fault k_sign_fault = {.name = "sign", .summary = "the sign turned round", .group = "numbers", .applies_to = "columns of numbers", .applies = applies_to_numbers,
                      .severities = k_signs, .apply = negate};
const Fault k_spread_fault = {.name = "spread", .summary = "values pulled together or apart about their mean", .group = "numbers",
                        .applies_to = "columns of numbers that vary", .applies = varies, .severities = k_spreads, .apply = spread};
const Fault k_units_fault = {.name = "units", .summary = "another unit: values times 10, 100 or 1,000", .group = "units", .applies_to = "columns of numbers",
                       .applies = applies_to_numbers, .severities = k_units, .apply = multiply};

}  // namespace cupel::prove
