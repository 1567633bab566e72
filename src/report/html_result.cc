#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"
#include "report/chart.h"
#include "report/facts_internal.h"
#include "report/html_sections_internal.h"
#include "report/picture_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_examples = 5;

/// Subjects whose limit speaks of one row, while `observed` is the share of rows that keep it: no common axis.
constexpr std::string_view k_row_wise[] = {"every_row", "lengths", "values", "words"};
/// Subjects that are measured as a share of rows (unless they are counted).
constexpr std::string_view k_shares[] = {"duplicates", "nulls", "share"};

/// Effects that are shares of rows.
constexpr std::string_view k_share_effects[] = {"ks", "null_share_change", "share_drifted", "total_variation", "tvd"};

template <std::size_t N>
bool among(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string_view icon_of(std::string_view verdict) {
  if (verdict == "pass") return "✓";
  if (verdict == "fail") return "✗";
  if (verdict == "inconclusive") return "?";
  return "!";
}

std::string_view style_of(std::string_view verdict, std::string_view severity) {
  if (verdict == "pass") return "pass";
  if (verdict == "fail") return severity == "warn" ? "open" : "fail";
  return verdict == "inconclusive" ? "open" : "err";
}

std::string interval_words(const Json& interval) {
  const auto low = number_at(interval, "low");
  const auto high = number_at(interval, "high");
  if (!low && !high) return {};
  std::string words = fmt::format("{} to {}", low ? number_text(*low) : "-∞", high ? number_text(*high) : "∞");
  if (const auto confidence = number_at(interval, "confidence")) words += fmt::format(" at {}", confidence_text(*confidence));
  return words;
}

std::string effect_words(const Json& effect) {
  const auto value = number_at(effect, "value");
  if (!value) return {};
  std::string words = fmt::format("{} {}", text_at(effect, "name"), number_text(*value));
  if (const auto margin = number_at(effect, "margin")) words += fmt::format(", margin {}", number_text(*margin));
  return words;
}

/// A difference of an A/B test against its margin. Which way is better stands in the message; the picture shows what matters.
Html difference_gauge(const Json& result, Gauge gauge) {
  const auto observed = number_at(result, "observed");
  const auto margin = number_at(result, "limit");
  if (!observed || !margin || *margin < 0) return {};
  gauge.observed = *observed;
  gauge.at_least = -*margin;
  gauge.at_most = *margin;
  gauge.between = text_at(result, "predicate") == "same" ? Gauge::Between::accepted : Gauge::Between::no_matter;
  return gauge_picture(gauge, text_at(result, "id"));
}

Html gauge_of(const Json& result, std::string_view kind) {
  const std::string subject = text_at(result, "subject");
  const std::string predicate = text_at(result, "predicate");
  const Json* limit = member(result, "limit");
  const Json& interval = map_at(result, "interval");
  Gauge gauge;
  gauge.low = number_at(interval, "low");
  gauge.high = number_at(interval, "high");
  gauge.verdict = text_at(result, "verdict");
  if (kind == "ab") return difference_gauge(result, std::move(gauge));
  if (const auto observed = number_at(result, "observed"); observed && limit != nullptr && !among(subject, k_row_wise)) {
    gauge.observed = *observed;
    gauge.as_share = among(subject, k_shares) && member(result, "observed")->is_number_float();
    if (limit->is_number()) {
      const double bound = limit->get<double>();
      if (predicate == "at_most" || predicate == "less_than") gauge.at_most = bound;
      if (predicate == "at_least" || predicate == "more_than") gauge.at_least = bound;
    } else if (predicate == "between" && limit->is_array() && limit->size() == 2 && (*limit)[0].is_number() && (*limit)[1].is_number()) {
      gauge.at_least = (*limit)[0].get<double>();
      gauge.at_most = (*limit)[1].get<double>();
    }
    if (gauge.at_least || gauge.at_most) return gauge_picture(gauge, text_at(result, "id"));
  }
  const Json& effect = map_at(result, "effect");
  const auto value = number_at(effect, "value");
  const auto margin = number_at(effect, "margin");
  if (!value || !margin || *margin < 0) return {};
  gauge.observed = std::abs(*value);
  if (*value < 0) std::tie(gauge.low, gauge.high) = std::pair(std::optional<double>(), std::optional<double>());
  gauge.at_most = margin;
  gauge.as_share = among(text_at(effect, "name"), k_share_effects);
  return gauge_picture(gauge, text_at(result, "id"));
}

Html examples_of(const Json& unexpected) {
  Html html;
  const auto count = number_at(unexpected, "count");
  const Json& examples = list_at(unexpected, "examples");
  if (!count || *count <= 0 || examples.empty()) return html;
  html << "<div class=\"scroll\"><table class=\"examples\"><caption>"_html
       << fmt::format("the first of {} unexpected rows", with_thousands(std::llround(*count)))
       << "</caption><thead><tr><th scope=\"col\" class=\"n\">row</th>"_html
       << "<th scope=\"col\">value</th></tr></thead><tbody>"_html;
  for (std::size_t i = 0; i < examples.size() && i < k_examples; ++i) {
    html << "<tr><td class=\"n\">"_html << text_at(examples[i], "row") << "</td><td><code>"_html
         << shortened(text_at(examples[i], "value"), 120) << "</code></td></tr>"_html;
  }
  html << "</tbody></table></div>"_html;
  return html;
}

Html facts_of(const Json& result) {
  FactList facts;
  facts.add("rows", text_at(result, "where"));
  if (const auto rows = number_at(result, "rows_tested")) facts.add("rows tested", with_thousands(std::llround(*rows)));
  if (const Json* observed = member(result, "observed")) facts.add("observed", words_of(*observed, 200));
  if (const Json* limit = member(result, "limit"))
    facts.add("accepted", replace_all(text_at(result, "predicate"), "_", " ") + " " + words_of(*limit, 200));
  facts.add("interval", interval_words(map_at(result, "interval")));
  facts.add("effect", effect_words(map_at(result, "effect")));
  if (const auto p = number_at(result, "p_value"))
    facts.add("p-value", *p > 0 && *p < 1e-4 ? fmt::format("{:.1e}", *p) : fmt::format("{:.4f}", *p));
  if (const auto rate = number_at(result, "false_alarm_rate")) facts.add("false alarms", percent_text(*rate) + " of clean batches");
  facts.add("smallest change it finds", text_at(result, "detectable"));
  if (const Json* derived = member(result, "derived")) facts.add("where the limit comes from", words_of(*derived, 600));
  return facts.finish();
}

Html expectation(const Json& result, std::string_view kind) {
  const std::string verdict = text_at(result, "verdict");
  const std::string severity = text_at(result, "severity");
  const Json& chart = map_at(result, "chart");
  // What needs a look is open; of what passed, the distributions of data tests, which are worth a look too.
  const bool open = verdict != "pass" || (kind == "data" && !chart.empty());
  Html html;
  html << "<li class=\"expectation "_html << style_of(verdict, severity) << "\">"_html;
  html << "<div class=\"line\"><span class=\"icon\" role=\"img\" aria-label=\""_html
       << std::string_view(verdict.empty() ? "error" : verdict) << "\">"_html << icon_of(verdict) << "</span><div><h4>"_html
       << shortened(text_at(result, "id"), 160);
  if (verdict != "pass" && !verdict.empty())
    html << " "_html << pill(style_of(verdict, severity), verdict == "fail" && severity == "warn" ? "warning" : verdict);
  html << "</h4><p class=\"message\">"_html << shortened(text_at(result, "message"), 600) << "</p>"_html;
  if (const std::string because = text_at(result, "because"); !because.empty())
    html << "<p class=\"because\">"_html << shortened(because, 1200) << "</p>"_html;
  // A claim about more than these rows is decided by its interval: there the picture is the verdict.
  const bool by_interval = (kind == "model" || kind == "ab") && !map_at(result, "interval").empty();
  if (by_interval) html << gauge_of(result, kind);
  html << "<details"_html << (open ? " open"_html : ""_html) << "><summary>observed, accepted, derivation</summary>"_html;
  if (!by_interval) html << gauge_of(result, kind);
  html << chart_picture(chart, text_at(result, "id")) << facts_of(result) << examples_of(map_at(result, "unexpected"));
  html << "</details></div></div></li>\n"_html;
  return html;
}

Html drift_overview(const Json& results) {
  std::vector<MarginRow> rows;
  for (const Json& result : results) {
    const Json& effect = map_at(result, "effect");
    const auto value = number_at(effect, "value");
    const auto margin = number_at(effect, "margin");
    if (!value || !margin || !(*margin > 0)) continue;
    const Json* verdict = member(result, "verdict");
    rows.push_back({text_at(result, "id"), std::abs(*value) / *margin,
                    among(text_at(effect, "name"), k_share_effects) ? share_text(*value) + " of " + share_text(*margin)
                                                                    : fmt::format("{:.3g} of {:.3g}", *value, *margin),
                    verdict != nullptr && verdict->is_string() ? std::string_view(verdict->get_ref<const std::string&>()) : ""});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const MarginRow& a, const MarginRow& b) { return a.ratio > b.ratio; });
  return rows.size() < 2 ? Html() : margin_picture(rows, "How far each has drifted, as a share of its margin");
}

std::string_view kind_title(const Json& result) {
  const std::string kind = text_at(result, "kind");
  if (kind == "model") return "Model validation";
  if (kind == "drift") return "Drift";
  if (kind == "ab") return "A/B test";
  return "Data tests";
}

std::string data_words(const Json& data) {
  const auto rows = number_at(data, "rows");
  const auto columns = number_at(data, "columns");
  std::string words = text_at(data, "path");
  if (rows) words += fmt::format(", {} rows", with_thousands(std::llround(*rows)));
  if (columns) words += fmt::format(" × {} columns", with_thousands(std::llround(*columns)));
  return words;
}

Html counts_bar(const Json& counts) {
  Html html;
  for (const auto& [key, style, words] :
       {std::tuple("pass", "pass", "passed"), std::tuple("fail", "fail", "failed"), std::tuple("inconclusive", "open", "inconclusive"),
        std::tuple("error", "err", "not evaluated")}) {
    const auto count = number_at(counts, key);
    if (count && *count > 0) html << pill(style, fmt::format("{} {}", std::llround(*count), words)) << " "_html;
  }
  return html;
}

}  // namespace

Html result_section(const Json& result, std::string_view step, std::string_view anchor) {
  Html html;
  html << "<section id=\""_html << anchor << "\"><p class=\"kicker\">"_html << kind_title(result);
  if (!step.empty()) html << " · step "_html << step;
  html << "</p><h2>"_html << shortened(text_at(result, "suite"), 120) << "</h2><p class=\"counts\">"_html
       << counts_bar(map_at(result, "counts")) << "</p>"_html;
  if (const std::string about = text_at(result, "about"); !about.empty())
    html << "<p class=\"about\">"_html << shortened(about, 1000) << "</p>"_html;
  FactList facts;
  const Json& data = map_at(result, "data");
  facts.add("data", data_words(data));
  facts.add("note", text_at(data, "note"));
  facts.add("digest", text_at(data, "digest"));
  if (member(result, "reference") != nullptr) {
    facts.add("reference", data_words(map_at(result, "reference")));
    facts.add("reference digest", text_at(map_at(result, "reference"), "digest"));
  }
  for (const auto& [key, value] : map_at(result, "extra").items()) facts.add(shorten(key, 40), words_of(value));
  if (const Json* seed = member(result, "seed"); seed != nullptr) facts.add("seed", seed->dump());
  if (const auto seconds = number_at(result, "seconds")) facts.add("took", duration_text(*seconds));
  html << facts.finish();
  if (text_at(result, "kind") == "drift") html << drift_overview(list_at(result, "results"));
  const std::string kind = text_at(result, "kind").empty() ? "data" : text_at(result, "kind");
  html << "<ul class=\"expectations\">\n"_html;
  // What needs a look comes first; within that, the order of the suite.
  for (const bool passed : {false, true}) {
    for (const Json& entry : list_at(result, "results")) {
      if ((text_at(entry, "verdict") == "pass") == passed) html << expectation(entry, kind);
    }
  }
  html << "</ul></section>\n"_html;
  return html;
}

}  // namespace cupel::report
