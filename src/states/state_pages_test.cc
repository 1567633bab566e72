// The manual's page of each state is a case: its rows are fed to the state, its last block must be what comes out.
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/text.h"
#include "states/co_moments.h"
#include "states/column_agreement.h"
#include "states/column_digest.h"
#include "states/column_profile.h"
#include "states/contingency.h"
#include "states/digest_list.h"
#include "states/extremes.h"
#include "states/group_counts.h"
#include "states/heavy_hitters.h"
#include "states/histogram.h"
#include "states/hll.h"
#include "states/key_duplicates.h"
#include "states/kll.h"
#include "states/moments.h"
#include "states/null_count.h"
#include "states/null_masks.h"
#include "states/number_pairs.h"
#include "states/order_check.h"
#include "states/patterns.h"
#include "states/quantile_window.h"
#include "states/quantiles.h"
#include "states/row_check.h"
#include "states/row_count.h"
#include "states/row_digest.h"
#include "states/row_keys.h"
#include "states/row_values.h"
#include "states/sample.h"
#include "states/tally.h"
#include "states/text_lengths.h"
#include "states/sample_tables_internal.h"
#include "states/state_table.h"
#include "states/time_span.h"
#include "states/text_rows.h"
#include "states/value_counts.h"
#include "states/value_frequencies.h"

namespace cupel::states {
namespace {

using table::Type;

// The lines of the block that begins with "```kind".
std::vector<std::string> block(std::string_view page, std::string_view kind) {
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string_view line : split(page, '\n')) {
    if (line.starts_with("```")) {
      inside = line.substr(3) == kind;
    } else if (inside) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

// Columns of integers where every value is one, else of text; an empty field is null.
table::Table table_of(const std::vector<std::string>& lines) {
  table::Schema schema;
  std::vector<table::ColumnBuilder> columns;
  const auto names = split(lines[0], ',');
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::vector<std::string> values;
    bool integers = true;
    for (std::size_t row = 1; row < lines.size(); ++row) {
      values.emplace_back(split(lines[row], ',')[i]);
      integers = integers && (values.back().empty() || parse_integer(values.back()));
    }
    const Type type = integers ? Type::integer : Type::text;
    schema.fields.push_back({std::string(names[i]), type});
    table::ColumnBuilder& column = columns.emplace_back(type);
    for (const std::string& value : values) {
      if (value.empty()) {
        column.append_null();
      } else if (integers) {
        column.append(*parse_integer(value));
      } else {
        column.append(std::string_view(value));
      }
    }
  }
  return {std::move(schema), std::move(columns)};
}

std::string rows_text(const RowList& rows) {
  std::string text;
  rows.for_each([&](std::int64_t row) { text += " " + std::to_string(row); });
  return text;
}

std::string facts_of(const State& state) {
  if (const auto* s = dynamic_cast<const RowCount*>(&state)) return fmt::format("rows {}", s->rows());
  if (const auto* s = dynamic_cast<const NullCount*>(&state)) {
    return fmt::format("rows {}, nulls {}, in rows{}", s->rows(), s->nulls(), rows_text(s->null_rows()));
  }
  if (const auto* s = dynamic_cast<const RowCheck*>(&state)) {
    return fmt::format("tested {}, skipped {}, unexpected {}, in rows{}, first '{}'", s->tested(), s->skipped(), s->unexpected(),
                       rows_text(s->unexpected_rows()), s->examples().at(0).value);
  }
  if (const auto* s = dynamic_cast<const Moments*>(&state)) {
    return fmt::format("count {}, nulls {}, sum {}, mean {}, variance {:.6g}, skewness {:.6g}, kurtosis {:.6g}", s->count(), s->nulls(),
                       exact_text(s->sum()), exact_text(*s->mean()), *s->variance(), *s->skewness(), *s->kurtosis());
  }
  if (const auto* s = dynamic_cast<const Sample*>(&state)) {
    return fmt::format("count {}, nulls {}, quartiles {} {} {}", s->count(), s->nulls(), *s->quantile(0.25), *s->quantile(0.5),
                       *s->quantile(0.75));
  }
  const auto list = [](const std::vector<ValueCounts::Entry>& all) {
    std::vector<std::string> entries;
    for (const auto& entry : all) entries.push_back(fmt::format("'{}' {}", entry.value, entry.count));
    return join(entries, ", ");
  };
  if (const auto* s = dynamic_cast<const ColumnProfile*>(&state)) {
    return fmt::format("present {}, nulls {}, distinct {}, least {}, greatest {}, mean {}, median {}, most frequent {}", s->count(), s->nulls(),
                       s->frequencies().distinct().value, s->min()->value_text(), s->max()->value_text(), exact_text(*s->moments().mean()),
                       s->quantiles().quantile(0.5)->value, list(s->frequencies().by_count(1)));
  }
  if (const auto* s = dynamic_cast<const Frequencies*>(&state)) {
    return fmt::format("present {}, nulls {}, distinct {}, error {}: {}", s->count(), s->nulls(), s->distinct().value, s->count_error(), list(s->by_count()));
  }
  if (const auto* s = dynamic_cast<const Tally*>(&state)) {
    return fmt::format("present {}, nulls {}, distinct {}: {}", s->count(), s->nulls(), s->distinct(), list(s->by_count(10)));
  }
  if (const auto* s = dynamic_cast<const HeavyHitters*>(&state)) {
    return fmt::format("present {}, nulls {}, error {}: {}", s->count(), s->nulls(), s->error(), list(s->by_count()));
  }
  if (const auto* s = dynamic_cast<const Patterns*>(&state)) {
    return fmt::format("present {}, nulls {}, error {}: {}", s->shapes().count(), s->shapes().nulls(), s->shapes().error(), list(s->shapes().by_count()));
  }
  if (const auto* s = dynamic_cast<const Hll*>(&state)) {
    return fmt::format("distinct {}, from {} to {}", s->distinct().value, s->distinct().low, s->distinct().high);
  }
  if (const auto* s = dynamic_cast<const TextLengths*>(&state)) {
    return fmt::format("texts {}, nulls {}, empty {}, shortest {}, median {}, longest {}", s->lengths().count(), s->lengths().nulls(), s->empty(),
                       *s->lengths().min(), s->lengths().quantile(0.5)->value, *s->lengths().max());
  }
  if (const auto* s = dynamic_cast<const NullMasks*>(&state)) {
    std::string text = fmt::format("rows {}, complete {}, both null {}", s->rows(), s->complete(), s->both_null(0, 1));
    for (const auto& entry : s->by_count()) text += fmt::format(", null in {}: {}", fmt::join(entry.columns, " and "), entry.count);
    return text;
  }
  if (const auto* s = dynamic_cast<const CoMoments*>(&state)) {
    return fmt::format("count {}, nulls {}, means {} {}, covariance {:.6g}, correlation {:.6g}", s->count(), s->nulls(), exact_text(*s->mean_x()),
                       exact_text(*s->mean_y()), *s->covariance(), *s->correlation());
  }
  if (const auto* s = dynamic_cast<const Contingency*>(&state)) {
    std::vector<std::string> cells;
    for (const auto& cell : s->cells()) {
      cells.push_back(fmt::format("'{}' '{}' {}", s->values(0).value_text(cell.a), s->values(1).value_text(cell.b), cell.count));
    }
    return fmt::format("count {}, nulls {}: {}", s->count(), s->nulls(), join(cells, ", "));
  }
  if (const auto* s = dynamic_cast<const Quantiles*>(&state)) {
    return fmt::format("count {}, nulls {}, least {}, quartiles {} {} {}, greatest {}", s->count(), s->nulls(), *s->min(), s->quantile(0.25)->value,
                       s->quantile(0.5)->value, s->quantile(0.75)->value, *s->max());
  }
  if (const auto* s = dynamic_cast<const Kll*>(&state)) {
    return fmt::format("count {}, nulls {}, rank error {}, quartiles {} {} {}", s->count(), s->nulls(), s->rank_error(), s->quantile(0.25)->value,
                       s->quantile(0.5)->value, s->quantile(0.75)->value);
  }
  if (const auto* s = dynamic_cast<const QuantileWindow*>(&state)) {
    return fmt::format("count {}, below {}, inside {}, above {}, median {}", s->count(), s->below(), s->inside().count(), s->above(),
                       s->quantile(0.5)->value);
  }
  if (const auto* s = dynamic_cast<const TextRows*>(&state)) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < s->size(); ++i) texts.push_back(fmt::format("'{}' in rows{}", s->text(i), rows_text(s->rows(i))));
    return fmt::format("present {}, nulls {}: {}", s->present(), s->nulls(), join(texts, ", "));
  }
  if (const auto* s = dynamic_cast<const ValueCounts*>(&state)) {
    std::vector<std::string> entries;
    for (const auto& entry : s->by_count()) entries.push_back(fmt::format("'{}' {}", entry.value, entry.count));
    return fmt::format("present {}, nulls {}, distinct {}: {}", s->count(), s->nulls(), s->distinct(), join(entries, ", "));
  }
  if (const auto* s = dynamic_cast<const KeyDuplicates*>(&state)) {
    return fmt::format("keys {}, skipped {}, distinct {}, duplicates {}, in rows{}", s->keys(), s->skipped(), s->distinct(),
                       s->duplicates(), rows_text(*s->duplicate_rows()));
  }
  if (const auto* s = dynamic_cast<const Extremes*>(&state)) {
    return fmt::format("count {}, nulls {}, least '{}' in row {}, greatest '{}' in row {}", s->count(), s->nulls(),
                       s->min()->value.value_text(), s->min()->row, s->max()->value.value_text(), s->max()->row);
  }
  if (const auto* s = dynamic_cast<const OrderCheck*>(&state)) {
    return fmt::format("tested {}, skipped {}, unexpected {}, in rows{}", s->tested(), s->skipped(), s->unexpected(),
                       rows_text(s->unexpected_rows()));
  }
  if (const auto* s = dynamic_cast<const ColumnAgreement*>(&state)) {
    return fmt::format("rows {}, first and second agree in {}, first and third in {}, second and third in {}", s->rows(), s->same(0, 1),
                       s->same(0, 2), s->same(1, 2));
  }
  if (const auto* s = dynamic_cast<const ColumnDigest*>(&state)) return fmt::format("rows {}, {:016x}", s->rows(), s->digest().high);
  if (const auto* s = dynamic_cast<const RowDigest*>(&state)) return fmt::format("rows {}, {:016x}{:016x}", s->rows(), s->digest().high, s->digest().low);
  if (const auto* s = dynamic_cast<const Histogram*>(&state)) {
    return fmt::format("below {}, counts {}, above {}, nulls {}, nan {}", s->below(), fmt::join(s->counts(), " "), s->above(), s->nulls(), s->nans());
  }
  if (const auto* s = dynamic_cast<const NumberPairs*>(&state)) {
    return fmt::format("pairs {}, skipped {}, last {} and {}", s->count(), s->skipped(), s->x().back(), s->y().back());
  }
  const auto by_row = [](const auto& a, const auto& b) { return a.row < b.row; };
  const auto rows_of = [](const auto& records) {
    RowList rows;
    for (const auto& record : records) rows.append(record.row);
    return rows;
  };
  if (const auto* s = dynamic_cast<const RowKeys*>(&state)) {
    const auto records = s->records().sorted_by(by_row);
    return fmt::format("keys {}, skipped {}, in rows{}, first and last {}", s->count(), s->skipped(), rows_text(rows_of(records)),
                       records.front().key == records.back().key ? "equal" : "different");
  }
  if (const auto* s = dynamic_cast<const RowValues*>(&state)) {
    const auto records = s->records().sorted_by(by_row);
    return fmt::format("count {}, nulls {}, in rows{}, last {}", s->count(), s->nulls(), rows_text(rows_of(records)), records.back().value);
  }
  if (const auto* s = dynamic_cast<const TimeSpan*>(&state)) {
    return fmt::format("instants {}, nulls {}, unreadable {} (first '{}' in row {}), earliest in row {}, latest in row {}", s->count(), s->nulls(),
                       s->unreadable(), s->first_unreadable()->value, s->first_unreadable()->row, s->earliest()->row, s->latest()->row);
  }
  if (const auto* s = dynamic_cast<const GroupCounts*>(&state)) {
    std::vector<std::string> groups;
    for (const auto& group : s->sorted()) {
      std::vector<std::string> values;
      for (const auto& value : group.values) values.push_back(value ? value->value_text() : "null");
      groups.push_back(fmt::format("{}: {}", join(values, ", "), group.rows));
    }
    return fmt::format("groups {} (at most {}): {}", groups.size(), s->limit(), join(groups, "; "));
  }
  if (const auto* s = dynamic_cast<const DigestList*>(&state)) {
    std::vector<KeyDigest> all;
    s->records().for_each([&](const DigestList::Record& record) { all.push_back(record.digest(s->by())); });
    const bool alone = all[1] != all[0] && all[1] != all[3] && all[0] != all[3];
    return fmt::format("digests {}, {}, {}, {}", all.size(), all[2] == all[0] ? "row 2 as row 0" : "", all[4] == all[3] ? "row 4 as row 3" : "",
                       alone ? "row 1 as no other" : "");
  }
  return "no facts are printed of this state";
}

TEST(StatePages, TellWhatTheStatesAnswer) {
  for (const StateKind& kind : state_table()) {
    SCOPED_TRACE(std::string(kind.name));
    const Result<std::string> page = read_file(fs::path(CUPEL_SOURCE_DIR) / "tests" / "states" / (std::string(kind.name) + ".md"));
    ASSERT_TRUE(page) << page.error().text();
    EXPECT_TRUE(page->starts_with(fmt::format("# {}: {}\n", kind.name, kind.summary)));
    const table::Table table = table_of(block(*page, "csv"));
    const auto state = kind.make();
    Random random(1, "page");
    feed(*state, table, 0, table.num_rows(), 2, 0, random);
    EXPECT_EQ(facts_of(*state), join(block(*page, "text"), "\n"));
  }
}

}  // namespace
}  // namespace cupel::states
