#pragma once

#include "stats/interval.h"
#include "stats/p_value.h"

namespace cupel::stats {

// Inference that stays valid however often the data are looked at.

/// Asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, equation 9): an interval around an estimate with
/// standard error `standard_error` from `n` units in all, valid at all n at once. It is narrowest near n = `tuning_n`.
Interval confidence_sequence(double estimate, double standard_error, double n, double confidence, double tuning_n = 5000);
/// One-sided: [bound, infinity) for Alternative::greater, (-infinity, bound] for less.
Interval confidence_sequence_one_sided(double estimate, double standard_error, double n, double confidence, Alternative side,
                                       double tuning_n = 5000);
/// p-value of no effect at any look; the smallest one seen so far may be kept.
double always_valid_p_value(double estimate, double standard_error, double n, double alpha, double tuning_n = 5000);

/// Mixture sequential probability ratio test (Johari, Koomen, Pekelis, Walsh 2022) of a difference with variance `variance` (squared
/// standard error) against normal effects of variance `tau2`: the likelihood ratio. p is 1 over the largest ratio so far, at most 1.
double mixture_likelihood_ratio(double difference, double variance, double tau2);

}  // namespace cupel::stats
