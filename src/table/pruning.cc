#include "table/pruning.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace cupel::table {

void ChunkVisitor::Chunk::pass_over(std::int64_t num_rows) { CHECK(false, "{} rows were passed over that nobody said are not wanted", num_rows); }

Pruning::Pruning(std::vector<Filter> filters) : filters_(std::move(filters)) {
  CHECK(!filters_.empty());
  for (const Filter& filter : filters_) CHECK(filter.columns.size() == filter.expression.columns().size());
}

bool Pruning::is_idle(const BoundsOf& bounds_of) const {
  return std::none_of(filters_.begin(), filters_.end(), [&](const Filter& filter) {
    std::vector<ColumnBounds> bounds;
    for (const Known& known : filter.columns) {
      const int* field = std::get_if<int>(&known);
      bounds.push_back(field != nullptr ? bounds_of(*field) : std::get<ColumnBounds>(known));
    }
    return filter.expression.can_be_true(bounds);
  });
}

Pruning Pruning::within(const KnownOf& known_of) const {
  std::vector<Filter> filters = filters_;
  for (Filter& filter : filters) {
    for (Known& known : filter.columns) {
      if (const int* field = std::get_if<int>(&known)) known = known_of(*field);
    }
  }
  return Pruning(std::move(filters));
}

}  // namespace cupel::table
