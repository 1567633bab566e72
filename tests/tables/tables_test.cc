#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "ab/ab_suite.h"
#include "cli/pages.h"
#include "drift/table_drift.h"
#include "expectations/data_check.h"
#include "flow/inject.h"
#include "model/metrics.h"
#include "robustness/model_subject.h"
#include "robustness/perturbation.h"
#include "suite/predicate.h"

namespace cupel {
namespace {

using Names = std::set<std::string>;

Names pages_in(std::string_view folder) {
  Names names;
  for (const cli::Page& page : cli::pages_of(folder)) names.emplace(page.name);
  return names;
}

/// What `cupel --help` lists: "  check      data tests on a table".
Names commands() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(CUPEL_BINARY_DIR "/bin/cupel --help", "r"), ::pclose);
  Names names;
  char line[512];
  while (pipe && std::fgets(line, sizeof line, pipe.get()) != nullptr) {
    const std::string_view text = line;
    if (text.starts_with("  ")) names.emplace(text.substr(2, text.find(' ', 2) - 2));
  }
  return names;
}

TEST(Tables, EveryCommandHasItsPage) {
  EXPECT_THAT(commands(), testing::Contains("check"));
  EXPECT_EQ(pages_in("commands"), commands());
}

TEST(Tables, EveryDataSubjectHasItsPage) {
  Names names;
  for (const expectations::DataSubject* subject : expectations::subject_table()) names.emplace(subject->name);
  EXPECT_EQ(pages_in("subjects"), names);
}

TEST(Tables, EveryPredicateHasItsPage) {
  Names names;
  for (const suite::PredicateInfo& predicate : suite::predicate_table()) names.emplace(predicate.name);
  EXPECT_EQ(pages_in("predicates"), names);
}

TEST(Tables, EveryModelSubjectHasItsPage) {
  Names names;
  for (const robustness::ModelSubject& subject : robustness::model_subject_table()) names.emplace(subject.name);
  EXPECT_EQ(pages_in("model_subjects"), names);
}

TEST(Tables, EveryPerturbationHasItsPage) {
  Names names;
  for (const robustness::Perturbation& perturbation : robustness::perturbation_table()) names.emplace(perturbation.name);
  EXPECT_EQ(pages_in("perturbations"), names);
}

TEST(Tables, EveryMetricHasItsPage) {
  Names names;
  for (const model::Metric& metric : model::metrics()) names.emplace(metric.name);
  EXPECT_EQ(pages_in("metrics"), names);
}

TEST(Tables, EveryDriftSubjectHasItsPage) {
  Names names;
  for (const suite::SubjectInfo& subject : drift::subject_table()) names.emplace(subject.name);
  EXPECT_THAT(pages_in("drift"), testing::IsSupersetOf(names));
}

TEST(Tables, EveryAbSubjectHasItsPage) {
  Names names;
  for (const suite::SubjectInfo& subject : ab::subject_table()) names.emplace(subject.name);
  EXPECT_THAT(pages_in("ab"), testing::IsSupersetOf(names));
}

/// "rows:N" -> "rows": a page is about a fault, whatever its value.
TEST(Tables, EveryInducedFaultHasItsPage) {
  Names names;
  for (const flow::InducedEntry& fault : flow::induced_faults()) names.emplace(fault.form.substr(0, fault.form.find_first_of(":@")));
  EXPECT_THAT(pages_in("faults"), testing::IsSupersetOf(names));
}

}  // namespace
}  // namespace cupel
