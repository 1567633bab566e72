#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/version.h"

namespace cupel::cli {

/// The versions that a filter keeps, in the wanted order. `filter` is an expression (table/expression.h) over one row a version:
/// `model`, `version`, `created`, `kind`, `estimator`, `verdict` (the worst of its suites: fail, error, inconclusive, pass), `injected`, `removed`,
/// `bytes`, `digest`, `because`, a boolean `"@champion"` for each alias, and the metrics, those of held-out rows by name (`auc`), all by part and
/// name (`"training.auc"`). What a version lacks is null. `sort`: `auc desc, created`; nulls come last, equal rows stay in order. Both may be empty.
/// Errors: an unknown column (nearest named), a mistake in the expression with its place.
Result<std::vector<registry::Version>> query_versions(std::vector<registry::Version> versions, std::string_view filter, std::string_view sort);

}  // namespace cupel::cli
