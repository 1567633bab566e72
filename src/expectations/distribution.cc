// distribution: like a stated table of shares, same as a reference sample, or a family.

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "expectations/category_counts.h"
#include "expectations/likeness.h"
#include "expectations/named_distance.h"
#include "expectations/subjects_internal.h"
#include "states/sample.h"
#include "stats/chi_square.h"
#include "stats/detectable.h"
#include "stats/families.h"
#include "stats/ks.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
constexpr double k_power = 0.8;

std::string test_text(const stats::ChiSquareTest& test) {
  return fmt::format("chi-square, df {}, {}", number_text(test.degrees_of_freedom), stats::method_name(test.method));
}

int need_sample(states::Plan& plan, table::ColumnRequest column, const Planning& planning) {
  return plan.need("sample", {column}, planning.where, [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Sample>(slots[0], limit); });
}

constexpr std::size_t k_most_bars = 30;

void add_bar(Json& chart, const std::string& value, double observed, double expected) {
  if (chart["bars"].size() < k_most_bars) chart["bars"].push_back({{"value", value}, {"observed", observed}, {"expected", expected}});
}

class LikeCheck : public DataCheck {
 public:
  LikeCheck(const suite::Expectation& expectation, Margin margin, StatedShares stated) : expectation_(expectation), margin_(margin), stated_(std::move(stated)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    state_ = need_tally(*planning.current, column, planning);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& state = facts.current->get<states::Tally>(state_);
    outcome.rows_tested = state.count();
    if (state.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to compare", where_words(outcome)));
    const StatedCounts counts = count_stated(stated_, state);
    const auto rows = static_cast<double>(state.count());
    Json chart{{"kind", "shares"}, {"bars", Json::array()}};
    for (std::size_t i = 0; i < counts.observed.size(); ++i) {
      add_bar(chart, i < stated_.values.size() ? stated_.values[i] : "(other)", static_cast<double>(counts.observed[i]) / rows, counts.expected[i]);
    }
    outcome.chart = std::move(chart);
    const stats::Simulation simulation{facts.seed, "distribution like " + expectation_.id};
    const auto test = stats::chi_square_shares(counts.observed, counts.expected, simulation);
    if (!test) return outcome.cannot(test.error().message);
    const auto distance = stats::total_variation_to_shares(counts.observed, counts.expected, margin_.confidence, simulation);
    if (!distance) return outcome.cannot(distance.error().message);
    const Likeness likeness{distance->distance, distance->interval, test->p_value,
                            stats::detectable_total_variation(rows, test->degrees_of_freedom, margin_.alpha(), k_power), test_text(*test)};
    judge_likeness(likeness, margin_, DistanceKind::total_variation, "the stated shares", outcome);
    if (counts.unlisted > 0 && !counts.leaves_a_rest) outcome.message += fmt::format("; {} rows hold a value that is not in the table", with_thousands(counts.unlisted));
  }

 private:
  suite::Expectation expectation_;
  Margin margin_;
  StatedShares stated_;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_like(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const Margin margin, read_margin(expectation, DistanceKind::total_variation));
  ASSIGN_OR_RETURN(StatedShares stated, StatedShares::read(expectation));
  return std::make_unique<LikeCheck>(expectation, margin, std::move(stated));
}

/// Histogram of both samples over common edges, for the picture.
Json histogram(const stats::Ascending& current, const stats::Ascending& other, std::string_view other_name) {
  constexpr int k_bins = 30;
  // The outer half percent would flatten the rest: it is gathered in the first and last bin.
  const auto ends = [](const stats::Ascending& sample) {
    const auto last = static_cast<double>(sample.size() - 1);
    return stats::values_at(sample, std::vector<std::int64_t>{static_cast<std::int64_t>(0.005 * last), static_cast<std::int64_t>(0.995 * last)});
  };
  const std::vector<double> here = ends(current);
  const std::vector<double> there = ends(other);
  const double low = std::min(here[0], there[0]);
  const double high = std::max(here[1], there[1]);
  if (!(high > low) || !std::isfinite(high - low)) return {};
  const auto shares = [&](const stats::Ascending& sample) {
    std::vector<std::int64_t> counts(k_bins);
    sample.for_each([&](const stats::Ascending::Group& group) {
      const double place = std::clamp((group.value - low) / (high - low) * k_bins, 0.0, k_bins - 1.0);
      counts[static_cast<std::size_t>(place)] += group.count;
    });
    std::vector<double> bins;
    for (const std::int64_t count : counts) bins.push_back(static_cast<double>(count) / static_cast<double>(sample.size()));
    return bins;
  };
  return {{"kind", "histogram"}, {"low", low}, {"high", high}, {"observed", shares(current)}, {"expected", shares(other)}, {"expected_name", other_name}};
}

class SameAsCheck : public DataCheck {
 public:
  explicit SameAsCheck(const suite::Expectation& expectation) : expectation_(expectation) {}

  Result<void> plan(const Planning& planning) override {
    const yaml::Node& node = expectation_.subject_node;
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], node, As::native));
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    field_ = column.field;
    reference_field_ = other.field;
    // Which of the two is needed is known when the types are: after the scan.
    counts_ = need_tally(*planning.current, column, planning);
    sample_ = need_sample(*planning.current, column, planning);
    reference_counts_ = need_tally(*planning.reference, other, planning);
    reference_sample_ = need_sample(*planning.reference, other, planning);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto type = facts.schema->fields[static_cast<std::size_t>(field_)].type;
    const auto other = facts.reference_schema->fields[static_cast<std::size_t>(reference_field_)].type;
    const auto ordered = [](table::Type t) { return t == table::Type::integer || t == table::Type::number; };
    if (ordered(type) != ordered(other)) {
      return outcome.cannot(fmt::format("{}: the column is {} here and {} in the reference", expectation_.subject_node.place(), table::type_name(type), table::type_name(other)));
    }
    const stats::Simulation simulation{facts.seed, "distribution same_as " + expectation_.id};
    ordered(type) ? judge_numbers(facts, simulation, outcome) : judge_categories(facts, simulation, outcome);
  }

 private:
  void judge_numbers(const Facts& facts, const stats::Simulation& simulation, suite::Outcome& outcome) const {
    const auto& current = facts.current->get<states::Sample>(sample_);
    const auto& reference = facts.reference->get<states::Sample>(reference_sample_);
    outcome.rows_tested = current.size();
    const auto margin = read_margin(expectation_, DistanceKind::kolmogorov_smirnov);
    if (!margin) return outcome.cannot(margin.error().message);
    if (current.empty() || reference.empty()) return outcome.cannot(fmt::format("0 present values {}", current.empty() ? "in the data" : "in the reference"));
    const auto test = stats::ks_two_sample(current, reference, simulation);
    if (!test) return outcome.cannot(test.error().message);
    const auto interval = stats::ks_distance_interval(current, reference, test->statistic, margin->confidence, simulation);
    const double rows = effective_rows(current.size(), reference.size());
    const Likeness likeness{test->statistic, interval.interval, test->p_value, stats::detectable_ks_distance(rows, margin->alpha(), k_power),
                            fmt::format("two-sample Kolmogorov-Smirnov, {}", stats::method_name(test->method))};
    judge_likeness(likeness, *margin, DistanceKind::kolmogorov_smirnov, "the reference", outcome);
    outcome.chart = histogram(current, reference, "reference");
  }

  void judge_categories(const Facts& facts, const stats::Simulation& simulation, suite::Outcome& outcome) const {
    const auto& current = facts.current->get<states::Tally>(counts_);
    const auto& reference = facts.reference->get<states::Tally>(reference_counts_);
    outcome.rows_tested = current.count();
    const auto margin = read_margin(expectation_, DistanceKind::total_variation);
    if (!margin) return outcome.cannot(margin.error().message);
    if (current.count() == 0 || reference.count() == 0) return outcome.cannot(fmt::format("0 present values {}", current.count() == 0 ? "in the data" : "in the reference"));
    const auto counts = pair_counts(current, reference, k_most_bars);
    if (!counts) return outcome.cannot(counts.error().text());
    Json chart{{"kind", "shares"}, {"bars", Json::array()}};
    for (std::size_t i = 0; i < counts->first_values.size(); ++i) {
      add_bar(chart, counts->first_values[i], static_cast<double>(counts->here[i]) / static_cast<double>(current.count()),
              static_cast<double>(counts->there[i]) / static_cast<double>(reference.count()));
    }
    outcome.chart = std::move(chart);
    const auto test = stats::chi_square_two_sample(counts->here, counts->there, simulation);
    if (!test) return outcome.cannot(test.error().message);
    const auto distance = stats::total_variation_two_sample(counts->here, counts->there, margin->confidence, simulation);
    if (!distance) return outcome.cannot(distance.error().message);
    const double rows = effective_rows(current.count(), reference.count());
    const Likeness likeness{distance->distance, distance->interval, test->p_value, stats::detectable_total_variation(rows, test->degrees_of_freedom, margin->alpha(), k_power),
                            "two-sample " + test_text(*test)};
    judge_likeness(likeness, *margin, DistanceKind::total_variation, "the reference", outcome);
  }

  static double effective_rows(std::int64_t n, std::int64_t m) { return static_cast<double>(n) * static_cast<double>(m) / (static_cast<double>(n) + static_cast<double>(m)); }

  suite::Expectation expectation_;
  int field_ = -1;
  int reference_field_ = -1;
  int counts_ = -1;
  int sample_ = -1;
  int reference_counts_ = -1;
  int reference_sample_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_same_as(const suite::Expectation& expectation) {
  const yaml::Node& node = expectation.predicate->node;
  if (!node.is_scalar() || node.scalar != "reference") return node.fail_here(fmt::format("'same_as' is {}, expected the word reference", node.description()));
  // Which distance it will be depends on the column; the suite may state either.
  const auto ks = read_margin(expectation, DistanceKind::kolmogorov_smirnov);
  if (!ks) {
    TRY(read_margin(expectation, DistanceKind::total_variation));
  }
  return std::make_unique<SameAsCheck>(expectation);
}

class FamilyCheck : public DataCheck {
 public:
  FamilyCheck(const suite::Expectation& expectation, Margin margin, stats::Family family, std::optional<stats::FittedFamily> stated)
      : expectation_(expectation), margin_(margin), family_(family), stated_(stated) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    field_ = column.field;
    state_ = need_sample(*planning.current, column, planning);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    std::string problem = why_not_numeric(*facts.schema, field_, expectation_.subject_node);
    if (!problem.empty()) return outcome.cannot(std::move(problem));
    const auto& sample = facts.current->get<states::Sample>(state_);
    outcome.rows_tested = sample.size();
    if (sample.empty()) return outcome.cannot(fmt::format("0 present values{}, nothing to compare", where_words(outcome)));
    stats::FittedFamily fitted;
    if (stated_) {
      fitted = *stated_;
    } else {
      const auto estimated = stats::fit_family(family_, sample);
      if (!estimated) return outcome.cannot(estimated.error().message);
      fitted = *estimated;
    }
    // Every draw sorts a sample of this size: fewer draws on many rows, never below what 99 % needs.
    const int draws = static_cast<int>(std::clamp<std::int64_t>(4'000'000 / sample.size(), 199, 9999));
    const stats::Simulation simulation{facts.seed, "distribution family " + expectation_.id, draws};
    const auto test = stats::family_test(fitted, sample, stated_ ? stats::Parameters::stated : stats::Parameters::estimated, simulation);
    if (!test) return outcome.cannot(test.error().message);
    const auto interval = stats::ks_distance_interval(test->statistic, sample.size(), margin_.confidence);
    const Likeness likeness{test->statistic, interval.interval, test->p_value, stats::detectable_ks_distance(static_cast<double>(sample.size()), margin_.alpha(), k_power),
                            fmt::format("Kolmogorov-Smirnov, {}", stats::method_name(test->method))};
    judge_likeness(likeness, margin_, DistanceKind::kolmogorov_smirnov, fitted.text(), outcome);
    std::vector<double> drawn;
    constexpr int k_points = 2000;
    for (int i = 0; i < k_points; ++i) drawn.push_back(fitted.quantile((i + 0.5) / k_points));
    outcome.chart = histogram(sample, stats::AscendingValues(drawn), fitted.text());
  }

 private:
  suite::Expectation expectation_;
  Margin margin_;
  stats::Family family_;
  std::optional<stats::FittedFamily> stated_;
  int field_ = -1;
  int state_ = -1;
};

Result<std::unique_ptr<DataCheck>> make_family(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const Margin margin, read_margin(expectation, DistanceKind::kolmogorov_smirnov));
  const yaml::Node& node = expectation.predicate->node;
  const auto family = stats::family_named(node.scalar);
  std::vector<std::string> known;
  for (const auto& entry : stats::families()) known.emplace_back(entry.name);
  if (!family) return node.fail_here(fmt::format("unknown family '{}'{}", shorten(node.scalar, 60), nearest_note(node.scalar, known)));
  std::optional<stats::FittedFamily> stated;
  if (const yaml::Node* parameters = expectation.parameter("parameters")) {
    std::vector<double> values;
    if (!parameters->is_list()) return parameters->fail_here(fmt::format("'parameters' is {}, expected a list of numbers", parameters->description()));
    for (const yaml::Node& item : parameters->items) {
      ASSIGN_OR_RETURN(values.emplace_back(), item.number("a parameter"));
    }
    auto made = stats::stated_family(*family, values);
    if (!made) return parameters->fail_here(made.error().message);
    stated = *made;
  }
  return std::make_unique<FamilyCheck>(expectation, margin, *family, stated);
}

Result<std::unique_ptr<DataCheck>> make_distribution(const suite::Expectation& expectation) {
  const std::string_view name = expectation.predicate->name();
  if (names_a_distance(expectation)) return make_named_distance(expectation);
  if (name == "like") return make_like(expectation);
  if (name == "same_as") return make_same_as(expectation);
  return make_family(expectation);
}

}  // namespace

const DataSubject k_distribution_subject = {{"distribution", "how the values are distributed: like stated shares, same as the reference, or a family", suite::Argument::column,
                                             {"family", "like", "same_as"}, {"confidence", "parameters", "within"}}, make_distribution};

}  // namespace cupel::expectations
