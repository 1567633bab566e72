#include "model/train_model.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "model/train_boosting.h"
#include "model/train_card.h"
#include "model/train_logistic.h"

namespace cupel::model {
namespace {

using Value = GraphBuilder::Value;
using Element = GraphBuilder::Element;

/// A stretch of the progress, in percent.
struct Stretch {
  double begin, end;
  double at(double share) const { return begin + share * (end - begin); }
  Stretch part(int i, int of) const { return {at(static_cast<double>(i) / of), at(static_cast<double>(i + 1) / of)}; }
};

std::string as_bytes(std::span<const double> numbers) { return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()); }

Result<std::vector<double>> from_bytes(std::string_view bytes, std::size_t count) {
  if (bytes.size() != count * sizeof(double)) return fail(ErrorKind::corrupt, "the checkpoint does not fit the training");
  std::vector<double> numbers(count);
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

/// One fit of the linear model as a stage: `name` keeps its coefficients when it is done, `name/state` the way there.
Result<std::vector<double>> fit_linear(LogisticProblem problem, Checkpoint& checkpoint, const std::string& name, Stretch stretch) {
  const std::size_t size = problem.matrix->num_columns() + 1;
  if (const auto done = checkpoint.find(name)) return from_bytes(*done, size);
  LogisticSolver solver(std::move(problem));
  const std::string state_name = name + "/state";
  if (const auto state = checkpoint.find(state_name)) TRY(solver.restore(*state));
  while (solver.step()) {
    checkpoint.put(state_name, solver.state());
    TRY(checkpoint.reached(stretch.at(std::min(solver.progress(), 0.999)), name));
  }
  std::vector<double> coefficients(solver.coefficients().begin(), solver.coefficients().end());
  checkpoint.erase(state_name);
  checkpoint.put(name, as_bytes(coefficients));
  TRY(checkpoint.reached(stretch.end, name));
  return coefficients;
}

/// What a row's texts say by coefficients: the tree's further column.
std::vector<double> text_scores(const SparseMatrix& matrix, const FeaturePlan& plan, std::span<const double> coefficients, std::span<const std::uint32_t> folds,
                                std::uint32_t fold, std::vector<double> scores) {
  const std::size_t begin = plan.text_begin(0), end = plan.num_columns();
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (folds[row] == fold) scores[row] = matrix.row_product(row, coefficients, begin, end);
  }
  return scores;
}

class Training {
 public:
  Training(const TrainConfig& config, const TrainOptions& options, const TrainRows& rows, const TrainFeatures& features, Checkpoint& checkpoint)
      : config_(config), options_(options), rows_(rows), features_(features), checkpoint_(checkpoint) {}

  /// Fits the estimator and answers with the graph's bytes.
  Result<std::string> run(Stretch stretch) {
    GraphBuilder graph;
    const GraphInputs inputs = add_inputs(graph, features_.plan);
    Value score;
    switch (config_.estimator) {
      case Estimator::linear: {
        ASSIGN_OR_RETURN(score, linear(graph, inputs, stretch));
        break;
      }
      case Estimator::trees: {
        ASSIGN_OR_RETURN(score, trees(graph, add_tree_columns(graph, features_.plan, inputs), {}, stretch));
        break;
      }
      case Estimator::text_and_trees: {
        ASSIGN_OR_RETURN(score, text_and_trees(graph, inputs, stretch));
        break;
      }
    }
    add_outputs(graph, score);
    return graph.bytes({{{"cupel.model", config_.name},
                         {"cupel.estimator", std::string(estimator_name(config_.estimator))},
                         {"cupel.target", config_.target.name},
                         {"cupel.classes", Json(rows_.classes).dump()},
                         {"cupel.seed", std::to_string(config_.seed)}}});
  }

 private:
  LogisticProblem problem(const SparseMatrix& matrix) const {
    LogisticProblem problem;
    problem.matrix = &matrix;
    problem.labels = rows_.labels;
    problem.lambda = config_.parameter("regularization");
    problem.threads = options_.threads;
    return problem;
  }

  Result<Value> linear(GraphBuilder& graph, const GraphInputs& inputs, Stretch stretch) {
    const SparseMatrix matrix = linear_matrix(features_);
    ASSIGN_OR_RETURN(const std::vector<double> coefficients, fit_linear(problem(matrix), checkpoint_, "linear", stretch));
    return add_linear_score(graph, features_.plan, inputs, coefficients);
  }

  Result<Value> trees(GraphBuilder& graph, const Value& columns, const std::vector<std::vector<double>>& further, Stretch stretch) {
    const std::vector<float> matrix = tree_matrix(features_, further);
    const std::size_t width = num_tree_columns(features_.plan) + further.size();
    ASSIGN_OR_RETURN(Boosting boosting, Boosting::make(config_, matrix, width, rows_.labels, config_.seed));
    const int rounds = static_cast<int>(config_.parameter("rounds"));
    if (const auto state = checkpoint_.find("trees")) {
      const auto done = checkpoint_.find("trees/rounds");
      const auto number = done ? parse_integer(*done) : std::nullopt;
      if (!number) return fail(ErrorKind::corrupt, "the checkpoint does not fit the training");
      TRY(boosting.restore(*state, static_cast<int>(*number)));
    }
    const int a_unit = std::max(1, rounds / 50);
    while (boosting.rounds() < rounds) {
      TRY(boosting.round());
      if (boosting.rounds() % a_unit != 0 && boosting.rounds() != rounds) continue;
      ASSIGN_OR_RETURN(std::string state, boosting.state());
      checkpoint_.put("trees", std::move(state));
      checkpoint_.put("trees/rounds", std::to_string(boosting.rounds()));
      TRY(checkpoint_.reached(stretch.at(static_cast<double>(boosting.rounds()) / rounds), "trees"));
    }
    return boosting.add_score(graph, columns);
  }

  /// The trees must not see text scores from a model that has read the very row: those are better than any later row's can be. So each
  /// row's comes from a model of the other folds; the graph holds the model of all rows.
  Result<Value> text_and_trees(GraphBuilder& graph, const GraphInputs& inputs, Stretch stretch) {
    const SparseMatrix matrix = linear_matrix(features_);
    const int folds = static_cast<int>(config_.parameter("text_folds"));
    const Stretch of_text{stretch.begin, stretch.at(0.7)};
    std::vector<double> scores(rows_.labels.size());
    for (int fold = 0; fold < folds; ++fold) {
      LogisticProblem others = problem(matrix);
      others.tolerance = 1e-3;  // ten times shorter of the minimum changes the trees' column less than leaving a fold out does
      for (const std::uint32_t row_fold : rows_.folds) others.weights.push_back(row_fold == static_cast<std::uint32_t>(fold) ? 0.0 : 1.0);
      ASSIGN_OR_RETURN(const std::vector<double> coefficients, fit_linear(std::move(others), checkpoint_, fmt::format("fold {}", fold + 1), of_text.part(fold, folds + 1)));
      scores = text_scores(matrix, features_.plan, coefficients, rows_.folds, static_cast<std::uint32_t>(fold), std::move(scores));
    }
    ASSIGN_OR_RETURN(const std::vector<double> coefficients, fit_linear(problem(matrix), checkpoint_, "text", of_text.part(folds, folds + 1)));
    const Value text = graph.cast(add_texts_score(graph, features_.plan, inputs, coefficients), Element::float_number, "texts/float");
    const Value column = graph.node("Unsqueeze", {text, graph.integer(1)}, "texts/column");
    const Value others = add_tree_columns(graph, features_.plan, inputs);
    const Value columns = others.empty() ? column : graph.node("Concat", {others, column}, "columns", {{"axis", std::int64_t{1}}});
    return trees(graph, columns, {scores}, {of_text.end, stretch.end});
  }

  void add_outputs(GraphBuilder& graph, const Value& score) const {
    const Value p = graph.node("Sigmoid", {score}, "positive");
    const Value negative = graph.node("Sub", {graph.number(1), p}, "negative");
    const Value axis = graph.integer(1);
    const Value both = graph.node("Concat", {graph.node("Unsqueeze", {negative, axis}, "negative/column"), graph.node("Unsqueeze", {p, axis}, "positive/column")},
                                  "both", {{"axis", std::int64_t{1}}});
    const Value is_positive = graph.node("GreaterOrEqual", {p, graph.number(0.5)}, "decision");
    add_label(graph, graph.cast(is_positive, Element::integer, "decision/number"));
    graph.output(graph.cast(both, Element::float_number, "both/float"), "probabilities", Element::float_number, 2);
    graph.output(graph.cast(p, Element::float_number, "positive/float"), "score", Element::float_number, 0);
  }

  /// Whole numbers stay numbers, other classes are text.
  void add_label(GraphBuilder& graph, const Value& decision) const {
    const auto first = parse_integer(rows_.classes[0]), second = parse_integer(rows_.classes[1]);
    const bool whole = first && second && std::to_string(*first) == rows_.classes[0] && std::to_string(*second) == rows_.classes[1];
    std::vector<GraphBuilder::Attribute> attributes{{"keys_int64s", std::vector<std::int64_t>{0, 1}}};
    if (whole) attributes.push_back({"values_int64s", std::vector<std::int64_t>{*first, *second}});
    else attributes.push_back({"values_strings", rows_.classes});
    graph.output(graph.node("LabelEncoder", {decision}, "decision/class", std::move(attributes), GraphBuilder::Domain::ml), "label",
                 whole ? Element::integer : Element::text, 0);
  }

  const TrainConfig& config_;
  const TrainOptions& options_;
  const TrainRows& rows_;
  const TrainFeatures& features_;
  Checkpoint& checkpoint_;
};

/// Everything that decides the model's bytes.
std::string training_key(const TrainConfig& config, const TrainOptions& options, const table::BatchSource::Origin& origin, std::int64_t rows) {
  std::string facts = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n", options.tool_version, config.digest, config.seed, origin.digest, rows, onnxruntime_version(), xgboost_version());
  return sha256_hex(facts);
}

Result<Evaluation> evaluate(const Predictor& predictor, const TrainConfig& config, const TrainOptions& options, const TrainRows& rows,
                            const table::Table& table, std::span<const std::int64_t> positions) {
  const table::Table part = table.take(positions);
  ScoreOptions score_options;
  score_options.threads = options.threads;
  ASSIGN_OR_RETURN(const Scores scores, predictor.score(part, score_options));
  return make_evaluation(scores, part, config.target.name, rows.classes[1], config.split.group);
}

}  // namespace

Result<Trained> train_model(const TrainConfig& config, table::Table& table, const TrainOptions& options) {
  const Stopwatch watch;
  TRY(check_against_schema(config, table.schema()));
  ASSIGN_OR_RETURN(const table::BatchSource::Origin origin, table.origin());
  const bool folded = config.estimator == Estimator::text_and_trees;
  Trained trained;
  ASSIGN_OR_RETURN(trained.rows, choose_rows(config, table, options.orders.first_rows, folded ? static_cast<int>(config.parameter("text_folds")) : 1));
  ASSIGN_OR_RETURN(Checkpoint checkpoint, Checkpoint::open(options.orders, training_key(config, options, origin, trained.rows.data_rows), options.progress));
  trained.resumed_at = checkpoint.resumed_at();
  TRY(checkpoint.reached(1, "features"));
  ASSIGN_OR_RETURN(TrainFeatures features, make_features(config, table, trained.rows.training, options.threads));
  TRY(checkpoint.reached(25, "features"));
  ASSIGN_OR_RETURN(trained.onnx, Training(config, options, trained.rows, features, checkpoint).run({25, 90}));
  trained.plan = std::move(features.plan);

  // What is measured is the file that is handed out, on the path that serving takes.
  ASSIGN_OR_RETURN(const Predictor predictor, Predictor::load(trained.onnx, "model.onnx"));
  ASSIGN_OR_RETURN(const Evaluation held_out, evaluate(predictor, config, options, trained.rows, table, trained.rows.held_out));
  ASSIGN_OR_RETURN(const Evaluation training, evaluate(predictor, config, options, trained.rows, table, trained.rows.training));
  TRY(checkpoint.reached(95, "metrics"));
  stats::BootstrapOptions bootstrap;
  bootstrap.resamples = 1000;
  bootstrap.seed = config.seed;
  bootstrap.threads = options.threads;
  CardFacts facts{origin.digest, origin.note, 0, {}};
  for (const Metric& metric : metrics()) {
    bootstrap.purpose = fmt::format("metric {}", metric.name);
    ASSIGN_OR_RETURN(MeasuredMetric measured, measure(metric, held_out, bootstrap));
    trained.held_out.push_back({std::string(metric.name), std::move(measured)});
    const double value = metric_value(metric, training);
    if (std::isfinite(value)) facts.training.push_back({std::string(metric.name), {value, std::nullopt, "", static_cast<std::int64_t>(training.num_rows())}});
  }
  trained.majority_accuracy = majority_accuracy(held_out);
  TRY(checkpoint.reached(100, "done"));
  checkpoint.remove();
  facts.seconds = watch.seconds();
  trained.model_json = model_card_text(config, options, trained, facts);
  return trained;
}

}  // namespace cupel::model
