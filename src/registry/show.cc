#include "registry/show.h"

#include "base/text.h"
#include "registry/listing.h"

namespace cupel::registry {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t k_cell = 300;      // code points of one cell
constexpr std::size_t k_categories = 8;  // shown of a column's categories

void section(std::string& text, std::string_view title, const Rows& rows) {
  if (rows.empty()) return;
  text += fmt::format("\n{}\n", title);
  text += aligned(rows, "  ");
}

/// A JSON scalar, or short JSON, as people write it.
std::string plain(const Json& value, std::size_t width = k_cell) {
  if (value.is_string()) return shorten(value.get_ref<const std::string&>(), width);
  if (value.is_number_float()) return number_text(value.get<double>());
  if (value.is_number_integer()) return with_thousands(value.get<std::int64_t>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return shorten(value.dump(-1, ' ', false, Json::error_handler_t::replace), width);
}

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::string text_of(const Json& object, const char* key) {
  const Json* value = member(object, key);
  return value == nullptr ? "" : plain(*value);
}

bool is_true(const Json& object, const char* key) {
  const Json* value = member(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::string list_text(const Json& list) {
  std::string text;
  for (std::size_t i = 0; i < list.size() && i < k_categories; ++i) text += (i == 0 ? "" : ", ") + plain(list[i], 30);
  if (list.size() > k_categories) text += fmt::format(", … ({} in all)", list.size());
  return text;
}

/// "18 to 99", "Bottoms, Dresses; others allowed", "shape ? × 2; 0, 1".
std::string domain_text(const Json& column) {
  std::vector<std::string> facts;
  if (const Json* shape = member(column, "shape"); shape != nullptr && shape->is_array()) {
    std::string sides;
    for (const Json& side : *shape)
      sides += (sides.empty() ? "" : " × ") + (side.is_number_integer() && side < 0 ? std::string("rows") : plain(side, 20));
    facts.push_back(sides);
  }
  if (const Json* range = member(column, "range"); range != nullptr && range->is_array() && range->size() == 2) {
    facts.push_back(plain((*range)[0], 30) + " to " + plain((*range)[1], 30));
  }
  for (const char* key : {"categories", "classes"}) {
    if (const Json* list = member(column, key); list != nullptr && list->is_array() && !list->empty()) facts.push_back(list_text(*list));
  }
  if (is_true(column, "other_allowed")) facts.emplace_back("others allowed");
  return join(facts, "; ");
}

Rows schema_rows(const Json& model, const char* key) {
  Rows rows;
  const Json* columns = member(model, key);
  if (columns == nullptr || !columns->is_array()) return rows;
  for (const Json& column : *columns) {
    const Json* nulls = member(column, "null_allowed");
    const std::string null_text = nulls == nullptr ? "" : is_true(column, "null_allowed") ? "nulls allowed" : "no nulls";
    rows.push_back({text_of(column, "name"), text_of(column, "type"), null_text, domain_text(column)});
  }
  return rows;
}

Rows feature_rows(const Json& model) {
  Rows rows;
  const Json* list = member(model, "features");
  if (list == nullptr || !list->is_array()) return rows;
  for (const Json& entry : *list) rows.push_back({text_of(entry, "column"), text_of(entry, "kind"), text_of(entry, "detail")});
  return rows;
}

Rows exclusion_rows(const Json& model) {
  Rows rows;
  const Json* list = member(model, "exclusions");
  if (list == nullptr || !list->is_array()) return rows;
  for (const Json& entry : *list) rows.push_back({text_of(entry, "column"), text_of(entry, "because")});
  return rows;
}

Rows dependency_rows(const Json& model) {
  Rows rows;
  const Json* list = member(model, "dependencies");
  if (list != nullptr && list->is_array()) {
    for (const Json& entry : *list) rows.push_back({text_of(entry, "name"), text_of(entry, "version"), text_of(entry, "role")});
  }
  if (const Json* opsets = member(model, "opsets"); opsets != nullptr && opsets->is_object()) {
    for (const auto& [domain, number] : opsets->items()) rows.push_back({shorten(domain, 40), "opset " + plain(number, 20), "serving"});
  }
  return rows;
}

/// A mapping as rows `prefix key  value`, nested mappings flattened.
void flatten(const Json& object, const std::string& prefix, Rows& rows) {
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix.empty() ? shorten(key, 40) : prefix + " " + shorten(key, 40);
    if (value.is_object()) {
      flatten(value, name, rows);
    } else {
      rows.push_back({name, plain(value)});
    }
  }
}

Rows lineage_rows(const Json& model) {
  Rows rows;
  for (const char* key : {"data", "target", "config", "tool", "seed", "run", "injected", "created", "seconds"}) {
    const Json* value = member(model, key);
    if (value == nullptr) continue;
    if (value->is_object()) {
      flatten(*value, key, rows);
    } else {
      rows.push_back({key, plain(*value)});
    }
  }
  return rows;
}

Rows metric_rows(const Version& version) {
  Rows rows;
  for (const Metric& metric : version.metrics) {
    std::string interval;
    if (metric.low && metric.high) {
      interval = fmt::format("{} to {}", number_text(*metric.low), number_text(*metric.high));
      if (metric.confidence) interval += fmt::format(" ({} %)", number_text(*metric.confidence * 100));
    }
    rows.push_back({shorten(metric.part, 40), shorten(metric.name, 40), number_text(metric.value), interval,
                    metric.rows ? with_thousands(*metric.rows) + " rows" : ""});
  }
  return rows;
}

Rows verdict_rows(const Version& version) {
  Rows rows;
  for (const Verdict& verdict : version.verdicts) {
    rows.push_back({shorten(verdict.verdict, 20), shorten(verdict.suite, 60),
                    fmt::format("{} passed, {} failed, {} inconclusive, {} errors", verdict.passed, verdict.failed, verdict.inconclusive,
                                verdict.errors),
                    shorten(verdict.started.value_or(""), 30)});
  }
  return rows;
}

std::string heading(const Version& version, const Json& model) {
  std::string text = version.id();
  for (const std::string& alias : version.aliases) text += "  @" + shorten(alias, 100);
  text += '\n';
  std::string what = shorten(version.kind.value_or("model"), 40);
  if (version.estimator) what += ", " + shorten(*version.estimator, 40);
  text += fmt::format("  {}, {}, added {}\n", what, size_text(version.bytes()), shorten(version.created, 30));
  if (const std::string about = text_of(model, "about"); !about.empty()) text += fmt::format("  {}\n", about);
  if (version.because) text += fmt::format("  because {}\n", shorten(*version.because, 400));
  if (version.injected) text += fmt::format("  made under the induced fault '{}': not for use\n", shorten(*version.injected, 100));
  if (version.removed) text += fmt::format("  removed {}\n", shorten(*version.removed, 30));
  if (version.purged) text += fmt::format("  files deleted {}\n", shorten(*version.purged, 30));
  return text;
}

Json parsed_metadata(const Version& version) {
  auto model = parse_json(version.metadata, "model.json");
  return model ? std::move(*model) : Json::object();
}

}  // namespace

std::string show_text(const Version& version, std::span<const Event> history, const Registry& registry) {
  const Json model = parsed_metadata(version);
  std::string text = heading(version, model);
  Rows files;
  for (const StoredFile& file : version.files) {
    files.push_back({shorten(file.role, 40), shorten(file.path, 60), size_text(file.blob.bytes), shorten(registry.blob_location(file.blob.digest), 4000)});
  }
  section(text, "location", files);
  section(text, "digest", {{"sha256:" + shorten(version.digest, 64)}});
  section(text, "inputs", schema_rows(model, "inputs"));
  section(text, "outputs", schema_rows(model, "outputs"));
  section(text, "features", feature_rows(model));
  section(text, "excluded columns", exclusion_rows(model));
  section(text, "metrics", metric_rows(version));
  section(text, "verdicts", verdict_rows(version));
  section(text, "code dependencies", dependency_rows(model));
  section(text, "lineage", lineage_rows(model));
  Rows parameters;
  if (const Json* given = member(model, "parameters"); given != nullptr && given->is_object()) flatten(*given, "", parameters);
  section(text, "parameters", parameters);
  Rows events;
  for (const Event& event : history) events.push_back({shorten(event.at, 30), shorten(event.what, 30), shorten(event.detail, 60), shorten(event.because, 200)});
  section(text, "history", events);
  return text;
}

Json show_json(const Version& version, std::span<const Event> history, const Registry& registry) {
  Json json = version_json(version, registry);
  json["model"] = parsed_metadata(version);
  Json events = Json::array();
  for (const Event& event : history) {
    Json entry{{"at", event.at}, {"what", event.what}};
    if (!event.detail.empty()) entry["detail"] = event.detail;
    if (!event.because.empty()) entry["because"] = event.because;
    events.push_back(std::move(entry));
  }
  json["history"] = std::move(events);
  return json;
}

}  // namespace cupel::registry
