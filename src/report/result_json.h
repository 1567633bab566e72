#pragma once

#include "base/json.h"
#include "suite/verdict.h"

namespace cupel::report {

/// The machine form of a result, format 1 (docs/formats.md). Absent facts are left out.
Json report_json(const suite::Report& report);

}  // namespace cupel::report
