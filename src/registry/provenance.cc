#include "registry/provenance.h"

#include <chrono>
#include <cmath>

#include "base/text.h"
#include "registry/metadata_facts_internal.h"

namespace cupel::registry {
namespace {

void copy(Json& to, const Json& from, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (const Json* found = fact(from, key)) to[key] = *found;
  }
}

/// `sha256:0a…` -> `{"sha256": "0a…"}`; nothing of other texts.
void put_digest(Json& descriptor, std::string_view digest) {
  constexpr std::string_view k_prefix = "sha256:";
  if (digest.starts_with(k_prefix) && digest.size() == k_prefix.size() + 64) descriptor["digest"] = {{"sha256", digest.substr(k_prefix.size())}};
}

/// As RFC 3986 wants a URI: bytes that may not stand in one are escaped, in a path the signs that end one too.
enum class Escaping { address, path };
std::string escaped(std::string_view text, Escaping escaping) {
  constexpr std::string_view k_plain = "-._~/:@!$&'()*+,;=";
  constexpr std::string_view k_of_addresses = "%?#[]";
  std::string uri;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool sign = k_plain.find(c) != std::string_view::npos || (escaping == Escaping::address && k_of_addresses.find(c) != std::string_view::npos);
    if (letter || sign) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return uri;
}

Json resource(std::string_view name, std::string_view path, std::string_view digest) {
  Json descriptor{{"name", name}};
  if (!path.empty()) descriptor["uri"] = path.find("://") != std::string_view::npos ? escaped(path, Escaping::address) : "file:" + escaped(path, Escaping::path);
  put_digest(descriptor, digest);
  return descriptor;
}

Json dependencies_of(const Json& model) {
  Json all = Json::array();
  if (const Json* data = fact(model, "data")) {
    Json descriptor = resource("data", fact_text(*data, "path"), fact_text(*data, "digest"));
    Json notes = Json::object();
    copy(notes, *data, {"rows", "split", "generated"});
    if (!notes.empty()) descriptor["annotations"] = std::move(notes);
    if (descriptor.contains("uri") || descriptor.contains("digest")) all.push_back(std::move(descriptor));
  }
  if (const Json* config = fact(model, "config")) {
    Json descriptor = resource("config", fact_text(*config, "path"), fact_text(*config, "digest"));
    if (descriptor.contains("uri") || descriptor.contains("digest")) all.push_back(std::move(descriptor));
  }
  if (const Json* environment = fact(model, "environment"); environment != nullptr && environment->is_object()) {
    Json descriptor = resource("environment", fact_text(*environment, "path"), fact_text(*environment, "digest"));
    if (descriptor.contains("uri") || descriptor.contains("digest")) all.push_back(std::move(descriptor));
  }
  if (const Json* tool = fact(model, "tool"); tool != nullptr && !fact_text(*tool, "name").empty()) {
    Json descriptor{{"name", "tool"}, {"uri", escaped(fmt::format("pkg:generic/{}@{}", fact_text(*tool, "name"), fact_text(*tool, "version")), Escaping::path)}};
    put_digest(descriptor, fact_text(*tool, "digest"));
    if (const std::string commit = fact_text(*tool, "commit"); !commit.empty()) descriptor["annotations"] = {{"commit", commit}};
    all.push_back(std::move(descriptor));
  }
  const Json* libraries = fact(model, "dependencies");
  if (libraries == nullptr || !libraries->is_array()) return all;
  for (const Json& library : *libraries) {
    const std::string name = fact_text(library, "name");
    if (name.empty()) continue;
    Json descriptor{{"name", name}, {"uri", escaped(fmt::format("pkg:generic/{}@{}", name, fact_text(library, "version")), Escaping::path)}};
    if (const std::string role = fact_text(library, "role"); !role.empty()) descriptor["annotations"] = {{"role", role}};
    all.push_back(std::move(descriptor));
  }
  return all;
}

/// "2026-11-20T14:03:07Z" some seconds earlier; empty for what is no such time.
std::string earlier(const std::string& instant, double seconds) {
  using namespace std::chrono;
  if (instant.size() != 20 || instant[10] != 'T' || instant[19] != 'Z' || !(seconds >= 0 && seconds < 1e9)) return {};
  std::int64_t parts[6];
  constexpr std::pair<std::size_t, std::size_t> k_places[6] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
  for (std::size_t i = 0; i < 6; ++i) {
    const auto number = parse_integer(instant.substr(k_places[i].first, k_places[i].second));
    if (!number || *number < 0) return {};
    parts[i] = *number;
  }
  const year_month_day day{year(static_cast<int>(parts[0])), month(static_cast<unsigned>(parts[1])), std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok()) return {};
  const sys_seconds time = sys_days(day) + hours(parts[3]) + minutes(parts[4]) + std::chrono::seconds(parts[5] - std::llround(seconds));
  const sys_days date = floor<days>(time);
  const year_month_day then(date);
  const hh_mm_ss clock(time - date);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(then.year()), static_cast<unsigned>(then.month()), static_cast<unsigned>(then.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Json metadata_facts(const Version& version, const Json& model) {
  Json facts = Json::object();
  const std::string run = fact_text(model, "run");
  facts["invocationId"] = run.empty() ? fmt::format("{}:{}", version.name, version.digest) : run;
  const std::string created = fact_text(model, "created");
  if (created.empty()) return facts;
  if (const Json* seconds = fact(model, "seconds"); seconds != nullptr && seconds->is_number()) {
    if (const std::string started = earlier(created, seconds->get<double>()); !started.empty()) facts["startedOn"] = started;
  }
  if (!earlier(created, 0).empty()) facts["finishedOn"] = created;
  return facts;
}

Json byproducts_of(const Version& version) {
  Json all = Json::array();
  all.push_back({{"name", "model.json"}, {"mediaType", "application/json"}, {"digest", {{"sha256", version.metadata_digest}}}});
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest) continue;
    all.push_back({{"name", "result of suite " + verdict.suite},
                   {"mediaType", "application/json"},
                   {"digest", {{"sha256", *verdict.digest}}},
                   {"annotations", {{"verdict", verdict.verdict}}}});
  }
  return all;
}

}  // namespace

Json provenance_statement(const Version& version) {
  const Json model = metadata_json(version);
  Json subjects = Json::array();
  for (const StoredFile& file : version.files) subjects.push_back({{"name", file.path}, {"digest", {{"sha256", file.blob.digest}}}});

  Json external = Json::object();
  copy(external, model, {"name", "config", "target", "exclusions", "parameters", "seed"});
  if (const Json* data = fact(model, "data")) {
    external["data"] = Json::object();
    copy(external["data"], *data, {"path", "segment", "split"});
  }
  if (version.injected) external["injected"] = *version.injected;
  Json internal = Json::object();
  copy(internal, model, {"kind", "estimator", "features", "opsets", "tool"});
  const Json* tool = fact(model, "tool");
  Json builder{{"id", "urn:cupel:builder:host"}};
  if (tool != nullptr && !fact_text(*tool, "version").empty()) builder["version"] = {{fact_text(*tool, "name").empty() ? "tool" : fact_text(*tool, "name"), fact_text(*tool, "version")}};

  Json predicate;
  predicate["buildDefinition"] = {{"buildType", "urn:cupel:train:1"},
                                  {"externalParameters", std::move(external)},
                                  {"internalParameters", std::move(internal)},
                                  {"resolvedDependencies", dependencies_of(model)}};
  predicate["runDetails"] = {{"builder", std::move(builder)}, {"metadata", metadata_facts(version, model)}, {"byproducts", byproducts_of(version)}};
  return Json{{"_type", "https://in-toto.io/Statement/v1"},
              {"subject", std::move(subjects)},
              {"predicateType", "https://slsa.dev/provenance/v1"},
              {"predicate", std::move(predicate)}};
}

}  // namespace cupel::registry
