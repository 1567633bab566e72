#include "robustness/perturbation.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/text.h"
#include "table/text_changes.h"

namespace cupel::robustness {
namespace {

using table::Column;
using table::ColumnBuilder;
using table::lower_case;
using table::mojibake;
using table::title_case;
using table::Type;
using table::upper_case;
using table::with_extra_spaces;
using table::with_typos;
using table::without_last_words;
using table::without_punctuation;

Random stream(std::uint64_t seed, std::string_view perturbation, std::string_view column, std::int64_t row) {
  return Random(seed, fmt::format("{}/{}", perturbation, column), static_cast<std::uint64_t>(row));
}

/// Texts changed one by one: `change(text, random)`.
template <typename Change>
ColumnBuilder change_text(const Column& column, std::string_view name, std::uint64_t seed, std::string_view column_name, Change change) {
  ColumnBuilder out(Type::text);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      out.append_null();
      continue;
    }
    Random random = stream(seed, name, column_name, row);
    out.append(std::string_view(change(column.text(row), random)));
  }
  return out;
}

/// Numbers changed one by one: `change(value, random)`.
template <typename Change>
ColumnBuilder change_number(const Column& column, std::string_view name, std::uint64_t seed, std::string_view column_name, Change change) {
  ColumnBuilder out(Type::number);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (column.is_null(row)) {
      out.append_null();
      continue;
    }
    Random random = stream(seed, name, column_name, row);
    out.append(static_cast<double>(change(column.as_number(row), random)));
  }
  return out;
}

/// `hit(builder, row)` appends for a share of the rows; the others are copied.
template <typename Hit>
ColumnBuilder change_share(const Column& column, std::string_view name, double share, std::uint64_t seed, std::string_view column_name,
                           Hit hit) {
  ColumnBuilder out(column.type);
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (stream(seed, name, column_name, row).uniform() < share)
      hit(out, row);
    else
      out.append_from(column, row);
  }
  return out;
}

std::vector<double> sorted_numbers(const Column& column) {
  std::vector<double> values;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    if (!column.is_null(row) && std::isfinite(column.as_number(row))) values.push_back(column.as_number(row));
  }
  std::ranges::sort(values);
  return values;
}

double stddev_of(const Column& column) {
  double count = 0, mean = 0, m2 = 0;
  for (const double value : sorted_numbers(column)) {
    ++count;
    const double step = value - mean;
    mean += step / count;
    m2 += step * (value - mean);
  }
  return count > 1 ? std::sqrt(m2 / (count - 1)) : 0;
}

ColumnBuilder case_lower(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "case_lower", seed, name, [](std::string_view text, Random&) { return lower_case(text); });
}
ColumnBuilder case_title(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "case_title", seed, name, [](std::string_view text, Random&) { return title_case(text); });
}
ColumnBuilder case_upper(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "case_upper", seed, name, [](std::string_view text, Random&) { return upper_case(text); });
}
ColumnBuilder encoding(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "mojibake", seed, name, [](std::string_view text, Random&) { return mojibake(text); });
}
ColumnBuilder punctuation(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "punctuation", seed, name, [](std::string_view text, Random&) { return without_punctuation(text); });
}
ColumnBuilder truncation(const Column& column, double share, std::uint64_t seed, std::string_view name) {
  return change_text(column, "truncation", seed, name, [=](std::string_view text, Random&) { return without_last_words(text, share); });
}
ColumnBuilder typos(const Column& column, double rate, std::uint64_t seed, std::string_view name) {
  return change_text(column, "typos", seed, name, [=](std::string_view text, Random& random) { return with_typos(text, rate, random); });
}
ColumnBuilder whitespace(const Column& column, double, std::uint64_t seed, std::string_view name) {
  return change_text(column, "whitespace", seed, name, [](std::string_view text, Random&) { return with_extra_spaces(text); });
}

ColumnBuilder drop_column(const Column& column, double, std::uint64_t, std::string_view) {
  ColumnBuilder out(column.type);
  for (std::int64_t row = 0; row < column.num_rows; ++row) out.append_null();
  return out;
}

ColumnBuilder missing(const Column& column, double share, std::uint64_t seed, std::string_view name) {
  return change_share(column, "missing", share, seed, name, [](ColumnBuilder& out, std::int64_t) { out.append_null(); });
}

ColumnBuilder numeric_noise(const Column& column, double deviations, std::uint64_t seed, std::string_view name) {
  const double width = deviations * stddev_of(column);
  return change_number(column, "numeric_noise", seed, name, [=](double value, Random& random) { return value + width * random.normal(); });
}

ColumnBuilder outliers(const Column& column, double share, std::uint64_t seed, std::string_view name) {
  const std::vector<double> sorted = sorted_numbers(column);
  const std::size_t size = sorted.size();
  const double spread = size == 0 ? 0 : sorted[size * 3 / 4] - sorted[size / 4];
  const double far = size == 0 ? 0 : sorted[size - 1] + 10 * (spread > 0 ? spread : std::max(1.0, std::abs(sorted[size - 1])));
  return change_number(column, "outliers", seed, name,
                       [=](double value, Random& random) { return random.uniform() < share ? far : value; });
}

ColumnBuilder scale(const Column& column, double factor, std::uint64_t seed, std::string_view name) {
  return change_number(column, "scale", seed, name, [=](double value, Random&) { return value * factor; });
}

/// The hit rows exchange their values among themselves: what the column says is lost, its distribution kept.
ColumnBuilder shuffle(const Column& column, double share, std::uint64_t seed, std::string_view name) {
  std::vector<std::int64_t> source(static_cast<std::size_t>(column.num_rows));
  std::vector<std::int64_t> hit;
  for (std::int64_t row = 0; row < column.num_rows; ++row) {
    source[static_cast<std::size_t>(row)] = row;
    if (stream(seed, "shuffle", name, row).uniform() < share) hit.push_back(row);
  }
  std::vector<std::int64_t> order = hit;
  Random random(seed, fmt::format("shuffle order/{}", name));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  for (std::size_t i = 0; i < hit.size(); ++i) source[static_cast<std::size_t>(hit[i])] = order[i];
  ColumnBuilder out(column.type);
  for (const std::int64_t row : source) {
    if (column.is_null(row))
      out.append_null();
    else
      out.append_from(column, row);
  }
  return out;
}

ColumnBuilder unseen_category(const Column& column, double share, std::uint64_t seed, std::string_view name) {
  return change_share(column, "unseen_category", share, seed, name, [&](ColumnBuilder& out, std::int64_t row) {
    if (column.is_null(row))
      out.append_null();
    else
      out.append(std::string_view("never seen before"));
  });
}

constexpr Perturbation k_perturbations[] = {
    {"case_lower", "lower-case letters", Target::text, Severity::none, 0, case_lower},
    {"case_title", "the first letter of every word upper case", Target::text, Severity::none, 0, case_title},
    {"case_upper", "upper-case letters", Target::text, Severity::none, 0, case_upper},
    {"drop_column", "every value is missing", Target::any, Severity::none, 0, drop_column},
    {"missing", "a share of the values is missing", Target::any, Severity::share, 0.1, missing},
    {"mojibake", "typographic quotes, decoded wrongly", Target::text, Severity::none, 0, encoding},
    {"numeric_noise", "normal noise of so many standard deviations of the column", Target::number, Severity::factor, 0.1, numeric_noise},
    {"outliers", "a share of the values far above all others", Target::number, Severity::share, 0.01, outliers},
    {"punctuation", "punctuation is gone", Target::text, Severity::none, 0, punctuation},
    {"scale", "numbers multiplied by a factor", Target::number, Severity::factor, 1.01, scale},
    {"shuffle", "a share of the rows exchange their values", Target::any, Severity::share, 1, shuffle},
    {"truncation", "a share of the words is cut off at the end", Target::text, Severity::share, 0.5, truncation},
    {"typos", "typing mistakes in a share of the characters", Target::text, Severity::share, 0.05, typos},
    {"unseen_category", "a share of the values becomes a category never seen", Target::category, Severity::share, 1, unseen_category},
    {"whitespace", "double spaces, and spaces at both ends", Target::text, Severity::none, 0, whitespace},
};

}  // namespace

std::span<const Perturbation> perturbation_table() { return k_perturbations; }

Result<const Perturbation*> find_perturbation(std::string_view name) {
  std::vector<std::string> names;
  for (const Perturbation& perturbation : k_perturbations) {
    if (perturbation.name == name) return &perturbation;
    names.emplace_back(perturbation.name);
  }
  return fail("unknown perturbation '{}'{}", shorten(name, 60), nearest_note(name, names));
}

bool applies_to(const Perturbation& perturbation, Type type) {
  switch (perturbation.target) {
    case Target::text:
    case Target::category: return type == Type::text;
    case Target::number: return type == Type::integer || type == Type::number;
    case Target::any: return true;
  }
  return false;
}

std::vector<bool> changed_rows(const Column& before, const Column& after) {
  std::vector<bool> changed;
  for (std::int64_t row = 0; row < before.num_rows; ++row) {
    const bool was_null = before.is_null(row), is_null = after.is_null(row);
    if (was_null || is_null)
      changed.push_back(was_null != is_null);
    else if (before.type == Type::text)
      changed.push_back(before.text(row) != after.text(row));
    else
      changed.push_back(before.as_number(row) != after.as_number(row));
  }
  return changed;
}

}  // namespace cupel::robustness
