#include "flow/run_record.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace cupel::flow {
namespace {

TEST(RunRecord, one_of_a_newer_program_is_refused_as_such) {
  const auto error_of = [](const nlohmann::ordered_json& json) { return run_from_json(json, "runs/demo-1/run.json").error().message; };
  EXPECT_EQ(error_of({{"format", 2}}), "runs/demo-1/run.json: format 2 of a run's record, written by a newer cupel; this one reads up to 1");
  EXPECT_EQ(error_of({{"format", 0}}), "runs/demo-1/run.json: format 0 of a run's record, expected 1");
  EXPECT_EQ(error_of(nlohmann::ordered_json::array()), "runs/demo-1/run.json: a run's record is not an object");
}

}  // namespace
}  // namespace cupel::flow
