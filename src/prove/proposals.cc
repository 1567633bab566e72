#include "prove/proposals.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "expectations/data_check.h"
#include "prove/candidate.h"
#include "table/ordered_chunks.h"

namespace cupel::prove {
namespace {

constexpr double k_false_alarms = 0.01;  // of all proposals on the next clean batch

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

/// A line of an entry as it stands between braces: a plain word with a comma or a brace must be quoted there.
std::string in_flow(const std::string& line) {
  const std::size_t colon = line.find(": ");
  const std::string value = line.substr(colon + 2);
  const bool is_plain = value.front() != '"' && value.front() != '\'' && value.front() != '[' && value.front() != '{';
  if (!is_plain || value.find_first_of(",[]{}") == std::string::npos) return line;
  return line.substr(0, colon + 2) + Json(value).dump();
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

std::vector<std::string> proposal_entries(const History& history, const BaselineFacts& facts, const std::string& column) {
  std::vector<std::string> entries;
  if (column.empty()) {
    std::string names;
    for (const ColumnFacts& each : facts.columns) names += (names.empty() ? "" : ", ") + flow_text(each.name);
    entries.push_back(fmt::format("{{columns: table, include: [{}]}}", names));
    for (const ColumnFacts& each : facts.columns) {
      if (each.is_key) entries.push_back(fmt::format("{{duplicates: {}, equals: 0}}", flow_text(each.name)));
    }
  } else {
    const int field = *history.rows.schema().find(column);
    add_row_rules(history.rows, facts.columns[static_cast<std::size_t>(field)], field, entries);
  }
  const Seen seen{history, facts};
  const double alpha = k_false_alarms / (3 * static_cast<double>(std::max<std::size_t>(1, facts.columns.size())));
  for (const Candidate& candidate : candidates(seen, column)) {
    const auto entry = candidate.entry(alpha);
    if (!entry) continue;
    std::vector<std::string> parts;
    for (const std::string& line : entry->lines) parts.push_back(in_flow(line));
    entries.push_back("{" + join(parts, ", ") + "}");
  }
  return entries;
}

Result<std::vector<Proposal>> propose(std::vector<CaseProof>& cases, const table::Table& baseline, const BaselineFacts& facts, const CleanBatches& batches,
                                      const ProofOptions& options, std::span<const int> repetition_batches) {
  std::map<std::string, std::vector<std::size_t>> survivors;  // by column
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].group == CaseClass::counted && !cases[i].killed) survivors[cases[i].fault_case.column].push_back(i);
  }
  // What broke between two columns is killed by what is known of the table.
  const bool pairs = std::ranges::any_of(survivors, [&](const auto& each) {
    return std::ranges::any_of(each.second, [&](std::size_t i) { return cases[i].fault_case.fault->scope == Scope::pair; });
  });
  if (pairs) survivors.try_emplace("");
  // Real batches tell how much batches differ; of few of them, and of one sample, the rows alone are asked.
  const bool real = options.batches.method == BatchMethod::column && batches.size() >= 3;
  ASSIGN_OR_RETURN(const History history, make_history(baseline, real ? options.batches.column : "", batches.batch_rows()));
  std::vector<std::string> entries;
  for (const auto& [column, of_column] : survivors) {
    for (std::string& entry : proposal_entries(history, facts, column)) {
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
