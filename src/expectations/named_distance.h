#pragma once

#include <memory>

#include "expectations/data_check.h"

namespace cupel::expectations {

/// Does `within` name one of psi, kl, js, hellinger, linf, wasserstein? The other margins (tvd, ks) have intervals of their own.
bool names_a_distance(const suite::Expectation& expectation);

/// `distribution: C` with `like: {…}` or `same_as: reference` and `within: {psi: 0.1}`: fail when the distance is above the margin and no
/// accident, pass when it is not above it and an accident of that size could have been told, else inconclusive.
Result<std::unique_ptr<DataCheck>> make_named_distance(const suite::Expectation& expectation);

}  // namespace cupel::expectations
