#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/metrics.h"
#include "stats/bootstrap.h"
#include "stats/interval.h"

namespace cupel::robustness {

/// Is the probability what happens? The expected calibration error over bins of equal width, with what it is worth.
struct CalibrationError {
  double error = 0;    ///< mean over rows of |share of positives - mean probability| of the row's bin
  double null_95 = 0;  ///< what a perfectly calibrated model stays below in 95 % of such samples: never 0
  /// Holds at any true error: the error less and plus the quantile of the re-drawn noise (triangle inequality), cut at 0.
  stats::Interval interval;
  double p_value = 1;  ///< of perfect calibration: twice the smaller of the two below
  double p_error = 1;  ///< the error against its null
  double p_spiegelhalter = 1;
};

/// Without groups the null draws labels from the probabilities; with groups it turns the signs of whole groups of residuals, which
/// keeps how the rows of a group resemble each other (and Spiegelhalter's variance is that of group sums). `options.resamples` draws.
Result<CalibrationError> calibration_error(const model::Evaluation& rows, int bins, const stats::BootstrapOptions& options);

}  // namespace cupel::robustness
