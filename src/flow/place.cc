#include "flow/place.h"

#include <unistd.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "flow/fault.h"

namespace cupel::flow {
namespace {

constexpr std::string_view k_places[] = {"host", "venv", "docker", "podman"};
constexpr double k_build_seconds = 3600;
constexpr double k_answer_seconds = 15;

/// Runs a helper command to its end; its last words are the error.
Result<std::string> run_helper(std::vector<std::string> argv, const std::vector<std::string>& environment, const fs::path& folder, double seconds,
                               std::string_view doing) {
  ProcessSpec spec{std::move(argv), environment, folder, {}, {}};
  ASSIGN_OR_RETURN(const CapturedRun run, run_captured(spec, seconds));
  if (run.stopped) return fail(ErrorKind::interrupted, "told to stop: cannot {}", doing);
  if (run.outcome.exit_status == 0) return run.output;
  const std::string said = last_line(run.errors).empty() ? last_line(run.output) : last_line(run.errors);
  return fail(ErrorKind::io, "cannot {}: {}", doing, said.empty() ? fmt::format("'{}' ended with status {}", spec.argv[0], run.outcome.exit_status) : said);
}

Result<PlacedCommand> in_venv(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts) {
  const fs::path requirements = mounts.flow_folder / step.environment / "requirements.txt";
  std::error_code error;
  if (step.environment.empty() || !fs::is_regular_file(requirements, error)) return PlacedCommand{std::move(argv), std::move(environment), {}};
  ASSIGN_OR_RETURN(const std::string wanted, read_file(requirements));
  ASSIGN_OR_RETURN(const std::string version, run_helper({"python3", "--version"}, environment, {}, k_answer_seconds, "start python3"));
  const fs::path venv = mounts.home / "venvs" / sha256_hex(version + wanted).substr(0, 16);
  if (!fs::exists(venv / "complete", error)) {
    // Built in place (a venv holds its own path), and complete only when its last file is there.
    fs::remove_all(venv, error);
    fs::create_directories(venv.parent_path(), error);
    TRY(run_helper({"python3", "-m", "venv", venv.string()}, environment, {}, k_build_seconds, "make a Python environment"));
    TRY(run_helper({(venv / "bin" / "python").string(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements.string()}, environment, {},
                   k_build_seconds, fmt::format("install '{}'", (fs::path(step.environment) / "requirements.txt").string())));
    TRY(write_file(venv / "complete", wanted, Durable::yes));
  }
  std::string path = (venv / "bin").string();
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) path += ":" + entry.substr(5);
  }
  set_variable(environment, "PATH", path);
  set_variable(environment, "VIRTUAL_ENV", venv.string());
  return PlacedCommand{std::move(argv), std::move(environment), {}};
}

Result<PlacedCommand> in_container(std::string_view program, const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts,
                                   const std::string& name) {
  if (step.environment.empty()) {
    return step.place.fail_here(fmt::format("step '{}' has no 'environment', expected a folder with a Dockerfile for --environments {}", step.name, program));
  }
  const fs::path context = mounts.flow_folder / step.environment;
  Digester digester;
  ASSIGN_OR_RETURN(const Digest digest, digester.of(context));
  const std::string image = "cupel-step:" + digest.sha256.substr(0, 16);
  TRY(run_helper({std::string(program), "build", "--quiet", "--tag", image, context.string()}, environment, {}, k_build_seconds,
                 fmt::format("build '{}'", (fs::path(step.environment) / "Dockerfile").string())));
  std::vector<std::string> run{std::string(program), "run", "--rm", "--init", "--name", name, "--workdir", mounts.flow_folder.string()};
  if (program == "docker") run.insert(run.end(), {"--user", fmt::format("{}:{}", ::getuid(), ::getgid())});
  const auto mount = [&](const fs::path& path, std::string_view mode) { run.insert(run.end(), {"--volume", fmt::format("{0}:{0}:{1}", path.string(), mode)}); };
  mount(mounts.flow_folder, "ro");
  for (const fs::path& input : mounts.inputs) mount(input, "ro");
  mount(mounts.home, "rw");
  for (const std::string& variable : mounts.visible) run.insert(run.end(), {"--env", variable});
  run.insert(run.end(), {"--entrypoint", argv[0], image});
  run.insert(run.end(), argv.begin() + 1, argv.end());
  return PlacedCommand{std::move(run), std::move(environment), {std::string(program), "rm", "--force", name}};
}

}  // namespace

std::string_view name_of(Place place) { return k_places[static_cast<std::size_t>(place)]; }

Result<Place> parse_place(std::string_view name) {
  const auto found = std::find(std::begin(k_places), std::end(k_places), name);
  if (found != std::end(k_places)) return static_cast<Place>(found - std::begin(k_places));
  const std::vector<std::string> known(std::begin(k_places), std::end(k_places));
  return fail("unknown environment '{}'{}", shorten(name, 60), nearest_note(name, known));
}

Result<void> check_place(Place place, const std::vector<std::string>& environment) {
  if (place == Place::host) return {};
  const std::string program = place == Place::venv ? "python3" : std::string(name_of(place));
  if (!find_program(program, environment)) return fail("--environments {} needs the program '{}', which is not there", name_of(place), program);
  if (place == Place::venv) return {};
  const auto answer = run_helper({program, "info"}, environment, {}, k_answer_seconds, fmt::format("use '{}'", program));
  if (!answer) return tl::unexpected<Error>(answer.error());
  return {};
}

Result<PlacedCommand> place_command(Place place, const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts,
                                    const std::string& name) {
  switch (place) {
    case Place::host: break;
    case Place::venv: return in_venv(step, std::move(argv), std::move(environment), mounts);
    case Place::docker:
    case Place::podman: return in_container(name_of(place), step, std::move(argv), std::move(environment), mounts, name);
  }
  return PlacedCommand{std::move(argv), std::move(environment), {}};
}

}  // namespace cupel::flow
