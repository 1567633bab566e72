#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"
#include "report/chart.h"
#include "report/facts_internal.h"
#include "report/html_sections_internal.h"

namespace cupel::report {
namespace {

/// `gate_failed` -> `gate failed`.
std::string spaced(std::string words) {
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string attempts_words(const Json& step) {
  std::string words;
  for (const Json& attempt : list_at(step, "attempts")) {
    const std::string result = text_at(attempt, "result");
    words +=
        fmt::format("{}{} {}", words.empty() ? "" : "; ", spaced(text_at(attempt, "how")), result.empty() ? "interrupted" : spaced(result));
    if (const std::string injected = text_at(attempt, "injected"); !injected.empty()) words += fmt::format(" (induced: {})", injected);
  }
  return words;
}

std::string fault_words(const Json& step) {
  const std::string fault = text_at(step, "fault");
  const std::string why = text_at(step, "why");
  if (fault.empty() || fault == "none") return why;
  return spaced(fault) + (why.empty() ? "" : ": " + why);
}

std::string response_words(const Json& step) {
  std::string words = spaced(text_at(step, "response"));
  if (const std::string took = text_at(step, "took"); !took.empty()) words += (words.empty() ? "" : ": ") + took;
  if (const std::string because = text_at(step, "because"); !because.empty()) words += (words.empty() ? "" : "; ") + because;
  return words;
}

Html step_rows(const PageRun& run) {
  Html html;
  for (const PageStep& step : run.steps) {
    const StateWords state = step_state_words(step.record);
    html << "<tr><td><strong>"_html << shortened(step.name, 60) << "</strong></td><td>"_html << pill(state.style, state.words)
         << "</td><td>"_html << shortened(fault_words(step.record), 400) << "</td><td>"_html << shortened(response_words(step.record), 600)
         << "</td><td>"_html << shortened(attempts_words(step.record), 300) << "</td><td class=\"n\">"_html;
    if (const auto seconds = number_at(step.record, "seconds"); seconds && *seconds > 0) html << duration_text(*seconds);
    html << "</td></tr>"_html;
  }
  return html;
}

Html step_times(const PageRun& run) {
  std::vector<TimeRow> rows;
  for (const PageStep& step : run.steps) {
    const auto seconds = number_at(step.record, "seconds");
    if (!seconds || *seconds <= 0) continue;
    const std::string_view style = step_state_words(step.record).style;
    rows.push_back({step.name, *seconds, style == "pass" ? "pass" : style == "fail" ? "fail" : "inconclusive"});
  }
  return time_picture(rows, "How long each step took");
}

}  // namespace

StateWords run_state_words(const Json& run) {
  const std::string state = text_at(run, "state");
  if (state == "ok") return {"pass", "all steps succeeded"};
  if (state == "handled") return {"open", "a fault was handled"};
  if (state == "gate_failed") return {"fail", "a gate failed"};
  if (state == "too_little_data") return {"fail", "too little data"};
  if (state.empty()) return {"plain", ""};
  return {state == "failed" ? "fail" : "err", spaced(state)};
}

StateWords step_state_words(const Json& step) {
  const std::string state = text_at(step, "state");
  const std::string fault = text_at(step, "fault");
  if (state == "ok" || state == "reused" || state == "kept") return {fault.empty() || fault == "none" ? "pass" : "open", spaced(state)};
  if (state == "faulted") return {"fail", spaced(fault.empty() ? state : fault)};
  if (state == "fell_back" || state == "continued" || state == "skipped") return {"open", spaced(state)};
  return {state.empty() || state == "not_run" || state == "waiting" ? "plain" : "err", spaced(state)};
}

Html steps_section(const PageRun& run, std::string_view anchor) {
  const Json& record = run.record;
  const StateWords state = run_state_words(record);
  Html html;
  html << "<section id=\""_html << anchor << "\"><p class=\"kicker\">Run</p><h2>"_html << shortened(text_at(record, "run"), 100) << " "_html
       << pill(state.style, state.words) << "</h2>"_html;
  if (const std::string about = text_at(record, "about"); !about.empty())
    html << "<p class=\"about\">"_html << shortened(about, 1000) << "</p>"_html;
  html
      << "<div class=\"scroll\"><table class=\"steps\"><thead><tr><th scope=\"col\">step</th><th scope=\"col\">state</th><th scope=\"col\">what happened</th>"_html
      << "<th scope=\"col\">what was done</th><th scope=\"col\">attempts</th><th scope=\"col\" class=\"n\">time</th></tr></thead><tbody>"_html
      << step_rows(run) << "</tbody></table></div>"_html << step_times(run);
  FactList facts;
  facts.add("flow", text_at(record, "flow") + (text_at(record, "file").empty() ? "" : ", " + text_at(record, "file")));
  if (!map_at(record, "params").empty()) facts.add("parameters", words_of(map_at(record, "params"), 600));
  facts.add("environments", text_at(record, "environments"));
  facts.add("started", text_at(record, "started"));
  if (const auto seconds = number_at(record, "seconds")) facts.add("took", duration_text(*seconds));
  if (const auto resumed = number_at(record, "resumed"); resumed && *resumed > 0)
    facts.add("resumed", fmt::format("{} times", std::llround(*resumed)));
  for (const std::string& left_out : run.left_out) facts.add("not shown", left_out);
  html << facts.finish() << "</section>\n"_html;
  return html;
}

}  // namespace cupel::report
