#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace cupel::yaml {

/// One value of a YAML document, with its place. Read strictly: duplicate keys, anchors and aliases, tags, several documents, more
/// than 64 levels, more than 4 MiB or 200,000 nodes are errors. A value that is absent after `key:` is Kind::null.
class Node {
 public:
  enum class Kind { null, scalar, list, map };
  struct Member;

  Kind kind = Kind::null;
  std::string scalar;           ///< of Kind::scalar
  bool quoted = false;          ///< a quoted scalar is text even if it looks like a number
  std::vector<Node> items;      ///< of Kind::list
  std::vector<Member> members;  ///< of Kind::map, in file order; keys are scalars
  int line = 0;                 ///< 1-based
  int column = 0;               ///< 1-based
  std::shared_ptr<const std::string> file;

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  bool is_null() const { return kind == Kind::null; }

  /// The value of a key of a map, or null pointer.
  const Node* find(std::string_view key) const;
  const Member* find_member(std::string_view key) const;

  /// `suite.yaml:14:7`
  std::string place() const;
  /// An error at this place: `suite.yaml:14:7: <message>`.
  tl::unexpected<Error> fail_here(std::string_view message, std::string hint = {}) const;

  /// "a list", "a mapping", "text 'abc'", "nothing": for messages.
  std::string description() const;

  // Typed reading; errors name the place, what was found and what was expected. `what` names the value: "'at_most'".
  Result<std::string> text(std::string_view what) const;
  Result<double> number(std::string_view what) const;
  Result<std::int64_t> integer(std::string_view what) const;
  Result<bool> boolean(std::string_view what) const;
  /// `5%`, `0.05`: a share in [0, 1].
  Result<double> share(std::string_view what) const;
  /// A scalar or a list of scalars.
  Result<std::vector<std::string>> texts(std::string_view what) const;

  /// Error at the first key that is not among `known` (nearest named), or if this is not a mapping. `where` names the mapping:
  /// "a step".
  Result<void> only_keys(std::span<const std::string> known, std::string_view where) const;
};

struct Node::Member {
  Node key;
  Node value;
};

/// Parses a document; `name` stands for the file in messages.
Result<Node> parse(std::string_view text, std::string_view name);
Result<Node> read(const fs::path& path);

/// `text` as a plain or quoted YAML scalar, whichever reads back as the same text.
std::string quote(std::string_view text);

}  // namespace cupel::yaml
