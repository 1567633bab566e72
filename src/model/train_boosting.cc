#include "model/train_boosting.h"

#include <xgboost/c_api.h>

#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/text.h"

namespace cupel::model {
namespace {

/// XGBoost's own words, first line.
Result<void> checked(int status) {
  if (status == 0) return {};
  std::string_view text = XGBGetLastError();
  return fail("XGBoost: {}", shorten(trim(text.substr(0, text.find('\n'))), 300));
}

/// The attributes of a TreeEnsembleRegressor, all trees one after the other.
struct TreeNodes {
  std::vector<std::int64_t> tree, node, column, yes, no, yes_when_missing;
  std::vector<std::string> mode;
  std::vector<float> value, hit_rate;
  std::vector<std::int64_t> leaf_tree, leaf_node, leaf_id;
  std::vector<float> leaf_weight;

  void add(std::int64_t number, const Json& from) {
    const Json& left = from.at("left_children");
    const Json& right = from.at("right_children");
    for (std::size_t i = 0; i < left.size(); ++i) {
      const bool leaf = left[i].get<std::int64_t>() < 0;
      tree.push_back(number);
      node.push_back(static_cast<std::int64_t>(i));
      column.push_back(leaf ? 0 : from.at("split_indices")[i].get<std::int64_t>());
      // A leaf's answer stands where a split has its limit; rows below the limit go left.
      value.push_back(leaf ? 0.0f : from.at("split_conditions")[i].get<float>());
      mode.emplace_back(leaf ? "LEAF" : "BRANCH_LT");
      yes.push_back(leaf ? 0 : left[i].get<std::int64_t>());
      no.push_back(leaf ? 0 : right[i].get<std::int64_t>());
      yes_when_missing.push_back(!leaf && from.at("default_left")[i].get<int>() != 0 ? 1 : 0);
      hit_rate.push_back(1.0f);
      if (!leaf) continue;
      leaf_tree.push_back(number);
      leaf_node.push_back(static_cast<std::int64_t>(i));
      leaf_id.push_back(0);
      leaf_weight.push_back(from.at("split_conditions")[i].get<float>());
    }
  }
};

}  // namespace

struct Boosting::State {
  DMatrixHandle matrix = nullptr;
  BoosterHandle booster = nullptr;
  int rounds = 0;
  std::vector<std::pair<std::string, std::string>> parameters;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (booster != nullptr) XGBoosterFree(booster);
    if (matrix != nullptr) XGDMatrixFree(matrix);
  }

  Result<void> set_parameters() {
    for (const auto& [name, value] : parameters) TRY(checked(XGBoosterSetParam(booster, name.c_str(), value.c_str())));
    return {};
  }
};

Boosting::Boosting(std::unique_ptr<State> state) : state_(std::move(state)) {}
Boosting::Boosting(Boosting&&) noexcept = default;
Boosting& Boosting::operator=(Boosting&&) noexcept = default;
Boosting::~Boosting() = default;
int Boosting::rounds() const { return state_->rounds; }

Result<Boosting> Boosting::make(const TrainConfig& config, std::span<const float> matrix, std::size_t num_columns, std::span<const std::uint8_t> labels,
                                std::uint64_t seed) {
  auto state = std::make_unique<State>();
  TRY(checked(XGDMatrixCreateFromMat(matrix.data(), labels.size(), num_columns, std::numeric_limits<float>::quiet_NaN(), &state->matrix)));
  const std::vector<float> numbers(labels.begin(), labels.end());
  TRY(checked(XGDMatrixSetFloatInfo(state->matrix, "label", numbers.data(), numbers.size())));
  TRY(checked(XGBoosterCreate(&state->matrix, 1, &state->booster)));
  state->parameters = {
      {"objective", "binary:logistic"}, {"tree_method", "hist"}, {"base_score", "0.5"}, {"nthread", "1"}, {"verbosity", "0"}, {"seed_per_iteration", "1"},
      {"seed", std::to_string(seed % 2147483647u)},
      {"max_depth", exact_text(config.parameter("depth"))},
      {"eta", exact_text(config.parameter("learning_rate"))},
      {"min_child_weight", exact_text(config.parameter("leaf_weight"))},
      {"subsample", exact_text(config.parameter("row_share"))},
      {"colsample_bytree", exact_text(config.parameter("column_share"))},
  };
  TRY(state->set_parameters());
  return Boosting(std::move(state));
}

Result<void> Boosting::round() {
  TRY(checked(XGBoosterUpdateOneIter(state_->booster, state_->rounds, state_->matrix)));
  ++state_->rounds;
  return {};
}

Result<std::string> Boosting::state() const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  TRY(checked(XGBoosterSaveModelToBuffer(state_->booster, R"({"format": "ubj"})", &size, &bytes)));
  return std::string(bytes, size);
}

Result<void> Boosting::restore(std::string_view state, int rounds) {
  TRY(checked(XGBoosterLoadModelFromBuffer(state_->booster, state.data(), state.size())));
  TRY(state_->set_parameters());
  int found = 0;
  TRY(checked(XGBoosterBoostedRounds(state_->booster, &found)));
  if (found != rounds) return fail(ErrorKind::corrupt, "{} trees, expected {}", found, rounds);
  state_->rounds = rounds;
  return {};
}

Result<std::vector<float>> Boosting::margins(std::span<const float> matrix, std::size_t num_columns) const {
  State rows;  // only to free its matrix
  TRY(checked(XGDMatrixCreateFromMat(matrix.data(), matrix.size() / num_columns, num_columns, std::numeric_limits<float>::quiet_NaN(), &rows.matrix)));
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* answers = nullptr;
  constexpr const char* k_margins = R"({"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false})";
  TRY(checked(XGBoosterPredictFromDMatrix(state_->booster, rows.matrix, k_margins, &shape, &dimensions, &answers)));
  return std::vector<float>(answers, answers + matrix.size() / num_columns);
}

Result<GraphBuilder::Value> Boosting::add_score(GraphBuilder& graph, const GraphBuilder::Value& columns) const {
  bst_ulong size = 0;
  const char* bytes = nullptr;
  TRY(checked(XGBoosterSaveModelToBuffer(state_->booster, R"({"format": "json"})", &size, &bytes)));
  TreeNodes nodes;
  try {
    const Json model = Json::parse(std::string_view(bytes, size));
    const Json& trees = model.at("learner").at("gradient_booster").at("model").at("trees");
    for (std::size_t i = 0; i < trees.size(); ++i) nodes.add(static_cast<std::int64_t>(i), trees[i]);
  } catch (const Json::exception& error) {
    return fail("XGBoost's trees are not as expected: {}", error.what());
  }
  const GraphBuilder::Value sum = graph.node(
      "TreeEnsembleRegressor", {columns}, "trees",
      {{"aggregate_function", std::string("SUM")},
       {"base_values", std::vector<float>{0.0f}},
       {"n_targets", std::int64_t{1}},
       {"nodes_falsenodeids", nodes.no},
       {"nodes_featureids", nodes.column},
       {"nodes_hitrates", nodes.hit_rate},
       {"nodes_missing_value_tracks_true", nodes.yes_when_missing},
       {"nodes_modes", nodes.mode},
       {"nodes_nodeids", nodes.node},
       {"nodes_treeids", nodes.tree},
       {"nodes_truenodeids", nodes.yes},
       {"nodes_values", nodes.value},
       {"post_transform", std::string("NONE")},
       {"target_ids", nodes.leaf_id},
       {"target_nodeids", nodes.leaf_node},
       {"target_treeids", nodes.leaf_tree},
       {"target_weights", nodes.leaf_weight}},
      GraphBuilder::Domain::ml);
  const GraphBuilder::Value flat = graph.node("Reshape", {sum, graph.integer(-1)}, "trees/rows");
  return graph.cast(flat, GraphBuilder::Element::double_number, "trees/score");
}

std::string xgboost_version() {
  int major = 0, minor = 0, patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return fmt::format("{}.{}.{}", major, minor, patch);
}

}  // namespace cupel::model
