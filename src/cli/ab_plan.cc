// cupel ab plan: how many units find which difference.

#include <cstdio>

#include "ab/sizing.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/ab_words.h"
#include "cli/command.h"

namespace cupel::cli {
namespace {

struct PlanWords {
  std::string baseline, stddev, disagree, detect, power, alpha = "5%", treatment = "50%", spending = "obrien-fleming", json;
  std::optional<double> units, per_day;
  int looks = 1;
  double cluster_size = 1, cluster_correlation = 0;
  bool one_sided = false;
};

Result<ab::SizingQuestion> question_of(const PlanWords& words) {
  ab::SizingQuestion question;
  const int kinds = (words.baseline.empty() ? 0 : 1) + (words.stddev.empty() ? 0 : 1) + (words.disagree.empty() ? 0 : 1);
  if (kinds != 1) {
    return fail_with_hint(fmt::format("{} of --baseline, --stddev and --disagree are given, expected one", kinds),
                          "--baseline for shares, --stddev for means, --disagree for two models on the same rows");
  }
  if (!words.baseline.empty()) {
    ASSIGN_OR_RETURN(question.baseline, amount_of("--baseline", words.baseline));
    if (question.baseline < 0 || question.baseline > 1)
      return fail("--baseline is '{}', expected a share from 0 % to 100 %", words.baseline);
  } else if (!words.stddev.empty()) {
    question.kind = ab::SizingQuestion::Kind::mean;
    ASSIGN_OR_RETURN(question.stddev, amount_of("--stddev", words.stddev));
  } else {
    question.kind = ab::SizingQuestion::Kind::paired;
    ASSIGN_OR_RETURN(question.disagree, amount_of("--disagree", words.disagree));
  }
  if (!words.detect.empty()) {
    ASSIGN_OR_RETURN(question.detect, amount_of("--detect", words.detect));
  }
  question.units = words.units;
  if (!words.power.empty()) {
    ASSIGN_OR_RETURN(question.power, amount_between("--power", words.power, 0, 1));
  } else if (question.detect.has_value() != question.units.has_value()) {
    question.power = 0.8;  // one of size and difference is open: the usual power finds it
  }
  ASSIGN_OR_RETURN(question.alpha, amount_between("--alpha", words.alpha, 0, 1));
  ASSIGN_OR_RETURN(question.share_of_treatment, amount_between("--treatment", words.treatment, 0, 1));
  question.one_sided = words.one_sided;
  question.looks = words.looks;
  if (words.spending == "pocock") question.spending = stats::Spending::pocock;
  question.cluster_size = words.cluster_size;
  question.cluster_correlation = words.cluster_correlation;
  question.per_day = words.per_day;
  return question;
}

}  // namespace

Result<int> ab_plan(std::span<const std::string> words) {
  PlanWords plan;
  CLI::App app("How many units find which difference: give two of --detect, --units and --power (80% if only one is given).", "ab plan");
  app.add_option("--baseline", plan.baseline, "the control's share, such as 82%")->type_name("SHARE");
  app.add_option("--stddev", plan.stddev, "standard deviation of a numeric outcome")->type_name("X");
  app.add_option("--disagree", plan.disagree, "share of rows on which exactly one of two models is right: McNemar's test")
      ->type_name("SHARE");
  app.add_option("--detect", plan.detect, "the difference to find: +2% (percentage points), -1%, 0.3")->type_name("X");
  app.add_option("--units", plan.units, "units in all arms together")->type_name("N");
  app.add_option("--power", plan.power, "chance to find the difference")->type_name("SHARE");
  app.add_option("--alpha", plan.alpha, "chance to find one that is not there")->type_name("SHARE")->capture_default_str();
  app.add_option("--treatment", plan.treatment, "share of the units that meet the treatment")->type_name("SHARE")->capture_default_str();
  app.add_flag("--one-sided", plan.one_sided, "only one direction counts");
  app.add_option("--looks", plan.looks, "planned looks at equally spaced numbers of units")
      ->type_name("N")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--spending", plan.spending, "how looks spend alpha")
      ->check(CLI::IsMember({"obrien-fleming", "pocock"}))
      ->capture_default_str();
  app.add_option("--cluster-size", plan.cluster_size, "rows that belong together, on average")
      ->check(CLI::Range(1.0, 1e9))
      ->capture_default_str();
  app.add_option("--cluster-correlation", plan.cluster_correlation, "correlation of two rows of one cluster")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--per-day", plan.per_day, "units that arrive a day: prints the duration")->type_name("N")->check(CLI::PositiveNumber);
  app.add_option("--json", plan.json, "write the plan as JSON to a file, or to standard output: -")->type_name("FILE");
  PARSE_OR_RETURN(app, words);
  ASSIGN_OR_RETURN(const ab::SizingQuestion question, question_of(plan));
  ASSIGN_OR_RETURN(const ab::Sizing sizing, ab::size_experiment(question));
  if (plan.json != "-") fmt::print("{}", sizing.text);
  if (!plan.json.empty()) {
    Json json{{"format", 1}, {"cupel", CUPEL_VERSION}, {"kind", "ab_plan"}};
    json.update(sizing.json);
    if (plan.json == "-")
      fmt::print("{}", json_text(json));
    else
      TRY(write_file(plan.json, json_text(json)));
  }
  return 0;
}

}  // namespace cupel::cli
