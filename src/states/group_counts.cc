#include "states/group_counts.h"

#include <algorithm>
#include <cmath>

#include "states/bit_mix.h"
#include "states/kept_rows.h"

namespace cupel::states {
namespace {

using table::Column;
using table::Type;

constexpr std::uint64_t k_null_hash = 0x6e756c6c;

std::uint64_t combine(std::uint64_t hash, std::uint64_t value) { return mix_bits(hash * 0x9e3779b97f4a7c15u + value); }

std::uint64_t hash_of(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return k_null_hash;
  switch (column.type) {
    case Type::text: return table_hash(column.text(row));
    case Type::number: return number_bits(column.numbers()[row]);
    case Type::boolean: return column.booleans()[row];
    default: return static_cast<std::uint64_t>(column.integers()[row]);
  }
}

std::uint64_t hash_of(const std::optional<Scalar>& value) {
  if (!value) return k_null_hash;
  switch (value->type) {
    case Type::text: return table_hash(value->text);
    case Type::number: return number_bits(value->number);
    default: return static_cast<std::uint64_t>(value->integer);
  }
}

std::uint64_t hash_of(const std::vector<std::optional<Scalar>>& values) {
  std::uint64_t hash = 0;
  for (const auto& value : values) hash = combine(hash, hash_of(value));
  return hash;
}

bool same(const std::optional<Scalar>& value, const Column& column, std::int64_t row) {
  if (!value || column.is_null(row)) return !value && column.is_null(row);
  switch (column.type) {
    case Type::text: return value->text == column.text(row);
    case Type::number: return number_bits(value->number) == number_bits(column.numbers()[row]);
    case Type::boolean: return value->integer == column.booleans()[row];
    default: return value->integer == column.integers()[row];
  }
}

bool same(const std::optional<Scalar>& a, const std::optional<Scalar>& b) {
  if (!a || !b) return !a && !b;
  if (a->type != b->type) return false;
  if (a->type == Type::number) return number_bits(a->number) == number_bits(b->number);
  return a->integer == b->integer && a->text == b->text;
}

// -0 is written as 0 and every NaN as one, so that equal groups have equal bytes.
std::optional<Scalar> value_at(const Column& column, std::int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  Scalar value = Scalar::of(column, row);
  if (value.type == Type::number) value.number = std::bit_cast<double>(number_bits(value.number));
  return value;
}

// 0 for a value, 1 for NaN, 2 for null.
int rank(const std::optional<Scalar>& value) { return !value ? 2 : value->type == Type::number && std::isnan(value->number) ? 1 : 0; }

bool before(const GroupCounts::Group& a, const GroupCounts::Group& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const int rank_a = rank(a.values[i]);
    const int rank_b = rank(b.values[i]);
    if (rank_a != rank_b) return rank_a < rank_b;
    if (rank_a != 0) continue;
    const auto order = a.values[i]->compare(*b.values[i]);
    if (order != 0) return order < 0;
  }
  return false;
}

}  // namespace

std::vector<GroupCounts::Group> GroupCounts::sorted() const {
  std::vector<Group> groups = groups_;
  std::stable_sort(groups.begin(), groups.end(), before);
  return groups;
}

void GroupCounts::forget() {
  over_limit_ = true;
  groups_.clear();
  hashes_.clear();
  table_.clear();
}

GroupCounts::Group* GroupCounts::find_or_add(Values values, std::uint64_t hash) {
  const auto is_it = [&](std::size_t index) {
    return std::equal(values.begin(), values.end(), groups_[index].values.begin(), [](const auto& a, const auto& b) { return same(a, b); });
  };
  if (const std::size_t index = table_.find(hash, is_it); index != IndexTable::k_none) return &groups_[index];
  if (static_cast<std::int64_t>(groups_.size()) == limit_) {
    forget();
    return nullptr;
  }
  table_.add(hash, groups_.size(), [&](std::size_t index) { return hashes_[index]; });
  hashes_.push_back(hash);
  return &groups_.emplace_back(Group{std::move(values), 0});
}

void GroupCounts::add_row(const table::Batch& batch, std::int64_t row) {
  std::uint64_t hash = 0;
  for (const int slot : slots_) hash = combine(hash, hash_of(batch.columns[static_cast<std::size_t>(slot)], row));
  const auto is_it = [&](std::size_t index) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (!same(groups_[index].values[i], batch.columns[static_cast<std::size_t>(slots_[i])], row)) return false;
    }
    return true;
  };
  if (const std::size_t index = table_.find(hash, is_it); index != IndexTable::k_none) {
    ++groups_[index].rows;
    return;
  }
  Values values;
  for (const int slot : slots_) values.push_back(value_at(batch.columns[static_cast<std::size_t>(slot)], row));
  if (Group* group = find_or_add(std::move(values), hash)) ++group->rows;
}

void GroupCounts::update(const table::Batch& batch, Selection rows) {
  for (std::int64_t row = 0; row < batch.num_rows && !over_limit_; ++row) {
    if (rows.contains(row)) add_row(batch, row);
  }
}

void GroupCounts::merge(const State& later) {
  const auto& other = same_kind<GroupCounts>(later);
  if (other.over_limit_) forget();
  for (std::size_t i = 0; i < other.groups_.size() && !over_limit_; ++i) {
    if (Group* group = find_or_add(other.groups_[i].values, other.hashes_[i])) group->rows += other.groups_[i].rows;
  }
}

void GroupCounts::write(std::string& out) const {
  ByteWriter bytes;
  bytes.whole(over_limit_ ? 1 : 0);
  bytes.whole(groups_.size());
  for (const Group& group : groups_) {
    for (const auto& value : group.values) {
      bytes.whole(value ? 1 : 0);
      if (value) value->write(bytes);
    }
    bytes.whole(static_cast<std::uint64_t>(group.rows));
  }
  bytes.seal(format(), out);
}

Result<void> GroupCounts::read(std::string_view bytes) {
  *this = GroupCounts(slots_, limit_);
  ASSIGN_OR_RETURN(ByteReader in, ByteReader::open(format(), bytes));
  GroupCounts fresh(slots_, limit_);
  const std::uint64_t over = in.whole();
  const std::int64_t size = in.count_of(slots_.size() + 1);
  in.expect(over <= 1 && size <= limit_ && (over == 0 || size == 0));
  for (std::int64_t i = 0; i < size && !in.failed(); ++i) {
    Values values;
    for (std::size_t column = 0; column < slots_.size() && !in.failed(); ++column) {
      const std::uint64_t present = in.whole();
      in.expect(present <= 1);
      values.push_back(present == 1 ? std::optional(Scalar::read(in)) : std::nullopt);
    }
    const std::int64_t rows = in.count();
    in.expect(rows > 0);
    if (in.failed()) break;
    const std::uint64_t hash = hash_of(values);
    Group* group = fresh.find_or_add(std::move(values), hash);
    in.expect(group != nullptr && group->rows == 0);
    if (!in.failed()) group->rows = rows;
  }
  TRY(in.finish());
  if (over == 1) fresh.forget();
  *this = std::move(fresh);
  return {};
}

}  // namespace cupel::states
