#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/digest.h"
#include "flow/flow_file.h"
#include "flow/inject.h"
#include "flow/run_record.h"

namespace cupel::flow {

/// Whether every declared output may be missing (what is there is taken) or must be there.
enum class Completeness { required, as_far_as_there };

struct TakenOutputs {
  std::vector<OutputRecord> outputs;
  std::string missing;  ///< why the outputs cannot be taken; empty: they are in place
};

/// Checks the declared outputs in `scratch`, takes their digests and moves the folder to `out` in one rename, replacing what was there: outputs
/// are whole or absent. A symbolic link that leads out of the folder is refused.
Result<TakenOutputs> take_outputs(const fs::path& scratch, const fs::path& out, const std::vector<std::string>& declared, Completeness completeness,
                                  Digester& digester);

/// Of a run that goes on with other values for a `foreach`: the collected folder must hold what the instances of now made and nothing else.
void remove_other_instances(const fs::path& run, const Flow& flow);

/// The first output that is gone or no longer has its digest, said for people; nothing: all are as they were.
std::optional<std::string> altered_output(const fs::path& out, const std::vector<OutputRecord>& outputs, Digester& digester);

/// Whether it is done to the outputs after the step has ended.
bool is_done_to_outputs(Induced induced);
/// The induced faults `corrupt_output` and `lost_output`, done to the first output, and `clock_jump`, to the times of all. False: there is none.
bool damage_output(const fs::path& out, const std::vector<OutputRecord>& outputs, Induced induced);

}  // namespace cupel::flow
