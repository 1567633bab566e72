#pragma once

#include <string>

#include "suite/verdict.h"

namespace cupel::report {

/// JUnit XML as CI servers read it: one testsuite, one testcase an expectation. A failed expectation of severity error is a <failure>; one
/// that could not be evaluated an <error>; warned and inconclusive ones are <skipped> with their message, so that they show without failing
/// the build.
std::string junit_xml(const suite::Report& report);

}  // namespace cupel::report
