#include "model/train_rows.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/hash.h"
#include "base/text.h"
#include "model/model_card.h"
#include "table/rows_where.h"

namespace cupel::model {
namespace {

Result<std::vector<std::int64_t>> segment_rows(const TrainConfig& config, const table::Table& table, std::int64_t data_rows) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(table.num_rows()));
  std::iota(rows.begin(), rows.end(), 0);
  if (!config.where.empty()) {
    ASSIGN_OR_RETURN(rows, table::rows_where(table, config.where, config.where_place));
  }
  std::erase_if(rows, [&](std::int64_t row) { return row >= data_rows; });
  if (static_cast<std::int64_t>(rows.size()) >= config.minimum_rows) return rows;
  return fail(ErrorKind::too_little_data, "{} rows{}, fewer than the {} that the training needs", with_thousands(static_cast<std::int64_t>(rows.size())),
              config.where.empty() ? "" : " where " + config.where, with_thousands(config.minimum_rows));
}

/// Numbers in their order, else texts in theirs.
bool comes_first(const std::string& a, const std::string& b) {
  const auto x = parse_number(a), y = parse_number(b);
  return x && y ? *x < *y : a < b;
}

Result<std::vector<std::string>> find_classes(const TrainConfig& config, const table::Column& target, const std::vector<std::int64_t>& rows) {
  std::map<std::string, std::int64_t> counts;
  std::int64_t nulls = 0, first_null = -1;
  for (const std::int64_t row : rows) {
    if (target.is_null(row)) {
      if (nulls++ == 0) first_null = row;
      continue;
    }
    ++counts[table::value_text(target, row)];
    if (counts.size() > 100) break;
  }
  if (nulls > 0) {
    return fail_with_hint(fmt::format("{}: the target '{}' is null in {} rows (first: row {})", config.target.place, config.target.name,
                                      with_thousands(nulls), first_null),
                          "`where` can leave them out");
  }
  std::vector<std::string> classes;
  for (const auto& [name, number] : counts) classes.push_back(name);
  std::ranges::sort(classes, comes_first);
  if (classes.size() == 1) {
    return fail("{}: the target '{}' has one class, '{}' in all {} rows, expected two", config.target.place, config.target.name,
                shorten(classes[0], 60), with_thousands(static_cast<std::int64_t>(rows.size())));
  }
  if (classes.size() > 2) {
    return fail("{}: the target '{}' has {}{} classes ('{}', '{}', '{}', …), expected two", config.target.place, config.target.name,
                classes.size() > 100 ? "more than " : "", std::min<std::size_t>(classes.size(), 100), shorten(classes[0], 60), shorten(classes[1], 60),
                shorten(classes[2], 60));
  }
  if (config.positive.empty() || classes[1] == config.positive) return classes;
  if (classes[0] == config.positive) return std::vector<std::string>{classes[1], classes[0]};
  return fail("{}: 'positive' is '{}', the target '{}' is '{}' or '{}'", config.positive_place, config.positive, config.target.name,
              shorten(classes[0], 60), shorten(classes[1], 60));
}

Result<void> check_class_counts(const TrainConfig& config, const std::vector<std::string>& classes, std::int64_t rows, std::int64_t positives,
                                std::int64_t least, std::string_view part) {
  const std::int64_t counts[] = {rows - positives, positives};
  for (std::size_t k = 0; k < 2; ++k) {
    if (counts[k] >= least) continue;
    return fail(ErrorKind::too_little_data, "{} rows of class '{}' of '{}' in the {} part, fewer than the {} that are needed", counts[k], classes[k],
                config.target.name, part, with_thousands(least));
  }
  return {};
}

}  // namespace

Result<TrainRows> choose_rows(const TrainConfig& config, const table::Table& table, std::optional<std::int64_t> limit, int num_folds) {
  if (table.num_rows() == 0) return fail("the data has no rows");
  TrainRows rows;
  rows.data_rows = limit ? std::min(*limit, table.num_rows()) : table.num_rows();
  ASSIGN_OR_RETURN(const std::vector<std::int64_t> all, segment_rows(config, table, rows.data_rows));
  ASSIGN_OR_RETURN(const table::Column target, table.column(config.target.name));
  ASSIGN_OR_RETURN(rows.classes, find_classes(config, target, all));
  ASSIGN_OR_RETURN(const std::vector<bool> held, table::held_out(table, config.split));

  std::optional<table::Column> group;
  if (!config.split.group.empty()) {
    ASSIGN_OR_RETURN(group, table.column(config.split.group));
  }
  std::int64_t held_positives = 0;
  for (const std::int64_t row : all) {
    const bool positive = table::value_text(target, row) == rows.classes[1];
    if (held[static_cast<std::size_t>(row)]) {
      rows.held_out.push_back(row);
      held_positives += positive ? 1 : 0;
      continue;
    }
    rows.training.push_back(row);
    rows.labels.push_back(positive ? 1 : 0);
    const std::string unit = group ? table::value_text(*group, row) : std::to_string(row);
    rows.folds.push_back(sha256_prefix(fmt::format("{}/fold:{}", config.split.salt, unit)) % static_cast<std::uint32_t>(num_folds));
  }
  const auto positives = static_cast<std::int64_t>(std::ranges::count(rows.labels, 1));
  TRY(check_class_counts(config, rows.classes, static_cast<std::int64_t>(rows.training.size()), positives, config.minimum_rows_per_class, "training"));
  TRY(check_class_counts(config, rows.classes, static_cast<std::int64_t>(rows.held_out.size()), held_positives, 2, "held-out"));
  return rows;
}

}  // namespace cupel::model
