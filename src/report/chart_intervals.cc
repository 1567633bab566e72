// Pictures of numbers with intervals, limits and margins.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/time.h"
#include "report/chart.h"
#include "report/picture_internal.h"

namespace cupel::report {
namespace {

constexpr double k_right = 470;  // where drawings end and numbers begin
constexpr double k_note = 540;   // where notes begin
constexpr std::size_t k_rows = 60;

std::string shown(double value, bool as_share) { return as_share ? share_text(value) : axis_text(value); }

/// Ends of an axis that shows all of these, with a little room.
struct Span {
  double low = INFINITY;
  double high = -INFINITY;
  void take(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return;
    low = std::min(low, *value);
    high = std::max(high, *value);
  }
  bool empty() const { return !(low <= high); }
};

void whisker(Picture& picture, const Scale& scale, double y, std::optional<double> low, std::optional<double> high, Markup style) {
  if (!low && !high) return;
  const double left = scale.at(std::clamp(low.value_or(scale.low), scale.low, scale.high));
  const double right = scale.at(std::clamp(high.value_or(scale.high), scale.low, scale.high));
  picture.line(left, y, right, y, style);
  if (low) picture.line(left, y - 5, left, y + 5, style);
  if (high) picture.line(right, y - 5, right, y + 5, style);
}

}  // namespace

Html gauge_picture(const Gauge& gauge, std::string_view name) {
  constexpr double k_y = 22;
  if (!std::isfinite(gauge.observed)) return {};
  Span span;
  for (const auto value : {std::optional(gauge.observed), gauge.low, gauge.high, gauge.at_least, gauge.at_most}) span.take(value);
  if (!(span.high > span.low)) return {};  // the point sits on its limit: a picture would say nothing
  const double room = (span.high - span.low) * 0.15;
  const Scale scale = Scale::around(span.low - room, span.high + room, 8, Picture::k_width - 8);
  Picture picture;
  const double accepted_from = gauge.at_least ? scale.at(*gauge.at_least) : scale.from;
  const double accepted_to = gauge.at_most ? scale.at(*gauge.at_most) : scale.to;
  picture.rectangle(scale.from, k_y - 7, scale.to - scale.from, 14, "track"_html);
  picture.rectangle(accepted_from, k_y - 7, accepted_to - accepted_from, 14,
                    gauge.between == Gauge::Between::accepted ? "accepted"_html : "other"_html);
  for (const auto& limit : {gauge.at_least, gauge.at_most}) {
    if (!limit) continue;
    picture.line(scale.at(*limit), k_y - 11, scale.at(*limit), k_y + 11, "limit"_html);
    picture.text(scale.at(*limit), k_y + 26, Picture::Anchor::middle, "note"_html,
                 (gauge.between == Gauge::Between::accepted ? "limit " : "margin ") + shown(*limit, gauge.as_share));
  }
  whisker(picture, scale, k_y, gauge.low, gauge.high, "whisker"_html);
  picture.circle(scale.at(gauge.observed), k_y, 5, verdict_style(gauge.verdict));
  const double x = std::clamp(scale.at(gauge.observed), 60.0, Picture::k_width - 60);
  picture.text(x, k_y - 12, Picture::Anchor::middle, "number"_html, shown(gauge.observed, gauge.as_share));
  return picture.finish(k_y + 32, fmt::format("{}: observed against limit", name),
                        fmt::format("Observed {}{}. {}", shown(gauge.observed, gauge.as_share),
                                    gauge.low && gauge.high ? fmt::format(", interval {} to {}", shown(*gauge.low, gauge.as_share),
                                                                          shown(*gauge.high, gauge.as_share))
                                                            : "",
                                    gauge.between == Gauge::Between::accepted ? "The tinted part is accepted."
                                                                              : "Within the tinted part a difference does not matter."));
}

Html interval_picture(const std::vector<IntervalRow>& rows, std::string_view name) {
  Span span;
  for (const IntervalRow& row : rows) {
    for (const auto value : {std::optional(row.value), row.low, row.high}) span.take(value);
  }
  if (span.empty()) return {};
  const double room = (span.high - span.low) * 0.06;
  LabelRoom labels;
  for (const IntervalRow& row : rows) labels.take(row.name);
  labels.settle();
  const Scale scale = Scale::around(span.low - room, span.high + room, labels.pixels, k_right);
  const double bottom = 12 + 22 * static_cast<double>(std::min(rows.size(), k_rows));
  Picture picture;
  picture.table({"", "value", "low", "high", ""});
  for (const double tick : scale.ticks(6)) {
    picture.line(scale.at(tick), 8, scale.at(tick), bottom, "grid"_html);
    picture.text(scale.at(tick), bottom + 14, Picture::Anchor::middle, "note"_html, axis_text(tick));
  }
  double y = 20;
  for (std::size_t i = 0; i < rows.size() && i < k_rows; ++i, y += 22) {
    const IntervalRow& row = rows[i];
    if (!std::isfinite(row.value)) continue;
    picture.text(labels.pixels - 10, y + 4, Picture::Anchor::end, "label"_html, row.name, labels.points);
    whisker(picture, scale, y, row.low, row.high, "whisker"_html);
    picture.circle(scale.at(row.value), y, 4.5, "point"_html);
    const std::string value = fmt::format("{:.4g}", row.value);
    picture.text(k_right + 14, y + 4, Picture::Anchor::start, "value"_html, value);
    picture.text(k_note, y + 4, Picture::Anchor::start, "number"_html, row.note, 18);
    picture.row({row.name, value, row.low ? number_text(*row.low) : "", row.high ? number_text(*row.high) : "", row.note});
  }
  return picture.finish(bottom + 22, name, fmt::format("{} values with their intervals.", std::min(rows.size(), k_rows)));
}

Html margin_picture(const std::vector<MarginRow>& rows, std::string_view name) {
  if (rows.empty()) return {};
  double most = 1.6;
  for (const MarginRow& row : rows) most = std::max(most, std::isfinite(row.ratio) ? std::min(row.ratio, 4.0) : 0);
  LabelRoom labels;
  for (const MarginRow& row : rows) labels.take(row.name);
  labels.settle();
  const Scale scale{0, most, labels.pixels, k_right};
  const double bottom = 24 + 20 * static_cast<double>(std::min(rows.size(), k_rows));
  Picture picture;
  picture.table({"", "share of its margin", ""});
  picture.rectangle(scale.at(0), 20, scale.at(1) - scale.at(0), bottom - 18, "accepted"_html);
  picture.line(scale.at(1), 16, scale.at(1), bottom + 2, "limit"_html);
  picture.text(scale.at(1), 12, Picture::Anchor::middle, "note"_html, "margin");
  double y = 24;
  for (std::size_t i = 0; i < rows.size() && i < k_rows; ++i, y += 20) {
    const MarginRow& row = rows[i];
    const double ratio = std::isfinite(row.ratio) ? std::clamp(row.ratio, 0.0, most) : 0;
    picture.text(labels.pixels - 10, y + 11, Picture::Anchor::end, "label"_html, row.name, labels.points);
    picture.rectangle(scale.at(0), y + 2, std::max(scale.at(ratio) - scale.at(0), 2.0), 11, verdict_style(row.verdict));
    picture.text(k_right + 14, y + 11, Picture::Anchor::start, "number"_html, row.note, 26);
    picture.row({row.name, fmt::format("{:.2f}", row.ratio), row.note});
  }
  return picture.finish(
      bottom + 8, name,
      fmt::format("{} rows, each size as a share of its own margin; the tinted part is accepted.", std::min(rows.size(), k_rows)));
}

Html time_picture(const std::vector<TimeRow>& rows, std::string_view name) {
  double end = 0;
  for (const TimeRow& row : rows) end = std::max(end, row.seconds);
  if (!(end > 0) || !std::isfinite(end)) return {};
  LabelRoom labels;
  for (const TimeRow& row : rows) labels.take(row.name);
  labels.settle();
  const Scale scale{0, end, labels.pixels, Picture::k_width - 90};
  Picture picture;
  picture.table({"step", "seconds"});
  double y = 4;
  for (std::size_t i = 0; i < rows.size() && i < k_rows; ++i, y += 22) {
    const TimeRow& row = rows[i];
    picture.text(labels.pixels - 10, y + 14, Picture::Anchor::end, "label"_html, row.name, labels.points);
    picture.rectangle(scale.from, y + 4, std::max(scale.at(row.seconds) - scale.from, 2.0), 13, verdict_style(row.verdict));
    picture.text(Picture::k_width, y + 14, Picture::Anchor::end, "number"_html, duration_text(row.seconds));
    picture.row({row.name, fmt::format("{:.3f}", row.seconds)});
  }
  return picture.finish(y + 4, name, fmt::format("Duration of {} steps.", rows.size()));
}

}  // namespace cupel::report
