#pragma once

#include <vector>

#include "base/yaml.h"
#include "flow/step_path.h"
#include "flow/template.h"

namespace cupel::flow {

/// The value of `foreach:` of a step, as a mapping of a name to its values: the instances, one for each combination, the last name varying
/// fastest.
///
///     foreach: {seed: [1, 2, 3]}                 # as they stand here; each may hold ${param}
///     foreach: {seed: "${seeds}"}                # of a parameter: cut at its commas
///     foreach: {seed: {from: 1, to: 20}}         # whole numbers
///     foreach: {segment: {file: segments.txt}}   # lines of a file; blank ones and those that begin with # are left out
///     foreach: {data: {glob: "exports/*.csv"}}   # files, sorted, relative to the flow file's folder
///     foreach: {seed: [1, 2], segment: [a, b]}   # all four combinations
///
/// The values are known before the run: an output of another step cannot be among them. Errors name the place: no value, a value twice, more
/// than 10,000 instances, a missing file, a name in `taken`.
Result<std::vector<Bindings>> read_foreach(const yaml::Node& node, const fs::path& folder, const std::vector<std::string>& taken, const Template::Lookup& parameter);

}  // namespace cupel::flow
