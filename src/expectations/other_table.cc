#include "expectations/other_table.h"

#include <algorithm>

#include "base/text.h"

namespace cupel::expectations {
namespace {

/// A node's content without its place: what decides whether two blocks name the same table.
std::string content(const yaml::Node& node) {
  std::string text;
  switch (node.kind) {
    case yaml::Node::Kind::null: return "~";
    case yaml::Node::Kind::scalar: return yaml::quote(node.scalar);
    case yaml::Node::Kind::list:
      for (const yaml::Node& item : node.items) text += content(item) + ",";
      return "[" + text + "]";
    case yaml::Node::Kind::map: break;
  }
  for (const auto& member : node.members) text += content(member.key) + ":" + content(member.value) + ",";
  return "{" + text + "}";
}

Result<std::vector<std::string>> columns_at(const yaml::Node* node, std::string_view what) {
  if (node == nullptr) return std::vector<std::string>{};
  return node->texts(what);
}

}  // namespace

Result<OtherTable> OtherTable::read(const yaml::Node& node, std::span<const std::string> own) {
  if (node.is_map() && node.find("table") == nullptr) {
    static const std::vector<std::string> k_known = {"table"};
    for (const auto& member : node.members) {
      const std::string nearest = nearest_note(member.key.scalar, k_known);
      if (!nearest.empty()) return member.key.fail_here(fmt::format("unknown key '{}' of another table{}", shorten(member.key.scalar, 60), nearest));
    }
  }
  if (!node.is_map() || node.find("table") == nullptr) {
    return node.fail_here(fmt::format("another table is {}, expected such as {{table: products.csv, key: id}}", node.is_map() ? "a mapping without 'table'" : node.description()));
  }
  OtherTable other;
  other.block = node;
  other.block.members.clear();
  for (const auto& member : node.members) {
    const std::string& key = member.key.scalar;
    if (std::find(own.begin(), own.end(), key) != own.end()) continue;
    other.block.members.push_back(member);
    if (key == "table") other.block.members.back().key.scalar = "path";
  }
  ASSIGN_OR_RETURN(other.name, node.find("table")->text("'table'"));
  ASSIGN_OR_RETURN(other.key, columns_at(std::find(own.begin(), own.end(), "key") != own.end() ? node.find("key") : nullptr, "'key'"));
  ASSIGN_OR_RETURN(other.columns, columns_at(std::find(own.begin(), own.end(), "columns") != own.end() ? node.find("columns") : nullptr, "'columns'"));
  return other;
}

Result<int> OtherTables::want(const OtherTable& table) {
  const std::string identity = content(table.block);
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    if (tables_[i]->identity == identity) return static_cast<int>(i);
  }
  for (const Refused& refused : refused_) {
    if (refused.identity == identity) return tl::unexpected(refused.error);
  }
  if (!open_) return table.block.fail_here("no other table can be read here");
  auto source = open_(table.block);
  if (!source) {
    refused_.push_back({identity, source.error()});
    return tl::unexpected(source.error());
  }
  tables_.push_back(std::make_unique<Opened>(identity, std::move(*source)));
  return static_cast<int>(tables_.size()) - 1;
}

void OtherTables::scan(const table::ScanOptions& options) {
  table::ScanOptions whole = options;
  whole.sample.reset();
  for (const auto& table : tables_) {
    auto answers = states::run_scan(*table->source, table->plan, whole);
    if (answers) {
      table->answers = std::move(*answers);
    } else {
      table->problem = answers.error().text();
    }
  }
}

Result<Facts> OtherTables::facts(int table, std::uint64_t seed) const {
  const Opened& opened = *tables_[static_cast<std::size_t>(table)];
  if (!opened.problem.empty()) return fail("{}", opened.problem);
  return Facts{&opened.answers, &opened.source->schema(), nullptr, nullptr, seed};
}

}  // namespace cupel::expectations
