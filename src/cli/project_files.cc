#include "cli/project_files.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/yaml.h"

namespace cupel::cli {
namespace {

constexpr std::size_t k_listed_categories = 30;

/// A whole number or short decimal below (above) the value, about as far as a hundredth of the range: a limit that one can read.
double round_down(double value, double range) {
  const double unit = std::pow(10, std::floor(std::log10(std::max(range, 1e-12) / 10)));
  return std::floor(value / unit) * unit;
}
double round_up(double value, double range) { return -round_down(-value, range); }

std::string number(double value) { return exact_text(value == 0 ? 0.0 : value); }

/// A share as a limit: "4.7%".
std::string percent(double share) { return exact_text(std::round(share * 1000) / 10) + "%"; }

/// In a flow list a comma or bracket would end a plain word.
std::string flow_word(const std::string& word) {
  const std::string plain = yaml::quote(word);
  if (plain != word || word.find_first_of(",[]{}") == std::string::npos) return plain;
  return "\"" + word + "\"";
}

/// A value as a suite writes it: the column's own type, so text that looks like a number is quoted.
std::string value_word(const ColumnFacts& column, const std::string& value) {
  if (table::is_numeric(column.type)) return value;
  const bool looks_like_number = parse_number(value).has_value() || value.ends_with('%');
  return looks_like_number ? "\"" + value + "\"" : flow_word(value);
}

std::string list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + flow_word(names[i]);
  return text + "]";
}

class Entries {
 public:
  explicit Entries(const ProjectNames& names, std::int64_t rows) : names_(names), rows_(rows) {}

  void comment(std::string_view words) { text += fmt::format("\n  # {}\n", words); }
  /// `body` lines below the subject, `why` the reason, `seen` the derivation.
  void add(const std::string& subject, const std::vector<std::string>& body, const std::string& why, const std::string& seen) {
    text += "  - " + subject + "\n";
    for (const std::string& line : body) text += "    " + line + "\n";
    text += "    because: " + yaml::quote(why) + "\n";
    text += fmt::format("    derived: {{from: {}, method: {}}}\n", quoted(names_.told), quoted(fmt::format("{} in {} rows on {}; wide on purpose, confirm", seen, with_thousands(rows_), names_.date)));
  }
  std::string text;

 private:
  static std::string quoted(const std::string& words) { return "\"" + replace_all(replace_all(words, "\\", "\\\\"), "\"", "\\\"") + "\""; }
  const ProjectNames& names_;
  std::int64_t rows_;
};

void add_nulls(Entries& entries, const ColumnFacts& column, std::int64_t rows) {
  const double share = column.null_share(rows);
  const double limit = share == 0 ? 0.01 : std::min(1.0, share * 1.5 + 0.02);
  if (limit >= 1) return;
  entries.add("nulls: " + yaml::quote(column.name), {"at_most: " + percent(limit)},
              "The model reads it; a sudden lack of it is a broken export or join.", fmt::format("{} null ({})", with_thousands(column.nulls), percent_text(share)));
}

void add_range(Entries& entries, const ColumnFacts& column) {
  if (!column.least || !column.greatest || !(*column.least < *column.greatest)) return;
  const double range = *column.greatest - *column.least;
  const double low = *column.least >= 0 && *column.least - range / 10 < 0 ? 0 : round_down(*column.least - range / 10, range);
  const double high = round_up(*column.greatest + range / 10, range);
  entries.add("values: " + yaml::quote(column.name), {fmt::format("between: [{}, {}]", number(low), number(high)), "mostly: 99.9%"},
              "Beyond what was ever seen lies another unit, a typing mistake or a default such as 9999; the model has learned nothing there.",
              fmt::format("{} to {}, a tenth of the range left on either side", number(*column.least), number(*column.greatest)));
}

void add_categories(Entries& entries, const ColumnFacts& column) {
  std::vector<std::string> words;
  for (const auto& group : column.values) {
    if (group.values[0]) words.push_back(value_word(column, group.values[0]->value_text()));
  }
  if (!column.many_values && words.size() <= k_listed_categories) {
    entries.add("values: " + yaml::quote(column.name), {"in: [" + join(words, ", ") + "]", "mostly: 99%"},
                "The model knows these categories; any other counts as unknown, and many of them are a changed coding.", fmt::format("{} categories", words.size()));
  } else if (!column.many_values) {
    entries.add("distinct: " + yaml::quote(column.name), {fmt::format("at_most: {}", 2 * words.size())},
                "Twice as many categories are a changed coding, or a free text in the wrong column.", fmt::format("{} categories", words.size()));
  }
}

void add_text(Entries& entries, const ColumnFacts& column) {
  entries.add("lengths: " + yaml::quote(column.name), {fmt::format("between: [1, {}]", std::max<std::int64_t>(10, 2 * column.most_characters)), "mostly: 99%"},
              "A text of twice the longest length is another field or two that were joined.", fmt::format("up to {} characters", with_thousands(column.most_characters)));
}

std::int64_t minimum_rows(const ProjectFacts& facts) { return std::clamp<std::int64_t>(facts.rows / 4, 50, 1000); }

std::string data_suite(const ProjectFacts& facts, const ProjectNames& names) {
  return fmt::format(R"(# Data tests of {told}, run before every training.
#
# Written by `cupel init` from {rows} rows on {date}. Every limit is wide on purpose and comes from this one look at the data: read them, and replace each by
# one that you can give a reason for.
cupel: 1
suite: {title}
expect:
{entries})",
                     fmt::arg("told", names.told), fmt::arg("rows", with_thousands(facts.rows)), fmt::arg("date", names.date),
                     fmt::arg("title", yaml::quote(names.name + " before training")), fmt::arg("entries", data_expectations(facts, names)));
}

std::string train_config(const ProjectFacts& facts, const ProjectNames& names) {
  std::string text = fmt::format(R"(# The model: which rows are '{positive}'? Written by `cupel init` from {told} on {date}.
cupel: 1
train: {name}
target: {target}
positive: {word}
features:
)",
                                 fmt::arg("positive", facts.classes[1]), fmt::arg("told", names.told), fmt::arg("date", names.date), fmt::arg("name", names.name),
                                 fmt::arg("target", yaml::quote(facts.target_column().name)), fmt::arg("word", yaml::quote(facts.classes[1])));
  const std::pair<const char*, Role> kinds[] = {{"numeric", Role::numeric}, {"categorical", Role::categorical}, {"text", Role::text}};
  for (const auto& [word, role] : kinds) {
    if (const auto columns = facts.names_of(role); !columns.empty()) text += fmt::format("  {}: {}\n", word, list(columns));
  }
  std::string excluded;
  for (const ColumnFacts& column : facts.columns) {
    if (column.role != Role::excluded) continue;
    excluded += fmt::format("  - column: {}\n    because: {}\n", yaml::quote(column.name), yaml::quote(column.because));
  }
  if (!excluded.empty()) text += "exclude:\n" + excluded;
  const auto group = facts.names_of(Role::group);
  if (!group.empty()) {
    text += fmt::format("# Rows of one '{}' resemble each other: they stay on one side, and the model is judged on ones that it has never seen.\n", group[0]);
  }
  text += fmt::format("split: {{{}salt: {}, share: 20%}}\n", group.empty() ? "" : fmt::format("group: {}, ", flow_word(group[0])), names.name);
  const std::int64_t rarer = std::min(facts.class_rows[0], facts.class_rows[1]);
  text += fmt::format("estimator: linear\nseed: 1\nminimum_rows: {}\nminimum_rows_per_class: {}\n", minimum_rows(facts), std::clamp<std::int64_t>(rarer / 4, 5, 50));
  return text;
}

// A single word, such as a name, is another word when a letter is wrong or half of it is missing: no model needs to take that.
bool has_sentences(const ProjectFacts& facts) {
  return std::ranges::any_of(facts.columns, [](const ColumnFacts& column) { return column.role == Role::text && column.mean_words >= 3; });
}

std::string model_suite(const ProjectFacts& facts, const ProjectNames& names) {
  std::string text = fmt::format(R"(# What the trained model must show on rows that training held out. Written by `cupel init` on {}, before any model was trained: the limits are
# what any useful model keeps. After the first run `cupel validate` prints what was seen; tighten them then.
cupel: 1
suite: {}
expect:
  - metric: auc
    at_least: 0.5
    because: A model that ranks no better than a coin is worse than none, since it costs more.
  - calibration: ece
    at_most: 20%
    because: A probability that is off by a fifth on average misleads whoever reads it.
)",
                                 names.date, yaml::quote("the model of " + names.name));
  if (has_sentences(facts)) {
    text += R"(  - flips: decisions
    under: {typos: 2%}
    at_most: 20%
    because: One wrong letter in fifty is what people write; it must not turn a fifth of the decisions.
  - drop: auc
    under: {truncation: 50%}
    at_most: 0.3
    because: Half of a text must still carry something.
)";
  }
  if (!facts.names_of(Role::numeric).empty()) {
    text += R"(  - flips: decisions
    under: {numeric_noise: 0.05}
    at_most: 30%
    because: A measurement that is a twentieth of its spread off is the same measurement.
)";
  }
  text += R"(  - drop: auc
    under: {missing: 10%}
    at_most: 0.3
    because: A tenth of the values will be missing one day; the model must not fall apart.
)";
  return text;
}

std::string flow(const ProjectNames& names) {
  return fmt::format(R"(# From data to a model that has shown what it can take. Each step's folder under steps/ says what it needs and nothing more.
#
#   cupel run flow.yaml
cupel: 1
flow: {name}
params:
  data: {data}
  seed: 1
steps:
  # A model trained on broken data is worse than yesterday's, because it looks new: failed data tests stop everything behind them.
  check:
    run: cupel check suites/data.yaml --data ${{data}}{read} --json ${{out}}/check.json
    in: [suites/data.yaml, "${{data}}"]
    out: [check.json]
    environment: steps/check
    timeout: 30m
    on:
      gate_failed: {{then: stop, because: "the data is not what the model was designed for; look at the failing expectations first"}}

  # Interrupted: go on from the last checkpoint, with the same bytes in the end. Too little data: retrying cannot help. Once a model is registered,
  # falling back to it is the better answer: {{then: fall_back, to: {name}@champion}}.
  train:
    run: cupel train train.yaml --data ${{data}}{read} --seed ${{seed}} -o ${{out}}/model
    after: [check]
    in: [train.yaml, "${{data}}"]
    out: [model]
    environment: steps/train
    timeout: 2h
    on:
      interrupted: {{then: resume, tries: 3}}
      too_little_data: {{then: stop, because: "a model of fewer rows could not be judged"}}

  # The gate: the file that training wrote, judged on rows that training never saw.
  validate:
    run: cupel validate suites/model.yaml --model ${{train.out}}/model --data ${{data}}{read} --json ${{out}}/validate.json
    in: [suites/model.yaml, "${{data}}", "${{train.out}}/model"]
    out: [validate.json]
    environment: steps/validate
    timeout: 1h
    on:
      gate_failed: {{then: stop, because: "a model that failed its validation is not used"}}
)",
                     fmt::arg("name", names.name), fmt::arg("data", "\"${DATA:-" + names.data + "}\""), fmt::arg("read", names.read_options));
}

std::string readme(const ProjectFacts& facts, const ProjectNames& names) {
  std::string text = fmt::format(R"(# {name}

A model that tells which rows of `{told}` are `{target}` = `{positive}` ({positives} of {rows} rows), with tests before and after. Written by `cupel init` on {date}.

```sh
cupel run flow.yaml                  # check the data, train, validate; DATA=other.csv takes another file
cupel report last -o report.html     # one page of it
```

| file | holds |
|---|---|
| `suites/data.yaml` | what the data must be before a model is trained on it |
| `train.yaml` | the model: which columns it reads, which not, and why |
| `suites/model.yaml` | what the trained model must show on rows that it never saw |
| `flow.yaml` | the steps, and what happens when something goes wrong |
| `steps/*/Dockerfile` | each step's own dependencies (`cupel run flow.yaml --environments docker`) |

## Look at these first

)",
                                 fmt::arg("name", names.name), fmt::arg("told", names.told), fmt::arg("target", facts.target_column().name),
                                 fmt::arg("positive", facts.classes[1]), fmt::arg("positives", with_thousands(facts.class_rows[1])),
                                 fmt::arg("rows", with_thousands(facts.rows)), fmt::arg("date", names.date));
  for (const ColumnFacts& column : facts.columns) {
    if (!column.because.empty()) text += fmt::format("- `{}` is {}: {}\n", column.name, column.role == Role::group ? "the group of the split" : "left out", column.because);
  }
  for (const ColumnFacts& column : facts.columns) {
    if (column.role != Role::excluded && column.role != Role::group && column.auc && *column.auc >= 0.8) {
      text += fmt::format("- `{}` alone ranks the target with an AUC of {:.2f}. Is it known when a new row is scored?\n", column.name, *column.auc);
    }
  }
  text += "- Every limit in `suites/` is wide and comes from one look at the data. Replace them by ones that you can give a reason for.\n";
  if (facts.names_of(Role::group).empty()) {
    text += "- Rows are held out one by one. Where several rows are about the same thing, name its column in `split: {group: …}` of `train.yaml`, or the model will look better than it is.\n";
  }
  if (facts.sample_rows < facts.rows) {
    text += fmt::format("- What was said about keys and about columns that restate the target is from a sample of {} of {} rows.\n", with_thousands(facts.sample_rows), with_thousands(facts.rows));
  }
  return text;
}

}  // namespace

std::string data_expectations(const ProjectFacts& facts, const ProjectNames& names) {
  Entries entries(names, facts.rows);
  std::vector<std::string> used;
  for (const ColumnFacts& column : facts.columns) {
    if (column.role != Role::excluded) used.push_back(column.name);
  }
  entries.comment("The table as a whole");
  entries.add("columns: table", {"include: " + list(used)}, "train.yaml names these columns.", fmt::format("{} columns", facts.columns.size()));
  entries.add("rows: table", {fmt::format("at_least: {}", minimum_rows(facts))}, "Fewer cannot be split into a part to learn from and a part to judge by.",
              fmt::format("{} rows", with_thousands(facts.rows)));
  for (const ColumnFacts& column : facts.columns) {
    if (column.role == Role::excluded && column.is_key && facts.sample_rows == facts.rows && column.nulls == 0) {
      entries.add("duplicates: " + yaml::quote(column.name), {"equals: 0"}, "It names the row; the same name twice is a load repeated or a join gone wrong.", "0 repeated");
    }
  }
  const ColumnFacts& target = facts.target_column();
  const double share = static_cast<double>(facts.class_rows[1]) / static_cast<double>(facts.rows);
  const double slack = std::max(0.05, std::min(share, 1 - share) / 2);
  entries.comment("What the model predicts");
  entries.add("nulls: " + yaml::quote(target.name), {"equals: 0"}, "A row without an answer cannot be learned from.", "0 null");
  entries.add("values: " + yaml::quote(target.name), {fmt::format("in: [{}, {}]", value_word(target, facts.classes[0]), value_word(target, facts.classes[1]))},
              "The model tells two classes apart; a third is a changed coding.", "two classes");
  entries.add("share: " + yaml::quote(target.name),
              {"of: " + value_word(target, facts.classes[1]), fmt::format("between: [{}, {}]", percent(std::max(0.0, share - slack)), percent(std::min(1.0, share + slack)))},
              "A shift of the base rate moves every probability; a sudden one is most often a filter in the export.", percent_text(share));
  const std::pair<Role, std::string_view> kinds[] = {{Role::numeric, "Numbers"}, {Role::categorical, "Categories"}, {Role::text, "Texts"}, {Role::group, "The group of the split"}};
  for (const auto& [role, title] : kinds) {
    if (facts.names_of(role).empty()) continue;
    entries.comment(title);
    for (const ColumnFacts& column : facts.columns) {
      if (column.role != role) continue;
      if (role == Role::numeric) {
        entries.add("type: " + yaml::quote(column.name), {"equals: number"}, "One word among the numbers would make the whole column text.", std::string(table::type_name(column.type)));
      }
      add_nulls(entries, column, facts.rows);
      if (role == Role::numeric) add_range(entries, column);
      if (role == Role::categorical) add_categories(entries, column);
      if (role == Role::text) add_text(entries, column);
    }
  }
  return std::move(entries.text);
}

std::vector<std::pair<std::string, std::string>> project_files(const ProjectFacts& facts, const ProjectNames& names) {
  std::vector<std::pair<std::string, std::string>> files = {{"README.md", readme(facts, names)},
                                                            {"flow.yaml", flow(names)},
                                                            {"suites/data.yaml", data_suite(facts, names)},
                                                            {"suites/model.yaml", model_suite(facts, names)},
                                                            {"train.yaml", train_config(facts, names)}};
  for (const char* step : {"check", "train", "validate"}) files.emplace_back(fmt::format("steps/{}/Dockerfile", step), step_dockerfile(step));
  return files;
}

}  // namespace cupel::cli
