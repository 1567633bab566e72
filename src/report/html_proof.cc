#include "report/html_proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/facts_internal.h"
#include "report/html_sections_internal.h"

namespace cupel::report {
namespace {

std::int64_t count_at(const Json& object, std::string_view key) { return static_cast<std::int64_t>(number_at(object, key).value_or(0)); }
bool is_true(const Json& object, std::string_view key) {
  const Json* value = member(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

Markup heat_style() {
  return R"css(
table.heat{border-collapse:separate;border-spacing:2px;font-size:.82rem;min-width:0}table.heat td,table.heat th{border:0;padding:.18rem .45rem}
table.heat td.c{text-align:center;font-variant-numeric:tabular-nums;border-radius:4px;min-width:2.6rem;background:var(--track);color:var(--soft)}
table.heat td.h1{background:var(--openbg);color:var(--open)}table.heat td.h2{background:var(--accepted);color:var(--ink)}table.heat td.h3{background:var(--pass);color:var(--sheet)}
table.heat td.miss{background:var(--failbg);color:var(--fail);font-weight:600}table.heat th.e{font-weight:600;text-align:center}table.heat td.f{white-space:nowrap}
)css"_html;
}

void tile(Html& html, std::string_view style, std::string_view number, std::string_view words) {
  html << "<div class=\"tile "_html << style << "\"><span class=\"big\">"_html << number << "</span><span>"_html << words << "</span></div>"_html;
}

/// Rate as a cell: darker is more often.
void cell(Html& html, std::int64_t hits, std::int64_t trials, bool of_suite, bool killed) {
  if (trials == 0) {
    html << "<td class=\"c\">–</td>"_html;
    return;
  }
  const double rate = static_cast<double>(hits) / static_cast<double>(trials);
  const std::string_view heat = of_suite && !killed ? "miss" : rate >= 0.8 ? "h3" : rate >= 0.4 ? "h2" : rate > 0 ? "h1" : "h0";
  html << "<td class=\"c "_html << heat << "\">"_html << fmt::format("{}", static_cast<int>(100 * rate + 0.5)) << "</td>"_html;
}

Html heat_map(const Json& proof, const std::vector<const Json*>& cases) {
  const Json& expectations = list_at(proof, "expectations");
  std::vector<std::size_t> columns;
  for (std::size_t e = 0; e < expectations.size(); ++e) {
    const std::string id = text_at(expectations[e], "id");
    if (std::ranges::any_of(cases, [&](const Json* each) { return number_at(map_at(*each, "alarms"), id).has_value(); })) columns.push_back(e);
  }
  Html html;
  html << "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th>fault</th><th>severity</th><th class=\"e\">suite</th>"_html;
  for (const std::size_t e : columns) html << "<th class=\"e\" title=\""_html << text_at(expectations[e], "id") << "\">"_html << fmt::format("E{}", e + 1) << "</th>"_html;
  html << "</tr></thead><tbody>"_html;
  for (const Json* each : cases) {
    const std::string partner = text_at(*each, "partner");
    const bool counted = text_at(*each, "class") == "counted";
    const std::int64_t trials = count_at(*each, "trials");
    html << "<tr><td class=\"f\" title=\""_html << text_at(*each, "example") << "\">"_html << text_at(*each, "fault") << (partner.empty() ? "" : " with " + shorten(partner, 24)) << "</td><td class=\"f\">"_html
         << text_at(*each, "severity") << (counted ? "" : text_at(*each, "class") == "no_effect" ? " (no effect)" : " (counted apart)") << "</td>"_html;
    cell(html, count_at(*each, "kills"), trials, counted, is_true(*each, "killed"));
    const Json& alarms = map_at(*each, "alarms");
    for (const std::size_t e : columns) cell(html, count_at(alarms, text_at(expectations[e], "id")), trials, false, false);
    html << "</tr>"_html;
  }
  html << "</tbody></table></div>"_html;
  return html;
}

Html expectation_table(const Json& proof) {
  Html html;
  html << "<section id=\"expectations\"><h2>Expectations</h2><div class=\"scroll\"><table><thead><tr><th></th><th>expectation</th><th class=\"n\">false alarms</th><th class=\"n\">killed</th><th class=\"n\">alone</th><th>catches in 80 % of batches</th></tr></thead><tbody>"_html;
  int number = 0;
  for (const Json& each : list_at(proof, "expectations")) {
    const Json& alarms = map_at(each, "false_alarms");
    html << "<tr><td>"_html << fmt::format("E{}", ++number) << "</td><td>"_html << shortened(text_at(each, "id"), 90) << " "_html;
    if (text_at(each, "severity") == "warn") html << pill("open", "warns");
    if (is_true(each, "redundant")) html << pill("plain", "kills nothing alone");
    if (is_true(each, "alarms_too_often")) html << pill("fail", "alarms too often");
    if (const std::string verdict = text_at(map_at(each, "baseline"), "verdict"); verdict != "pass") html << pill("fail", verdict + " on the baseline");
    if (const Json& better = map_at(each, "better_limit"); !better.empty()) html << "<br>instead: <code>"_html << text_at(better, "words") << "</code>"_html;
    html << "</td><td class=\"n\">"_html << fmt::format("{} / {}", count_at(alarms, "alarms"), count_at(alarms, "batches")) << "</td><td class=\"n\">"_html << count_at(each, "kills")
         << "</td><td class=\"n\">"_html << count_at(each, "only_kills") << "</td><td>"_html << shortened(text_at(map_at(each, "detectable"), "words"), 160) << "</td></tr>"_html;
  }
  html << "</tbody></table></div></section>"_html;
  return html;
}

Html proposal_section(const Json& proof) {
  Html html;
  const Json& proposals = list_at(proof, "proposals");
  if (proposals.empty()) return html;
  html << "<section id=\"proposals\"><h2>What would kill survivors</h2><p>Each is silent on every clean batch and kills the survivors that were counted for it. Give each a reason before it goes into the suite.</p><div class=\"scroll\"><table><thead><tr><th></th><th class=\"n\">kills</th><th>entry</th></tr></thead><tbody>"_html;
  int number = 0;
  for (const Json& each : proposals) {
    html << "<tr><td>"_html << fmt::format("P{}", ++number) << "</td><td class=\"n\">"_html << count_at(each, "kills") << "</td><td><code>- "_html << text_at(each, "entry") << "</code></td></tr>"_html;
  }
  html << "</tbody></table></div></section>"_html;
  return html;
}

}  // namespace

std::string html_proof_page(const Json& proof) {
  const std::string title = text_at(proof, "suite") + ", proved";
  const Json& baseline = map_at(proof, "baseline");
  const Json& alarms = map_at(proof, "false_alarms");
  const Json& score = map_at(proof, "score");
  std::vector<std::pair<std::string, std::vector<const Json*>>> by_column;
  for (const Json& each : list_at(proof, "cases")) {
    const std::string column = text_at(each, "column");
    auto at = std::ranges::find(by_column, column, &decltype(by_column)::value_type::first);
    if (at == by_column.end()) at = by_column.insert(by_column.end(), {column, {}});
    at->second.push_back(&each);
  }
  Html html;
  html << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"_html
       << "<meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"_html << "<title>"_html
       << shortened(title, 120) << " · Cupel</title><style>"_html << page_style() << heat_style() << "</style></head><body>\n"_html
       << "<a class=\"skip\" href=\"#expectations\">to the results</a><header><p class=\"brand\">Cupel</p><h1>"_html << shortened(title, 160) << "</h1><p class=\"about\">"_html
       << text_at(map_at(proof, "batches"), "words")
       << fmt::format("; each fault in {} of them, killed when caught in {}. Baseline: ", count_at(proof, "repetitions"), number_text(100 * number_at(proof, "power").value_or(0)) + " %")
       << shortened(text_at(baseline, "path"), 120) << fmt::format(", {} rows.", with_thousands(count_at(baseline, "rows"))) << "</p>"_html;
  for (const Json& note : list_at(proof, "notes")) html << "<p class=\"about\">"_html << words_of(note) << "</p>"_html;
  html << "<div class=\"tiles\">"_html;
  tile(html, "plain", percent_text(number_at(score, "score").value_or(0)), fmt::format("{} of {} faults killed", count_at(score, "killed"), count_at(score, "counted")));
  tile(html, count_at(alarms, "alarms") > 0 ? "open" : "pass", percent_text(number_at(alarms, "rate").value_or(0)),
       fmt::format("false alarms: {} of {} clean batches, at most {}", count_at(alarms, "alarms"), count_at(alarms, "batches"), percent_text(number_at(alarms, "high").value_or(1))));
  html << "</div><nav aria-label=\"sections\"><ol><li><a href=\"#expectations\">expectations</a></li>"_html;
  for (std::size_t i = 0; i < by_column.size(); ++i) {
    html << "<li><a href=\"#c"_html << static_cast<std::int64_t>(i + 1) << "\">"_html << shortened(by_column[i].first.empty() ? "rows of the table" : by_column[i].first, 40) << "</a></li>"_html;
  }
  html << "</ol></nav></header><main>\n"_html << expectation_table(proof) << proposal_section(proof);
  for (std::size_t i = 0; i < by_column.size(); ++i) {
    html << "<section id=\"c"_html << static_cast<std::int64_t>(i + 1) << "\"><h2>"_html << shortened(by_column[i].first.empty() ? "The rows of the table" : by_column[i].first, 80) << "</h2>"_html;
    for (const Json& column : list_at(proof, "columns")) {
      if (text_at(column, "column") != by_column[i].first) continue;
      html << "<p class=\"kicker\">"_html << fmt::format("{} of {} faults killed", count_at(column, "killed"), count_at(column, "counted")) << "; numbers are per cent of batches</p>"_html;
    }
    html << heat_map(proof, by_column[i].second) << "</section>\n"_html;
  }
  html << "</main><footer>Made by Cupel "_html << std::string_view(CUPEL_VERSION) << fmt::format(", seed {}. Every number stands in the JSON form of the proof.", count_at(proof, "seed")) << "</footer></body></html>\n"_html;
  return html.bytes();
}

}  // namespace cupel::report
