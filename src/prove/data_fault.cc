#include "prove/data_fault.h"

#include <algorithm>

#include "base/text.h"
#include "prove/faults_internal.h"

namespace cupel::prove {
namespace {

FaultTarget partner_of(const Fault& fault, const BaselineFacts& baseline, int field) {
  // The first partner to the right, around the end of the table, with which the fault makes sense.
  const auto count = static_cast<int>(baseline.columns.size());
  for (int step = 1; step < count; ++step) {
    const FaultTarget target{field, (field + step) % count};
    if (fault.applies(baseline, target)) return target;
  }
  return {};
}

bool same_values(const table::Column& a, const table::Column& b) {
  if (a.type != b.type || a.num_rows != b.num_rows) return false;
  for (std::int64_t row = 0; row < a.num_rows; ++row) {
    if (a.is_null(row) != b.is_null(row)) return false;
    if (a.is_null(row)) continue;
    switch (a.type) {
      case table::Type::text:
        if (a.text(row) != b.text(row)) return false;
        break;
      case table::Type::number:
        // As bits: NaN is NaN.
        if (std::bit_cast<std::uint64_t>(a.numbers()[row]) != std::bit_cast<std::uint64_t>(b.numbers()[row])) return false;
        break;
      case table::Type::boolean:
        if (a.booleans()[row] != b.booleans()[row]) return false;
        break;
      default:
        if (a.integers()[row] != b.integers()[row]) return false;
    }
  }
  return true;
}

}  // namespace

std::string_view catalogue_name(Catalogue catalogue) {
  switch (catalogue) {
    case Catalogue::cupel: return "cupel";
    case Catalogue::avh: return "avh";
    case Catalogue::jenga: return "jenga";
  }
  return {};
}

std::string_view keeps_name(Keeps keeps) {
  switch (keeps) {
    case Keeps::nothing: return "nothing";
    case Keeps::marginals: return "marginals";
    case Keeps::distribution: return "distribution";
  }
  return {};
}

Result<std::vector<const Fault*>> select_faults(std::span<const std::string> words) {
  std::vector<std::string> known = {"all", "avh", "cupel", "jenga"};
  for (const Fault* fault : fault_table()) {
    known.emplace_back(fault->name);
    if (std::ranges::find(known, fault->group) == known.end()) known.emplace_back(fault->group);
  }
  std::vector<const Fault*> chosen;
  for (const std::string& word : words) {
    if (std::ranges::find(known, word) == known.end()) {
      return fail_with_hint(fmt::format("unknown fault '{}'{}", shorten(word, 60), nearest_note(word, known)), "'cupel list data_faults' names them");
    }
  }
  for (const Fault* fault : fault_table()) {
    const auto names_it = [&](const std::string& word) {
      // A group means our own faults; the catalogues of others are asked for by their name.
      return word == "all" || word == fault->name || word == catalogue_name(fault->catalogue) || (fault->catalogue == Catalogue::cupel && word == fault->group);
    };
    if (std::ranges::any_of(words, names_it)) chosen.push_back(fault);
  }
  return chosen;
}

std::string FaultCase::words() const {
  std::string text(fault->name);
  if (!column.empty()) text += fmt::format(" of {}", shorten(column, 40));
  if (!partner.empty()) text += fmt::format(" and {}", shorten(partner, 40));
  return fmt::format("{}: {}", text, severity.words);
}

std::vector<FaultCase> fault_cases(std::span<const Fault* const> faults, const BaselineFacts& baseline, std::span<const int> columns) {
  std::vector<FaultCase> cases;
  const auto add = [&](const Fault& fault, FaultTarget target) {
    const auto name = [&](int field) { return field < 0 ? std::string() : baseline.columns.at(static_cast<std::size_t>(field)).name; };
    for (const FaultSeverity& severity : fault.severities) cases.push_back({&fault, severity, target, name(target.field), name(target.partner)});
  };
  for (const Fault* fault : faults) {
    if (fault->scope == Scope::table) {
      add(*fault, {});
      continue;
    }
    for (int field = 0; field < static_cast<int>(baseline.columns.size()); ++field) {
      if (!columns.empty() && std::ranges::find(columns, field) == columns.end()) continue;
      if (fault->scope == Scope::column) {
        if (fault->applies(baseline, {field, -1})) add(*fault, {field, -1});
      } else if (const FaultTarget target = partner_of(*fault, baseline, field); target.field >= 0) {
        add(*fault, target);
      }
    }
  }
  return cases;
}

table::Table apply_fault(const FaultCase& fault_case, const table::Table& batch, const BaselineFacts& baseline, std::uint64_t seed, std::uint64_t index) {
  FaultInput input{batch, baseline, fault_case.target, fault_case.severity, Random(seed, "fault " + fault_case.words(), index)};
  return fault_case.fault->apply(input);
}

bool same_rows(const table::Table& a, const table::Table& b) {
  if (a.num_rows() != b.num_rows() || a.schema().names() != b.schema().names()) return false;
  for (int field = 0; field < static_cast<int>(a.schema().fields.size()); ++field) {
    if (!a.shares_column(field, b) && !same_values(a.column(field), b.column(field))) return false;
  }
  return true;
}

}  // namespace cupel::prove
