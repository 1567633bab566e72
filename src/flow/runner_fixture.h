#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "flow/run_folder.h"
#include "flow/runner.h"

namespace cupel::flow {

/// A home and a folder for a flow of the test's own.
class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.home = folder_.path() / "home";
    options_.grace_seconds = 0.3;
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(at(name), text)); }
  std::string text(const fs::path& path) const { return read_file(path).value_or("(missing)"); }

  Plan plan(const std::string& steps, const Params& overrides = {}, const std::string& params = "{}") {
    put("f.yaml", "cupel: 1\nflow: demo\nparams: " + params + "\nsteps:\n" + steps);
    auto flow = read_flow(at("f.yaml"), overrides);
    EXPECT_TRUE(flow) << flow.error().message;
    auto made = make_plan(std::move(*flow));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  void inject(const std::string& word) { options_.injections.push_back(*parse_injection(word)); }
  RunRecord run(const Plan& plan) {
    auto record = run_flow(plan, options_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(RunRecord{});
  }
  RunRecord resume(const Plan& plan, const std::string& id = "last") {
    auto record = resume_flow(*find_run(options_.home, id), plan, options_);
    EXPECT_TRUE(record) << record.error().message;
    return record.value_or(RunRecord{});
  }
  fs::path out(const RunRecord& record, const std::string& step) const { return fs::path(record.folder) / "steps" / step / "out"; }
  static StepState state(const RunRecord& record, const std::string& step) { return record.find(step)->state; }
  static Fault fault(const RunRecord& record, const std::string& step) { return record.find(step)->fault; }
  static std::string why(const RunRecord& record, const std::string& step) { return record.find(step)->why; }

  /// Every file of a run that is neither record nor output: scratch that was left.
  std::vector<std::string> scratch(const RunRecord& record) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(record.folder)) {
      const std::string name = entry.path().filename().string();
      if (name.find(".json.") != std::string::npos || (entry.path().parent_path().filename().string().starts_with("attempt-") && name == "out")) found.push_back(entry.path().string());
    }
    return found;
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "runner");
  RunOptions options_;
};

}  // namespace cupel::flow
