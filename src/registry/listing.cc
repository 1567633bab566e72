#include "registry/listing.h"

#include <algorithm>

#include "base/text.h"
#include "registry/version_lines.h"

namespace cupel::registry {
namespace {

template <typename T>
void put(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

Json metrics_json(const Version& version) {
  Json metrics = Json::object();
  for (const Metric& metric : version.metrics) {
    Json fact{{"value", metric.value}};
    put(fact, "low", metric.low);
    put(fact, "high", metric.high);
    put(fact, "confidence", metric.confidence);
    put(fact, "rows", metric.rows);
    metrics[metric.part][metric.name] = std::move(fact);
  }
  return metrics;
}

Json verdicts_json(const Version& version) {
  Json verdicts = Json::array();
  for (const Verdict& verdict : version.verdicts) {
    Json entry{
        {"suite", verdict.suite},
        {"verdict", verdict.verdict},
        {"counts",
         Json{{"pass", verdict.passed}, {"fail", verdict.failed}, {"inconclusive", verdict.inconclusive}, {"error", verdict.errors}}}};
    put(entry, "seed", verdict.seed);
    put(entry, "started", verdict.started);
    if (verdict.digest) entry["digest"] = "sha256:" + *verdict.digest;
    verdicts.push_back(std::move(entry));
  }
  return verdicts;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  for (const char* unit : {"kB", "MB", "GB"}) {
    size /= 1000;
    if (size < 999.5) return fmt::format("{:.{}f} {}", size, size < 9.95 ? 1 : 0, unit);
  }
  return fmt::format("{:.1f} TB", size / 1000);
}

std::string aligned(std::span<const std::vector<std::string>> rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], static_cast<std::size_t>(count_code_points(row[i])));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    text += indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - static_cast<std::size_t>(count_code_points(row[i])) + 2, ' ');
    }
    while (text.ends_with(' ')) text.pop_back();
    text += '\n';
  }
  return text;
}

std::string version_table(std::span<const Version> versions, const Registry& registry) {
  VersionLines lines(registry.blob_folder());
  for (const Version& version : versions) {
    const auto view = [](const std::optional<std::string>& text) { return text ? std::optional<std::string_view>(*text) : std::nullopt; };
    const std::size_t line = lines.add({version.name, version.number, version.created, view(version.kind), view(version.estimator),
                                        view(version.injected), version.removed.has_value(), version.purged.has_value()});
    for (const StoredFile& file : version.files) lines.add_file(line, file.role, file.blob.digest, file.blob.bytes);
    for (const Metric& metric : version.metrics) lines.add_metric(line, metric.part, metric.name, metric.value);
    for (const std::string& alias : version.aliases) lines.add_alias(line, alias);
  }
  std::string text;
  lines.write([&text](std::string_view piece) { text += piece; });
  return text;
}

Json version_json(const Version& version, const Registry& registry) {
  Json json{{"id", version.id()},
            {"name", version.name},
            {"version", version.number},
            {"digest", "sha256:" + version.digest},
            {"aliases", version.aliases}};
  json["created"] = version.created;
  put(json, "because", version.because);
  put(json, "kind", version.kind);
  put(json, "estimator", version.estimator);
  put(json, "injected", version.injected);
  put(json, "removed", version.removed);
  put(json, "purged", version.purged);
  Json files = Json::array();
  for (const StoredFile& file : version.files) {
    files.push_back(Json{{"role", file.role},
                         {"path", file.path},
                         {"digest", "sha256:" + file.blob.digest},
                         {"bytes", file.blob.bytes},
                         {"location", registry.blob_location(file.blob.digest)}});
  }
  json["files"] = std::move(files);
  if (!version.metrics.empty()) json["metrics"] = metrics_json(version);
  if (!version.verdicts.empty()) json["verdicts"] = verdicts_json(version);
  return json;
}

}  // namespace cupel::registry
