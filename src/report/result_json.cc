#include "report/result_json.h"

#include <cmath>

namespace cupel::report {
namespace {

using suite::Outcome;

/// JSON has no infinity: an open end is left out.
void put_finite(Json& object, const char* key, double value) {
  if (std::isfinite(value)) object[key] = value;
}

Json data_json(const suite::Report::Data& data) {
  Json json{{"path", data.path}, {"rows", data.rows}, {"columns", data.columns}};
  if (!data.digest.empty()) json["digest"] = "sha256:" + data.digest;
  if (!data.note.empty()) json["note"] = data.note;
  return json;
}

void put_statistics(Json& json, const Outcome& outcome) {
  if (outcome.interval) {
    Json interval = Json::object();
    put_finite(interval, "low", outcome.interval->low);
    put_finite(interval, "high", outcome.interval->high);
    interval["confidence"] = outcome.interval->confidence;
    json["interval"] = std::move(interval);
  }
  if (outcome.p_value) json["p_value"] = *outcome.p_value;
  if (outcome.effect) {
    Json effect{{"name", outcome.effect->name}};
    put_finite(effect, "value", outcome.effect->value);
    if (outcome.effect->margin) effect["margin"] = *outcome.effect->margin;
    json["effect"] = std::move(effect);
  }
  if (outcome.false_alarm_rate) json["false_alarm_rate"] = *outcome.false_alarm_rate;
  if (outcome.detectable) json["detectable"] = *outcome.detectable;
}

Json outcome_json(const Outcome& outcome) {
  Json json{{"id", outcome.id}, {"subject", outcome.subject}};
  if (!outcome.columns.empty()) json["columns"] = outcome.columns;
  if (!outcome.predicate.empty()) json["predicate"] = outcome.predicate;
  if (!outcome.where.empty()) json["where"] = outcome.where;
  if (!outcome.group_of.empty()) {
    json["group_of"] = outcome.group_of;
    json["group"] = outcome.group;
  }
  json["severity"] = suite::severity_name(outcome.severity);
  json["verdict"] = suite::verdict_name(outcome.verdict);
  if (!outcome.observed.is_null()) json["observed"] = outcome.observed;
  if (!outcome.limit.is_null()) json["limit"] = outcome.limit;
  if (outcome.rows_tested) json["rows_tested"] = *outcome.rows_tested;
  if (outcome.unexpected) {
    Json examples = Json::array();
    for (const auto& example : outcome.unexpected->examples) {
      examples.push_back({{"row", example.row}, {"value", example.value}});
      if (!example.key.is_null()) examples.back()["key"] = example.key;
    }
    json["unexpected"] = {{"count", outcome.unexpected->count}, {"share", outcome.unexpected->share}, {"examples", std::move(examples)}};
  }
  put_statistics(json, outcome);
  if (!outcome.because.empty()) json["because"] = outcome.because;
  if (!outcome.derived.is_null()) json["derived"] = outcome.derived;
  json["message"] = outcome.message;
  if (!outcome.chart.is_null()) json["chart"] = outcome.chart;
  return json;
}

}  // namespace

Json report_json(const suite::Report& report) {
  const suite::Counts counts = report.counts();
  Json json{{"format", 1}, {"cupel", CUPEL_VERSION}, {"kind", report.kind}, {"suite", report.suite}};
  if (!report.about.empty()) json["about"] = report.about;
  json["data"] = data_json(report.data);
  if (report.reference) json["reference"] = data_json(*report.reference);
  if (report.sample) json["sample"] = {{"rows", report.sample->rows}, {"of_rows", report.sample->of_rows}, {"seed", report.sample->seed}};
  if (!report.notes.empty()) json["notes"] = report.notes;
  if (report.extra.is_object()) json["extra"] = report.extra;
  json["verdict"] = suite::verdict_name(report.verdict());
  json["counts"] = {{"pass", counts.pass}, {"fail", counts.fail}, {"inconclusive", counts.inconclusive}, {"error", counts.error}};
  json["seed"] = report.seed;
  json["started"] = report.started;
  json["seconds"] = report.seconds;
  json["results"] = Json::array();
  for (const Outcome& outcome : report.results) json["results"].push_back(outcome_json(outcome));
  return json;
}

}  // namespace cupel::report
