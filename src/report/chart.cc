#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/facts_internal.h"
#include "report/picture_internal.h"

namespace cupel::report {
namespace {

constexpr std::size_t k_bars = 30;
constexpr std::size_t k_bins = 100;
constexpr double k_right = 530;  // where bars end and numbers begin
constexpr double k_bar_row = 22;

/// Two shares of one category: what was seen, and what was expected or stood in the reference.
struct Bar {
  std::string name;
  double seen = 0;
  double other = 0;
};

Html bars_picture(const std::vector<Bar>& bars, const std::string& seen, const std::string& other, std::string_view name) {
  Picture picture;
  picture.table({"value", seen, other});
  double most = 0;
  LabelRoom room;
  for (const Bar& bar : bars) {
    most = std::max({most, bar.seen, bar.other});
    room.take(bar.name);
  }
  room.settle();
  const double left = room.pixels;
  picture.legend(left, 14, {{"seen"_html, seen}, {"other"_html, other}});
  const Scale scale{0, most > 0 ? most : 1, left, k_right};
  double y = 28;
  for (const Bar& bar : bars) {
    picture.text(left - 8, y + 13, Picture::Anchor::end, "label"_html, bar.name.empty() ? "(empty)" : bar.name, room.points);
    picture.rectangle(left, y + 1, scale.at(bar.other) - left, 16, "other"_html);
    picture.rectangle(left, y + 5, scale.at(bar.seen) - left, 8, "seen"_html);
    picture.text(Picture::k_width, y + 13, Picture::Anchor::end, "number"_html, share_text(bar.seen) + " / " + share_text(bar.other));
    picture.row({bar.name, share_text(bar.seen), share_text(bar.other)});
    y += k_bar_row;
  }
  return picture.finish(y + 4, fmt::format("{}: {} against {}", name, seen, other),
                        fmt::format("Shares of {} values. The thin bar is {}, the broad one behind it {}.", bars.size(), seen, other));
}

Html bars_of(const Json& rows, const char* seen_key, const char* other_key, const std::string& seen, const std::string& other,
             std::string_view name) {
  std::vector<Bar> bars;
  for (const Json& row : rows) {
    const auto a = number_at(row, seen_key);
    const auto b = number_at(row, other_key);
    if (!a || !b || bars.size() == k_bars) continue;
    bars.push_back({text_at(row, "value"), std::max(*a, 0.0), std::max(*b, 0.0)});
  }
  return bars.empty() ? Html() : bars_picture(bars, seen, other, name);
}

struct Histogram {
  double low = 0;
  double high = 1;
  std::vector<double> seen;
  std::vector<double> other;
};

Html histogram_picture(const Histogram& data, const std::string& seen, const std::string& other, std::string_view name) {
  constexpr double k_top = 26;
  constexpr double k_bottom = 186;
  constexpr double k_left = 52;
  Picture picture;
  picture.table({"from", "to", seen, other});
  picture.legend(k_left, 14, {{"seen"_html, seen}, {"otherline"_html, other}});
  double most = 0;
  for (const auto* sample : {&data.seen, &data.other}) {
    for (const double share : *sample) most = std::max(most, share);
  }
  const Scale across{data.low, data.high, k_left, Picture::k_width - 10};
  const Scale up{0, most > 0 ? most : 1, k_bottom, k_top};
  for (const double tick : up.ticks(3)) {
    picture.line(k_left, up.at(tick), Picture::k_width - 10, up.at(tick), "grid"_html);
    picture.text(k_left - 6, up.at(tick) + 4, Picture::Anchor::end, "note"_html, share_text(tick));
  }
  const double width = (data.high - data.low) / static_cast<double>(data.seen.size());
  std::vector<std::pair<double, double>> outline;
  outline.emplace_back(k_left, k_bottom);
  for (std::size_t i = 0; i < data.seen.size(); ++i) {
    const double from = data.low + width * static_cast<double>(i);
    const double left = across.at(from);
    const double right = across.at(from + width);
    picture.rectangle(left + 0.5, up.at(data.seen[i]), right - left - 1, k_bottom - up.at(data.seen[i]), "seen"_html);
    outline.emplace_back(left, up.at(data.other[i]));
    outline.emplace_back(right, up.at(data.other[i]));
    picture.row({number_text(from), number_text(from + width), share_text(data.seen[i]), share_text(data.other[i])});
  }
  outline.emplace_back(across.to, k_bottom);
  picture.path(outline, "outline"_html);
  picture.line(k_left, k_bottom, Picture::k_width - 10, k_bottom, "axis"_html);
  for (const double tick : across.ticks(6))
    picture.text(across.at(tick), k_bottom + 16, Picture::Anchor::middle, "note"_html, axis_text(tick));
  return picture.finish(
      k_bottom + 24, fmt::format("{}: {} against {}", name, seen, other),
      fmt::format("Histogram from {} to {} in {} bins; what lies beyond is in the first and last. Bars are {}, the line is {}.",
                  axis_text(data.low), axis_text(data.high), data.seen.size(), seen, other));
}

std::optional<std::vector<double>> shares_at(const Json& chart, const char* key) {
  const auto it = chart.find(key);
  if (it == chart.end() || !it->is_array() || it->empty() || it->size() > k_bins) return std::nullopt;
  std::vector<double> shares;
  for (const Json& value : *it) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
    shares.push_back(std::max(value.get<double>(), 0.0));
  }
  return shares;
}

Html histogram_of(const Json& chart, std::string_view name) {
  const auto low = number_at(chart, "low");
  const auto high = number_at(chart, "high");
  auto seen = shares_at(chart, "observed");
  auto other = shares_at(chart, "expected");
  if (!low || !high || !(*high > *low) || !seen || !other || seen->size() != other->size()) return {};
  std::string other_name = text_at(chart, "expected_name");
  if (other_name.empty()) other_name = "expected";
  return histogram_picture({*low, *high, std::move(*seen), std::move(*other)}, "observed", shorten(other_name, 40), name);
}

Html bins_of(const Json& rows, std::string_view name) {
  Histogram data;
  for (const Json& row : rows) {
    const auto low = number_at(row, "low");
    const auto high = number_at(row, "high");
    const auto reference = number_at(row, "reference");
    const auto current = number_at(row, "current");
    if (!low || !high || !reference || !current || data.seen.size() == k_bins) return {};
    if (data.seen.empty()) data.low = *low;
    data.high = *high;
    data.seen.push_back(std::max(*current, 0.0));
    data.other.push_back(std::max(*reference, 0.0));
  }
  if (data.seen.empty() || !(data.high > data.low)) return {};
  return histogram_picture(data, "current", "reference", name);
}

Html intervals_of(const Json& rows, std::string_view name) {
  std::vector<IntervalRow> found;
  for (const Json& row : rows) {
    const auto value = number_at(row, "observed");
    if (!value || found.size() == k_bars) continue;
    const auto count = number_at(row, "rows");
    found.push_back({text_at(row, "value"), *value, number_at(row, "low"), number_at(row, "high"),
                     count ? with_thousands(std::llround(*count)) + " rows" : ""});
  }
  return interval_picture(found, name);
}

}  // namespace

Html chart_picture(const Json& chart, std::string_view name) {
  const std::string kind = text_at(chart, "kind");
  if (kind == "histogram") return histogram_of(chart, name);
  if (!chart.is_object()) return {};
  const auto rows = chart.find(kind == "shares" ? "bars" : "rows");
  if (rows == chart.end() || !rows->is_array()) return {};
  if (kind == "shares") return bars_of(*rows, "observed", "expected", "observed", "expected", name);
  if (kind == "categories") return bars_of(*rows, "current", "reference", "current", "reference", name);
  if (kind == "bins") return bins_of(*rows, name);
  if (kind == "intervals") return intervals_of(*rows, name);
  return {};
}

}  // namespace cupel::report
