#include "expectations/named_distance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "expectations/category_counts.h"
#include "expectations/subjects_internal.h"
#include "states/sample.h"
#include "stats/distance_tests.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using stats::DistanceTest;
using stats::ShareDistance;

struct NamedDistance {
  std::string_view key;
  std::string_view words;
  std::optional<ShareDistance> of_shares;  ///< empty: of the values themselves
};

constexpr NamedDistance k_distances[] = {
    {"hellinger", "Hellinger distance", ShareDistance::hellinger},
    {"js", "Jensen-Shannon distance", ShareDistance::jensen_shannon},
    {"kl", "Kullback-Leibler divergence", ShareDistance::kullback_leibler},
    {"linf", "largest difference of a share", ShareDistance::l_infinity},
    {"psi", "population stability index", ShareDistance::psi},
    {"wasserstein", "Wasserstein distance in standard deviations", std::nullopt},
};

const NamedDistance* find_distance(std::string_view key) {
  const auto* found = std::find_if(std::begin(k_distances), std::end(k_distances), [&](const NamedDistance& known) { return known.key == key; });
  return found == std::end(k_distances) ? nullptr : found;
}

struct NamedMargin {
  const NamedDistance* distance = nullptr;
  double value = 0;
  double confidence = 0.99;
};

Result<NamedMargin> read_named_margin(const suite::Expectation& expectation) {
  NamedMargin margin;
  const yaml::Node& within = *expectation.parameter("within");
  if (within.members.size() != 1) return within.fail_here("'within' has several distances, expected one for each expectation");
  margin.distance = find_distance(within.members[0].key.scalar);
  const yaml::Node& value = within.members[0].value;
  const auto written = value.is_scalar() && trim(value.scalar).ends_with('%') ? value.share("'within'") : value.number(fmt::format("'{}'", margin.distance->key));
  if (!written) return tl::unexpected(written.error());
  margin.value = *written;
  if (!(margin.value > 0)) return value.fail_here(fmt::format("'{}' is {}, expected more than 0", margin.distance->key, value.description()));
  if (const yaml::Node* confidence = expectation.parameter("confidence")) {
    ASSIGN_OR_RETURN(margin.confidence, confidence->share("'confidence'"));
    if (margin.confidence < 0.5 || margin.confidence >= 1) return confidence->fail_here(fmt::format("'confidence' is {}, expected from 50% to below 100%", confidence->description()));
  }
  return margin;
}

void decide_distance(const DistanceTest& test, const NamedMargin& margin, std::string_view compared, suite::Outcome& outcome) {
  const bool there = test.p_value < 1 - margin.confidence;
  const bool matters = test.distance > margin.value;
  const bool could_tell = test.critical <= margin.value;
  outcome.observed = test.distance;
  outcome.p_value = test.p_value;
  outcome.effect = suite::Effect{std::string(margin.distance->key), test.distance, margin.value};
  outcome.message = fmt::format("{} {:.4f} from {} (margin {}), p {:.4f} ({} draws; without a change at most {:.4f} in {} %)", margin.distance->words, test.distance, compared, number_text(margin.value),
                                test.p_value, test.draws, test.critical, number_text(margin.confidence * 100));
  if (there && matters) {
    outcome.verdict = suite::Verdict::fail;
  } else if (!matters && could_tell) {
    outcome.verdict = suite::Verdict::pass;
    if (there) outcome.message += ": a real difference, too small to matter";
  } else {
    outcome.verdict = suite::Verdict::inconclusive;
    outcome.message += matters ? ": large, but these rows cannot show that it is no accident" : ": too few rows, an accident may be larger than the margin";
  }
}

class LikeDistanceCheck : public DataCheck {
 public:
  LikeDistanceCheck(const suite::Expectation& expectation, NamedMargin margin, StatedShares stated) : expectation_(expectation), margin_(margin), stated_(std::move(stated)) {}

  Result<void> plan(const Planning& planning) override {
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], expectation_.subject_node, As::native));
    state_ = need_tally(*planning.current, column, planning);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const auto& tally = facts.current->get<states::Tally>(state_);
    outcome.rows_tested = tally.count();
    if (tally.count() == 0) return outcome.cannot(fmt::format("0 present values{}, nothing to compare", where_words(outcome)));
    StatedCounts counts = count_stated(stated_, tally);
    const double total = std::accumulate(counts.expected.begin(), counts.expected.end(), 0.0);
    for (double& share : counts.expected) share /= total;
    const stats::Simulation simulation{facts.seed, "distribution like " + expectation_.id};
    decide_distance(stats::test_distance(*margin_.distance->of_shares, counts.expected, counts.observed, 1 - margin_.confidence, simulation), margin_, "the stated shares", outcome);
  }

 private:
  suite::Expectation expectation_;
  NamedMargin margin_;
  StatedShares stated_;
  int state_ = -1;
};

class ReferenceDistanceCheck : public DataCheck {
 public:
  ReferenceDistanceCheck(const suite::Expectation& expectation, NamedMargin margin) : expectation_(expectation), margin_(margin) {}

  Result<void> plan(const Planning& planning) override {
    const yaml::Node& node = expectation_.subject_node;
    ASSIGN_OR_RETURN(const auto column, planning.column(expectation_.arguments[0], node, As::native));
    ASSIGN_OR_RETURN(const auto other, planning.reference_column(expectation_.arguments[0], expectation_.predicate->node, As::native));
    if (planning.where) TRY(planning.where->bind(planning.reference->schema()));
    field_ = column.field;
    reference_field_ = other.field;
    // Which of the two is needed is known when the types are: after the scan.
    current_ = need_both(*planning.current, column, planning);
    reference_ = need_both(*planning.reference, other, planning);
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
  struct Both {
    int counts = -1;
    int sample = -1;
  };
  static Both need_both(states::Plan& plan, table::ColumnRequest column, const Planning& planning) {
    return {need_tally(plan, column, planning),
            plan.need("sample", {column}, planning.where, [limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<states::Sample>(slots[0], limit); })};
  }

  void judge_categories(const Facts& facts, const stats::Simulation& simulation, suite::Outcome& outcome) const {
    if (!margin_.distance->of_shares) return outcome.cannot(fmt::format("{}: '{}' is a distance of numbers, expected one of shares such as js", expectation_.parameter("within")->place(), margin_.distance->key));
    const auto& current = facts.current->get<states::Tally>(current_.counts);
    const auto& reference = facts.reference->get<states::Tally>(reference_.counts);
    outcome.rows_tested = current.count();
    if (current.count() == 0 || reference.count() == 0) return outcome.cannot(fmt::format("0 present values {}", current.count() == 0 ? "in the data" : "in the reference"));
    const auto counts = pair_counts(current, reference, 0);
    if (!counts) return outcome.cannot(counts.error().text());
    decide_distance(stats::test_distance(*margin_.distance->of_shares, counts->there, counts->here, 1 - margin_.confidence, simulation), margin_, "the reference", outcome);
  }

  void judge_numbers(const Facts& facts, const stats::Simulation& simulation, suite::Outcome& outcome) const {
    const auto& current = facts.current->get<states::Sample>(current_.sample);
    const auto& reference = facts.reference->get<states::Sample>(reference_.sample);
    outcome.rows_tested = current.size();
    if (current.empty() || reference.empty()) return outcome.cannot(fmt::format("0 present values {}", current.empty() ? "in the data" : "in the reference"));
    if (!margin_.distance->of_shares) {
      const auto test = stats::test_wasserstein(reference, current, 1 - margin_.confidence, simulation);
      if (!test) return outcome.cannot("the reference has no spread to measure the distance by");
      return decide_distance(*test, margin_, "the reference", outcome);
    }
    // Tenths of the reference: an edge at each decile, equal ones once; a value on an edge belongs below it.
    std::vector<std::int64_t> deciles;
    for (std::int64_t i = 1; i < 10; ++i) deciles.push_back(i * (reference.size() - 1) / 10);
    std::vector<double> edges = stats::values_at(reference, deciles);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    const auto counts_of = [&](const stats::Ascending& sample) {
      std::vector<std::int64_t> counts = stats::ranks_of(sample, edges);
      counts.push_back(sample.size());
      std::adjacent_difference(counts.begin(), counts.end(), counts.begin());
      return counts;
    };
    std::vector<std::int64_t> there = counts_of(reference);
    std::vector<std::int64_t> here = counts_of(current);
    for (std::size_t i = there.size(); i-- > 0;) {  // a bin without any value says nothing
      if (there[i] + here[i] > 0) continue;
      there.erase(there.begin() + static_cast<std::ptrdiff_t>(i));
      here.erase(here.begin() + static_cast<std::ptrdiff_t>(i));
    }
    decide_distance(stats::test_distance(*margin_.distance->of_shares, there, here, 1 - margin_.confidence, simulation), margin_, "the reference", outcome);
    outcome.message += fmt::format(" [{} bins]", there.size());
  }

  suite::Expectation expectation_;
  NamedMargin margin_;
  int field_ = -1;
  int reference_field_ = -1;
  Both current_;
  Both reference_;
};

}  // namespace

bool names_a_distance(const suite::Expectation& expectation) {
  const yaml::Node* within = expectation.parameter("within");
  if (within == nullptr || !within->is_map()) return false;
  return std::any_of(within->members.begin(), within->members.end(), [](const auto& member) { return find_distance(member.key.scalar) != nullptr; });
}

Result<std::unique_ptr<DataCheck>> make_named_distance(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(const NamedMargin margin, read_named_margin(expectation));
  const yaml::Node& node = expectation.predicate->node;
  if (expectation.predicate->name() == "same_as") {
    if (node.scalar != "reference") return node.fail_here(fmt::format("'same_as' is {}, expected reference", node.description()));
    return std::make_unique<ReferenceDistanceCheck>(expectation, margin);
  }
  ASSIGN_OR_RETURN(StatedShares stated, StatedShares::read(expectation));
  if (!margin.distance->of_shares) return expectation.parameter("within")->fail_here(fmt::format("'{}' is a distance of numbers, expected one of shares such as js", margin.distance->key));
  return std::make_unique<LikeDistanceCheck>(expectation, margin, std::move(stated));
}

}  // namespace cupel::expectations
