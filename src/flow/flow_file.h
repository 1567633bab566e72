#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "flow/policy.h"
#include "flow/step_path.h"

namespace cupel::flow {

using Params = std::map<std::string, std::string>;

/// One command with its declared inputs and outputs; of a declared step with `foreach`, one of its instances.
struct Step {
  std::string name;                 ///< of an instance: "train[seed=7]"
  Bindings each;                    ///< of an instance: what `foreach` puts in
  std::string family;               ///< of an instance: the declared step whose `foreach` it follows, its own or another's; else empty
  std::string about;
  std::string because;
  bool shell = true;                ///< `command` is one text for /bin/sh -c; else it is argv
  std::vector<Template> command;
  std::vector<Template> inputs;     ///< paths and globs, relative to the flow's folder, or `${step.out}/…`
  std::vector<std::string> outputs; ///< below `${out}`; no absolute path, no `..`
  std::vector<std::string> after;
  std::string environment;          ///< folder with the Dockerfile, relative to the flow's folder; empty: none
  std::vector<std::pair<std::string, Template>> variables;  ///< `env:`
  std::vector<std::string> secrets; ///< environment variables that this step may see, whose values never stand in a record or log
  double timeout_seconds = 0;       ///< 0: none
  ProcessLimits limits;
  bool gate = false;                ///< exit 1 means that tests failed
  bool cache = true;
  Policies on;
  yaml::Node place;                 ///< of the step's name: line and column only
};

/// A flow file as read: names resolved within the file, nothing looked up on disk but the file itself.
struct Flow {
  std::string name;
  std::string about;
  fs::path file;     ///< absolute
  fs::path folder;   ///< absolute; the steps' working folder
  std::string digest;  ///< sha256 of the file
  Params params;     ///< with environment variables and overrides applied
  std::vector<Step> steps;  ///< in file order
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_name;  ///< indices by full name and by declared name

  /// By its full name; null pointer: there is none.
  const Step* find(std::string_view step_name) const;
  /// Indices of the step of that name, or of all instances of a declared step; empty: there is none.
  std::span<const std::size_t> find_all(std::string_view step_name) const;
  /// What `${name.out}` or `after: name` means to `from`: where both follow one `foreach`, the instance with the same values, else `name`.
  std::string referred(const Step& from, std::string_view step_name) const;
  /// Names of the declared steps, in file order.
  std::vector<std::string> declared() const;
  /// Every variable that some step names as a secret: withheld from the steps that do not.
  std::vector<std::string> secrets() const;
};

/// Reads and checks a flow file. `overrides` replace parameters and must name ones that exist; `earlier` are the values of a run that goes on,
/// used where the parameter still exists. Errors: file, line, column, what was found, what was expected, nearest known word; an unset
/// environment variable of a parameter that is given by neither.
Result<Flow> read_flow(const fs::path& file, const Params& overrides, const Params& earlier = {});

/// What `${name}` in a step may mean besides a parameter.
struct Reference {
  enum class Kind { param, out, run, step, attempt, other_out };
  Kind kind = Kind::param;
  std::string name;  ///< the parameter, or the other step
};
/// `out`, `run`, `step`, `attempt`, `train.out`, `steps.train.out`, else a parameter. Does not ask whether it exists.
Reference reference_of(std::string_view name);

/// Whether a shell text or argv holds a cupel command whose exit 1 means that tests failed.
bool is_gate_command(std::string_view text);

}  // namespace cupel::flow
