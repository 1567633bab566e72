// Recursive descent, one function a level of precedence: or, and, not, comparison, sum, product, sign, value.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "table/expression_internal.h"
#include "table/regular_expression.h"
#include "table/tokens_internal.h"

namespace cupel::table {

Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::less: return Comparison::greater;
    case Comparison::at_most: return Comparison::at_least;
    case Comparison::greater: return Comparison::less;
    case Comparison::at_least: return Comparison::at_most;
    default: return comparison;
  }
}

namespace {

constexpr int k_max_depth = 200;
constexpr std::size_t k_max_bytes = 64 * 1024;

struct Function {
  std::string_view name;
  Op op;
  std::string_view usage;
};
constexpr std::array<Function, 15> k_functions = {{
    {"abs", Op::abs, "abs(number)"},
    {"coalesce", Op::coalesce, "coalesce(a, b, …)"},
    {"contains", Op::contains, "contains(text, 'part')"},
    {"date_add", Op::date_add, "date_add('hour', number, timestamp), a unit from second to week"},
    {"date_diff", Op::date_diff, "date_diff('day', from, to), a unit from second to week"},
    {"date_part", Op::date_part, "date_part('month', timestamp), a unit from second to year or weekday"},
    {"date_trunc", Op::date_trunc, "date_trunc('month', timestamp)"},
    {"ends_with", Op::ends_with, "ends_with(text, 'end')"},
    {"length", Op::length, "length(text)"},
    {"lower", Op::lower, "lower(text)"},
    {"regexp_like", Op::regexp_like, "regexp_like(text, 'pattern') or regexp_like(text, 'pattern', 'i')"},
    {"round", Op::round, "round(number) or round(number, digits)"},
    {"starts_with", Op::starts_with, "starts_with(text, 'start')"},
    {"trim", Op::trim, "trim(text)"},
    {"upper", Op::upper, "upper(text)"},
}};

bool is_keyword(const Token& token) {
  constexpr std::array<std::string_view, 11> k_keywords = {"and",  "between", "escape", "false", "in",  "is",
                                                           "like", "not",     "null",   "or",    "true"};
  return token.kind == Token::Kind::name && std::find(k_keywords.begin(), k_keywords.end(), token.lower) != k_keywords.end();
}

std::optional<Comparison> comparison_of(std::string_view symbol) {
  if (symbol == "=" || symbol == "==") return Comparison::equal;
  if (symbol == "!=" || symbol == "<>") return Comparison::not_equal;
  if (symbol == "<") return Comparison::less;
  if (symbol == "<=") return Comparison::at_most;
  if (symbol == ">") return Comparison::greater;
  if (symbol == ">=") return Comparison::at_least;
  return std::nullopt;
}

class Parser {
 public:
  Parser(std::shared_ptr<const std::string> text, std::vector<Token> tokens) : text_(std::move(text)), tokens_(std::move(tokens)) {}

  Result<Parsed> parse() {
    ASSIGN_OR_RETURN(NodePtr root, parse_rule());
    if (peek().kind != Token::Kind::end) return unexpected("'and', 'or' or the end");
    return Parsed{std::move(root), std::move(columns_)};
  }

 private:
  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool sees_word(std::string_view keyword, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::name && peek(ahead).lower == keyword;
  }
  bool sees_symbol(std::string_view symbol) const { return peek().kind == Token::Kind::symbol && peek().value == symbol; }
  bool take_word(std::string_view keyword) {
    if (!sees_word(keyword)) return false;
    ++at_;
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    if (!sees_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  std::string_view shown(const Token& token) const { return std::string_view(*text_).substr(token.begin, token.end - token.begin); }

  tl::unexpected<Error> unexpected(std::string_view expected) const {
    const std::string whole = shorten(*text_, 80);
    const std::string before = at_ == 0 ? "" : fmt::format(" after '{}'", shorten(shown(tokens_[at_ - 1]), 30));
    if (peek().kind == Token::Kind::end) return fail("'{}' ends{}, expected {}", whole, before, expected);
    return fail("unexpected '{}'{} in '{}', expected {}", shorten(shown(peek()), 30), before, whole, expected);
  }
  Result<void> expect_symbol(std::string_view symbol) {
    if (!take_symbol(symbol)) return unexpected(fmt::format("'{}'", symbol));
    return {};
  }

  // Finishes a node that began at byte `begin` and ends with the last taken token.
  Result<NodePtr> finish(Node node, std::size_t begin) {
    node.source = text_;
    node.begin = begin;
    node.end = tokens_[at_ - 1].end;
    for (const NodePtr& child : node.children) {
      node.depth = std::max(node.depth, child->depth + 1);
      if (child->only_column == Node::k_no_column) continue;
      node.only_column =
          node.only_column == Node::k_no_column || node.only_column == child->only_column ? child->only_column : Node::k_columns;
    }
    if (node.depth > k_max_depth) return too_deep();
    return std::make_shared<const Node>(std::move(node));
  }
  static tl::unexpected<Error> too_deep() { return fail("the expression is nested deeper than {} levels", k_max_depth); }

  static Node node_of(Op op, std::vector<NodePtr> children = {}) {
    Node node;
    node.op = op;
    node.children = std::move(children);
    return node;
  }

  // Counts how deep the parser itself is, before the tree exists.
  struct Level {
    explicit Level(int& depth) : depth_(&depth) { ++depth; }
    ~Level() { --*depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    int* depth_;
  };

  // `if a then b [else c]`, `a implies b`: what they mean in `and`, `or` and `not`.
  Result<NodePtr> parse_rule() {
    const Level level(level_);
    if (level_ > 2 * k_max_depth) return too_deep();
    const std::size_t begin = peek().begin;
    if (sees_if()) {
      ++at_;
      ASSIGN_OR_RETURN(NodePtr condition, parse_or());
      if (!take_word("then")) return unexpected("'then'");
      ASSIGN_OR_RETURN(NodePtr consequence, parse_rule());
      ASSIGN_OR_RETURN(NodePtr rule, implication(condition, std::move(consequence), begin));
      if (!take_word("else")) return rule;
      ASSIGN_OR_RETURN(NodePtr alternative, parse_rule());
      ASSIGN_OR_RETURN(NodePtr other, finish(node_of(Op::any, {std::move(condition), std::move(alternative)}), begin));
      return finish(node_of(Op::all, {std::move(rule), std::move(other)}), begin);
    }
    ASSIGN_OR_RETURN(NodePtr condition, parse_or());
    if (!take_word("implies")) return condition;
    ASSIGN_OR_RETURN(NodePtr consequence, parse_rule());
    return implication(std::move(condition), std::move(consequence), begin);
  }

  // The word `if` before a condition; a column of that name stands before an operator.
  bool sees_if() const {
    if (!sees_word("if")) return false;
    const Token& next = peek(1);
    if (next.kind == Token::Kind::symbol) return next.value == "(" || next.value == "-";
    if (next.kind == Token::Kind::end) return false;
    constexpr std::array<std::string_view, 9> k_after_value = {"and", "between", "else", "implies", "in", "is", "like", "or", "then"};
    return next.kind != Token::Kind::name || std::find(k_after_value.begin(), k_after_value.end(), next.lower) == k_after_value.end();
  }

  Result<NodePtr> implication(NodePtr condition, NodePtr consequence, std::size_t begin) {
    ASSIGN_OR_RETURN(NodePtr not_so, finish(node_of(Op::negate, {std::move(condition)}), begin));
    return finish(node_of(Op::any, {std::move(not_so), std::move(consequence)}), begin);
  }

  Result<NodePtr> parse_or() { return parse_chain("or", Op::any, &Parser::parse_and); }
  Result<NodePtr> parse_and() { return parse_chain("and", Op::all, &Parser::parse_not); }

  Result<NodePtr> parse_chain(std::string_view word, Op op, Result<NodePtr> (Parser::*part)()) {
    const std::size_t begin = peek().begin;
    ASSIGN_OR_RETURN(NodePtr first, (this->*part)());
    if (!sees_word(word)) return first;
    Node chain = node_of(op, {std::move(first)});
    while (take_word(word)) {
      ASSIGN_OR_RETURN(NodePtr next, (this->*part)());
      chain.children.push_back(std::move(next));
    }
    return finish(std::move(chain), begin);
  }

  Result<NodePtr> parse_not() {
    const Level level(level_);
    if (level_ > 2 * k_max_depth) return too_deep();
    const std::size_t begin = peek().begin;
    if (!take_word("not")) return parse_predicate();
    ASSIGN_OR_RETURN(NodePtr operand, parse_not());
    return finish(node_of(Op::negate, {std::move(operand)}), begin);
  }

  Result<NodePtr> parse_predicate() {
    const std::size_t begin = peek().begin;
    ASSIGN_OR_RETURN(NodePtr left, parse_sum());
    if (peek().kind == Token::Kind::symbol && comparison_of(peek().value)) return parse_comparison(std::move(left), begin);
    if (take_word("is")) {
      const bool inverted = take_word("not");
      if (!take_word("null")) return unexpected(inverted ? "'null'" : "'null' or 'not null'");
      ASSIGN_OR_RETURN(NodePtr test, finish(node_of(Op::is_null, {std::move(left)}), begin));
      return inverted_if(inverted, std::move(test), begin);
    }
    const bool inverted = sees_word("not") && (sees_word("in", 1) || sees_word("between", 1) || sees_word("like", 1));
    if (inverted) ++at_;
    if (take_word("in")) return inverted_if(inverted, parse_in(std::move(left), begin), begin);
    if (take_word("between")) return inverted_if(inverted, parse_between(std::move(left), begin), begin);
    if (take_word("like")) return inverted_if(inverted, parse_like(std::move(left), begin), begin);
    return left;
  }

  Result<NodePtr> inverted_if(bool inverted, Result<NodePtr> test, std::size_t begin) {
    if (!inverted || !test) return test;
    return finish(node_of(Op::negate, {std::move(*test)}), begin);
  }

  Result<NodePtr> parse_comparison(NodePtr left, std::size_t begin) {
    const Comparison comparison = *comparison_of(peek().value);
    ++at_;
    ASSIGN_OR_RETURN(NodePtr right, parse_sum());
    if (peek().kind == Token::Kind::symbol && comparison_of(peek().value)) {
      return fail_with_hint(fmt::format("unexpected '{}' after '{}', a comparison cannot be compared again", peek().value,
                                        shorten(text_->substr(begin, tokens_[at_ - 1].end - begin), 60)),
                            "join two comparisons with 'and', or use 'between'");
    }
    return compare(std::move(left), comparison, std::move(right), begin);
  }

  // A literal stands on the right, where the fast kernels expect it.
  Result<NodePtr> compare(NodePtr left, Comparison comparison, NodePtr right, std::size_t begin) {
    if (left->is_literal() && !right->is_literal()) {
      std::swap(left, right);
      comparison = mirrored(comparison);
    }
    Node node = node_of(Op::compare, {std::move(left), std::move(right)});
    node.comparison = comparison;
    return finish(std::move(node), begin);
  }

  Result<NodePtr> parse_between(NodePtr value, std::size_t begin) {
    ASSIGN_OR_RETURN(NodePtr low, parse_sum());
    if (!take_word("and")) return unexpected("'and' and the upper end of 'between'");
    ASSIGN_OR_RETURN(NodePtr high, parse_sum());
    ASSIGN_OR_RETURN(NodePtr above, compare(value, Comparison::at_least, std::move(low), begin));
    ASSIGN_OR_RETURN(NodePtr below, compare(std::move(value), Comparison::at_most, std::move(high), begin));
    return finish(node_of(Op::all, {std::move(above), std::move(below)}), begin);
  }

  Result<NodePtr> parse_in(NodePtr value, std::size_t begin) {
    TRY(expect_symbol("("));
    auto set = std::make_shared<ValueSet>();
    do {
      ASSIGN_OR_RETURN(NodePtr item, parse_sum());
      if (!item->is_literal()) return fail("'{}' in a list of 'in', expected a value such as 3 or 'text'", shorten(item->fragment(), 60));
      set->literals.push_back(item->literal);
    } while (take_symbol(","));
    if (!sees_symbol(")")) return unexpected("',' or ')'");
    ++at_;
    index_values(*set);
    Node node = node_of(Op::in, {std::move(value)});
    node.set = std::move(set);
    return finish(std::move(node), begin);
  }

  static void index_values(ValueSet& set) {
    for (const Literal& literal : set.literals) {
      switch (literal.kind) {
        case Kind::null: set.has_null = true; break;
        case Kind::text:
          set.texts.insert(literal.text);
          if (literal.instant) set.instants.push_back(*literal.instant);
          break;
        case Kind::number:
          if (literal.number == std::floor(literal.number) && std::abs(literal.number) < 0x1p63) {
            set.integers.push_back(static_cast<std::int64_t>(literal.number));
          } else {
            set.numbers.push_back(literal.number);
          }
          break;
        default: set.integers.push_back(literal.integer);
      }
    }
    std::sort(set.integers.begin(), set.integers.end());
    std::sort(set.numbers.begin(), set.numbers.end());
    std::sort(set.instants.begin(), set.instants.end());
  }

  Result<NodePtr> parse_like(NodePtr value, std::size_t begin) {
    if (peek().kind != Token::Kind::text) return unexpected("a pattern such as 'A%'");
    const std::string pattern = peek().value;
    ++at_;
    std::optional<char> escape;
    if (take_word("escape")) {
      if (peek().kind != Token::Kind::text || peek().value.size() != 1) return unexpected("one character in quotes");
      escape = peek().value[0];
      ++at_;
    }
    ASSIGN_OR_RETURN(LikePattern like, LikePattern::make(pattern, escape));
    Node node = node_of(Op::like, {std::move(value)});
    node.like = std::make_shared<const LikePattern>(std::move(like));
    return finish(std::move(node), begin);
  }

  Result<NodePtr> parse_sum() { return parse_arithmetic("+-", &Parser::parse_product); }
  Result<NodePtr> parse_product() { return parse_arithmetic("*/%", &Parser::parse_sign); }

  Result<NodePtr> parse_arithmetic(std::string_view symbols, Result<NodePtr> (Parser::*part)()) {
    const std::size_t begin = peek().begin;
    ASSIGN_OR_RETURN(NodePtr left, (this->*part)());
    while (peek().kind == Token::Kind::symbol && peek().value.size() == 1 && symbols.find(peek().value[0]) != std::string_view::npos) {
      Node node = node_of(Op::arithmetic);
      node.arithmetic = peek().value[0];
      ++at_;
      ASSIGN_OR_RETURN(NodePtr right, (this->*part)());
      node.children = {std::move(left), std::move(right)};
      ASSIGN_OR_RETURN(left, finish(std::move(node), begin));
    }
    return left;
  }

  Result<NodePtr> parse_sign() {
    const Level level(level_);
    if (level_ > 2 * k_max_depth) return too_deep();
    const std::size_t begin = peek().begin;
    if (take_symbol("+")) return parse_sign();
    if (!take_symbol("-")) return parse_value();
    ASSIGN_OR_RETURN(NodePtr operand, parse_sign());
    if (operand->is_literal() && (operand->literal.kind == Kind::integer || operand->literal.kind == Kind::number)) {
      Node node = node_of(Op::literal);
      node.literal = operand->literal;
      node.literal.integer = -node.literal.integer;
      node.literal.number = -node.literal.number;
      return finish(std::move(node), begin);
    }
    return finish(node_of(Op::minus, {std::move(operand)}), begin);
  }

  Result<NodePtr> parse_value() {
    const Token& token = peek();
    const std::size_t begin = token.begin;
    if (take_symbol("(")) {
      ASSIGN_OR_RETURN(NodePtr inner, parse_rule());
      TRY(expect_symbol(")"));
      return inner;
    }
    Node node = node_of(Op::literal);
    if (token.kind == Token::Kind::number) {
      TRY(read_number(token, node.literal));
    } else if (token.kind == Token::Kind::text) {
      node.literal.kind = Kind::text;
      node.literal.text = token.value;
      node.literal.instant = parse_timestamp(token.value);
    } else if (sees_word("true") || sees_word("false")) {
      node.literal.kind = Kind::boolean;
      node.literal.integer = sees_word("true") ? 1 : 0;
      node.literal.number = static_cast<double>(node.literal.integer);
    } else if (sees_word("null")) {
      node.literal.kind = Kind::null;
    } else if (token.kind == Token::Kind::quoted_name || (token.kind == Token::Kind::name && !is_keyword(token))) {
      if (token.kind == Token::Kind::name && peek(1).kind == Token::Kind::symbol && peek(1).value == "(") return parse_call();
      node.op = Op::column;
      node.name = token.value;
      node.column = column_index(token.value);
      node.only_column = node.column;
    } else {
      return unexpected("a value");
    }
    ++at_;
    return finish(std::move(node), begin);
  }

  static Result<void> read_number(const Token& token, Literal& literal) {
    if (const auto integer = parse_integer(token.value)) {
      literal.kind = Kind::integer;
      literal.integer = *integer;
      literal.number = static_cast<double>(*integer);
      return {};
    }
    const auto number = parse_number(token.value);
    if (!number) return fail("number '{}' is out of range", shorten(token.value, 40));
    literal.kind = Kind::number;
    literal.number = *number;
    return {};
  }

  int column_index(const std::string& name) {
    const auto at = std::find(columns_.begin(), columns_.end(), name);
    if (at != columns_.end()) return static_cast<int>(at - columns_.begin());
    columns_.push_back(name);
    return static_cast<int>(columns_.size()) - 1;
  }

  Result<NodePtr> parse_call() {
    const Token name = peek();
    const auto* function = std::find_if(k_functions.begin(), k_functions.end(), [&](const Function& f) { return f.name == name.lower; });
    if (function == k_functions.end()) {
      std::vector<std::string> known;
      for (const Function& f : k_functions) known.emplace_back(f.name);
      return fail("unknown function '{}'{}", name.value, nearest_note(name.lower, known));
    }
    at_ += 2;
    std::vector<NodePtr> arguments;
    if (!sees_symbol(")")) {
      do {
        ASSIGN_OR_RETURN(NodePtr argument, parse_rule());
        arguments.push_back(std::move(argument));
      } while (take_symbol(","));
    }
    if (!sees_symbol(")")) return unexpected("',' or ')'");
    ++at_;
    Node node = node_of(function->op);
    ASSIGN_OR_RETURN(const bool fits, take_arguments(node, std::move(arguments)));
    if (!fits) {
      return fail("'{}' does not fit, expected {}", shorten(text_->substr(name.begin, tokens_[at_ - 1].end - name.begin), 80),
                  function->usage);
    }
    return finish(std::move(node), name.begin);
  }

  // Sorts the arguments into the node; false if their number or the constant ones among them are wrong.
  static Result<bool> take_arguments(Node& node, std::vector<NodePtr> arguments) {
    const auto is_text = [&](std::size_t i) { return arguments[i]->is_literal() && arguments[i]->literal.kind == Kind::text; };
    switch (node.op) {
      case Op::coalesce:
        if (arguments.empty()) return false;
        node.children = std::move(arguments);
        return true;
      case Op::date_trunc: {
        if (arguments.size() != 2 || !is_text(0)) return false;
        const auto unit = parse_calendar_unit(to_lower_ascii(arguments[0]->literal.text));
        if (!unit) return false;
        node.unit = *unit;
        node.children = {std::move(arguments[1])};
        return true;
      }
      case Op::date_part: {
        if (arguments.size() != 2 || !is_text(0)) return false;
        const std::string word = to_lower_ascii(arguments[0]->literal.text);
        const auto unit = parse_calendar_unit(word);
        node.weekday = word == "weekday";
        if (!unit && !node.weekday) return false;
        node.unit = unit.value_or(CalendarUnit::day);
        node.children = {std::move(arguments[1])};
        return true;
      }
      case Op::date_add:
      case Op::date_diff: {
        if (arguments.size() != 3 || !is_text(0)) return false;
        const auto unit = parse_calendar_unit(to_lower_ascii(arguments[0]->literal.text));
        if (!unit || !fixed_length(*unit)) return false;
        node.unit = *unit;
        node.children = {std::move(arguments[1]), std::move(arguments[2])};
        return true;
      }
      case Op::starts_with:
      case Op::ends_with:
      case Op::contains:
        if (arguments.size() != 2 || !is_text(1)) return false;
        node.needle = arguments[1]->literal.text;
        arguments.pop_back();
        break;
      case Op::round:
        if (arguments.size() == 2) {
          const Literal& digits = arguments[1]->literal;
          if (!arguments[1]->is_literal() || digits.kind != Kind::integer || std::abs(digits.number) > 15) return false;
          node.digits = static_cast<int>(digits.integer);
          arguments.pop_back();
        }
        break;
      case Op::regexp_like: {
        Case letters = Case::sensitive;
        if (arguments.size() == 3) {
          if (!is_text(2) || arguments[2]->literal.text != "i") return false;
          letters = Case::ignored;
          arguments.pop_back();
        }
        if (arguments.size() != 2 || !is_text(1)) return false;
        auto pattern = regular_expression(arguments[1]->literal.text, letters);
        if (!pattern) return fail("pattern {}", pattern.error().message);
        node.regexp = std::move(*pattern);
        arguments.pop_back();
        break;
      }
      default: break;
    }
    if (arguments.size() != 1) return false;
    node.children = std::move(arguments);
    return true;
  }

  std::shared_ptr<const std::string> text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int level_ = 0;
  std::vector<std::string> columns_;
};

}  // namespace

Result<Parsed> parse_expression(std::shared_ptr<const std::string> text) {
  if (text->size() > k_max_bytes) return fail("the expression has {} bytes, at most {} are taken", text->size(), k_max_bytes);
  if (first_invalid_utf8(*text)) return fail("the expression is not UTF-8");
  ASSIGN_OR_RETURN(std::vector<Token> tokens, tokens_of(*text));
  if (tokens.size() == 1) return fail("the expression is empty, expected a condition such as 'Rating <= 2'");
  return Parser(std::move(text), std::move(tokens)).parse();
}

}  // namespace cupel::table
