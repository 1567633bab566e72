// Which kinds of values may meet: decides errors at bind, and guards evaluation.
#include "base/text.h"
#include "table/expression_internal.h"

namespace cupel::table {
namespace {

bool is_number(Kind kind) { return kind == Kind::boolean || kind == Kind::integer || kind == Kind::number; }

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "a truth value";
    case Kind::integer:
    case Kind::number: return "a number";
    case Kind::text: return "text";
    case Kind::timestamp: return "a timestamp";
  }
  return "";
}

Kind kind_of(Type type) {
  switch (type) {
    case Type::boolean: return Kind::boolean;
    case Type::integer: return Kind::integer;
    case Type::number: return Kind::number;
    case Type::text: return Kind::text;
    case Type::timestamp: return Kind::timestamp;
  }
  return Kind::null;
}

// "column 'Title' is text (row 3: 'Some')", "'length(x)' is a number"
std::string describe(const Node& node, Kind kind, const Binding& binding) {
  if (node.op != Op::column)
    return fmt::format("{} is {}", node.is_literal() ? std::string(node.fragment()) : fmt::format("'{}'", shorten(node.fragment(), 60)),
                       kind_name(kind));
  const Type type = binding.types[static_cast<std::size_t>(node.column)];
  std::string text = fmt::format("column '{}' is {}", node.name, type == Type::text ? "text" : fmt::format("of type {}", type_name(type)));
  if (binding.fields.empty()) return text;
  const auto& example = binding.fields[static_cast<std::size_t>(node.column)]->first_text;
  if (kind == Kind::text && example) text += fmt::format(" (row {}: '{}')", example->row, shorten(example->value, 30));
  return text;
}

tl::unexpected<Error> wrong_operand(const Node& whole, const Node& operand, Kind kind, std::string_view expected, const Binding& binding) {
  return fail("{} in '{}', expected {}", describe(operand, kind, binding), shorten(whole.fragment(), 80), expected);
}

// Text that stands beside a timestamp must be one.
Result<bool> reads_as_instant(const Node& node, Kind other) {
  if (other != Kind::timestamp || !node.is_literal() || node.literal.kind != Kind::text) return false;
  if (node.literal.instant) return true;
  return fail("'{}' is not a timestamp, expected one such as '2026-11-20' or '2026-11-20T14:03:07Z'", shorten(node.literal.text, 40));
}

// An operand that is a time: a timestamp, text that is read as one row by row, or a literal that is one.
Result<void> check_time(const Node& whole, std::size_t operand, Kind kind, const Binding& binding) {
  const Node& node = *whole.children[operand];
  if (kind == Kind::null || kind == Kind::timestamp) return {};
  ASSIGN_OR_RETURN(const bool instant, reads_as_instant(node, Kind::timestamp));
  if (instant || kind == Kind::text) return {};
  return wrong_operand(whole, node, kind, "a timestamp", binding);
}

Result<void> check_pair(const Node& whole, const Node& left, Kind left_kind, const Node& right, Kind right_kind, const Binding& binding) {
  if (left_kind == Kind::null || right_kind == Kind::null) return {};
  if (left_kind == right_kind || (is_number(left_kind) && is_number(right_kind))) return {};
  ASSIGN_OR_RETURN(const bool right_is_instant, reads_as_instant(right, left_kind));
  ASSIGN_OR_RETURN(const bool left_is_instant, reads_as_instant(left, right_kind));
  if (left_is_instant || right_is_instant) return {};
  const bool column_is_left = left.op == Op::column || right.op != Op::column;
  std::string message =
      fmt::format("'{}' compares {} with {}: {}", shorten(whole.fragment(), 80), kind_name(left_kind), kind_name(right_kind),
                  column_is_left ? describe(left, left_kind, binding) : describe(right, right_kind, binding));
  const Node& literal = right.is_literal() ? right : left;
  std::string hint;
  if (literal.is_literal() && literal.literal.kind == Kind::text && parse_number(literal.literal.text)) {
    hint = fmt::format("write {} without quotes", literal.literal.text);
  }
  return fail_with_hint(std::move(message), std::move(hint));
}

Result<void> check_set(const Node& node, Kind kind, const Binding& binding) {
  for (const Literal& literal : node.set->literals) {
    Node value;
    value.literal = literal;
    const std::string shown = literal.kind == Kind::text ? "'" + literal.text + "'" : exact_text(literal.number);
    value.source = std::make_shared<const std::string>(shown);
    value.end = shown.size();
    TRY(check_pair(node, *node.children[0], kind, value, literal.kind, binding));
  }
  return {};
}

Result<Kind> check_coalesce(const Node& node, const Binding& binding) {
  const Node* known = nullptr;
  Kind kind = Kind::null;
  bool has_timestamp = false;
  std::vector<Kind> kinds;
  for (const NodePtr& child : node.children) {
    ASSIGN_OR_RETURN(const Kind next, check_kinds(*child, binding));
    kinds.push_back(next);
    has_timestamp = has_timestamp || next == Kind::timestamp;
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Node& child = *node.children[i];
    if (kinds[i] == Kind::null) continue;
    ASSIGN_OR_RETURN(const bool instant, reads_as_instant(child, has_timestamp ? Kind::timestamp : Kind::null));
    const Kind next = instant ? Kind::timestamp : kinds[i];
    if (known != nullptr) {
      TRY(check_pair(node, *known, kind, child, next, binding));
      if (kind != next) kind = Kind::number;
    } else {
      known = &child;
      kind = next;
    }
  }
  return kind;
}

}  // namespace

Result<Kind> check_kinds(const Node& node, const Binding& binding) {
  if (node.op == Op::literal) return node.literal.kind;
  if (node.op == Op::column && binding.is_absent(node.column)) return Kind::null;
  if (node.op == Op::column) return kind_of(binding.types[static_cast<std::size_t>(node.column)]);
  if (node.op == Op::coalesce) return check_coalesce(node, binding);
  std::vector<Kind> kinds;
  for (const NodePtr& child : node.children) {
    ASSIGN_OR_RETURN(const Kind kind, check_kinds(*child, binding));
    kinds.push_back(kind);
  }
  const auto all_are = [&](auto fits, std::string_view expected) -> Result<void> {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (kinds[i] != Kind::null && !fits(kinds[i])) return wrong_operand(node, *node.children[i], kinds[i], expected, binding);
    }
    return {};
  };
  switch (node.op) {
    case Op::compare: TRY(check_pair(node, *node.children[0], kinds[0], *node.children[1], kinds[1], binding)); return Kind::boolean;
    case Op::in: TRY(check_set(node, kinds[0], binding)); return Kind::boolean;
    case Op::all:
    case Op::any:
    case Op::negate: TRY(all_are([](Kind kind) { return kind == Kind::boolean; }, "a condition")); return Kind::boolean;
    case Op::is_null: return Kind::boolean;
    case Op::like:
    case Op::starts_with:
    case Op::ends_with:
    case Op::contains:
    case Op::regexp_like: TRY(all_are([](Kind kind) { return kind == Kind::text; }, "text")); return Kind::boolean;
    case Op::length: TRY(all_are([](Kind kind) { return kind == Kind::text; }, "text")); return Kind::integer;
    case Op::lower:
    case Op::upper:
    case Op::trim: TRY(all_are([](Kind kind) { return kind == Kind::text; }, "text")); return Kind::text;
    case Op::date_part: TRY(check_time(node, 0, kinds[0], binding)); return Kind::integer;
    case Op::date_add:
      if (kinds[0] != Kind::null && !is_number(kinds[0])) return wrong_operand(node, *node.children[0], kinds[0], "a number", binding);
      TRY(check_time(node, 1, kinds[1], binding));
      return Kind::timestamp;
    case Op::date_diff:
      for (std::size_t i = 0; i < 2; ++i) TRY(check_time(node, i, kinds[i], binding));
      return Kind::number;
    case Op::date_trunc: TRY(check_time(node, 0, kinds[0], binding)); return Kind::timestamp;
    default: TRY(all_are(is_number, "a number")); return Kind::number;
  }
}

Result<void> check_condition(const Node& root, const Binding& binding) {
  ASSIGN_OR_RETURN(const Kind kind, check_kinds(root, binding));
  if (kind == Kind::boolean || kind == Kind::null) return {};
  return fail("{}, expected a condition such as 'Rating <= 2'", describe(root, kind, binding));
}

}  // namespace cupel::table
