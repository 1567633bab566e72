#include "cli/project_facts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/text.h"
#include "states/moments.h"
#include "states/null_count.h"
#include "states/scan.h"
#include "stats/auc.h"
#include "table/row_sample.h"
#include "table/table.h"
#include "table/timestamp.h"

namespace cupel::cli {
namespace {

using states::GroupCounts;
using table::Column;
using table::ColumnRequest;
using table::Type;

constexpr std::int64_t k_least_rows = 100;
constexpr std::int64_t k_least_class_rows = 20;
constexpr double k_text_words = 3;

/// The sampled rows of a table, in memory.
class SampleGather : public table::ChunkVisitor {
 public:
  explicit SampleGather(const table::RowSample& sample) : sample_(sample) {}

  class Part : public Chunk {
   public:
    Part(const table::RowSample& sample, std::int64_t index) : sample_(sample), index_(index) {}
    void visit(const table::Batch& batch) override {
      kept_.resize(static_cast<std::size_t>(batch.num_rows));
      sample_.mark(index_, batch.first_row, batch.num_rows, kept_.data());
      if (columns.empty()) {
        for (const Column& column : batch.columns) columns.emplace_back(column.type);
      }
      for (std::size_t c = 0; c < columns.size(); ++c) {
        for (std::int64_t row = 0; row < batch.num_rows; ++row) {
          if (kept_[static_cast<std::size_t>(row)] != 0) columns[c].append_from(batch.columns[c], row);
        }
      }
    }
    std::vector<table::ColumnBuilder> columns;

   private:
    const table::RowSample& sample_;
    std::int64_t index_;
    std::vector<std::uint8_t> kept_;
  };

  std::unique_ptr<Chunk> make_chunk(std::int64_t index) override { return std::make_unique<Part>(sample_, index); }
  void merge(std::unique_ptr<Chunk> chunk, std::int64_t) override {
    auto& part = static_cast<Part&>(*chunk);
    if (part.columns.empty()) return;
    if (columns.empty()) {
      for (const auto& column : part.columns) columns.emplace_back(column.type());
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Column rows = part.columns[c].view();
      for (std::int64_t row = 0; row < rows.num_rows; ++row) columns[c].append_from(rows, row);
    }
  }
  void restart() override { columns.clear(); }

  std::vector<table::ColumnBuilder> columns;

 private:
  const table::RowSample& sample_;
};

/// Counts, ranges and categories of all rows.
Result<ProjectFacts> scan_all(table::BatchSource& data, const table::ScanOptions& scan) {
  states::Plan plan(data.schema());
  struct Needs {
    int nulls, values, moments;
  };
  std::vector<Needs> needs;
  for (int field = 0; field < static_cast<int>(data.schema().fields.size()); ++field) {
    const ColumnRequest column{field, ColumnRequest::As::native};
    Needs of{};
    of.nulls = plan.need("null_count", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<states::NullCount>(slots[0]); });
    of.values = plan.need("group_counts", {column}, std::nullopt, [](std::span<const int> slots) {
      return std::make_unique<GroupCounts>(std::vector<int>{slots[0]}, ProjectFacts::k_most_values);
    });
    of.moments = plan.need("moments", {column}, std::nullopt, [](std::span<const int> slots) { return std::make_unique<states::Moments>(slots[0]); });
    needs.push_back(of);
  }
  ASSIGN_OR_RETURN(const states::Answers answers, states::run_scan(data, plan, scan));
  ProjectFacts facts;
  facts.rows = answers.num_rows;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    ColumnFacts& column = facts.columns.emplace_back();
    column.name = data.schema().fields[i].name;
    column.type = data.schema().fields[i].type;
    column.nulls = answers.get<states::NullCount>(needs[i].nulls).nulls();
    const auto& values = answers.get<GroupCounts>(needs[i].values);
    column.many_values = values.over_limit();
    column.values = values.sorted();
    if (!table::is_numeric(column.type)) continue;
    column.least = answers.get<states::Moments>(needs[i].moments).min();
    column.greatest = answers.get<states::Moments>(needs[i].moments).max();
  }
  return facts;
}

std::string text_of(const GroupCounts::Group& group) { return group.values[0] ? group.values[0]->value_text() : "null"; }

Result<void> find_classes(ProjectFacts& facts) {
  const ColumnFacts& target = facts.target_column();
  if (target.nulls > 0) {
    return fail_with_hint(fmt::format("the target '{}' is null in {} of {} rows, expected an answer in every row", target.name, with_thousands(target.nulls), with_thousands(facts.rows)),
                          fmt::format("leave them out: --where '\"{}\" is not null'", target.name));
  }
  if (target.many_values || target.values.size() > 2) {
    const bool number = table::is_numeric(target.type);
    std::string shown;
    for (std::size_t i = 0; i < target.values.size() && i < 3; ++i) shown += fmt::format("{}'{}'", i == 0 ? "" : ", ", shorten(text_of(target.values[i]), 30));
    const std::string count = target.many_values ? fmt::format("more than {}", ProjectFacts::k_most_values) : std::to_string(target.values.size());
    return fail_with_hint(
        fmt::format("the target '{}' has {} different values{}, a model here tells two classes apart", target.name, count, shown.empty() ? "" : fmt::format(" ({}, …)", shown)),
        number ? fmt::format("make a column of two classes first, such as '{}' above its median, and name that one", target.name)
               : "make a column that says whether it is the class of interest, and name that one; or keep two classes with --where");
  }
  if (target.values.size() < 2) return fail("the target '{}' is the same in all {} rows, expected two classes", target.name, with_thousands(facts.rows));
  const bool first_rarer = target.values[0].rows < target.values[1].rows;
  const std::string later = to_lower_ascii(text_of(target.values[1]));
  const bool yes = later == "1" || later == "true" || later == "yes" || later == "y";  // sorted behind 0, false, no
  const std::size_t wanted = yes || !first_rarer ? 1 : 0;
  for (const std::size_t i : {1 - wanted, wanted}) {
    facts.classes.push_back(text_of(target.values[i]));
    facts.class_rows.push_back(target.values[i].rows);
  }
  const std::size_t rarer = facts.class_rows[0] < facts.class_rows[1] ? 0 : 1;
  if (facts.class_rows[rarer] < k_least_class_rows || facts.rows < k_least_rows) {
    return fail("{} rows, {} of them of the class '{}': too few for a model that could be tested (at least {} rows, {} of each class)", with_thousands(facts.rows),
                with_thousands(facts.class_rows[rarer]), facts.classes[rarer], k_least_rows, k_least_class_rows);
  }
  return {};
}

std::int64_t words_in(std::string_view text) {
  std::int64_t words = 0;
  for (const std::string_view word : split(text, ' ')) words += word.empty() ? 0 : 1;
  return words;
}

/// A number for each row by which values can be told apart: the value's own, or that of the text.
std::vector<double> values_of(const Column& column) {
  std::vector<double> values;
  std::unordered_map<std::string_view, double> texts;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      values.push_back(std::numeric_limits<double>::quiet_NaN());
    } else if (column.type == Type::text) {
      values.push_back(texts.emplace(column.text(row), static_cast<double>(texts.size())).first->second);
    } else {
      values.push_back(column.as_number(row));
    }
  }
  return values;
}

/// Numbers with many values fall into a hundred bins of about as many rows; a null is a bin of its own.
std::vector<int> bins_of(const std::vector<double>& values, std::size_t most) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges = sorted;
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  if (edges.size() > most) {
    edges.clear();
    for (std::size_t i = 1; i < 100; ++i) edges.push_back(sorted[sorted.size() * i / 100]);
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  }
  std::vector<int> bins;
  for (const double value : values) bins.push_back(std::isnan(value) ? 0 : 1 + static_cast<int>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin()));
  return bins;
}

/// How well a column alone tells the classes apart: every other row is scored by the share of the second class among the remaining rows of its bin,
/// so that no row helps to score itself.
std::optional<double> auc_alone(const std::vector<int>& bins, const std::vector<std::uint8_t>& labels) {
  std::map<int, std::pair<double, double>> counts;  // rows, positives
  double positives = 0;
  double rows = 0;
  for (std::size_t row = 0; row < bins.size(); row += 2) {
    counts[bins[row]].first += 1;
    counts[bins[row]].second += labels[row];
    positives += labels[row];
    rows += 1;
  }
  std::vector<double> scores;
  std::vector<std::uint8_t> scored;
  for (std::size_t row = 1; row < bins.size(); row += 2) {
    const auto& [in_bin, of_them] = counts[bins[row]];
    scores.push_back((of_them + positives / rows) / (in_bin + 1));
    scored.push_back(labels[row]);
  }
  const auto found = stats::auc(scores, scored);
  return found ? std::optional(*found) : std::nullopt;
}

/// What needs the values side by side.
void look_at_values(ColumnFacts& facts, const Column& column, const std::vector<std::uint8_t>& labels) {
  const std::vector<double> values = values_of(column);
  std::unordered_set<double> distinct;
  std::int64_t present = 0;
  std::int64_t dates = 0;
  double words = 0;
  bool spaces = false;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    ++present;
    distinct.insert(values[static_cast<std::size_t>(row)]);
    if (column.type != Type::text) continue;
    const std::string_view text = column.text(row);
    words += static_cast<double>(words_in(text));
    spaces = spaces || text.find(' ') != std::string_view::npos;
    facts.most_characters = std::max(facts.most_characters, count_code_points(text));
    dates += text.size() >= 8 && table::parse_timestamp(text) ? 1 : 0;
  }
  facts.sample_distinct = static_cast<std::int64_t>(distinct.size());
  facts.mean_words = present > 0 ? words / static_cast<double>(present) : 0;
  const bool countable = column.type == Type::integer || (column.type == Type::text && !spaces);
  facts.is_key = countable && present > 1 && facts.sample_distinct == present;
  facts.is_dates = column.type == Type::timestamp || (column.type == Type::text && present > 0 && dates * 20 >= present * 19);
  const bool continuous = table::is_numeric(column.type);
  if (continuous || facts.sample_distinct <= 1000) facts.auc = auc_alone(bins_of(values, 1000), labels);
}

/// "id", "Clothing ID", "host_id", "customerId"
bool named_as_key(std::string_view name) {
  if (name.size() > 2 && name.ends_with("Id") && std::islower(static_cast<unsigned char>(name[name.size() - 3])) != 0) return true;
  const std::string lower = to_lower_ascii(name);
  if (lower == "id") return true;
  return lower.size() > 2 && lower.ends_with("id") && std::isalnum(static_cast<unsigned char>(lower[lower.size() - 3])) == 0;
}

void give_role(ColumnFacts& column, const ProjectFacts& facts) {
  const auto exclude = [&](std::string why) {
    column.role = Role::excluded;
    column.because = std::move(why);
  };
  if (column.nulls == facts.rows) return exclude("Null in every row; it tells nothing.");
  if (!column.many_values && column.values.size() == 1) return exclude("The same value in every row; it tells nothing.");
  if (column.is_dates) return exclude("A point in time: new rows lie beyond all that were seen. A month or a weekday made of it could be a feature.");
  if (column.is_key) return exclude("Every value occurs once: it names the row and tells nothing of new ones.");
  if (named_as_key(column.name) && column.sample_distinct > 2) {
    return exclude("Its name says that it identifies something: a number that names is no quantity, and new ones will be unknown.");
  }
  if (column.auc && *column.auc >= ProjectFacts::k_leak_auc) {
    return exclude(fmt::format("It alone ranks the target with an AUC of {:.3f}: most likely it restates it or is known only afterwards. Make it a feature only if it is known when "
                               "a new row is scored.", std::min(*column.auc, 0.9995)));
  }
  if (column.type == Type::number || column.type == Type::integer) {
    column.role = Role::numeric;
  } else if (!column.many_values && column.mean_words < k_text_words) {
    column.role = Role::categorical;
  } else if (column.type == Type::text) {
    column.role = Role::text;
  } else {
    column.role = Role::categorical;
  }
}

/// A key that repeats ties rows together: they stay on one side of the split.
void choose_group(ProjectFacts& facts) {
  for (ColumnFacts& column : facts.columns) {
    const bool repeats = column.many_values && column.sample_distinct >= 100 && column.sample_distinct * 2 <= facts.sample_rows;
    if (column.role != Role::excluded || !named_as_key(column.name) || !repeats || column.is_key || column.nulls > 0) continue;
    column.role = Role::group;
    column.because = fmt::format("rows of one {} resemble each other: they stay on one side of the split", column.name);
    return;
  }
}

}  // namespace

std::vector<std::string> ProjectFacts::names_of(Role role) const {
  std::vector<std::string> names;
  for (const ColumnFacts& column : columns) {
    if (column.role == role) names.push_back(column.name);
  }
  return names;
}

Result<ProjectFacts> find_project_facts(table::BatchSource& data, const std::string& target, std::uint64_t seed, const table::ScanOptions& scan) {
  const std::optional<int> field = data.schema().find(target);
  if (!field) return table::unknown_column(target, data.schema());
  ASSIGN_OR_RETURN(ProjectFacts facts, scan_all(data, scan));
  facts.target = *field;
  TRY(find_classes(facts));
  ASSIGN_OR_RETURN(const auto sample, table::RowSample::draw(data, {ProjectFacts::k_sample_rows, std::nullopt}, seed, scan));
  std::vector<ColumnRequest> requests;
  for (int i = 0; i < static_cast<int>(facts.columns.size()); ++i) requests.push_back({i, ColumnRequest::As::native});
  SampleGather rows(*sample);
  TRY(data.scan(requests, rows, scan));
  facts.sample_rows = sample->rows();
  std::vector<std::uint8_t> labels;
  const Column answers = rows.columns[static_cast<std::size_t>(facts.target)].view();
  for (std::int64_t row = 0; row < answers.num_rows; ++row) labels.push_back(table::value_text(answers, row) == facts.classes[1] ? 1 : 0);
  for (int i = 0; i < static_cast<int>(facts.columns.size()); ++i) {
    ColumnFacts& column = facts.columns[static_cast<std::size_t>(i)];
    if (i == facts.target) {
      column.role = Role::target;
      continue;
    }
    look_at_values(column, rows.columns[static_cast<std::size_t>(i)].view(), labels);
    give_role(column, facts);
  }
  choose_group(facts);
  if (facts.names_of(Role::numeric).empty() && facts.names_of(Role::categorical).empty() && facts.names_of(Role::text).empty()) {
    return fail("no column is left to predict '{}' from: all are keys, dates, constants or restate it", target);
  }
  return facts;
}

}  // namespace cupel::cli
