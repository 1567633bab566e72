#pragma once

#include "source/bad_rows.h"
#include "suite/verdict.h"

namespace cupel::cli {

/// Adds what source::bad_rows_of says, where the source was asked to report them: an outcome `readable rows`, which fails if there are any, and
/// the rows themselves under `bad_rows` of Report::extra. Changes nothing otherwise.
void add_bad_rows(const source::BadRows* bad, suite::Report& report);

/// Tells people on standard error how many rows could not be read beside `rows` that could, and the first of them; nothing where all could.
void tell_bad_rows(const source::BadRows* bad, std::int64_t rows);

}  // namespace cupel::cli
