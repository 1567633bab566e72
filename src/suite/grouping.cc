#include "suite/grouping.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace cupel::suite {
namespace {

const std::array<std::string, 3> k_grouping_keys = {"columns", "max_groups", "min_rows"};
constexpr std::int64_t k_most_groups = 100'000;

Result<std::vector<std::string>> read_columns(const yaml::Node& node) {
  ASSIGN_OR_RETURN(std::vector<std::string> columns, node.texts("'by'"));
  for (auto at = columns.begin(); at != columns.end(); ++at) {
    if (std::find(columns.begin(), at, *at) != at) return node.fail_here(fmt::format("column '{}' stands twice in 'by'", shorten(*at, 60)));
  }
  return columns;
}

Result<std::int64_t> read_count(const yaml::Node& map, std::string_view key, std::int64_t otherwise) {
  const yaml::Node* node = map.find(key);
  if (node == nullptr) return otherwise;
  ASSIGN_OR_RETURN(const std::int64_t count, node->integer(fmt::format("'{}'", key)));
  if (count < 1 || (key == "max_groups" && count > k_most_groups)) {
    return node->fail_here(fmt::format("'{}' is {}, expected a whole number from 1{}", key, count, key == "max_groups" ? " to 100,000" : ""));
  }
  return count;
}

}  // namespace

Result<Grouping> Grouping::parse(const yaml::Node& node) {
  Grouping grouping;
  grouping.node = node;
  if (!node.is_map()) {
    ASSIGN_OR_RETURN(grouping.columns, read_columns(node));
    return grouping;
  }
  TRY(node.only_keys(k_grouping_keys, "'by'"));
  const yaml::Node* columns = node.find("columns");
  if (columns == nullptr) return node.fail_here("'by' without 'columns', expected such as by: {columns: Department Name, min_rows: 30}");
  ASSIGN_OR_RETURN(grouping.columns, read_columns(*columns));
  ASSIGN_OR_RETURN(grouping.max_groups, read_count(node, "max_groups", grouping.max_groups));
  ASSIGN_OR_RETURN(grouping.min_rows, read_count(node, "min_rows", grouping.min_rows));
  return grouping;
}

std::string Grouping::words() const { return join(columns, ", "); }

}  // namespace cupel::suite
