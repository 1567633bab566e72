#include "cli/readable_rows.h"

#include <cstddef>

#include "base/text.h"
#include "cli/failing_rows.h"

namespace cupel::cli {
namespace {

constexpr std::size_t k_examples = 20;

Json listed(const source::BadRows& bad) {
  Json rows = Json::array();
  for (const source::BadRows::Row& row : bad.rows) rows.push_back({{"line", row.line}, {"text", row.text}, {"reason", row.reason}});
  return {{"count", bad.count}, {"rows", std::move(rows)}};
}

}  // namespace

void add_bad_rows(const source::BadRows* bad, suite::Report& report) {
  if (bad == nullptr) return;
  suite::Outcome outcome;
  outcome.id = k_readable_rows;
  outcome.subject = k_readable_rows;
  outcome.because = "'bad_rows: report' leaves out what cannot be read, and says so.";
  const std::int64_t all = report.data.rows + bad->count;
  outcome.rows_tested = all;
  outcome.pass_if(bad->count == 0);
  outcome.message = fmt::format("all {} rows could be read", with_thousands(all));
  if (bad->count > 0) {
    const double share = static_cast<double>(bad->count) / static_cast<double>(all);
    suite::Unexpected unexpected{bad->count, share, {}};
    for (const source::BadRows::Row& row : bad->rows) {
      if (unexpected.examples.size() >= k_examples) break;
      unexpected.examples.push_back({row.before, fmt::format("line {}: {}", row.line, shorten(row.text, 200))});
    }
    outcome.unexpected = std::move(unexpected);
    const source::BadRows::Row& first = bad->rows.front();
    outcome.message = fmt::format("{} of {} rows could not be read ({}), first in line {}: {}", with_thousands(bad->count), with_thousands(all), percent_text(share), first.line,
                                  first.reason);
    if (bad->rows.size() < static_cast<std::size_t>(bad->count)) outcome.message += fmt::format("; the first {} are listed", with_thousands(static_cast<std::int64_t>(bad->rows.size())));
  }
  report.results.push_back(std::move(outcome));
  if (!report.extra.is_object()) report.extra = Json::object();
  report.extra["bad_rows"] = listed(*bad);
}

void tell_bad_rows(const source::BadRows* bad, std::int64_t rows) {
  if (bad == nullptr || bad->count == 0) return;
  const std::int64_t all = rows + bad->count;
  fmt::print(stderr, "{} of {} rows could not be read ({}) and are not in the profile\n", with_thousands(bad->count), with_thousands(all),
             percent_text(static_cast<double>(bad->count) / static_cast<double>(all)));
  constexpr std::size_t k_shown = 5;
  for (std::size_t i = 0; i < bad->rows.size() && i < k_shown; ++i) fmt::print(stderr, "  line {}: {}\n", bad->rows[i].line, bad->rows[i].reason);
  if (bad->count > static_cast<std::int64_t>(k_shown)) fmt::print(stderr, "  …\n");
}

}  // namespace cupel::cli
