#include "suite/limit.h"

#include <cmath>

#include "base/text.h"

namespace cupel::suite {
namespace {

Result<Limit> parse_mapping(const yaml::Node& node, std::string_view what) {
  if (const yaml::Node* table = node.find("table")) {
    Limit limit;
    limit.node = node;
    limit.kind = Limit::Kind::table;
    ASSIGN_OR_RETURN(limit.text, table->text("'table'"));
    return limit;
  }
  static const std::vector<std::string> k_keys = {"column", "reference", "within"};
  TRY(node.only_keys(k_keys, fmt::format("the limit of {}", what)));
  Limit limit;
  limit.node = node;
  const yaml::Node* column = node.find("column");
  const yaml::Node* reference = node.find("reference");
  if ((column != nullptr) == (reference != nullptr)) {
    return node.fail_here(fmt::format("the limit of {} is a mapping without a single 'column' or 'reference'", what));
  }
  limit.kind = column != nullptr ? Limit::Kind::column : Limit::Kind::reference;
  ASSIGN_OR_RETURN(limit.text, (column != nullptr ? column : reference)->text(column != nullptr ? "'column'" : "'reference'"));
  if (const yaml::Node* within = node.find("within")) {
    if (column != nullptr) return within->fail_here("'within' belongs to a 'reference' limit");
    if (within->is_scalar() && trim(within->scalar).ends_with('%')) {
      const auto percent = parse_number(trim(trim(within->scalar).substr(0, trim(within->scalar).size() - 1)));
      if (!percent || *percent < 0) return within->fail_here(fmt::format("'within' is {}, expected a share such as 5%", within->description()));
      limit.within_share = *percent / 100;
    } else if (within->is_scalar() && trim(within->scalar).ends_with("stddev")) {
      const auto count = parse_number(trim(trim(within->scalar).substr(0, trim(within->scalar).size() - 6)));
      if (!count || *count < 0) return within->fail_here(fmt::format("'within' is {}, expected standard deviations such as 2 stddev", within->description()));
      limit.within_stddevs = *count;
    } else {
      ASSIGN_OR_RETURN(limit.within_number, within->number("'within'"));
      if (*limit.within_number < 0) return within->fail_here(fmt::format("'within' is {}, expected 0 or more", within->description()));
    }
  }
  return limit;
}

}  // namespace

Result<Limit> Limit::parse(const yaml::Node& node, std::string_view what) {
  if (node.is_map()) return parse_mapping(node, what);
  if (node.is_list()) {
    Limit limit;
    limit.node = node;
    limit.kind = Kind::tuple;
    ASSIGN_OR_RETURN(limit.parts, node.texts(fmt::format("a limit of {}", what)));
    return limit;
  }
  if (!node.is_scalar()) return node.fail_here(fmt::format("the limit of {} is {}, expected a number, a share, text or {{column: …}}", what, node.description()));
  Limit limit;
  limit.node = node;
  limit.text = node.scalar;
  limit.kind = Kind::text;
  if (node.quoted) return limit;
  const std::string_view written = trim(node.scalar);
  if (const auto number = parse_number(written)) {
    limit.kind = Kind::number;
    limit.number = *number;
  } else if (written.ends_with('%')) {
    if (const auto percent = parse_number(trim(written.substr(0, written.size() - 1)))) {
      limit.kind = Kind::share;
      limit.number = *percent / 100;
    }
  }
  return limit;
}

std::string Limit::words() const {
  switch (kind) {
    case Kind::number: return origin.empty() ? number_text(number) : fmt::format("{} ({})", number_text(number), origin);
    case Kind::share: return fmt::format("{} %", number_text(number * 100));
    case Kind::text: return fmt::format("'{}'", shorten(text, 40));
    case Kind::column: return fmt::format("column '{}'", text);
    case Kind::tuple: return fmt::format("({})", join(parts, ", "));
    case Kind::table: return fmt::format("a quantity of '{}'", text);
    case Kind::reference: break;
  }
  std::string words = fmt::format("the reference's {}", text);
  if (within_share) words += fmt::format(" ± {} %", number_text(*within_share * 100));
  if (within_stddevs) words += fmt::format(" ± {} standard deviations", number_text(*within_stddevs));
  if (within_number) words += fmt::format(" ± {}", number_text(*within_number));
  return words;
}

Json Limit::json() const {
  switch (kind) {
    case Kind::number:
    case Kind::share: return number;
    case Kind::text: return text;
    case Kind::column: return Json{{"column", text}};
    case Kind::tuple: return parts;
    case Kind::table: return Json{{"table", text}};
    case Kind::reference: break;
  }
  Json json{{"reference", text}};
  if (within_share) json["within"] = fmt::format("{}%", exact_text(*within_share * 100));
  if (within_stddevs) json["within"] = fmt::format("{} stddev", exact_text(*within_stddevs));
  if (within_number) json["within"] = *within_number;
  return json;
}

}  // namespace cupel::suite
