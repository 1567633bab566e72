#include "prove/proposals.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "expectations/data_check.h"
#include "table/ordered_chunks.h"

namespace cupel::prove {
namespace {

constexpr int k_most_measured = 100;

suite::LoadOptions without_reasons() {
  suite::LoadOptions load = expectations::data_subjects();
  load.reasons_required = false;
  return load;
}

Result<suite::Suite> read_entries(std::span<const std::string> entries) {
  std::string text = "cupel: 1\nsuite: proposals\nexpect:\n";
  for (const std::string& entry : entries) text += "  - " + entry + "\n";
  return suite::parse_suite(text, "proposals", without_reasons());
}

std::string flow_text(std::string_view text) {
  // In a flow mapping on one line: double quotes take everything.
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char c) { return c == '_' || c == ' ' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }) &&
                     text.front() != ' ' && text.back() != ' ' && text != "true" && text != "false" && text != "null" && text != "yes" && text != "no";
  if (plain) return std::string(text);
  return Json(std::string(text)).dump();
}

/// A quantity and the numbers that the clean batches showed.
struct Measured {
  std::string subject;  ///< "mean: Age" or "quantile: Age, at: 0.9"
  bool share = false;
  bool count = false;
  std::vector<double> values{};
};

void measure(std::vector<Measured>& wanted, const table::Table& baseline, const CleanBatches& batches, int threads) {
  std::vector<std::string> entries;
  for (const Measured& measured : wanted) entries.push_back(fmt::format("{{{}, at_least: {}}}", measured.subject, measured.share || measured.count ? "0" : "-1e300"));
  const auto suite = read_entries(entries);
  if (!suite) return;  // a column name that no entry can hold: nothing is measured, nothing proposed
  const auto evaluator = Evaluator::make(suite->expectations, baseline.schema());
  if (!evaluator) return;
  const int count = std::min(batches.size(), k_most_measured);
  std::vector<std::vector<Judgement>> judged(static_cast<std::size_t>(count));
  table::ordered_chunks(count, threads, [&](std::int64_t i) { judged[static_cast<std::size_t>(i)] = evaluator->judge(batches.batch(static_cast<int>(i))); },
                        [](std::int64_t) { return true; });
  for (const auto& judgements : judged) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!judgements[i].observed) continue;
      // Counts of rows are shares of what was tested.
      const double tested = static_cast<double>(std::max<std::int64_t>(1, judgements[i].rows_tested.value_or(1)));
      wanted[i].values.push_back(wanted[i].share && judgements[i].unexpected ? static_cast<double>(*judgements[i].unexpected) / tested : *judgements[i].observed);
    }
  }
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

std::optional<std::string> with_limits(const Measured& measured) {
  if (measured.values.size() < 2) return std::nullopt;
  const auto [least, most] = std::ranges::minmax_element(measured.values);
  double mean = 0;
  for (const double value : measured.values) mean += value / static_cast<double>(measured.values.size());
  double variance = 0;
  for (const double value : measured.values) variance += (value - mean) * (value - mean) / static_cast<double>(measured.values.size() - 1);
  const double margin = std::max((*most - *least) * 0.1, std::numeric_limits<double>::epsilon() * std::abs(mean));
  double low = std::min(*least - margin, mean - 5 * std::sqrt(variance));
  double high = std::max(*most + margin, mean + 5 * std::sqrt(variance));
  if (measured.share) {
    if (*most == 0 && *least == 0) return fmt::format("{{{}, at_most: 0.1%}}", measured.subject);
    low = std::max(0.0, low);
    high = std::min(1.0, high);
    return fmt::format("{{{}, between: [{}%, {}%]}}", measured.subject, number(low * 100), number(high * 100));
  }
  if (measured.count) return fmt::format("{{{}, between: [{}, {}]}}", measured.subject, number(std::max(0.0, std::floor(low))), number(std::ceil(high)));
  return fmt::format("{{{}, between: [{}, {}]}}", measured.subject, number(low), number(high));
}

/// Rules that say what a value looks like, without a limit that was measured.
void add_row_rules(const table::Table& baseline, const ColumnFacts& facts, int field, std::vector<std::string>& entries) {
  const std::string name = flow_text(facts.name);
  entries.push_back(fmt::format("{{type: {}, equals: {}}}", name, table::type_name(facts.type)));
  if (facts.is_number && facts.present() > 0) entries.push_back(fmt::format("{{values: {}, between: [{}, {}]}}", name, exact_text(facts.quantile(0)), exact_text(facts.quantile(100))));
  if (facts.is_category && facts.categories.size() <= 100 && facts.type != table::Type::boolean) {
    std::string list;
    for (const std::string& value : facts.categories) list += (list.empty() ? "" : ", ") + (facts.is_number ? value : flow_text(value));
    entries.push_back(fmt::format("{{values: {}, in: [{}]}}", name, list));
  }
  if (facts.is_key) entries.push_back(fmt::format("{{duplicates: {}, equals: 0}}", name));
  if (facts.type != table::Type::text || facts.present() == 0) return;
  entries.push_back(fmt::format("{{values: {}, not_in: [\"NULL\", unknown, \"1970-01-01\"]}}", name));
  entries.push_back(fmt::format(R"({{values: {}, not_match: "^\\s|\\s$", mostly: 99.5%}})", name));
  entries.push_back(fmt::format(R"({{values: {}, not_match: "\\x{{FFFD}}|Ã|â€", mostly: 99.9%}})", name));
  entries.push_back(fmt::format(R"({{values: {}, match: "[a-z]", mostly: 99%}})", name));
  entries.push_back(fmt::format(R"({{values: {}, match: "[A-Z]", mostly: 99%}})", name));
  entries.push_back(fmt::format(R"({{values: {}, match: "[a-z]", mostly: 90%}})", name));
  entries.push_back(fmt::format(R"({{values: {}, match: "[A-Z]", mostly: 90%}})", name));
  if (facts.is_time) entries.push_back(fmt::format(R"({{values: {}, match: "^\\d{{4}}-\\d{{2}}-\\d{{2}}"}})", name));
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
  std::int64_t longest = 0;
  std::string least, most;
  const table::Column column = baseline.column(field);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) continue;
    const std::string_view text = column.text(row);
    const std::int64_t length = count_code_points(text);
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
    if (!facts.is_time) continue;
    if (least.empty() || text < least) least = text;
    if (text > most) most = text;
  }
  entries.push_back(fmt::format("{{lengths: {}, between: [{}, {}]}}", name, shortest, longest));
  if (facts.is_time) entries.push_back(fmt::format("{{values: {}, between: [{}, {}]}}", name, Json(least).dump(), Json(most).dump()));
}

}  // namespace

std::vector<std::string> proposal_entries(const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches, const std::string& column, int threads) {
  std::vector<std::string> entries;
  std::vector<Measured> wanted;
  if (column.empty()) {
    wanted.push_back({"rows: table", false, true});
    std::string names;
    for (const ColumnFacts& each : facts.columns) names += (names.empty() ? "" : ", ") + flow_text(each.name);
    entries.push_back(fmt::format("{{columns: table, include: [{}]}}", names));
    for (const ColumnFacts& each : facts.columns) {
      if (each.is_key) entries.push_back(fmt::format("{{duplicates: {}, equals: 0}}", flow_text(each.name)));
    }
  } else {
    const int field = *baseline.schema().find(column);
    const ColumnFacts& each = facts.columns[static_cast<std::size_t>(field)];
    const std::string name = flow_text(column);
    add_row_rules(baseline, each, field, entries);
    wanted.push_back({"nulls: " + name, true});
    if (each.present() > 0) wanted.push_back({"distinct: " + name, false, true});
    if (each.is_number && !each.is_constant()) {
      for (const char* subject : {"mean", "stddev", "median", "min", "max"}) wanted.push_back({fmt::format("{}: {}", subject, name)});
      for (const char* at : {"0.1", "0.25", "0.75", "0.9", "0.99"}) wanted.push_back({fmt::format("quantile: {}, at: {}", name, at)});
      wanted.push_back({fmt::format("share: {}, of: \"0\"", name), true});
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(3, each.categories.size()); ++i) wanted.push_back({fmt::format("share: {}, of: {}", name, flow_text(each.categories[i])), true});
    if (each.categories.size() > 3) wanted.push_back({fmt::format("share: {}, of: {}", name, flow_text(each.categories.back())), true});
    if (each.type == table::Type::text && each.present() > 0 && !each.is_category) wanted.push_back({"duplicates: " + name, true});
    for (const Relation& relation : facts.relations) {
      if (relation.kind != Relation::Kind::ordered || (relation.left != field && relation.right != field)) continue;
      const auto column_name = [&](int at) { return fmt::format("\\\"{}\\\"", facts.columns[static_cast<std::size_t>(at)].name); };
      if (facts.columns[static_cast<std::size_t>(relation.left)].name.find('"') != std::string::npos) continue;
      entries.push_back(fmt::format("{{every_row: \"{} <= {}\"}}", column_name(relation.left), column_name(relation.right)));
    }
    wanted.push_back({"rows: table", false, true});
  }
  measure(wanted, baseline, batches, threads);
  for (const Measured& measured : wanted) {
    if (auto entry = with_limits(measured)) entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::vector<Proposal>> propose(std::vector<CaseProof>& cases, const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches,
                                      const ProofOptions& options, std::span<const int> repetition_batches) {
  std::map<std::string, std::vector<std::size_t>> survivors;  // by column
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].group == CaseClass::counted && !cases[i].killed) survivors[cases[i].fault_case.column].push_back(i);
  }
  std::vector<std::string> entries;
  for (const auto& [column, of_column] : survivors) {
    for (std::string& entry : proposal_entries(baseline, facts, batches, column, options.threads)) {
      // An entry that the language refuses (a name with odd characters) is none.
      const std::string alone[] = {entry};
      if (std::ranges::find(entries, entry) == entries.end() && read_entries(alone)) entries.push_back(std::move(entry));
    }
  }
  if (entries.empty()) return std::vector<Proposal>{};
  ASSIGN_OR_RETURN(suite::Suite suite, read_entries(entries));
  // Silent on the clean batches, or it is no proposal.
  ASSIGN_OR_RETURN(const Evaluator all, Evaluator::make(suite.expectations, baseline.schema(), nullptr, options.evaluate));
  std::vector<std::atomic<int>> loud(all.size());
  std::atomic<std::int64_t> done = 0;
  table::ordered_chunks(
      batches.size(), options.threads,
      [&](std::int64_t i) {
        const auto judged = all.judge(batches.batch(static_cast<int>(i)));
        for (std::size_t e = 0; e < judged.size(); ++e) {
          if (judged[e].verdict != suite::Verdict::pass) ++loud[e];
        }
        ++done;
      },
      [&](std::int64_t i) {
        if (options.progress) options.progress("checking proposals", static_cast<std::uint64_t>(i + 1), static_cast<std::uint64_t>(batches.size()));
        return true;
      });
  std::vector<suite::Expectation> silent;
  std::vector<std::string> silent_entries;
  for (std::size_t e = 0; e < all.size(); ++e) {
    if (loud[e] > 0) continue;
    silent.push_back(suite.expectations[e]);
    silent_entries.push_back(entries[e]);
  }
  if (silent.empty()) return std::vector<Proposal>{};
  ASSIGN_OR_RETURN(const Evaluator evaluator, Evaluator::make(silent, baseline.schema(), nullptr, options.evaluate));
  std::vector<table::Table> clean;
  std::vector<std::vector<Judgement>> clean_judged;
  for (const int batch : repetition_batches) {
    clean.push_back(batches.batch(batch));
    clean_judged.push_back(evaluator.judge(clean.back()));
  }
  std::vector<std::size_t> open;
  for (const auto& [column, of_column] : survivors) open.insert(open.end(), of_column.begin(), of_column.end());
  std::vector<std::vector<bool>> kills(open.size(), std::vector<bool>(silent.size(), false));
  table::ordered_chunks(
      static_cast<std::int64_t>(open.size()), options.threads,
      [&](std::int64_t at) {
        const CaseProof& survivor = cases[open[static_cast<std::size_t>(at)]];
        std::vector<int> alarms(silent.size(), 0);
        for (std::size_t r = 0; r < clean.size(); ++r) {
          const table::Table faulty = apply_fault(survivor.fault_case, clean[r], facts, options.batches.seed, static_cast<std::uint64_t>(repetition_batches[r]));
          const auto judged = evaluator.judge_changed(faulty, clean[r], clean_judged[r]);
          for (std::size_t e = 0; e < judged.size(); ++e) alarms[e] += judged[e].alarms() ? 1 : 0;
        }
        for (std::size_t e = 0; e < silent.size(); ++e) {
          kills[static_cast<std::size_t>(at)][e] = alarms[e] >= options.power * survivor.trials - 1e-9;
        }
      },
      [&](std::int64_t i) {
        if (options.progress) options.progress("looking for expectations that kill survivors", static_cast<std::uint64_t>(i + 1), open.size());
        return true;
      });
  std::vector<Proposal> chosen;
  std::vector<bool> covered(open.size(), false);
  for (;;) {
    std::size_t best = silent.size();
    int best_kills = 0;
    for (std::size_t e = 0; e < silent.size(); ++e) {
      int count = 0;
      for (std::size_t s = 0; s < open.size(); ++s) count += !covered[s] && kills[s][e] ? 1 : 0;
      if (count > best_kills) {
        best = e;
        best_kills = count;
      }
    }
    if (best == silent.size()) return chosen;
    chosen.push_back({silent_entries[best], silent[best].id, best_kills, batches.size()});
    for (std::size_t s = 0; s < open.size(); ++s) {
      if (covered[s] || !kills[s][best]) continue;
      covered[s] = true;
      cases[open[s]].proposal = static_cast<int>(chosen.size()) - 1;
    }
  }
}

}  // namespace cupel::prove
