#pragma once

#include "expectations/run_suite.h"
#include "states/profile_source.h"

namespace cupel::expectations {

/// Runs a suite against a profile instead of rows. Every expectation about one column whose verdict does not depend on the order of the rows is
/// answered as by the rows, exactly, while the profile holds the exact counts of the column's values: all predicates, filters by the same
/// column, distributions. So are columns_with_nulls, constant_columns and empty_columns over all columns, without a filter. Of a column that the profile keeps as sketches, nulls, extremes, moments, quantiles and distinct values are answered,
/// with bounds: a limit within them is `inconclusive`. What compares columns row by row, or needs the order of rows, is `error`:
/// "not answerable from a profile: …". No unexpected rows are named: a profile knows their values and numbers only.
Result<suite::Report> check_profile(const suite::Suite& suite, states::ProfileSource& data, table::BatchSource* reference, const RunOptions& options);

}  // namespace cupel::expectations
