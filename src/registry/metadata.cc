#include "registry/metadata.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "registry/identifier.h"

namespace cupel::registry {
namespace {

constexpr std::size_t k_limit_bytes = 4u << 20;
constexpr std::size_t k_max_files = 1000;

std::string found(const Json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_object()) return "a mapping";
  if (value.is_array()) return "a list";
  return shorten(value.dump(-1, ' ', false, Json::error_handler_t::replace), 40);
}

tl::unexpected<Error> mistake(std::string_view source, std::string_view key, const Json& value, std::string_view expected) {
  return fail("{}: '{}' is {}, expected {}", source, key, found(value), expected);
}

Result<std::optional<std::string>> optional_string(const Json& object, std::string_view key, std::string_view source) {
  const auto it = object.find(key);
  if (it == object.end()) return std::nullopt;
  if (!it->is_string()) return mistake(source, key, *it, "text");
  return std::optional<std::string>(it->get<std::string>());
}

Result<void> read_files(Metadata& metadata, std::string_view source) {
  const auto files = metadata.json.find("files");
  if (files == metadata.json.end())
    return fail("{}: 'files' is missing, expected a mapping of roles to file names with 'model' among them", source);
  if (!files->is_object() || files->empty() || files->size() > k_max_files) {
    return mistake(source, "files", *files, fmt::format("a mapping of 1 to {} roles to file names", k_max_files));
  }
  for (const auto& [role, path] : files->items()) {
    TRY(check_name(role));
    if (!path.is_string()) return mistake(source, "files." + role, path, "a file name");
    TRY(check_file_path(path.get_ref<const std::string&>()));
    if (path.get_ref<const std::string&>() == "model.json")
      return fail("{}: 'files.{}' is model.json itself, expected a file that it describes", source, role);
    for (const auto& [other_role, other_path] : metadata.files) {
      if (path.get_ref<const std::string&>() == other_path)
        return fail("{}: 'files.{}' and 'files.{}' name the same file", source, other_role, role);
    }
    metadata.files.emplace(role, path.get<std::string>());
  }
  if (!metadata.files.contains("model")) return fail("{}: 'files' has no 'model', expected the model file under that role", source);
  return {};
}

Result<void> read_digests(Metadata& metadata, std::string_view source) {
  const auto digests = metadata.json.find("digests");
  if (digests == metadata.json.end()) return {};
  if (!digests->is_object()) return mistake(source, "digests", *digests, "a mapping of roles to sha256:DIGITS");
  for (const auto& [role, value] : digests->items()) {
    if (!metadata.files.contains(role)) return fail("{}: 'digests.{}' belongs to no file of 'files'", source, role);
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (!text.starts_with("sha256:") || !is_digest(std::string_view(text).substr(7))) {
      return mistake(source, "digests." + role, value, "sha256: and 64 lower-case hexadecimal digits");
    }
    metadata.digests.emplace(role, text.substr(7));
  }
  return {};
}

Result<std::optional<double>> optional_number(const Json& fact, std::string_view key, std::string_view source) {
  const auto it = fact.find(key);
  if (it == fact.end()) return std::nullopt;
  if (!it->is_number()) return mistake(source, key, *it, "a number");
  return std::optional<double>(it->get<double>());
}

Result<Metric> read_metric(const Json& fact, const std::string& part, const std::string& name, std::string_view source) {
  const std::string place = fmt::format("{}: metrics.{}.{}", source, part, name);
  Metric metric{part, name, 0, {}, {}, {}, {}};
  if (fact.is_number()) {
    metric.value = fact.get<double>();
    return metric;
  }
  if (!fact.is_object()) return mistake(source, fmt::format("metrics.{}.{}", part, name), fact, "a number or a mapping with 'value'");
  ASSIGN_OR_RETURN(metric.value, json_number(fact, "value", place));
  ASSIGN_OR_RETURN(metric.low, optional_number(fact, "low", place));
  ASSIGN_OR_RETURN(metric.high, optional_number(fact, "high", place));
  ASSIGN_OR_RETURN(metric.confidence, optional_number(fact, "confidence", place));
  const auto rows = fact.find("rows");
  if (rows != fact.end()) {
    if (!rows->is_number_integer()) return mistake(place, "rows", *rows, "a whole number");
    metric.rows = rows->get<std::int64_t>();
  }
  return metric;
}

Result<void> read_metrics(Metadata& metadata, std::string_view source) {
  const auto metrics = metadata.json.find("metrics");
  if (metrics == metadata.json.end()) return {};
  if (!metrics->is_object()) return mistake(source, "metrics", *metrics, "a mapping of parts to metrics");
  for (const auto& [part, facts] : metrics->items()) {
    if (!facts.is_object()) return mistake(source, "metrics." + part, facts, "a mapping of metrics");
    for (const auto& [name, fact] : facts.items()) {
      ASSIGN_OR_RETURN(Metric metric, read_metric(fact, part, name, source));
      metadata.metrics.push_back(std::move(metric));
    }
  }
  std::stable_partition(metadata.metrics.begin(), metadata.metrics.end(), [](const Metric& metric) { return metric.part == "held_out"; });
  return {};
}

/// Input and output schema: a list of mappings, each with a name and a type.
Result<void> check_schema(const Json& json, std::string_view key, std::string_view source) {
  const auto list = json.find(key);
  if (list == json.end()) return {};
  if (!list->is_array()) return mistake(source, key, *list, "a list of columns");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& column = (*list)[i];
    const std::string place = fmt::format("{}[{}]", key, i);
    if (!column.is_object()) return mistake(source, place, column, "a mapping with 'name' and 'type'");
    for (const char* needed : {"name", "type"}) {
      const auto value = column.find(needed);
      if (value == column.end() || !value->is_string()) {
        return fail("{}: '{}' has no text '{}', expected a column with 'name' and 'type'", source, place, needed);
      }
    }
  }
  return {};
}

}  // namespace

std::string Metadata::fingerprint() const {
  Json lasting = json;
  for (const char* volatile_key : {"created", "run", "seconds"}) lasting.erase(volatile_key);
  return sha256_hex(lasting.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<Metadata> parse_metadata(std::string text, std::string_view source) {
  if (text.size() > k_limit_bytes) return fail("{}: has {} bytes, more than the {} that are read", source, text.size(), k_limit_bytes);
  Metadata metadata;
  ASSIGN_OR_RETURN(metadata.json, parse_json(text, source));
  metadata.text = std::move(text);
  if (!metadata.json.is_object()) return fail("{}: is {}, expected a mapping", source, found(metadata.json));
  const auto format = metadata.json.find("format");
  if (format == metadata.json.end()) return fail("{}: 'format' is missing, expected 1", source);
  if (!format->is_number_integer() || *format < 1) return mistake(source, "format", *format, "1");
  if (*format > 1) {
    return fail_with_hint(fmt::format("{}: has format {}, this cupel reads up to 1", source, format->dump()), "use a newer cupel");
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> name, optional_string(metadata.json, "name", source));
  metadata.name = name.value_or("");
  ASSIGN_OR_RETURN(metadata.kind, optional_string(metadata.json, "kind", source));
  ASSIGN_OR_RETURN(metadata.estimator, optional_string(metadata.json, "estimator", source));
  ASSIGN_OR_RETURN(metadata.injected, optional_string(metadata.json, "injected", source));
  TRY(read_files(metadata, source));
  TRY(read_digests(metadata, source));
  TRY(read_metrics(metadata, source));
  TRY(check_schema(metadata.json, "inputs", source));
  TRY(check_schema(metadata.json, "outputs", source));
  return metadata;
}

Metadata bare_metadata(const std::string& file_name) {
  Metadata metadata;
  metadata.json = Json{{"format", 1}, {"files", Json{{"model", file_name}}}};
  metadata.text = json_text(metadata.json);
  metadata.files.emplace("model", file_name);
  return metadata;
}

Result<Verdict> parse_verdict(const Json& result, std::string_view source) {
  Verdict verdict;
  if (!result.is_object()) return fail("{}: is {}, expected the JSON result of a suite", source, found(result));
  ASSIGN_OR_RETURN(verdict.suite, json_string(result, "suite", source));
  ASSIGN_OR_RETURN(verdict.verdict, json_string(result, "verdict", source));
  constexpr std::array<std::string_view, 4> k_verdicts = {"pass", "fail", "inconclusive", "error"};
  if (std::find(k_verdicts.begin(), k_verdicts.end(), verdict.verdict) == k_verdicts.end()) {
    return fail("{}: 'verdict' is '{}', expected pass, fail, inconclusive or error", source, shorten(verdict.verdict, 40));
  }
  const auto counts = result.find("counts");
  if (counts == result.end() || !counts->is_object()) return fail("{}: 'counts' is missing, expected the JSON result of a suite", source);
  const auto count = [&](const char* key) -> std::int64_t {
    const auto it = counts->find(key);
    return it != counts->end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
  };
  verdict.passed = count("pass");
  verdict.failed = count("fail");
  verdict.inconclusive = count("inconclusive");
  verdict.errors = count("error");
  const auto seed = result.find("seed");
  if (seed != result.end() && seed->is_number_integer()) verdict.seed = seed->get<std::int64_t>();
  ASSIGN_OR_RETURN(verdict.started, optional_string(result, "started", source));
  return verdict;
}

}  // namespace cupel::registry
