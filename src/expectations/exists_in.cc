// Subjects that compare row by row with another table: every key is there (exists_in), and with the same values (row_sync).

#include <array>
#include <limits>

#include "base/memory_budget.h"
#include "base/text.h"
#include "expectations/other_table.h"
#include "expectations/row_wise.h"
#include "expectations/subjects_internal.h"
#include "states/key_duplicates.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::KeyDuplicates;
using table::Expression;

const std::array<std::string, 2> k_own = {"columns", "key"};

/// Is the row's digest among those of the other table? Rows with a null among the first `num_key` columns are skipped.
class KeyTest : public states::RowTest {
 public:
  KeyTest(const KeyDuplicates& there, std::size_t num_key) : there_(&there), num_key_(num_key) {}

  void test(const table::Batch& batch, std::span<const int> slots, states::Selection rows, std::uint8_t* truth) const override {
    states::RowDigests digests;
    digests.compute(batch, slots);
    for (std::int64_t row = 0; row < batch.num_rows; ++row) {
      bool null = !rows.contains(row);
      for (std::size_t i = 0; i < num_key_ && !null; ++i) null = batch.columns[static_cast<std::size_t>(slots[i])].is_null(row);
      truth[row] = null ? Expression::k_unknown : there_->contains(digests.keys[static_cast<std::size_t>(row)]) ? Expression::k_true : Expression::k_false;
    }
  }

 private:
  const KeyDuplicates* there_;
  std::size_t num_key_;
};

/// The columns of both tables that are compared, pair by pair: those of the key first.
struct Pairs {
  std::vector<std::string> here;
  std::vector<std::string> there;
  std::size_t num_key = 0;
};

class OtherRowsCheck : public DataCheck {
 public:
  OtherRowsCheck(const suite::Expectation& expectation, OtherTable other, Pairs pairs)
      : expectation_(expectation), other_(std::move(other)), pairs_(std::move(pairs)) {}

  const OtherTable* other() const override { return &other_; }

  Result<void> plan_other(const Planning& planning) override {
    for (const std::string& name : pairs_.there) {
      auto column = planning.column(name, other_.block, As::native);
      if (!column) return fail("{} of '{}'", column.error().message, other_.name);
      there_.push_back(*column);
    }
    keys_there_ = need_keys(planning, pairs_.num_key);
    rows_there_ = need_keys(planning, there_.size());
    return {};
  }

  Result<void> plan(const Planning& planning) override {
    std::vector<table::ColumnRequest> here;
    for (const std::string& name : pairs_.here) {
      ASSIGN_OR_RETURN(here.emplace_back(), planning.column(name, expectation_.subject_node, As::native));
      here_.push_back(here.back().field);
    }
    const std::string words = syncs() ? fmt::format("the same values in '{}'", other_.name)
                                      : fmt::format("a key of '{}'", other_.name);
    const auto test_of = [&](int state, std::size_t num_columns) -> Result<RowWisePlan> {
      const auto& set = planning.other->current->get<KeyDuplicates>(state);
      if (!set.is_in_memory()) {
        return fail_with_hint(fmt::format("the {} rows of '{}' do not fit the memory budget of {} MiB", with_thousands(set.keys()), other_.name, MemoryBudget::of_process().limit() >> 20),
                              "--memory SIZE states the budget");
      }
      return RowWisePlan{fmt::format("in {} {}", static_cast<const void*>(&set), num_columns),
                         std::vector(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(num_columns)),
                         std::make_shared<KeyTest>(set, pairs_.num_key)};
    };
    rows_.emplace(expectation_, words, [&](const Planning&) -> Result<RowWisePlan> { return test_of(rows_there_, here.size()); });
    TRY(rows_->plan(planning));
    if (!syncs()) return {};
    keys_.emplace(expectation_, words, [&](const Planning&) -> Result<RowWisePlan> { return test_of(keys_there_, pairs_.num_key); });
    return keys_->plan(planning);
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    for (std::size_t i = 0; i < here_.size(); ++i) {
      const table::Field& here = facts.schema->fields[static_cast<std::size_t>(here_[i])];
      const table::Field& there = facts.other->schema->fields[static_cast<std::size_t>(there_[i].field)];
      if (comparable(here, there)) continue;
      return outcome.cannot(fmt::format("{}: '{}' is {} and '{}' of '{}' is {}: they cannot be compared (state a type: `types: {{{}: text}}`)",
                                        expectation_.subject_node.place(), here.name, table::type_name(here.type), there.name, other_.name,
                                        table::type_name(there.type), there.name));
    }
    rows_->judge(facts, outcome);
    if (!syncs() || outcome.verdict == suite::Verdict::error || outcome.unexpected->count == 0) return;
    suite::Outcome keys;
    keys_->judge(facts, keys);
    const std::int64_t missing = keys.unexpected ? keys.unexpected->count : 0;
    outcome.message += fmt::format(" ({} with other values, {} with a key that is not there)", with_thousands(outcome.unexpected->count - missing), with_thousands(missing));
  }

 private:
  bool syncs() const { return pairs_.here.size() > pairs_.num_key; }

  static bool comparable(const table::Field& here, const table::Field& there) {
    if (here.no_values || there.no_values || here.type == there.type) return true;
    return table::is_numeric(here.type) && table::is_numeric(there.type);
  }

  int need_keys(const Planning& planning, std::size_t num_columns) {
    const std::vector<table::ColumnRequest> columns(there_.begin(), there_.begin() + static_cast<std::ptrdiff_t>(num_columns));
    return planning.current->need("keys to look up", columns, planning.where, [](std::span<const int> slots) {
      return std::make_unique<KeyDuplicates>(std::vector<int>(slots.begin(), slots.end()), std::numeric_limits<std::int64_t>::max());
    });
  }

  suite::Expectation expectation_;
  OtherTable other_;
  Pairs pairs_;
  std::vector<table::ColumnRequest> there_;
  int keys_there_ = -1;
  int rows_there_ = -1;
  std::vector<int> here_;
  std::optional<RowWiseCheck> rows_;
  std::optional<RowWiseCheck> keys_;
};

Result<OtherTable> read_other(const suite::Expectation& expectation) {
  const yaml::Node* node = expectation.parameter("other");
  if (node == nullptr) return expectation.entry.fail_here(fmt::format("'{}' without 'other', the table that is looked into: {{table: products.csv, key: id}}", expectation.subject->name));
  return OtherTable::read(*node, k_own);
}

Result<void> add_pairs(Pairs& pairs, const std::vector<std::string>& here, const std::vector<std::string>& there, const yaml::Node& node, std::string_view what) {
  if (!there.empty() && there.size() != here.size()) {
    return node.fail_here(fmt::format("{} {} here and {} in the other table, expected as many", here.size(), what, there.size()));
  }
  pairs.here.insert(pairs.here.end(), here.begin(), here.end());
  const auto& names = there.empty() ? here : there;
  pairs.there.insert(pairs.there.end(), names.begin(), names.end());
  return {};
}

Result<std::unique_ptr<DataCheck>> make_exists_in(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(OtherTable other, read_other(expectation));
  Pairs pairs;
  TRY(add_pairs(pairs, expectation.arguments, other.key, other.block, "key columns"));
  pairs.num_key = pairs.here.size();
  return std::make_unique<OtherRowsCheck>(expectation, std::move(other), std::move(pairs));
}

Result<std::unique_ptr<DataCheck>> make_row_sync(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(OtherTable other, read_other(expectation));
  const yaml::Node* key = expectation.parameter("key");
  if (key == nullptr) return expectation.entry.fail_here("'row_sync' without 'key', the columns by which rows are found in the other table");
  ASSIGN_OR_RETURN(const std::vector<std::string> columns, key->texts("'key'"));
  if (columns.empty()) return key->fail_here("'key' is an empty list, expected at least one column");
  Pairs pairs;
  TRY(add_pairs(pairs, columns, other.key, other.block, "key columns"));
  pairs.num_key = pairs.here.size();
  TRY(add_pairs(pairs, expectation.arguments, other.columns, other.block, "columns"));
  return std::make_unique<OtherRowsCheck>(expectation, std::move(other), std::move(pairs));
}

}  // namespace

const DataSubject k_exists_in_subject = {
    {"exists_in", "every key (one column or several) stands in another table", suite::Argument::columns, {}, {"other"}, false, true}, make_exists_in};
const DataSubject k_row_sync_subject = {
    {"row_sync", "the same key has the same values in another table", suite::Argument::columns, {}, {"key", "other"}, false, true}, make_row_sync};

}  // namespace cupel::expectations
