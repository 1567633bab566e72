#include "report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/text.h"
#include "base/time.h"

namespace cupel::report {
namespace {

using suite::Outcome;
using suite::Verdict;

constexpr int k_indent = 10;
constexpr std::size_t k_most_groups = 20;    // of one expectation, with their details
constexpr std::size_t k_long_suite = 100;    // more expectations: those that passed are only counted
constexpr std::size_t k_most_details = 50;   // in a long suite: then one line each

class Writer {
 public:
  explicit Writer(const TerminalOptions& options) : options_(options) {}
  std::string text;

  std::string paint(std::string_view words, std::string_view code) const {
    return options_.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, words) : std::string(words);
  }

  /// `head` (its visible width known), then the words, broken at spaces under themselves.
  void paragraph(const std::string& head, int head_width, std::string_view words, int indent) {
    text += head;
    int column = head_width;
    bool first = true;
    for (const std::string_view word : split(words, ' ')) {
      if (word.empty()) continue;
      const int width = static_cast<int>(count_code_points(word));
      if (!first && column + 1 + width > options_.width && column > indent) {
        text += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
        column = indent;
        first = true;
      }
      if (!first) {
        text += ' ';
        ++column;
      }
      text += word;
      column += width;
      first = false;
    }
    text += '\n';
  }

  void detail(std::string_view label, std::string_view words) {
    const std::string head = std::string(k_indent, ' ') + paint(fmt::format("{:<9}", label), "2");
    paragraph(head, k_indent + 9, words, k_indent + 9);
  }

 private:
  const TerminalOptions& options_;
};

struct Mark {
  std::string_view word;
  std::string_view code;
};

Mark mark_of(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::pass: return {"✓ pass", "32"};
    case Verdict::fail: return outcome.severity == suite::Severity::warn ? Mark{"! warn", "33"} : Mark{"✗ FAIL", "1;31"};
    case Verdict::inconclusive: return {"? open", "33"};
    case Verdict::error: break;
  }
  return {"‼ ERR ", "1;35"};
}

std::string derived_words(const Json& derived) {
  if (derived.is_null()) return {};
  if (derived.is_string()) return derived.get<std::string>();
  if (!derived.is_object()) return derived.dump();
  std::string words;
  constexpr std::string_view k_of_the_proof[] = {"batch_rows", "detectable", "false_alarm_rate", "false_alarms", "proof", "proved"};  // said in a line of their own
  for (const auto& [key, value] : derived.items()) {
    if (std::ranges::find(k_of_the_proof, key) != std::end(k_of_the_proof)) continue;
    words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return words;
}

/// How often it cries wolf and what it catches: worth knowing also of what passed.
std::string proved_words(const Outcome& outcome) {
  std::string words;
  if (outcome.false_alarm_rate) {
    words = fmt::format("false alarms on {} of clean batches", percent_text(*outcome.false_alarm_rate));
    if (const auto rows = outcome.derived.is_object() ? outcome.derived.find("batch_rows") : outcome.derived.end(); rows != outcome.derived.end() && rows->is_string()) {
      words += fmt::format(" of {} rows", rows->get<std::string>());
    }
  }
  if (outcome.detectable) words += fmt::format("{}catches {}", words.empty() ? "" : "; ", *outcome.detectable);
  return words;
}

/// " (Order 17, Line 2)"
std::string key_words(const Json& key) {
  if (!key.is_object()) return {};
  std::string words;
  for (const auto& [column, value] : key.items()) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", column, shorten(value.get<std::string>(), 30));
  return words.empty() ? " (no key)" : fmt::format(" ({})", words);
}

void print_outcome(Writer& writer, const Outcome& outcome, const TerminalOptions& options) {
  const Mark mark = mark_of(outcome);
  const std::string id = shorten(outcome.id, static_cast<std::size_t>(std::clamp(options.width - k_indent, 20, 72)));
  const std::string head = fmt::format("  {}  {}  ", writer.paint(mark.word, mark.code), writer.paint(id, "1"));
  // Verdict and id on a line of their own when the message would be squeezed.
  const int id_width = k_indent + static_cast<int>(count_code_points(id)) + 2;
  if (id_width > options.width / 2) {
    writer.text += head;
    while (writer.text.back() == ' ') writer.text.pop_back();
    writer.text += '\n';
    writer.paragraph(std::string(k_indent, ' '), k_indent, outcome.message, k_indent);
  } else {
    writer.paragraph(head, id_width, outcome.message, k_indent);
  }
  if (!options.details) return;
  const bool passed = outcome.verdict == Verdict::pass;
  if (!outcome.where.empty() && (options.verbose || !passed)) writer.detail("where", outcome.where);
  if (!outcome.because.empty() && (options.verbose || !passed)) writer.detail("because", outcome.because);
  if (const std::string words = derived_words(outcome.derived); !words.empty() && (options.verbose || !passed)) writer.detail("derived", words);
  const bool is_proved = outcome.derived.is_object() && (outcome.derived.contains("false_alarm_rate") || outcome.derived.contains("detectable"));
  if (const std::string words = proved_words(outcome); !words.empty() && (is_proved || options.verbose || !passed)) writer.detail(is_proved ? "proved" : "power", words);
  if (passed || !outcome.unexpected) return;
  constexpr std::size_t k_shown = 5;
  std::string rows;
  for (std::size_t i = 0; i < outcome.unexpected->examples.size() && i < k_shown; ++i) {
    const auto& example = outcome.unexpected->examples[i];
    rows += fmt::format("{}{}{} '{}'", i == 0 ? "" : ", ", example.row, key_words(example.key), shorten(example.value, 30));
  }
  if (rows.empty()) {
    for (const std::int64_t row : outcome.unexpected_rows.rows(k_shown)) rows += fmt::format("{}{}", rows.empty() ? "" : ", ", row);
  }
  if (!rows.empty()) writer.detail("rows", rows + (outcome.unexpected->count > static_cast<std::int64_t>(k_shown) ? fmt::format(", … {} in all", with_thousands(outcome.unexpected->count)) : ""));
}

/// Failures first, then what could not be evaluated, then what is open or warned; each as the suite has them.
int urgency(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::fail: return outcome.severity == suite::Severity::error ? 0 : 2;
    case Verdict::error: return 1;
    case Verdict::inconclusive: return 3;
    case Verdict::pass: break;
  }
  return 4;
}

/// The columns of a group: "Division Name, Department Name".
std::string group_columns(const Outcome& outcome) {
  std::string words;
  for (const auto& [column, value] : outcome.group.items()) words += (words.empty() ? "" : ", ") + column;
  return words;
}

/// One expectation by groups: those that did not pass, the most urgent first, and the others in one line.
void print_groups(Writer& writer, std::span<const Outcome> groups, const TerminalOptions& options) {
  std::vector<const Outcome*> order;
  for (const Outcome& outcome : groups) order.push_back(&outcome);
  if (!options.verbose) std::stable_sort(order.begin(), order.end(), [](const Outcome* a, const Outcome* b) { return urgency(*a) < urgency(*b); });
  std::size_t printed = 0;
  std::size_t left_out = 0;
  std::size_t passed = 0;
  for (const Outcome* outcome : order) {
    if (outcome->verdict == Verdict::pass && !options.verbose) {
      ++passed;
    } else if (printed < k_most_groups || options.verbose) {
      print_outcome(writer, *outcome, options);
      ++printed;
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) writer.paragraph(std::string(k_indent, ' '), k_indent, fmt::format("… and {} more groups that did not pass (--verbose lists them)", left_out), k_indent);
  if (passed == 0) return;
  const std::string head = fmt::format("  {}  {}  ", writer.paint("✓ pass", "32"), writer.paint(shorten(groups[0].group_of, 72), "1"));
  writer.paragraph(head, k_indent + static_cast<int>(count_code_points(shorten(groups[0].group_of, 72))) + 2,
                   fmt::format("{} of {} groups by {}", with_thousands(static_cast<std::int64_t>(passed)), with_thousands(static_cast<std::int64_t>(groups.size())),
                               group_columns(groups[0])), k_indent);
}

/// All outcomes; of a long suite only what did not pass.
void print_outcomes(Writer& writer, const suite::Report& report, const TerminalOptions& options) {
  const bool brief = report.results.size() > k_long_suite && !options.verbose;
  TerminalOptions one_line = options;
  std::int64_t passed = 0;
  std::size_t printed = 0;
  for (std::size_t i = 0; i < report.results.size();) {
    const Outcome& outcome = report.results[i];
    std::size_t end = i + 1;
    if (!outcome.group_of.empty()) {
      while (end < report.results.size() && report.results[end].group_of == outcome.group_of) ++end;
      print_groups(writer, std::span(report.results).subspan(i, end - i), options);
    } else if (brief && outcome.verdict == Verdict::pass) {
      ++passed;
    } else {
      one_line.details = !brief || ++printed <= k_most_details;
      print_outcome(writer, outcome, one_line);
    }
    i = end;
  }
  if (passed > 0) {
    writer.paragraph(fmt::format("  {}  ", writer.paint("✓ pass", "32")), k_indent, fmt::format("{} expectations (--verbose lists them)", with_thousands(passed)), k_indent);
  }
}

std::string summary(const suite::Report& report, const Writer& writer) {
  const suite::Counts counts = report.counts();
  std::string text = fmt::format("{} passed", counts.pass);
  if (counts.fail - counts.warned > 0) text += ", " + writer.paint(fmt::format("{} failed", counts.fail - counts.warned), "1;31");
  if (counts.warned > 0) text += ", " + writer.paint(fmt::format("{} warned", counts.warned), "33");
  if (counts.inconclusive > 0) text += ", " + writer.paint(fmt::format("{} inconclusive", counts.inconclusive), "33");
  if (counts.error > 0) text += ", " + writer.paint(fmt::format("{} could not be evaluated", counts.error), "1;35");
  return fmt::format("{} in {}", text, duration_text(report.seconds));
}

}  // namespace

TerminalOptions options_of(std::FILE* stream) {
  TerminalOptions options;
  const int descriptor = ::fileno(stream);
  if (::isatty(descriptor) != 1) return options;
  options.color = std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) options.width = std::clamp<int>(size.ws_col, 40, 160);
  return options;
}

std::string terminal_text(const suite::Report& report, const TerminalOptions& options) {
  Writer writer(options);
  std::string title = report.suite;
  title += fmt::format(" · {} · {} rows × {} columns", shorten(report.data.path, 60), with_thousands(report.data.rows), report.data.columns);
  if (report.reference) title += fmt::format(" · reference {}", shorten(report.reference->path, 60));
  writer.paragraph("", 0, title, 2);
  if (!report.data.note.empty()) writer.paragraph("  ", 2, report.data.note, 2);
  if (report.sample) {
    writer.paragraph("  ", 2, fmt::format("sampled: {} of {} rows (seed {}); every verdict is about these rows alone", with_thousands(report.sample->rows),
                                          with_thousands(report.sample->of_rows), report.sample->seed), 2);
  }
  for (const std::string& note : report.notes) writer.paragraph("  ", 2, note, 2);
  writer.text += '\n';
  print_outcomes(writer, report, options);
  writer.text += "\n" + summary(report, writer) + "\n";
  return std::move(writer.text);
}

}  // namespace cupel::report
