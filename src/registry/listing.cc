#include "registry/listing.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace cupel::registry {
namespace {

/// "2026-11-23T17:30:00Z" -> "2026-11-23 17:30".
std::string minute_text(const std::string& instant) {
  std::string text = shorten(instant, 20).substr(0, 16);
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

std::string metrics_text(const Version& version) {
  std::string text;
  for (std::size_t i = 0; i < version.metrics.size() && i < static_cast<std::size_t>(k_line_metrics); ++i) {
    const Metric& metric = version.metrics[i];
    if (metric.part != version.metrics[0].part) break;
    if (i > 0) text += ", ";
    text += shorten(metric.name, 24) + fmt::format(" {:.4g}", metric.value);
  }
  return text.empty() ? "-" : text;
}

std::string aliases_text(const Version& version) {
  std::string text;
  for (const std::string& alias : version.aliases) text += (text.empty() ? "@" : " @") + shorten(alias, 100);
  return text.empty() ? "-" : text;
}

std::string state_text(const Version& version) {
  if (version.purged) return "deleted";
  if (version.removed) return "removed";
  if (version.injected) return "induced fault: " + shorten(*version.injected, 30);
  return shorten(version.estimator.value_or(version.kind.value_or("-")), 20);
}

std::string location_text(const Version& version, const Registry& registry) {
  for (const StoredFile& file : version.files) {
    if (file.role == "model") return shorten(registry.blob_location(file.blob.digest), 4000);
  }
  return "-";
}

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
  // Two passes over few columns, and the long location straight into the text: a registry of 10,000 versions is listed at once.
  using Line = std::array<std::string, 6>;
  std::vector<Line> lines;
  lines.reserve(versions.size() + 1);
  lines.push_back({"MODEL", "ALIASES", "ADDED", "ESTIMATOR", "METRICS", "SIZE"});
  for (const Version& version : versions) {
    lines.push_back({version.id(), aliases_text(version), minute_text(version.created), state_text(version), metrics_text(version),
                     size_text(version.bytes())});
  }
  std::array<std::size_t, 6> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], static_cast<std::size_t>(count_code_points(line[i])));
  }
  std::string text;
  text.reserve(lines.size() * 192);
  for (std::size_t row = 0; row < lines.size(); ++row) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += lines[row][i];
      text.append(widths[i] - static_cast<std::size_t>(count_code_points(lines[row][i])) + 2, ' ');
    }
    text += row == 0 ? "LOCATION" : location_text(versions[row - 1], registry);
    text += '\n';
  }
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
