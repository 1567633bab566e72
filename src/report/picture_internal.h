#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/html_text.h"

namespace cupel::report {

/// A drawing in one SVG with a table of the same facts. Coordinates are pixels at full width; classes come from the page's style sheet.
class Picture {
 public:
  static constexpr double k_width = 640;

  enum class Anchor { start, middle, end };
  void rectangle(double x, double y, double width, double height, Markup style);
  void line(double x1, double y1, double x2, double y2, Markup style);
  void circle(double x, double y, double radius, Markup style);
  /// Corner points of a line that is not closed.
  void path(const std::vector<std::pair<double, double>>& points, Markup style);
  void text(double x, double y, Anchor anchor, Markup style, std::string_view words, std::size_t width = 200);
  /// Coloured squares with words, from x to the right.
  void legend(double x, double y, const std::vector<std::pair<Markup, std::string>>& entries);

  void table(std::vector<std::string> header) { header_ = std::move(header); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// The figure. `description` says in words what the picture shows.
  Html finish(double height, std::string_view title, std::string_view description) const;

 private:
  Html body_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// Room for names on the left of a picture, as wide as the longest needs within bounds; names that are longer are cut.
struct LabelRoom {
  double pixels = 0;       ///< where the drawing begins
  std::size_t points = 0;  ///< code points that fit
  void take(std::string_view name);
  void settle();
};

/// 0.95 -> "95 %", 0.999 -> "99.9 %".
std::string confidence_text(double confidence);

/// A scale from values to pixels; equal ends are widened.
struct Scale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = Picture::k_width;
  static Scale around(double low, double high, double from, double to);
  double at(double value) const { return from + (value - low) / (high - low) * (to - from); }
  /// Round values within the scale, at most about `wanted`.
  std::vector<double> ticks(int wanted) const;
};

/// For axes and labels: few digits, thousands separated.
std::string axis_text(double value);
/// For labels: 0.123 -> "12.3 %".
std::string share_text(double share);

/// The style of a verdict's mark.
Markup verdict_style(std::string_view verdict);

}  // namespace cupel::report
