#include "registry/gates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/text.h"
#include "base/yaml.h"
#include "registry/metadata_facts_internal.h"

namespace cupel::registry {
namespace {

using Kind = GateAnswer::Kind;

/// Command and the `kind` of its results (docs/formats.md).
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> k_commands = {{{"ab", "ab"}, {"check", "data"}, {"drift", "drift"}, {"validate", "model"}}};

/// Metrics of which less is better.
constexpr std::array<std::string_view, 9> k_losses = {"brier", "brier_score", "calibration_error", "ece", "log_loss", "mae", "mse", "rmse", "error"};

bool is_loss(std::string_view metric) { return std::ranges::find(k_losses, metric) != k_losses.end(); }

Result<void> check_command(std::string_view word) {
  std::vector<std::string> known;
  for (const auto& [command, kind] : k_commands) {
    if (command == word) return {};
    known.emplace_back(command);
  }
  return fail("unknown command '{}' of a required verdict{}", shorten(word, 40), nearest_note(word, known));
}

std::string_view kind_of(std::string_view command) {
  return std::ranges::find(k_commands, command, [](const auto& entry) { return entry.first; })->second;
}

Result<void> read_limits(const yaml::Node& node, std::string_view what, std::vector<std::pair<std::string, double>>& limits) {
  if (!node.is_map()) return node.fail_here(fmt::format("'{}' is {}, expected a mapping of metrics to numbers", what, node.description()));
  for (const auto& [key, value] : node.members) {
    ASSIGN_OR_RETURN(const double limit, value.number(fmt::format("'{}'", key.scalar)));
    limits.emplace_back(key.scalar, limit);
  }
  return {};
}

// --- verdicts -----------------------------------------------------------------------------------------------------------------------

const Json* at(const Json& object, std::initializer_list<const char*> path) {
  const Json* found = &object;
  for (const char* key : path) {
    if (!found->is_object()) return nullptr;
    const auto it = found->find(key);
    if (it == found->end()) return nullptr;
    found = &*it;
  }
  return found;
}

std::string text_at(const Json& object, std::initializer_list<const char*> path) {
  const Json* found = at(object, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::string model_digest(const Version& version) {
  for (const StoredFile& file : version.files) {
    if (file.role == "model") return "sha256:" + file.blob.digest;
  }
  return {};
}

/// Why a result does not count for the version; empty: it does.
std::string objection(const Json& result, std::string_view kind, const Version& version) {
  const std::string about = text_at(result, {"extra", "model", "digest"});
  if (!about.empty() && about != model_digest(version)) return fmt::format("it is about another model file, {}", shorten(about, 19));
  if (kind != "data") return {};
  const std::string data = text_at(result, {"data", "digest"});
  const std::string trained = text_at(metadata_json(version), {"data", "digest"});
  if (data.empty() || trained.empty() || data == trained) return {};
  return fmt::format("it is about other data than the model was trained on, {}", shorten(data, 19));
}

struct Counted {
  std::string verdict;  ///< of the last result that counts
  std::string objection;
};

GateAnswer ask_verdict(std::string_view command, const Version& version, const ReadResult& read) {
  GateAnswer answer{fmt::format("verdict of {}", command), Kind::cannot_tell, {}};
  std::map<std::string, Counted> by_suite;
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest) continue;
    const Result<Json> result = read(verdict);
    if (!result) {
      answer.words = fmt::format("the result of suite '{}' cannot be read: {}", shorten(verdict.suite, 60), result.error().message);
      return answer;
    }
    if (text_at(*result, {"kind"}) != kind_of(command)) continue;
    const std::string objected = objection(*result, kind_of(command), version);
    Counted& counted = by_suite[verdict.suite];
    if (objected.empty()) {
      counted.verdict = text_at(*result, {"verdict"});
    } else {
      counted.objection = objected;
    }
  }
  if (by_suite.empty()) {
    answer.words = fmt::format("no result of 'cupel {}' is kept with {}", command == "ab" ? "ab analyze" : command, version.id());
    return answer;
  }
  answer.kind = Kind::yes;
  std::vector<std::string> all;
  for (const auto& [suite, counted] : by_suite) {
    all.push_back(fmt::format("suite '{}': {}", shorten(suite, 60), counted.verdict.empty() ? counted.objection : counted.verdict));
    if (counted.verdict == "pass") continue;
    const Kind kind = counted.verdict == "fail" ? Kind::no : Kind::cannot_tell;
    if (answer.kind != Kind::no) answer.kind = kind;
  }
  answer.words = join(all, "; ");
  return answer;
}

// --- metrics ------------------------------------------------------------------------------------------------------------------------

const Metric* held_out(const Version& version, std::string_view name) {
  for (const Metric& metric : version.metrics) {
    if (metric.part == "held_out" && metric.name == name) return &metric;
  }
  return nullptr;
}

std::string missing_metric(const Version& version, std::string_view name) {
  std::vector<std::string> known;
  for (const Metric& metric : version.metrics) {
    if (metric.part == "held_out") known.push_back(metric.name);
  }
  return fmt::format("{} has no metric '{}' of held-out rows{}", version.id(), shorten(name, 40), nearest_note(name, known));
}

std::string shown(const Metric& metric) {
  if (!metric.low || !metric.high) return number_text(metric.value);
  return fmt::format("{} ({} to {})", number_text(metric.value), number_text(*metric.low), number_text(*metric.high));
}

GateAnswer ask_at_least(const std::string& name, double limit, const Version& version) {
  const bool loss = is_loss(name);
  GateAnswer answer{fmt::format("{} at {} {}", name, loss ? "most" : "least", number_text(limit)), Kind::cannot_tell, {}};
  const Metric* metric = held_out(version, name);
  if (metric == nullptr) {
    answer.words = missing_metric(version, name);
    return answer;
  }
  answer.words = shown(*metric);
  const auto holds = [&](double value) { return loss ? value <= limit : value >= limit; };
  const double worse = loss ? metric->high.value_or(metric->value) : metric->low.value_or(metric->value);
  const double better = loss ? metric->low.value_or(metric->value) : metric->high.value_or(metric->value);
  if (holds(worse)) {
    answer.kind = Kind::yes;
  } else if (!holds(better)) {
    answer.kind = Kind::no;
  } else {
    answer.words += ": the limit lies within the interval";
  }
  return answer;
}

/// Facts that say on which rows the held-out metrics were measured.
std::string rows_measured(const Version& version) {
  const Json model = metadata_json(version);
  const Json* split = at(model, {"data", "split"});
  return text_at(model, {"data", "digest"}) + "|" + text_at(model, {"data", "segment"}) + "|" + (split == nullptr ? "" : split->dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// An interval for by how much the version is worse than the holder (negative: better), and where it comes from.
struct WorseBy {
  double low = 0, high = 0;
  std::string words;
};

/// The paired difference on the same rows, of the last result of `validate --against` that is about these two model files.
std::optional<WorseBy> paired_difference(const std::string& name, const Version& version, const Version& holder, const ReadResult& read) {
  std::optional<WorseBy> found;
  for (const Verdict& verdict : version.verdicts) {
    if (!verdict.digest) continue;
    const Result<Json> result = read(verdict);
    if (!result || text_at(*result, {"kind"}) != "model" || text_at(*result, {"extra", "model", "digest"}) != model_digest(version)) continue;
    if (text_at(*result, {"extra", "against", "digest"}) != model_digest(holder)) continue;
    const Json* list = at(*result, {"results"});
    if (list == nullptr || !list->is_array()) continue;
    for (const Json& entry : *list) {
      if (text_at(entry, {"effect", "name"}) != fmt::format("gain of {} over against", name) || entry.contains("where")) continue;
      const Json* low = at(entry, {"interval", "low"});
      const Json* high = at(entry, {"interval", "high"});
      if (low == nullptr || high == nullptr || !low->is_number() || !high->is_number()) continue;
      // A gain is better where it is positive, also of losses.
      found = WorseBy{-high->get<double>(), -low->get<double>(), fmt::format("the paired difference on the same rows that suite '{}' measured", shorten(verdict.suite, 60))};
    }
  }
  return found;
}

/// From two intervals alone (method of variance estimates recovery; Zou and Donner 2008, equation 3, for independent estimates). On the same rows the two go up
/// and down together, so it is wider than it need be.
WorseBy unpaired_difference(const Metric& better, const Metric& worse) {
  const double difference = better.value - worse.value;
  const double low = std::hypot(better.value - *better.low, *worse.high - worse.value);
  const double high = std::hypot(*better.high - better.value, worse.value - *worse.low);
  return {difference - low, difference + high, "both intervals; 'cupel validate --against' would measure the difference on the same rows and be sharper"};
}

GateAnswer ask_no_worse(const std::string& name, double margin, const Version& version, const std::optional<Version>& holder, const ReadResult& read) {
  GateAnswer answer{fmt::format("{} no more than {} worse than the holder's", name, number_text(margin)), Kind::cannot_tell, {}};
  if (!holder) {
    answer.kind = Kind::yes;
    answer.words = "nothing holds the alias yet";
    return answer;
  }
  if (holder->row == version.row) {
    answer.kind = Kind::yes;
    answer.words = "it holds the alias already";
    return answer;
  }
  const auto decide = [&](const WorseBy& by) {
    const auto rounded = [](double value) { return number_text(std::round(value * 1e6) / 1e6 + 0.0); };
    answer.kind = by.high <= margin ? Kind::yes : by.low > margin ? Kind::no : Kind::cannot_tell;
    answer.words += fmt::format("{}worse by {} to {}, by {}{}", answer.words.empty() ? "" : ": ", rounded(by.low), rounded(by.high), by.words,
                                answer.kind == Kind::cannot_tell ? "; the margin lies within" : "");
  };
  if (const std::optional<WorseBy> paired = paired_difference(name, version, *holder, read)) {
    decide(*paired);
    return answer;
  }
  const Metric* mine = held_out(version, name);
  const Metric* other = held_out(*holder, name);
  if (mine == nullptr || other == nullptr) {
    answer.words = missing_metric(mine == nullptr ? version : *holder, name);
    return answer;
  }
  answer.words = fmt::format("{}, {} has {}", shown(*mine), holder->id(), shown(*other));
  if (rows_measured(version) != rows_measured(*holder)) {
    answer.words += ": not comparable, they were measured on other data, another segment or another split";
    return answer;
  }
  const bool loss = is_loss(name);
  if (!mine->low || !mine->high || !other->low || !other->high) {
    const double worse_by = loss ? mine->value - other->value : other->value - mine->value;
    answer.kind = worse_by <= margin ? Kind::yes : Kind::no;
    answer.words += ": by their values alone, without intervals nothing is known of chance";
    return answer;
  }
  if (mine->confidence != other->confidence) {
    answer.words += ": not comparable, their intervals hold with different confidence";
    return answer;
  }
  decide(loss ? unpaired_difference(*mine, *other) : unpaired_difference(*other, *mine));
  return answer;
}

}  // namespace

std::string_view answer_word(GateAnswer::Kind kind) { return kind == Kind::yes ? "yes" : kind == Kind::no ? "no" : "cannot tell"; }

Result<Gates> read_gates(const fs::path& file) {
  ASSIGN_OR_RETURN(const std::string text, read_file(file, 1u << 20));
  ASSIGN_OR_RETURN(const yaml::Node root, yaml::parse(text, file.string()));
  static const std::vector<std::string> k_keys = {"cupel", "gates"};
  static const std::vector<std::string> k_gates = {"require", "at_least", "no_worse"};
  TRY(root.only_keys(k_keys, "a file of gates"));
  const yaml::Node* version = root.find("cupel");
  if (version == nullptr || !version->is_scalar() || version->scalar != "1") return root.fail_here("expected 'cupel: 1' at the start");
  const yaml::Node* gates = root.find("gates");
  if (gates == nullptr) return root.fail_here("'gates' is missing, expected require, at_least or no_worse below it");
  TRY(gates->only_keys(k_gates, "'gates'"));
  Gates read;
  if (const auto* required = gates->find("require")) {
    ASSIGN_OR_RETURN(read.required, required->texts("'require'"));
    for (const std::string& word : read.required) {
      if (const auto known = check_command(word); !known) return required->fail_here(known.error().message);
    }
  }
  if (const auto* limits = gates->find("at_least")) TRY(read_limits(*limits, "at_least", read.at_least));
  if (const auto* limits = gates->find("no_worse")) TRY(read_limits(*limits, "no_worse", read.no_worse));
  return read;
}

Result<void> add_required(Gates& gates, std::string_view words) {
  for (const std::string_view word : split(words, ',')) {
    TRY(check_command(trim(word)));
    gates.required.emplace_back(trim(word));
  }
  return {};
}

Result<void> add_limit(std::vector<std::pair<std::string, double>>& limits, std::string_view words) {
  const std::size_t colon = words.rfind(':');
  const auto limit = colon == std::string_view::npos ? std::nullopt : parse_number(words.substr(colon + 1));
  if (!limit || colon == 0) return fail("'{}' is no limit of a metric, expected METRIC:NUMBER such as auc:0.9", shorten(words, 60));
  limits.emplace_back(words.substr(0, colon), *limit);
  return {};
}

std::vector<GateAnswer> ask_gates(const Gates& gates, const Version& version, const std::optional<Version>& holder, const ReadResult& read) {
  std::vector<GateAnswer> answers;
  for (const std::string& command : gates.required) answers.push_back(ask_verdict(command, version, read));
  for (const auto& [name, limit] : gates.at_least) answers.push_back(ask_at_least(name, limit, version));
  for (const auto& [name, margin] : gates.no_worse) answers.push_back(ask_no_worse(name, margin, version, holder, read));
  return answers;
}

bool all_pass(const std::vector<GateAnswer>& answers) {
  return std::ranges::all_of(answers, [](const GateAnswer& answer) { return answer.kind == Kind::yes; });
}

}  // namespace cupel::registry
