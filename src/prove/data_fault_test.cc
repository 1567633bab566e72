#include "prove/data_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "prove/column_changes_internal.h"
#include "prove/trial_table_internal.h"

namespace cupel::prove {
namespace {

using table::Column;
using table::Table;

struct Trial {
  Table rows = trial_table();
  BaselineFacts facts = baseline_facts(rows);
  std::vector<FaultCase> cases = fault_cases(fault_table(), facts);
};
const Trial& trial() {
  static const Trial k_trial;
  return k_trial;
}
Table faulty(const FaultCase& fault_case, std::uint64_t index = 0) { return apply_fault(fault_case, trial().rows, trial().facts, 9, index); }
int field(std::string_view name) { return *trial().rows.schema().find(name); }

std::multiset<std::string> values_of(const Column& column) {
  std::multiset<std::string> values;
  for (std::int64_t row = 0; row < column.num_rows; ++row) values.insert(column.is_null(row) ? "\1null" : table::value_text(column, row));
  return values;
}

/// Rows in which the column differs.
std::vector<std::int64_t> changed_rows(const Column& a, const Column& b) {
  std::vector<std::int64_t> changed;
  for (std::int64_t row = 0; row < a.num_rows; ++row) {
    if (a.is_null(row) != b.is_null(row) || table::value_text(a, row) != table::value_text(b, row)) changed.push_back(row);
  }
  return changed;
}

TEST(Faults, AreSortedByNameAndEachIsThereOnce) {
  const auto table = fault_table();
  for (std::size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1]->name, table[i]->name);
}

TEST(Faults, FactsOfTheTrialTableAreTheKnownOnes) {
  const auto& columns = trial().facts.columns;
  const auto at = [&](std::string_view name) -> const ColumnFacts& { return columns[static_cast<std::size_t>(field(name))]; };
  EXPECT_TRUE(at("id").is_key);
  EXPECT_FALSE(at("id").is_category);
  EXPECT_TRUE(at("amount").is_number && !at("amount").is_whole && !at("amount").is_key);
  EXPECT_EQ(at("amount").nulls, 55);
  EXPECT_TRUE(at("team").is_category);
  EXPECT_EQ(at("team").categories.front(), "Yellow");
  EXPECT_TRUE(at("start").is_time && at("end").is_time && at("created").is_time);
  EXPECT_TRUE(at("active").is_category);
  EXPECT_TRUE(at("name").has_non_ascii && at("name").has_letters && !at("name").is_category);
  EXPECT_TRUE(at("constant").is_constant());
  EXPECT_EQ(at("empty").present(), 0);
  const auto has = [&](Relation::Kind kind, std::string_view left, std::string_view right) {
    return std::ranges::find(trial().facts.relations, Relation{kind, field(left), field(right)}) != trial().facts.relations.end();
  };
  EXPECT_TRUE(has(Relation::Kind::ordered, "start", "end"));
  EXPECT_TRUE(has(Relation::Kind::determined, "team", "house"));
}

TEST(Faults, AreTheSameWheneverSeedCaseAndBatchAreTheSame) {
  for (const FaultCase& fault_case : trial().cases) EXPECT_TRUE(same_rows(faulty(fault_case, 3), faulty(fault_case, 3))) << fault_case.words();
}

TEST(Faults, OfAColumnLeaveEveryOtherColumnAlone) {
  for (const FaultCase& fault_case : trial().cases) {
    const Table after = faulty(fault_case);
    if (fault_case.fault->scope == Scope::table || after.num_rows() != trial().rows.num_rows()) continue;
    if (after.schema().names() != trial().rows.schema().names()) continue;
    for (int i = 0; i < static_cast<int>(after.schema().fields.size()); ++i) {
      const bool target = i == fault_case.target.field || i == fault_case.target.partner;
      EXPECT_TRUE(target || after.shares_column(i, trial().rows)) << fault_case.words() << " changed column " << i;
    }
  }
}

TEST(Faults, ThatDropOrRepeatRowsKeepEachRowWhole) {
  std::set<std::string> known;
  const auto row_text = [](const Table& table, std::int64_t row) {
    std::string text;
    for (int i = 0; i < static_cast<int>(table.schema().fields.size()); ++i) text += table::value_text(table.column(i), row) + "|";
    return text;
  };
  for (std::int64_t row = 0; row < trial().rows.num_rows(); ++row) known.insert(row_text(trial().rows, row));
  for (const char* name : {"truncated_load", "last_rows", "duplicated_load", "random_sample", "shuffled_rows", "dropped_rows", "one_segment", "lost_category",
                           "avh_row_count", "avh_biased_sample"}) {
    for (const FaultCase& fault_case : trial().cases) {
      if (fault_case.fault->name != name) continue;
      const Table after = faulty(fault_case);
      EXPECT_GT(after.num_rows(), 0) << fault_case.words();
      for (std::int64_t row = 0; row < after.num_rows(); ++row) ASSERT_TRUE(known.contains(row_text(after, row))) << fault_case.words() << " row " << row;
    }
  }
}

// Every hit of these faults changes the value, so the rows that changed are the rows that were hit.
TEST(Faults, HitExactlyTheShareThatTheySay) {
  const std::set<std::string_view> exact = {"nulls_mcar", "nulls_mnar", "nulls_mar", "null_words", "units", "cents", "sign", "whitespace", "typo", "new_category", "outliers",
                                            "flipped", "future_dates", "character_change", "jenga_scaling"};
  std::map<std::string_view, int> seen;
  for (const FaultCase& fault_case : trial().cases) {
    if (!exact.contains(fault_case.fault->name) || fault_case.column == "constant") continue;
    const Table after = faulty(fault_case);
    const Column before = trial().rows.column(fault_case.target.field);
    const auto present = static_cast<std::int64_t>(present_rows(before).size());
    const auto changed = static_cast<std::int64_t>(changed_rows(before, after.column(fault_case.target.field)).size());
    if (fault_case.fault->catalogue == Catalogue::cupel) {
      EXPECT_EQ(changed, share_of(fault_case.severity.share, present)) << fault_case.words();
    } else {
      EXPECT_LE(changed, static_cast<std::int64_t>(fault_case.severity.share * 600)) << fault_case.words();
    }
    ++seen[fault_case.fault->name];
  }
  for (const std::string_view name : exact) EXPECT_GT(seen[name], 0) << name << " was never tried";
}

TEST(Faults, LeaveNullsNullUnlessTheyAreAboutRowsOrColumns) {
  const std::set<std::string_view> moves = {"wrong_join", "swapped_columns", "broken_relation", "avh_schema_change", "jenga_swapped_values"};
  for (const FaultCase& fault_case : trial().cases) {
    const Table after = faulty(fault_case);
    if (moves.contains(fault_case.fault->name) || fault_case.target.field < 0 || after.num_rows() != trial().rows.num_rows()) continue;
    if (after.schema().names() != trial().rows.schema().names()) continue;
    const Column before = trial().rows.column(fault_case.target.field);
    for (std::int64_t row = 0; row < before.num_rows; ++row) {
      ASSERT_TRUE(!before.is_null(row) || after.column(fault_case.target.field).is_null(row)) << fault_case.words() << " gave row " << row << " a value";
    }
  }
}

TEST(Faults, ThatKeepTheMarginalsKeepEveryValue) {
  int tried = 0;
  for (const FaultCase& fault_case : trial().cases) {
    if (fault_case.fault->keeps != Keeps::marginals && fault_case.fault->name != "shuffled_rows") continue;
    const Table after = faulty(fault_case);
    for (int i = 0; i < static_cast<int>(after.schema().fields.size()); ++i) {
      EXPECT_EQ(values_of(after.column(i)), values_of(trial().rows.column(i))) << fault_case.words();
    }
    EXPECT_FALSE(same_rows(after, trial().rows)) << fault_case.words();
    ++tried;
  }
  EXPECT_GT(tried, 5);
}

TEST(Faults, GiveTextThatIsUtf8) {
  for (const FaultCase& fault_case : trial().cases) {
    const Table after = faulty(fault_case);
    for (int i = 0; i < static_cast<int>(after.schema().fields.size()); ++i) {
      const Column column = after.column(i);
      if (column.type != table::Type::text) continue;
      for (std::int64_t row = 0; row < column.num_rows; ++row) {
        ASSERT_TRUE(column.is_null(row) || !first_invalid_utf8(column.text(row))) << fault_case.words() << ": " << column.text(row);
      }
    }
  }
}

TEST(Faults, WorkOnATableOfOneRowAndOfNone) {
  for (const std::int64_t rows : {0, 1}) {
    const std::vector<std::int64_t> first = all_rows(rows);
    const Table small = trial().rows.take(first);
    for (const FaultCase& fault_case : trial().cases) EXPECT_GE(apply_fault(fault_case, small, trial().facts, 1, 0).num_rows(), 0) << fault_case.words();
  }
}

TEST(Faults, BreakARelationInTheShareOfTheRows) {
  for (const FaultCase& fault_case : trial().cases) {
    if (fault_case.fault->name != "broken_relation" || fault_case.column != "end") continue;
    const Table after = faulty(fault_case);
    const Column start = after.column(field("start"));
    const Column end = after.column(field("end"));
    std::int64_t broken = 0;
    std::int64_t able = 0;
    for (std::int64_t row = 0; row < after.num_rows(); ++row) {
      broken += start.text(row) > end.text(row) ? 1 : 0;
      able += start.text(row) != end.text(row) ? 1 : 0;
    }
    EXPECT_EQ(broken, share_of(fault_case.severity.share, able)) << fault_case.words();
  }
}

// The paper's counts: 27 setups of a number column, 33 of a text column; the four row counts stand once for the table here.
TEST(Faults, OfAutoValidateByHistoryAreAsManyAsThePaperSays) {
  const std::vector<std::string> words = {"avh"};
  const auto avh = select_faults(words);
  ASSERT_TRUE(avh) << avh.error().text();
  std::map<std::string, int> of_column;
  for (const FaultCase& fault_case : fault_cases(*avh, trial().facts)) ++of_column[fault_case.column];
  EXPECT_EQ(of_column[""], 4);
  EXPECT_EQ(of_column["amount"], 27 - 4);
  EXPECT_EQ(of_column["count"], 27 - 4);
  EXPECT_EQ(of_column["name"], 33 - 4);
  EXPECT_EQ(of_column["team"], 33 - 4);
  EXPECT_EQ(of_column.count("empty"), 0u);
}

TEST(Faults, AreSelectedByNameGroupAndCatalogue) {
  const auto count = [](std::vector<std::string> words) { return select_faults(words)->size(); };
  EXPECT_EQ(count({"all"}), fault_table().size());
  EXPECT_EQ(count({"avh"}) + count({"cupel"}) + count({"jenga"}), fault_table().size());
  EXPECT_EQ(count({"units"}), 4u) << "a fault that is called as its group stands for the group";
  EXPECT_EQ(count({"sign", "sign", "typo"}), 2u);
  const std::vector<std::string> wrong = {"unitz"};
  EXPECT_EQ(select_faults(wrong).error().message, "unknown fault 'unitz' (nearest: 'units')");
}

// 10 → °F is 50, → cents 0.1; checked by hand.
TEST(Faults, ChangeNumbersAsTheirNamesSay) {
  table::Schema schema;
  schema.fields = {{"x", table::Type::integer}};
  std::vector<table::ColumnBuilder> columns;
  columns.emplace_back(table::Type::integer);
  for (const std::int64_t value : {10, -4, 0, 1234}) columns[0].append(value);
  const Table rows(schema, std::move(columns));
  const BaselineFacts facts = baseline_facts(rows);
  const auto after = [&](std::string name, std::string_view severity) {
    const std::vector<std::string> words = {name};
    std::string text;
    for (const FaultCase& fault_case : fault_cases(*select_faults(words), facts)) {
      if (fault_case.fault->name != name || fault_case.severity.words != severity) continue;
      const Table table = apply_fault(fault_case, rows, facts, 1, 0);
      for (std::int64_t row = 0; row < 4; ++row) text += (row == 0 ? "" : " ") + table::value_text(table.column(0), row);
      text += fmt::format(" {}", table::type_name(table.column(0).type));
    }
    return text;
  };
  EXPECT_EQ(after("units", "×1,000 in every value"), "10000 -4000 0 1234000 integer");
  EXPECT_EQ(after("fahrenheit", "every value"), "50 24.8 32 2253.2 number");
  EXPECT_EQ(after("celsius", "every value"), "-12.222222222222221 -20 -17.77777777777778 667.7777777777778 number");
  EXPECT_EQ(after("cents", "÷100 in every value"), "0.1 -0.04 0 12.34 number");
  EXPECT_EQ(after("sign", "every value"), "-10 4 0 -1234 integer");
  EXPECT_EQ(after("rounding", "to one digit"), "10 -4 0 1000 integer");
  EXPECT_EQ(after("rounding", "to two digits"), "10 -4 0 1200 integer");
  EXPECT_EQ(after("type_change", "every value"), "10,0 -4,0 0,0 1234,0 text");
  EXPECT_EQ(after("frozen_value", "the last half of the values"), "10 -4 0 0 integer");
  EXPECT_EQ(after("clipping", "above the 75th percentile"), "10 -4 0 316 integer");  // percentile 75: 10 + 0.25 (1234 - 10) = 316
}

}  // namespace
}  // namespace cupel::prove
