#include "flow/openlineage.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace cupel::flow {
namespace {

constexpr std::uintmax_t k_largest_result = 64u << 20;

struct Event {
  double time = 0;  ///< seconds since 1970
  Json json;
};

double unix_seconds(const std::string& utc) {
  std::tm parts{};
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return 0;
  return static_cast<double>(::timegm(&parts));
}

std::string time_text(double seconds) {
  const auto milliseconds = static_cast<std::int64_t>(std::llround(seconds * 1000));
  const std::time_t whole = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds % 1000);
}

/// A UUID of version 8 (RFC 9562): made from what it names.
std::string uuid_of(std::string_view text) {
  std::string hex = sha256_hex(text).substr(0, 32);
  hex[12] = '8';
  constexpr std::string_view k_variants = "89ab";
  const auto digit = static_cast<std::size_t>(hex[16] >= 'a' ? hex[16] - 'a' + 10 : hex[16] - '0');
  hex[16] = k_variants[digit % 4];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20, 12));
}

/// Makes the parts of the events of one run.
class Lineage {
 public:
  Lineage(const RunRecord& run, std::string job_namespace)
      : run_(run), namespace_(std::move(job_namespace)), producer_(fmt::format("urn:cupel:{}", run.cupel.empty() ? "unknown" : run.cupel)),
        identity_(fmt::format("cupel run {} {} {}", run.id, run.started, run.folder)) {}

  std::vector<Event> events() const {
    std::vector<Event> all;
    double last = unix_seconds(run_.started);
    for (const StepRecord& step : run_.steps) add_step(step, all, last);
    Json facets = {{"processing_engine", facet("1-1-0", "ProcessingEngineRunFacet", {{"version", run_.cupel}, {"name", "cupel"}})}};
    if (!run_.params.empty()) facets["jobRunParameters"] = parameters(run_.params);
    if (const Json tags = run_tags(); !tags.empty()) facets["tags"] = facet("1-0-0", "TagsRunFacet", {{"tags", tags}});
    Json job = {{"namespace", namespace_}, {"name", run_.flow}, {"facets", {{"jobType", job_type("DAG")}}}};
    if (!run_.about.empty()) job["facets"]["documentation"] = facet("1-0-0", "DocumentationJobFacet", {{"description", run_.about}});
    const auto event = [&](std::string_view type, double time) { return Event{time, event_json(type, time, uuid_of(identity_), facets, job)}; };
    all.insert(all.begin(), event("START", unix_seconds(run_.started)));
    if (run_.state != RunState::running) {
      std::string_view type = "FAIL";
      if (run_.exit_status == 0) type = "COMPLETE";
      if (run_.state == RunState::interrupted) type = "ABORT";
      if (type != "COMPLETE") facets["errorMessage"] = error_message(run_error());
      const double ended = run_.ended.empty() ? last : std::max(last, unix_seconds(run_.ended));
      all.push_back(event(type, ended));
    }
    std::stable_sort(all.begin(), all.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    return all;
  }

 private:
  Json facet(std::string_view version, std::string_view name, Json content) const {
    Json json = {{"_producer", producer_}, {"_schemaURL", fmt::format("https://openlineage.io/spec/facets/{0}/{1}.json#/$defs/{1}", version, name)}};
    json.update(content);
    return json;
  }
  Json job_type(std::string_view type) const { return facet("2-0-2", "JobTypeJobFacet", {{"processingType", "BATCH"}, {"integration", "CUPEL"}, {"jobType", type}}); }
  Json error_message(const std::string& message) const { return facet("1-0-1", "ErrorMessageRunFacet", {{"message", message}, {"programmingLanguage", "unknown"}}); }
  Json parameters(const std::vector<std::pair<std::string, std::string>>& values) const {
    Json list = Json::array();
    for (const auto& [name, value] : values) list.push_back({{"key", name}, {"value", value}});
    return facet("1-0-0", "JobRunParametersFacet", {{"parameters", list}});
  }
  static void put_tag(Json& tags, std::string_view key, const std::string& value) {
    if (!value.empty()) tags.push_back({{"key", key}, {"value", value}, {"source", "CUPEL"}});
  }

  Json event_json(std::string_view type, double time, const std::string& id, const Json& run_facets, const Json& job, const Json& inputs = Json::array(), const Json& outputs = Json::array()) const {
    return {{"eventType", type},
            {"eventTime", time_text(time)},
            {"producer", producer_},
            {"schemaURL", "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
            {"run", {{"runId", id}, {"facets", run_facets}}},
            {"job", job},
            {"inputs", inputs},
            {"outputs", outputs}};
  }

  Json run_tags() const {
    Json tags = Json::array();
    put_tag(tags, "run", run_.id);
    put_tag(tags, "state", std::string(name_of(run_.state)));
    put_tag(tags, "flow_digest", run_.file_digest);
    put_tag(tags, "environments", run_.environments);
    for (const std::string& injected : run_.injected) put_tag(tags, "injected", injected);
    return tags;
  }
  std::string run_error() const {
    for (const StepRecord& step : run_.steps) {
      if (step.state == StepState::faulted) return fmt::format("{}: {}: {}", step.name, name_of(step.fault), step.why);
    }
    return std::string(name_of(run_.state));
  }

  Json step_tags(const StepRecord& step) const {
    Json tags = Json::array();
    put_tag(tags, "step", step.name);
    put_tag(tags, "state", std::string(name_of(step.state)));
    if (step.fault != Fault::none) put_tag(tags, "fault", std::string(name_of(step.fault)));
    put_tag(tags, "response", step.response);
    put_tag(tags, "key", step.key);
    put_tag(tags, "reused_from", step.reused_from);
    put_tag(tags, "took", step.took);
    if (!step.attempts.empty()) put_tag(tags, "attempts", std::to_string(step.attempts.size()));
    for (const std::string& injected : run_.injected) put_tag(tags, "injected", injected);
    return tags;
  }

  void add_step(const StepRecord& step, std::vector<Event>& events, double& last) const {
    const bool came_to_it = !step.attempts.empty() || step.done() || step.state == StepState::faulted;
    if (!came_to_it) return;
    const double started = step.attempts.empty() ? unix_seconds(run_.started) : unix_seconds(step.attempts.front().started);
    const double ended = step.attempts.empty() ? started : std::max(started, unix_seconds(step.attempts.back().started) + step.attempts.back().seconds);
    last = std::max(last, ended);
    Json facets = {{"parent", facet("1-0-1", "ParentRunFacet", {{"run", {{"runId", uuid_of(identity_)}}}, {"job", {{"namespace", namespace_}, {"name", run_.flow}}}})},
                   {"tags", facet("1-0-0", "TagsRunFacet", {{"tags", step_tags(step)}})}};
    std::map<std::string, std::string> values(step.each.begin(), step.each.end());
    if (step.key_parts) values.insert(step.key_parts->parameters.begin(), step.key_parts->parameters.end());
    if (!values.empty()) facets["jobRunParameters"] = parameters({values.begin(), values.end()});
    const Json job = {{"namespace", namespace_}, {"name", fmt::format("{}.{}", run_.flow, declared_name(step.name))}, {"facets", {{"jobType", job_type("TASK")}}}};
    const std::string id = uuid_of(identity_ + " " + step.name);
    Json inputs = inputs_of(step);
    events.push_back({started, event_json("START", started, id, facets, job, inputs)});
    if (!step.done() && step.state != StepState::faulted && step.state != StepState::skipped) return;
    std::string_view type = step.done() ? "COMPLETE" : "FAIL";
    if (!step.done() && (step.fault == Fault::interrupted || step.fault == Fault::cancelled)) type = "ABORT";
    if (step.fault != Fault::none) facets["errorMessage"] = error_message(fmt::format("{}: {}", name_of(step.fault), step.why));
    Json outputs = outputs_of(step, inputs);
    events.push_back({ended, event_json(type, ended, id, facets, job, inputs, outputs)});
  }

  /// `file` and a path, `https://host` and a path, or an output of a step of this flow.
  Json dataset(const std::string& place, const std::string& digest) const {
    Json json;
    const std::size_t scheme = place.find("://");
    const std::string inside = fs::path(place).lexically_relative(run_.folder).string();
    if (scheme != std::string::npos) {
      const std::size_t path = std::min(place.find('/', scheme + 3), place.size());
      json = {{"namespace", place.substr(0, path)}, {"name", path < place.size() ? place.substr(path) : "/"}};
    } else if (inside.starts_with("steps/")) {
      json = {{"namespace", namespace_}, {"name", output_name(inside)}};
    } else {
      json = {{"namespace", "file"}, {"name", place}};
    }
    if (!digest.empty()) json["facets"] = {{"version", facet("1-0-0", "DatasetVersionDatasetFacet", {{"datasetVersion", digest}})}};
    return json;
  }
  /// "steps/train/out/seed=7/model" is "reviews/train/seed=7/model".
  std::string output_name(const std::string& inside) const {
    std::string name = inside.substr(std::string_view("steps/").size());
    const std::size_t out = name.find("/out");
    if (out != std::string::npos) name.erase(out, std::string_view("/out").size());
    return run_.flow + "/" + name;
  }

  Json inputs_of(const StepRecord& step) const {
    Json inputs = Json::array();
    for (const InputRecord& input : step.inputs) {
      for (const std::string& path : input.paths) inputs.push_back(dataset(path, input.paths.size() == 1 ? input.digest : ""));
    }
    return inputs;
  }

  Json outputs_of(const StepRecord& step, Json& inputs) const {
    Json outputs = Json::array();
    const fs::path folder = fs::path(run_.folder) / out_folder(step.name);
    for (const OutputRecord& output : step.outputs) {
      const fs::path path = folder / output.name;
      Json& json = outputs.emplace_back(dataset(path.string(), output.digest.sha256));
      json["outputFacets"] = {{"outputStatistics", facet("1-0-2", "OutputStatisticsOutputDatasetFacet", {{"size", output.digest.bytes}})}};
      if (output.digest.kind == "folder") {
        if (const auto model = read_json(path / "model.json", k_largest_result)) put_schema(json, *model);
      } else if (path.extension() == ".json") {
        if (const auto result = read_json(path, k_largest_result)) put_assertions(inputs, *result);
      }
    }
    return outputs;
  }

  void put_schema(Json& dataset, const Json& model) const {
    const auto inputs = model.is_object() ? model.find("inputs") : model.end();
    if (!model.is_object() || inputs == model.end() || !inputs->is_array()) return;
    Json fields = Json::array();
    for (const Json& input : *inputs) {
      const auto name = json_string(input, "name", "model.json");
      if (!name) continue;
      Json& field = fields.emplace_back(Json{{"name", *name}});
      if (const auto type = json_string(input, "type", "model.json")) field["type"] = *type;
    }
    dataset["facets"]["schema"] = facet("1-0-0", "SchemaDatasetFacet", {{"fields", fields}});
  }

  void put_assertions(Json& inputs, const Json& result) const {
    if (!result.is_object()) return;
    const auto kind = json_string(result, "kind", "result");
    const auto results = result.find("results");
    const auto data = result.find("data");
    if (!kind || results == result.end() || !results->is_array() || data == result.end()) return;
    const auto path = json_string(*data, "path", "result");
    if (!path || path->empty()) return;
    Json assertions = Json::array();
    for (const Json& one : *results) {
      const auto verdict = json_string(one, "verdict", "result");
      const auto id = json_string(one, "id", "result");
      if (!verdict || !id || (*verdict != "pass" && *verdict != "fail")) continue;
      Json& assertion = assertions.emplace_back(Json{{"assertion", *id}, {"success", *verdict == "pass"}});
      const auto columns = one.find("columns");
      if (columns != one.end() && columns->is_array() && columns->size() == 1 && (*columns)[0].is_string()) assertion["column"] = (*columns)[0];
    }
    const bool address = path->find("://") != std::string::npos;
    const std::string place = address ? *path : (fs::path(run_.file).parent_path() / *path).lexically_normal().string();
    const Json judged = dataset(place, "");
    auto found = std::find_if(inputs.begin(), inputs.end(), [&](const Json& input) { return input["namespace"] == judged["namespace"] && input["name"] == judged["name"]; });
    if (found == inputs.end()) {
      inputs.push_back(judged);
      found = inputs.end() - 1;
    }
    (*found)["inputFacets"]["dataQualityAssertions"] = facet("1-0-0", "DataQualityAssertionsDatasetFacet", {{"assertions", assertions}});
  }

  const RunRecord& run_;
  std::string namespace_;
  std::string producer_;
  std::string identity_;
};

}  // namespace

std::string openlineage_events(const RunRecord& run, const std::string& job_namespace) {
  std::string text;
  for (const Event& event : Lineage(run, job_namespace).events()) text += event.json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return text;
}

}  // namespace cupel::flow
