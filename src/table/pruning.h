#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "table/column_bounds.h"
#include "table/expression.h"

namespace cupel::table {

/// Which rows of a scan nobody asks about: those for which none of its filters is true. A source that knows beforehand that a part has only
/// such rows need not read it: it calls ChunkVisitor::Chunk::pass_over instead of visit. Whoever sets ScanOptions::pruning must take that call.
class Pruning {
 public:
  /// A column of a filter: a field of the source that is scanned, or what is known of it otherwise.
  using Known = std::variant<int, ColumnBounds>;
  using KnownOf = std::function<Known(int field)>;
  using BoundsOf = std::function<ColumnBounds(int field)>;
  struct Filter {
    Expression expression;
    std::vector<Known> columns;  ///< of Expression::columns()
  };

  /// At least one filter; expressions are bound to the schema of the source.
  explicit Pruning(std::vector<Filter> filters);
  /// True: in rows within these bounds no filter is true. False: it may be.
  bool is_idle(const BoundsOf& bounds_of) const;
  /// The same for a source that makes up the one at hand: each field is one of its own, or known.
  Pruning within(const KnownOf& known_of) const;

 private:
  std::vector<Filter> filters_;
};

}  // namespace cupel::table
