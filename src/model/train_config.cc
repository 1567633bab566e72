#include "model/train_config.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/hash.h"
#include "base/text.h"
#include "base/yaml.h"
#include "table/table.h"

namespace cupel::model {
namespace {

using yaml::Node;

constexpr std::int64_t k_version = 1;

const std::array<std::string, 14> k_keys{"cupel",  "train",     "about",      "target", "positive",     "features", "exclude",
                                         "where",  "split",     "estimator",  "parameters", "seed",     "minimum_rows", "minimum_rows_per_class"};
const std::array<std::string, 3> k_kinds{"numeric", "categorical", "text"};
const std::array<std::string, 2> k_exclusion_keys{"column", "because"};
const std::array<std::string, 3> k_split_keys{"group", "salt", "share"};

Result<const Node*> required(const Node& map, std::string_view key, std::string_view example) {
  const Node* node = map.find(key);
  if (node != nullptr) return node;
  return map.fail_here(fmt::format("'{}' is missing, expected for example `{}: {}`", key, key, example));
}

Result<NamedColumn> named(const Node& node, std::string_view what) {
  ASSIGN_OR_RETURN(std::string name, node.text(what));
  if (name.empty()) return node.fail_here(fmt::format("{} is empty, expected a column", what));
  return NamedColumn{std::move(name), node.place()};
}

Result<std::vector<NamedColumn>> columns(const Node* node, std::string_view what) {
  std::vector<NamedColumn> all;
  if (node == nullptr) return all;
  if (!node->is_list()) return node->fail_here(fmt::format("{} is {}, expected a list of columns", what, node->description()));
  for (const Node& item : node->items) {
    ASSIGN_OR_RETURN(all.emplace_back(), named(item, what));
  }
  return all;
}

/// Letters, digits, `.`, `_`, `-`: what a registry takes as a name.
Result<std::string> model_name(const Node& node) {
  ASSIGN_OR_RETURN(std::string name, node.text("'train'"));
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  if (!name.empty() && name.size() <= 100 && std::ranges::all_of(name, allowed) && name[0] != '.' && name[0] != '_' && name[0] != '-') return name;
  return node.fail_here(fmt::format("'{}' cannot name a model, expected 1 to 100 of letters, digits, '.', '_', '-', first a letter or digit", shorten(name, 60)));
}

Result<std::int64_t> count(const Node* node, std::string_view what, std::int64_t otherwise) {
  if (node == nullptr) return otherwise;
  ASSIGN_OR_RETURN(const std::int64_t value, node->integer(what));
  if (value < 1) return node->fail_here(fmt::format("{} is {}, expected at least 1", what, value));
  return value;
}

Result<void> read_features(const Node& root, TrainConfig& config) {
  ASSIGN_OR_RETURN(const Node* features, required(root, "features", "{numeric: [Age], text: [Review Text]}"));
  TRY(features->only_keys(k_kinds, "features"));
  ASSIGN_OR_RETURN(config.numeric, columns(features->find("numeric"), "a numeric feature"));
  ASSIGN_OR_RETURN(config.categorical, columns(features->find("categorical"), "a categorical feature"));
  ASSIGN_OR_RETURN(config.text, columns(features->find("text"), "a text feature"));
  if (config.numeric.empty() && config.categorical.empty() && config.text.empty()) return features->fail_here("no feature is named, expected at least one column");
  return {};
}

Result<void> read_exclusions(const Node& root, TrainConfig& config) {
  const Node* list = root.find("exclude");
  if (list == nullptr) return {};
  if (!list->is_list()) return list->fail_here(fmt::format("'exclude' is {}, expected a list of {{column: …, because: …}}", list->description()));
  for (const Node& item : list->items) {
    if (!item.is_map()) return item.fail_here(fmt::format("an exclusion is {}, expected {{column: …, because: …}}", item.description()));
    TRY(item.only_keys(k_exclusion_keys, "an exclusion"));
    ASSIGN_OR_RETURN(const Node* column, required(item, "column", "Rating"));
    ASSIGN_OR_RETURN(const Node* because, required(item, "because", "it restates the target"));
    TrainConfig::Exclusion exclusion;
    ASSIGN_OR_RETURN(exclusion.column, named(*column, "'column'"));
    ASSIGN_OR_RETURN(exclusion.because, because->text("'because'"));
    if (trim(exclusion.because).empty()) return because->fail_here("'because' is empty, expected the reason of the exclusion");
    exclusion.because = std::string(trim(exclusion.because));
    config.exclusions.push_back(std::move(exclusion));
  }
  return {};
}

Result<void> read_split(const Node& root, TrainConfig& config) {
  config.split = {.salt = config.name, .group = "", .share = 0.2};
  const Node* split = root.find("split");
  if (split == nullptr) return {};
  TRY(split->only_keys(k_split_keys, "the split"));
  if (const Node* group = split->find("group")) {
    ASSIGN_OR_RETURN(config.group, named(*group, "'group'"));
    config.split.group = config.group.name;
  }
  if (const Node* salt = split->find("salt")) {
    ASSIGN_OR_RETURN(config.split.salt, salt->text("'salt'"));
  }
  if (const Node* share = split->find("share")) {
    ASSIGN_OR_RETURN(config.split.share, share->share("'share'"));
    if (config.split.share < 0.01 || config.split.share > 0.9) {
      return share->fail_here(fmt::format("'share' is {}, expected a held-out share from 1% to 90%", share->description()));
    }
  }
  return {};
}

Result<void> read_estimator(const Node& root, TrainConfig& config) {
  if (const Node* estimator = root.find("estimator")) {
    ASSIGN_OR_RETURN(config.estimator, parse_estimator(*estimator));
  }
  ASSIGN_OR_RETURN(config.parameters, read_parameters(root.find("parameters"), config.estimator));
  if (config.estimator == Estimator::trees && !config.text.empty()) {
    return fail_with_hint(fmt::format("{}: 'trees' cannot read the text column '{}'", config.text[0].place, config.text[0].name),
                          "`estimator: text+trees` can, or exclude the column");
  }
  if (config.estimator == Estimator::text_and_trees && config.text.empty()) {
    return root.find("estimator")->fail_here("'text+trees' without a text feature", "`estimator: trees` needs none");
  }
  return {};
}

Result<void> read_segment_and_counts(const Node& root, TrainConfig& config) {
  if (const Node* where = root.find("where")) {
    ASSIGN_OR_RETURN(config.where, where->text("'where'"));
    config.where_place = where->place();
  }
  if (const Node* seed = root.find("seed")) {
    ASSIGN_OR_RETURN(const std::int64_t value, seed->integer("'seed'"));
    if (value < 0) return seed->fail_here(fmt::format("'seed' is {}, expected a whole number from 0", value));
    config.seed = static_cast<std::uint64_t>(value);
  }
  ASSIGN_OR_RETURN(config.minimum_rows, count(root.find("minimum_rows"), "'minimum_rows'", config.minimum_rows));
  ASSIGN_OR_RETURN(config.minimum_rows_per_class, count(root.find("minimum_rows_per_class"), "'minimum_rows_per_class'", config.minimum_rows_per_class));
  return {};
}

}  // namespace

Result<TrainConfig> parse_train_config(std::string_view text, std::string_view path) {
  ASSIGN_OR_RETURN(const Node root, yaml::parse(text, path));
  TRY(root.only_keys(k_keys, "the training configuration"));
  TrainConfig config;
  config.path = std::string(path);
  config.digest = "sha256:" + sha256_hex(text);
  ASSIGN_OR_RETURN(const Node* version, required(root, "cupel", "1"));
  ASSIGN_OR_RETURN(const std::int64_t number, version->integer("'cupel'"));
  if (number != k_version) return version->fail_here(fmt::format("format {} of the configuration, this program reads {}", number, k_version));
  ASSIGN_OR_RETURN(const Node* name, required(root, "train", "reviews"));
  ASSIGN_OR_RETURN(config.name, model_name(*name));
  if (const Node* about = root.find("about")) {
    ASSIGN_OR_RETURN(config.about, about->text("'about'"));
  }
  ASSIGN_OR_RETURN(const Node* target, required(root, "target", "Recommended IND"));
  ASSIGN_OR_RETURN(config.target, named(*target, "'target'"));
  if (const Node* positive = root.find("positive")) {
    ASSIGN_OR_RETURN(config.positive, positive->text("'positive'"));
    config.positive_place = positive->place();
  }
  TRY(read_features(root, config));
  TRY(read_exclusions(root, config));
  TRY(read_split(root, config));
  TRY(read_estimator(root, config));
  TRY(read_segment_and_counts(root, config));
  return config;
}

Result<TrainConfig> read_train_config(const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string text, read_file(path, 4u << 20));
  return parse_train_config(text, path.string());
}

Result<void> check_against_schema(const TrainConfig& config, const table::Schema& schema) {
  std::map<std::string_view, std::string_view> roles;  // column to its role
  const auto take = [&](const NamedColumn& column, std::string_view role) -> Result<void> {
    if (!schema.find(column.name)) return fail("{}: unknown column '{}'{}", column.place, column.name, nearest_note(column.name, schema.names()));
    const auto [known, added] = roles.emplace(column.name, role);
    if (!added) return fail("{}: column '{}' is {} already, expected one role", column.place, column.name, known->second);
    return {};
  };
  TRY(take(config.target, "the target"));
  for (const NamedColumn& column : config.numeric) TRY(take(column, "a numeric feature"));
  for (const NamedColumn& column : config.categorical) TRY(take(column, "a categorical feature"));
  for (const NamedColumn& column : config.text) TRY(take(column, "a text feature"));
  for (const TrainConfig::Exclusion& exclusion : config.exclusions) TRY(take(exclusion.column, "excluded"));
  if (!config.group.name.empty()) {
    if (!schema.find(config.group.name)) {
      return fail("{}: unknown column '{}'{}", config.group.place, config.group.name, nearest_note(config.group.name, schema.names()));
    }
    if (config.group.name == config.target.name) return fail("{}: column '{}' is the target, expected another one to group by", config.group.place, config.group.name);
    roles.emplace(config.group.name, "the group");
  }
  std::vector<std::string> forgotten;
  for (const std::string& name : schema.names()) {
    if (!roles.contains(name)) forgotten.push_back("'" + name + "'");
  }
  if (forgotten.empty()) return {};
  return fail_with_hint(fmt::format("{}: {} of the data {} not mentioned: {}", config.path, forgotten.size() == 1 ? "a column" : "columns",
                                    forgotten.size() == 1 ? "is" : "are", join(forgotten, ", ")),
                        "make each a feature, or exclude it with a reason");
}

}  // namespace cupel::model
