// Subjects that compare whole tables: the same rows (same_rows), the same columns (same_schema).

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "expectations/other_table.h"
#include "expectations/subjects_internal.h"
#include "states/digest_list.h"
#include "states/row_check.h"
#include "states/row_count.h"
#include "states/unordered_rows.h"

namespace cupel::expectations {
namespace {

using As = table::ColumnRequest::As;
using states::DigestList;
using By = states::DigestList::By;
using states::KeyDigest;

const std::array<std::string, 1> k_own_words = {"columns"};

Result<OtherTable> read_compared(const suite::Expectation& expectation) {
  const yaml::Node* node = expectation.parameter("other");
  if (node == nullptr) return expectation.entry.fail_here(fmt::format("'{}' without 'other', the table that is compared with: {{table: last_week.csv}}", expectation.subject->name));
  return OtherTable::read(*node, k_own_words);
}

Result<bool> read_choice(const suite::Expectation& expectation, std::string_view key, std::string_view yes, std::string_view no, bool otherwise) {
  const yaml::Node* node = expectation.parameter(key);
  if (node == nullptr) return otherwise;
  if (!node->is_scalar() || (node->scalar != yes && node->scalar != no)) return node->fail_here(fmt::format("'{}' is {}, expected {} or {}", key, node->description(), yes, no));
  return node->scalar == yes;
}

/// Rows of one table that have no partner in the other.
struct Apart {
  states::UnorderedRows only_here;
  std::int64_t only_there = 0;
};

/// As multisets: a row that stands twice here and once there is once without a partner, the later one.
Apart compare_sets(const DigestList& here, const DigestList& there) {
  Apart apart;
  auto others = there.records().ascending();
  DigestList::Record other;
  bool has_other = others.next(other);
  here.records().for_each([&](const DigestList::Record& record) {
    const KeyDigest digest = record.digest(By::digest);
    for (; has_other && other.digest(By::digest) < digest; has_other = others.next(other)) ++apart.only_there;
    if (has_other && other.digest(By::digest) == digest) {
      has_other = others.next(other);
    } else {
      apart.only_here.add(record.row(By::digest));
    }
  });
  for (; has_other; has_other = others.next(other)) ++apart.only_there;
  return apart;
}

/// Position by position.
Apart compare_order(const DigestList& here, const DigestList& there) {
  Apart apart;
  auto others = there.records().ascending();
  DigestList::Record other;
  here.records().for_each([&](const DigestList::Record& record) {
    const bool same = others.next(other) && record.digest(By::row) == other.digest(By::row);
    if (!same) apart.only_here.add(record.row(By::row));
  });
  apart.only_there = there.count() - (here.count() - apart.only_here.size());
  return apart;
}

class SameRowsCheck : public DataCheck {
 public:
  SameRowsCheck(const suite::Expectation& expectation, OtherTable other, std::vector<std::string> columns, std::vector<std::string> key, bool in_order)
      : expectation_(expectation), other_(std::move(other)), columns_(std::move(columns)), key_(std::move(key)), in_order_(in_order) {}

  const OtherTable* other() const override { return &other_; }

  Result<void> plan_other(const Planning& planning) override {
    const std::vector<std::string> names = !other_.columns.empty() ? other_.columns : !columns_.empty() ? columns_ : planning.current->schema().names();
    ASSIGN_OR_RETURN(there_, fields(planning, names, other_.block, other_.name));
    names_there_ = names;
    rows_there_ = need(planning, there_, in_order_ ? By::row : By::digest);
    if (key_.empty()) return {};
    ASSIGN_OR_RETURN(const auto key, fields(planning, key_, other_.block, other_.name));
    keys_there_ = need(planning, key, By::digest);
    return {};
  }

  Result<void> plan(const Planning& planning) override {
    // Without a list the other table says which columns: by name, in any order.
    ASSIGN_OR_RETURN(here_, fields(planning, columns_.empty() ? names_there_ : columns_, expectation_.subject_node, "the data"));
    if (columns_.empty() && here_.size() != planning.current->schema().fields.size()) {
      return other_.block.fail_here(fmt::format("{} columns here and {} in '{}' (name the columns to compare in 'columns')", planning.current->schema().fields.size(), here_.size(), other_.name));
    }
    if (here_.size() != there_.size()) return other_.block.fail_here(fmt::format("{} columns here and {} in the other table, expected as many", here_.size(), there_.size()));
    rows_here_ = need(planning, here_, in_order_ ? By::row : By::digest);
    if (key_.empty()) return {};
    ASSIGN_OR_RETURN(const auto key, fields(planning, key_, expectation_.subject_node, "the data"));
    keys_here_ = need(planning, key, By::digest);
    return {};
  }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    for (std::size_t i = 0; i < here_.size(); ++i) {
      const table::Field& here = facts.schema->fields[static_cast<std::size_t>(here_[i].field)];
      const table::Field& there = facts.other->schema->fields[static_cast<std::size_t>(there_[i].field)];
      const bool comparable = here.type == there.type || here.no_values || there.no_values || (table::is_numeric(here.type) && table::is_numeric(there.type));
      if (comparable) continue;
      return outcome.cannot(fmt::format("{}: '{}' is {} here and {} in '{}': they cannot be compared (state a type: `types: {{{}: text}}`)", expectation_.subject_node.place(),
                                        here.name, table::type_name(here.type), table::type_name(there.type), other_.name, there.name));
    }
    const auto& here = facts.current->get<DigestList>(rows_here_);
    const auto& there = facts.other->current->get<DigestList>(rows_there_);
    const Apart apart = in_order_ ? compare_order(here, there) : compare_sets(here, there);
    const std::int64_t num_here = here.count();
    const std::int64_t only_here = apart.only_here.size();
    auto rows = apart.only_here.list();
    if (!rows) return outcome.cannot(rows.error().text());
    outcome.unexpected_rows = std::move(*rows);
    outcome.rows_tested = num_here + apart.only_there;
    if (*outcome.rows_tested == 0) return outcome.cannot("0 rows in both tables, nothing to compare");
    const double share = static_cast<double>(only_here + apart.only_there) / static_cast<double>(*outcome.rows_tested);
    outcome.observed = 1 - share;
    const double tested = static_cast<double>(*outcome.rows_tested);
    outcome.pass_if(tested - static_cast<double>(only_here + apart.only_there) >= expectation_.mostly.value_or(1.0) * tested - 1e-9 * tested);
    outcome.unexpected = suite::Unexpected{only_here + apart.only_there, share, {}};
    const std::string counts = fmt::format("{} rows here, {} in '{}'", with_thousands(num_here), with_thousands(there.count()), other_.name);
    if (only_here + apart.only_there == 0) {
      outcome.message = fmt::format("{}, all the same{}", counts, in_order_ ? ", in the same order" : "");
      return;
    }
    outcome.message = fmt::format("{}: {} {} only here, {} only there{}", counts, with_thousands(only_here), in_order_ ? "differ or are" : "are", with_thousands(apart.only_there),
                                  key_words(facts, outcome.unexpected_rows));
    if (!outcome.unexpected_rows.empty()) outcome.message += fmt::format("; first in row {}", outcome.unexpected_rows.first());
    if (expectation_.mostly) outcome.message += fmt::format("; expected the same in at least {} % of rows", number_text(*expectation_.mostly * 100));
  }

 private:
  static Result<std::vector<table::ColumnRequest>> fields(const Planning& planning, const std::vector<std::string>& names, const yaml::Node& node, const std::string& of) {
    std::vector<table::ColumnRequest> columns;
    for (const std::string& name : names) {
      auto column = planning.column(name, node, As::native);
      if (!column) return fail("{} of {}", column.error().message, of);
      columns.push_back(*column);
    }
    return columns;
  }

  static int need(const Planning& planning, const std::vector<table::ColumnRequest>& columns, By by) {
    const auto make = [by, limit = planning.state_bytes](std::span<const int> slots) { return std::make_unique<DigestList>(std::vector<int>(slots.begin(), slots.end()), by, limit); };
    return planning.current->need(by == By::row ? "digest_list by row" : "digest_list by digest", columns, planning.where, make);
  }

  /// Of the rows only here, those whose key is there with other values.
  std::string key_words(const Facts& facts, const states::RowList& only_here) const {
    if (key_.empty() || only_here.empty()) return {};
    auto keys_there = facts.other->current->get<DigestList>(keys_there_).records().ascending();
    DigestList::Record there;
    bool has_there = keys_there.next(there);
    states::UnorderedRows known;  // rows here whose key is there
    facts.current->get<DigestList>(keys_here_).records().for_each([&](const DigestList::Record& here) {
      const KeyDigest key = here.digest(By::digest);
      while (has_there && there.digest(By::digest) < key) has_there = keys_there.next(there);
      if (has_there && there.digest(By::digest) == key) known.add(here.row(By::digest));
    });
    const auto rows = known.list();
    if (!rows) return {};
    const std::int64_t changed = only_here.size() + rows->size() - states::RowList::united(only_here, *rows).size();
    return fmt::format(" ({} of those here have a key that is there, with other values)", with_thousands(changed));
  }

  suite::Expectation expectation_;
  OtherTable other_;
  std::vector<std::string> columns_;
  std::vector<std::string> key_;
  bool in_order_;
  std::vector<std::string> names_there_;
  std::vector<table::ColumnRequest> here_;
  std::vector<table::ColumnRequest> there_;
  int rows_here_ = -1;
  int rows_there_ = -1;
  int keys_here_ = -1;
  int keys_there_ = -1;
};

Result<std::vector<std::string>> read_list(const suite::Expectation& expectation, std::string_view key) {
  const yaml::Node* node = expectation.parameter(key);
  if (node == nullptr) return std::vector<std::string>{};
  return node->texts(fmt::format("'{}'", key));
}

Result<std::unique_ptr<DataCheck>> make_same_rows(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(OtherTable other, read_compared(expectation));
  ASSIGN_OR_RETURN(std::vector<std::string> columns, read_list(expectation, "columns"));
  ASSIGN_OR_RETURN(std::vector<std::string> key, read_list(expectation, "key"));
  ASSIGN_OR_RETURN(const bool in_order, read_choice(expectation, "order", "given", "any", false));
  if (columns.empty() && !other.columns.empty()) return other.block.fail_here("'columns' of the other table without 'columns' of the data");
  return std::make_unique<SameRowsCheck>(expectation, std::move(other), std::move(columns), std::move(key), in_order);
}

class SameSchemaCheck : public DataCheck {
 public:
  SameSchemaCheck(const suite::Expectation& expectation, OtherTable other, bool in_order, bool with_types)
      : expectation_(expectation), other_(std::move(other)), in_order_(in_order), with_types_(with_types) {}

  const OtherTable* other() const override { return &other_; }
  Result<void> plan_other(const Planning& planning) override { return need_types(planning); }
  Result<void> plan(const Planning& planning) override { return need_types(planning); }

  void judge(const Facts& facts, suite::Outcome& outcome) const override {
    const std::vector<std::string> here = facts.schema->names();
    const std::vector<std::string> there = facts.other->schema->names();
    std::vector<std::string> problems;
    for (const std::string& name : there) {
      if (!facts.schema->find(name)) problems.push_back(fmt::format("missing column '{}'{}", shorten(name, 60), nearest_note(name, here)));
    }
    for (std::size_t i = 0; i < here.size(); ++i) {
      const std::optional<int> at = facts.other->schema->find(here[i]);
      if (!at) {
        problems.push_back(fmt::format("unexpected column '{}'", shorten(here[i], 60)));
        continue;
      }
      const table::Field& mine = facts.schema->fields[i];
      const table::Field& other = facts.other->schema->fields[static_cast<std::size_t>(*at)];
      if (with_types_ && mine.type != other.type && !mine.no_values && !other.no_values) {
        problems.push_back(fmt::format("column '{}' is {}, there {}", shorten(here[i], 60), table::type_name(mine.type), table::type_name(other.type)));
      }
    }
    if (problems.empty() && in_order_) {
      const auto [a, b] = std::mismatch(there.begin(), there.end(), here.begin(), here.end());
      if (a != there.end()) problems.push_back(fmt::format("column '{}' stands where '{}' was expected", *b, *a));
    }
    // The columns of a table without rows are there all the same.
    outcome.rows_tested = std::max<std::int64_t>(1, facts.current->num_rows);
    outcome.observed = here;
    outcome.limit = there;
    outcome.pass_if(problems.empty());
    constexpr std::size_t k_told = 10;
    const std::size_t more = problems.size() > k_told ? problems.size() - k_told : 0;
    if (more > 0) problems.resize(k_told);
    outcome.message = problems.empty() ? fmt::format("{} columns as in '{}'", here.size(), other_.name) : join(problems, "; ");
    if (more > 0) outcome.message += fmt::format("; {} more differences", more);
  }

 private:
  /// Every column is read for its type to be final.
  Result<void> need_types(const Planning& planning) const {
    std::vector<table::ColumnRequest> columns;
    for (std::size_t i = 0; with_types_ && i < planning.current->schema().fields.size(); ++i) columns.push_back({static_cast<int>(i), As::native});
    planning.current->need("row_count", columns, std::nullopt, [](std::span<const int>) { return std::make_unique<states::RowCount>(); });
    return {};
  }

  suite::Expectation expectation_;
  OtherTable other_;
  bool in_order_;
  bool with_types_;
};

Result<std::unique_ptr<DataCheck>> make_same_schema(const suite::Expectation& expectation) {
  ASSIGN_OR_RETURN(OtherTable other, read_compared(expectation));
  ASSIGN_OR_RETURN(const bool in_order, read_choice(expectation, "order", "given", "any", false));
  ASSIGN_OR_RETURN(const bool with_types, read_choice(expectation, "types", "same", "any", true));
  return std::make_unique<SameSchemaCheck>(expectation, std::move(other), in_order, with_types);
}

}  // namespace

const DataSubject k_same_rows_subject = {
    {"same_rows", "the rows of another table, whatever their order", suite::Argument::table, {}, {"columns", "key", "order", "other"}, false, true}, make_same_rows};
const DataSubject k_same_schema_subject = {
    {"same_schema", "the columns and types of another table", suite::Argument::table, {}, {"order", "other", "types"}, false, false, false}, make_same_schema};

}  // namespace cupel::expectations
