#include "model/train_features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/text.h"
#include "model/column_tensor.h"

namespace cupel::model {
namespace {

Result<void> check_type(const NamedColumn& named, const table::Field& field, const table::Column& column, Element element) {
  const Port port{named.name, element, {-1, 1}};
  auto checked = check_column(port, field, column);
  if (!checked) return fail("{}: {}", named.place, checked.error().message);
  return {};
}

tl::unexpected<Error> without_values(const NamedColumn& named, std::size_t rows) {
  return fail("{}: column '{}' is null in all {} training rows, a feature needs values", named.place, named.name, with_thousands(static_cast<std::int64_t>(rows)));
}

Result<NumberFeature> number_feature(const NamedColumn& named, const table::Column& column, std::span<const std::int64_t> rows, std::vector<double>& values) {
  NumberFeature feature;
  feature.name = named.name;
  feature.low = std::numeric_limits<double>::infinity();
  feature.high = -std::numeric_limits<double>::infinity();
  double count = 0, sum_of_squares = 0;
  for (const std::int64_t row : rows) {
    const double value = column.is_null(row) ? std::numeric_limits<double>::quiet_NaN() : float_number(column, row);
    values.push_back(value);
    if (std::isnan(value)) {
      ++feature.num_missing;
      continue;
    }
    if (std::isinf(value)) return fail("{}: column '{}' is infinite in row {}, expected a number", named.place, named.name, row);
    feature.low = std::min(feature.low, value);
    feature.high = std::max(feature.high, value);
    // Welford 1962: one pass, no cancellation.
    const double step = value - feature.mean;
    feature.mean += step / ++count;
    sum_of_squares += step * (value - feature.mean);
  }
  if (count == 0) return without_values(named, rows.size());
  const double deviation = std::sqrt(sum_of_squares / count);
  feature.deviation = deviation > 0 ? deviation : 1;
  return feature;
}

Result<CategoryFeature> category_feature(const TrainConfig& config, const NamedColumn& named, const table::Column& column,
                                         std::span<const std::int64_t> rows, std::vector<std::uint32_t>& codes) {
  CategoryFeature feature;
  feature.name = named.name;
  std::map<std::string, std::int64_t> counts;
  std::vector<std::map<std::string, std::int64_t>::const_iterator> of_row;
  for (const std::int64_t row : rows) {
    // An empty text is missing too: in the model's input the two are one.
    const auto found = counts.try_emplace(table::value_text(column, row), 0).first;
    ++found->second;
    of_row.push_back(found);
  }
  const auto missing = counts.find("");
  if (missing != counts.end()) feature.num_missing = missing->second;
  if (feature.num_missing == static_cast<std::int64_t>(rows.size())) return without_values(named, rows.size());

  std::vector<std::pair<std::int64_t, std::string>> frequent;
  for (const auto& [text, count] : counts) {
    if (!text.empty() && static_cast<double>(count) >= config.parameter("minimum_category_rows")) frequent.emplace_back(-count, text);
  }
  std::ranges::sort(frequent);
  const auto most = static_cast<std::size_t>(config.parameter("maximum_categories"));
  if (frequent.size() > most) frequent.resize(most);
  for (const auto& [count, text] : frequent) feature.known.push_back(text);
  std::ranges::sort(feature.known);

  std::map<std::string_view, std::uint32_t> numbers;
  for (std::size_t i = 0; i < feature.known.size(); ++i) numbers.emplace(feature.known[i], static_cast<std::uint32_t>(i));
  for (const auto& value : of_row) {
    const auto known = numbers.find(value->first);
    const std::size_t code = value == missing ? feature.missing() : known != numbers.end() ? known->second : feature.other();
    feature.num_other += code == feature.other() ? 1 : 0;
    codes.push_back(static_cast<std::uint32_t>(code));
  }
  return feature;
}

Result<TextFeature> text_feature(const TrainConfig& config, const NamedColumn& named, const table::Column& column, std::span<const std::int64_t> rows,
                                 int threads, GramRows& grams) {
  if (column.type != table::Type::text) {
    return fail_with_hint(fmt::format("{}: column '{}' is of type {}, expected text", named.place, named.name, table::type_name(column.type)),
                          "make it a numeric or categorical feature");
  }
  TextFeature feature;
  feature.name = named.name;
  for (const std::int64_t row : rows) feature.num_missing += column.is_null(row) ? 1 : 0;
  if (feature.num_missing == static_cast<std::int64_t>(rows.size())) return without_values(named, rows.size());
  ASSIGN_OR_RETURN(const Words words, read_words(column, rows, threads));
  feature.num_words = words.dictionary.size();
  feature.vocabulary = find_vocabulary(words, static_cast<int>(config.parameter("words")), static_cast<std::int64_t>(config.parameter("minimum_gram_rows")),
                                       static_cast<std::size_t>(config.parameter("maximum_grams")));
  grams = count_grams(words, feature.vocabulary);
  return feature;
}

}  // namespace

std::size_t FeaturePlan::category_begin(std::size_t category) const {
  std::size_t begin = 2 * numbers.size();
  for (std::size_t i = 0; i < category; ++i) begin += categories[i].num_columns();
  return begin;
}

std::size_t FeaturePlan::text_begin(std::size_t text) const {
  std::size_t begin = category_begin(categories.size());
  for (std::size_t i = 0; i < text; ++i) begin += texts[i].vocabulary.num_grams();
  return begin;
}

std::size_t FeaturePlan::num_columns() const { return text_begin(texts.size()); }

Result<TrainFeatures> make_features(const TrainConfig& config, const table::Table& table, std::span<const std::int64_t> rows, int threads) {
  TrainFeatures features;
  const auto field_of = [&](const NamedColumn& named) { return table.schema().fields[static_cast<std::size_t>(*table.schema().find(named.name))]; };
  for (const NamedColumn& named : config.numeric) {
    ASSIGN_OR_RETURN(const table::Column column, table.column(named.name));
    TRY(check_type(named, field_of(named), column, Element::number));
    ASSIGN_OR_RETURN(features.plan.numbers.emplace_back(), number_feature(named, column, rows, features.numbers.emplace_back()));
  }
  for (const NamedColumn& named : config.categorical) {
    ASSIGN_OR_RETURN(const table::Column column, table.column(named.name));
    ASSIGN_OR_RETURN(features.plan.categories.emplace_back(), category_feature(config, named, column, rows, features.categories.emplace_back()));
  }
  for (const NamedColumn& named : config.text) {
    ASSIGN_OR_RETURN(const table::Column column, table.column(named.name));
    ASSIGN_OR_RETURN(features.plan.texts.emplace_back(), text_feature(config, named, column, rows, threads, features.grams.emplace_back()));
  }
  return features;
}

double standardized(const NumberFeature& feature, double value) {
  if (std::isnan(value)) return 0;
  return std::clamp((value - feature.mean) / feature.deviation, -k_furthest, k_furthest);
}

SparseMatrix linear_matrix(const TrainFeatures& features) {
  const FeaturePlan& plan = features.plan;
  const std::size_t num_rows = !features.numbers.empty() ? features.numbers[0].size()
                               : !features.categories.empty() ? features.categories[0].size() : features.grams[0].row_starts.size() - 1;
  std::vector<std::size_t> row_starts{0};
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  const auto put = [&](std::size_t column, double value) {
    columns.push_back(static_cast<std::uint32_t>(column));
    values.push_back(static_cast<float>(value));
  };
  for (std::size_t row = 0; row < num_rows; ++row) {
    for (std::size_t i = 0; i < plan.numbers.size(); ++i) {
      const double value = features.numbers[i][row];
      if (std::isnan(value)) put(2 * i + 1, 1);
      else put(2 * i, standardized(plan.numbers[i], value));
    }
    for (std::size_t i = 0; i < plan.categories.size(); ++i) put(plan.category_begin(i) + features.categories[i][row], 1);
    for (std::size_t i = 0; i < plan.texts.size(); ++i) {
      const GramRows& grams = features.grams[i];
      const std::size_t begin = plan.text_begin(i);
      for (std::size_t k = grams.row_starts[row]; k < grams.row_starts[row + 1]; ++k) put(begin + grams.grams[k], static_cast<double>(grams.values[k]));
    }
    row_starts.push_back(columns.size());
  }
  return SparseMatrix(plan.num_columns(), std::move(row_starts), std::move(columns), std::move(values));
}

std::size_t num_tree_columns(const FeaturePlan& plan) {
  std::size_t columns = plan.numbers.size();
  for (const CategoryFeature& category : plan.categories) columns += category.num_columns();
  return columns;
}

std::vector<float> tree_matrix(const TrainFeatures& features, std::span<const std::vector<double>> further) {
  const FeaturePlan& plan = features.plan;
  const std::size_t width = num_tree_columns(plan) + further.size();
  const std::size_t num_rows = !features.numbers.empty() ? features.numbers[0].size() : !features.categories.empty() ? features.categories[0].size() : further[0].size();
  std::vector<float> matrix(num_rows * width, 0.0f);
  for (std::size_t row = 0; row < num_rows; ++row) {
    float* to = matrix.data() + row * width;
    for (const std::vector<double>& numbers : features.numbers) *to++ = static_cast<float>(numbers[row]);
    for (std::size_t i = 0; i < plan.categories.size(); ++i) {
      to[features.categories[i][row]] = 1.0f;
      to += plan.categories[i].num_columns();
    }
    for (const std::vector<double>& column : further) *to++ = static_cast<float>(column[row]);
  }
  return matrix;
}

}  // namespace cupel::model
