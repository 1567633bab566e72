#include "report/junit.h"

#include <fmt/format.h>

namespace cupel::report {
namespace {

/// Text for XML 1.0: markup escaped, characters that XML forbids replaced.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    }
  }
  return out;
}

std::string testcase(const suite::Report& report, const suite::Outcome& outcome) {
  // Groups stand below their expectation: most readers show a tree by class names.
  const bool group = !outcome.group_of.empty();
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(report.suite) + (group ? "." + xml(outcome.group_of) : ""),
                                 xml(group ? outcome.group_name : outcome.id));
  const std::string details = xml(outcome.because.empty() ? "" : "because " + outcome.because);
  const auto body = [&](std::string_view element) {
    return fmt::format("{}>\n      <{} message=\"{}\">{}</{}>\n    </testcase>\n", text, element, xml(outcome.message), details, element);
  };
  const bool warned = outcome.severity == suite::Severity::warn;
  switch (outcome.verdict) {
    case suite::Verdict::pass: return text + "/>\n";
    case suite::Verdict::fail:
      if (!warned) return body("failure");
      [[fallthrough]];
    case suite::Verdict::inconclusive:
      return fmt::format("{}>\n      <skipped message=\"{}: {}\"/>\n    </testcase>\n", text, warned ? "warning" : "inconclusive", xml(outcome.message));
    case suite::Verdict::error: break;
  }
  return body("error");
}

}  // namespace

std::string junit_xml(const suite::Report& report) {
  const suite::Counts counts = report.counts();
  const int skipped = counts.inconclusive + counts.warned;
  const std::string numbers = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"", report.results.size(),
                                          counts.fail - counts.warned, counts.error, skipped, report.seconds);
  std::string text = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"{}\" {} timestamp=\"{}\">\n", numbers,
                                 xml(report.suite), numbers, xml(report.started));
  for (const suite::Outcome& outcome : report.results) text += testcase(report, outcome);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace cupel::report
