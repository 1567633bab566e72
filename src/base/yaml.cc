#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "base/invariant.h"
#include "base/text.h"

namespace cupel::yaml {
namespace {

constexpr std::uintmax_t k_largest_bytes = 4u << 20;
constexpr std::size_t k_most_nodes = 200'000;
constexpr std::size_t k_deepest = 64;

/// Thrown through yaml-cpp, which has no other way to stop its parser; caught in parse().
struct Refused {
  YAML::Mark mark;
  std::string message;
};

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}
  Node root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string&) override { throw Refused{mark, "anchors are not supported, write the value out"}; }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { throw Refused{mark, "aliases are not supported, write the value out"}; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(mark, "", anchor, Node::Kind::null); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    Node& node = add(mark, tag == "!" || tag == "?" ? "" : tag, anchor, Node::Kind::scalar);
    node.scalar = value;
    node.quoted = tag == "!";
    if (!node.quoted && (value == "~" || value == "null")) node.kind = Node::Kind::null;
    finish_key();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Node* node;
    bool at_key = true;
  };

  Node& add(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    if (anchor != 0) throw Refused{mark, "anchors are not supported, write the value out"};
    if (!tag.empty() && tag != "?" && tag != "!") throw Refused{mark, fmt::format("the tag '{}' is not supported", tag)};
    if (++nodes_ > k_most_nodes) throw Refused{mark, fmt::format("more than {} values", k_most_nodes)};
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    node.file = file_;
    if (levels_.empty()) {
      root = std::move(node);
      return root;
    }
    Level& level = levels_.back();
    if (level.node->is_list()) return level.node->items.emplace_back(std::move(node));
    if (level.at_key) {
      if (kind != Node::Kind::scalar) throw Refused{mark, "a key must be plain text"};
      return level.node->members.emplace_back(Node::Member{std::move(node), {}}).key;
    }
    level.at_key = true;
    return level.node->members.back().value = std::move(node);
  }

  /// After a scalar: if it was a key, it must be new and its value comes next.
  void finish_key() {
    if (levels_.empty() || !levels_.back().node->is_map()) return;
    Level& level = levels_.back();
    auto& members = level.node->members;
    if (!level.at_key || members.empty() || members.back().value.line != 0) return;
    for (std::size_t i = 0; i + 1 < members.size(); ++i) {
      if (members[i].key.scalar != members.back().key.scalar) continue;
      const Node& key = members.back().key;
      throw Refused{YAML::Mark::null_mark(), fmt::format("{}: key '{}' stands here a second time (first in line {})", key.place(),
                                                         key.scalar, members[i].key.line)};
    }
    level.at_key = false;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    if (levels_.size() >= k_deepest) throw Refused{mark, fmt::format("nested deeper than {} levels", k_deepest)};
    levels_.push_back({&add(mark, tag, anchor, kind), true});
  }
  void close() { levels_.pop_back(); }

  std::shared_ptr<const std::string> file_;
  std::vector<Level> levels_;  // pointers stay valid: a parent does not grow while a child is open
  std::size_t nodes_ = 0;
};

}  // namespace

const Node::Member* Node::find_member(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key.scalar == key) return &member;
  }
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Member* member = find_member(key);
  return member != nullptr ? &member->value : nullptr;
}

std::string Node::place() const { return fmt::format("{}:{}:{}", file ? *file : "?", line, column); }

tl::unexpected<Error> Node::fail_here(std::string_view message, std::string hint) const {
  return fail_with_hint(fmt::format("{}: {}", place(), message), std::move(hint));
}

std::string Node::description() const {
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::list: return "a list";
    case Kind::map: return "a mapping";
    case Kind::scalar: break;
  }
  return fmt::format("'{}'", shorten(scalar, 60));
}

Result<std::string> Node::text(std::string_view what) const {
  if (is_scalar()) return scalar;
  return fail_here(fmt::format("{} is {}, expected text", what, description()));
}

Result<double> Node::number(std::string_view what) const {
  if (is_scalar() && !quoted) {
    if (auto value = parse_number(scalar)) return *value;
  }
  return fail_here(fmt::format("{} is {}, expected a number", what, description()));
}

Result<std::int64_t> Node::integer(std::string_view what) const {
  if (is_scalar() && !quoted) {
    if (auto value = parse_integer(scalar)) return *value;
  }
  return fail_here(fmt::format("{} is {}, expected a whole number", what, description()));
}

Result<bool> Node::boolean(std::string_view what) const {
  if (is_scalar() && scalar == "true") return true;
  if (is_scalar() && scalar == "false") return false;
  return fail_here(fmt::format("{} is {}, expected true or false", what, description()));
}

Result<double> Node::share(std::string_view what) const {
  if (is_scalar() && !quoted) {
    std::string_view digits = trim(scalar);
    const bool percent = digits.ends_with('%');
    if (percent) digits = trim(digits.substr(0, digits.size() - 1));
    if (const auto value = parse_number(digits)) {
      const double share = percent ? *value / 100 : *value;
      if (share >= 0 && share <= 1) return share;
      return fail_here(fmt::format("{} is {}, expected a share from 0% to 100%", what, description()));
    }
  }
  return fail_here(fmt::format("{} is {}, expected a share such as 5%", what, description()));
}

Result<std::vector<std::string>> Node::texts(std::string_view what) const {
  if (is_scalar()) return std::vector<std::string>{scalar};
  if (!is_list()) return fail_here(fmt::format("{} is {}, expected text or a list of texts", what, description()));
  std::vector<std::string> all;
  for (const Node& item : items) {
    ASSIGN_OR_RETURN(all.emplace_back(), item.text(what));
  }
  return all;
}

Result<void> Node::only_keys(std::span<const std::string> known, std::string_view where) const {
  if (!is_map()) return fail_here(fmt::format("{} is {}, expected a mapping", where, description()));
  for (const Member& member : members) {
    bool found = false;
    for (const std::string& key : known) found = found || key == member.key.scalar;
    if (!found) return member.key.fail_here(fmt::format("unknown key '{}' of {}{}", shorten(member.key.scalar, 60), where, nearest_note(member.key.scalar, known)));
  }
  return {};
}

Result<Node> parse(std::string_view text, std::string_view name) {
  if (text.size() > k_largest_bytes) return fail("{}: {} bytes, more than the {} that a document may have", name, text.size(), k_largest_bytes);
  if (const auto bad = first_invalid_utf8(text)) return fail("{}: byte {} is not UTF-8", name, *bad + 1);
  std::istringstream stream{std::string(text)};
  Builder builder(std::make_shared<const std::string>(name));
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      builder.root.file = std::make_shared<const std::string>(name);
      builder.root.line = builder.root.column = 1;
      return builder.root;
    }
    Builder second(builder.root.file);
    if (parser.HandleNextDocument(second)) return fail("{}: a second document starts here, expected one", second.root.place());
  } catch (const Refused& refused) {
    if (refused.mark.is_null()) return tl::unexpected<Error>(Error{refused.message, {}, ErrorKind::invalid});
    return fail("{}:{}:{}: {}", name, refused.mark.line + 1, refused.mark.column + 1, refused.message);
  } catch (const YAML::Exception& error) {
    return fail("{}:{}:{}: not YAML: {}", name, error.mark.line + 1, error.mark.column + 1, error.msg);
  }
  return std::move(builder.root);
}

Result<Node> read(const fs::path& path) {
  ASSIGN_OR_RETURN(const std::string text, read_file(path, k_largest_bytes));
  return parse(text, path.string());
}

std::string quote(std::string_view text) {
  YAML::Emitter out;
  out << std::string(text);
  return out.c_str();
}

}  // namespace cupel::yaml
