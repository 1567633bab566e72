#include "registry/card_page.h"

#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "registry/metadata_facts_internal.h"

namespace cupel::registry {
namespace {

/// A value in a table of Markdown: one line, without the signs that Markdown or HTML read.
std::string cell(const Json& value, std::size_t width = 200) {
  std::string text;
  if (value.is_string()) {
    text = value.get<std::string>();
  } else if (value.is_number_float()) {
    text = number_text(value.get<double>());
  } else if (value.is_boolean()) {
    text = value.get<bool>() ? "yes" : "no";
  } else {
    text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  std::string shown;
  for (const char c : shorten(text, width)) {
    if (std::string_view("\\`*_[]<>|#&").find(c) != std::string_view::npos) shown += '\\';
    shown += c;
  }
  return shown;
}

/// The hub's identifier of a metric, where it has one of its own.
std::string hub_metric(const std::string& name) {
  static const std::map<std::string, std::string, std::less<>> k_names = {{"auc", "roc_auc"}, {"brier", "brier_score"}};
  const auto found = k_names.find(name);
  return found == k_names.end() ? name : found->second;
}

bool has_input(const Json& model, std::string_view type) {
  const Json* inputs = fact(model, "inputs");
  if (inputs == nullptr || !inputs->is_array()) return false;
  for (const Json& input : *inputs) {
    if (fact_text(input, "type") == type) return true;
  }
  return false;
}

std::string task_of(const Version& version, const Json& model) {
  if (version.kind == "regressor") return "tabular-regression";
  return has_input(model, "text") && !has_input(model, "number") && !has_input(model, "category") ? "text-classification" : "tabular-classification";
}

/// `owner/name` of an address of the hub, else empty.
std::string hub_dataset(std::string_view path) {
  for (const std::string_view prefix : {"hf://datasets/", "hf://"}) {
    if (!path.starts_with(prefix)) continue;
    const auto parts = split(path.substr(prefix.size()), '/');
    if (parts.size() < 2) return {};
    return fmt::format("{}/{}", parts[0], parts[1].substr(0, parts[1].find('@')));
  }
  return {};
}

std::string stated(const std::string& option, const Json& model, const char* key) { return option.empty() ? fact_text(model, key) : option; }

std::string front_matter(const Version& version, const Json& model, const CardOptions& options) {
  // A text of JSON is one of YAML, whichever version of it reads the card.
  const auto quoted = [](std::string_view text) { return Json(shorten(text, 200)).dump(-1, ' ', false, Json::error_handler_t::replace); };
  std::string text = "---\n";
  if (const std::string language = stated(options.language, model, "language"); !language.empty()) text += fmt::format("language: {}\n", quoted(language));
  const std::string license = stated(options.license, model, "license");
  text += fmt::format("license: {}\n", license.empty() ? "unknown" : quoted(license));
  text += "library_name: onnx\n";
  text += fmt::format("pipeline_tag: {}\n", task_of(version, model));
  text += "tags:\n- onnx\n- cupel\n";
  for (const auto& tag : {version.kind, version.estimator}) {
    if (tag && !tag->empty()) text += fmt::format("- {}\n", quoted(*tag));
  }
  if (version.injected) text += "- not-for-use\n";
  const Json* data = fact(model, "data");
  const std::string path = data == nullptr ? std::string() : fact_text(*data, "path");
  const std::string dataset = hub_dataset(path);
  if (!dataset.empty()) text += fmt::format("datasets:\n- {}\n", quoted(dataset));
  std::set<std::string> names;
  std::string results;
  for (const Metric& metric : version.metrics) {
    if (metric.part != "held_out") continue;
    names.insert(hub_metric(metric.name));
    results += fmt::format("    - type: {}\n      name: {}\n      value: {}\n", quoted(hub_metric(metric.name)), quoted(metric.name), exact_text(metric.value));
  }
  if (names.empty()) return text + "---\n";
  text += "metrics:\n";
  for (const std::string& name : names) text += fmt::format("- {}\n", quoted(name));
  text += fmt::format("model-index:\n- name: {}\n  results:\n  - task:\n      type: {}\n    dataset:\n      name: {}\n      type: {}\n      split: held_out\n    metrics:\n", quoted(version.name),
                      task_of(version, model), quoted(path.empty() ? "training data" : path), quoted(dataset.empty() ? "local" : dataset));
  return text + results + "---\n";
}

void table(std::string& text, std::string_view title, std::initializer_list<std::string_view> head, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return;
  text += fmt::format("\n## {}\n\n", title);
  std::string rule;
  for (const std::string_view name : head) {
    text += fmt::format("| {} ", name);
    rule += "|---";
  }
  text += "|\n" + rule + "|\n";
  for (const auto& row : rows) text += "| " + join(row, " | ") + " |\n";
}

std::string domain_of(const Json& column) {
  std::vector<std::string> facts;
  if (const Json* range = fact(column, "range"); range != nullptr && range->is_array() && range->size() == 2) {
    facts.push_back(fmt::format("{} to {} in training", cell((*range)[0]), cell((*range)[1])));
  }
  for (const char* key : {"categories", "classes"}) {
    const Json* list = fact(column, key);
    if (list == nullptr || !list->is_array()) continue;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < list->size() && i < 12; ++i) shown.push_back(cell((*list)[i], 40));
    if (list->size() > 12) shown.push_back(fmt::format("… ({} in all)", list->size()));
    facts.push_back(join(shown, ", "));
  }
  if (const Json* other = fact(column, "other_allowed"); other != nullptr && other->is_boolean() && other->get<bool>()) facts.emplace_back("others allowed");
  return join(facts, "; ");
}

std::vector<std::vector<std::string>> columns_of(const Json& model, const char* key) {
  std::vector<std::vector<std::string>> rows;
  const Json* columns = fact(model, key);
  if (columns == nullptr || !columns->is_array()) return rows;
  for (const Json& column : *columns) {
    const Json* nulls = fact(column, "null_allowed");
    rows.push_back({cell(fact_text(column, "name")), cell(fact_text(column, "type")), nulls == nullptr ? "" : cell(*nulls), domain_of(column)});
  }
  return rows;
}

void fact_rows(const Json& value, const std::string& name, std::vector<std::vector<std::string>>& rows) {
  if (!value.is_object()) {
    rows.push_back({name, cell(value)});
    return;
  }
  for (const auto& [key, inner] : value.items()) fact_rows(inner, name.empty() ? cell(key, 40) : name + " " + cell(key, 40), rows);
}

}  // namespace

std::string card_page(const Version& version, const CardOptions& options) {
  const Json model = metadata_json(version);
  std::string text = front_matter(version, model, options);
  text += fmt::format("\n# {}, version {}\n\n", cell(version.name), version.number);
  if (version.injected) text += fmt::format("**Made under the induced fault `{}`: not for use.**\n\n", cell(*version.injected));
  if (const std::string about = fact_text(model, "about"); !about.empty()) text += cell(about, 4000) + "\n\n";
  text += fmt::format("A {}{} as one ONNX file.", cell(version.kind.value_or("model")), version.estimator ? " (" + cell(*version.estimator) + ")" : "");
  if (const Json* target = fact(model, "target")) {
    if (const std::string column = fact_text(*target, "column"); !column.empty()) text += fmt::format(" It predicts `{}`.", cell(column));
  }
  if (const Json* data = fact(model, "data")) {
    if (const std::string segment = fact_text(*data, "segment"); !segment.empty()) text += fmt::format(" It was made for rows where `{}`, and says nothing of others.", shorten(segment, 300));
  }
  text += fmt::format("\n\nDigest: `sha256:{}`\n", shorten(version.digest, 64));
  table(text, "Inputs", {"column", "type", "nulls allowed", "values"}, columns_of(model, "inputs"));
  table(text, "Outputs", {"name", "type", "nulls allowed", "values"}, columns_of(model, "outputs"));
  std::vector<std::vector<std::string>> rows;
  for (const Metric& metric : version.metrics) {
    const std::string interval = metric.low && metric.high ? fmt::format("{} to {}", number_text(*metric.low), number_text(*metric.high)) : std::string();
    rows.push_back({cell(metric.part), cell(metric.name), number_text(metric.value), interval, metric.confidence ? percent_text(*metric.confidence) : "",
                    metric.rows ? with_thousands(*metric.rows) : ""});
  }
  table(text, "Metrics", {"part", "metric", "value", "interval", "confidence", "rows"}, rows);
  rows.clear();
  for (const Verdict& verdict : version.verdicts) {
    rows.push_back({cell(verdict.suite), cell(verdict.verdict), std::to_string(verdict.passed), std::to_string(verdict.failed), std::to_string(verdict.inconclusive), std::to_string(verdict.errors)});
  }
  table(text, "Tests", {"suite", "verdict", "passed", "failed", "inconclusive", "errors"}, rows);
  rows.clear();
  if (const Json* list = fact(model, "exclusions"); list != nullptr && list->is_array()) {
    for (const Json& entry : *list) rows.push_back({cell(fact_text(entry, "column")), cell(fact_text(entry, "because"))});
  }
  table(text, "Columns kept from it", {"column", "because"}, rows);
  rows.clear();
  for (const char* key : {"data", "config", "parameters", "seed", "tool", "run", "created"}) {
    if (const Json* value = fact(model, key)) fact_rows(*value, key, rows);
  }
  table(text, "Training", {"fact", "value"}, rows);
  rows.clear();
  if (const Json* list = fact(model, "dependencies"); list != nullptr && list->is_array()) {
    for (const Json& entry : *list) rows.push_back({cell(fact_text(entry, "name")), cell(fact_text(entry, "version")), cell(fact_text(entry, "role"))});
  }
  table(text, "Libraries", {"library", "version", "for"}, rows);
  return text;
}

}  // namespace cupel::registry
