#include "flow/fresh_record.h"

#include "base/time.h"

namespace cupel::flow {

RunRecord fresh_record(const Plan& plan, const RunOptions& options) {
  RunRecord record;
  record.cupel = CUPEL_VERSION;
  record.flow = plan.flow.name;
  record.about = plan.flow.about;
  record.file = plan.flow.file.string();
  record.file_digest = plan.flow.digest;
  for (const auto& [name, value] : plan.flow.params) record.params.emplace_back(name, value);
  record.overridden = options.overridden;
  for (const Injection& injection : options.injections) record.injected.push_back(injection.step + "=" + injection.text);
  record.environments = name_of(options.place);
  record.started = utc_now();
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    StepRecord& step = record.steps.emplace_back();
    step.name = plan.flow.steps[i].name;
    step.each = plan.flow.steps[i].each;
    step.needs = plan.names_of(plan.steps[i].needs);
    step.reads = plan.names_of(plan.steps[i].reads);
  }
  return record;
}

std::vector<InputRecord> input_records(const std::vector<FoundInput>& inputs, const StepKey& key) {
  std::vector<InputRecord> records;
  for (const FoundInput& input : inputs) {
    InputRecord& record = records.emplace_back(InputRecord{input.declared, {}, {}});
    for (const fs::path& path : input.paths) record.paths.push_back(path.string());
    if (!input.url.empty()) record.paths.push_back(input.url);
    if (const auto digest = key.inputs.find(input.declared); digest != key.inputs.end()) record.digest = digest->second;
  }
  return records;
}

}  // namespace cupel::flow
