#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "report/chart.h"
#include "report/facts_internal.h"
#include "report/html_sections_internal.h"
#include "report/picture_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_columns = 200;  // rows of a schema table

std::string part_title(std::string_view part) {
  if (part == "held_out") return "on rows that training never saw";
  if (part == "training") return "on the rows it was trained on";
  return "on " + std::string(part);
}

/// One part's metrics: with intervals as a picture, without as numbers to open.
Html metrics_of_part(const std::string& part, const Json& facts) {
  std::vector<IntervalRow> rows;
  FactList numbers;
  bool has_intervals = false;
  std::string confidence;
  std::string count;
  for (const auto& [name, fact] : facts.items()) {
    const auto value = fact.is_number() ? std::optional(fact.get<double>()) : number_at(fact, "value");
    if (!value || !std::isfinite(*value)) continue;
    rows.push_back({name, *value, number_at(fact, "low"), number_at(fact, "high"), ""});
    numbers.add(name, number_text(*value));
    if (rows.back().low && rows.back().high) {
      rows.back().note = fmt::format("{:.4g} to {:.4g}", *rows.back().low, *rows.back().high);
      has_intervals = true;
    }
    if (const auto level = number_at(fact, "confidence")) confidence = fmt::format(", intervals at {}", confidence_text(*level));
    if (const auto tested = number_at(fact, "rows")) count = fmt::format(", {} rows", with_thousands(std::llround(*tested)));
  }
  Html html;
  if (rows.empty()) return html;
  const std::string title = "Metrics " + part_title(part);
  if (has_intervals) {
    html << "<h3>"_html << title << count << confidence << "</h3>"_html << interval_picture(rows, title);
  } else {
    html << "<details><summary>"_html << title << count << "</summary>"_html << numbers.finish() << "</details>"_html;
  }
  return html;
}

Html metrics(const Json& model) {
  Html html;
  for (const auto& [part, facts] : map_at(model, "metrics").items()) {
    if (facts.is_object()) html << metrics_of_part(part, facts);
  }
  return html;
}

Html features(const Json& model) {
  Html html;
  const Json& list = list_at(model, "features");
  if (list.empty()) return html;
  html
      << "<h3>Features</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">column</th><th scope=\"col\">kind</th><th scope=\"col\">what was learned</th>"_html
      << "</tr></thead><tbody>"_html;
  for (std::size_t i = 0; i < list.size() && i < k_columns; ++i) {
    html << "<tr><td>"_html << shortened(text_at(list[i], "column"), 100) << "</td><td>"_html << shortened(text_at(list[i], "kind"), 40)
         << "</td><td>"_html << shortened(text_at(list[i], "detail"), 300) << "</td></tr>"_html;
  }
  html << "</tbody></table></div>"_html;
  return html;
}

std::string domain_words(const Json& column) {
  std::vector<std::string> facts;
  if (const Json& shape = list_at(column, "shape"); !shape.empty()) {
    std::string sides;
    for (const Json& side : shape)
      sides += (sides.empty() ? "" : " × ") + (side.is_number_integer() && side < 0 ? std::string("rows") : words_of(side, 20));
    facts.push_back(sides);
  }
  if (const Json& range = list_at(column, "range"); range.size() == 2)
    facts.push_back(words_of(range[0], 30) + " to " + words_of(range[1], 30));
  for (const char* key : {"categories", "classes"}) {
    if (const Json& list = list_at(column, key); !list.empty()) facts.push_back(words_of(list, 240));
  }
  if (const Json* other = member(column, "other_allowed"); other != nullptr && other->is_boolean() && other->get<bool>())
    facts.emplace_back("others allowed");
  return join(facts, "; ");
}

Html schema(const Json& model, const char* key, std::string_view title) {
  Html html;
  const Json& columns = list_at(model, key);
  if (columns.empty()) return html;
  html
      << "<h3>"_html << title
      << "</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">name</th><th scope=\"col\">type</th><th scope=\"col\">nulls</th>"_html
      << "<th scope=\"col\">values</th></tr></thead><tbody>"_html;
  for (std::size_t i = 0; i < columns.size() && i < k_columns; ++i) {
    const Json* nulls = member(columns[i], "null_allowed");
    const std::string_view null_words = nulls == nullptr || !nulls->is_boolean() ? "" : nulls->get<bool>() ? "allowed" : "none";
    html << "<tr><td>"_html << shortened(text_at(columns[i], "name"), 100) << "</td><td>"_html << shortened(text_at(columns[i], "type"), 40)
         << "</td><td>"_html << null_words << "</td><td>"_html << shortened(domain_words(columns[i]), 300) << "</td></tr>"_html;
  }
  html << "</tbody></table></div>"_html;
  return html;
}

Html exclusions(const Json& model) {
  Html html;
  const Json& list = list_at(model, "exclusions");
  if (list.empty()) return html;
  html << "<h3>Columns that it must not see</h3><dl class=\"facts\">"_html;
  for (const Json& entry : list) {
    html << "<dt>"_html << shortened(text_at(entry, "column"), 100) << "</dt><dd>"_html << shortened(text_at(entry, "because"), 600)
         << "</dd>"_html;
  }
  html << "</dl>"_html;
  return html;
}

Html dependencies(const Json& model) {
  Html html;
  const Json& list = list_at(model, "dependencies");
  if (list.empty()) return html;
  html
      << "<h3>Code dependencies</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">library</th><th scope=\"col\">version</th><th scope=\"col\">needed for</th>"_html
      << "</tr></thead><tbody>"_html;
  for (const Json& entry : list) {
    html << "<tr><td>"_html << shortened(text_at(entry, "name"), 60) << "</td><td>"_html << shortened(text_at(entry, "version"), 60)
         << "</td><td>"_html << shortened(text_at(entry, "role"), 60) << "</td></tr>"_html;
  }
  html << "</tbody></table></div>"_html;
  return html;
}

Html lineage(const Json& model) {
  FactList facts;
  const Json& data = map_at(model, "data");
  facts.add("data", text_at(data, "path"));
  if (const auto rows = number_at(data, "rows")) facts.add("rows", with_thousands(std::llround(*rows)));
  facts.add("data digest", text_at(data, "digest"));
  facts.add("segment", text_at(data, "segment"));
  if (const Json* split = member(data, "split")) facts.add("split", words_of(*split));
  facts.add("note", text_at(data, "generated"));
  if (const Json* target = member(model, "target")) facts.add("target", words_of(*target));
  if (const Json* parameters = member(model, "parameters")) facts.add("parameters", words_of(*parameters, 600));
  if (const Json* digests = member(model, "digests")) facts.add("file digests", words_of(*digests, 600));
  if (const Json* tool = member(model, "tool")) facts.add("made by", words_of(*tool));
  if (const Json* config = member(model, "config")) facts.add("configuration", words_of(*config));
  if (const Json* seed = member(model, "seed")) facts.add("seed", seed->dump());
  facts.add("run", text_at(model, "run"));
  facts.add("made", text_at(model, "created"));
  return facts.finish();
}

}  // namespace

Html model_section(const Json& model, std::string_view step, std::string_view anchor) {
  Html html;
  html << "<section id=\""_html << anchor << "\"><p class=\"kicker\">Model"_html;
  if (!step.empty()) html << " · step "_html << step;
  html << "</p><h2>"_html << shortened(text_at(model, "name").empty() ? "model" : text_at(model, "name"), 100)
       << "</h2><p class=\"counts\">"_html;
  for (const char* key : {"kind", "estimator"}) {
    if (const std::string words = text_at(model, key); !words.empty()) html << pill("plain", words) << " "_html;
  }
  if (const std::string injected = text_at(model, "injected"); !injected.empty()) html << pill("err", "induced fault: " + injected);
  html << "</p>"_html;
  if (const std::string about = text_at(model, "about"); !about.empty())
    html << "<p class=\"about\">"_html << shortened(about, 1000) << "</p>"_html;
  html << metrics(model) << exclusions(model) << features(model) << schema(model, "inputs", "Inputs") << schema(model, "outputs", "Outputs")
       << dependencies(model) << "<h3>Lineage</h3>"_html << lineage(model) << "</section>\n"_html;
  return html;
}

}  // namespace cupel::report
