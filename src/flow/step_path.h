#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"

namespace cupel::flow {

/// What a `foreach` puts in for its names in one instance, in the order of the flow file.
using Bindings = std::vector<std::pair<std::string, std::string>>;

/// `train` and seed 7: "train[seed=7]"; without bindings the name itself.
std::string instance_name(std::string_view declared, const Bindings& bindings);
/// "train[seed=7]" and "train" are both of step "train".
std::string_view declared_name(std::string_view step);

// Where a step keeps its files, relative to the run's folder.

/// `steps/train`; of an instance `steps/train@seed=7`. What a file name may not hold, or a shell or a glob would read as its own, is written
/// %XX; a name that is too long is cut and made unique by its digest.
fs::path step_folder(std::string_view step);
/// `steps/train/out`; of an instance `steps/train/out/seed=7`, so that the folder of the declared step collects what all its instances made.
fs::path out_folder(std::string_view step);
/// "seed=7": an instance's folder among the collected ones; empty for a step without `foreach`.
std::string values_folder(std::string_view step);

}  // namespace cupel::flow
