#pragma once

#include <span>
#include <vector>

#include "base/result.h"

namespace cupel::stats {

// Group-sequential two-sided tests: a few planned looks at growing information (rows, or rows over the planned final number). The
// boundaries |Z_k| >= bound_k keep the chance of any false alarm at alpha. Computed by recursive numerical integration of the density of
// the score (Armitage, McPherson, Rowe 1969; Jennison and Turnbull 2000, chapter 19), to about 9 digits.

/// Chance of first crossing at a look: Z_k >= bound_k, or Z_k <= -bound_k.
struct Crossing {
  double upper = 0;
  double lower = 0;
};
/// At each look under a drift: Z_k has mean drift * sqrt(information_k). `information` ascending and positive.
std::vector<Crossing> crossing_probabilities(std::span<const double> bounds, std::span<const double> information, double drift);

/// Same bound at every look (Pocock 1977).
std::vector<double> pocock_bounds(int looks, double alpha);
/// c / sqrt(information fraction) (O'Brien and Fleming 1979): hard to cross early, almost the fixed bound at the end.
std::vector<double> obrien_fleming_bounds(int looks, double alpha);

/// How much of alpha may be spent by the information fraction t in (0, 1] (Lan and DeMets 1983).
enum class Spending { obrien_fleming, pocock, power };
double alpha_spent(Spending spending, double fraction, double alpha, double exponent = 2);
/// Bounds for looks at these fractions of the planned information, which need not be equally spaced or planned beforehand.
std::vector<double> spending_bounds(Spending spending, std::span<const double> fractions, double alpha, double exponent = 2);

/// Factor on the fixed-sample size that a design with these bounds at equally spaced looks needs for the same power
/// on the side of the effect.
double sample_size_inflation(std::span<const double> bounds, double alpha, double power);

}  // namespace cupel::stats
