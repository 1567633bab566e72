#include "flow/input_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace cupel::flow {
namespace {

using testing::ElementsAre;

class InputWatchTest : public testing::Test {
 protected:
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  void put(const std::string& name, const std::string& text) const { ASSERT_TRUE(write_file(at(name), text)); }
  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "watch");
};

TEST_F(InputWatchTest, the_flow_its_outside_inputs_and_environments_are_watched) {
  put("f.yaml", "cupel: 1\nflow: w\nparams: {data: d.csv}\nsteps:\n  a: {run: \"true\", in: [\"${data}\", \"x/*.csv\", \"https://a/b\", home/own], out: [m], environment: env}\n"
                "  b: {run: \"true\", in: [\"${a.out}/m\", \"${data}\"]}\n");
  auto flow = read_flow(at("f.yaml"), {});
  ASSERT_TRUE(flow) << flow.error().message;
  const auto plan = make_plan(std::move(*flow));
  ASSERT_TRUE(plan) << plan.error().message;
  const fs::path real = plan->flow.folder;
  EXPECT_THAT(watched_paths(*plan, real / "home"), ElementsAre(real / "d.csv", real / "env", real / "f.yaml", real / "x/*.csv"));
}

TEST_F(InputWatchTest, a_change_is_noticed_once_it_is_whole_and_others_are_not) {
  put("d.csv", "1");
  put("other", "1");
  put("x/a.csv", "1");
  put("env/deep/file", "1");
  const StopSignals signals;
  auto watch = InputWatch::make({at("d.csv"), at("x/*.csv"), at("env"), at("not/there/yet.csv")}, at("home"));
  ASSERT_TRUE(watch) << watch.error().message;
  const auto noticed = [&](const std::string& name) {
    std::thread writer([&] {
      put("other", "2");
      put(name, "2");
    });
    const auto change = watch->wait(signals, 0.05);
    writer.join();
    return change.path;
  };
  EXPECT_EQ(noticed("d.csv"), at("d.csv"));
  EXPECT_EQ(noticed("x/new.csv"), at("x/new.csv"));
  EXPECT_EQ(noticed("env/deep/file").parent_path(), at("env/deep"));
  EXPECT_EQ(noticed("not/there/yet.csv"), at("not"));
  put("d.csv", "3");  // while nobody waits, as during a run
  EXPECT_EQ(watch->wait(signals, 0.05).path, at("d.csv"));
}

TEST_F(InputWatchTest, a_signal_ends_the_waiting) {
  const StopSignals signals;
  auto watch = InputWatch::make({at("d.csv")}, at("home"));
  ASSERT_TRUE(watch);
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(watch->wait(signals).signal, SIGINT);
}

}  // namespace
}  // namespace cupel::flow
