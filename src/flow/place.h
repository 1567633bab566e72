#pragma once

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
};

/// What a container must see, at the same paths inside as outside.
struct Mounts {
  fs::path flow_folder;              ///< read only
  fs::path home;                     ///< writable
  std::vector<fs::path> inputs;      ///< read only
  std::vector<std::string> visible;  ///< names of variables that are passed on
};

/// Makes what the place needs, once a content: the Python environment under `<home>/venvs/`, the image `cupel-step:<digest>`. Prints nothing; what
/// the build said is in the error. `name` names the container.
Result<PlacedCommand> place_command(Place place, const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts,
                                    const std::string& name);

/// Whether the program of the place is there and answers.
Result<void> check_place(Place place, const std::vector<std::string>& environment);

}  // namespace cupel::flow
