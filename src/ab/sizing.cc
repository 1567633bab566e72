#include "ab/sizing.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.h"

namespace cupel::ab {
namespace {

using Kind = SizingQuestion::Kind;

stats::TestDesign design_of(const SizingQuestion& question) {
  return {question.alpha, question.power.value_or(0.8), question.one_sided ? stats::Alternative::greater : stats::Alternative::two_sided,
          question.share_of_treatment};
}

Result<void> check_question(const SizingQuestion& question) {
  const int given = (question.detect ? 1 : 0) + (question.units ? 1 : 0) + (question.power ? 1 : 0);
  if (given != 2) return fail("{} of --detect, --units and --power are given, expected two: the third is found", given);
  if (question.detect && *question.detect == 0) return fail("the difference to detect is 0, expected another number");
  if (question.units && !(*question.units > 3)) return fail("{} units, expected more than 3", number_text(*question.units));
  if (question.power && !(*question.power > question.alpha && *question.power < 1)) {
    return fail("power {}, expected more than alpha and less than 100 %", percent_text(*question.power));
  }
  if (question.kind == Kind::share && question.detect &&
      !(question.baseline + *question.detect >= 0 && question.baseline + *question.detect <= 1)) {
    return fail("a difference of {} from {} leaves the range of shares", fmt::format("{:+.2f} %", *question.detect * 100),
                percent_text(question.baseline));
  }
  if (question.kind == Kind::mean && !(question.stddev > 0))
    return fail("standard deviation {}, expected a positive number", number_text(question.stddev));
  if (question.kind == Kind::paired && !(question.disagree > 0 && question.disagree <= 1)) {
    return fail("disagreement {}, expected a share above 0 %", percent_text(question.disagree));
  }
  if (question.kind == Kind::paired && question.detect && std::abs(*question.detect) > question.disagree) {
    return fail("a difference of {} is more than the models disagree ({})", percent_text(std::abs(*question.detect)),
                percent_text(question.disagree));
  }
  return {};
}

double power_at(const SizingQuestion& question, double detect, double units) {
  const stats::TestDesign design = design_of(question);
  switch (question.kind) {
    case Kind::share: return stats::proportions_power(question.baseline, question.baseline + detect, units, design);
    case Kind::mean: return stats::means_power(std::abs(detect), question.stddev, units, design);
    case Kind::paired: {
      const double half = std::abs(detect) / 2;
      return stats::mcnemar_power(question.disagree / 2 - half, question.disagree / 2 + half, units, design);
    }
  }
  return 0;
}

Result<double> units_for(const SizingQuestion& question) {
  const stats::TestDesign design = design_of(question);
  switch (question.kind) {
    case Kind::share: return stats::proportions_sample_size(question.baseline, question.baseline + *question.detect, design);
    case Kind::mean: return stats::means_sample_size(std::abs(*question.detect), question.stddev, design);
    case Kind::paired: {
      const double half = std::abs(*question.detect) / 2;
      return stats::mcnemar_sample_size(question.disagree / 2 - half, question.disagree / 2 + half, design);
    }
  }
  return 0;
}

/// The least difference that `units` find with the wanted power.
Result<double> detect_for(const SizingQuestion& question, double units) {
  const stats::TestDesign design = design_of(question);
  if (question.kind == Kind::share) {
    ASSIGN_OR_RETURN(const double second, stats::proportions_detectable(question.baseline, units, stats::Direction::up, design));
    return second - question.baseline;
  }
  if (question.kind == Kind::mean) return stats::means_detectable(question.stddev, units, design);
  if (power_at(question, question.disagree, units) < design.power) {
    return fail("{} rows find no difference below the disagreement of {}", with_thousands(static_cast<std::int64_t>(units)),
                percent_text(question.disagree));
  }
  double low = 0;
  double high = question.disagree;
  for (int step = 0; step < 100; ++step) {
    const double middle = (low + high) / 2;
    (power_at(question, middle, units) < design.power ? low : high) = middle;
  }
  return high;
}

double inflation_of(const SizingQuestion& question, double power) {
  if (question.looks <= 1) return 1;
  std::vector<double> fractions;
  for (int k = 1; k <= question.looks; ++k) fractions.push_back(static_cast<double>(k) / question.looks);
  const std::vector<double> bounds = stats::spending_bounds(question.spending, fractions, question.alpha);
  return stats::sample_size_inflation(bounds, question.alpha, std::clamp(power, 0.5, 0.999));
}

std::string difference_text(const SizingQuestion& question, double detect) {
  if (question.kind == Kind::mean) return number_text(std::abs(detect));
  return fmt::format("{:.2f} percentage points", std::abs(detect) * 100);
}

std::string sizing_text(const SizingQuestion& question, const Sizing& sizing) {
  const std::string noun = question.kind == Kind::paired ? "rows scored by both models" : "units";
  std::string text = fmt::format("{} {}", with_thousands(static_cast<std::int64_t>(sizing.units)), noun);
  if (question.kind != Kind::paired) {
    const double treatment = std::ceil(sizing.units * question.share_of_treatment);
    text += fmt::format(" ({} control, {} treatment)", with_thousands(static_cast<std::int64_t>(sizing.units - treatment)),
                        with_thousands(static_cast<std::int64_t>(treatment)));
  }
  switch (question.kind) {
    case Kind::share:
      text += fmt::format(" find a change from {} to {}", percent_text(question.baseline), percent_text(question.baseline + sizing.detect));
      break;
    case Kind::mean:
      text += fmt::format(" find a difference of {} (standard deviation {})", number_text(std::abs(sizing.detect)),
                          number_text(question.stddev));
      break;
    case Kind::paired:
      text += fmt::format(" find a difference of {} between models that disagree on {}", difference_text(question, sizing.detect),
                          percent_text(question.disagree));
      break;
  }
  text += fmt::format(" with power {} at alpha {} ({}).\n", percent_text(sizing.power), percent_text(question.alpha),
                      question.one_sided ? "one-sided" : "two-sided");
  if (question.looks > 1) {
    text += fmt::format("{} looks cost a factor of {:.4f} ({} spending).\n", question.looks, sizing.inflation,
                        question.spending == stats::Spending::pocock ? "Pocock" : "O'Brien-Fleming");
  }
  if (sizing.design_effect > 1) {
    text += fmt::format("Clusters of {} with correlation {} cost a factor of {:.4f}.\n", number_text(question.cluster_size),
                        number_text(question.cluster_correlation), sizing.design_effect);
  }
  if (sizing.days) text += fmt::format("At {} a day that takes {} days.\n", number_text(*question.per_day), number_text(*sizing.days));
  return text;
}

}  // namespace

Result<Sizing> size_experiment(const SizingQuestion& question) {
  TRY(check_question(question));
  Sizing sizing;
  sizing.design_effect = 1 + (question.cluster_size - 1) * question.cluster_correlation;
  sizing.inflation = inflation_of(question, question.power.value_or(0.8));
  const double factor = sizing.inflation * sizing.design_effect;
  if (!question.units) {
    ASSIGN_OR_RETURN(const double units, units_for(question));
    sizing.units = std::ceil(units * factor - 1e-9);
    sizing.detect = *question.detect;
  } else {
    sizing.units = *question.units;
    if (question.detect) {
      sizing.detect = *question.detect;
    } else {
      ASSIGN_OR_RETURN(sizing.detect, detect_for(question, sizing.units / factor));
    }
  }
  sizing.power = question.power ? *question.power : power_at(question, sizing.detect, sizing.units / factor);
  if (question.per_day) sizing.days = std::ceil(sizing.units / *question.per_day);
  sizing.text = sizing_text(question, sizing);
  sizing.json = Json{{"units", sizing.units},
                     {"detect", sizing.detect},
                     {"power", sizing.power},
                     {"alpha", question.alpha},
                     {"share_of_treatment", question.share_of_treatment},
                     {"looks", question.looks},
                     {"inflation", sizing.inflation},
                     {"design_effect", sizing.design_effect}};
  if (sizing.days) sizing.json["days"] = *sizing.days;
  return sizing;
}

}  // namespace cupel::ab
