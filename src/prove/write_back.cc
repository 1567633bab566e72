#include "prove/write_back.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "table/timestamp.h"

namespace cupel::prove {
namespace {

using yaml::Node;

struct Fact {
  std::string key;
  std::string value;  ///< as a YAML scalar that may stand in a flow mapping
};

/// A scalar that reads back in a flow mapping, too.
std::string flow_scalar(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(",[]{}#:\"'&*!|>%@`?") == std::string_view::npos && text.front() != ' ' && text.back() != ' ' && text.front() != '-';
  return plain ? std::string(text) : Json(std::string(text)).dump();
}

std::vector<Fact> facts_of(const ExpectationProof& proved, const Proof& proof, std::string_view date) {
  const AlarmRate& alarms = proved.alarms;
  std::vector<Fact> facts;
  facts.push_back({"false_alarm_rate", fmt::format("{:.6g}", alarms.rate())});
  facts.push_back({"false_alarms", flow_scalar(fmt::format("{} of {} clean batches; at most {} with 97.5 % confidence", with_thousands(alarms.alarms), with_thousands(alarms.batches), percent_text(alarms.interval.high)))});
  if (proved.detectable) facts.push_back({"detectable", flow_scalar(proved.detectable->words)});
  facts.push_back({"batch_rows", fmt::format("{}", proof.batch_rows)});
  facts.push_back({"proved", std::string(date)});
  facts.push_back({"proof", flow_scalar(fmt::format("cupel prove, {}, seed {}", proof.batches, proof.seed))});
  return facts;
}

class Text {
 public:
  explicit Text(std::string_view bytes) : bytes_(bytes) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') starts_.push_back(i + 1);
    }
  }
  /// Lines and columns count from 1, columns in bytes.
  std::size_t offset(const Node& node) const { return starts_.at(static_cast<std::size_t>(node.line - 1)) + static_cast<std::size_t>(node.column - 1) + (node.line == 1 && bytes_.starts_with("\xEF\xBB\xBF") ? 3 : 0); }
  std::size_t line_start(std::size_t at) const { return *(std::upper_bound(starts_.begin(), starts_.end(), at) - 1); }
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
  std::vector<std::size_t> starts_;
};

/// Behind the quoted text that begins at `at`.
std::size_t skip_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < text.size() && text[i + 1] == '\'') {
        ++i;
        continue;
      }
      return i + 1;
    }
  }
  return text.size();
}

/// The bracket that closes the flow collection that opens at `at`; npos when there is none.
std::size_t closing(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t i = at; i < text.size();) {
    const char byte = text[i];
    const bool token_start = i == 0 || std::string_view(" ,:[{\n").find(text[i - 1]) != std::string_view::npos;
    if ((byte == '"' || byte == '\'') && token_start) {
      i = skip_quoted(text, i);
      continue;
    }
    if (byte == '#' && (text[i - 1] == ' ' || text[i - 1] == '\n')) {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (byte == '{' || byte == '[') ++depth;
    if ((byte == '}' || byte == ']') && --depth == 0) return i;
    ++i;
  }
  return std::string_view::npos;
}

/// Behind a scalar of one line; `flow`: commas and brackets end it.
std::size_t end_of_scalar(std::string_view text, std::size_t at, bool flow) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) return skip_quoted(text, at);
  std::size_t end = at;
  while (end < text.size() && text[end] != '\n' && !(flow && std::string_view(",]}").find(text[end]) != std::string_view::npos) &&
         !(text[end] == '#' && end > at && text[end - 1] == ' ')) {
    ++end;
  }
  while (end > at && (text[end - 1] == ' ' || text[end - 1] == '\r')) --end;
  return end;
}

struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

std::string as_flow(const std::vector<Fact>& facts) {
  std::string text;
  for (const Fact& fact : facts) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", fact.key, fact.value);
  return text;
}

/// Edits of a mapping in braces whose opening brace stands at `open`.
Result<void> edit_flow(const Text& text, const Node& map, std::size_t open, std::vector<Fact> facts, std::vector<Edit>& edits) {
  const std::size_t close = closing(text.bytes(), open);
  if (close == std::string_view::npos) return map.fail_here("the mapping cannot be edited: its end was not found");
  std::erase_if(facts, [&](const Fact& fact) {
    const Node* value = map.find(fact.key);
    if (value == nullptr) return false;
    const std::size_t begin = text.offset(*value);
    edits.push_back({begin, end_of_scalar(text.bytes(), begin, true), fact.value});
    return true;
  });
  if (facts.empty()) return {};
  std::size_t end = close;
  while (end > open + 1 && std::string_view(" \n\r\t").find(text.bytes()[end - 1]) != std::string_view::npos) --end;
  const bool follows = text.bytes()[end - 1] != '{' && text.bytes()[end - 1] != ',';
  edits.push_back({end, end, fmt::format("{}{}", follows ? ", " : text.bytes()[end - 1] == ',' ? " " : "", as_flow(facts))});
  return {};
}

/// Where a new line of a block mapping goes: behind its last line that is not blank and no comment of what follows.
std::size_t end_of_block(const Text& text, std::size_t from, std::size_t until, std::size_t indent) {
  std::size_t end = from;
  for (std::size_t at = from; at < until;) {
    const std::size_t next = std::min(text.bytes().find('\n', at), text.bytes().size() - 1) + 1;
    const std::string_view line = text.bytes().substr(at, next - at);
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    const bool blank = first == std::string_view::npos;
    const bool foreign = !blank && ((line[first] == '#' && first < indent) || trim(line) == "-");
    if (!blank && !foreign) end = next;
    at = next;
  }
  return end;
}

Result<void> edit_entry(const Text& text, const Node& entry, std::size_t until, const std::vector<Fact>& facts, std::vector<Edit>& edits) {
  const std::string_view bytes = text.bytes();
  const std::size_t begin = text.offset(entry);
  const Node* derived = entry.find("derived");
  const bool flow = bytes[begin] == '{';
  if (derived == nullptr || derived->is_null()) {
    if (derived != nullptr) return derived->fail_here("'derived' is empty, expected a mapping: remove the key, or give it a value");
    if (flow) {
      const std::size_t close = closing(bytes, begin);
      if (close == std::string_view::npos) return entry.fail_here("the entry cannot be edited: its end was not found");
      std::size_t end = close;
      while (end > begin + 1 && std::string_view(" \n\r\t").find(bytes[end - 1]) != std::string_view::npos) --end;
      edits.push_back({end, end, fmt::format("{}derived: {{{}}}", bytes[end - 1] == ',' ? " " : ", ", as_flow(facts))});
      return {};
    }
    const std::size_t indent = begin - text.line_start(begin);
    const std::size_t end = end_of_block(text, text.line_start(begin), until, indent);
    const bool ends_line = end > 0 && bytes[end - 1] == '\n';
    const std::string_view line_end = end >= 2 && bytes.substr(end - 2, 2) == "\r\n" ? "\r\n" : "\n";
    edits.push_back({end, end, fmt::format("{}{}derived: {{{}}}{}", ends_line ? "" : "\n", std::string(indent, ' '), as_flow(facts), ends_line ? line_end : "")});
    return {};
  }
  const std::size_t at = text.offset(*derived);
  if (derived->is_scalar()) {
    const std::size_t end = end_of_scalar(bytes, at, flow);
    edits.push_back({at, end, fmt::format("{{from: {}, {}}}", flow_scalar(derived->scalar), as_flow(facts))});
    return {};
  }
  if (!derived->is_map()) return derived->fail_here(fmt::format("'derived' is {}, expected a mapping", derived->description()));
  if (bytes[at] == '{') return edit_flow(text, *derived, at, facts, edits);
  // A block mapping: one key a line.
  std::vector<Fact> fresh;
  for (const Fact& fact : facts) {
    const Node* value = derived->find(fact.key);
    if (value == nullptr) {
      fresh.push_back(fact);
    } else if (!value->is_scalar()) {
      return value->fail_here(fmt::format("'{}' is {}, expected text", fact.key, value->description()));
    } else {
      const std::size_t value_at = text.offset(*value);
      edits.push_back({value_at, end_of_scalar(bytes, value_at, false), fact.value});
    }
  }
  if (fresh.empty()) return {};
  const std::size_t indent = at - text.line_start(at);
  std::string lines;
  for (const Fact& fact : fresh) lines += fmt::format("{}{}: {}\n", std::string(indent, ' '), fact.key, fact.value);
  // Before the first key: the end of the last value is not known, its beginning is.
  edits.push_back({text.line_start(at), text.line_start(at), lines});
  return {};
}

bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.scalar != b.scalar || a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  for (const Node::Member& member : a.members) {
    const Node* other = b.find(member.key.scalar);
    if (other == nullptr || !same(member.value, *other)) return false;
  }
  return true;
}

/// The entry as it should read after the edit.
Node expected_entry(const Node& entry, const std::vector<Fact>& facts, std::string_view name) {
  Node wanted = entry;
  std::erase_if(wanted.members, [](const Node::Member& member) { return member.key.scalar == "derived"; });
  Node derived;
  derived.kind = Node::Kind::map;
  if (const Node* old = entry.find("derived"); old != nullptr && old->is_map()) {
    derived = *old;
  } else if (old != nullptr && old->is_scalar()) {
    Node::Member from;
    from.key.kind = Node::Kind::scalar;
    from.key.scalar = "from";
    from.value = *old;
    derived.members.push_back(from);
  }
  for (const Fact& fact : facts) {
    std::erase_if(derived.members, [&](const Node::Member& member) { return member.key.scalar == fact.key; });
    Node::Member member;
    member.key.kind = Node::Kind::scalar;
    member.key.scalar = fact.key;
    if (const auto value = yaml::parse("value: " + fact.value, name)) member.value = *value->find("value");
    derived.members.push_back(std::move(member));
  }
  Node::Member member;
  member.key.kind = Node::Kind::scalar;
  member.key.scalar = "derived";
  member.value = std::move(derived);
  wanted.members.push_back(std::move(member));
  return wanted;
}

}  // namespace

Result<std::string> with_proof(std::string_view text, std::string_view name, const Proof& proof, std::string_view date) {
  if (date.size() != 10 || !table::parse_timestamp(date)) return fail("date '{}', expected YYYY-MM-DD", shorten(date, 40));
  ASSIGN_OR_RETURN(const Node root, yaml::parse(text, name));
  const Node* expect = root.find("expect");
  if (expect == nullptr || expect->items.size() != proof.expectations.size()) return fail("{}: the suite changed while it was proved", name);
  const Text source(text);
  std::vector<Edit> edits;
  // Where the list ends: at the key behind `expect`, or with the file.
  std::size_t list_end = text.size();
  for (const Node::Member& member : root.members) {
    const std::size_t at = source.line_start(source.offset(member.key));
    if (at > source.offset(*expect)) list_end = std::min(list_end, at);
  }
  for (std::size_t e = 0; e < expect->items.size(); ++e) {
    const std::size_t until = e + 1 < expect->items.size() ? source.line_start(source.offset(expect->items[e + 1])) : list_end;
    TRY(edit_entry(source, expect->items[e], until, facts_of(proof.expectations[e], proof, date), edits));
  }
  std::ranges::stable_sort(edits, {}, &Edit::begin);
  std::string edited;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.begin < at) return fail("{}: the entries overlap, write each on lines of its own", name);
    edited += text.substr(at, edit.begin - at);
    edited += edit.text;
    at = edit.end;
  }
  edited += text.substr(at);

  const auto again = yaml::parse(edited, name);
  bool holds = again.has_value() && again->members.size() == root.members.size();
  for (const Node::Member& member : root.members) {
    if (!holds) break;
    const Node* other = again->find(member.key.scalar);
    if (member.key.scalar != "expect") {
      holds = other != nullptr && same(member.value, *other);
      continue;
    }
    holds = other != nullptr && other->items.size() == expect->items.size();
    for (std::size_t e = 0; holds && e < expect->items.size(); ++e) {
      if (same(expected_entry(expect->items[e], facts_of(proof.expectations[e], proof, date), name), other->items[e])) continue;
      return expect->items[e].fail_here("'derived' of this entry cannot be edited in place", "write it as a mapping in braces, on one line");
    }
  }
  if (!holds) return fail_with_hint(fmt::format("{}: 'derived' cannot be edited in place", name), "write it as a mapping in braces, on one line");
  return edited;
}

}  // namespace cupel::prove
