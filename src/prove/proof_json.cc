#include "prove/proof_json.h"

namespace cupel::prove {
namespace {

Json rate_json(const AlarmRate& rate) {
  return {{"alarms", rate.alarms}, {"batches", rate.batches}, {"rate", rate.rate()}, {"low", rate.interval.low}, {"high", rate.interval.high}, {"confidence", rate.interval.confidence}};
}

Json score_json(const Score& score) {
  Json json{{"killed", score.killed}, {"counted", score.counted}};
  if (score.counted > 0) json["score"] = score.share();
  return json;
}

Json expectation_json(const ExpectationProof& each) {
  Json json{{"id", each.id}, {"words", each.words}, {"severity", suite::severity_name(each.severity)}, {"columns", each.columns}};
  json["baseline"] = {{"verdict", suite::verdict_name(each.baseline_verdict)}};
  if (each.baseline_message) json["baseline"]["message"] = *each.baseline_message;
  json["false_alarms"] = rate_json(each.alarms);
  if (each.inconclusive > 0) json["inconclusive"] = each.inconclusive;
  json["kills"] = each.kills;
  json["only_kills"] = each.only_kills;
  json["redundant"] = each.redundant;
  if (each.detectable) {
    json["detectable"] = {{"words", each.detectable->words}, {"method", each.detectable->method}};
    if (!each.detectable->kind.empty()) json["detectable"].update({{"change", each.detectable->kind}, {"amount", each.detectable->amount}});
  }
  json["alarms_too_often"] = each.alarms_too_often;
  if (each.better_limit) json["better_limit"] = {{"words", each.better_limit->words}, {"alarms_now", each.better_limit->now}, {"alarms_then", each.better_limit->then}};
  return json;
}

Json case_json(const CaseProof& each, const Proof& proof) {
  const FaultCase& fault_case = each.fault_case;
  Json json{{"fault", fault_case.fault->name}, {"catalogue", catalogue_name(fault_case.fault->catalogue)}, {"group", fault_case.fault->group}};
  if (!fault_case.column.empty()) json["column"] = fault_case.column;
  if (!fault_case.partner.empty()) json["partner"] = fault_case.partner;
  json["severity"] = fault_case.severity.words;
  json["class"] = case_class_name(each.group);
  json["trials"] = each.trials;
  json["kills"] = each.kills;
  if (each.warned > 0) json["warned"] = each.warned;
  json["killed"] = each.killed;
  Json by = Json::object();
  for (std::size_t e = 0; e < each.alarms_of.size(); ++e) {
    if (each.alarms_of[e] > 0) by[proof.expectations[e].id] = each.alarms_of[e];
  }
  if (!by.empty()) json["alarms"] = std::move(by);
  if (!each.example.empty()) json["example"] = each.example;
  if (each.proposal >= 0) json["proposal"] = each.proposal;
  return json;
}

}  // namespace

Json proof_json(const Proof& proof) {
  Json json{{"format", 1}, {"kind", "proof"}, {"suite", proof.suite}, {"suite_path", proof.suite_path}};
  json["baseline"] = {{"path", proof.baseline_path}, {"rows", proof.baseline_rows}};
  json["batches"] = {{"words", proof.batches}, {"method", proof.batch_method}, {"rows", proof.batch_rows}, {"count", proof.suite_alarms.batches}, {"share_of_baseline", proof.share_of_baseline}};
  json["repetitions"] = proof.repetitions;
  json["power"] = proof.power;
  json["seed"] = proof.seed;
  json["false_alarms"] = rate_json(proof.suite_alarms);
  json["score"] = score_json(proof.score);
  json["columns"] = Json::array();
  for (const Score& column : proof.columns) {
    Json each = column.name.empty() ? Json{{"rows_of_the_table", true}} : Json{{"column", column.name}};
    each.update(score_json(column));
    json["columns"].push_back(std::move(each));
  }
  json["expectations"] = Json::array();
  for (const ExpectationProof& each : proof.expectations) json["expectations"].push_back(expectation_json(each));
  json["proposals"] = Json::array();
  for (const Proposal& each : proof.proposals) json["proposals"].push_back({{"entry", each.entry}, {"id", each.id}, {"kills", each.kills}, {"clean_batches", each.clean_batches}});
  json["cases"] = Json::array();
  for (const CaseProof& each : proof.cases) json["cases"].push_back(case_json(each, proof));
  if (!proof.notes.empty()) json["notes"] = proof.notes;
  json["suite_runs"] = proof.suite_runs;
  json["seconds"] = proof.seconds;
  return json;
}

}  // namespace cupel::prove
