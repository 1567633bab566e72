#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "report/html_text.h"

namespace cupel::report {

/// Pictures as inline SVG: readable without a script, in light and dark (colours are CSS classes), each with a title, a description and
/// the same facts as a table behind a `details`. Their number of marks is bounded whatever the data.

/// The picture of a result's `chart` facts (docs/formats.md): shares, categories, histogram, bins, intervals. Empty for kinds that are
/// not known and for facts that are not whole. `name` goes into the title.
Html chart_picture(const Json& chart, std::string_view name);

/// One measured number against what is accepted: the accepted side is tinted, the interval drawn through the point.
struct Gauge {
  double observed = 0;
  std::optional<double> low;  ///< of the interval
  std::optional<double> high;
  std::optional<double> at_least;  ///< accepted from here …
  std::optional<double> at_most;   ///< … to here
  /// What lies between the two limits: accepted, or a difference that does not matter, whichever way it goes.
  enum class Between { accepted, no_matter } between = Between::accepted;
  std::string verdict;    ///< pass, fail, inconclusive or error
  bool as_share = false;  ///< numbers are shares: shown as percent
};
/// Empty when nothing finite is to be drawn.
Html gauge_picture(const Gauge& gauge, std::string_view name);

/// Named numbers with intervals on one axis.
struct IntervalRow {
  std::string name;
  double value = 0;
  std::optional<double> low;
  std::optional<double> high;
  std::string note;  ///< behind the numbers
};
Html interval_picture(const std::vector<IntervalRow>& rows, std::string_view name);

/// Each row's size against its own margin: 1 is the margin.
struct MarginRow {
  std::string name;
  double ratio = 0;
  std::string note;
  std::string_view verdict;  ///< pass, fail, inconclusive, error
};
Html margin_picture(const std::vector<MarginRow>& rows, std::string_view name);

/// How long each step took, one under the other.
struct TimeRow {
  std::string name;
  double seconds = 0;
  std::string_view verdict;
};
Html time_picture(const std::vector<TimeRow>& rows, std::string_view name);

}  // namespace cupel::report
