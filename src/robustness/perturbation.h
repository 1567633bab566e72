#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/table.h"

namespace cupel::robustness {

/// What the severity of a perturbation says.
enum class Severity {
  none,    ///< it has none
  share,   ///< of the values (or characters, or words) that are changed, in (0, 1]
  factor,  ///< a number > 0: a multiple, or a number of standard deviations
};

/// Which inputs of a model a perturbation is for, when the suite names no columns.
enum class Target { text, category, number, any };

/// A change of one column that a model should survive (or that its limits should notice). Every row draws from its own random stream,
/// so the change of a row depends on seed, column and row number alone. Nulls stay null.
struct Perturbation {
  std::string_view name;
  std::string_view summary;
  Target target = Target::any;
  Severity severity = Severity::none;
  double usual = 0;  ///< the severity when none is stated
  /// A column of as many rows. The type stays, but numbers may come back as Type::number.
  table::ColumnBuilder (*apply)(const table::Column& column, double severity, std::uint64_t seed, std::string_view column_name);
};

/// All perturbations, sorted by name.
std::span<const Perturbation> perturbation_table();
/// Or an error with the nearest name.
Result<const Perturbation*> find_perturbation(std::string_view name);

/// May it change a column of this type? Text perturbations need text, numeric ones integers or numbers.
bool applies_to(const Perturbation& perturbation, table::Type type);

/// True where a row's value is another one now (or is null on one side only).
std::vector<bool> changed_rows(const table::Column& before, const table::Column& after);

}  // namespace cupel::robustness
