#include "report/proof_text.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "base/time.h"
#include "report/facts_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_survivors_shown = 12;

class Lines {
 public:
  explicit Lines(const TerminalOptions& options) : options_(options) {}
  std::string text;

  std::string paint(std::string_view words, std::string_view code) const { return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, words) : std::string(words); }
  void heading(std::string_view words) { text += "\n" + paint(words, "1") + "\n"; }
  /// `head` in a column of its own, the words broken at spaces beside it.
  void item(std::string_view head, std::size_t width, std::string_view words, std::string_view code = "") {
    const std::string shown = shorten(head, width);
    const auto used = static_cast<std::size_t>(count_code_points(shown));
    text += "  " + (code.empty() ? shown : paint(shown, code)) + std::string(width - std::min(width, used) + 2, ' ');
    flow(words, width + 4);
  }
  void paragraph(std::string_view words, std::size_t indent = 2) {
    text += std::string(indent, ' ');
    flow(words, indent);
  }

 private:
  void flow(std::string_view words, std::size_t indent) {
    std::size_t column = indent;
    bool first = true;
    for (const std::string_view word : split(words, ' ')) {
      if (word.empty()) continue;
      const auto width = static_cast<std::size_t>(count_code_points(word));
      if (!first && column + 1 + width > static_cast<std::size_t>(options_.width)) {
        text += "\n" + std::string(indent, ' ');
        column = indent;
      } else if (!first) {
        text += ' ';
        ++column;
      }
      text += word;
      column += width;
      first = false;
    }
    text += '\n';
  }
  const TerminalOptions& options_;
};

std::int64_t count_at(const Json& object, std::string_view key) { return static_cast<std::int64_t>(number_at(object, key).value_or(0)); }
bool is_true(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::string alarm_words(const Json& rate) {
  const std::int64_t batches = count_at(rate, "batches");
  return fmt::format("{} of {} clean batches ({}; between {} and {} with 95 % confidence)", with_thousands(count_at(rate, "alarms")), with_thousands(batches),
                     percent_text(number_at(rate, "rate").value_or(0)), percent_text(number_at(rate, "low").value_or(0)), percent_text(number_at(rate, "high").value_or(1)));
}

std::string fault_words(const Json& each) {
  std::string words = text_at(each, "fault");
  if (const std::string column = text_at(each, "column"); !column.empty()) words += " of " + shorten(column, 30);
  if (const std::string partner = text_at(each, "partner"); !partner.empty()) words += " and " + shorten(partner, 30);
  return words;
}

void write_baseline(Lines& lines, const Json& proof) {
  bool headed = false;
  for (const Json& each : list_at(proof, "expectations")) {
    const Json& baseline = map_at(each, "baseline");
    const std::string verdict = text_at(baseline, "verdict");
    if (verdict == "pass") continue;
    if (!headed) lines.heading("On its own baseline the suite does not pass");
    headed = true;
    const Json& alarms = map_at(each, "false_alarms");
    std::string words = text_at(baseline, "message");
    if (count_at(alarms, "alarms") == 0) words += " (silent on the clean batches: its limit goes with their size)";
    lines.item(verdict == "error" ? "‼ ERR" : verdict == "fail" ? "✗ FAIL" : "? open", 6, fmt::format("{}: {}", shorten(text_at(each, "id"), 60), words), verdict == "inconclusive" ? "33" : "1;31");
  }
}

void write_expectations(Lines& lines, const Json& proof) {
  lines.heading("Expectations");
  lines.paragraph("alarms on clean batches, faults killed (by it alone), smallest change caught in 80 % of batches");
  for (const Json& each : list_at(proof, "expectations")) {
    const Json& alarms = map_at(each, "false_alarms");
    const std::string catches = text_at(map_at(each, "detectable"), "words");
    std::string words = fmt::format("{} alarms, {} killed ({})", count_at(alarms, "alarms"), count_at(each, "kills"), count_at(each, "only_kills"));
    if (!catches.empty()) words += "; catches " + catches;
    if (text_at(each, "severity") == "warn") words += "; warns only";
    lines.item(text_at(each, "id"), 34, words, is_true(each, "alarms_too_often") ? "33" : "");
  }
}

void write_advice(Lines& lines, const Json& proof) {
  bool headed = false;
  for (const Json& each : list_at(proof, "expectations")) {
    if (!is_true(each, "alarms_too_often")) continue;
    if (!headed) lines.heading("Alarm too often");
    headed = true;
    const Json& better = map_at(each, "better_limit");
    std::string words = percent_text(number_at(map_at(each, "false_alarms"), "rate").value_or(0)) + " of clean batches";
    if (!better.empty()) words += fmt::format("; '{}' would alarm on {}", text_at(better, "words"), percent_text(number_at(better, "alarms_then").value_or(0)));
    lines.item(text_at(each, "id"), 34, words);
  }
  std::string redundant;
  for (const Json& each : list_at(proof, "expectations")) {
    if (is_true(each, "redundant")) redundant += (redundant.empty() ? "" : "; ") + shorten(text_at(each, "id"), 60);
  }
  if (!redundant.empty()) {
    lines.heading("Kill nothing that the others do not");
    lines.paragraph(redundant);
  }
}

void write_survivors(Lines& lines, const Json& proof, const TerminalOptions& options) {
  std::vector<const Json*> survivors;
  std::map<std::string, int> apart;
  for (const Json& each : list_at(proof, "cases")) {
    const std::string group = text_at(each, "class");
    if (group != "counted") {
      ++apart[group];
    } else if (!is_true(each, "killed")) {
      survivors.push_back(&each);
    }
  }
  if (!survivors.empty()) {
    lines.heading(fmt::format("Survivors ({})", with_thousands(static_cast<std::int64_t>(survivors.size()))));
    // A line for each fault and column, those with the most severities first.
    struct Group {
      std::string name;
      std::vector<const Json*> cases;
    };
    std::vector<Group> groups;
    for (const Json* each : survivors) {
      const std::string name = fault_words(*each);
      auto at = std::ranges::find(groups, name, &Group::name);
      if (at == groups.end()) at = groups.insert(groups.end(), Group{name, {}});
      at->cases.push_back(each);
    }
    std::ranges::stable_sort(groups, std::ranges::greater(), [](const Group& group) { return group.cases.size(); });
    std::size_t shown = 0;
    for (const Group& group : groups) {
      if (!options.verbose && shown == k_survivors_shown) {
        lines.paragraph(fmt::format("… and {} more faults: --verbose, --json or --report shows them", with_thousands(static_cast<std::int64_t>(groups.size() - shown))));
        break;
      }
      ++shown;
      std::string words;
      std::string killed_by;
      for (const Json* each : group.cases) {
        words += fmt::format("{}{} ({}/{})", words.empty() ? group.name + ": " : ", ", text_at(*each, "severity"), count_at(*each, "kills"), count_at(*each, "trials"));
        if (const auto proposal = number_at(*each, "proposal")) {
          const std::string number = fmt::format("P{}", static_cast<int>(*proposal) + 1);
          if (killed_by.find(number) == std::string::npos) killed_by += (killed_by.empty() ? "" : ", ") + number;
        }
      }
      if (const std::string example = text_at(*group.cases[0], "example"); !example.empty()) words += "; " + example;
      if (!killed_by.empty()) words += "; killed by " + killed_by;
      lines.item("•", 1, words);
    }
  }
  const Json& proposals = list_at(proof, "proposals");
  if (!proposals.empty()) {
    lines.heading("Expectations that would kill survivors, and are silent on every clean batch");
    int number = 0;
    for (const Json& each : proposals) {
      lines.item(fmt::format("P{}", ++number), 4, fmt::format("kills {}: - {}", count_at(each, "kills"), text_at(each, "entry")));
      if (!options.verbose && number == 15 && proposals.size() > 15) {
        lines.paragraph(fmt::format("… and {} more", proposals.size() - 15));
        break;
      }
    }
  }
  if (!apart.empty()) {
    std::string words;
    for (const auto& [group, count] : apart) {
      const std::string_view meaning = group == "no_effect" ? "changed nothing in these data" : group == "keeps_marginals" ? "keep every column's values by construction" : "keep the distribution by construction";
      words += fmt::format("{}{} {}", words.empty() ? "" : "; ", count, meaning);
    }
    lines.heading("Faults counted apart");
    lines.paragraph(words);
  }
}

}  // namespace

std::string proof_text(const Json& proof, const TerminalOptions& options) {
  Lines lines(options);
  const Json& baseline = map_at(proof, "baseline");
  lines.paragraph(fmt::format("{} · proved on {}, {} rows", text_at(proof, "suite"), shorten(text_at(baseline, "path"), 60), with_thousands(count_at(baseline, "rows"))), 0);
  lines.paragraph(fmt::format("{}; each fault in {} of them, killed when caught in {}", text_at(map_at(proof, "batches"), "words"), count_at(proof, "repetitions"),
                              number_text(100 * number_at(proof, "power").value_or(0)) + " %"));
  for (const Json& note : list_at(proof, "notes")) lines.paragraph("note: " + words_of(note));
  write_baseline(lines, proof);
  lines.heading("Suite");
  lines.item("false alarms", 12, alarm_words(map_at(proof, "false_alarms")));
  const Json& score = map_at(proof, "score");
  const auto share = number_at(score, "score");
  lines.item("score", 12, share ? fmt::format("{} of {} faults killed ({})", with_thousands(count_at(score, "killed")), with_thousands(count_at(score, "counted")), percent_text(*share))
                                : "no fault changed these data");
  std::string columns;
  for (const Json& column : list_at(proof, "columns")) {
    const std::string name = text_at(column, "column");
    columns += fmt::format("{}{} {}/{}", columns.empty() ? "" : ", ", name.empty() ? "(rows)" : shorten(name, 30), count_at(column, "killed"), count_at(column, "counted"));
  }
  lines.item("by column", 12, columns);
  write_expectations(lines, proof);
  write_advice(lines, proof);
  write_survivors(lines, proof, options);
  lines.text += fmt::format("\n{} suite runs in {}\n", with_thousands(count_at(proof, "suite_runs")), duration_text(number_at(proof, "seconds").value_or(0)));
  return std::move(lines.text);
}

}  // namespace cupel::report
