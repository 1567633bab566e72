#include "drift/induce.h"

#include <cmath>
#include <optional>

#include "base/random.h"
#include "base/text.h"

namespace cupel::drift {
namespace {

using table::Column;
using table::ColumnBuilder;
using table::Type;

struct Change {
  enum class Kind { add, multiply, null, replace, word };
  Kind kind = Kind::null;
  double number = 0;
  std::string from, to;
};

struct Order {
  int field = 0;
  Change change;
  double share = 1;
};

constexpr std::string_view k_grammar =
    "expected COLUMN:CHANGE or COLUMN:CHANGE:SHARE% with a change such as +5, *1.1, null, A->B or word=refund";

std::optional<Change> parse_change(std::string_view text) {
  Change change;
  if (text == "null") return change;
  if (text.starts_with("word=") && text.size() > 5) {
    change.kind = Change::Kind::word;
    change.to = text.substr(5);
    return change;
  }
  if (const std::size_t arrow = text.find("->"); arrow != std::string_view::npos && arrow > 0 && arrow + 2 < text.size()) {
    change.kind = Change::Kind::replace;
    change.from = text.substr(0, arrow);
    change.to = text.substr(arrow + 2);
    return change;
  }
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-' && text[0] != '*')) return std::nullopt;
  const auto number = parse_number(text.substr(1));
  if (!number || !std::isfinite(*number)) return std::nullopt;
  change.kind = text[0] == '*' ? Change::Kind::multiply : Change::Kind::add;
  change.number = text[0] == '-' ? -*number : *number;
  return change;
}

/// The longest column name that the text begins with: names may hold colons themselves.
Result<std::pair<int, std::string_view>> split_column(const table::Table& table, std::string_view text) {
  std::optional<int> best;
  std::size_t length = 0;
  const std::vector<std::string> names = table.schema().names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool fits = text.starts_with(names[i]) && text.size() > names[i].size() && text[names[i].size()] == ':';
    if (fits && (!best || names[i].size() > length)) {
      best = static_cast<int>(i);
      length = names[i].size();
    }
  }
  if (best) return std::pair(*best, text.substr(length + 1));
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail("induced drift '{}' has no ':', {}", shorten(text, 60), k_grammar);
  return table::unknown_column(text.substr(0, colon), table.schema());
}

Result<Order> parse_order(const table::Table& table, std::string_view text) {
  Order order;
  ASSIGN_OR_RETURN(const auto found, split_column(table, text));
  order.field = found.first;
  std::string_view rest = found.second;
  if (const std::size_t colon = rest.rfind(':'); rest.ends_with('%') && colon != std::string_view::npos) {
    const auto percent = parse_number(rest.substr(colon + 1, rest.size() - colon - 2));
    if (!percent || !(*percent > 0) || *percent > 100)
      return fail("induced drift '{}': the share is '{}', expected more than 0% and at most 100%", shorten(text, 60),
                  rest.substr(colon + 1));
    order.share = *percent / 100;
    rest = rest.substr(0, colon);
  }
  const auto change = parse_change(rest);
  if (!change) return fail("induced drift '{}': change '{}', {}", shorten(text, 60), shorten(rest, 60), k_grammar);
  order.change = *change;
  return order;
}

bool applies(const Change& change, const Column& column, std::int64_t row) {
  if (column.is_null(row)) return false;
  return change.kind != Change::Kind::replace || table::value_text(column, row) == change.from;
}

Result<ColumnBuilder> change_column(const Column& column, const Order& order, std::string_view name, std::uint64_t seed,
                                    std::int64_t& changed) {
  using Kind = Change::Kind;
  const Change& change = order.change;
  const bool numeric = change.kind == Kind::add || change.kind == Kind::multiply;
  const bool wants_text = change.kind == Kind::replace || change.kind == Kind::word;
  if (numeric && (!table::is_numeric(column.type) || column.type == Type::boolean))
    return fail("column '{}' is of type {}, expected numbers to shift or scale", name, table::type_name(column.type));
  if (wants_text && column.type != Type::text) return fail("column '{}' is of type {}, expected text", name, table::type_name(column.type));
  ColumnBuilder out(numeric ? Type::number : column.type);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    const bool hit = applies(change, column, row) &&
                     Random(seed, fmt::format("induce/{}", name), static_cast<std::uint64_t>(row)).uniform() < order.share;
    changed += hit ? 1 : 0;
    if (column.is_null(row) || (hit && change.kind == Kind::null))
      out.append_null();
    else if (numeric && !hit)
      out.append(column.as_number(row));
    else if (!hit)
      out.append_from(column, row);
    else if (change.kind == Kind::add)
      out.append(column.as_number(row) + change.number);
    else if (change.kind == Kind::multiply)
      out.append(column.as_number(row) * change.number);
    else if (change.kind == Kind::replace)
      out.append(std::string_view(change.to));
    else
      out.append(std::string_view(fmt::format("{} {}", column.text(row), change.to)));
  }
  return out;
}

}  // namespace

Result<Induced> induce(const table::Table& table, std::string_view text, std::uint64_t seed) {
  ASSIGN_OR_RETURN(const Order order, parse_order(table, text));
  Induced out;
  out.column = table.schema().fields[static_cast<std::size_t>(order.field)].name;
  out.change = text;
  ASSIGN_OR_RETURN(ColumnBuilder changed, change_column(table.column(order.field), order, out.column, seed, out.rows_changed));
  if (out.rows_changed == 0) return fail("induced drift '{}' changed no row", shorten(text, 60));
  out.share_changed = static_cast<double>(out.rows_changed) / static_cast<double>(table.num_rows());
  out.table = table.with_column(order.field, std::move(changed));
  return out;
}

}  // namespace cupel::drift
