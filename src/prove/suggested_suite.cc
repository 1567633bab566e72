#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "prove/suggestion.h"

namespace cupel::prove {
namespace {

std::string column_comment(const ColumnFacts& facts) {
  std::string text = fmt::format("{}: {}", facts.name, table::type_name(facts.type));
  if (facts.present() == 0) return text + ", never filled";
  if (facts.is_constant()) {
    text += ", constant";
  } else if (facts.is_key) {
    text += ", a key";
  } else if (facts.is_category) {
    text += fmt::format(", {} values", facts.distinct);
  } else if (facts.is_number) {
    text += fmt::format(" from {} to {}, median {}", number_text(facts.quantile(0)), number_text(facts.quantile(100)), number_text(facts.quantile(50)));
  } else {
    text += fmt::format(", {} different values", with_thousands(facts.distinct));
  }
  return text + (facts.nulls == 0 ? std::string(", always filled") : fmt::format(", {} null", percent_text(static_cast<double>(facts.nulls) / static_cast<double>(facts.rows))));
}

std::string comment(const std::string& text) { return "  # " + replace_all(text, "\n", " ") + "\n"; }

}  // namespace

std::string suggested_suite(const Suggestion& suggestion, const History& history, const SuggestOptions& options) {
  std::string text = "# Written by `cupel suggest`: read it, correct the reasons, delete what you do not mean, and sign it by keeping it.\n";
  text += "cupel: 1\n";
  text += "suite: " + yaml::quote(fs::path(history.source).stem().string().empty() ? "suggested" : fs::path(history.source).stem().string()) + "\n";
  const std::int64_t budgeted = std::ranges::count_if(suggestion.expectations, [](const Suggested& each) { return each.alpha > 0; });
  const std::string derived = fmt::format("Derived from {} rows{}.", with_thousands(history.rows.num_rows()), history.has_batches() ? fmt::format(" in {} batches", history.batches.size()) : std::string());
  if (options.harm) {
    text += "about: " + yaml::quote(fmt::format("Alarms on damage that lowers {} by more than {}, in batches of {} rows. {} Of {} harmful faults tried {} are caught; of {} harmless ones {} alarm. At most {} of clean batches alarm.", options.harm->of,
                                               percent_text(options.harm->most), with_thousands(history.next_rows), derived, with_thousands(suggestion.harmful), with_thousands(suggestion.killed),
                                               with_thousands(suggestion.cases - suggestion.harmful), with_thousands(suggestion.harmless_alarms), percent_text(options.false_alarms))) + "\n";
  } else {
    text += "about: " + yaml::quote(fmt::format("Limits for the next clean batch of {} rows: at most {} of such batches raise an alarm, split over {} expectations. {} Caught {} of {} faults tried.",
                                               with_thousands(history.next_rows), percent_text(options.false_alarms), budgeted, derived, with_thousands(suggestion.killed), with_thousands(suggestion.cases))) + "\n";
  }
  if (!suggestion.notes.empty()) {
    text += "#\n";
    for (const std::string& note : suggestion.notes) text += "# " + replace_all(note, "\n", " ") + "\n";
    text += "#\n";
  }
  text += "expect:\n";
  std::string heading;
  bool first = true;
  for (const Suggested& each : suggestion.expectations) {
    if (first || each.column != heading) {
      heading = each.column;
      if (!first) text += "\n";
      const auto facts = std::ranges::find(suggestion.facts.columns, each.column, &ColumnFacts::name);
      text += comment(facts == suggestion.facts.columns.end() ? (first ? "The table" : "Relations between columns") : column_comment(*facts));
      first = false;
    }
    for (std::size_t i = 0; i < each.entry.lines.size(); ++i) text += (i == 0 ? "  - " : "    ") + each.entry.lines[i] + "\n";
    text += "    because: " + yaml::quote(each.entry.because) + "\n";
    text += "    derived:\n";
    text += "      from: " + yaml::quote(fmt::format("{}{}", history.source, history.has_batches() ? fmt::format(", {} batches", history.batches.size()) : std::string())) + "\n";
    text += "      method: " + yaml::quote(each.entry.from) + "\n";
    if (each.alpha > 0) text += fmt::format("      false_alarm_rate: {}\n", exact_text(each.alpha));
    text += fmt::format("      batch_rows: {}\n", history.next_rows);
    if (!options.date.empty()) text += "      date: " + options.date + "\n";
  }
  return text;
}

}  // namespace cupel::prove
