#include "flow/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/text.h"
#include "base/time.h"

namespace cupel::flow {
namespace {

using testing::Contains;
using testing::HasSubstr;

class PlaceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(folder_.path() / "flow/env/requirements.txt", "# nothing but Python itself\n"));
    ASSERT_TRUE(write_file(folder_.path() / "flow/env/Dockerfile", "FROM debian\n"));
    step_.name = "train";
    step_.environment = "env";
    mounts_ = {folder_.path() / "flow", folder_.path() / "home", {folder_.path() / "data.csv"}, {"CUPEL_OUT"}, {}};
  }
  /// Runs a command in a Python environment; its exit status.
  int run_in_venv(const std::vector<std::string>& argv) {
    Places places(Place::venv, current_environment());
    const auto placed = places.command(step_, argv, current_environment(), mounts_, "n");
    if (!placed) return 100;
    const auto run = run_captured({placed->argv, placed->environment, {}, {}, {}}, 60);
    return run ? run->outcome.exit_status : 101;
  }
  std::vector<fs::path> venvs() const {
    std::vector<fs::path> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "home/venvs", error)) {
      if (entry.is_directory()) all.push_back(entry.path());
    }
    return all;
  }
  /// A program that writes its arguments down and answers as `docker` does.
  std::vector<std::string> with_docker(const std::string& image) const {
    const fs::path program = folder_.path() / "bin/docker";
    EXPECT_TRUE(write_file(program, "#!/bin/sh\necho \"$*\" >> " + (folder_.path() / "said").string() + "\n[ \"$1\" = image ] && echo " + image + "\nexit 0\n"));
    ::chmod(program.c_str(), 0755);
    std::vector<std::string> environment = current_environment();
    set_variable(environment, "PATH", program.parent_path().string() + ":/usr/bin:/bin");
    return environment;
  }

  ScratchFolder folder_ = *ScratchFolder::make(fs::temp_directory_path(), "place");
  Step step_;
  Mounts mounts_;
};

TEST_F(PlaceTest, a_python_environment_is_built_once_by_two_processes_and_survives_a_killed_builder) {
  const std::vector<std::string> asks{"python", "-c", "import os, sys; sys.exit(0 if sys.prefix == os.environ['VIRTUAL_ENV'] else 7)"};
  // A builder dies in the middle.
  const pid_t killed = ::fork();
  ASSERT_GE(killed, 0);
  if (killed == 0) ::_exit(run_in_venv(asks));
  const Stopwatch watch;
  while (venvs().empty() && watch.seconds() < 20) ::usleep(2000);
  ASSERT_FALSE(venvs().empty());
  ::kill(killed, SIGKILL);
  ::waitpid(killed, nullptr, 0);
  EXPECT_FALSE(fs::exists(venvs()[0] / "complete"));
  // Two more come at once.
  std::vector<pid_t> both;
  for (int i = 0; i < 2; ++i) {
    both.push_back(::fork());
    ASSERT_GE(both.back(), 0);
    if (both.back() == 0) ::_exit(run_in_venv(asks));
  }
  for (const pid_t process : both) {
    int status = 0;
    ::waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  ASSERT_EQ(venvs().size(), 1u);
  EXPECT_TRUE(fs::exists(venvs()[0] / "complete"));
}

TEST_F(PlaceTest, what_cannot_be_installed_is_named_and_nothing_counts_as_complete) {
  ASSERT_TRUE(write_file(folder_.path() / "flow/env/requirements.txt", "./no_such_package_here\n"));
  Places places(Place::venv, current_environment());
  const auto placed = places.command(step_, {"python"}, current_environment(), mounts_, "n");
  ASSERT_FALSE(placed);
  EXPECT_THAT(placed.error().message, HasSubstr("cannot install 'env/requirements.txt': "));
  ASSERT_EQ(venvs().size(), 1u);
  EXPECT_FALSE(fs::exists(venvs()[0] / "complete"));
}

TEST_F(PlaceTest, the_image_that_runs_is_the_one_of_the_key_and_keeps_the_limits) {
  const auto environment = with_docker("sha256:abc");
  mounts_.limits = {1u << 30, 60, 4096, 2};
  Places places(Place::docker, environment);
  EXPECT_EQ(*places.identity(step_, mounts_.flow_folder, Build::yes), "docker sha256:abc");
  const auto placed = places.command(step_, {"cupel", "train"}, environment, mounts_, "cupel-1");
  ASSERT_TRUE(placed) << placed.error().message;
  const std::string line = join(placed->argv, " ");
  EXPECT_THAT(line, HasSubstr("--memory 1073741824 --ulimit cpu=60 --ulimit fsize=4096"));
  EXPECT_THAT(line, HasSubstr("--entrypoint cupel sha256:abc train"));
  EXPECT_THAT(line, HasSubstr("--env CUPEL_OUT "));
  EXPECT_TRUE(placed->keeps_limits);
  const std::string said = *read_file(folder_.path() / "said");
  EXPECT_EQ(said.find("build"), said.rfind("build")) << "built once: " << said;
  // Another Dockerfile is another image.
  ASSERT_TRUE(write_file(folder_.path() / "flow/env/Dockerfile", "FROM debian:12\n"));
  (void)with_docker("sha256:def");
  EXPECT_EQ(*places.identity(step_, mounts_.flow_folder, Build::yes), "docker sha256:def");
}

TEST_F(PlaceTest, a_place_whose_program_is_not_there_says_so) {
  const std::vector<std::string> nothing{"PATH=/nowhere"};
  EXPECT_EQ(check_place(Place::podman, nothing).error().message, "--environments podman needs the program 'podman', which is not there");
  EXPECT_EQ(check_place(Place::venv, nothing).error().message, "--environments venv needs the program 'python3', which is not there");
  EXPECT_TRUE(check_place(Place::host, nothing));
  Step bare;
  bare.name = "bare";
  EXPECT_THAT(Places(Place::docker, nothing).identity(bare, folder_.path(), Build::no).error().message, HasSubstr("step 'bare' has no 'environment'"));
  EXPECT_EQ(*Places(Place::venv, nothing).identity(bare, folder_.path(), Build::no), "host");
}

}  // namespace
}  // namespace cupel::flow
