#include "report/html_page.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "base/text.h"
#include "report/facts_internal.h"
#include "report/html_sections_internal.h"

namespace cupel::report {
namespace {

struct Totals {
  double pass = 0, fail = 0, open = 0, error = 0;
};

template <typename Visit>
void each_file(std::span<const PageRun> runs, Visit visit) {
  for (const PageRun& run : runs) {
    for (const PageStep& step : run.steps) {
      for (const PageFile& file : step.files) visit(run, step, file);
    }
  }
}

Totals totals_of(std::span<const PageRun> runs) {
  Totals totals;
  each_file(runs, [&](const PageRun&, const PageStep&, const PageFile& file) {
    if (file.kind != PageFile::Kind::result) return;
    const Json& counts = map_at(file.json, "counts");
    totals.pass += number_at(counts, "pass").value_or(0);
    totals.fail += number_at(counts, "fail").value_or(0);
    totals.open += number_at(counts, "inconclusive").value_or(0);
    totals.error += number_at(counts, "error").value_or(0);
  });
  return totals;
}

/// What a reader must know before anything else: induced faults, data that is not real.
Html banners(std::span<const PageRun> runs) {
  std::set<std::string> injected;
  std::set<std::string> generated;
  for (const PageRun& run : runs) {
    for (const Json& fault : list_at(run.record, "injected")) injected.insert(text_at(run.record, "run") + ": " + words_of(fault, 100));
  }
  each_file(runs, [&](const PageRun&, const PageStep&, const PageFile& file) {
    const Json& data = map_at(file.json, "data");
    if (const std::string note = text_at(data, "generated"); !note.empty()) generated.insert(note);
    if (const std::string note = text_at(data, "note"); note.find("generated") != std::string::npos) generated.insert(note);
    if (const std::string change = text_at(map_at(file.json, "extra"), "induced"); !change.empty())
      injected.insert("data of " + text_at(file.json, "suite") + ": " + change);
    if (file.kind == PageFile::Kind::model && !text_at(file.json, "injected").empty()) {
      injected.insert("model " + text_at(file.json, "name") + ": " + text_at(file.json, "injected"));
    }
  });
  Html html;
  if (!generated.empty()) {
    html
        << "<div class=\"banner open\" role=\"note\"><strong>Generated data.</strong> These results show that the process works; they say nothing about real data."_html;
    for (const std::string& note : generated) html << " "_html << shortened(note, 300) << "."_html;
    html << "</div>"_html;
  }
  if (!injected.empty()) {
    html
        << "<div class=\"banner err\" role=\"note\"><strong>Induced faults.</strong> They were caused on purpose to see what answers them; what they led to is not for use."_html;
    html << "<ul>"_html;
    for (const std::string& fault : injected) html << "<li><code>"_html << shortened(fault, 200) << "</code></li>"_html;
    html << "</ul></div>"_html;
  }
  return html;
}

void tile(Html& html, std::string_view style, std::string_view number, std::string_view words) {
  html << "<div class=\"tile "_html << style << "\"><span class=\"big\">"_html << number << "</span><span>"_html << words
       << "</span></div>"_html;
}

/// "model reviews (train)"
std::string model_words(const Json& model, const std::string& step) {
  return "model " + text_at(model, "name") + (step.empty() ? "" : " (" + step + ")");
}

/// The model's first held-out metric with its interval.
void model_tiles(Html& html, std::span<const PageRun> runs) {
  int shown = 0;
  each_file(runs, [&](const PageRun&, const PageStep& step, const PageFile& file) {
    if (file.kind != PageFile::Kind::model || shown == 2) return;
    const Json& held_out = map_at(map_at(file.json, "metrics"), "held_out");
    if (held_out.empty()) return;
    const auto first = held_out.begin();
    const auto value = first->is_number() ? std::optional(first->get<double>()) : number_at(*first, "value");
    if (!value) return;
    const auto low = number_at(*first, "low");
    const auto high = number_at(*first, "high");
    std::string words = fmt::format("{} of {}", first.key(), model_words(file.json, step.name));
    if (low && high) words += fmt::format(", {:.3f} to {:.3f}", *low, *high);
    tile(html, "plain", fmt::format("{:.3f}", *value), shorten(words, 60));
    ++shown;
  });
}

Html summary(std::span<const PageRun> runs) {
  const Totals totals = totals_of(runs);
  const auto number = [](double count) { return with_thousands(std::llround(count)); };
  Html html;
  html << "<div class=\"tiles\">"_html;
  tile(html, "pass", number(totals.pass), "expectations passed");
  tile(html, totals.fail > 0 ? "fail" : "plain", number(totals.fail), "failed");
  tile(html, totals.open > 0 ? "open" : "plain", number(totals.open), "inconclusive");
  if (totals.error > 0) tile(html, "err", number(totals.error), "could not be evaluated");
  model_tiles(html, runs);
  html << "</div>"_html;
  return html;
}

std::string page_title(std::span<const PageRun> runs) {
  std::string title;
  for (const PageRun& run : runs) {
    const std::string id = text_at(run.record, "run");
    if (!id.empty()) title += (title.empty() ? "" : " and ") + id;
  }
  if (!title.empty()) return title;
  each_file(runs, [&](const PageRun&, const PageStep&, const PageFile& file) {
    if (title.empty()) title = text_at(file.json, file.kind == PageFile::Kind::model ? "name" : "suite");
  });
  return title.empty() ? "results" : title;
}

struct Section {
  std::string anchor;
  std::string title;
  std::string_view style;
  Html html;
};

std::string_view verdict_dot(const Json& result) {
  const std::string verdict = text_at(result, "verdict");
  return verdict == "pass" ? "pass" : verdict == "fail" ? "fail" : verdict == "inconclusive" ? "open" : "err";
}

std::vector<Section> sections_of(std::span<const PageRun> runs) {
  std::vector<Section> sections;
  const auto anchor = [&] { return fmt::format("s{}", sections.size() + 1); };
  for (const PageRun& run : runs) {
    if (!run.record.empty()) {
      const std::string id = anchor();
      sections.push_back({id, text_at(run.record, "run"), run_state_words(run.record).style, steps_section(run, id)});
    }
    for (const PageStep& step : run.steps) {
      for (const PageFile& file : step.files) {
        const std::string id = anchor();
        if (file.kind == PageFile::Kind::model) {
          sections.push_back({id, model_words(file.json, step.name), "plain", model_section(file.json, step.name, id)});
        } else {
          const std::string title = text_at(file.json, "suite") + (step.name.empty() ? "" : " (" + step.name + ")");
          sections.push_back({id, title, verdict_dot(file.json), result_section(file.json, step.name, id)});
        }
      }
    }
  }
  return sections;
}

}  // namespace

Html pill(std::string_view style, std::string_view words) {
  Html html;
  html << "<span class=\"pill "_html << style << "\">"_html << shortened(words, 120) << "</span>"_html;
  return html;
}

void FactList::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  rows_ << "<dt>"_html << name << "</dt><dd>"_html << shortened(value, 600) << "</dd>"_html;
}

Html FactList::finish() const {
  Html html;
  if (!rows_.empty()) html << "<dl class=\"facts\">"_html << rows_ << "</dl>"_html;
  return html;
}

std::string html_page(std::span<const PageRun> runs) {
  const std::string title = page_title(runs);
  const std::vector<Section> sections = sections_of(runs);
  Html html;
  html
      << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"_html
      << "<meta name=\"color-scheme\" content=\"light dark\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"_html
      << "<title>"_html << shortened(title, 120) << " · Cupel</title><style>"_html << page_style() << "</style></head><body>\n"_html
      << "<a class=\"skip\" href=\"#content\">to the results</a><header><p class=\"brand\">Cupel</p><h1>"_html << shortened(title, 160)
      << "</h1>"_html << banners(runs) << summary(runs) << "<nav aria-label=\"sections\"><ol>"_html;
  for (const Section& section : sections) {
    html << "<li><a href=\"#"_html << section.anchor << "\"><span class=\"dot "_html << section.style << "\"></span>"_html
         << shortened(section.title, 60) << "</a></li>"_html;
  }
  html << "</ol></nav></header>\n<main id=\"content\">\n"_html;
  for (const Section& section : sections) html << section.html;
  html << "</main><footer>Made by Cupel "_html << std::string_view(CUPEL_VERSION)
       << ". Every number stands in the JSON files of the run.</footer></body></html>\n"_html;
  return html.bytes();
}

}  // namespace cupel::report
