#include "model/train_card.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "model/train_boosting.h"
#include "model/train_graph.h"

namespace cupel::model {
namespace {

Json inputs_json(const FeaturePlan& plan) {
  Json inputs = Json::array();
  for (const NumberFeature& feature : plan.numbers) {
    inputs.push_back({{"name", feature.name}, {"type", "number"}, {"null_allowed", true}, {"nulls_seen", feature.num_missing}, {"range", {feature.low, feature.high}}});
  }
  for (const CategoryFeature& feature : plan.categories) {
    inputs.push_back({{"name", feature.name}, {"type", "category"}, {"null_allowed", true}, {"nulls_seen", feature.num_missing}, {"categories", feature.known}, {"other_allowed", true}});
  }
  for (const TextFeature& feature : plan.texts) inputs.push_back({{"name", feature.name}, {"type", "text"}, {"null_allowed", true}, {"nulls_seen", feature.num_missing}});
  return inputs;
}

Json outputs_json(const std::vector<std::string>& classes) {
  return Json::array({{{"name", "label"}, {"type", "category"}, {"shape", {-1}}, {"classes", classes}},
                      {{"name", "probabilities"}, {"type", "number"}, {"shape", {-1, 2}}, {"classes", classes}},
                      {{"name", "score"}, {"type", "number"}, {"shape", {-1}}}});
}

Json features_json(const FeaturePlan& plan) {
  Json features = Json::array();
  for (const NumberFeature& f : plan.numbers) {
    features.push_back({{"column", f.name}, {"kind", "numeric"},
                        {"detail", fmt::format("mean {}, deviation {}, {} missing", number_text(f.mean), number_text(f.deviation), with_thousands(f.num_missing))}});
  }
  for (const CategoryFeature& f : plan.categories) {
    features.push_back({{"column", f.name}, {"kind", "categorical"},
                        {"detail", fmt::format("{} categories, {} rows of others, {} missing", f.known.size(), with_thousands(f.num_other), with_thousands(f.num_missing))}});
  }
  for (const TextFeature& f : plan.texts) {
    features.push_back({{"column", f.name}, {"kind", "text"},
                        {"detail", fmt::format("{} of {} words, {} pairs, {} missing", with_thousands(static_cast<std::int64_t>(f.vocabulary.words.size())),
                                               with_thousands(static_cast<std::int64_t>(f.num_words)),
                                               with_thousands(static_cast<std::int64_t>(f.vocabulary.pairs.size())), with_thousands(f.num_missing))}});
  }
  return features;
}

Json dependencies_json(const TrainConfig& config) {
  Json all = Json::array();
  all.push_back({{"name", "onnxruntime"}, {"version", onnxruntime_version()}, {"role", "serving"}});
  all.push_back({{"name", "onnx"}, {"version", onnx_version()}, {"role", "training"}});
  all.push_back({{"name", "protobuf"}, {"version", protobuf_version()}, {"role", "training"}});
  if (config.estimator != Estimator::linear) all.push_back({{"name", "xgboost"}, {"version", xgboost_version()}, {"role", "training"}});
  return all;
}

Json data_json(const TrainConfig& config, const TrainOptions& options, const Trained& trained, const CardFacts& facts) {
  Json data{{"path", options.data_path}};
  if (!facts.data_digest.empty()) data["digest"] = facts.data_digest.starts_with("sha256:") ? facts.data_digest : "sha256:" + facts.data_digest;
  data["rows"] = trained.rows.data_rows;
  if (!config.where.empty()) data["segment"] = config.where;
  Json split = Json::object();
  if (!config.split.group.empty()) split["by"] = config.split.group;
  split["salt"] = config.split.salt;
  split["held_out"] = config.split.share;
  split["training_rows"] = trained.rows.training.size();
  split["held_out_rows"] = trained.rows.held_out.size();
  data["split"] = std::move(split);
  if (facts.data_note.find("generated") != std::string::npos) data["generated"] = facts.data_note;
  return data;
}

Json metrics_json(const std::vector<TrainedMetric>& metrics) {
  Json all = Json::object();
  for (const auto& [name, measured] : metrics) {
    Json fact{{"value", measured.value}};
    if (measured.interval) {
      fact["low"] = measured.interval->low;
      fact["high"] = measured.interval->high;
      fact["confidence"] = measured.interval->confidence;
      fact["method"] = measured.method;
    }
    fact["rows"] = measured.num_rows;
    all[name] = std::move(fact);
  }
  return all;
}

}  // namespace

std::string model_card_text(const TrainConfig& config, const TrainOptions& options, const Trained& trained, const CardFacts& facts) {
  Json card{{"format", 1}, {"name", config.name}, {"kind", "classifier"}, {"estimator", estimator_name(config.estimator)}};
  if (!config.about.empty()) card["about"] = config.about;
  card["files"] = {{"model", "model.onnx"}};
  card["digests"] = {{"model", "sha256:" + sha256_hex(trained.onnx)}};
  card["inputs"] = inputs_json(trained.plan);
  card["outputs"] = outputs_json(trained.rows.classes);
  card["target"] = {{"column", config.target.name}, {"classes", trained.rows.classes}, {"positive", trained.rows.classes[1]}};
  card["exclusions"] = Json::array();
  for (const TrainConfig::Exclusion& exclusion : config.exclusions) {
    card["exclusions"].push_back({{"column", exclusion.column.name}, {"because", exclusion.because}});
  }
  card["features"] = features_json(trained.plan);
  card["dependencies"] = dependencies_json(config);
  card["opsets"] = Json::object();
  for (const auto& [domain, version] : GraphBuilder::opsets()) card["opsets"][domain] = version;
  card["tool"] = {{"name", "cupel"}, {"version", options.tool_version}};
  card["config"] = {{"path", config.path}, {"digest", config.digest}};
  card["data"] = data_json(config, options, trained, facts);
  card["parameters"] = Json::object();
  for (const auto& [name, value] : config.parameters) card["parameters"][name] = value;
  card["metrics"] = {{"held_out", metrics_json(trained.held_out)}, {"training", metrics_json(facts.training)}};
  card["metrics"]["held_out"]["majority_accuracy"] = {{"value", trained.majority_accuracy}, {"rows", trained.rows.held_out.size()}};
  card["seed"] = config.seed;
  if (!options.orders.run.empty()) card["run"] = options.orders.run;
  if (options.orders.first_rows || !options.orders.injected.empty()) {
    card["injected"] = !options.orders.injected.empty() ? options.orders.injected : fmt::format("train=rows:{}", *options.orders.first_rows);
  }
  card["created"] = utc_now();
  card["seconds"] = facts.seconds;
  return json_text(card);
}

}  // namespace cupel::model
