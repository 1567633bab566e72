#include "robustness/trial.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "model/model_card.h"
#include "table/rows_where.h"

namespace cupel::robustness {
namespace {

constexpr std::size_t k_categories_at_most = 50;

bool is_category(const table::Column& column) {
  if (column.type != table::Type::text) return false;
  std::unordered_set<std::string_view> distinct;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row)) distinct.insert(column.text(row));
    if (distinct.size() > k_categories_at_most) return false;
  }
  return true;
}

std::string quoted(const std::vector<std::string>& names) { return "'" + join(names, "', '") + "'"; }

}  // namespace

std::string Change::words() const {
  std::string text(perturbation->name);
  if (perturbation->severity == Severity::share) text += fmt::format(" ({} %)", number_text(100 * severity));
  if (perturbation->severity == Severity::factor) text += fmt::format(" ({})", number_text(severity));
  return columns.empty() ? text : fmt::format("{} in {}", text, quoted(columns));
}

LoadedModel LoadedModel::of(std::string name, std::string digest, std::shared_ptr<const model::Predictor> predictor) {
  LoadedModel model{std::move(name), std::move(digest), {}, {}};
  for (const model::Port& port : predictor->inputs()) model.inputs.push_back(port.name);
  model.score = [predictor = std::move(predictor)](const table::Table& table, int threads) {
    model::ScoreOptions options;
    options.threads = threads;
    return predictor->score(table, options);
  };
  return model;
}

Result<Trial> Trial::make(LoadedModel model, table::Table table, TrialOptions options) {
  Trial trial(std::move(model), std::move(table), std::move(options));
  ASSIGN_OR_RETURN(trial.clean_, trial.evaluate(trial.model_, trial.table_));
  return trial;
}

Result<std::shared_ptr<const model::Evaluation>> Trial::evaluate(const LoadedModel& model, const table::Table& table) const {
  ASSIGN_OR_RETURN(const model::Scores scores, model.score(table, options_.threads));
  ASSIGN_OR_RETURN(model::Evaluation evaluation, model::make_evaluation(scores, table, options_.target, options_.positive, options_.group));
  return std::make_shared<const model::Evaluation>(std::move(evaluation));
}

Result<std::shared_ptr<const model::Evaluation>> Trial::of_model(const std::string& name) {
  if (const auto known = others_.find(name); known != others_.end()) return known->second;
  LoadedModel other;
  if (name == "against") {
    if (!options_.against) return fail_with_hint("'over: against' without a second model", "pass --against");
    other = *options_.against;
  } else {
    if (!options_.load) return fail("model '{}' cannot be loaded here", shorten(name, 60));
    ASSIGN_OR_RETURN(other, options_.load(name));
  }
  ASSIGN_OR_RETURN(auto evaluation, evaluate(other, table_));
  others_[name] = evaluation;
  return evaluation;
}

std::vector<std::string> Trial::category_inputs() const { return inputs_of(Target::category); }

std::vector<std::string> Trial::inputs_of(Target target) const {
  std::vector<std::string> names;
  for (const std::string& name : model_.inputs) {
    const auto field = table_.schema().find(name);
    if (!field) continue;
    const table::Column column = table_.column(*field);
    const bool text = column.type == table::Type::text, category = is_category(column);
    const bool number = column.type == table::Type::integer || column.type == table::Type::number;
    if (target == Target::any || (target == Target::text && text && !category) || (target == Target::category && category) ||
        (target == Target::number && number)) {
      names.push_back(name);
    }
  }
  return names;
}

Result<const Perturbed*> Trial::under(const Change& change) {
  const std::string key = change.words();
  if (const auto known = perturbed_.find(key); known != perturbed_.end()) return &known->second;
  Perturbed out;
  out.columns = change.columns.empty() ? inputs_of(change.perturbation->target) : change.columns;
  if (out.columns.empty()) return fail("the model has no input that '{}' is for", change.perturbation->name);
  const std::vector<std::string> inputs = inputs_of(Target::any);
  std::vector<bool> changed(static_cast<std::size_t>(table_.num_rows()), false);
  table::Table table = table_;
  for (const std::string& name : out.columns) {
    if (std::ranges::find(inputs, name) == inputs.end())
      return fail("column '{}' is not an input of the model{}", shorten(name, 60), nearest_note(name, inputs));
    const int field = *table_.schema().find(name);
    const table::Column before = table_.column(field);
    if (!applies_to(*change.perturbation, before.type))
      return fail("'{}' is not for column '{}' of type {}", change.perturbation->name, name, table::type_name(before.type));
    table::ColumnBuilder after = change.perturbation->apply(before, change.severity, options_.seed, name);
    const std::vector<bool> here = changed_rows(before, after.view());
    for (std::size_t row = 0; row < here.size(); ++row) changed[row] = changed[row] || here[row];
    table = table.with_column(field, std::move(after));
  }
  for (std::size_t row = 0; row < changed.size(); ++row) {
    if (changed[row]) out.exercised.push_back(static_cast<std::int64_t>(row));
  }
  ASSIGN_OR_RETURN(out.evaluation, evaluate(model_, table));
  return &(perturbed_[key] = std::move(out));
}

Result<std::vector<std::int64_t>> Trial::rows(const std::optional<table::Expression>& where, std::string_view place) const {
  if (where) return table::rows_where(table_, where->text(), place);
  std::vector<std::int64_t> all(static_cast<std::size_t>(table_.num_rows()));
  for (std::size_t row = 0; row < all.size(); ++row) all[row] = static_cast<std::int64_t>(row);
  return all;
}

}  // namespace cupel::robustness
