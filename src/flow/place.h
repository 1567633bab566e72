#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "flow/digest.h"
#include "flow/flow_file.h"

namespace cupel::flow {

/// Where a step's command runs.
enum class Place {
  host,    ///< as it is
  venv,    ///< a Python environment for steps whose environment folder has a requirements.txt; others on the host
  docker,  ///< in a container of the image that the step's Dockerfile builds; steps without one are refused
  podman,
};
std::string_view name_of(Place place);
Result<Place> parse_place(std::string_view name);

/// A command ready to start.
struct PlacedCommand {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::vector<std::string> cleanup;  ///< command to run when it did not end by itself; empty: none
  bool keeps_limits = false;         ///< the container does; the program that is started needs none
};

/// What a container must see, at the same paths inside as outside.
struct Mounts {
  fs::path flow_folder;              ///< read only
  fs::path home;                     ///< writable
  std::vector<fs::path> inputs;      ///< read only
  std::vector<std::string> visible;  ///< names of variables that are passed on
  ProcessLimits limits;              ///< that the container keeps
};

enum class Build { no, yes };

/// The environments of one run's steps: each is made once a content and remembered.
class Places {
 public:
  /// `environment` is this process's, as steps see it.
  Places(Place place, std::vector<std::string> environment) : place_(place), environment_(std::move(environment)) {}

  /// What of the place decides a step's outputs beside the files of its environment folder, for its key: "host"; "venv Python 3.11.2"; "docker
  /// sha256:…", the image that the step's Dockerfile makes. With Build::no an image that is not there yet is left unnamed.
  Result<std::string> identity(const Step& step, const fs::path& flow_folder, Build build);

  /// The command in its place. Makes what it needs: the Python environment under `<home>/venvs/`, by one process at a time, whole or not at all,
  /// however a builder dies; the image. Prints nothing; what the build said is in the error. `name` names the container.
  Result<PlacedCommand> command(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts, const std::string& name);

 private:
  Result<std::string> python_version();
  Result<std::string> image(const Step& step, const fs::path& flow_folder, Build build);
  Result<PlacedCommand> in_venv(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts);
  Result<PlacedCommand> in_container(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts, const std::string& name);

  Place place_;
  std::vector<std::string> environment_;
  std::string python_;
  std::map<std::string, std::string> images_;  ///< digest of the folder → id
};

/// Whether the program of the place is there and answers.
Result<void> check_place(Place place, const std::vector<std::string>& environment);

}  // namespace cupel::flow
