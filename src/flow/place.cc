#include "flow/place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/hash.h"
#include "base/text.h"
#include "flow/fault.h"

namespace cupel::flow {
namespace {

constexpr std::string_view k_places[] = {"host", "venv", "docker", "podman"};
constexpr double k_build_seconds = 3600;
constexpr double k_answer_seconds = 15;

/// Runs a helper command to its end; its last words are the error. `held` stays open until nothing of it is left.
Result<std::string> run_helper(std::vector<std::string> argv, const std::vector<std::string>& environment, double seconds, std::string_view doing, std::vector<int> held = {}) {
  ProcessSpec spec{std::move(argv), environment, {}, {}, std::move(held)};
  ASSIGN_OR_RETURN(const CapturedRun run, run_captured(spec, seconds));
  if (run.stopped) return fail(ErrorKind::interrupted, "told to stop: cannot {}", doing);
  if (run.outcome.exit_status == 0) return run.output;
  const std::string said = last_line(run.errors).empty() ? last_line(run.output) : last_line(run.errors);
  return fail(ErrorKind::io, "cannot {}: {}", doing, said.empty() ? fmt::format("'{}' ended with status {}", spec.argv[0], run.outcome.exit_status) : said);
}

bool is_told_to_stop() {
  sigset_t pending;
  return ::sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGHUP) == 1);
}

/// Waits for whoever builds the same thing. The lock ends with its holder and with what that had started.
Result<FileHandle> lock_for_building(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  FileHandle lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.is_open()) return system_error("open", path);
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (is_told_to_stop()) return fail(ErrorKind::interrupted, "told to stop while another process builds the same environment");
    ::usleep(50'000);
  }
  return lock;
}

fs::path requirements_of(const Step& step, const fs::path& flow_folder) {
  std::error_code error;
  const fs::path file = flow_folder / step.environment / "requirements.txt";
  return !step.environment.empty() && fs::is_regular_file(file, error) ? file : fs::path();
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
  const auto answer = run_helper({program, "info"}, environment, k_answer_seconds, fmt::format("use '{}'", program));
  if (!answer) return tl::unexpected<Error>(answer.error());
  return {};
}

Result<std::string> Places::python_version() {
  if (!python_.empty()) return python_;
  ASSIGN_OR_RETURN(const std::string said, run_helper({"python3", "--version"}, environment_, k_answer_seconds, "start python3"));
  python_ = trim(said);
  return python_;
}

Result<std::string> Places::image(const Step& step, const fs::path& flow_folder, Build build) {
  const std::string program(name_of(place_));
  if (step.environment.empty()) {
    return step.place.fail_here(fmt::format("step '{}' has no 'environment', expected a folder with a Dockerfile for --environments {}", step.name, program));
  }
  const fs::path context = flow_folder / step.environment;
  Digester digester;
  ASSIGN_OR_RETURN(const Digest digest, digester.of(context));
  std::string& id = images_[digest.sha256];
  if (!id.empty()) return id;
  const std::string tag = "cupel-step:" + digest.sha256.substr(0, 16);
  if (build == Build::yes) {
    TRY(run_helper({program, "build", "--quiet", "--tag", tag, context.string()}, environment_, k_build_seconds, fmt::format("build '{}'", (fs::path(step.environment) / "Dockerfile").string())));
  }
  const auto said = run_helper({program, "image", "inspect", "--format", "{{.Id}}", tag}, environment_, k_answer_seconds, fmt::format("find image '{}'", tag));
  if (!said && build == Build::no) return std::string();
  if (!said) return tl::unexpected<Error>(said.error());
  id = trim(*said);
  if (!id.starts_with("sha256:")) id = "sha256:" + id;
  return id;
}

Result<std::string> Places::identity(const Step& step, const fs::path& flow_folder, Build build) {
  std::string text(name_of(place_));
  if (place_ == Place::venv) {
    if (requirements_of(step, flow_folder).empty()) return std::string(name_of(Place::host));
    ASSIGN_OR_RETURN(const std::string version, python_version());
    text += " " + version;
  }
  if (place_ == Place::docker || place_ == Place::podman) {
    ASSIGN_OR_RETURN(const std::string id, image(step, flow_folder, build));
    text += id.empty() ? "" : " " + id;
  }
  return text;
}

Result<PlacedCommand> Places::in_venv(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts) {
  const fs::path requirements = requirements_of(step, mounts.flow_folder);
  std::error_code error;
  if (requirements.empty()) return PlacedCommand{std::move(argv), std::move(environment), {}, false};
  ASSIGN_OR_RETURN(const std::string wanted, read_file(requirements));
  ASSIGN_OR_RETURN(const std::string version, python_version());
  const fs::path venv = mounts.home / "venvs" / sha256_hex(version + "\n" + wanted).substr(0, 16);
  if (!fs::exists(venv / "complete", error)) {
    ASSIGN_OR_RETURN(const FileHandle lock, lock_for_building(venv.string() + ".lock"));
    if (!fs::exists(venv / "complete", error)) {  // built meanwhile by the one that was waited for
      // Built in place (a venv holds its own path), and complete only when its last file is there.
      fs::remove_all(venv, error);
      TRY(run_helper({"python3", "-m", "venv", venv.string()}, environment, k_build_seconds, "make a Python environment", {lock.get()}));
      TRY(run_helper({(venv / "bin" / "python").string(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements.string()}, environment, k_build_seconds,
                     fmt::format("install '{}'", (fs::path(step.environment) / "requirements.txt").string()), {lock.get()}));
      TRY(write_file(venv / "complete", wanted, Durable::yes));
    }
  }
  std::string path = (venv / "bin").string();
  for (const std::string& entry : environment) {
    if (entry.starts_with("PATH=")) path += ":" + entry.substr(5);
  }
  set_variable(environment, "PATH", path);
  set_variable(environment, "VIRTUAL_ENV", venv.string());
  return PlacedCommand{std::move(argv), std::move(environment), {}, false};
}

Result<PlacedCommand> Places::in_container(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts, const std::string& name) {
  const std::string program(name_of(place_));
  ASSIGN_OR_RETURN(const std::string id, image(step, mounts.flow_folder, Build::yes));
  std::vector<std::string> run{program, "run", "--rm", "--init", "--name", name, "--workdir", mounts.flow_folder.string()};
  if (place_ == Place::docker) run.insert(run.end(), {"--user", fmt::format("{}:{}", ::getuid(), ::getgid())});
  if (mounts.limits.memory_bytes > 0) run.insert(run.end(), {"--memory", std::to_string(mounts.limits.memory_bytes)});
  if (mounts.limits.cpu_seconds > 0) run.insert(run.end(), {"--ulimit", fmt::format("cpu={}", mounts.limits.cpu_seconds)});
  if (mounts.limits.file_bytes > 0) run.insert(run.end(), {"--ulimit", fmt::format("fsize={}", mounts.limits.file_bytes)});
  if (mounts.limits.threads > 0) run.insert(run.end(), {"--cpus", std::to_string(mounts.limits.threads)});
  const auto mount = [&](const fs::path& path, std::string_view mode) { run.insert(run.end(), {"--volume", fmt::format("{0}:{0}:{1}", path.string(), mode)}); };
  mount(mounts.flow_folder, "ro");
  for (const fs::path& input : mounts.inputs) mount(input, "ro");
  mount(mounts.home, "rw");
  for (const std::string& variable : mounts.visible) run.insert(run.end(), {"--env", variable});
  run.insert(run.end(), {"--entrypoint", argv[0], id});
  run.insert(run.end(), argv.begin() + 1, argv.end());
  return PlacedCommand{std::move(run), std::move(environment), {program, "rm", "--force", name}, true};
}

Result<PlacedCommand> Places::command(const Step& step, std::vector<std::string> argv, std::vector<std::string> environment, const Mounts& mounts, const std::string& name) {
  switch (place_) {
    case Place::host: break;
    case Place::venv: return in_venv(step, std::move(argv), std::move(environment), mounts);
    case Place::docker:
    case Place::podman: return in_container(step, std::move(argv), std::move(environment), mounts, name);
  }
  return PlacedCommand{std::move(argv), std::move(environment), {}, false};
}

}  // namespace cupel::flow
