#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "suite/suite.h"

namespace cupel::suite {
namespace {

constexpr std::string_view k_common_keys[] = {"because", "by", "derived", "id", "mostly", "severity", "where"};

Json to_json(const yaml::Node& node) {
  switch (node.kind) {
    case yaml::Node::Kind::null: return nullptr;
    case yaml::Node::Kind::scalar: return node.scalar;
    case yaml::Node::Kind::list: {
      Json list = Json::array();
      for (const yaml::Node& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case yaml::Node::Kind::map: break;
  }
  Json object = Json::object();
  for (const auto& member : node.members) object[member.key.scalar] = to_json(member.value);
  return object;
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    if (c == '\n' || c == ' ' || c == '\t') {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += c;
    }
  }
  return line;
}

Result<const SubjectInfo*> find_subject(const yaml::Node& entry, const LoadOptions& options) {
  std::vector<std::string> names;
  for (const SubjectInfo* subject : options.subjects) names.emplace_back(subject->name);
  if (!entry.is_map()) return entry.fail_here(fmt::format("an expectation is {}, expected a mapping such as {{nulls: Column, at_most: 5%}}", entry.description()));
  const SubjectInfo* found = nullptr;
  const auto is_parameter = [&](const SubjectInfo& subject, std::string_view key) {
    return std::find(subject.parameters.begin(), subject.parameters.end(), key) != subject.parameters.end();
  };
  for (const auto& member : entry.members) {
    for (const SubjectInfo* subject : options.subjects) {
      if (subject->name != member.key.scalar || (found != nullptr && is_parameter(*found, subject->name))) continue;
      if (found != nullptr) {
        return member.key.fail_here(fmt::format("a second subject '{}' beside '{}', expected one subject for each expectation", subject->name, found->name));
      }
      found = subject;
    }
  }
  if (found != nullptr) return found;
  // No subject: the first key that is nothing else is the likely misspelling.
  for (const auto& member : entry.members) {
    const std::string& key = member.key.scalar;
    const bool common = std::find(std::begin(k_common_keys), std::end(k_common_keys), key) != std::end(k_common_keys);
    if (!common && find_predicate(key) == nullptr) return member.key.fail_here(fmt::format("unknown subject '{}'{}", shorten(key, 60), nearest_note(key, names)));
  }
  return entry.fail_here("an expectation without a subject, expected one such as nulls, values or mean");
}

Result<void> check_key(const yaml::Node& key, const SubjectInfo& subject) {
  const std::string& word = key.scalar;
  if (word == subject.name) return {};
  const auto among = [&](const auto& list) { return std::find(std::begin(list), std::end(list), word) != std::end(list); };
  if (among(k_common_keys) || among(subject.predicates) || among(subject.parameters)) return {};
  std::vector<std::string> known(subject.predicates.begin(), subject.predicates.end());
  if (find_predicate(word) != nullptr) {
    if (known.empty()) return key.fail_here(fmt::format("'{}' does not go with '{}', which takes no predicate", word, subject.name));
    return key.fail_here(fmt::format("'{}' does not go with '{}', expected one of: {}", word, subject.name, join(known, ", ")));
  }
  known.insert(known.end(), subject.parameters.begin(), subject.parameters.end());
  known.insert(known.end(), std::begin(k_common_keys), std::end(k_common_keys));
  return key.fail_here(fmt::format("unknown predicate or parameter '{}' of '{}'{}", shorten(word, 60), subject.name, nearest_note(word, known)));
}

Result<std::vector<std::string>> read_arguments(const SubjectInfo& subject, const yaml::Node& node) {
  const std::string what = fmt::format("'{}'", subject.name);
  switch (subject.argument) {
    case Argument::columns: {
      ASSIGN_OR_RETURN(std::vector<std::string> columns, node.texts(what));
      if (columns.empty()) return node.fail_here(fmt::format("{} has an empty list, expected at least one column", what));
      return columns;
    }
    case Argument::table:
      if (!node.is_scalar() || node.scalar != "table") return node.fail_here(fmt::format("{} is {}, expected the word table", what, node.description()));
      return std::vector<std::string>{};
    case Argument::table_or_columns: {
      if (node.is_scalar() && node.scalar == "table" && !node.quoted) return std::vector<std::string>{};
      ASSIGN_OR_RETURN(std::vector<std::string> columns, node.texts(what));
      if (columns.empty()) return node.fail_here(fmt::format("{} has an empty list, expected the word table or columns", what));
      return columns;
    }
    default: break;
  }
  ASSIGN_OR_RETURN(const std::string argument, node.text(what));
  // An expression written over several lines is one line in every message.
  return std::vector<std::string>{subject.argument == Argument::expression ? one_line(argument) : argument};
}

Result<void> read_where(Expectation& expectation, const yaml::Node& node, std::span<const Segment> segments) {
  ASSIGN_OR_RETURN(const std::string text, node.text("'where'"));
  for (const Segment& segment : segments) {
    if (segment.name != text) continue;
    expectation.where = segment.where;
    expectation.where_name = segment.name;
    return {};
  }
  const bool one_word = std::all_of(text.begin(), text.end(), [](char c) { return c == '_' || c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0; });
  if (one_word) {
    std::vector<std::string> names;
    for (const Segment& segment : segments) names.push_back(segment.name);
    return node.fail_here(fmt::format("unknown segment '{}'{}", text, nearest_note(text, names)), "a segment's name or an expression such as \"Rating <= 2\"");
  }
  ASSIGN_OR_RETURN(expectation.where, table::Expression::parse(text, node.place()));
  return {};
}

Result<void> read_common(Expectation& expectation, std::span<const Segment> segments, const LoadOptions& options) {
  const yaml::Node& entry = expectation.entry;
  if (const auto* node = entry.find("where")) TRY(read_where(expectation, *node, segments));
  if (const auto* node = entry.find("mostly")) {
    ASSIGN_OR_RETURN(expectation.mostly, node->share("'mostly'"));
    if (!expectation.subject->takes_mostly) return node->fail_here(fmt::format("'mostly' does not go with '{}', only with subjects that ask every row", expectation.subject->name));
    if (*expectation.mostly <= 0) return node->fail_here("'mostly' is 0%, expected more");
  }
  const auto& own = expectation.subject->parameters;
  const bool by_is_its_own = std::find(own.begin(), own.end(), "by") != own.end();  // `determined: city, by: code`
  if (const auto* node = entry.find("by"); node != nullptr && !by_is_its_own) {
    if (!options.groups) return node->fail_here("'by' goes with suites about data alone");
    ASSIGN_OR_RETURN(Grouping by, Grouping::parse(*node));
    if (!by.columns.empty() && !expectation.subject->by_group) {
      return node->fail_here(fmt::format("'by' does not go with '{}', which is not about rows", expectation.subject->name));
    }
    if (!by.columns.empty()) expectation.by = std::move(by);
  }
  if (const auto* node = entry.find("severity")) {
    ASSIGN_OR_RETURN(const std::string word, node->text("'severity'"));
    if (word != "error" && word != "warn") return node->fail_here(fmt::format("'severity' is {}, expected error or warn", node->description()));
    expectation.severity = word == "warn" ? Severity::warn : Severity::error;
  }
  if (const auto* node = entry.find("because")) {
    ASSIGN_OR_RETURN(const std::string reason, node->text("'because'"));
    expectation.because = one_line(reason);
  }
  if (options.reasons_required && expectation.because.empty()) {
    return entry.fail_here(fmt::format("'{}' has no reason", expectation.subject->name), "say why in 'because', or pass --no-reasons");
  }
  if (const auto* node = entry.find("derived")) {
    for (const auto& member : node->members) {
      // An unquoted comma in `{method: 7 of 22,641}` ends the text: what follows would be lost as a key without a value.
      if (member.value.is_null()) {
        return member.key.fail_here(fmt::format("'{}' in 'derived' has no value", shorten(member.key.scalar, 60)), "put text that holds a comma in quotes");
      }
    }
    expectation.derived = to_json(*node);
  }
  if (const auto* node = entry.find("id")) {
    ASSIGN_OR_RETURN(expectation.id, node->text("'id'"));
    if (expectation.id.empty()) return node->fail_here("'id' is empty");
  }
  return {};
}

/// Stated ids must be unique; derived ones are numbered.
Result<void> give_ids(std::vector<Expectation>& expectations) {
  std::map<std::string, const Expectation*> taken;
  for (const Expectation& expectation : expectations) {
    if (expectation.id.empty()) continue;
    if (!taken.emplace(expectation.id, &expectation).second) {
      return expectation.entry.find("id")->fail_here(fmt::format("id '{}' is taken by the expectation at {}", expectation.id, taken[expectation.id]->entry.place()));
    }
  }
  for (Expectation& expectation : expectations) {
    if (!expectation.id.empty()) continue;
    std::string base(expectation.subject->name);
    if (!expectation.arguments.empty()) base += fmt::format("({})", shorten(join(expectation.arguments, ", "), 80));
    if (expectation.where) base += fmt::format(" where {}", expectation.where_name.empty() ? expectation.where->text() : expectation.where_name);
    std::string id = base;
    for (int number = 2; !taken.emplace(id, &expectation).second; ++number) id = fmt::format("{} #{}", base, number);
    expectation.id = id;
  }
  return {};
}

Result<void> read_segments(Suite& suite, const yaml::Node& node) {
  if (!node.is_map()) return node.fail_here(fmt::format("'segments' is {}, expected a mapping of names to expressions", node.description()));
  for (const auto& member : node.members) {
    ASSIGN_OR_RETURN(const std::string text, member.value.text(fmt::format("the segment '{}'", member.key.scalar)));
    ASSIGN_OR_RETURN(table::Expression where, table::Expression::parse(text, member.value.place()));
    suite.segments.push_back({member.key.scalar, std::move(where)});
  }
  return {};
}

Result<Suite> build_suite(yaml::Node root, std::string_view name, const LoadOptions& options) {
  Suite suite;
  suite.source = name;
  std::vector<std::string> keys = {"about", "cupel", "data", "expect", "reference", "segments", "suite"};
  keys.insert(keys.end(), options.further_keys.begin(), options.further_keys.end());
  if (options.groups) keys.emplace_back("by");
  TRY(root.only_keys(keys, "a suite"));
  std::optional<Grouping> by;
  if (const yaml::Node* node = root.find("by"); node != nullptr && options.groups) {
    ASSIGN_OR_RETURN(by, Grouping::parse(*node));
  }
  const yaml::Node* format = root.find("cupel");
  if (format == nullptr) return root.fail_here("a suite without 'cupel: 1', the version of the language");
  ASSIGN_OR_RETURN(const std::int64_t version, format->integer("'cupel'"));
  if (version != 1) return format->fail_here(fmt::format("'cupel' is {}, expected 1, the only version that this program reads", version));
  if (const auto* node = root.find("suite")) {
    ASSIGN_OR_RETURN(suite.name, node->text("'suite'"));
  }
  if (const auto* node = root.find("about")) {
    ASSIGN_OR_RETURN(const std::string about, node->text("'about'"));
    suite.about = one_line(about);
  }
  if (suite.name.empty()) suite.name = fs::path(name).stem().string();
  if (const auto* node = root.find("segments")) TRY(read_segments(suite, *node));
  const yaml::Node* expect = root.find("expect");
  if (expect == nullptr) return root.fail_here("a suite without 'expect', the list of expectations");
  if (!expect->is_list() || expect->items.empty()) return expect->fail_here(fmt::format("'expect' is {}, expected a list of expectations", expect->is_list() ? "an empty list" : expect->description()));
  for (const yaml::Node& entry : expect->items) {
    ASSIGN_OR_RETURN(suite.expectations.emplace_back(), parse_expectation(entry, suite.segments, options));
    Expectation& read = suite.expectations.back();
    if (by && !by->columns.empty() && entry.find("by") == nullptr && read.subject->by_group) read.by = by;
  }
  TRY(give_ids(suite.expectations));
  suite.root = std::move(root);
  return suite;
}

}  // namespace

Result<Expectation> parse_expectation(const yaml::Node& entry, std::span<const Segment> segments, const LoadOptions& options) {
  Expectation expectation;
  ASSIGN_OR_RETURN(expectation.subject, find_subject(entry, options));
  expectation.entry = entry;
  const SubjectInfo& subject = *expectation.subject;
  for (const auto& member : entry.members) {
    TRY(check_key(member.key, subject));
    const PredicateInfo* info = find_predicate(member.key.scalar);
    const bool is_predicate = info != nullptr && member.key.scalar != subject.name &&
                              std::find(subject.predicates.begin(), subject.predicates.end(), member.key.scalar) != subject.predicates.end();
    if (!is_predicate) continue;
    if (expectation.predicate) {
      return member.key.fail_here(fmt::format("a second predicate '{}' beside '{}', expected one for each expectation", member.key.scalar, expectation.predicate->name()));
    }
    ASSIGN_OR_RETURN(expectation.predicate, Predicate::parse(*info, member.value));
    for (const Limit& limit : expectation.predicate->limits) {
      if (limit.kind == Limit::Kind::tuple && !subject.takes_tuples) return limit.node.fail_here(fmt::format("a limit of '{}' is a list, expected a single value", info->name));
      if (limit.kind == Limit::Kind::table && !options.tables) return limit.node.fail_here("a limit from another table goes with suites about data alone");
    }
  }
  expectation.subject_node = *entry.find(subject.name);
  ASSIGN_OR_RETURN(expectation.arguments, read_arguments(subject, expectation.subject_node));
  if (!expectation.predicate && !subject.predicates.empty() && !subject.predicate_optional) {
    const std::vector<std::string> known(subject.predicates.begin(), subject.predicates.end());
    return entry.fail_here(fmt::format("'{}' has no predicate, expected one of: {}", subject.name, join(known, ", ")));
  }
  TRY(read_common(expectation, segments, options));
  return expectation;
}

Result<Suite> parse_suite(std::string_view text, std::string_view name, const LoadOptions& options) {
  ASSIGN_OR_RETURN(yaml::Node root, yaml::parse(text, name));
  return build_suite(std::move(root), name, options);
}

Result<Suite> load_suite(const fs::path& path, const LoadOptions& options) {
  ASSIGN_OR_RETURN(yaml::Node root, yaml::read(path));
  return build_suite(std::move(root), path.string(), options);
}

std::string Expectation::words() const {
  std::string text(subject->name);
  const bool columns = subject->argument == Argument::column || subject->argument == Argument::columns || subject->argument == Argument::table_or_columns;
  if (columns && !arguments.empty()) {
    text += fmt::format(" of '{}'", join(arguments, "', '"));
  } else if (!arguments.empty()) {
    text += fmt::format(" {}", arguments.front());
  }
  if (predicate) text += " " + predicate->words();
  if (mostly) text += fmt::format(" in {} % of rows", number_text(*mostly * 100));
  if (where) text += fmt::format(" where {}", where->text());
  return text;
}

Outcome Expectation::outcome() const {
  Outcome outcome;
  outcome.id = id;
  outcome.subject = subject->name;
  if (subject->argument != Argument::expression && subject->argument != Argument::word) outcome.columns = arguments;
  if (predicate) {
    outcome.predicate = predicate->name();
    outcome.limit = predicate->json();
  }
  if (where) outcome.where = where->text();
  if (group) {
    outcome.group_of = group->of;
    outcome.group_name = group->name;
    outcome.group = group->values;
  }
  outcome.severity = severity;
  outcome.because = because;
  outcome.derived = derived;
  if (derived.is_object()) {
    if (const auto rate = derived.find("false_alarm_rate"); rate != derived.end() && rate->is_string()) {
      outcome.false_alarm_rate = parse_number(rate->get<std::string>());
    }
    if (const auto change = derived.find("detectable"); change != derived.end() && change->is_string()) outcome.detectable = change->get<std::string>();
  }
  return outcome;
}

Result<std::string> substitute_environment(const yaml::Node& node) {
  ASSIGN_OR_RETURN(std::string text, node.text("a path"));
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string::npos) return node.fail_here(fmt::format("'{}' opens '${{' and never closes it", text));
    const std::string name = text.substr(at + 2, end - at - 2);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return node.fail_here(fmt::format("environment variable '{}' is not set", name));
    text.replace(at, end - at + 1, value);
    at += std::string_view(value).size();
  }
  return text;
}

Result<std::string> path_beside(const yaml::Node& node) {
  ASSIGN_OR_RETURN(std::string path, substitute_environment(node));
  if (node.file == nullptr || fs::path(path).is_absolute()) return path;
  return (fs::path(*node.file).parent_path() / path).string();
}

}  // namespace cupel::suite
