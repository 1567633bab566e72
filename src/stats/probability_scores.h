#pragma once

#include <cstdint>
#include <span>

#include "stats/p_value.h"

namespace cupel::stats {

// Quality of probabilities of the positive class, one a row; `labels` 1 or 0. Rows must not be empty (CHECK); probabilities lie in [0, 1].

/// Mean of -log of the probability given to what happened; probabilities are kept 1e-15 away from 0 and 1, so one sure mistake costs 34.5.
double log_loss(std::span<const double> probabilities, std::span<const std::uint8_t> labels);
/// -log of the probability given to what happened, of one row.
double log_loss_of(double probability, std::uint8_t label);
/// Mean squared difference from the label.
double brier_score(std::span<const double> probabilities, std::span<const std::uint8_t> labels);

/// Spiegelhalter 1986: is the Brier score what calibrated probabilities would give? z, two-sided p. Probabilities all 0, 1/2 or 1 leave
/// no variance: z 0 and p 1 if each sure one was right, else z infinite and p 0.
TestResult spiegelhalter(std::span<const double> probabilities, std::span<const std::uint8_t> labels);

/// Expected calibration error: mean over rows of |share of positives - mean probability| of the row's bin, `bins` of equal width.
double expected_calibration_error(std::span<const double> probabilities, std::span<const std::uint8_t> labels, int bins = 10);

/// A perfectly calibrated model's error is not 0: it is simulated from the probabilities themselves (labels drawn by them).
struct CalibrationNull {
  double observed = 0;
  double null_mean = 0;
  double null_95 = 0;   ///< 95 % quantile under calibration
  double p_value = 1;   ///< (1 + simulated errors >= observed) / (1 + draws)
};
CalibrationNull calibration_error_test(std::span<const double> probabilities, std::span<const std::uint8_t> labels, int bins,
                                       const Simulation& simulation);

}  // namespace cupel::stats
