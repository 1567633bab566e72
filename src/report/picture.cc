#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/text.h"
#include "report/picture_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_table_rows = 40;

Markup anchor_markup(Picture::Anchor anchor) {
  switch (anchor) {
    case Picture::Anchor::middle: return "middle"_html;
    case Picture::Anchor::end: return "end"_html;
    default: return "start"_html;
  }
}

}  // namespace

void Picture::rectangle(double x, double y, double width, double height, Markup style) {
  body_ << "<rect x=\""_html << x << "\" y=\""_html << y << "\" width=\""_html << std::max(width, 0.0) << "\" height=\""_html
        << std::max(height, 0.0) << "\" class=\""_html << style << "\"/>"_html;
}

void Picture::line(double x1, double y1, double x2, double y2, Markup style) {
  body_ << "<line x1=\""_html << x1 << "\" y1=\""_html << y1 << "\" x2=\""_html << x2 << "\" y2=\""_html << y2 << "\" class=\""_html
        << style << "\"/>"_html;
}

void Picture::circle(double x, double y, double radius, Markup style) {
  body_ << "<circle cx=\""_html << x << "\" cy=\""_html << y << "\" r=\""_html << radius << "\" class=\""_html << style << "\"/>"_html;
}

void Picture::path(const std::vector<std::pair<double, double>>& points, Markup style) {
  body_ << "<polyline points=\""_html;
  for (const auto& [x, y] : points) body_ << x << ","_html << y << " "_html;
  body_ << "\" class=\""_html << style << "\"/>"_html;
}

void Picture::text(double x, double y, Anchor anchor, Markup style, std::string_view words, std::size_t width) {
  body_ << "<text x=\""_html << x << "\" y=\""_html << y << "\" text-anchor=\""_html << anchor_markup(anchor) << "\" class=\""_html << style
        << "\">"_html << shortened(words, width) << "</text>"_html;
}

void Picture::legend(double x, double y, const std::vector<std::pair<Markup, std::string>>& entries) {
  for (const auto& [style, words] : entries) {
    rectangle(x, y - 9, 10, 10, style);
    text(x + 15, y, Anchor::start, "note"_html, words, 40);
    x += 15 + 6.6 * static_cast<double>(std::min<std::int64_t>(count_code_points(words), 40)) + 18;
  }
}

Html Picture::finish(double height, std::string_view title, std::string_view description) const {
  // The ids only need to differ between pictures that differ.
  const std::string id = "p" + sha256_hex(body_.bytes() + std::string(title)).substr(0, 12);
  Html html;
  html << "<figure class=\"picture\"><div class=\"scroll\"><svg viewBox=\"0 0 "_html << k_width << " "_html << height
       << "\" role=\"img\" aria-labelledby=\""_html << id << "t "_html << id << "d\"><title id=\""_html << id << "t\">"_html
       << shortened(title, 200) << "</title><desc id=\""_html << id << "d\">"_html << shortened(description, 500) << "</desc>"_html << body_
       << "</svg></div>"_html;
  if (!rows_.empty()) {
    html << "<details class=\"facts\"><summary>as a table</summary><div class=\"scroll\"><table><thead><tr>"_html;
    for (const std::string& cell : header_) html << "<th scope=\"col\">"_html << shortened(cell, 100) << "</th>"_html;
    html << "</tr></thead><tbody>"_html;
    for (std::size_t i = 0; i < rows_.size() && i < k_table_rows; ++i) {
      html << "<tr>"_html;
      for (std::size_t k = 0; k < rows_[i].size(); ++k)
        html << (k == 0 ? "<td>"_html : "<td class=\"n\">"_html) << shortened(rows_[i][k], 100) << "</td>"_html;
      html << "</tr>"_html;
    }
    html << "</tbody></table></div></details>"_html;
  }
  html << "</figure>\n"_html;
  return html;
}

void LabelRoom::take(std::string_view name) { points = std::max(points, static_cast<std::size_t>(count_code_points(name))); }

void LabelRoom::settle() {
  constexpr double k_pixels_a_point = 7.0;
  points = std::clamp<std::size_t>(points, 5, 36);
  pixels = 16 + k_pixels_a_point * static_cast<double>(points);
}

std::string confidence_text(double confidence) { return fmt::format("{:.5g} %", confidence * 100); }

Scale Scale::around(double low, double high, double from, double to) {
  if (!(high > low)) {
    const double half = low == 0 ? 0.5 : std::abs(low) * 0.05;
    return {low - half, low + half, from, to};
  }
  return {low, high, from, to};
}

std::vector<double> Scale::ticks(int wanted) const {
  std::vector<double> found;
  const double raw = (high - low) / std::max(wanted, 1);
  if (!(raw > 0) || !std::isfinite(raw)) return found;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  const double first = std::ceil(low / step - 1e-9);
  for (double k = first; k * step <= high + step * 1e-9 && found.size() < 20; ++k) found.push_back(k == 0 ? 0 : k * step);
  return found;
}

std::string axis_text(double value) {
  if (std::abs(value) >= 10'000 && std::abs(value) < 1e15) return with_thousands(std::llround(value));
  return fmt::format("{:.4g}", value);
}

std::string share_text(double share) {
  const double percent = share * 100;
  if (percent != 0 && std::abs(percent) < 0.1) return fmt::format("{:.2g} %", percent);
  return fmt::format("{:.1f} %", percent);
}

Markup verdict_style(std::string_view verdict) {
  if (verdict == "pass") return "pass"_html;
  if (verdict == "fail") return "fail"_html;
  if (verdict == "inconclusive") return "open"_html;
  return "err"_html;
}

}  // namespace cupel::report
